"""A public link: with a password always, and stopped from the page."""

import hashlib
import hmac
import secrets
import string
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from studio.errors import BadInput

USER = "toile"
PASSWORD_LENGTH = 16

_ALPHABET = "".join(sorted(set(string.ascii_letters + string.digits) - set("0O1lI")))
"""Letters and digits that are not mistaken for each other when read aloud."""


@dataclass(frozen=True)
class Door:
    """Who may come in. The password itself is not kept, only its scrypt hash."""

    salt: bytes
    digest: bytes

    def admits(self, user: str, password: str) -> bool:
        """Whether name and password are right, compared in constant time."""
        right_user = hmac.compare_digest(user.encode("utf-8", "replace"), USER.encode())
        return hmac.compare_digest(_scrypt(password, self.salt), self.digest) and right_user


def new_door() -> tuple[Door, str]:
    """A door and its password, which is told once."""
    password = "".join(secrets.choice(_ALPHABET) for _ in range(PASSWORD_LENGTH))
    salt = secrets.token_bytes(16)
    return Door(salt, _scrypt(password, salt)), password


def _scrypt(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode("utf-8", "replace"), salt=salt, n=2**14, r=8, p=1)


class Pace:
    """How often something may be begun: `most` times in any `seconds`.

    A public link may be opened by many; the machine behind it has one model.
    """

    def __init__(
        self, most: int = 6, seconds: float = 60.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.most, self.seconds, self._clock = most, seconds, clock
        self._begun: deque[float] = deque()
        self._lock = threading.Lock()

    def begin(self) -> None:
        """Count one. Raises BadInput where it comes too soon."""
        now = self._clock()
        with self._lock:
            while self._begun and now - self._begun[0] >= self.seconds:
                self._begun.popleft()
            if len(self._begun) >= self.most:
                wait = max(1, round(self.seconds - (now - self._begun[0])))
                raise BadInput(
                    f"While the page is shared, {self.most} batches a minute can be begun: try "
                    f"again in {wait} s."
                )
            self._begun.append(now)


def stop_sharing() -> None:
    """Close the tunnels of this process; the page stays open on this machine."""
    from gradio.tunneling import CURRENT_TUNNELS

    for tunnel in list(CURRENT_TUNNELS):
        tunnel.kill()
    CURRENT_TUNNELS.clear()

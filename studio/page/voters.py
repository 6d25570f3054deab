"""Who votes: names that this studio has given out, so that nobody invents voters of their own."""

import contextlib
import hashlib
import hmac
import re
import secrets
from pathlib import Path

from studio.errors import StorageError
from studio.files import write_whole

KEY_FILE = "voters.key"
"""In the data folder: what the names are signed with. Without it, everybody is a new voter."""

_NAME = re.compile(r"([A-Za-z0-9_-]{32})\.([0-9a-f]{64})")


class Voters:
    """The names of a studio's voters, each signed by it.

    Args:
        folder: of the studio's data.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / KEY_FILE
        self._kept = b""

    def new(self) -> str:
        """A new name, as the voter's browser keeps it."""
        name = secrets.token_urlsafe(24)
        return f"{name}.{self._signed(name)}"

    def known(self, given: str) -> str | None:
        """The voter of a name that this studio gave out, else None."""
        found = _NAME.fullmatch(given)
        if found is None or not hmac.compare_digest(self._signed(found[1]), found[2]):
            return None
        return found[1]

    def _signed(self, name: str) -> str:
        return hmac.new(self._key(), name.encode(), hashlib.sha256).hexdigest()

    def _key(self) -> bytes:
        """The studio's own key, the same for all processes on one data folder.

        Raises:
            StorageError: it can neither be read nor made.
        """
        if not self._kept:
            try:
                if not self._file.is_file():
                    with contextlib.suppress(FileExistsError):  # another process was quicker
                        write_whole(self._file, secrets.token_bytes(32), mode=0o600, over=False)
                self._kept = self._file.read_bytes()
            except OSError as error:
                raise StorageError(
                    f"Votes cannot be taken: “{self._file}” cannot be used ({error.strerror})."
                ) from error
            if len(self._kept) < 32:
                self._kept = b""
                raise StorageError(
                    f"Votes cannot be taken: “{self._file}” is damaged, remove it and start again."
                )
        return self._kept

"""Who keeps the door of a page that others can reach: how often is tried, and who has come in.

Every try costs a tenth of a second of reckoning, and is made beside the event loop, two at a time:
the page of those who are in stays quick while somebody tries.
"""

import asyncio
import hashlib
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool

from studio.desk.pace import Pace
from studio.page.sharing import Door
from studio.settings import this_machine_alone

WRONG_BY_ONE, WRONG_BY_ALL = 10, 100
"""Wrong passwords from one address, and from all, within `WITHIN` seconds; then all wait."""
WITHIN = 300.0

AT_ONCE, QUEUED = 2, 8
"""Passwords that are looked at at a time, and that wait for it."""

SESSION_SECONDS = 7 * 24 * 3600.0
"""How long somebody stays in who does nothing."""

_MOST_SESSIONS = 4096


class TooMany(Exception):
    """Too many wrong passwords; `seconds` is how long to wait."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"Too many wrong passwords: try again in {seconds} s.")
        self.seconds = seconds


class Doorkeeper:
    """A door, its brake, and the sessions of those who have come in.

    Args:
        clock: seconds; only its differences count.
    """

    def __init__(self, door: Door, clock: Callable[[], float] = time.monotonic) -> None:
        self._door, self._clock = door, clock
        self._one = Pace(WRONG_BY_ONE, WITHIN, clock)
        self._all = Pace(WRONG_BY_ALL, WITHIN, clock)
        self._sessions: OrderedDict[str, float] = OrderedDict()
        self._guard = threading.Lock()
        self._looked_at = asyncio.Semaphore(AT_ONCE)
        self._trying = 0

    async def enter(self, user: str, password: str, address: str) -> str:
        """A new session for who has the password; empty for a wrong one.

        Raises:
            TooMany: before the password is looked at, right or wrong.
        """
        self._wait(address)
        if self._trying >= AT_ONCE + QUEUED:
            raise TooMany(2)
        self._trying += 1
        try:
            async with self._looked_at:
                self._wait(address)  # others may have tried in the meantime
                right = await run_in_threadpool(self._door.admits, user, password)
        finally:
            self._trying -= 1
        if not right:
            self._one.begin(address)
            self._all.begin()
            return ""
        token = secrets.token_urlsafe(32)
        with self._guard:
            self._sessions[_kept(token)] = self._clock()
            while len(self._sessions) > _MOST_SESSIONS:
                self._sessions.popitem(last=False)
        return token

    def visitor(self, token: str) -> str:
        """Who has this session, as a name that says nothing; empty for nobody."""
        if not token:
            return ""
        name, now = _kept(token), self._clock()
        with self._guard:
            seen = self._sessions.get(name)
            if seen is None:
                return ""
            if now - seen > SESSION_SECONDS:
                del self._sessions[name]
                return ""
            self._sessions[name] = now
            self._sessions.move_to_end(name)
        return name[:32]

    def leave(self, token: str) -> None:
        """End one session; all others stay."""
        with self._guard:
            self._sessions.pop(_kept(token), None)

    def _wait(self, address: str) -> None:
        # Nobody out there can keep the people at this machine from their own page.
        everybody = 0 if this_machine_alone(address) else self._all.wait()
        if seconds := max(self._one.wait(address), everybody):
            raise TooMany(seconds)


def _kept(token: str) -> str:
    """What is remembered of a session: nobody who reads it can come in with it."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()

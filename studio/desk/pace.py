"""How often something may be begun where many have the same link."""

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable

BATCHES_A_MINUTE = 6
"""Batches that may be begun while the page is shared."""

_KEYS = 4096


class Pace:
    """How often something may be begun: `most` times in any `seconds`, each key by itself.

    A link may be opened by many; the machine behind it has one model and one disk. Of many keys,
    those that came last are remembered.
    """

    def __init__(
        self, most: int, seconds: float = 60.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.most, self.seconds, self._clock = most, seconds, clock
        self._begun: OrderedDict[tuple[str, ...], deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def begin(self, *key: str) -> int:
        """Count one more where it is in time; else the seconds to wait, which are not 0."""
        now = self._clock()
        with self._lock:
            begun = self._begun.setdefault(key, deque())
            self._begun.move_to_end(key)
            while len(self._begun) > _KEYS:
                self._begun.popitem(last=False)
            if seconds := self._left(begun, now):
                return seconds
            begun.append(now)
            return 0

    def wait(self, *key: str) -> int:
        """The seconds until one more may begin, 0 for at once; nothing is counted."""
        now = self._clock()
        with self._lock:
            begun = self._begun.get(key)
            return self._left(begun, now) if begun else 0

    def _left(self, begun: deque[float], now: float) -> int:
        while begun and now - begun[0] >= self.seconds:
            begun.popleft()
        if len(begun) < self.most:
            return 0
        return max(1, round(self.seconds - (now - begun[0])))

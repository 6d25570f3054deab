"""What was given last counts: a file that is read slowly, or whose answer comes late, does not come
back over a later one, and nobody is told what is wrong with a file that has been replaced."""

import itertools
import threading
import time
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

from studio.forms import is_whole

_PLACES = 4096
"""Places that are remembered; each open page has a few."""

_moments = itertools.count(time.time_ns() // 1_000_000)


def moment() -> int:
    """A number larger than all before it, those of a former process too: of two looks at one thing
    the one with the larger number is the later."""
    return next(_moments)


@dataclass
class Turns:
    """The number of what was given last in each place, as the page counts it."""

    _latest: OrderedDict[Hashable, int] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, place: Hashable, number: Any) -> "Turn":
        """Something is given in a place, or belongs to what was given there.

        Args:
            number: which it is of what the page has given there; nothing but a whole number says
                that, and what has none comes after all others.
        """
        if not is_whole(number):
            return Turn(self, place, None)
        with self._lock:
            self._latest[place] = max(number, self._latest.get(place, number))
            self._latest.move_to_end(place)
            if len(self._latest) > _PLACES:
                self._latest.popitem(last=False)
        return Turn(self, place, number)

    def latest(self, place: Hashable) -> int | None:
        """The number of what was given last; None where nothing was."""
        with self._lock:
            return self._latest.get(place)


@dataclass(frozen=True)
class Turn:
    """One of the things that are given in a place."""

    turns: Turns
    place: Hashable
    number: int | None

    @property
    def over(self) -> bool:
        """Whether something else was given there since."""
        latest = self.turns.latest(self.place)
        return self.number is not None and latest is not None and self.number < latest

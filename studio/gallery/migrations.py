"""Numbered steps from the tables of version `FIRST` to today's.

To change the tables: change `tables.py`, write a function here that makes the same change to a
database that has pictures already, and append it to `MIGRATIONS` with the next number; a test
compares what it leads to with `tables.py`. A step names its tables and columns in words of its
own: it is history and must not change when the present does. An empty database gets today's
tables at once.
"""

from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

FIRST = 4
"""The oldest version that can be opened: nothing before it was ever released."""


@dataclass(frozen=True)
class Migration:
    """One step: `upgrade` brings a database of version `number - 1` to `number`."""

    number: int
    upgrade: Callable[[sa.Connection], None]


MIGRATIONS: tuple[Migration, ...] = ()

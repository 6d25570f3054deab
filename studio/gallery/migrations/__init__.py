"""Numbered steps from an empty database to today's tables.

To change the tables: add `mNNNN_what.py` with `NUMBER` and `upgrade(connection)`, append it to
`MIGRATIONS`, and change `tables.py` to match; a test compares the two.
"""

from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

from studio.gallery.migrations import (
    m0001_first_tables,
    m0002_jobs_and_search,
    m0003_comparing,
    m0004_references,
)


@dataclass(frozen=True)
class Migration:
    """One step: `upgrade` brings a database of version `number - 1` to `number`."""

    number: int
    upgrade: Callable[[sa.Connection], None]


MIGRATIONS: tuple[Migration, ...] = tuple(
    Migration(module.NUMBER, module.upgrade)
    for module in (m0001_first_tables, m0002_jobs_and_search, m0003_comparing, m0004_references)
)

"""The gallery: projects, drawings and pictures, kept safely.

A picture is on disk before the database knows of it, and a row never goes without its file.
"""

import logging
import os
import shutil
from pathlib import Path

from studio.errors import StorageError
from studio.gallery.ballots import Ballots
from studio.gallery.blobs import Blobs, storage_sentence
from studio.gallery.boards import Boards
from studio.gallery.comparisons import Comparisons
from studio.gallery.database import BUSY_SECONDS, Database
from studio.gallery.overview import Overview
from studio.gallery.parcels import Parcels
from studio.gallery.past import Past
from studio.gallery.pictures import Pictures
from studio.gallery.projects import Projects
from studio.gallery.queue import Queue
from studio.gallery.references import References
from studio.gallery.search import Search
from studio.gallery.sweep import Sweep

log = logging.getLogger(__name__)

_ROOM, _FILES = 32 * 1024 * 1024, 64
"""Free bytes and files below which no picture is begun: one batch with thumbnails fits well in
them."""


class Store(
    Projects, Boards, Past, References, Pictures, Search, Overview, Parcels, Sweep
):  # fmt: skip
    """All that is kept, in one data folder.

    Args:
        data_dir: made if missing.
        url: SQLAlchemy URL of the database; by default an SQLite file in `data_dir`.
        busy_seconds: how long to wait for another process that holds the database.

    Attributes:
        queue: the jobs.
        comparisons: what is compared in each project.
        ballots: blind votes.

    Raises:
        StorageError: the folder or the database cannot be used; the text says what to do.
    """

    def __init__(
        self, data_dir: Path, url: str | None = None, busy_seconds: float = BUSY_SECONDS
    ) -> None:
        self.data_dir = data_dir.expanduser().resolve()
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(storage_sentence(error, self.data_dir)) from error
        database = Database(
            url or f"sqlite:///{self.data_dir / 'toile.db'}",
            self.data_dir / "backups",
            busy_seconds=busy_seconds,
        )
        super().__init__(database, Blobs(self.data_dir))
        self.queue = Queue(database, self.blobs)
        self.comparisons = Comparisons(database)
        self.ballots = Ballots(database, self.blobs)
        try:
            self.sweep()
        except (StorageError, OSError) as error:  # a folder that is only to be read is looked at
            log.warning("what nobody owns was left where it is: %s", error)

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def require_room(self) -> None:
        """Raises StorageError where a picture could not be kept: the disk is nearly full, or the
        data folder has gone."""
        self._database.still_there()
        if shutil.disk_usage(self.data_dir).free < _ROOM:
            raise StorageError(
                f"The disk of “{self.data_dir}” is nearly full: free some space, then try again."
            )
        disk = os.statvfs(self.data_dir)
        if disk.f_files and disk.f_favail < _FILES:  # some file systems count none
            raise StorageError(
                f"The disk of “{self.data_dir}” takes no more files: remove some, then try again."
            )

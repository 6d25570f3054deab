"""Opening a project, whatever is wrong with one."""

import logging
from collections.abc import Callable

from studio.desk import views
from studio.desk.updates import Updates
from studio.errors import StorageError
from studio.gallery import Project, Store

log = logging.getLogger(__name__)


def shown_or_another(store: Store, show: Callable[[Project], Updates], project: Project) -> Updates:
    """What a page shows of a project; where that cannot be shown, of the newest one that can, so
    that all others stay within reach.

    Raises:
        StorageError: it is the disk that cannot be read, not what is on it.
    """
    told: Updates = {}
    for one in (project, *store.projects()):
        if told and one.id == project.id:
            continue
        try:
            return show(one) | told
        except StorageError:
            raise
        except Exception:
            log.exception("the project %s cannot be shown", one.id)
            text = (
                f"“{project.name}” cannot be shown, its details are in the terminal: another "
                "project is open. Delete it in Projects, or take it in again from its file."
            )
            told = {"notice": {"value": views.notice(text, "error")}}
    return show(store.create_project("New project")) | told

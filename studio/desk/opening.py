"""Opening a project, whatever is wrong with one."""

import logging
from collections.abc import Callable

from studio.desk import views
from studio.desk.updates import Updates
from studio.errors import BadInput, StorageError
from studio.gallery import Project, Store

log = logging.getLogger(__name__)


def shown_or_another(store: Store, show: Callable[[Project], Updates], project_id: str) -> Updates:
    """What a page shows of a project, or of the one worked on last.

    Where that cannot be shown, it is the newest one that can: all others stay within reach.

    Raises:
        StorageError: it is the disk that cannot be read, not what is on it.
    """
    try:
        project = store.project(project_id)
    except BadInput:
        project = store.first_project()
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
            told = views.notice(text, "error")
    return show(store.create_project("New project")) | told

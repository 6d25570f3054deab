"""What a page looks at again and again: what is being made, and what else there is to see."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from studio.desk import keeping, reference_views
from studio.desk.job import Job, View
from studio.desk.jobs import Jobs
from studio.errors import BadInput
from studio.gallery import Project, Store


class Marks(NamedTuple):
    """What there is to see of a project, in marks that are others where it is otherwise.

    Attributes:
        room: the state of the engine's room. project: its id.
        told: ids of jobs that have ended lately. kept: how far each job's pictures are kept.
        states: of the jobs. there: the numbers of what stands in it, or that it is gone.
    """

    room: str = ""
    project: str = ""
    told: str = ""
    kept: str = ""
    states: str = ""
    there: Mapping[str, Any] = {}

    @property
    def short(self) -> str:
        """What a page asks by whether it shows them."""
        return hashlib.sha256(json.dumps(self).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Look:
    """A project at one moment. The steps of a picture in the making are not among the marks.

    Attributes:
        ended: jobs that have ended lately. project: None where it is in the trash.
    """

    view: View
    ended: list[Job]
    project: Project | None
    marks: Marks


def look_at(store: Store, jobs: Jobs, room: str, project_id: str) -> Look:
    """A project as it is now."""
    view, ended = jobs.look(project_id), jobs.ended(project_id)
    known = {job.id: job for job in (*view.jobs, *ended)}.values()
    there: dict[str, Any]
    try:
        project = store.project(project_id)
        refers = reference_views.kept(store, project_id).board().document
        there = keeping.numbers(store, project) | {"refs": refers}
    except BadInput as gone:  # another page has thrown it away: said once
        project, there = None, {"gone": str(gone)}
    marks = Marks(
        room, project_id,
        told=" ".join(sorted(job.id for job in ended)),
        kept=" ".join(sorted(f"{j.id}:{len(j.made)}:{j.checked}:{j.active}" for j in known)),
        states=" ".join(f"{j.id}:{j.state}:{j.settled}" for j in view.jobs),
        there=there,
    )  # fmt: skip
    return Look(view, ended, project, marks)

"""The Projects room: all projects, and the pictures of the open one."""

from collections.abc import Mapping
from typing import Any

import gradio as gr

from studio.desk import compose, projects
from studio.desk.updates import Updates
from studio.page.browser import browser_part
from studio.page.wires import Wires


def build() -> gr.HTML:
    """Build the room."""
    return browser_part(
        "gallery",
        events=(
            "act", "query", "family", "empty_trash", "open_project", "new_project",
            "rename_project", "delete_project", "restore_project", "remove_project",
        ),
        page=None, changed=None, refresh=None, projects=None, family=None,
    )  # fmt: skip


def connect(wires: Wires, tab: gr.Tab) -> None:
    """Pages, filters, families, the trash, projects; a fresh look whenever the tab is opened."""
    studio, room, project = wires.studio, wires.parts["gallery"], wires.parts["project"]

    def rename(event: Mapping[str, Any], project_id: str) -> Updates:
        updates = studio.rename_project(str(event.get("id")), str(event.get("name")))
        return updates | {"gallery": {"projects": projects.overview(studio, project_id)}}

    for listen, action in (
        (room.query, lambda e, project_id: projects.query(studio, project_id, e)),
        (room.family, lambda e, project_id: projects.family(studio, project_id, e)),
        (room.empty_trash, lambda _, project_id: projects.empty_trash(studio, project_id)),
        (room.open_project, lambda e, _: studio.open(str(e.get("id")))),
        (room.new_project, lambda e, _: studio.new_project(str(e.get("name")))),
        (room.rename_project, rename),
        (room.delete_project, lambda e, project_id: projects.delete_project(studio, project_id, e)),
        (room.restore_project, lambda e, _: projects.restore_project(studio, e)),
        (room.remove_project, lambda e, project_id: projects.remove_project(studio, project_id, e)),
    ):
        wires.on(listen, action, [project], event=True)
    wires.on(tab.select, lambda: {"gallery": {"refresh": compose.new_seed()}}, [])

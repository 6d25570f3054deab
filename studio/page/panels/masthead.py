"""The head of the page: the open project, all projects, the model, the public link."""

import gradio as gr

from studio.desk.updates import Updates
from studio.page.browser import browser_part
from studio.page.sharing import stop_sharing
from studio.page.wires import Wires


def build() -> gr.HTML:
    """Build the head of the page."""
    return browser_part(
        "masthead",
        events=("open_project", "new_project", "rename_project", "stop_sharing"),
        value=None, model=None, shared="",
    )  # fmt: skip


def connect(wires: Wires) -> None:
    """Opening, making and renaming projects; closing the link."""
    studio, masthead = wires.studio, wires.parts["masthead"]

    def stop() -> Updates:
        stop_sharing()
        studio.share_url = ""
        return {"masthead": {"shared": ""}}

    for listen, action, still in (
        (masthead.open_project, lambda e: studio.open(str(e.get("id"))), "studio"),
        (masthead.new_project, lambda e: studio.new_project(str(e.get("name"))), "studio"),
        (
            masthead.rename_project,
            lambda e: studio.rename_project(str(e.get("id")), str(e.get("name"))),
            "",
        ),
    ):
        wires.on(listen, action, [], event=True, still=still)
    wires.on(masthead.stop_sharing, stop, [])

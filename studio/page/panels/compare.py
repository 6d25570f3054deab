"""The Compare room, and what of it is on every page: the mark on the cards and the X key."""

import gradio as gr

from studio.desk import compare
from studio.page.browser import browser_part
from studio.page.wires import Wires


def build() -> gr.HTML:
    """Build the room."""
    return browser_part(
        "compare",
        events=("choose", "look", "older", "vote", "enter"),
        value=None, strip=None, ballots=None, refresh=None,
    )  # fmt: skip


def build_mark() -> gr.HTML:
    """Build the part that knows on every page what is compared; it has no face of its own."""
    return browser_part("compared", events=("choose",), value=None)


def connect(wires: Wires, tab: gr.Tab) -> None:
    """Choosing, looking and voting; a fresh look whenever the tab is opened."""
    studio, project = wires.studio, wires.parts["project"]
    room, mark = wires.parts["compare"], wires.parts["compared"]
    for listen, action in (
        (room.choose, compare.choose),
        (mark.choose, compare.choose),
        (room.look, compare.look),
        (room.older, compare.older),
        (room.vote, compare.vote),
    ):
        wires.on(listen, lambda e, at, action=action: action(studio, at, e), [project], event=True)
    # A page that is loaded, or shows another project, has another comparison.
    for listen in (wires.page.load, project.change):
        wires.on(listen, lambda project_id: compare.opened(studio.store, project_id), [project])
    for listen in (tab.select, room.enter):
        wires.on(listen, lambda project_id: compare.entered(studio, project_id), [project])

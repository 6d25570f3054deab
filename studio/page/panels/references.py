"""The References panel: a tile for each thing that a picture can refer to."""

import secrets

import gradio as gr

from studio.desk import fitting_room, reference_views, views
from studio.desk.studio import Studio
from studio.desk.updates import Updates, raw_json
from studio.errors import ToileError
from studio.page.browser import browser_part
from studio.page.wires import Wires, form_from


def build() -> gr.HTML:
    """Build the panel."""
    return browser_part(
        "references",
        events=("reference",),
        value=None, can=None, warning="", question=None, said=None, framing="full",
        refused=None, open=None,
        known=reference_views.known(),
    )  # fmt: skip


def connect(wires: Wires) -> None:
    """Every verb goes to the fitting room; the panel hears of a refused one, for it waits."""
    studio: Studio = wires.studio

    def refer(event: object, project: str, board: object, *values: object) -> Updates:
        asked, form = raw_json(event), form_from(values)
        try:
            return fitting_room.act(studio, project, asked, raw_json(board), form)
        except ToileError as error:
            refused = {name: asked.get(name) for name in ("n", "role", "turn")}
            refused |= {"id": secrets.token_hex(4)}
            return {
                "references": {"refused": refused | {"text": str(error)}},
                "notice": {"value": views.notice(str(error), "error")},
            }

    wires.on(wires.parts["references"].reference, refer, wires.desk, event=True, mends=["generate"])

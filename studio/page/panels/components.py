"""The table of components under the board: the same document as the board's handles."""

import secrets

import gradio as gr

from studio.desk import views
from studio.desk.studio import Studio
from studio.desk.updates import Updates, raw_json
from studio.errors import ToileError
from studio.page.browser import browser_part
from studio.page.wires import Wires, form_from


def build() -> gr.HTML:
    """Build the table."""
    return browser_part("components", events=("part",), value=None)


def connect(wires: Wires) -> None:
    """Verbs of the table and of the board's handles go the same way."""
    studio: Studio = wires.studio

    def part(event: object, project: str, board: object, *values: object) -> Updates:
        try:
            return studio.arrange(project, raw_json(event), raw_json(board), form_from(values))
        except ToileError as error:
            refused = {"n": secrets.token_hex(4), "refused": True}
            return {
                "board": {"change": refused},
                "notice": {"value": views.notice(str(error), "error")},
            }

    wires.on(wires.parts["components"].part, part, wires.desk, event=True, mends=["generate"])
    wires.on(wires.parts["board"].part, part, wires.desk, event=True, mends=["generate"])

"""The table of components under the board: the same document as the board's handles."""

import secrets

import gradio as gr

from studio.desk.studio import Studio
from studio.page.browser import browser_part
from studio.page.wires import Wires, refusing, with_form


def build() -> gr.HTML:
    """Build the table."""
    return browser_part("components", events=("part",), value=None)


def connect(wires: Wires) -> None:
    """Verbs of the table and of the board's handles go the same way."""
    studio: Studio = wires.studio
    part = refusing(
        with_form(lambda event, project, *rest: studio.arrange(project, event, *rest), 3),
        lambda *_: {"board": {"change": {"n": secrets.token_hex(4), "refused": True}}},
    )
    for panel in ("components", "board"):
        wires.on(wires.parts[panel].part, part, wires.desk, event=True, mends=["generate"])

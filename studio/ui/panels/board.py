"""The drawing board's place on the page, and the table of its components under it."""

from dataclasses import dataclass

import gradio as gr

from studio.ui.browser import browser_part
from studio.ui.panels import components
from studio.ui.updates import Updates, raw_json
from studio.ui.wires import Wires, form_from, with_form


@dataclass(frozen=True)
class Drawing:
    """The column in which one draws and places."""

    board: gr.HTML
    components: gr.HTML


def build() -> Drawing:
    """Build the drawing board and its table."""
    with gr.Column(elem_id="draw", min_width=0):
        board = browser_part(
            "board", events=("ink_changed", "photo", "template", "trace", "underlay", "part"),
            value=None, saved=None, change=None, flat="", under=None,
        )  # fmt: skip
        return Drawing(board, components.build())


def connect(wires: Wires) -> None:
    """What is drawn is kept; pictures of sketches and flats are laid on the board."""
    studio, board = wires.studio, wires.parts["board"]
    wires.on(board.ink_changed, with_form(studio.draw, 2), wires.desk, trigger_mode="always_last")
    wires.on(board.photo, lambda e: studio.read_photo(e.get("path")), [], event=True)
    wires.on(board.template, lambda e: studio.template(str(e.get("garment"))), [], event=True)
    wires.on(board.underlay, lambda e: studio.keep_photo(e.get("path")), [], event=True)

    def trace(event: object, _project: str, _board: object, *values: object) -> Updates:
        return studio.trace(str(raw_json(event).get("view")), form_from(values))

    wires.on(board.trace, trace, wires.desk, event=True)
    components.connect(wires)

"""The drawing board's place on the page."""

import gradio as gr

from studio.ui.browser import browser_part
from studio.ui.wires import Wires, with_form


def build() -> gr.HTML:
    """Build the drawing board."""
    with gr.Column(elem_id="draw", min_width=0):
        return browser_part(
            "board", events=("ink_changed", "photo", "template"),
            value=None, saved=None, marks=[], change=None,
        )  # fmt: skip


def connect(wires: Wires) -> None:
    """What is drawn is kept; pictures of sketches and flats are laid on the board."""
    studio, board = wires.studio, wires.parts["board"]
    wires.on(board.ink_changed, with_form(studio.draw, 2), wires.desk, trigger_mode="always_last")
    wires.on(board.photo, lambda e: studio.read_photo(e.get("path")), [], event=True)
    wires.on(board.template, lambda e: studio.template(str(e.get("garment"))), [], event=True)

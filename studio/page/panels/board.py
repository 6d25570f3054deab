"""The drawing board's place on the page, and the table of its components under it."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gradio as gr

from studio.desk import parts_table, views
from studio.desk.updates import Updates, raw_json
from studio.errors import ToileError
from studio.page.browser import browser_part
from studio.page.panels import components
from studio.page.wires import Wires, form_from, with_form


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
            value=None, saved=None, change=None, flat="", under=None, exact=True,
            kinds=parts_table.kinds(),
        )  # fmt: skip
        return Drawing(board, components.build())


def connect(wires: Wires) -> None:
    """What is drawn is kept; pictures of sketches and flats are laid on the board."""
    studio, board = wires.studio, wires.parts["board"]
    wires.on(board.ink_changed, with_form(studio.draw, 2), wires.desk, trigger_mode="always_last")

    def picture(read: Callable[[Any], Updates]) -> Callable[[Any], Updates]:
        """Reads an uploaded picture; the board hears of a refused one, for it waits."""

        def safely(event: Any) -> Updates:
            try:
                return read(event.get("path"))
            except ToileError as error:
                return {
                    "board": {"change": {"n": secrets.token_hex(4), "refused": "picture"}},
                    "notice": {"value": views.notice(str(error), "error")},
                }

        return safely

    wires.on(board.photo, picture(studio.read_photo), [], event=True)
    wires.on(board.template, lambda e: studio.template(str(e.get("garment"))), [], event=True)
    wires.on(board.underlay, picture(studio.keep_photo), [], event=True)

    def trace(event: object, _project: str, _board: object, *values: object) -> Updates:
        return studio.trace(str(raw_json(event).get("view")), form_from(values))

    wires.on(board.trace, trace, wires.desk, event=True)
    components.connect(wires)

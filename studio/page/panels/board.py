"""The drawing board's place on the page, and the table of its components under it."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import gradio as gr

from studio.desk import back, keeping, parts_table, views
from studio.desk.compose import Form
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
            "board",
            events=(
                "ink_changed", "photo", "template", "trace", "underlay", "part", "restore", "look",
                "steps",
            ),
            value=None, saved=None, there=None, change=None, flat="", under=None, exact=True,
            kinds=parts_table.kinds(),
        )  # fmt: skip
        return Drawing(board, components.build())


def connect(wires: Wires) -> None:
    """What is drawn is kept; pictures of sketches and flats are laid on the board."""
    studio, board = wires.studio, wires.parts["board"]
    wires.on(board.ink_changed, with_form(studio.draw, 2), wires.desk, trigger_mode="always_last")

    def picture(read: Callable[[Any, str], Updates]) -> Callable[[Any, str], Updates]:
        """Reads an uploaded picture; the board hears of a refused one, for it waits. Where another
        one was given meanwhile, nothing is laid and nothing said."""

        def safely(event: Any, project: str) -> Updates:
            turn = studio.turns.begin(
                (str(event.get("page"))[:32], project, id(read)), event.get("turn")
            )
            try:
                updates = read(event, project)
                return {} if turn.over else updates
            except ToileError as error:
                if turn.over:
                    return {}
                return {
                    "board": {"change": {"n": secrets.token_hex(4), "refused": "picture"}},
                    "notice": {"value": views.notice(str(error), "error")},
                }

        return safely

    project = [wires.parts["project"]]
    read = picture(lambda event, at: studio.read_photo(event.get("path"), at))
    wires.on(board.photo, read, project, event=True)

    def template(event: Any, at: str) -> Updates:
        return studio.template(str(event.get("garment")), at)

    wires.on(board.template, template, project, event=True)

    def underlay(event: Any, at: str) -> Updates:
        if "photo" not in event:
            return studio.keep_photo(event.get("path"), at)
        # It lies there already, as this browser remembers.
        studio.store.claim_picture(at, "underlay", str(event["photo"]))
        return {}

    wires.on(board.underlay, picture(underlay), project, event=True)

    def trace(event: object, project: str, _board: object, *values: object) -> Updates:
        return studio.trace(str(raw_json(event).get("view")), form_from(values), project)

    def restore(event: object, project: str, board: object, *values: object) -> Updates:
        return back.restore(studio, project, raw_json(event), raw_json(board), form_from(values))

    def look(project: str, board: Mapping[str, Any], form: Form) -> Updates:
        return back.look(studio, project, board, form)

    def steps(event: object) -> Updates:
        told = raw_json(event)
        keeping.keep_steps(studio.store, told.get("project"), told)
        return {}

    wires.on(board.trace, trace, wires.desk, event=True)
    wires.on(board.restore, restore, wires.desk, event=True)
    wires.on(board.look, with_form(look, 2), wires.desk)
    wires.on(board.steps, steps, [], event=True)
    components.connect(wires)

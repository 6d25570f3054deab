"""The drawing board's place on the page, and the table of its components under it."""

import secrets
from collections.abc import Callable, Mapping
from typing import Any

import gradio as gr

from studio.desk import back, keeping, parts_table
from studio.desk.updates import Updates
from studio.page.browser import browser_part
from studio.page.panels import components
from studio.page.wires import Wires, refusing, with_form


def build() -> dict[str, gr.HTML]:
    """Build the drawing board and its table, by their names."""
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
        return {"board": board, "components": components.build()}


def connect(wires: Wires) -> None:
    """What is drawn is kept; pictures of sketches and flats are laid on the board."""
    studio, board, project = wires.studio, wires.parts["board"], [wires.parts["project"]]
    wires.on(board.ink_changed, with_form(studio.draw, 2), wires.desk, trigger_mode="always_last")

    def refused(*_: Any) -> Updates:
        return {"board": {"change": {"n": secrets.token_hex(4), "refused": "picture"}}}

    def picture(read: Callable[[Mapping[str, Any], str], Updates]) -> Callable[..., Updates]:
        """Reads an uploaded picture; the board hears of a refused one, for it waits. Where another
        one was given meanwhile, nothing is laid and nothing said."""
        safely = refusing(read, refused)

        def latest(event: Mapping[str, Any], project: str) -> Updates:
            place = (str(event.get("page"))[:32], project, id(read))
            turn = studio.turns.begin(place, event.get("turn"))
            updates = safely(event, project)
            return {} if turn.over else updates

        return latest

    def underlay(event: Mapping[str, Any], at: str) -> Updates:
        if "photo" not in event:
            return studio.keep_photo(event.get("path"), at)
        # It lies there already, as this browser remembers.
        studio.store.claim_picture(at, "underlay", str(event["photo"]))
        return {}

    def steps(event: Mapping[str, Any]) -> Updates:
        keeping.keep_steps(studio.store, event.get("project"), event)
        return {}

    def photo(event: Mapping[str, Any], at: str) -> Updates:
        return studio.read_photo(event.get("path"), at)

    def template(event: Mapping[str, Any], at: str) -> Updates:
        return studio.template(str(event.get("garment")), at)

    wires.on(board.photo, picture(photo), project, event=True)
    wires.on(board.template, template, project, event=True)
    wires.on(board.underlay, picture(underlay), project, event=True)
    for listen, action in (
        (board.trace, lambda e, at, _, form: studio.trace(str(e.get("view")), form, at)),
        (board.restore, lambda e, at, *rest: back.restore(studio, at, e, *rest)),
    ):
        wires.on(listen, with_form(action, 3), wires.desk, event=True)
    look = with_form(lambda *values: back.look(studio, *values), 2)
    wires.on(board.look, look, wires.desk)
    wires.on(board.steps, steps, [], event=True)
    components.connect(wires)

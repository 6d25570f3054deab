"""The References panel: a tile for each thing that a picture can refer to."""

import secrets
from collections.abc import Mapping
from typing import Any

import gradio as gr

from studio.desk import fitting_room, reference_views
from studio.desk.studio import Studio
from studio.desk.updates import Updates
from studio.page.browser import browser_part
from studio.page.wires import Wires, refusing, with_form


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

    def refused(text: str, asked: Mapping[str, Any]) -> Updates:
        of = {name: asked.get(name) for name in ("n", "role", "turn")}
        return {"references": {"refused": of | {"id": secrets.token_hex(4), "text": text}}}

    refer = with_form(
        lambda event, project, *rest: fitting_room.act(studio, project, event, *rest), 3
    )
    listen = wires.parts["references"].reference
    wires.on(listen, refusing(refer, refused), wires.desk, event=True, mends=["generate"])

"""The column of the newest pictures, and what can be done with one."""

import gradio as gr

from studio.desk import pictures
from studio.desk.sheets import SWATCHES
from studio.page.browser import browser_part
from studio.page.wires import Wires, with_form


def build() -> gr.HTML:
    """Build the column of the newest pictures."""
    with gr.Column(elem_id="choose", min_width=0):
        return browser_part(
            "variants", events=("act",), value=None, job=None, changed=None,
            colours=list(SWATCHES),
        )  # fmt: skip


def connect(wires: Wires) -> None:
    """A picture's verbs, from wherever it is shown."""
    act = with_form(lambda event, at, *rest: pictures.act(wires.studio, at, event, *rest), 3)
    for part in ("variants", "gallery", "notice"):
        wires.on(wires.parts[part].act, act, wires.desk, event=True)

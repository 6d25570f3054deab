"""The page: its panels in their places."""

from typing import Any

import gradio as gr
from gradio.block_function import BlockFunction
from gradio.state_holder import SessionState

from studio.desk.studio import Studio
from studio.page.browser import browser_part
from studio.page.panels import board, compare, describe, masthead, projects, variants
from studio.page.wires import Wires


class _Page(gr.Blocks):
    """Blocks that keep nothing of an event.

    Gradio makes a part anew, with a number of its own, wherever an answer changes it, and keeps
    it under that number too when it is the next time an input: a session grew with every event.
    """

    async def preprocess_data(
        self,
        block_fn: BlockFunction,
        inputs: list[Any],
        state: SessionState | None,
        explicit_call: bool = False,
    ) -> list[Any]:
        values = await super().preprocess_data(block_fn, inputs, state, explicit_call)
        if state is not None:
            for of in (state.blocks_config.blocks, state.config_values):
                for number in of.keys() - self.blocks.keys():
                    of.pop(number, None)
        return values


def build_page(studio: Studio) -> gr.Blocks:
    """The whole page on top of a running studio."""
    with _Page(
        title="Toile", analytics_enabled=False, delete_cache=(3600, 86400), fill_width=True
    ) as page:
        parts: dict[str, Any] = {
            "project": gr.BrowserState("", storage_key="toile-project", secret="toile-project"),
            "seen": gr.State(""),
            "masthead": masthead.build(),
        }
        with gr.Tabs(elem_id="rooms"):
            with gr.Tab("Studio", id="studio"), gr.Row(elem_id="studio", equal_height=False):
                parts |= describe.build()
                parts |= board.build()
                parts["variants"] = variants.build()
            with gr.Tab("Compare", id="compare", elem_id="compare-room") as compare_tab:
                parts["compare"] = compare.build()
            with gr.Tab("Projects", id="projects") as projects_tab:
                parts["gallery"] = projects.build()
        parts["notice"] = browser_part("notice", events=("act",), value=None)
        parts["tips"] = browser_part("tips", value=None)  # {"offer": bool}; the rest is its own
        browser_part("phone")  # the bar at the foot of a phone; it sends nothing
        parts["compared"] = compare.build_mark()
        parts["pulse"] = browser_part("pulse", events=("tick",), project="", every=0, shown="")

        wires = Wires(studio, parts, page)
        wires.on(page.load, studio.open, [parts["project"]], still="studio")
        looked = [parts["project"], parts["seen"]]
        wires.on(
            parts["pulse"].tick,
            lambda event, project, seen: studio.tick(project, seen, str(event.get("shown"))),
            looked, event=True, gives_way=True, trigger_mode="once",
        )  # fmt: skip
        for panel in (masthead, describe, board, variants):
            panel.connect(wires)
        projects.connect(wires, projects_tab)
        compare.connect(wires, compare_tab)
    return page

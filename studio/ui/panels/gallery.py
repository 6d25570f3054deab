"""The gallery of all pictures of a project."""

import gradio as gr

from studio.ui import compose, pictures
from studio.ui.browser import browser_part
from studio.ui.wires import Wires


def build() -> gr.HTML:
    """Build the gallery."""
    return browser_part("gallery", events=("act", "query"), page=None, changed=None, refresh=None)


def connect(wires: Wires, tab: gr.Tab) -> None:
    """Pages, filters and search; a fresh look whenever its tab is opened."""
    wires.on(
        wires.parts["gallery"].query,
        lambda e, project: pictures.query(wires.studio, project, e),
        [wires.parts["project"]],
        event=True,
    )
    wires.on(tab.select, lambda: {"gallery": {"refresh": compose.new_seed()}}, [])

"""The place for sentences to the user; its way back is one of a picture's verbs."""

import gradio as gr

from studio.page.browser import browser_part


def build() -> gr.HTML:
    """Build the place for sentences."""
    return browser_part("notice", events=("act",), value=None)

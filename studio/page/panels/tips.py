"""Tips for the first visit; the browser remembers how far they were read."""

import gradio as gr

from studio.page.browser import browser_part


def build() -> gr.HTML:
    """Build the place of the tips. `value` is {"offer": bool}: only the sample project offers
    them by itself."""
    return browser_part("tips", value=None)

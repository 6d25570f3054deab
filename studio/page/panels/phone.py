"""The bar at the foot of a phone; it only leads about the page and sends nothing."""

import gradio as gr

from studio.page.browser import browser_part


def build() -> gr.HTML:
    """Build the bar."""
    return browser_part("phone")

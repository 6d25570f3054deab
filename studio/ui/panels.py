"""The page's parts in their places; what they do is in `page.py`."""

from dataclasses import dataclass

import gradio as gr

from studio.request import SAMPLERS
from studio.ui.browser import browser_part
from studio.ui.compose import LONGEST_PROMPT, SKETCH_STOPS, Form, text_stops

_SAMPLER_NAMES = {"unipc": "UniPC", "dpm++": "DPM++", "ddim": "DDIM", "lcm": "LCM"}


@dataclass(frozen=True)
class Describe:
    """Words, how closely to follow them, and the button that makes pictures."""

    prompt: gr.Textbox
    reading: gr.HTML
    exact: gr.Checkbox
    text_word: gr.Radio
    sketch_word: gr.Radio
    count: gr.Radio
    seed: gr.Textbox
    shuffle: gr.Button
    locked: gr.Checkbox
    negative: gr.Textbox
    text: gr.Slider
    sketch: gr.Slider
    steps: gr.Slider
    sampler: gr.Dropdown
    generate: gr.Button
    progress: gr.HTML


def describe_panel() -> Describe:
    """Build the column of words and settings; what a beginner need not touch is folded."""
    form = Form()
    with gr.Column(elem_id="describe", min_width=0):
        prompt = gr.Textbox(
            label="Describe the garment",
            placeholder="a navy wool coat with a notched lapel, five buttons and two pockets",
            lines=4,
            max_lines=8,
            max_length=LONGEST_PROMPT,
            elem_id="prompt",
            interactive=True,
        )
        reading = browser_part("reading")
        exact = gr.Checkbox(
            label="Place components exactly",
            value=form.exact,
            elem_id="exact",
            interactive=True,
        )
        text_word = gr.Radio(
            list(text_stops()), label="Follow the words", value="Balanced",
            elem_id="text-word", elem_classes="segmented", interactive=True,
        )  # fmt: skip
        sketch_word = gr.Radio(
            list(SKETCH_STOPS), label="Follow the drawing", value="Balanced",
            elem_id="sketch-word", elem_classes="segmented", interactive=True,
        )  # fmt: skip
        count = gr.Radio(
            list(range(1, 9)), label="Variants", value=form.count,
            elem_id="count", elem_classes=["segmented", "tight"], interactive=True,
        )  # fmt: skip
        with gr.Row(elem_id="seed-row", equal_height=True):
            seed = gr.Textbox(
                label="Seed", max_lines=1, max_length=40, elem_id="seed", min_width=80,
                scale=2, interactive=True,
            )  # fmt: skip
            shuffle = gr.Button("Shuffle", elem_id="shuffle", min_width=72, scale=1)
            locked = gr.Checkbox(
                label="Lock", value=form.locked, elem_id="locked", min_width=72, scale=1,
                interactive=True,
            )  # fmt: skip
        with gr.Accordion("More", open=False, elem_id="more"):
            negative = gr.Textbox(
                label="Leave out", placeholder="pattern, belt", lines=1, max_length=LONGEST_PROMPT,
                elem_id="negative", interactive=True,
            )  # fmt: skip
            text = gr.Slider(
                0, 20, value=form.text, step=0.1, label="Text strength sT",
                info="Higher follows the words more closely and looks less natural.",
                elem_id="text", interactive=True,
            )  # fmt: skip
            sketch = gr.Slider(
                0, 2, value=form.sketch, step=0.05, label="Sketch strength",
                info="Higher follows the line more closely; 0 ignores it.",
                elem_id="sketch", interactive=True,
            )  # fmt: skip
            steps = gr.Slider(
                1, 60, value=form.steps, step=1, label="Steps",
                info="More take longer; beyond 20 little changes.",
                elem_id="steps", interactive=True,
            )  # fmt: skip
            sampler = gr.Dropdown(
                [(_SAMPLER_NAMES[name], name) for name in SAMPLERS], value=form.sampler,
                label="Sampler", filterable=False, elem_id="sampler", interactive=True,
            )  # fmt: skip
        with gr.Column(elem_id="make", min_width=0):
            generate = gr.Button(
                "Generate", variant="primary", elem_id="generate", interactive=False
            )
            progress = browser_part("progress", events=("cancel",), job=None, why="")
    return Describe(
        prompt, reading, exact, text_word, sketch_word, count, seed, shuffle, locked, negative,
        text, sketch, steps, sampler, generate, progress,
    )  # fmt: skip


def board_panel() -> gr.HTML:
    """Build the drawing board."""
    with gr.Column(elem_id="draw", min_width=0):
        return browser_part(
            "board", events=("ink_changed", "photo", "template"),
            value=None, saved=None, marks=[], change=None,
        )  # fmt: skip


def variants_panel() -> gr.HTML:
    """Build the column of the newest pictures."""
    with gr.Column(elem_id="choose", min_width=0):
        return browser_part("variants", events=("act",), value=None, job=None, changed=None)


def gallery_panel() -> gr.HTML:
    """Build the gallery of all pictures."""
    return browser_part("gallery", events=("act", "query"), page=None, changed=None, refresh=None)


def masthead_panel() -> gr.HTML:
    """Build the head of the page."""
    return browser_part(
        "masthead",
        events=("open_project", "new_project", "rename_project", "stop_sharing"),
        value=None, model=None, shared="",
    )  # fmt: skip


def notice_panel() -> gr.HTML:
    """Build the place for sentences to the user."""
    return browser_part("notice", events=("act",), value=None)

"""Words, settings, and the button that makes pictures."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gradio as gr

from studio.desk import back, compose
from studio.desk.compose import SKETCH_STOPS, Form, text_stops
from studio.desk.updates import Updates, raw_json
from studio.page.browser import browser_part
from studio.page.panels import references
from studio.page.wires import FIELDS, Wires, form_from, with_form
from studio.request import SAMPLER_NAMES, SAMPLERS


@dataclass(frozen=True)
class Describe:
    """Words, how closely to follow them, and the button that makes pictures."""

    prompt: gr.Textbox
    reading: gr.HTML
    references: gr.HTML
    exact: gr.Checkbox
    shaped: gr.Checkbox
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
    shape: gr.Dropdown
    generate: gr.Button
    progress: gr.HTML


def build() -> Describe:
    """Build the column of words and settings; what a beginner need not touch is folded."""
    form = Form()
    with gr.Column(elem_id="describe", min_width=0):
        prompt = gr.Textbox(
            label="Describe the garment",
            placeholder="a navy wool coat with a notched lapel, five buttons and two pockets",
            lines=3,
            max_lines=8,
            elem_id="prompt",
            interactive=True,
        )
        reading = browser_part(
            "reading", events=("wordings",), asked=None, earlier=None, project=None
        )
        refers = references.build()
        exact = gr.Checkbox(
            label="Place components exactly",
            value=form.exact,
            elem_id="exact",
            interactive=True,
        )
        shaped = gr.Checkbox(
            label="Usual shape where nothing is drawn",
            value=form.shaped,
            elem_id="shaped",
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
                label="Leave out", placeholder="pattern, belt", lines=1,
                elem_id="negative", interactive=True,
            )  # fmt: skip
            text = gr.Slider(
                0, 20, value=form.text, step=0.1, label="Text strength sT",
                info="Higher follows words and drawing more closely and looks less natural.",
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
                [(SAMPLER_NAMES[name], name) for name in SAMPLERS], value=form.sampler,
                label="Sampler", filterable=False, elem_id="sampler", interactive=True,
            )  # fmt: skip
            shape = gr.Dropdown(
                compose.shape_choices(), value=form.shape, label="Shape of the picture",
                filterable=False, elem_id="shape", interactive=True, visible=False,
            )  # fmt: skip
        with gr.Column(elem_id="make", min_width=0):
            generate = gr.Button(
                "Generate", variant="primary", elem_id="generate", interactive=False
            )
            progress = browser_part(
                "progress", events=("cancel", "resume", "dismiss"), queue=None, why=""
            )
    return Describe(
        prompt, reading, refers, exact, shaped, text_word, sketch_word, count, seed, shuffle,
        locked, negative, text, sketch, steps, sampler, shape, generate, progress,
    )  # fmt: skip


def connect(wires: Wires) -> None:
    """Everything that is written or set is kept; words and numbers follow each other."""
    studio, parts = wires.studio, wires.parts
    latest: dict[str, Any] = {"trigger_mode": "always_last"}
    write = with_form(studio.write, 2)

    def put(field: str, value: Any, project: str, board: Any, values: tuple[Any, ...]) -> Updates:
        form = dict(zip(FIELDS, values, strict=True)) | {field: value}
        updates = studio.write(project, raw_json(board), compose.checked_form(form))
        return updates | {field: {"value": value}}

    def text_word(word: str, project: str, board: Any, *values: Any) -> Updates:
        return put("text", text_stops(studio.usual_st()).get(str(word)), project, board, values)

    def sketch_word(word: str, project: str, board: Any, *values: Any) -> Updates:
        return put("sketch", SKETCH_STOPS.get(str(word)), project, board, values)

    def shuffle(project: str, board: Any, *values: Any) -> Updates:
        return put("seed", str(compose.new_seed()), project, board, values)

    def number(project: str, board: Any, *values: Any) -> Updates:
        form = form_from(values)
        stops = text_stops(studio.usual_st())
        return studio.write(project, raw_json(board), form) | {
            "text_word": {"value": compose.word_for(stops, form.text)},
            "sketch_word": {"value": compose.word_for(SKETCH_STOPS, form.sketch)},
        }

    # A text field's "input" is told of keys only, not of pasting, deleting or dictating.
    for name in ("prompt", "negative", "seed"):
        wires.on(parts[name].change, write, wires.desk, **latest)
    for name in ("exact", "shaped", "locked", "count", "sampler", "shape"):
        wires.on(parts[name].input, write, wires.desk, **latest)
    wires.on(parts["steps"].change, write, wires.desk, **latest)
    wires.on(parts["text_word"].input, text_word, [parts["text_word"], *wires.desk], **latest)
    wires.on(parts["sketch_word"].input, sketch_word, [parts["sketch_word"], *wires.desk], **latest)
    wires.on(parts["text"].change, number, wires.desk, **latest)
    wires.on(parts["sketch"].change, number, wires.desk, **latest)
    wires.on(parts["shuffle"].click, shuffle, wires.desk)
    wires.on(parts["reading"].wordings, lambda at: back.wordings(studio, at), [parts["project"]])
    wires.on(parts["generate"].click, with_form(studio.generate, 2), wires.desk, about="generate")
    references.connect(wires)
    for verb in ("cancel", "resume", "dismiss"):
        wires.on(
            getattr(parts["progress"], verb),
            _with_job(getattr(studio, verb)),
            [parts["project"]],
            event=True,
            trigger_mode="multiple",
        )


def _with_job(action: Callable[[str, str], Updates]) -> Callable[..., Updates]:
    return lambda event, project: action(project, str(event.get("id")))

"""Words, settings, and the button that makes pictures."""

from collections.abc import Callable, Iterable
from typing import Any

import gradio as gr

from studio.desk import back, compose
from studio.desk.compose import SKETCH_STOPS, Form, text_stops
from studio.desk.updates import Updates, raw_json
from studio.page.browser import browser_part
from studio.page.panels import references
from studio.page.wires import FIELDS, Wires, form_from, with_form
from studio.request import SAMPLER_NAMES, SAMPLERS


def build() -> dict[str, Any]:
    """Build the column of words and settings, by name; what a beginner need not touch is folded."""
    form = Form()
    made: dict[str, Any] = {}

    def field(kind: Callable[..., Any], name: str, label: str, *given: Any, **how: Any) -> None:
        if kind is not gr.Textbox:  # words come with the project
            how.setdefault("value", getattr(form, name, None))
        made[name] = kind(
            *given, label=label, elem_id=name.replace("_", "-"), interactive=True, **how
        )

    def words(name: str, label: str, stops: Iterable[Any], *classes: str, **how: Any) -> None:
        field(gr.Radio, name, label, list(stops), elem_classes=["segmented", *classes], **how)

    with gr.Column(elem_id="describe", min_width=0):
        example = "a navy wool coat with a notched lapel, five buttons and two pockets"
        field(
            gr.Textbox, "prompt", "Describe the garment", placeholder=example, lines=3, max_lines=8
        )
        made["reading"] = browser_part(
            "reading", events=("wordings",), asked=None, earlier=None, project=None
        )
        made["references"] = references.build()
        field(gr.Checkbox, "exact", "Place components exactly")
        field(gr.Checkbox, "shaped", "Usual shape where nothing is drawn")
        words("text_word", "Follow the words", text_stops(), value="Balanced")
        words("sketch_word", "Follow the drawing", SKETCH_STOPS, value="Balanced")
        words("count", "Variants", range(1, 9), "tight")
        with gr.Row(elem_id="seed-row", equal_height=True):
            field(gr.Textbox, "seed", "Seed", max_lines=1, max_length=40, min_width=80, scale=2)
            made["shuffle"] = gr.Button("Shuffle", elem_id="shuffle", min_width=72, scale=1)
            field(gr.Checkbox, "locked", "Lock", min_width=72, scale=1)
        with gr.Accordion("More", open=False, elem_id="more"):
            field(gr.Textbox, "negative", "Leave out", placeholder="pattern, belt", lines=1)
            about = "Higher follows words and drawing more closely and looks less natural."
            field(gr.Slider, "text", "Text strength sT", 0, 20, step=0.1, info=about)
            about = "Higher follows the line more closely; 0 ignores it."
            field(gr.Slider, "sketch", "Sketch strength", 0, 2, step=0.05, info=about)
            about = "More take longer; beyond 20 little changes."
            field(gr.Slider, "steps", "Steps", 1, 60, step=1, info=about)
            samplers = [(SAMPLER_NAMES[name], name) for name in SAMPLERS]
            field(gr.Dropdown, "sampler", "Sampler", samplers, filterable=False)
            shapes = compose.shape_choices()
            field(
                gr.Dropdown, "shape", "Shape of the picture", shapes, filterable=False,
                visible=False,
            )  # fmt: skip
        with gr.Column(elem_id="make", min_width=0):
            made["generate"] = gr.Button(
                "Generate", variant="primary", elem_id="generate", interactive=False
            )
            made["progress"] = browser_part(
                "progress", events=("cancel", "resume", "dismiss"), queue=None, why=""
            )
    return made


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
        listen, action = getattr(parts["progress"], verb), _with_job(getattr(studio, verb))
        wires.on(listen, action, [parts["project"]], event=True)


def _with_job(action: Callable[[str, str], Updates]) -> Callable[..., Updates]:
    return lambda event, project: action(project, str(event.get("id")))

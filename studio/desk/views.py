"""Plain values for the page: what the browser's modules are given to show."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from studio.controls.components import placed_in
from studio.controls.garment import GARMENT_METHODS, GUIDED, GarmentControl
from studio.controls.sketch import SketchControl
from studio.desk.compose import SKETCH_STOPS, VARY_STOPS, Form, text_stops, word_for
from studio.desk.sheets import colour_of
from studio.desk.table import Difference, differences, in_short
from studio.errors import BadInput
from studio.gallery import JobRecord, Project, Store, Variant
from studio.gallery.layers import Drawing
from studio.garment.parse import Reading
from studio.garment.requests import counted
from studio.garment.vocabulary import COMPONENTS
from studio.request import GenerationRequest, Recorded


def card(
    variant: Variant,
    parent: Variant | None = None,
    small: bool = False,
    job: JobRecord | None = None,
    together: int = 1,
) -> dict[str, Any]:
    """One picture.

    Args:
        parent: the picture that it was made from, to say what has changed.
        small: show its thumbnail instead of the picture itself.
        job: what it was made by, where that is still remembered.
        together: pictures that went through the model at once with it.
    """
    recorded = Recorded.from_json(variant.request)
    request = recorded.request
    changes = differences(Recorded.from_json(parent.request), recorded) if parent else []
    kind = job.kind if job else ""
    garment, sketch = request.get(GarmentControl), request.get(SketchControl)
    usual = "sketch" in recorded.found
    guided = garment is not None and garment.method in GUIDED
    return {
        "id": variant.id,
        "prompt": variant.prompt,
        "seed": variant.seed,
        "seconds": round(variant.seconds, 2),
        "width": variant.width,
        "height": variant.height,
        "starred": variant.starred,
        "trashed": variant.deleted_at is not None,
        "created": round(variant.created * 1000),
        "checks": list(variant.checks),
        "passed": variant.passed,
        "note": variant.note,
        "parent": parent.id if parent else None,
        "parentSeed": parent.seed if parent else None,
        "changes": changes,
        "short": _short(request, changes),
        "job": variant.job_id,
        "kind": kind,
        "index": variant.job_index,
        "together": together,
        "label": _strengths(request) if kind == "sheet" else "",
        "guided": guided,
        "swatch": colour_of(variant.prompt) if kind == "colourways" else None,
        "ink": sketch.picture if sketch and not usual else None,
        "usual": sketch.picture if sketch and usual else None,
        "placed": [
            {"kind": c.kind, "box": [round(v, 4) for v in c.box]}
            for c in placed_in(request)
            if c.box is not None
        ],
        "file": file_name(variant),
        "small": small,
        "settings": {
            "st": request.words.st,
            "sg": garment.sg if garment and guided else None,
            "method": GARMENT_METHODS[garment.method] if garment else None,
            "sketch": sketch.strength if sketch else None,
            "steps": request.sampling.steps,
            "sampler": request.sampling.sampler,
        },
    }


def _strengths(request: GenerationRequest) -> str:
    """What a picture of a sheet of strengths is labelled with."""
    garment = request.get(GarmentControl)
    guided = f" · sG {garment.sg:g}" if garment and garment.method in GUIDED else ""
    return f"sT {request.words.st:g}{guided}"


def _short(request: GenerationRequest, changes: list[Difference]) -> str:
    """What has changed since the parent, in one line; another seed is worth a word only alone."""
    way, start = "", request.start
    if start is not None:
        strongly = start.strength > VARY_STOPS["subtle"]
        way = {
            "try-on": "tried on",
            "repair": "one part anew",
            "vary": "varied strongly" if strongly else "varied a little",
        }[start.kind]
    told = [row for row in changes if row["what"] not in ("Seed", "Starts from", "Variation")]
    parts = [part for part in (way, in_short(told)) if part]
    return " · ".join(parts) or ("only the seed" if changes else "")


def cards(store: Store, variants: Iterable[Variant], small: bool = False) -> list[dict[str, Any]]:
    """Several pictures, each with what has changed since the one that it was made from."""
    listed = list(variants)
    known: dict[str, Variant | None] = {v.id: v for v in listed}
    jobs: dict[str, JobRecord | None] = {}
    for variant in listed:
        parent = variant.parent_variant_id
        if parent and parent not in known:
            known[parent] = _gone_or(store, parent)
        if variant.job_id and variant.job_id not in jobs:
            jobs[variant.job_id] = store.queue.get(variant.job_id)
    batches = {name: _batches(job) for name, job in jobs.items() if job}
    return [
        card(
            v, known.get(v.parent_variant_id or ""), small, jobs.get(v.job_id or ""),
            batches.get(v.job_id or "", {}).get(v.job_index, 1),
        )
        for v in listed
    ]  # fmt: skip


def _batches(job: JobRecord) -> dict[int | None, int]:
    """Index of each picture of a job -> how many go through the model at once with it."""
    counts = [Recorded.from_json(one).request.sampling.count for one in job.requests]
    each = [count for count in counts for _ in range(count)]
    return dict(enumerate(each))


def _gone_or(store: Store, variant_id: str) -> Variant | None:
    """A picture, or None where it was removed for good meanwhile."""
    try:
        return store.variant(variant_id)
    except BadInput:
        return None


def file_name(variant: Variant) -> str:
    """The name of a downloaded picture."""
    return f"{file_stem(variant.prompt, 5, str(variant.seed))}.png"


def file_stem(text: str, most: int, *more: str) -> str:
    """A file's name without its ending, made of letters and digits only: as many words of a text
    at the most, and what more is said."""
    words = "".join(c if c.isascii() and c.isalnum() else " " for c in text).split()
    return "-".join(["toile", *words[:most], *more])[:80].lower()


def masthead(project: Project, projects: Iterable[Project]) -> dict[str, Any]:
    """The open project and all others."""
    return {
        "project": {"id": project.id, "name": project.name},
        "projects": [{"id": p.id, "name": p.name} for p in projects],
    }


def reading(read: Reading) -> dict[str, Any]:
    """What was understood of the prompt, in the order in which a designer would say it.

    `said` gives for a chip the prompt's own words where these say more than it.
    """
    garment = read.garment
    chips: dict[str, str] = {
        name: getattr(garment, name)
        for name in ("colour", "pattern", "fabric", "garment", "neckline")
        if name in read.stated and getattr(garment, name) != "none"
    }
    if "sleeves" in read.stated:
        chips["sleeves"] = (
            "sleeveless" if garment.sleeves == "none" else f"{garment.sleeves} sleeves"
        )
    for name, noun in (("length", "length"), ("fit", "fit")):
        value = getattr(garment, name)
        if name in read.stated and (value != "regular" or name in read.said):
            chips[name] = value if name == "length" and value != "regular" else f"{value} {noun}"
    asked: Counter[str] = Counter()
    for request in read.requests:
        asked[request.kind] += request.count
    found = [
        f"no {COMPONENTS[kind].plural}" if count == 0 else counted(count, kind)
        for kind, count in asked.items()
    ]
    return {
        "garment": list(chips.values()),
        "said": {chips[name]: said for name, said in read.said.items() if name in chips},
        "found": [*found, *(COMPONENTS[kind].plural for kind in read.open if kind not in asked)],
        "scene": [word for word in (read.pose if read.posed else None, read.ground) if word],
        "problems": [*read.problems, *read.notes],
        "unplaced": list(read.unplaced),
        "told": list(read.told),
    }


def notice(
    text: str, tone: str = "info", undo: Mapping[str, str] | None = None
) -> dict[str, dict[str, Any]]:
    """The update that shows a sentence at the foot of the page; `undo` is the act that takes it
    back."""
    return {"notice": {"value": {"text": text, "tone": tone, "undo": dict(undo) if undo else None}}}


def board(strokes: str | None, photo: str | None) -> dict[str, Any]:
    """The drawing on the board as the browser keeps it."""
    return {"doc": strokes or Drawing().to_json(), "photo": photo, "n": 0}


def fields(form: Form, usual_st: float) -> dict[str, dict[str, Any]]:
    """The form's values in their fields; `usual_st` is the sT that suits the model."""
    words = {
        "text_word": word_for(text_stops(usual_st), form.text),
        "sketch_word": word_for(SKETCH_STOPS, form.sketch),
    }
    return {name: {"value": value} for name, value in (asdict(form) | words).items()}

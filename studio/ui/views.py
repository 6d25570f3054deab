"""Plain values for the page: what the browser's modules are given to show."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from studio.gallery import Project, Store, Variant
from studio.garment.parse import Reading
from studio.garment.requests import counted
from studio.garment.spec import Component
from studio.garment.vocabulary import COMPONENTS
from studio.request import GenerationRequest


def card(variant: Variant, parent_seed: int | None = None, small: bool = False) -> dict[str, Any]:
    """One picture. `small` shows its thumbnail instead of the picture itself."""
    request = GenerationRequest.from_json(variant.request)
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
        "parentSeed": parent_seed,
        "file": file_name(variant),
        "small": small,
        "settings": {
            "st": request.st,
            "sketch": request.sketch_control.strength if request.sketch else None,
            "steps": request.steps,
            "sampler": request.sampler,
        },
    }


def cards(store: Store, variants: Iterable[Variant], small: bool = False) -> list[dict[str, Any]]:
    """Several pictures, with the seeds of those that they were varied from."""
    listed = list(variants)
    seeds = {v.id: v.seed for v in listed}
    for variant in listed:
        parent = variant.parent_variant_id
        if parent and parent not in seeds:
            seeds[parent] = store.variant(parent).seed
    return [card(v, seeds.get(v.parent_variant_id or ""), small) for v in listed]


def file_name(variant: Variant) -> str:
    """The name of a downloaded picture, made of letters and digits only."""
    words = "".join(c if c.isascii() and c.isalnum() else " " for c in variant.prompt).split()
    stem = "-".join(["toile", *words[:5], str(variant.seed)])
    return f"{stem[:80].lower()}.png"


def masthead(project: Project, projects: Iterable[Project]) -> dict[str, Any]:
    """The open project and all others."""
    return {
        "project": {"id": project.id, "name": project.name},
        "projects": [{"id": p.id, "name": p.name} for p in projects],
    }


def reading(read: Reading) -> dict[str, Any]:
    """What was understood of the prompt, in the order in which a designer would say it."""
    garment = read.garment
    words = [
        getattr(garment, name)
        for name in ("colour", "pattern", "fabric", "garment", "neckline")
        if name in read.stated and getattr(garment, name) != "none"
    ]
    if "sleeves" in read.stated:
        words.append("sleeveless" if garment.sleeves == "none" else f"{garment.sleeves} sleeves")
    if "length" in read.stated and garment.length != "regular":
        words.append(garment.length)
    if "fit" in read.stated and garment.fit != "regular":
        words.append(f"{garment.fit} fit")
    asked: Counter[str] = Counter()
    for request in read.requests:
        asked[request.kind] += request.count
    return {
        "garment": words,
        "found": [
            f"no {COMPONENTS[kind].plural}" if count == 0 else counted(count, kind)
            for kind, count in asked.items()
        ],
        "problems": list(read.problems),
        "unplaced": list(read.unplaced),
    }


def marks(components: Iterable[Component]) -> list[dict[str, Any]]:
    """Where components will be placed, for the board's dashed marks."""
    return [
        {"kind": c.kind, "point": COMPONENTS[c.kind].point, "box": [round(v, 4) for v in c.box]}
        for c in components
        if c.box is not None
    ]


def notice(text: str, tone: str = "info", undo: Mapping[str, str] | None = None) -> dict[str, Any]:
    """A sentence at the foot of the page; `undo` is the act that takes it back."""
    return {"text": text, "tone": tone, "undo": dict(undo) if undo else None}


def board(strokes: str | None, photo: str | None) -> dict[str, Any]:
    """The board's document as the browser keeps it."""
    return {"doc": strokes or json.dumps({"v": 1, "strokes": []}), "photo": photo, "n": 0}

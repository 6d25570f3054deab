"""The contact sheets of the documentation, made by the product's own engine."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.conditions.board import draw_board
from studio.controls.components import ComponentsControl, placed_in
from studio.controls.sketch import SketchControl
from studio.engine import Engine
from studio.errors import BadInput
from studio.garment.spec import Component, GarmentSpec
from studio.garment.vocabulary import COMPONENTS, GARMENTS
from studio.garment.writer import article
from studio.request import GenerationRequest
from studio.vision.sketch import read_sketch
from trainer.command import Say
from trainer.data import sketches
from trainer.data.wardrobe import HELD_OUT, WardrobeSample, sample
from trainer.evaluation.contact import Cell, contact_sheet, save_jpeg
from trainer.evaluation.garment_sheets import make_garment_sheet
from trainer.evaluation.pictures import Pictures, make_pictures
from trainer.evaluation.prompts import (
    DEFAULT_SKETCH_PROMPT,
    GUIDED,
    PROMPTS,
    SCALES,
    SKETCHED,
)
from trainer.evaluation.studio import Studio, pictures_in
from trainer.evaluation.suites import Sheets

_COMPONENT_COUNT = 12


def ink_picture(ink: NDArray[np.uint8]) -> Image.Image:
    """Ink as dark lines on white paper."""
    return Image.fromarray(255 - ink).convert("RGB")


def board_picture(components: Sequence[Component], size: int = 256) -> Image.Image:
    """The board's component channels, each kind in a colour of its own on white."""
    board = draw_board(None, components, size)[1:]
    shown = np.full((size, size, 3), 255.0)
    for i, channel in enumerate(board):
        hue = i * 180 // len(COMPONENTS)
        colour = cv2.cvtColor(np.array([[[hue, 200, 190]]], np.uint8), cv2.COLOR_HSV2RGB)[0, 0]
        shown += (colour.astype(float) - 255) * channel[..., None]
    return Image.fromarray(np.clip(shown, 0, 255).astype(np.uint8))


def _prompts(studio: Studio) -> Image.Image:
    requests = [studio.asked(p, i) for i, p in enumerate(studio.cut(PROMPTS))]
    made = make_pictures(studio.engine, requests, what="prompts", say=studio.say)
    cells = [Cell((p,), r.words.prompt) for p, r in zip(made, requests, strict=True)]
    return contact_sheet("From words", cells, 6, studio.foot(len(cells)))


def _held_out(
    studio: Studio, wanted: Callable[[WardrobeSample], bool], count: int
) -> list[WardrobeSample]:
    """The first `count` held-out flat lays that are wanted, of different garments."""
    found: list[WardrobeSample] = []
    for i in range(400):
        if len(found) == count:
            break
        one = sample(HELD_OUT + 50_000 + studio.seed + i)
        names = [s.spec.garment.garment for s in found]
        new = names.count(one.spec.garment.garment) <= len(found) // len(GARMENTS)
        if one.spec.scene.mode == "flat" and new and wanted(one):
            found.append(one)
    return found


def _sketches(studio: Studio) -> Image.Image:
    sketched = studio.cut(SKETCHED)
    samples = _held_out(studio, lambda _: True, len(sketched))
    images, requests, inks = Pictures(), [], []
    for i, (one, words) in enumerate(zip(samples, sketched, strict=False)):
        rng = np.random.default_rng([one.seed, 13])
        ink = sketches.shaky(one, rng) if i % 2 else sketches.clean(one)
        inks.append(ink)
        prompt = f"{one.spec.garment.garment}, {words}"
        requests.append(
            studio.asked(prompt, i, SketchControl(picture=images.add(ink)), files=images)
        )
    made = make_pictures(studio.engine, requests, images.held, "sketches", studio.say)
    cells = [
        Cell(
            (ink_picture(ink), picture), f"{request.words.prompt} ({'shaky' if i % 2 else 'clean'})"
        )
        for i, (ink, picture, request) in enumerate(zip(inks, made, requests, strict=True))
    ]
    return contact_sheet("From a sketch and words", cells, 3, studio.foot(len(cells)), lines=2)


def read_prompts(path: Path | None) -> dict[str, str]:
    """File name to prompt. Raises BadInput if the file is not a JSON object of texts."""
    if path is None:
        return {}
    try:
        data = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise BadInput(
            f"{path} cannot be read as JSON; give an object of file names and prompts."
        ) from error
    if not isinstance(data, dict) or not all(isinstance(v, str) for v in data.values()):
        raise BadInput(f"{path} must be a JSON object of file names and prompts.")
    return data


def _real(studio: Studio, folder: Path) -> Image.Image:
    paths = pictures_in(folder, "give a folder with sketches to --sketches")
    prompts = read_prompts(studio.suite.prompts)
    images, requests, inks = Pictures(), [], []
    for path in studio.cut(paths):
        ink = read_sketch(path, 256)
        prompt = prompts.get(path.name, DEFAULT_SKETCH_PROMPT)
        for k in range(2):
            inks.append(ink)
            requests.append(
                studio.asked(prompt, k, SketchControl(picture=images.add(ink)), files=images)
            )
    made = make_pictures(studio.engine, requests, images.held, "real sketches", studio.say)
    cells = [
        Cell((ink_picture(inks[i]), made[i], made[i + 1]), requests[i].words.prompt)
        for i in range(0, len(made), 2)
    ]
    return contact_sheet("From real sketches", cells, 2, studio.foot(len(made)), lines=2)


def _guidance(studio: Studio) -> Image.Image:
    scales = studio.cut(SCALES)
    requests = [studio.asked(GUIDED, 0, st=scale) for scale in scales]
    made = make_pictures(studio.engine, requests, what="guidance", say=studio.say)
    cells = [Cell((p,), f"sT {scale:g}") for p, scale in zip(made, scales, strict=True)]
    foot = f"{studio.command} · one seed ({studio.seed}), {studio.fields['steps']} steps: {GUIDED}"
    return contact_sheet("The same seed under sT 1 to 12", cells, 6, foot, lines=1)


def _named(spec: GarmentSpec) -> str:
    """“a red hoodie, white background”."""
    words = f"{spec.colour} {spec.garment}"
    return f"{words if spec.type.plural else article(words)}, white background"


def _components(studio: Studio) -> Image.Image:
    count = min(studio.suite.limit or _COMPONENT_COUNT, _COMPONENT_COUNT)
    samples = _held_out(studio, lambda s: len(s.spec.garment.components) >= 3, count)
    garments = [one.spec.garment for one in samples]
    requests = [
        studio.asked(_named(garment), i, ComponentsControl(components=garment.components))
        for i, garment in enumerate(garments)
    ]
    made = make_pictures(studio.engine, requests, what="components", say=studio.say)
    cells = [
        Cell((board_picture(placed_in(request)), picture), _told(request))
        for request, picture in zip(requests, made, strict=True)
    ]
    return contact_sheet("Components on the board", cells, 3, studio.foot(len(cells)), lines=2)


def _told(request: GenerationRequest) -> str:
    """The prompt and how many of each kind are on the board."""
    counts = {k: sum(c.kind == k for c in placed_in(request)) for k in COMPONENTS}
    listed = [f"{n} {COMPONENTS[k].plural if n > 1 else k}" for k, n in counts.items() if n]
    return f"{request.words.prompt} · board: {', '.join(listed)}"


def make_sheets(suite: Sheets, command: str, say: Say) -> list[Path]:
    """Make contact sheets; returns the files, `<sheet>.jpg` in `suite.out`.

    A sheet is left out, with a word about it, where its folder is not given or the weights for
    garments are not installed.

    Raises:
        BadInput: a folder or the prompt file cannot be used.
    """
    studio = Studio(suite, Engine(suite.model, device=suite.device), command, say)
    plain = {
        "prompts": _prompts, "sketches": _sketches, "guidance": _guidance,
        "components": _components,
    }  # fmt: skip
    written: list[Path] = []
    for name in suite.sheets:
        if name in plain:
            sheet = plain[name](studio)
        elif name != "real":
            sheet = make_garment_sheet(name, studio)
        elif suite.sketches is not None:
            sheet = _real(studio, suite.sketches)
        else:
            sheet = "give a folder of sketches with --sketches"
        if isinstance(sheet, str):
            say(f"The sheet “{name}” is left out: {sheet}.")
            continue
        save_jpeg(sheet, suite.out / f"{name}.jpg")
        written.append(suite.out / f"{name}.jpg")
    return written

"""The contact sheets of the documentation, made by the product's own engine."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.conditions.board import draw_board
from studio.engine import Engine
from studio.errors import BadInput
from studio.garment.spec import Component, GarmentSpec
from studio.garment.vocabulary import COMPONENTS, GARMENTS
from studio.garment.writer import article
from studio.request import GenerationRequest
from studio.vision.sketch import read_sketch
from trainer.data import sketches
from trainer.data.wardrobe import HELD_OUT, WardrobeSample, sample
from trainer.evaluation import GARMENT_SHEETS
from trainer.evaluation.contact import Cell, contact_sheet, save_jpeg
from trainer.evaluation.garment_sheets import GarmentStudio, garment_method, make_garment_sheet
from trainer.evaluation.pictures import Pictures, make_pictures
from trainer.evaluation.prompts import (
    DEFAULT_SKETCH_PROMPT,
    GUIDED,
    PROMPTS,
    SCALES,
    SKETCHED,
)

Item = TypeVar("Item")
_SKETCH_SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp"}
_COMPONENT_COUNT = 12


@dataclass(frozen=True)
class _Studio:
    """What every sheet needs."""

    engine: Engine
    steps: int
    st: float
    seed: int
    limit: int | None
    command: str
    say: Callable[[str], None]

    def cut(self, items: Sequence[Item]) -> list[Item]:
        """The first `limit` items."""
        return list(items[: self.limit])

    def foot(self, n: int) -> str:
        """The small print of a sheet."""
        how = f"{self.steps} steps, sT {self.st:g}, seed {self.seed}"
        return f"{self.command} · {n} pictures, {how}"


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


def _prompts(studio: _Studio) -> Image.Image:
    prompts = studio.cut(PROMPTS)
    requests = [
        GenerationRequest(prompt=p, seed=studio.seed + i, steps=studio.steps, st=studio.st)
        for i, p in enumerate(prompts)
    ]
    made = make_pictures(studio.engine, requests, what="prompts", say=studio.say)
    cells = [Cell((picture,), prompt) for picture, prompt in zip(made, prompts, strict=True)]
    return contact_sheet("From words", cells, 6, studio.foot(len(cells)))


def _held_out(
    studio: _Studio, wanted: Callable[[WardrobeSample], bool], count: int
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


def _sketches(studio: _Studio) -> Image.Image:
    count = len(SKETCHED) if studio.limit is None else min(studio.limit, len(SKETCHED))
    samples = _held_out(studio, lambda _: True, count)
    images, requests, inks = Pictures(), [], []
    for i, (one, words) in enumerate(zip(samples, SKETCHED, strict=False)):
        rng = np.random.default_rng([one.seed, 13])
        ink = sketches.shaky(one, rng) if i % 2 else sketches.clean(one)
        inks.append(ink)
        requests.append(
            GenerationRequest(
                prompt=f"{one.spec.garment.garment}, {words}", sketch=images.add(ink),
                seed=studio.seed + i, steps=studio.steps, st=studio.st,
            )
        )  # fmt: skip
    made = make_pictures(studio.engine, requests, images.bytes, "sketches", studio.say)
    cells = [
        Cell((ink_picture(ink), picture), f"{request.prompt} ({'shaky' if i % 2 else 'clean'})")
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


def _real(studio: _Studio, folder: Path, prompt_file: Path | None) -> Image.Image:
    if not folder.is_dir():
        raise BadInput(f"There is no folder {folder}; give one with sketches to --sketches.")
    paths = sorted(p for p in folder.iterdir() if p.suffix.lower() in _SKETCH_SUFFIXES)
    if not paths:
        raise BadInput(f"{folder} holds no pictures; give a folder with sketches to --sketches.")
    prompts = read_prompts(prompt_file)
    images, requests, inks = Pictures(), [], []
    for path in studio.cut(paths):
        ink = read_sketch(path, 256)
        for k in range(2):
            inks.append(ink)
            requests.append(
                GenerationRequest(
                    prompt=prompts.get(path.name, DEFAULT_SKETCH_PROMPT),
                    sketch=images.add(ink), seed=studio.seed + k, steps=studio.steps,
                    st=studio.st,
                )
            )  # fmt: skip
    made = make_pictures(studio.engine, requests, images.bytes, "real sketches", studio.say)
    cells = [
        Cell((ink_picture(inks[i]), made[i], made[i + 1]), requests[i].prompt)
        for i in range(0, len(made), 2)
    ]
    return contact_sheet("From real sketches", cells, 2, studio.foot(len(made)), lines=2)


def _guidance(studio: _Studio) -> Image.Image:
    scales = studio.cut(SCALES)
    requests = [
        GenerationRequest(prompt=GUIDED, seed=studio.seed, steps=studio.steps, st=scale)
        for scale in scales
    ]
    made = make_pictures(studio.engine, requests, what="guidance", say=studio.say)
    cells = [Cell((p,), f"sT {scale:g}") for p, scale in zip(made, scales, strict=True)]
    foot = f"{studio.command} · one seed ({studio.seed}), {studio.steps} steps: {GUIDED}"
    return contact_sheet("The same seed under sT 1 to 12", cells, 6, foot, lines=1)


def _named(spec: GarmentSpec) -> str:
    """“a red hoodie, white background”."""
    words = f"{spec.colour} {spec.garment}"
    return f"{words if spec.type.plural else article(words)}, white background"


def _components(studio: _Studio) -> Image.Image:
    count = _COMPONENT_COUNT if studio.limit is None else min(studio.limit, _COMPONENT_COUNT)
    samples = _held_out(studio, lambda s: len(s.spec.garment.components) >= 3, count)
    requests = [
        GenerationRequest(
            prompt=_named(one.spec.garment),
            components=one.spec.garment.components, seed=studio.seed + i, steps=studio.steps,
            st=studio.st,
        )
        for i, one in enumerate(samples)
    ]  # fmt: skip
    made = make_pictures(studio.engine, requests, what="components", say=studio.say)
    cells = [
        Cell((board_picture(request.components), picture), _told(request))
        for request, picture in zip(requests, made, strict=True)
    ]
    return contact_sheet("Components on the board", cells, 3, studio.foot(len(cells)), lines=2)


def _told(request: GenerationRequest) -> str:
    """The prompt and how many of each kind are on the board."""
    counts = {k: sum(c.kind == k for c in request.components) for k in COMPONENTS}
    listed = [f"{n} {COMPONENTS[k].plural if n > 1 else k}" for k, n in counts.items() if n]
    return f"{request.prompt} · board: {', '.join(listed)}"


def _garment_studio(studio: _Studio, sg: float | None, folder: Path | None) -> GarmentStudio | None:
    """For the sheets of garments; None where the model cannot hear any."""
    able, method = studio.engine.capabilities, garment_method(studio.engine)
    if method is None:
        return None
    fields = {
        "steps": studio.steps, "st": studio.st, "sg": able.sg if sg is None else sg,
        "width": able.side, "height": able.side,
    }  # fmt: skip
    return GarmentStudio(
        studio.engine, method, fields, studio.seed, studio.limit, folder, studio.command, studio.say
    )


def make_sheets(
    model: Path,
    out: Path,
    sheets: Sequence[str],
    *,
    seed: int = 0,
    limit: int | None = None,
    steps: int | None = None,
    st: float | None = None,
    device: str | None = None,
    sketch_folder: Path | None = None,
    prompt_file: Path | None = None,
    garment_folder: Path | None = None,
    sg: float | None = None,
    command: str = "",
    say: Callable[[str], None] = print,
) -> list[Path]:
    """Make contact sheets; returns the files, `<sheet>.jpg` in `out`.

    Args:
        model: the family's folder.
        sheets: of `trainer.evaluation.SHEETS`; “real” is left out without `sketch_folder`, and
            those of garments where the weights for garments are not installed.
        limit: pictures per sheet.
        sketch_folder: real sketches; prompt_file: JSON object of file name to prompt.
        garment_folder: real garments and persons; sg: garment guidance, for the garment sheets.
        command: what is told in the small print.

    Raises:
        BadInput: the sketch folder or the prompt file cannot be used.
    """
    engine = Engine(model, device=device)
    able = engine.capabilities
    studio = _Studio(
        engine, steps or able.steps, able.st if st is None else st, seed, limit, command, say
    )
    plain = {
        "prompts": _prompts, "sketches": _sketches, "guidance": _guidance,
        "components": _components,
    }  # fmt: skip
    written: list[Path] = []
    garments = _garment_studio(studio, sg, garment_folder)
    for name in sheets:
        if name in GARMENT_SHEETS:
            if garments is None:
                say(f"The sheet “{name}” is left out: no weights for garments are installed.")
                continue
            made = make_garment_sheet(name, garments)
            if made is None:
                continue
            sheet = made
        elif name == "real":
            if sketch_folder is None:
                say("The sheet “real” is left out: give a folder of sketches with --sketches.")
                continue
            sheet = _real(studio, sketch_folder, prompt_file)
        else:
            sheet = plain[name](studio)
        path = out / f"{name}.jpg"
        save_jpeg(sheet, path)
        written.append(path)
    return written

"""The family judged: does it make what words, components and sketches ask for?

Held-out specifications are told in words, placed on the board, or drawn; the engine makes the
pictures and perception judges them. What perception sees in the true renders of the same
specifications, after the autoencoder's round trip, is the ceiling: no generated picture can be
expected to be read better than that.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.controls.components import ComponentsControl
from studio.controls.sketch import SketchControl
from studio.desk.wish import Wish
from studio.engine import Engine
from studio.garment.caption import Telling, tell
from studio.garment.phrases import GROUND_WORDS
from studio.request import Control, GenerationRequest
from studio.vision.perception import ATTRIBUTES, Seen
from trainer.command import Say
from trainer.data import sketches
from trainer.data.latents import load_vae
from trainer.data.roundtrips import round_trip
from trainer.data.wardrobe import HELD_OUT, WardrobeSample
from trainer.evaluation.held_out import held_out_samples
from trainer.evaluation.measures import (
    Estimate,
    Scores,
    flat_metrics,
    matched_distances,
    overlap,
)
from trainer.evaluation.perception import NEAR
from trainer.evaluation.pictures import Pictures, make_pictures, settled
from trainer.evaluation.result import Result, markdown_table
from trainer.evaluation.suites import Base

COUNTED: tuple[str, ...] = ("button", "pocket")
_BATCH = 100
_WHITE_FROM = 220
"""Grey level between the wardrobe's grounds; held-out flat lays have 239 to 248 and 177 to 202."""


def _add(scores: Scores, name: str, sample: WardrobeSample, value: float) -> None:
    """Add a value, and once more under flat_ where the garment is laid flat."""
    scores.add(name, value)
    if sample.spec.scene.mode == "flat":
        scores.add(f"flat_{name}", value)


def score_words(
    scores: Scores, prefix: str, samples: Sequence[WardrobeSample],
    told: Sequence[Telling], seen: Sequence[Seen],
) -> None:  # fmt: skip
    """Add `<prefix>words_…`: only what a caption states is judged; a pattern that it does not
    name is plain."""
    for sample, telling, answer in zip(samples, told, seen, strict=True):
        garment = sample.spec.garment
        for name in ATTRIBUTES:
            if name in telling.stated or (name == "pattern" and garment.pattern == "plain"):
                right = getattr(answer, name).name == getattr(garment, name)
                _add(scores, f"{prefix}words_{name}", sample, right)
        for kind in COUNTED:
            asked = sum(r.count for r in telling.requests if r.kind == kind)
            if asked:
                right = answer.count(kind) == asked
                _add(scores, f"{prefix}words_{kind}_count", sample, right)


def ground_seen(picture: Image.Image, mask: NDArray[np.uint8]) -> str:
    """Whether a flat lay lies on "white" or on "grey".

    Args:
        picture: RGB, (H, W).
        mask: (H, W), 255 where the garment is; not everywhere.
    """
    level = np.median(np.asarray(picture.convert("L"))[mask < 128])
    return "white" if level >= _WHITE_FROM else "grey"


def score_ground(
    scores: Scores, prefix: str, samples: Sequence[WardrobeSample], told: Sequence[Telling],
    pictures: Sequence[Image.Image], seen: Sequence[Seen],
) -> None:  # fmt: skip
    """Add `<prefix>words_ground`: the ground of flat lays whose caption ends in its name."""
    for sample, telling, picture, answer in zip(samples, told, pictures, seen, strict=True):
        scene = sample.spec.scene
        named = telling.text.rstrip(".").endswith(GROUND_WORDS[scene.ground])
        if scene.mode == "flat" and named and (answer.mask < 128).any():
            right = ground_seen(picture, answer.mask) == scene.ground
            scores.add(f"{prefix}words_ground", right)


def score_board(
    scores: Scores, prefix: str, samples: Sequence[WardrobeSample], seen: Sequence[Seen]
) -> None:
    """Add `<prefix>board_…`: exact counts of the kinds that are on the board, and places."""
    for sample, answer in zip(samples, seen, strict=True):
        asked = sample.spec.garment.components
        kinds = sorted({c.kind for c in asked})
        for kind in kinds:
            wanted = [c for c in asked if c.kind == kind]
            right = answer.count(kind) == len(wanted)
            _add(scores, f"{prefix}board_count", sample, right)
            _add(scores, f"{prefix}board_{kind}_count", sample, right)
            if kind == "button":
                within = abs(answer.count(kind) - len(wanted)) <= 1
                _add(scores, f"{prefix}board_button_within_one", sample, within)
            for distance in matched_distances(wanted, answer.components):
                _add(scores, f"{prefix}board_place", sample, distance <= NEAR)
                _add(scores, f"{prefix}board_{kind}_place", sample, distance <= NEAR)


def score_sketch(
    scores: Scores, name: str, samples: Sequence[WardrobeSample], seen: Sequence[Seen]
) -> None:
    """Add `<name>_iou`: the silhouette seen against the sketched garment's own."""
    for sample, answer in zip(samples, seen, strict=True):
        drawn = sample.garment_mask
        mask = cv2.resize(answer.mask, drawn.shape[::-1], interpolation=cv2.INTER_NEAREST)
        _add(scores, f"{name}_iou", sample, overlap(mask.astype(np.uint8), drawn))


def _requests(
    engine: Engine, part: str, samples: Sequence[WardrobeSample], told: Sequence[Telling],
    images: Pictures, first_seed: int, steps: int, st: float,
) -> list[GenerationRequest]:  # fmt: skip
    """One request a sample: its words, and what the part adds to them.

    "page" is what the studio's page makes of words alone: components in their usual places, the
    garment's usual shape, and the wearer's pose where somebody wears it.
    """
    requests: list[GenerationRequest] = []
    for i, (sample, telling) in enumerate(zip(samples, told, strict=True)):
        controls: tuple[Control, ...] = ()
        if part == "board" and sample.spec.garment.components:
            controls = (ComponentsControl(components=sample.spec.garment.components),)
        elif part == "sketch_clean":
            controls = (SketchControl(picture=images.add(sketches.clean(sample))),)
        elif part == "sketch_shaky":
            rng = np.random.default_rng([sample.seed, 13])
            controls = (SketchControl(picture=images.add(sketches.shaky(sample, rng))),)
        helped = part == "page"
        wish = Wish(
            telling.text, controls=controls, exact=helped, shaped=helped, seed=first_seed + i,
            steps=steps, st=st,
        )  # fmt: skip
        requests.append(settled(engine, images, wish))
    return requests


def evaluate(suite: Base, say: Say) -> Result:
    """Measure a family that has perception; the pictures' seeds begin with the suite's.

    Returns:
        Metrics `<measure>`, `ceiling_<measure>`, `flat_<measure>`, and `ratio_<measure>`.
    """
    count, seed = suite.limit, suite.seed
    engine = Engine(suite.model, device=suite.device)
    steps, st = suite.walk(engine.capabilities)
    vae = load_vae(suite.model / "vae", engine.device)
    scores = Scores()
    for start in range(0, count, _BATCH):
        samples = held_out_samples(min(_BATCH, count - start), seed + start)
        told = [tell(s.spec, np.random.default_rng([s.seed, 17])) for s in samples]
        decoded = round_trip(vae, np.stack([s.picture for s in samples]))
        shown = [Image.fromarray(p) for p in decoded]
        true = engine.see(shown)
        done = f"{start + len(samples)} of {count}"
        for part in suite.parts:
            images = Pictures()
            requests = _requests(engine, part, samples, told, images, seed + start, steps, st)
            made = make_pictures(engine, requests, images.held, f"{part}, up to {done}", say)
            seen = engine.see(made)
            for prefix, pictures, answers in (("", made, seen), ("ceiling_", shown, true)):
                if part in ("words", "page"):
                    name = f"{prefix}page_" if part == "page" else prefix
                    score_words(scores, name, samples, told, answers)
                    score_ground(scores, name, samples, told, pictures, answers)
                elif part == "board":
                    score_board(scores, prefix, samples, answers)
                else:
                    score_sketch(scores, f"{prefix}{part}", samples, answers)
    return _result(scores.estimates(seed), count, seed, steps, st)


def _result(estimates: dict[str, Estimate], count: int, seed: int, steps: int, st: float) -> Result:
    metrics = flat_metrics(estimates) | {"n": count, "seed": seed, "steps": steps, "st": st}
    rows: list[list[str]] = []
    for name, value in estimates.items():
        ceiling = estimates.get(f"ceiling_{name}")
        if ceiling is None:
            continue
        ratio = value.mean / ceiling.mean if ceiling.mean > 0 else float("nan")
        if np.isfinite(ratio):
            metrics[f"ratio_{name}"] = round(ratio, 5)
        flat = estimates.get(f"flat_{name}")
        rows.append(
            [name.replace("_", " "), value.shown(), f"{ceiling.mean:.3f}",
             f"{ratio:.2f}", flat.shown() if flat else "", str(value.n)]
        )  # fmt: skip
    header = ("Asked for", "generated", "ceiling", "of the ceiling", "flat lays only", "n")
    note = (
        f"{count} held-out specifications from seed {HELD_OUT + seed}, {steps} steps, sT {st:g}, "
        "95% bootstrap intervals. The ceiling is what perception reads in the true renders after "
        f"the round trip. A place is right within {NEAR:.0%} of the picture's height; a count is "
        "right only if it is exact."
    )
    return Result("base", markdown_table(header, rows), metrics, (note,))

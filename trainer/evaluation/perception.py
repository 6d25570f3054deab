"""The judge judged: perception on held-out renders, as drawn and after the round trip."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from studio.vision.perception import ATTRIBUTES, KINDS, Perception, Seen
from trainer.data.roundtrips import load_vae, round_trip
from trainer.data.wardrobe import HELD_OUT, WardrobeSample
from trainer.evaluation.held_out import held_out_samples
from trainer.evaluation.measures import Scores, flat_metrics, matched_distances, overlap
from trainer.evaluation.result import Result, markdown_table

NEAR = 0.04
"""A component is in its place if its centre is within this part of the picture's height."""


def score(
    scores: Scores, prefix: str, samples: Sequence[WardrobeSample], seen: Sequence[Seen]
) -> None:
    """Add what was seen in pictures whose truth is known.

    Names: `<prefix>_<attribute>`; `<prefix>_<kind>_count` (exact, all pictures) and
    `<prefix>_<kind>_count_present` (exact, pictures that show any); `<prefix>_place` (share of
    components within NEAR) and `<prefix>_centre_error` (of those found, in parts of the height);
    `<prefix>_place_name`; `<prefix>_mask_iou`.
    """
    for sample, answer in zip(samples, seen, strict=True):
        truth = sample.spec.garment
        for name in ATTRIBUTES:
            scores.add(f"{prefix}_{name}", getattr(answer, name).name == getattr(truth, name))
        for kind in KINDS:
            right = answer.count(kind) == truth.count(kind)
            scores.add(f"{prefix}_{kind}_count", right)
            if truth.count(kind):
                scores.add(f"{prefix}_{kind}_count_present", right)
        names = sorted((c.kind, c.place) for c in truth.components)
        scores.add(
            f"{prefix}_place_names", names == sorted((c.kind, c.place) for c in answer.components)
        )
        for distance in matched_distances(truth.components, answer.components):
            scores.add(f"{prefix}_place", distance <= NEAR)
            if np.isfinite(distance):
                scores.add(f"{prefix}_centre_error", distance)
        scores.add(f"{prefix}_mask_iou", overlap(answer.mask, sample.garment_mask))


def evaluate(
    model: Path, count: int = 500, seed: int = 0, say: Callable[[str], None] = print
) -> Result:
    """Measure `model`/perception on renders and on what `model`/vae makes of them.

    Returns:
        Metrics of `score` with the prefixes `raw` and `round`.
    """
    perception = Perception.load(model / "perception")
    vae = load_vae(model / "vae")
    scores = Scores()
    for start in range(0, count, 100):
        samples = held_out_samples(min(100, count - start), seed + start)
        pictures = np.stack([s.picture for s in samples])
        score(scores, "raw", samples, perception.see(pictures))
        score(scores, "round", samples, perception.see(round_trip(vae, pictures)))
        say(f"perception: {start + len(samples)} of {count}")
    estimates = scores.estimates(seed)
    rows: list[list[str]] = []
    for name in (n.removeprefix("raw_") for n in estimates if n.startswith("raw_")):
        raw, decoded = estimates[f"raw_{name}"], estimates[f"round_{name}"]
        rows.append([name.replace("_", " "), raw.shown(), decoded.shown(), str(decoded.n)])
    table = markdown_table(
        ("Perception on held-out renders", "as drawn", "after the round trip", "n"), rows
    )
    metrics = flat_metrics(estimates) | {"n": count, "seed": seed}
    note = (
        f"Held-out seeds from {HELD_OUT + seed}. Counts are exact counts; “present” are the "
        f"pictures that show any; a place is right within {NEAR:.0%} of the height; 95% bootstrap "
        "intervals."
    )
    return Result("perception", table, metrics, (note,))

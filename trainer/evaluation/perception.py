"""The judge judged: perception on held-out renders, as drawn and after the round trip.

Two sets: the wardrobe as it is trained on, mostly flat lays, and the worn pictures of pairs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.desk.checks import LEFT_OF_A_PATTERN, PATTERNED, SAME_COLOUR
from studio.vision.kept import cloth
from studio.vision.perception import ATTRIBUTES, KINDS, SCENE_ATTRIBUTES, Perception, Seen
from studio.vision.surroundings import FACE_ATTRIBUTES, FLAT
from trainer.command import Say
from trainer.data.latents import load_vae
from trainer.data.pairs import sample_flat, sample_worn
from trainer.data.roundtrips import round_trip
from trainer.data.wardrobe import HELD_OUT, WardrobeSample
from trainer.evaluation import suites
from trainer.evaluation.held_out import held_out_samples
from trainer.evaluation.measures import Estimate, Scores, flat_metrics, matched_distances, overlap
from trainer.evaluation.result import Result, markdown_table

NEAR = 0.04
"""A component is in its place if its centre is within this part of the picture's height."""


def score(
    scores: Scores, prefix: str, samples: Sequence[WardrobeSample], seen: Sequence[Seen]
) -> None:
    """Add what was seen in pictures whose truth is known.

    Names: `<prefix>_<attribute>`; `<prefix>_<kind>_count` (exact, all pictures) and
    `<prefix>_<kind>_count_present` (exact, pictures that show any); `<prefix>_count_sure` (share of
    the counts, of kinds that are there or may be, of which perception has no doubt) and
    `<prefix>_count_right_when_sure` and `_unsure` (exact); `<prefix>_place` (share of
    components within NEAR) and `<prefix>_centre_error` (of those found, in parts of the height);
    `<prefix>_place_names`; `<prefix>_mask_iou`; and, from a network that knows them,
    `<prefix>_<scene attribute>` where the picture has an answer, `<prefix>_joint` (share of the
    joints in the picture that are found within NEAR) and `<prefix>_joint_error`.
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
            if truth.count(kind) or answer.counts.get(kind, (0, 0))[1]:
                scores.add(f"{prefix}_count_sure", answer.sure(kind))
                of = "sure" if answer.sure(kind) else "unsure"
                scores.add(f"{prefix}_count_right_when_{of}", right)
        names = sorted((c.kind, c.place) for c in truth.components)
        scores.add(
            f"{prefix}_place_names", names == sorted((c.kind, c.place) for c in answer.components)
        )
        for distance in matched_distances(truth.components, answer.components):
            scores.add(f"{prefix}_place", distance <= NEAR)
            if np.isfinite(distance):
                scores.add(f"{prefix}_centre_error", distance)
        scores.add(f"{prefix}_mask_iou", overlap(answer.mask, sample.garment_mask))
        if answer.scene is not None:
            _score_surroundings(scores, prefix, sample, answer)


def _score_surroundings(scores: Scores, prefix: str, sample: WardrobeSample, answer: Seen) -> None:
    """An answer that is missing because the scene was wrong is a wrong answer."""
    assert answer.scene is not None
    scene = sample.spec.scene
    person = scene.person
    truth = FLAT if person is None else scene.ground
    scores.add(f"{prefix}_scene", answer.scene.name == truth)
    if person is None:
        return
    for name in SCENE_ATTRIBUTES:
        if name == "scene" or (name in FACE_ATTRIBUTES and sample.face_box is None):
            continue
        guess = getattr(answer, name)
        right = guess is not None and guess.name == getattr(person, name)
        scores.add(f"{prefix}_{name}", right)
    if sample.keypoints is None:
        return
    places = sample.keypoints[:, :2]
    inside = ((places >= 0) & (places < 1)).all(1)
    if answer.keypoints is None:
        errors = np.full(int(inside.sum()), np.inf)
    else:
        errors = np.linalg.norm(answer.keypoints[inside, :2] - places[inside], axis=1)
    for error in errors:
        scores.add(f"{prefix}_joint", error <= NEAR)
        if np.isfinite(error):
            scores.add(f"{prefix}_joint_error", error)


def evaluate(suite: suites.Perception, say: Say) -> Result:
    """Measure the model's perception on renders and on what its autoencoder makes of them.

    `limit` pictures are drawn from the wardrobe, and as many worn pictures of pairs.

    Returns:
        Metrics of `score` with the prefixes `raw` and `round` for the wardrobe, `worn` and
        `wornround` for the worn pictures.
    """
    count, seed = suite.limit, suite.seed
    perception = Perception.load(suite.model / "perception")
    vae = load_vae(suite.model / "vae")
    scores = Scores()

    def judge(samples: Sequence[WardrobeSample], drawn: str, decoded: str) -> None:
        pictures = np.stack([s.picture for s in samples])
        for prefix, shown in ((drawn, pictures), (decoded, round_trip(vae, pictures))):
            seen = perception.see(shown)
            score(scores, prefix, samples, seen)
            if drawn == "worn":
                _score_photos(scores, prefix, samples, shown, seen)

    for start in range(0, count, 100):
        number = min(100, count - start)
        judge(held_out_samples(number, seed + start), "raw", "round")
        first = HELD_OUT + seed + start
        judge([sample_worn(first + i) for i in range(number)], "worn", "wornround")
        say(f"perception: {start + number} of {count}")
    estimates = scores.estimates(seed)
    header = ("as drawn", "after the round trip", "n")
    wardrobe = markdown_table(
        ("Perception on held-out renders", *header), _rows(estimates, "raw", "round")
    )
    worn = markdown_table(
        ("On worn pictures of held-out pairs", *header), _rows(estimates, "worn", "wornround")
    )
    metrics = flat_metrics(estimates) | {"n": count, "seed": seed}
    note = (
        f"Held-out seeds from {HELD_OUT + seed}. Counts are exact counts; “present” are the "
        f"pictures that show any; a place or joint is right within {NEAR:.0%} of the height; 95% "
        "bootstrap intervals."
    )
    return Result("perception", f"{wardrobe}\n\n{worn}", metrics, (note,))


def _score_photos(
    scores: Scores,
    prefix: str,
    worn: Sequence[WardrobeSample],
    pictures: NDArray[np.uint8],
    seen: Sequence[Seen],
) -> None:
    """What the studio says of a garment that is worn beside its photo: the truth is that each has
    the colour and the pattern of its own flat picture, and not those of the next one's, where that
    has another colour.

    Names: `<prefix>_photo_colour`, `<prefix>_photo_pattern` (said to be kept, and it is) and
    `<prefix>_photo_other_colour` (said to be another, and it is).
    """
    flats = [sample_flat(sample.seed) for sample in worn]
    photos = [cloth(Image.fromarray(f.picture), f.garment_mask) for f in flats]
    for i, (picture, answer) in enumerate(zip(pictures, seen, strict=True)):
        made, own, other = (
            cloth(Image.fromarray(picture), answer.mask), photos[i], photos[(i + 1) % len(photos)]
        )  # fmt: skip
        if made is None or own is None:
            continue
        scores.add(f"{prefix}_photo_colour", own.differs(made) <= SAME_COLOUR)
        if own.busy >= PATTERNED:
            kept = made.busy >= own.busy * LEFT_OF_A_PATTERN
            scores.add(f"{prefix}_photo_pattern", kept)
        next_one = worn[(i + 1) % len(worn)].spec.garment.colour
        if other is not None and next_one != worn[i].spec.garment.colour:
            scores.add(f"{prefix}_photo_other_colour", other.differs(made) > SAME_COLOUR)


def _rows(estimates: Mapping[str, Estimate], drawn: str, decoded: str) -> list[list[str]]:
    """A table's rows: each measure as drawn and after the round trip."""
    rows: list[list[str]] = []
    for name in (n.removeprefix(f"{drawn}_") for n in estimates if n.startswith(f"{drawn}_")):
        raw, after = estimates[f"{drawn}_{name}"], estimates.get(f"{decoded}_{name}")
        # Nothing was found after the round trip, so there is no error to tell.
        told = ("–", "0") if after is None else (after.shown(), str(after.n))
        rows.append([name.replace("_", " "), raw.shown(), *told])
    return rows

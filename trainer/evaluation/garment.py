"""Garment-driven synthesis judged: is it this garment, and is it this person in this place?

Every method gets the same held-out garments, prompts and seeds. The family's perception reads
colour, pattern, type and components of the garment, and the scene and the wearer; MP-LPIPS, CAMI-U
and CLIP-I compare with the garment's own picture, CLIP-T with the prompt. The true pictures of the
same garments worn, after the autoencoder's round trip, are the ceiling.

In the specified setting every request also has the true wearer's pose and face. CAMI-S, which is
for this setting, then judges garment, face, words and pose together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.controls.face import READER
from studio.engine import Engine
from studio.errors import BadInput
from studio.vision.perception import Seen
from trainer.command import Say
from trainer.data.latents import load_vae
from trainer.data.roundtrips import round_trip
from trainer.data.wardrobe import HELD_OUT
from trainer.evaluation.garment_metrics.bundled import FaceSpace, judges_for
from trainer.evaluation.garment_metrics.cami import cami_u
from trainer.evaluation.garment_metrics.mp_lpips import MpLpipsMeasure
from trainer.evaluation.garment_metrics.networks import Judges
from trainer.evaluation.garment_metrics.similarity import clip_i, clip_t
from trainer.evaluation.garment_prompts import (
    SWEEP,
    Case,
    able_methods,
    make_cases,
    request_for,
    with_wearers,
)
from trainer.evaluation.garment_wearer import check_specified, score_specified
from trainer.evaluation.measures import Scores, flat_metrics
from trainer.evaluation.peak import PeakMemory
from trainer.evaluation.pictures import Pictures
from trainer.evaluation.report import garment_table
from trainer.evaluation.result import Result
from trainer.evaluation.suites import Garment, Method

_BATCH = 20
_CEILING = "ceiling"


@dataclass
class _Run:
    """What every part needs, and what making pictures has cost so far."""

    engine: Engine
    judges: Judges
    measure: MpLpipsMeasure
    scores: Scores
    memory: PeakMemory
    fields: dict[str, float]
    say: Say
    seconds: dict[str, list[float]] = field(default_factory=dict)
    peaks: dict[str, float] = field(default_factory=dict)


def score_words(scores: Scores, name: str, cases: Sequence[Case], seen: Sequence[Seen]) -> None:
    """Add what perception reads: `<name>_colour`, `_pattern`, `_type`, `_count`, and `_scene` and
    `_person` where its weights know these.

    A count is of one kind that the garment has, and right only if it is exact. Scene and wearer
    are judged by what the prompt says of them; the person's score is the share that is right.
    """
    for case, answer in zip(cases, seen, strict=True):
        truth = case.pair.worn.spec.garment
        scores.add(f"{name}_colour", answer.colour.name == truth.colour)
        scores.add(f"{name}_pattern", answer.pattern.name == truth.pattern)
        scores.add(f"{name}_type", answer.garment.name == truth.garment)
        for kind in sorted({c.kind for c in truth.components}):
            scores.add(f"{name}_count", answer.count(kind) == truth.count(kind))
        if answer.scene is None:
            continue
        guesses = {k: getattr(answer, k) for k in case.stated}
        right = {k: g is not None and g.name == case.stated[k] for k, g in guesses.items()}
        if "scene" in right:
            scores.add(f"{name}_scene", right.pop("scene"))
        if right:
            scores.add(f"{name}_person", float(np.mean(list(right.values()))))


def score_likeness(
    scores: Scores, name: str, cases: Sequence[Case], pictures: Sequence[NDArray[np.uint8]],
    seen: Sequence[Seen], judges: Judges, measure: MpLpipsMeasure,
) -> None:  # fmt: skip
    """Add `<name>_mp_lpips`, `_cami_u`, and `_clip_i` and `_clip_t` where there is a judge.

    Cases with a wearer also get `_pose`, `_face` and `_cami_s`, see `score_specified`.
    """
    flat = [case.pair.flat.picture for case in cases]
    flat_masks = [case.pair.flat.garment_mask for case in cases]
    masks = [answer.mask for answer in seen]
    for one in measure(flat, flat_masks, pictures, masks):
        scores.add(f"{name}_mp_lpips", one.mean)
    garments = cami_u(flat, flat_masks, pictures, masks)
    for other in garments:
        scores.add(f"{name}_cami_u", other.total)
    if judges.words is None:
        return
    for value in clip_i(judges.words, pictures, flat):
        scores.add(f"{name}_clip_i", value)
    captions = clip_t(judges.words, pictures, [case.prompt for case in cases])
    for value in captions:
        scores.add(f"{name}_clip_t", value)
    wearers = [case.wearer for case in cases if case.wearer is not None]
    if judges.faces is not None and wearers:
        score_specified(scores, name, wearers, pictures, seen, judges.faces, garments, captions)


def _judge(
    run: _Run, name: str, cases: Sequence[Case], pictures: Sequence[NDArray[np.uint8]]
) -> None:
    seen = run.engine.see([Image.fromarray(p) for p in pictures])
    score_words(run.scores, name, cases, seen)
    score_likeness(run.scores, name, cases, pictures, seen, run.judges, run.measure)


def _make(
    run: _Run, name: str, method: Method, cases: Sequence[Case], **changes: float
) -> list[NDArray[np.uint8]]:
    """The pictures of a method, one by one as users ask for them, timed after a warm-up."""
    made: list[NDArray[np.uint8]] = []
    how: dict[str, Any] = run.fields | changes
    if name not in run.seconds:
        files = Pictures()
        # With a face, if any, so that every network is loaded before the clock starts.
        first = next((c for c in cases if c.wearer and c.wearer.face is not None), cases[0])
        quick: dict[str, Any] = run.fields | changes | {"steps": 1}
        request = request_for(method, first, files, run.engine, **quick)
        run.engine.generate(request, files.held)
    run.memory.restart()
    seconds = run.seconds.setdefault(name, [])
    for case in cases:
        files = Pictures()
        request = request_for(method, case, files, run.engine, **how)
        run.engine.forget()  # every garment is a new one, as for its first picture
        picture = run.engine.generate(request, files.held)[0]
        seconds.append(picture.seconds)
        made.append(np.asarray(picture.image.convert("RGB"), np.uint8))
    run.peaks[name] = max(run.peaks.get(name, 0.0), run.memory.mib())
    run.say(f"{name}: {len(seconds)} pictures, {median(seconds):.2f} s each")
    return made


def evaluate(suite: Garment, say: Say) -> Result:
    """Measure the ways of dressing somebody in a garment.

    The picture of pair i is made from the suite's seed + i. Methods without weights are left out,
    with a note. With `specified` the true wearer's pose and face are given as well.

    Returns:
        Metrics `<method>_<column>` with intervals, `<method>_seconds` (median),
        `<method>_peak_mib`, `ceiling_<column>`, and `sweep_sg<n>_<column>`. The columns `face`
        and `cami_s` are of the cases that ask for a face; their number is `ceiling_face_n`.

    Raises:
        BadInput: nothing that was asked for can be done, or not with pose and face.
    """
    count, seed, specified = suite.limit, suite.seed, suite.specified
    engine = Engine(suite.model, device=suite.device)
    memory = PeakMemory(engine.device)
    able = engine.capabilities
    chosen, missing = able_methods(suite.methods, able.conditions)
    swept = SWEEP if suite.sweep and "garment" in able.conditions else ()
    if suite.sweep and not swept:
        missing.append("The sweep is left out: the weights for garment are not installed.")
    if not chosen and not swept:
        raise BadInput(" ".join(missing))
    fields = suite.fields(able) | {"dressing": suite.dressing}
    faces = None
    if specified:
        check_specified(able.conditions)
        faces = FaceSpace(engine.load().adapters.get(READER))
    judges, layout = judges_for(engine.load(), faces, say)
    if specified and judges.words is None:
        raise BadInput(
            "CAMI-S needs an image encoder that knows words, and this model has none: measure "
            "without --specified, or train one with `python -m trainer image_encoder`."
        )
    measure = MpLpipsMeasure(judges.points, judges.patches, layout)
    run = _Run(engine, judges, measure, Scores(), memory, fields, say)
    vae = load_vae(suite.model / "vae", engine.device)
    for start in range(0, count, _BATCH):
        cases = make_cases(min(_BATCH, count - start), seed + start)
        if faces is not None:
            cases = with_wearers(cases, faces)
        true = round_trip(vae, np.stack([case.pair.worn.picture for case in cases]))
        _judge(run, _CEILING, cases, list(true))
        for method in chosen:
            _judge(run, method, cases, _make(run, method, method, cases))
        for scale in swept:
            name = f"sweep_sg{scale:g}"
            _judge(run, name, cases, _make(run, name, "magic_clothing", cases, sg=scale))
        say(f"garments: {start + len(cases)} of {count}")
    return _result(run, count, seed, missing)


def _told_specified(metrics: Mapping[str, float]) -> list[str]:
    """How CAMI-S was measured, if it was."""
    poses = metrics.get(f"{_CEILING}_pose_n")
    if poses is None:
        return []
    faces = metrics.get(f"{_CEILING}_face_n", 0)
    return [
        f"The specified setting: all {poses:g} requests also have the true wearer's pose, and "
        f"{faces:g} a picture of the wearer in a white T-shirt for the face. Where the true "
        "picture has no head, or that picture no face that is found, none is asked for: face and "
        "CAMI-S are of the others alone. The pictures' joints are read by the model's own "
        "perception, and their faces by the network that the face condition itself reads with; no "
        "face found counts 0."
    ]


def _result(run: _Run, count: int, seed: int, missing: Sequence[str]) -> Result:
    metrics = flat_metrics(run.scores.estimates(seed)) | run.fields | {"n": count, "seed": seed}
    for name, seconds in run.seconds.items():
        metrics[f"{name}_seconds"] = round(median(seconds), 4)
        metrics[f"{name}_peak_mib"] = round(run.peaks[name], 1)
    fields = run.fields
    notes = [
        f"{count} held-out pairs from seed {HELD_OUT + seed}, {fields['steps']:g} steps, sT "
        f"{fields['st']:g}, sG {fields['sg']:g}, lambda {fields['dressing']:g}; prompts name "
        "person, place and the garment's type; the same seeds for all. Counts are exact counts of "
        "the kinds that the garment has. Person is the share of what the prompt says of the "
        "wearer; the scene is judged where the prompt names it. The true pictures have gone "
        "through the autoencoder.",
        "Seconds are medians for one picture of a garment not seen before, after a warm-up. Peak "
        "is the process's growth while a method made its pictures, above what there was before "
        "the model was loaded; networks that other methods loaded before stay in it.",
        f"Judged by the model's own perception where words are concerned. {run.judges.told()}",
        *_told_specified(metrics),
        *missing,
    ]
    return Result("garment", garment_table(metrics), metrics, notes)

"""What the garment suite asks for: held-out garments with prompts that tell nothing of their cloth.

A prompt names the person, the place and the garment's type. Colour, pattern and components can
come from the garment's picture alone, so that a method that does not look at it cannot be right
but by chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from studio.controls.garment import GarmentControl
from studio.desk.wish import Hears, Wish
from studio.engine import Engine
from studio.garment import phrases
from studio.garment.caption import scene_caption
from studio.garment.spec import Scene
from studio.request import GenerationRequest
from studio.vision.surroundings import FACE_ATTRIBUTES
from trainer.data.pairs import Pair, sample_pair
from trainer.data.wardrobe import HELD_OUT
from trainer.evaluation.garment_metrics.networks import FaceVectors
from trainer.evaluation.garment_wearer import Wearer, controls_for, wearer_of
from trainer.evaluation.pictures import Pictures, settled
from trainer.evaluation.suites import Method

METHODS: dict[Method, tuple[str, frozenset[str]]] = {
    "text_only": ("text only", frozenset()),
    "image_prompt": ("image prompt", frozenset({"image_prompt"})),
    "controlnet_garment": ("ControlNet-Garment", frozenset({"controlnet_garment"})),
    "magic_clothing": ("Magic Clothing", frozenset({"garment"})),
    "imagdressing": ("IMAGDressing", frozenset({"dressing"})),
    "combined": ("both combined", frozenset({"garment", "dressing"})),
    "page": (
        "Magic Clothing, as the page makes it",
        frozenset({"garment", "sketch", "components", "pose"}),
    ),
}
"""Ways to make the pictures: how people call them, and what the model must be able to do."""

SWEEP: tuple[float, ...] = (1.0, 2.0, 3.0, 4.0, 5.0)
"""Garment guidance sG from weak to strong."""

_CAPTION = 31


@dataclass(frozen=True)
class Case:
    """A held-out garment and what is asked for.

    Attributes:
        pair: the garment laid flat, and its true picture with the wearer.
        prompt: person, place and the garment's type.
        stated: what the prompt says of the place (“scene”) and the wearer, attribute to answer.
        seed: of the pictures that are made, the same for all methods.
        wearer: whose pose and face are given too; None where the words alone say who it is.
    """

    pair: Pair
    prompt: str
    stated: dict[str, str]
    seed: int
    wearer: Wearer | None = None


def stated_of(scene: Scene, prompt: str, face_seen: bool = True) -> dict[str, str]:
    """What a scene caption says: of scene, person, skin, hair, hair_style and pose.

    Args:
        face_seen: False leaves out what only a face shows.
    """
    person, prompt = scene.person, prompt.lower()
    if person is None:
        return {}
    said = {"person": person.person}
    if any(words in prompt for words in phrases.GROUND_WORDS[scene.ground]):
        said["scene"] = scene.ground
    skin = [s for w in phrases.SKIN_WORDS[person.skin] for s in (f"{w}-skinned", f"{w} skin")]
    skin += [f"black {who}" for who in phrases.PEOPLE_WORDS[person.person]]
    if any(words in prompt for words in skin):
        said["skin"] = person.skin
    colours = phrases.HAIR_WORDS[person.hair]
    if any(f"{c} {what}" in prompt for c in colours for what in ("hair", "bun")):
        said |= {"hair": person.hair, "hair_style": person.hair_style}
    poses = phrases.POSE_WORDS[person.pose]
    if any(p in prompt or p.replace("her", "his") in prompt for p in poses):
        said["pose"] = person.pose
    return {k: v for k, v in said.items() if face_seen or k not in FACE_ATTRIBUTES}


def make_cases(count: int, seed: int = 0) -> list[Case]:
    """`count` cases from the held-out seeds HELD_OUT + seed onwards."""
    cases: list[Case] = []
    for i in range(seed, seed + count):
        pair = sample_pair(HELD_OUT + i)
        spec = pair.worn.spec
        prompt = scene_caption(spec, np.random.default_rng((_CAPTION, HELD_OUT + i)))
        said = stated_of(spec.scene, prompt, pair.worn.face_box is not None)
        cases.append(Case(pair, prompt, said, i))
    return cases


def with_wearers(cases: Sequence[Case], faces: FaceVectors) -> list[Case]:
    """The same cases with the true wearer's pose and face."""
    return [replace(case, wearer=wearer_of(case.pair.worn, faces)) for case in cases]


def request_for(
    method: Method, case: Case, files: Pictures, engine: Engine, *, model: Hears | None = None,
    sg: float | None = None, dressing: float = 1.0, **how: Any,
) -> GenerationRequest:  # fmt: skip
    """What a method is asked for.

    "page" is what the studio's page makes of the same garment and prompt: the garment's usual
    shape on its wearer, cut as its picture shows it, with the components that the picture shows.

    Args:
        method: of METHODS.
        engine: what looks at the garment for "page". model: what hears it, its own where None.
        sg, dressing: garment guidance, the model's where None, and lambda.
        how: further fields of the wish (steps, st).
    """
    controls = [] if case.wearer is None else controls_for(case.wearer, files)
    if method != "text_only":
        flat = case.pair.flat
        controls.append(
            GarmentControl(
                picture=files.add(flat.picture), mask=files.add(flat.garment_mask),
                method="magic_clothing" if method == "page" else method, weight=dressing,
                sg=(model or engine.capabilities).sg if sg is None else sg,
            )
        )  # fmt: skip
    helped = method == "page"
    wish = Wish(
        case.prompt, controls=tuple(controls), seed=case.seed, exact=helped, shaped=helped, **how
    )
    return settled(engine, files, wish, model)


def able_methods(
    methods: Sequence[Method], conditions: frozenset[str]
) -> tuple[list[Method], list[str]]:
    """Those of the methods that a model can do, and a sentence for each that it cannot."""
    able: list[Method] = []
    missing: list[str] = []
    for name in methods:
        title, needs = METHODS[name]
        lacking = sorted(needs - conditions)
        if lacking:
            missing.append(
                f"{title} is left out: the weights for {' and '.join(lacking)} are not installed."
            )
        else:
            able.append(name)
    return able, missing

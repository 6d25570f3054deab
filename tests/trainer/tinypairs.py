"""Tiny pairs: a coloured box laid flat, and worn by one of a few people with a head."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np

from studio.garment.spec import Person, Scene
from studio.garment.vocabulary import HAIR_COLOURS, SKIN_TONES
from tests.trainer import tinywardrobe as tiny
from trainer.data.pairs import Pairs
from trainer.data.shards import Drawn, make_shards, picture_from_dict, picture_to_dict

_SKIN = dict(zip(SKIN_TONES, ((240, 210, 190), (205, 160, 120), (150, 100, 70), (90, 60, 45)),
                 strict=True))  # fmt: skip
_HAIR = dict(zip(HAIR_COLOURS, ((20, 20, 20), (90, 60, 40), (230, 200, 120), (190, 80, 40),
                                (150, 150, 150)), strict=True))  # fmt: skip


def _scene(drawn: Drawn, scene: Scene, face: tuple[float, ...] | None) -> Drawn:
    spec = dataclasses.replace(picture_from_dict(drawn.record), scene=scene)
    record = {**drawn.record, **picture_to_dict(spec), "face_box": face}
    return dataclasses.replace(drawn, record=record)


def draw_flat(seed: int) -> Drawn:
    """The garment alone."""
    return _scene(tiny.draw(seed), Scene("flat", "white"), None)


def draw_worn(seed: int) -> Drawn:
    """The same garment with a head above it; every sixth has none in the picture."""
    rng = np.random.default_rng(seed // 3)  # three pictures of each person
    skin, hair = str(rng.choice(SKIN_TONES)), str(rng.choice(HAIR_COLOURS))
    scene = Scene("worn", "park", Person("woman", skin, hair))
    drawn = tiny.draw(seed)
    if seed % 6 == 5:
        return _scene(drawn, scene, None)
    x = 100 + seed % 40
    picture = drawn.picture.copy()
    picture[8:56, x - 6 : x + 38] = _HAIR[hair]
    picture[16:56, x : x + 32] = _SKIN[skin]
    face = (x / 256, 16 / 256, (x + 32) / 256, 56 / 256)
    return _scene(dataclasses.replace(drawn, picture=picture), scene, face)


def pairs(folder: Path, count: int = 12) -> Pairs:
    """A few pairs in two shards."""
    for part, draw in (("flat", draw_flat), ("worn", draw_worn)):
        make_shards(folder / part, count, 0, draw, 0, count // 2, lambda _: None)
    return Pairs.of(folder)

"""A tiny wardrobe and tiny models: the trainer's real code on a few pictures, in seconds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from studio.garment.flats import place
from studio.garment.spec import Component, GarmentSpec, Person, PictureSpec, Scene
from studio.garment.vocabulary import COLOURS
from trainer.data.shards import Drawn, Shards, make_shards, picture_to_dict


def draw(seed: int) -> Drawn:
    """A coloured box on a light ground with as many dark dots as the specification's buttons."""
    rng = np.random.default_rng(seed)
    colour = list(COLOURS)[int(rng.integers(len(COLOURS)))]
    buttons = tuple(Component("button", "centre front") for _ in range(int(rng.integers(1, 5))))
    garment = place(
        GarmentSpec("shirt", colour, neckline="shirt collar", sleeves="long", components=buttons)
    )
    worn = bool(rng.random() < 0.5)
    scene = Scene("worn", "park", Person()) if worn else Scene("flat", "white")
    picture = np.full((256, 256, 3), 235, np.uint8)
    mask = np.zeros((256, 256), np.uint8)
    mask[40:220, 70:186] = 255
    picture[mask > 0] = COLOURS[colour].rgb
    ink = np.zeros((256, 256), np.uint8)
    ink[40:220, (70, 185)] = 255
    for c in garment.of("button"):
        assert c.centre is not None
        x, y = (int(v * 255) for v in c.centre)
        picture[y - 3 : y + 4, x - 3 : x + 4] = 20
    inks = {"clean": ink, "extracted": ink, "shaky": np.roll(ink, 1, 1)}
    record: dict[str, Any] = {"seed": seed, **picture_to_dict(PictureSpec(garment, scene)),
                              "face_box": None, "keypoints": None}  # fmt: skip
    return Drawn(picture, mask, inks, record)  # type: ignore[arg-type]


def shards(folder: Path, count: int = 12) -> Shards:
    """A few pictures in two shards."""
    return Shards(
        make_shards(folder, count, draw=draw, workers=0, shard_size=count // 2, say=lambda _: None)
    )


LOOP: dict[str, Any] = {
    "steps": 2, "batch_size": 2, "log_steps": 1, "sample_minutes": None, "threads": 1,
}  # fmt: skip
VAE: dict[str, Any] = {
    "channels": 16, "encoder_blocks": (0, 1, 1, 1), "decoder_blocks": (1, 1, 1, 0),
    "crop_pixels": 64,
}  # fmt: skip
TEXT_SHAPE = {"width": 32, "layers": 1, "heads": 2, "inner": 32}
UNET_SHAPE: dict[str, Any] = {
    "channels": (16, 32), "attention": (False, True), "heads": (2, 2), "groups": 8,
}  # fmt: skip

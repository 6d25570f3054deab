"""Boxes of necklines and heads: where the wardrobe's pictures have them."""

from typing import Any

import numpy as np
import pytest

from studio.garment.spec import GarmentSpec, Person, PictureSpec, Scene
from trainer.data.places import grid_of, head_box, neckline_box
from trainer.data.shards import drawn_sample
from trainer.data.wardrobe import render

FLAT, WORN = Scene(), Scene("worn", "park", Person())


def shown(garment: GarmentSpec, scene: Scene) -> tuple[dict[str, Any], np.ndarray, np.ndarray]:
    """Record, garment mask and picture."""
    drawn = drawn_sample(render(PictureSpec(garment, scene), 3))
    return drawn.record, drawn.garment, drawn.picture


@pytest.mark.parametrize("scene", [FLAT, WORN], ids=["flat", "worn"])
@pytest.mark.parametrize("garment", ["t-shirt", "dress", "coat"])
def test_another_neckline_changes_the_picture_in_its_box(garment: str, scene: Scene) -> None:
    two = [n for n in GarmentSpec(garment).type.necklines if n != "hood"][:2]
    specs = [GarmentSpec(garment, fabric="cotton", neckline=n, sleeves="short") for n in two]
    (record, mask, one), (_, _, other) = (shown(spec, scene) for spec in specs)
    changed = np.abs(one.astype(int) - other).sum(-1) > 60
    box = neckline_box(record, mask)
    assert box is not None
    inside = grid_of(box, 256)
    assert changed[inside].sum() > 0.7 * changed.sum() > 0
    assert inside.mean() < 0.15


def test_what_has_no_neckline_or_face_has_no_box() -> None:
    skirt = GarmentSpec("skirt", neckline="none", sleeves="none")
    record, mask, _ = shown(skirt, FLAT)
    assert neckline_box(record, mask) is None
    assert not grid_of(None, 32).any()
    blank = {**record, "garment": GarmentSpec("dress").to_dict()}
    assert neckline_box(blank, np.zeros_like(mask)) is None


def test_a_head_is_more_than_a_face() -> None:
    record, _, picture = shown(GarmentSpec("dress"), WORN)
    other = Scene("worn", "park", Person(hair="blond"))
    _, _, blonde = shown(GarmentSpec("dress"), other)
    face = record["face_box"]
    box = head_box(face)
    assert box[0] < face[0] and box[1] < face[1] and box[2] > face[2] and box[3] > face[3]
    changed = np.abs(picture.astype(int) - blonde).sum(-1) > 60
    assert changed[grid_of(box, 256)].sum() > 0.7 * changed.sum() > 0

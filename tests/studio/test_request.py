"""The request: what decides a picture, checked when it is made, the same after a round trip."""

import json
import math
from dataclasses import fields, replace

import pytest

from studio.errors import BadInput
from studio.garment.spec import Component, GarmentSpec
from studio.request import MAX_SEED, Control, GenerationRequest, ImageRef, Pose, Style

SHA = "a" * 64
FULL = GenerationRequest(
    prompt="a navy coat – “wool”, 5 buttons 👗",
    negative_prompt="hat",
    garment=GarmentSpec("coat", "navy", components=(Component("belt", "waist"),)),
    components=(Component("button", "centre front", (0.4, 0.3, 0.5, 0.35)),),
    sketch=ImageRef(SHA),
    usual_shape=True,
    own_pose=True,
    shown_components=True,
    sketch_control=Control(0.5, 0.1, 0.9),
    component_control=Control(1.5),
    init_image=ImageRef("b" * 64),
    vary_strength=0.3,
    mask=ImageRef("c" * 64),
    garment_image=ImageRef("e" * 64),
    garment_mask=ImageRef("f" * 64),
    garment_part="upper",
    garment_method="combined",
    garment_control=Control(0.8),
    dressing=0.7,
    pose=Pose(((0.5, 0.1), (0.5, 0.2), *(None,) * 16)),
    read_pose=True,
    pose_control=Control(0.6),
    face_image=ImageRef("1" * 64),
    face_control=Control(0.9),
    styles=(Style("ink.safetensors", "2" * 64, 0.5),),
    st=4.0,
    sg=1.0,
    guidance_form="independent",
    steps=8,
    sampler="ddim",
    seed=12,
    count=4,
    width=128,
    height=192,
    model="other",
    weights="d" * 64,
)


def test_every_field_survives_a_round_trip():
    plain = GenerationRequest(prompt="x")
    assert all(getattr(FULL, f.name) != getattr(plain, f.name) for f in fields(FULL))
    assert GenerationRequest.from_json(FULL.to_json()) == FULL
    assert GenerationRequest.from_json(plain.to_json()) == plain


def test_defaults_are_left_out():
    assert GenerationRequest(prompt="a coat").to_dict() == {"format": 1, "prompt": "a coat"}


@pytest.mark.parametrize(
    "change",
    [
        {"garment_method": "copy"},
        {"garment_part": "hat"},
        {"garment_mask": ImageRef(SHA)},
        {"guidance_form": "both"},
        {"usual_shape": True},
        {"shown_components": 1},
        {"usual_shape": 1, "sketch": ImageRef(SHA)},
        {"dressing": 3},
        {"dressing": float("nan")},
        {"pose": ()},
        {"styles": (Style("a", SHA),) * 9},
        {"steps": 0},
        {"steps": -3},
        {"steps": True},
        {"steps": 2.5},
        {"seed": 2**70},
        {"seed": -1},
        {"seed": MAX_SEED, "count": 2},
        {"st": math.nan},
        {"st": math.inf},
        {"sg": -1.0},
        {"vary_strength": 0.0},
        {"vary_strength": math.nan},
        {"count": 0},
        {"count": -2},
        {"count": 17},
        {"width": 250},
        {"height": 0},
        {"width": 20_000},
        {"sampler": "euler"},
        {"prompt": "x" * 2001},
        {"prompt": "broken \ud800"},
        {"prompt": "   "},
        {"mask": ImageRef(SHA)},
        {"components": (Component("button", "centre front"),) * 65},
        {"model": ""},
    ],
)
def test_unusable_values_are_refused_in_one_sentence(change):
    with pytest.raises(BadInput) as error:
        replace(GenerationRequest(prompt="a coat"), **change)
    text = str(error.value)
    assert text.endswith(".") and "\n" not in text and len(text) < 200


@pytest.mark.parametrize(
    "data",
    [
        "{",
        "[]",
        "null",
        '{"prompt": "a", "colour": "red"}',
        '{"prompt": "a", "st": NaN}',
        '{"prompt": "a", "format": 2}',
        '{"prompt": 5}',
        '{"prompt": "a", "components": [{"kind": "button"}]}',
        '{"prompt": "a", "components": [{"kind": "wing", "place": "neck"}]}',
        '{"prompt": "a", "components": [{"kind": "button", "place": "neck", "box": [0, 1]}]}',
        '{"prompt": "a", "components": [{"kind":"bow","place":"neck","box":[0,0,2,1]}]}',
        '{"prompt": "a", "sketch": "nope"}',
        '{"prompt": "a", "sketch_control": {"power": 1}}',
        '{"prompt": "a", "sketch_control": {"start": 0.5, "end": 0.5}}',
        '{"prompt": "a", "garment": {"garment": "rocket"}}',
    ],
)
def test_hostile_json_is_refused_in_one_sentence(data):
    with pytest.raises(BadInput):
        GenerationRequest.from_json(data)


def test_an_empty_prompt_is_allowed_where_something_else_says_what_to_make():
    GenerationRequest(sketch=ImageRef(SHA))
    GenerationRequest(components=(Component("bow", "neck"),))
    GenerationRequest(garment=GarmentSpec("coat"))
    GenerationRequest(init_image=ImageRef(SHA))


def test_a_picture_of_a_batch_has_its_own_request():
    batch = GenerationRequest(prompt="a coat", seed=7, count=3)
    assert batch.picture(2) == GenerationRequest(prompt="a coat", seed=9, count=1)


def test_control_acts_in_its_part_of_the_way():
    control = Control(1.0, 0.25, 0.75)
    assert [control.acts(i, 4) for i in range(4)] == [False, True, True, False]
    assert not Control(0.0).acts(0, 4)


def test_json_is_one_plain_line():
    assert "\n" not in FULL.to_json() and json.loads(FULL.to_json())["sketch"] == SHA

"""The request: what decides a picture, checked when it is made, the same after a round trip."""

import json
import math

import pytest

from studio.controls.garment import GarmentControl
from studio.controls.pose import PoseControl
from studio.controls.sketch import SketchControl
from studio.controls.style import StyleControl
from studio.errors import BadInput
from studio.garment.spec import Component, GarmentSpec
from studio.request import MAX_SEED, Control, GenerationRequest, Pose, Recorded, Start, Words
from studio.request.format1 import upgraded
from tests.flat import flattened, recorded_of, request_of

SHA = "a" * 64
FULL = recorded_of(
    prompt="a navy coat – “wool”, 5 buttons 👗",
    negative_prompt="hat",
    garment=GarmentSpec("coat", "navy", components=(Component("belt", "waist"),)),
    components=(Component("button", "centre front", (0.4, 0.3, 0.5, 0.35)),),
    sketch=SHA,
    usual_shape=True,
    own_pose=True,
    shown_components=True,
    sketch_control=Control(strength=0.5, start=0.1, end=0.9),
    component_control=Control(strength=1.5),
    init_image="b" * 64,
    vary_strength=0.3,
    mask="c" * 64,
    garment_image="e" * 64,
    garment_mask="f" * 64,
    garment_part="upper",
    garment_method="combined",
    garment_control=Control(strength=0.8),
    dressing=0.7,
    pose=Pose(joints=((0.5, 0.1), (0.5, 0.2), *(None,) * 16)),
    pose_control=Control(strength=0.6),
    face_image="1" * 64,
    face_control=Control(strength=0.9),
    styles=(StyleControl(name="ink.safetensors", sha256="2" * 64, strength=0.5),),
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
    plain = recorded_of(prompt="x")
    usual = flattened(plain)
    assert all(
        value != usual.get(name) for name, value in flattened(FULL).items() if name != "read_pose"
    )
    assert Recorded.from_json(FULL.to_json()) == FULL
    assert Recorded.from_json(plain.to_json()) == plain


def test_defaults_are_left_out():
    told = json.loads(recorded_of(prompt="a coat").to_json())
    assert told == {"format": 2, "request": {"words": {"prompt": "a coat"}}}


def test_a_request_of_the_first_form_is_read_as_what_it_was():
    """Flat, with marks of what was found among the values, and a start told by its strength."""
    first = {
        "format": 1, "prompt": "a coat", "negative_prompt": "hat", "st": 4, "steps": 8, "seed": 3,
        "sketch": SHA, "usual_shape": True, "sketch_control": {"strength": 0.6, "end": 0.6},
        "components": [{"kind": "button", "place": "centre front", "box": [0.4, 0.3, 0.5, 0.4]}],
        "garment_image": "b" * 64, "garment_mask": "c" * 64, "sg": 3, "dressing": 0.5,
        "pose": [[0.5, 0.1], [0.5, 0.2], *[None] * 16], "read_pose": True,
        "init_image": "d" * 64, "mask": "e" * 64, "vary_strength": 0.8,
        "styles": [{"name": "ink", "sha256": "f" * 64, "scale": 0.5}], "weights": "0" * 64,
    }  # fmt: skip
    kept = Recorded.from_json(json.dumps(first))
    request = kept.request
    assert request.words == Words(prompt="a coat", negative="hat", st=4)
    assert (request.sampling.steps, request.sampling.seed) == (8, 3)
    assert [c.kind for c in request.controls] == [
        "sketch", "components", "pose", "garment", "style"
    ]  # fmt: skip
    assert request.get(SketchControl) == SketchControl(picture=SHA, strength=0.6, end=0.6)
    garment = request.get(GarmentControl)
    assert garment and (garment.sg, garment.weight, garment.mask) == (3, 0.5, "c" * 64)
    assert request.start == Start(kind="try-on", picture="d" * 64, mask="e" * 64, strength=0.8)
    assert request.all(StyleControl)[0].strength == 0.5
    assert request.model.weights == "0" * 64
    assert kept.found == {"sketch": "usual_shape", "pose": "person"}
    assert kept.given(PoseControl) is None and kept.given(GarmentControl) is garment


@pytest.mark.parametrize(
    ("garment", "strength", "kind"),
    [
        (True, 0.8, "try-on"), (True, 1.0, "try-on"), (True, 0.9, "repair"), (True, 0.45, "vary"),
        # Without a garment nobody tries one on, whatever the strength is.
        (False, 0.8, "repair"), (False, 1.0, "repair"), (False, 0.9, "repair"),
    ],
)  # fmt: skip
def test_how_a_masked_start_of_the_first_form_was_meant(garment: bool, strength: float, kind: str):
    first: dict[str, object] = {
        "prompt": "a coat", "init_image": SHA, "mask": SHA, "vary_strength": strength
    }  # fmt: skip
    if garment:
        first["garment_image"] = SHA
    start = Recorded.from_json(json.dumps(first)).request.start
    assert start is not None and start.kind == kind


def test_what_was_found_goes_with_what_it_marks():
    kept = recorded_of(prompt="a coat", sketch=SHA, usual_shape=True)
    assert kept.with_request(kept.request.without(SketchControl)).found == {}
    with pytest.raises(BadInput):
        Recorded(request=kept.request.without(SketchControl), found={"sketch": "usual_shape"})


def test_one_of_a_kind_but_for_styles_and_always_in_one_order():
    style = StyleControl(name="ink", sha256=SHA)
    sketch, garment = SketchControl(picture=SHA), GarmentControl(picture=SHA)
    one = GenerationRequest(controls=(style, garment, sketch, style))
    assert one == GenerationRequest(controls=(sketch, garment, style, style))
    with pytest.raises(BadInput, match="too many at once"):
        GenerationRequest(controls=(sketch, sketch))
    assert one.files() == {
        "sketch": SHA, "garment_image": SHA, "style 1": SHA, "style 2": SHA
    }  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"garment_image": SHA, "garment_method": "copy"},
        {"garment_image": SHA, "garment_part": "hat"},
        {"garment_mask": SHA},
        {"garment_image": SHA, "guidance_form": "both"},
        {"usual_shape": True},
        {"shown_components": 1},
        {"usual_shape": 1, "sketch": SHA},
        {"garment_image": SHA, "dressing": 3},
        {"garment_image": SHA, "dressing": float("nan")},
        {"pose": ()},
        {"styles": [{"name": "a", "sha256": SHA}] * 9},
        {"steps": 0},
        {"steps": -3},
        {"steps": True},
        {"steps": 2.5},
        {"seed": 2**70},
        {"seed": -1},
        {"seed": MAX_SEED, "count": 2},
        {"st": math.nan},
        {"st": math.inf},
        {"garment_image": SHA, "sg": -1.0},
        {"init_image": SHA, "vary_strength": 0.0},
        {"init_image": SHA, "vary_strength": math.nan},
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
        {"mask": SHA},
        {"components": (Component("button", "centre front"),) * 65},
        {"model": ""},
    ],
)
def test_unusable_values_are_refused_in_one_sentence(change):
    with pytest.raises(BadInput) as error:
        Recorded(**upgraded({"prompt": "a coat"} | change))
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
        '{"prompt": "a", "format": 3}',
        '{"prompt": 5}',
        '{"prompt": "a", "components": [{"kind": "button"}]}',
        '{"prompt": "a", "components": [{"kind": "wing", "place": "neck"}]}',
        '{"prompt": "a", "components": [{"kind": "button", "place": "neck", "box": [0, 1]}]}',
        '{"prompt": "a", "components": [{"kind":"bow","place":"neck","box":[0,0,2,1]}]}',
        '{"prompt": "a", "sketch": "nope"}',
        json.dumps({"prompt": "a", "sketch": SHA, "sketch_control": {"power": 1}}),
        json.dumps({"prompt": "a", "sketch": SHA, "sketch_control": {"start": 1, "end": 1}}),
        '{"prompt": "a", "garment": {"garment": "rocket"}}',
        '{"format": 2}',
        '{"format": 2, "request": {"words": {"prompt": "a"}, "found": {}}}',
        '{"format": 2, "request": {"words": {"prompt": "a", "colour": "red"}}}',
        '{"format": 2, "request": {"words": {"prompt": "a"}, "controls": [{"kind": "wings"}]}}',
        '{"format": 2, "request": {"words": {"prompt": "a"}, "controls": [{"kind": []}]}}',
        '{"format": 2, "request": {"words": {"prompt": "a"}}, "found": {"sketch": "person"}}',
        json.dumps(
            {
                "format": 2,
                "request": {"prompt": "a", "start": {"kind": "repair", "picture": SHA}},
            }
        ),
    ],
)
def test_hostile_json_is_refused_in_one_sentence(data):
    with pytest.raises(BadInput):
        Recorded.from_json(data)


def test_an_empty_prompt_is_allowed_where_something_else_says_what_to_make():
    request_of(sketch=SHA)
    request_of(components=(Component("bow", "neck"),))
    request_of(garment=GarmentSpec("coat"))
    request_of(init_image=SHA)


def test_a_picture_of_a_batch_has_its_own_request():
    batch = request_of(prompt="a coat", seed=7, count=3)
    assert batch.picture(2) == request_of(prompt="a coat", seed=9, count=1)


def test_control_acts_in_its_part_of_the_way():
    control = Control(strength=1.0, start=0.25, end=0.75)
    assert [control.acts(i, 4) for i in range(4)] == [False, True, True, False]
    assert not Control(strength=0.0).acts(0, 4)


def test_json_is_one_plain_line():
    assert (
        "\n" not in FULL.to_json()
        and json.loads(FULL.to_json())["request"]["controls"][0]["picture"] == SHA
    )

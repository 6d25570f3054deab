"""What stands in where nothing is drawn, and when a garment photo says which shape that is."""

import io
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from studio.controls.garment import GarmentControl
from studio.desk import shape
from studio.desk.wish import Held
from studio.errors import BadInput
from studio.garment.parse import parse_prompt
from studio.garment.placement import components_as_shown
from studio.garment.shape import shape_as_shown, usual_shape
from studio.garment.spec import Component, GarmentSpec
from studio.garment.vocabulary import POSES
from studio.request import Pose
from studio.vision.framing import from_board
from studio.vision.garment_mask import GarmentMask, garment_mask
from studio.vision.perception import Perception, Seen
from studio.vision.pictures import read_ink
from studio.vision.poses import preset_pose
from tests.flat import Flat, flat, flat_of, replace
from tests.settled import Hearing
from trainer.data.pairs import sample_flat
from trainer.data.wardrobe import HELD_OUT

ALL = {"sketch", "components", "pose"}
SHA = "a" * 64


def with_usual_shape(
    request: Flat, conditions: set[str], eyes: Any, files: Held
) -> tuple[Flat, dict[str, bytes]]:
    """With the usual shape, and the files that are new with it; without eyes the model sees
    nothing."""
    before = set(files.held)
    model = Hearing(frozenset(conditions), sees=eyes is not None)
    made = shape.with_usual_shape(request.kept, model, eyes, files)
    return flat(made), {sha: files.held[sha] for sha in set(files.held) - before}


def shaped(request: Flat, conditions: set[str] = ALL) -> Flat:
    """With the usual shape, no garment photo being looked at."""
    return with_usual_shape(request, conditions, None, Held())[0]


def same_lines(one: Flat, other: Flat) -> bool:
    """Whether two requests have the same usual lines, but for rounding."""
    inks = []
    for request in (one, other):
        assert request.sketch is not None
        bare = replace(request, sketch=None, usual_shape=False, own_pose=False)
        asked = bare if request.own_pose else replace(bare, pose=None)
        files = with_usual_shape(asked, ALL, None, Held())[1]
        inks.append(read_ink(files[request.sketch]).astype(int))
    return float(np.abs(inks[0] - inks[1]).mean()) < 0.2


def test_a_named_garment_gets_its_lines_and_says_that_nobody_drew_them():
    asked = flat_of(prompt="a navy coat")
    request, files = with_usual_shape(asked, ALL, None, Held())
    assert request.sketch is not None and request.usual_shape and request.pose is None
    flat = usual_shape(parse_prompt("a navy coat"))
    assert flat is not None
    assert np.array_equal(read_ink(files[request.sketch]), flat.ink(256))
    assert replace(request, sketch=None, usual_shape=False) == asked


def test_a_worn_garment_also_gets_its_wearers_pose():
    request = shaped(flat_of(prompt="a woman in a coat, hands on hips"))
    other = shaped(flat_of(prompt="a woman in a coat"))
    assert request.pose is not None and other.pose not in (None, request.pose)


@pytest.mark.parametrize(
    "request_",
    [
        flat_of(prompt="something blue"),
        flat_of(prompt="a woman in a park"),
        flat_of(prompt="a coat", sketch=SHA),
        flat_of(prompt="in a park", pose=preset_pose("standing")),
        flat_of(prompt="a coat", pose=Pose(joints=(None,) * 8 + ((0.4, 0.5), (0.4, 0.8)) * 5)),
        flat_of(prompt="a woman in a coat", init_image=SHA),
        flat_of(prompt="a coat", face_image=SHA),
    ],
    ids=[
        "no garment",
        "no garment on somebody",
        "drawn",
        "posed without a garment",
        "legs alone for a coat",
        "started",
        "a face",
    ],
)
def test_whoever_says_how_it_lies_is_left_alone(request_: Flat):
    assert shaped(request_) == request_


@pytest.mark.parametrize("name", POSES)
def test_lines_are_drawn_on_the_body_whose_pose_is_given(name: str):
    named = shaped(flat_of(prompt=f"a woman in a coat, {name}"))
    given = shaped(flat_of(prompt="a coat", pose=named.pose))
    assert given.usual_shape and same_lines(given, named)
    # The pose stays the user's: “Use settings” brings it back, and the lines are found again.
    assert given.own_pose and given.given_pose == named.pose and named.given_pose is None


def test_a_given_pose_in_a_tall_picture_has_the_lines_where_the_body_is():
    square = shaped(flat_of(prompt="a woman in a shirt"))
    tall = shaped(flat_of(prompt="a woman in a shirt", width=128, height=256))
    posed = flat_of(prompt="a shirt", pose=tall.pose, width=128, height=256)
    assert same_lines(shaped(posed), square)


def test_a_face_goes_with_a_garment_on_a_body():
    assert shaped(flat_of(prompt="a woman in a coat", face_image=SHA)).usual_shape


def test_a_model_gets_only_what_it_hears():
    asked = flat_of(prompt="a woman in a coat")
    assert shaped(asked, {"text", "vary"}) == asked
    lines = shaped(asked, {"sketch"})
    assert lines.usual_shape and lines.pose is None
    figure = shaped(asked, {"pose"})
    assert figure.pose is not None and figure.sketch is None and not figure.usual_shape


def test_the_pose_lies_on_the_lines_in_a_picture_that_is_no_square():
    asked = flat_of(prompt="a woman in a coat")
    square, tall = shaped(asked), shaped(replace(asked, width=128, height=256))
    assert square.pose is not None and tall.pose is not None
    for one, other in zip(square.pose.joints, tall.pose.joints, strict=True):
        assert (one is None) == (other is None)
        if one and other:
            assert other == pytest.approx((one[0], 0.25 + one[1] / 2))
    assert from_board(0.3, 0.7, 64, 64) == pytest.approx((0.3, 0.7))


# A garment photo


class Eyes:
    """The bundled perception; what its views agree about is changed by `agreed`, and what it sees
    in the photo by `says`."""

    def __init__(
        self, perception: Perception, agreed: dict[str, object] | None = None, **says: object
    ) -> None:
        self.perception, self.agreed, self.says = perception, agreed or {}, says

    def see(self, images: Sequence[Image.Image]) -> list[Seen]:
        return [replace(s, **self.says) for s in self.perception.see(images)]  # type: ignore[arg-type]

    def garment_mask(
        self, picture: Image.Image, part: str = "auto", mask: np.ndarray | None = None
    ) -> GarmentMask:
        asked: object = part
        found = garment_mask(picture, asked, perception=self.perception, mask=mask)  # type: ignore[arg-type]
        assert found.told is not None
        agreed = replace(found.told.agreed, **self.agreed)  # type: ignore[arg-type]
        return replace(found, told=replace(found.told, agreed=agreed))


@pytest.fixture(scope="module")
def perception(family_folder: Path) -> Perception:
    return Perception.load(family_folder / "perception")


def png(pixels: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


class Photo:
    """A request with a garment photo from the held-out wardrobe, and its files."""

    def __init__(self, seed: int, prompt: str = "a woman in the park wearing this") -> None:
        self.sample = sample_flat(HELD_OUT + seed)
        self.files = Held()
        photo = self.files.keep_picture(png(self.sample.picture))
        self.request = flat_of(prompt=prompt, garment_image=photo)

    def shown(self, eyes: Eyes, **changes: object) -> GarmentSpec | None:
        garment = replace(self.request, **changes).kept.request.get(GarmentControl)
        assert garment is not None
        looks: Any = eyes  # of what a desk asks its eyes, only these two are asked here
        return shape.shown_garment(garment, looks, self.files)

    def masked(self, mask: np.ndarray) -> dict[str, str]:
        """A change of the request: the user's own mask."""
        return {"garment_mask": self.files.keep_picture(png(mask))}


@pytest.fixture(scope="module")
def known(perception: Perception) -> Photo:
    """A photo that perception is sure of."""
    eyes = Eyes(perception)
    photos = (Photo(seed) for seed in range(500, 530))
    return next(
        photo
        for photo in photos
        if photo.shown(eyes) is not None
        and photo.shown(eyes, **photo.masked(photo.sample.garment_mask)) is not None
    )


def test_what_is_sure_is_right_and_much_is_sure(perception: Perception):
    photos = [Photo(seed) for seed in range(600, 608)]
    found = [(photo.sample.spec.garment, photo.shown(Eyes(perception))) for photo in photos]
    sure = [(truth.garment, spec.garment) for truth, spec in found if spec is not None]
    assert len(sure) >= len(photos) // 3
    assert all(truth == told for truth, told in sure)


def test_the_shown_garment_is_what_the_wearer_wears(known: Photo, perception: Perception):
    eyes = Eyes(perception)
    request, files = with_usual_shape(known.request, ALL, eyes, known.files)
    spec = known.shown(eyes)
    assert spec is not None and request.sketch is not None and request.usual_shape
    worn = shape_as_shown(known.request.prompt, spec)
    assert worn is not None
    assert np.array_equal(read_ink(files[request.sketch]), worn.ink(256))
    assert request.pose is not None


@pytest.mark.parametrize("prompt", ["in a park", ""])
def test_a_photo_is_not_looked_at_where_the_words_leave_the_model_free(prompt: str, known: Photo):
    class Blind:
        def see(self, images: Sequence[Image.Image]) -> list[Seen]:
            raise AssertionError("nobody asked for the photo")

        def garment_mask(self, picture: Image.Image, part: str = "auto") -> GarmentMask:
            raise AssertionError("nobody asked for the photo")

    asked = replace(known.request, prompt=prompt)
    assert with_usual_shape(asked, ALL, Blind(), known.files) == (asked, {})


def test_without_eyes_the_model_is_free(known: Photo):
    assert shaped(known.request) == known.request


def limit(perception: Perception) -> float:
    assert perception.certainty is not None
    return perception.certainty.limits.cut


def test_a_guess_that_is_not_sure_is_none(known: Photo, perception: Perception):
    least = limit(perception)
    assert known.shown(Eyes(perception, {"whole": least})) is not None
    assert known.shown(Eyes(perception, {"whole": least - 0.001})) is None


def test_a_type_that_contradicts_the_picture_is_none(known: Photo, perception: Perception):
    spec = known.shown(Eyes(perception))
    assert spec is not None
    wrong = "v-neck" if "v-neck" not in spec.type.necklines else "hood"
    assert known.shown(Eyes(perception, {"neckline": wrong})) is None
    region = "upper" if spec.type.region == "lower" else "lower"
    assert known.shown(Eyes(perception), garment_part=region) is None


def test_components_are_left_out_where_they_are_seen_elsewhere(
    known: Photo, perception: Perception
):
    elsewhere = np.roll(known.sample.garment_mask, 128, 0)
    for mask in (elsewhere, np.zeros_like(elsewhere)):
        spec = known.shown(Eyes(perception, mask=mask))
        assert spec is not None and not spec.components


def test_the_users_mask_says_which_garment_is_meant(known: Photo, perception: Perception):
    eyes = Eyes(perception)
    whole = known.sample.garment_mask
    part = {"upper": "upper", "lower": "lower", "full": "dress"}
    asked = part[known.sample.spec.garment.type.region]
    assert known.shown(eyes, garment_part=asked, **known.masked(whole)) is not None
    corner = np.zeros_like(whole)
    corner[:60, :60] = 255
    assert known.shown(eyes, garment_part=asked, **known.masked(corner)) is None
    with pytest.raises(BadInput, match="empty"):
        known.shown(eyes, **known.masked(np.zeros_like(whole)))


@pytest.fixture(scope="module")
def shirt() -> Photo:
    """A photo of a shirt with buttons."""
    photos = (Photo(seed) for seed in range(500, 700))

    def buttoned(spec: GarmentSpec) -> bool:
        return spec.garment == "shirt" and spec.count("button") > 0

    return next(photo for photo in photos if buttoned(photo.sample.spec.garment))


def sure_of(garment: GarmentSpec, perception: Perception) -> Eyes:
    """Eyes that see this garment and what is on it."""
    return Eyes(perception, agreed_on(garment), components=garment.components)


def agreed_on(garment: GarmentSpec, **changes: object) -> dict[str, object]:
    """What all views agree about where they agree about this garment."""
    cut = {"kind": garment.garment, "neckline": garment.neckline, "sleeves": garment.sleeves}
    return {**cut, "cut": 1.0, "whole": 1.0, **changes}


def on(eyes: Eyes, photo: Photo, prompt: str, **changes: object) -> Flat:
    asked = replace(photo.request, prompt=prompt, **changes)
    return with_usual_shape(asked, ALL, eyes, photo.files)[0]


def test_what_is_on_the_shown_garment_is_placed_on_the_wearer(shirt: Photo, perception: Perception):
    truth = shirt.sample.spec.garment
    eyes = sure_of(truth, perception)
    for prompt in ("a woman wearing this", "a woman wearing a shirt, hands on hips", "a shirt"):
        request = on(eyes, shirt, prompt)
        assert request.shown_components and request.usual_shape
        counts = Counter(c.kind for c in request.components)
        assert counts["button"] == truth.count("button")
        assert set(counts) <= {c.kind for c in truth.components}
        assert all(c.box for c in request.components)
        # On a wearer they lie where the wearer's front is, and not where the photo has them.
        assert (request.pose is None) is (prompt == "a shirt")
    worn, flat = (on(eyes, shirt, prompt).components for prompt in ("a man in this", "a shirt"))
    assert [c.box for c in worn] != [c.box for c in flat]


def test_words_name_a_garment_whose_type_is_not_sure(shirt: Photo, perception: Perception):
    truth = shirt.sample.spec.garment
    for name in ("blouse", "trousers"):
        agreed = agreed_on(truth, kind=name, whole=0.6)
        eyes = Eyes(perception, agreed, components=truth.components)
        named = on(eyes, shirt, "a woman wearing a shirt")
        assert named.shown_components is (name == "blouse")
        assert not on(eyes, shirt, "a woman wearing this").shown_components


def test_only_a_certain_type_contradicts_the_words(shirt: Photo, perception: Perception):
    truth, least = shirt.sample.spec.garment, limit(perception)
    for sure, heard in ((least - 0.001, True), (least, False)):
        agreed = agreed_on(truth, kind="jacket", whole=sure)
        eyes = Eyes(perception, agreed, components=truth.components)
        assert on(eyes, shirt, "a woman wearing a shirt").shown_components is heard


def test_whoever_tries_a_garment_on_gets_its_lines_on_their_body(
    shirt: Photo, perception: Perception
):
    truth = shirt.sample.spec.garment
    eyes, pose = sure_of(truth, perception), preset_pose("hands on hips", "upper")
    start = {"init_image": SHA, "mask": SHA, "vary_strength": 0.8}
    changes = {**start, "pose": pose, "read_pose": True}
    tried = on(eyes, shirt, "a person wearing a shirt", **changes)
    assert tried.usual_shape and tried.shown_components and not tried.own_pose
    assert tried.pose == pose and tried.given_pose is None
    named = on(eyes, shirt, "a person wearing a shirt, hands on hips")
    assert [c.kind for c in tried.components] == [c.kind for c in named.components]
    blind = on(eyes, shirt, "a person wearing a shirt", **start)
    assert not blind.usual_shape


def test_words_and_board_win_over_what_is_shown(shirt: Photo, perception: Perception):
    eyes = sure_of(shirt.sample.spec.garment, perception)
    told = on(eyes, shirt, "a woman wearing this with two buttons")
    assert not told.shown_components and not told.components
    own = (Component("patch", "left chest", (0.5, 0.4, 0.6, 0.5)),)
    placed = on(eyes, shirt, "a woman wearing this", components=own)
    assert placed.components == own and not placed.shown_components
    other = on(eyes, shirt, "a woman wearing a coat")
    assert other.usual_shape and not other.components
    deaf = replace(shirt.request, prompt="a woman wearing this")
    heard, _ = with_usual_shape(deaf, {"sketch", "pose"}, eyes, shirt.files)
    assert heard.usual_shape and not heard.components


def test_what_a_garment_cannot_have_is_not_placed():
    skirt = GarmentSpec("skirt")
    shown = (
        *(Component("zipper", "centre front") for _ in range(3)),
        Component("hood", "neck"), Component("button", "centre front"),
    )  # fmt: skip
    placed = Counter(c.kind for c in components_as_shown(skirt, shown, "standing"))
    assert placed["hood"] == 0 and placed["zipper"] <= 1
    tee = GarmentSpec("t-shirt", neckline="crew neck", sleeves="short")
    assert components_as_shown(tee, (Component("cuff", "left wrist"),), None) == ()


@pytest.mark.parametrize("pose", [None, "standing"])
def test_what_the_cut_brings_along_is_placed_too(pose: str | None):
    polo = GarmentSpec("polo shirt", neckline="shirt collar", sleeves="short")
    shown = (Component("collar", "neck"), Component("button", "centre front"))
    placed = components_as_shown(polo, shown, pose)
    assert Counter(c.kind for c in placed) == {"collar": 1, "button": 1}
    assert not components_as_shown(polo, (), pose)


def test_two_at_a_place_for_one_are_one_on_each_side():
    sweater = GarmentSpec("sweater", neckline="crew neck", sleeves="long")
    shown = (Component("pocket", "right chest"),) * 2
    placed = components_as_shown(sweater, shown, "standing")
    assert {c.place for c in placed} == {"left chest", "right chest"}

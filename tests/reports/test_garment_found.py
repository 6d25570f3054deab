"""What is found of a garment is decided once, steers the picture, and is asked where not sure."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from studio.cli import main
from studio.controls.garment import GarmentControl
from studio.controls.pose import PoseControl
from studio.controls.sketch import SketchControl
from studio.desk.compose import Form, compose
from studio.desk.garment import GarmentUnknown, Look, decide
from studio.desk.reference_views import changing
from studio.desk.references import PERSON, Note, References, decided
from studio.desk.resolve import resolve
from studio.desk.wish import Held, Person, Wish
from studio.errors import BadInput, ModelDamaged
from studio.gallery import Store
from studio.garment.parse import parse_prompt
from studio.garment.spec import GarmentSpec, PictureSpec, Scene
from studio.request import Pose, sha_of
from studio.vision.certainty import FILE, Certainty
from studio.vision.garment_mask import GarmentMask, garment_mask, may_be_for
from studio.vision.perception import Perception
from studio.vision.tryon_mask import TryonMask
from tests.settled import bundled
from trainer.data.degraded import degraded
from trainer.data.strangers import stranger
from trainer.data.wardrobe import HELD_OUT, render
from trainer.evaluation.cli import evaluate

WORN = "a woman in a park"


def drawn(kind: str, seed: int = 3, **cut: str) -> Image.Image:
    """A garment of the wardrobe, laid on white."""
    spec = GarmentSpec(kind, "teal", **cut)  # type: ignore[arg-type]
    sample = render(PictureSpec(spec, Scene("flat", "white")), HELD_OUT + seed)
    return Image.fromarray(sample.picture)


GARMENTS: dict[str, tuple[str, dict[str, Any]]] = {
    "t-shirt": ("upper", {"neckline": "crew neck", "sleeves": "short"}),
    "sweater": ("upper", {"neckline": "crew neck", "sleeves": "long"}),
    "trousers": ("lower", {"neckline": "none", "sleeves": "none"}),
    "dress": ("dress", {"neckline": "v-neck", "sleeves": "none", "length": "long"}),
}


def encoded(picture: Image.Image | np.ndarray) -> bytes:
    out = io.BytesIO()
    (picture if isinstance(picture, Image.Image) else Image.fromarray(picture)).save(out, "PNG")
    return out.getvalue()


class Eyes:
    """The bundled engine's; which part of a person is dressed is written down, not looked for."""

    def __init__(self) -> None:
        self.dressed: list[str] = []

    def see(self, images: object) -> list[object]:
        return bundled().see(images)  # type: ignore[arg-type, return-value]

    def garment_mask(
        self, picture: Image.Image, part: str = "auto", mask: np.ndarray | None = None
    ) -> GarmentMask:
        return bundled().garment_mask(picture, part, mask)

    def tryon_mask(self, person: Image.Image, part: str = "upper") -> TryonMask:
        self.dressed.append(part)
        mask = np.zeros((person.height, person.width), np.uint8)
        mask[person.height // 4 : person.height // 2] = 255
        return TryonMask(mask, part, "outline", 0.25, "Looked for.")  # type: ignore[arg-type]

    def find_face(self, picture: Image.Image) -> object:
        raise BadInput("No face.")

    def read_pose(self, picture: Image.Image) -> tuple[Pose, str]:
        raise BadInput("Nobody.")


def settled(garment: Image.Image | None, prompt: str, **more: object) -> tuple[object, Eyes]:
    """What becomes of a garment's photo and words, and whom was looked at for it."""
    files, eyes = Held(), Eyes()
    part = str(more.pop("part", "auto"))
    controls = ()
    if garment is not None:
        sha = files.keep_picture(encoded(garment))
        controls = (GarmentControl(picture=sha, part=part),)
    if more.pop("person", False):
        person = encoded(Image.new("RGB", (64, 64), "grey"))
        more["person"] = Person(picture=files.keep_picture(person))
    wish = Wish(prompt=prompt, controls=controls, seed=1, **more)  # type: ignore[arg-type]
    return resolve(wish, bundled().capabilities, eyes, files), eyes  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", GARMENTS)
def test_a_found_part_steers_region_pose_and_shape(kind: str):
    part, cut = GARMENTS[kind]
    photo = drawn(kind, **cut)
    made, _ = settled(photo, WORN)
    request = made.request  # type: ignore[attr-defined]
    pose = request.get(PoseControl)
    assert pose is not None
    if part != "upper":  # without lines the model makes a top of it
        assert request.get(SketchControl) is not None
    face = pose.pose.joints[0]
    assert (face is None) == (part == "lower")
    _, eyes = settled(photo, WORN, person=True)
    assert eyes.dressed == [part]


@pytest.mark.parametrize(
    ("prompt", "part"),
    [("a red dress", "dress"), ("blue trousers", "lower"), ("a linen shirt", "upper"),
     ("ein rotes Kleid", "dress"), ("a woman", "upper")],
)  # fmt: skip
def test_words_alone_say_which_part_of_a_person_is_dressed(prompt: str, part: str):
    _, eyes = settled(None, prompt, person=True)
    assert eyes.dressed == [part]


@pytest.mark.parametrize(
    ("look", "words", "asked", "part", "asks"),
    [
        (Look("dress", True), WORN, "auto", "dress", False),
        (Look("dress", False), WORN, "auto", "dress", True),
        (Look("upper", False), "a woman in a dress", "auto", "dress", False),
        (Look("upper", True), "a woman in a dress", "auto", "dress", True),
        (Look("upper", True), "a woman in a coat", "auto", "dress", False),
        (Look("upper", True), WORN, "lower", "lower", False),
        (Look("upper", False, "two garments"), WORN, "auto", "upper", True),
        (Look("upper", False, "something else"), WORN, "upper", "upper", False),
        (Look("upper", False, "worn by somebody"), "a woman in a shirt", "auto", "upper", False),
        (None, "a woman in trousers", "auto", "lower", False),
        (None, WORN, "auto", "", False),
    ],
)
def test_photo_words_and_choice_decide_together(
    look: Look | None, words: str, asked: str, part: str, asks: bool
):
    decision = decide(look, parse_prompt(words), asked)
    assert decision.part == part and bool(decision.asks) is asks
    strange = look is not None and look.strange
    assert bool(decision.note) is bool(strange and not asks)


@pytest.mark.parametrize("first", [5000, 5100, 5200])
@pytest.mark.first(1)
def test_what_is_sure_of_degraded_renders_is_right(first: int):
    from studio.garment.vocabulary import GARMENTS as KNOWN

    sure = []
    for seed in range(first, first + 6):
        job = degraded(HELD_OUT + seed)
        found = bundled().garment_mask(Image.fromarray(job.picture))
        if found.sure:
            sure.append(may_be_for(KNOWN[job.name], found.part))
    assert len(sure) >= 2 and all(sure)


def strange(name: str, seed: int) -> Image.Image:
    """A drawn thing of a kind, degraded."""
    jobs = (stranger(HELD_OUT + i) for i in range(seed, seed + 300))
    return Image.fromarray(next(job.picture for job in jobs if job.name == name))


@pytest.mark.first(1)
@pytest.mark.parametrize("name", ["hat", "shoes", "swimsuit"])
def test_what_is_no_garment_is_asked_about_and_can_be_answered(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    path = tmp_path / "given.png"
    strange(name, 7000).save(path)
    options = ["generate", "--prompt", WORN, "--steps", "1", "--size", "64x64",
               "--out", str(tmp_path / "out"), "--garment", str(path)]  # fmt: skip
    assert main(options) == 2
    said = capsys.readouterr().err
    assert "--garment-part upper, lower or dress" in said and said.count("\n") == 1
    assert main([*options, "--garment-part", "upper"]) == 0
    assert "taken for a garment for the upper body" in capsys.readouterr().err


def beside(left: str, right: str) -> Image.Image:
    """Two garments in one photograph, well apart."""
    sheet = Image.new("RGB", (560, 280), (247, 247, 247))
    for x, kind in ((10, left), (290, right)):
        cut = GARMENTS[kind][1]
        pixels = np.array(drawn(kind, **cut))
        pixels[(np.abs(pixels.astype(int) - pixels[2, 2]).sum(2) < 40)] = 247
        sheet.paste(Image.fromarray(pixels), (x, 12))
    return sheet


@pytest.mark.parametrize(
    ("left", "right"), [("t-shirt", "trousers"), ("trousers", "sweater"), ("t-shirt", "dress")]
)
@pytest.mark.first(2)
def test_of_two_garments_the_part_that_is_asked_for_is_taken(left: str, right: str):
    photo = beside(left, right)
    whole = bundled().garment_mask(photo)
    assert whole.pieces == 2 and whole.strange == "two garments" and not whole.sure
    with pytest.raises(GarmentUnknown, match="two garments"):
        settled(photo, WORN)
    for kind, half in ((left, slice(0, 280)), (right, slice(280, 560))):
        part = GARMENTS[kind][0]
        one = bundled().garment_mask(photo, part)
        assert one.part == part and one.pieces == 1
        assert (one.mask[:, half] > 0).sum() == (one.mask > 0).sum() > 1000


def told_of(photo: Image.Image, prompt: str, **more: object) -> str:
    """What is said of a garment where it is decided, or why it must be asked."""
    try:
        made, _ = settled(photo, prompt, **more)
    except GarmentUnknown as unknown:
        return f"{unknown.reason}: {unknown.by_option}."
    return " ".join(made.said)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("photo", "reason"),
    [
        (lambda: strange("hat", 7000), "no"),
        (lambda: strange("swimsuit", 7000), "no"),
        (lambda: strange("shoes", 7000), "no"),
        (lambda: beside("t-shirt", "trousers"), "two garments"),
        (lambda: beside("sweater", "dress"), "two garments"),
        (lambda: strange("worn by somebody", 7000), "wear"),
    ],
    ids=["hat", "swimwear", "shoes", "two", "two others", "worn"],
)
@pytest.mark.first(3)
def test_what_must_be_asked_is_told_whoever_wears_it(photo: Callable[[], Image.Image], reason: str):
    picture = photo()
    alone, worn, tried_on = (
        told_of(picture, "a red thing"), told_of(picture, WORN),
        told_of(picture, "a red thing", person=True),
    )  # fmt: skip
    assert worn == tried_on and worn in alone and reason in worn
    assert "--garment-part upper, lower or dress" in worn
    assert not any("is taken for" in told for told in (alone, worn, tried_on))
    for more in ({}, {"person": True}):  # answered, it is told all the same, and what it is now
        said = told_of(picture, "a red thing", part="upper", **more)
        assert "taken for a garment for the upper body, as you chose" in said
        if "two garments" not in reason:  # of two the one that was chosen is taken
            assert worn.partition(":")[0] in said


@pytest.mark.parametrize("person", [False, True])
@pytest.mark.parametrize(
    ("kind", "prompt", "part", "said"),
    [
        ("sweater", "a red thing", "auto", "the upper body, as the photo shows."),
        ("trousers", "", "auto", "the lower body, as the photo shows."),
        ("trousers", "blue jeans", "auto", "the lower body, as the words say."),
        ("dress", "a woman in a dress", "auto", "of full length, as the words say."),
        ("sweater", "", "dress", "of full length, as you chose, though it looks more like a "
         "garment for the upper body."),
    ],
)  # fmt: skip
def test_what_was_decided_is_told_with_who_says_so(
    kind: str, prompt: str, part: str, said: str, person: bool
):
    photo = drawn(kind, **GARMENTS[kind][1])
    told = told_of(photo, prompt or "a red thing", part=part, person=person)
    assert said in told and told.count("taken for") == 1 and "--garment-part" not in told


@pytest.mark.parametrize(
    ("found", "sure", "part", "words", "said"),
    [
        ("upper", False, "auto", WORN, "Which is it"),
        ("lower", True, "auto", "a woman in a dress", "The words name a dress"),
        ("upper", True, "auto", WORN, "upper body, as the photo shows"),
        ("upper", False, "auto", "a man in trousers", "lower body, as the words say"),
        ("upper", True, "dress", WORN, "full length, as you chose, though"),
    ],
)
def test_the_tile_says_what_is_decided_by_now(
    tmp_path: Path, found: str, sure: bool, part: str, words: str, said: str
):
    store = Store(tmp_path)
    project = store.first_project()
    sha = store.keep_picture(encoded(Image.new("RGB", (64, 64))))
    notes = {
        "garment": Note(found=found, sure=sure, share=0.3, said="Cut out by its colours."),
        PERSON: Note(found="upper", share=0.2),
    }
    garment = GarmentControl(picture=sha, mask=sha, part=part)
    now = References(controls=(garment,), person=Person(picture=sha, mask=sha), notes=notes)
    store.save_references(project.id, now.board())
    shown = changing(store, project.id, Form(prompt=words))
    tile, region = shown["said"]["garment"], shown["said"][PERSON]
    assert tile.startswith("Cut out by its colours")
    if shown["question"]:
        assert said in shown["question"]["text"] and "taken for" not in tile
        assert "not known yet" in region
    else:
        assert said in tile
        assert ("found anew" in region) is ("upper body, as" not in tile)
    wish = compose(Form(prompt=words, seed="1"), None, None, now)
    assert wish.look == Look(found, sure)  # what was found once decides the pictures


def test_what_older_projects_were_told_is_decided_anew():
    for said in ("Cut out: the mask covers 9% of the picture and is taken for a dress or another "
                 "garment of full length.",
                 "Cut out: the mask covers 9% of the picture and is taken for a garment for the "
                 "upper body, though it looks more like a dress."):  # fmt: skip
        assert Note(said=said).said == "Cut out: the mask covers 9% of the picture."
    assert Note(said="Read from a photo.").said == "Read from a photo."


@pytest.mark.parametrize("prompt", ["a red thing", "a picture of somebody", "linen"])
def test_a_region_that_nothing_names_is_told(prompt: str):
    unnamed, eyes = settled(None, prompt, person=True)
    assert eyes.dressed == ["upper"]
    assert "Nothing names the garment" in " ".join(unnamed.said)  # type: ignore[attr-defined]
    named, _ = settled(None, f"{prompt}, a shirt", person=True)
    assert "Nothing names" not in " ".join(named.said)  # type: ignore[attr-defined]


def test_a_wrong_part_is_told():
    made, _ = settled(drawn("trousers", neckline="none", sleeves="none"), WORN, part="upper")
    assert "looks more like a garment for the lower body" in " ".join(made.told)  # type: ignore[attr-defined]


def test_strengths_far_apart_are_told_outside_of_the_page_too():
    photo = drawn("t-shirt", **GARMENTS["t-shirt"][1])
    near, _ = settled(photo, WORN, st=4.0)
    far, _ = settled(photo, WORN, st=20.0)
    told = [" ".join(made.told) for made in (near, far)]  # type: ignore[attr-defined]
    assert "far apart" not in told[0] and "far apart" in told[1]
    assert "the mask covers" in told[0]


def test_a_region_for_another_part_than_is_meant_by_now_is_found_anew():
    sha = sha_of(b"x")
    garment = GarmentControl(picture=sha, mask=sha)
    person = Person(picture=sha, mask=sha)
    for sure, words, kept in (
        (True, WORN, True), (True, "a woman in a dress", False), (False, WORN, False),
        (False, "a woman in a shirt", True),
    ):  # fmt: skip
        notes = {
            "garment": Note(found="upper", sure=sure, share=0.3),
            PERSON: Note(found="upper", share=0.3),
        }
        now = References(controls=(garment,), person=person, notes=notes)
        wish = compose(Form(prompt=words, seed="1"), None, None, now)
        assert wish.person is not None and (wish.person.mask is not None) is kept
    old = References(controls=(garment,), notes={"garment": Note(found="lower", share=0.3)})
    assert not decided(old, parse_prompt(WORN)).asks  # a project of an older version asks nothing


def pale(contrast: int) -> Image.Image:
    """A pale shirt with shaded shoulders on a ground nearly as pale."""
    pixels = np.full((300, 260, 3), 244, np.float32)
    pixels[40:270, 70:190] = 244 + contrast
    pixels[40:110, 30:230] = 244 + contrast
    pixels[110:270, 70:190] -= 25
    noise = np.random.default_rng(0).normal(0, 0.7, pixels.shape)
    return Image.fromarray(np.clip(pixels + noise, 0, 255).astype(np.uint8))


@pytest.mark.parametrize("contrast", [-10, -12, -15, -20])
def test_a_pale_garment_on_a_pale_ground_is_told(contrast: int):
    faint, clear = (bundled().garment_mask(pale(c)) for c in (contrast, -90))
    assert faint.pale and "hardly apart from its ground" in faint.sentence
    assert not clear.pale and "hardly" not in clear.sentence


def test_without_limits_nothing_is_sure_and_damaged_ones_are_a_sentence(
    family_folder: Path, tmp_path: Path
):
    perception = Perception.load(family_folder / "perception")
    perception.certainty = None
    found = garment_mask(drawn("t-shirt", **GARMENTS["t-shirt"][1]), perception=perception)
    assert found.told is None and not found.sure
    assert Certainty.load(tmp_path) is None
    (tmp_path / FILE).write_bytes(b"no weights")
    with pytest.raises(ModelDamaged, match="evaluate certainty"):
        Certainty.load(tmp_path)


def test_the_limits_are_made_by_a_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], family_folder: Path
):
    photos = tmp_path / "photos"
    photos.mkdir()
    drawn("t-shirt", **GARMENTS["t-shirt"][1]).save(photos / "tee.png")
    keep = tmp_path / "keep"
    options = ["certainty", "--model", str(family_folder), "--limit", "8", "--outlines", "16",
               "--epochs", "1", "--keep", str(keep), "--threads", "1"]  # fmt: skip
    assert evaluate(options) == 0
    told = capsys.readouterr().out
    assert "sure and wrong" in told and "| part" in told
    assert (keep / "rows.npz").is_file() and (keep / "outlines.npz").is_file()
    assert evaluate([*options[:3], "--folder", str(photos), "--threads", "1"]) == 0
    assert "| tee.png" in capsys.readouterr().out

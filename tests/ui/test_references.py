"""What a project refers to: kept, composed into requests, told apart, trusted in nothing."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from studio.controls.face import FaceControl
from studio.controls.garment import GarmentControl
from studio.controls.pose import PoseControl
from studio.controls.style import StyleControl
from studio.desk import compose, photos, sheets
from studio.desk.compose import Form
from studio.desk.reference_views import PRESETS, framing
from studio.desk.references import (
    PERSON,
    Note,
    References,
    far_apart,
    merged,
    read_references,
    references_of,
)
from studio.desk.resolve import resolve
from studio.desk.table import differences, in_short
from studio.desk.wish import Held, Person
from studio.errors import BadInput
from studio.request import TRYON_STRENGTH, GenerationRequest, Pose, Recorded
from tests.flat import flat, recorded_of, replace, request_of
from tests.settled import Hearing

A, B, C = "a" * 64, "b" * 64, "c" * 64
STANDING = Pose(joints=tuple((0.5, i / 20) for i in range(18)))


def everything() -> References:
    """References of every kind."""
    return References(
        controls=(
            GarmentControl(picture=A, mask=B, part="upper", sg=4.0),
            PoseControl(pose=STANDING, strength=1.3),
            FaceControl(picture=C, strength=0.6),
            StyleControl(name="linen", sha256=A, strength=0.5),
        ),
        person=Person(picture=B, mask=C),
        notes={
            "garment": Note(found="upper", share=0.4),
            "person": Note(share=0.2),
            "pose": Note(name="standing"),
        },
    )


def worn(mask: str | None = None, note: Note | None = None, **fields: Any) -> References:
    """References of a garment's photo alone."""
    garment = GarmentControl(picture=A, mask=mask, **fields)
    return References(controls=(garment,), notes={"garment": note} if note else {})


WRITTEN_FIRST = {
    "garment": {
        "picture": A, "mask": B, "own": False, "part": "upper", "found": "upper", "share": 0.4,
        "said": "", "method": "magic_clothing", "sg": 4.0, "dressing": 1.0, "problem": "",
    },
    "person": {
        "picture": B, "mask": C, "aspect": 1.0, "own": False, "share": 0.2, "said": "",
        "problem": "",
    },
    "stance": {"name": "standing", "strength": 1.3, "said": "", "joints": STANDING.joints},
    "face": {"picture": C, "strength": 0.6},
    "styles": [{"name": "linen", "sha256": A, "scale": 0.5}],
}  # fmt: skip
"""The same as `everything`, as it was kept at first."""


def request(**fields: object) -> GenerationRequest:
    """A request of a garment's photo."""
    usual = {"prompt": "a woman", "garment_image": A, "garment_mask": B}
    return request_of(**(usual | fields))  # type: ignore[arg-type]


def record(**fields: object) -> Recorded:
    """A request of a garment's photo, as it is kept with a picture."""
    return Recorded(request=request(**fields))


def test_what_is_kept_is_read_again_and_names_its_files():
    kept = everything().board()
    assert read_references(kept.document, lambda sha: True) == everything()
    assert dict(kept.files) == {
        "garment_image": A, "garment_mask": B, "init_image": B, "mask": C, "face_image": C,
        "style 1": A,
    }  # fmt: skip


def test_what_was_kept_in_the_first_form_is_still_read():
    assert read_references(json.dumps(WRITTEN_FIRST), lambda sha: True) == everything()
    assert read_references("{}", lambda sha: True) == References()


def test_what_names_a_file_that_is_not_kept_is_left_out():
    read = read_references(everything().board().document, {A, B}.__contains__)
    assert [control.kind for control in read.controls] == ["pose", "garment", "style"]
    assert read.person is None and set(read.notes) == {"garment", "pose"}


def test_a_pose_that_nobody_gave_is_nobodys_reference():
    posed = recorded_of(prompt="a woman", garment_image=A, garment_mask=B, pose=STANDING, sketch=C)
    shown = references_of(posed)
    assert shown.get(PoseControl) == PoseControl(pose=STANDING)
    assert shown.note("pose").name == "as in the picture"
    assert references_of(replace(posed, usual_shape=True)).get(PoseControl) is None
    assert references_of(replace(posed, read_pose=True)).get(PoseControl) is None


def garment(setting: str) -> str:
    """A document of a garment with one setting, in the first form."""
    return f'{{"garment": {{"picture": "{A}", {setting}}}}}'


def second(rest: str) -> str:
    """A document of the present form."""
    return f'{{"format": 2, {rest}}}'


@pytest.mark.parametrize(
    "document",
    [
        "", "[]", "7", '{"garment": 7}', '{"garment": {"picture": "../../etc/passwd"}}',
        garment('"sg": "many"'), garment('"sg": NaN'), garment('"method": "magic"'),
        garment('"wings": 2'),
        '{"stance": {"joints": [[0, 0]]}}', '{"styles": [{"name": "x", "sha256": "y"}]}',
        '{"styles": [1]}', "[" * 100_000,
        '{"format": 3}', second('"controls": 7'), second('"controls": [{"kind": "wings"}]'),
        second('"person": {"picture": "x"}'), second('"wings": 2'), second('"notes": [1]'),
        second(f'"person": {{"picture": "{A}"}}, "notes": {{"person": {{"share": 2}}}}'),
        second(f'"person": {{"picture": "{A}", "aspect": 0}}'),
    ],
)  # fmt: skip
def test_a_document_that_cannot_be_starts_anew(document: str):
    assert read_references(document, lambda sha: True) == References()


def settled(references: References) -> Recorded:
    """What the desk makes of words and references, for a model that hears all of them; the pose
    and the masks are given, so that no picture is looked at."""
    model = Hearing(frozenset({"garment", "pose", "face", "styles", "mask"}), sees=False)
    eyes: Any = None
    wish = compose.compose(Form(prompt="a woman", seed="7"), None, None, references)
    return resolve(wish, model, eyes, Held()).recorded


def test_references_become_a_request_and_come_back_from_it():
    given = everything()
    given = given.having_set(FaceControl, given.note("face"), box=(0.2, 0.1, 0.6, 0.5))
    posed = settled(given.having(PERSON, None))
    assert flat(posed).pose == STANDING
    assert settled(references_of(Recorded.from_json(posed.to_json()))) == posed
    kept = settled(given.having("pose", None))
    made = flat(kept)
    assert made.garment_image == A and made.garment_mask == B
    assert (made.sg, made.garment_part, made.pose) == (4.0, "upper", None)
    assert (made.init_image, made.mask, made.vary_strength) == (
        B, C, TRYON_STRENGTH,
    )  # fmt: skip
    assert (flat(posed).pose_control["strength"], made.face_control["strength"]) == (1.3, 0.6)
    assert settled(references_of(Recorded.from_json(kept.to_json()))) == kept


def test_a_garment_is_enough_without_words_but_not_without_its_mask():
    assert compose.compose(Form(seed="1"), None, None, worn(B)).prompt == ""
    problem = "No garment was found: paint the mask yourself."
    for broken in (worn(note=Note(problem=problem)), worn()):
        with pytest.raises(BadInput, match="paint"):
            compose.compose(Form(prompt="x", seed="1"), None, None, broken)
    with pytest.raises(BadInput, match="region"):
        alone = References(person=Person(picture=A))
        compose.compose(Form(prompt="x", seed="1"), None, None, alone)


def test_a_slow_mask_does_not_undo_a_quick_slider():
    seen, face = Note(found="upper", share=0.3), FaceControl(picture=C)
    before, found = worn(), worn(B, seen)
    meanwhile = worn(sg=4.0).with_control(face)
    assert merged(before, found, meanwhile) == worn(B, seen, sg=4.0).with_control(face)
    assert merged(before, References(), meanwhile) == References(controls=(face,))
    assert merged(before, found, References()) == found
    styled = StyleControl(name="linen", sha256=A)
    assert merged(References(), References(controls=(styled,)), before).all(StyleControl)


def test_a_pose_starts_with_the_part_of_the_body_that_the_garment_covers():
    legs = worn(B, Note(found="lower", share=0.3))
    assert framing(Form(prompt="a woman"), legs) == "lower"
    assert framing(Form(prompt="a shirt"), legs) == "upper"
    assert framing(Form(prompt="a shirt"), References()) == "upper"
    assert framing(Form(prompt="a woman"), References()) == "full"
    shown = {region: sum(j is not None for j in joints) for region, joints in
             PRESETS["standing"].items()}  # fmt: skip
    assert shown["lower"] < shown["upper"] < shown["full"] == 18


def test_strengths_that_lie_far_apart_are_said():
    garment = GarmentControl(picture=A, mask=B, sg=2.5)
    assert far_apart(7.5, garment) == "" == far_apart(4, garment) == far_apart(20, None)
    assert "lower the text" in far_apart(12, garment)
    assert "lower the garment" in far_apart(2, garment.replaced(sg=9))
    assert far_apart(12, garment.replaced(method="imagdressing")) == ""


def test_what_changed_is_told_in_words():
    one = record(sg=2.5, styles=(StyleControl(name="linen", sha256=A),))
    two = record(sg=4.0, pose=STANDING, face_image=C, garment_method="combined", dressing=1.4)
    short = in_short(differences(one, two))
    for said in ("sG 2.5 → 4", "weight λ 1 → 1.4", "Pose none → a pose", "Face photo none → a face",
                 "Garment method Magic Clothing → both", "Styles linen 1 → none"):  # fmt: skip
        assert said in short
    other = replace(one, garment_image=C)
    assert in_short(differences(one, other)) == "Garment photo a garment → another garment"
    own = replace(one, garment_mask=C)
    assert in_short(differences(one, own)) == "Garment mask a mask → another mask"


def test_whoever_tries_on_stays_who_it_is_when_the_garment_is_varied():
    worn = request(init_image=B, mask=C, vary_strength=TRYON_STRENGTH)
    varied = compose.vary(worn, A, "subtle", 5, 2)
    assert varied.start and (varied.start.picture, varied.start.mask) == (A, C)
    again = compose.vary(varied, B, "strong", 5, 2).start
    assert again and again.mask == C
    repaired = sheets.fix(request(), A, C, 5, 1)
    alone = compose.vary(repaired, A, "subtle", 5, 2).start
    assert alone and alone.mask is None


def test_the_sheet_has_a_row_for_each_strength_of_the_garment():
    st, sg = sheets.grid_values(4.0, 2.5)
    made = sheets.strengths(request(seed=9), st, sg)
    assert [(flat(r).sg, r.words.st) for r in made] == [(g, t) for g in sg for t in st]
    assert {r.sampling.seed for r in made} == {9} and len(made) == 9
    with pytest.raises(BadInput, match="photo"):
        sheets.colourways(request(), ["red"])


# Photos and masks


def encoded(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)  # type: ignore[arg-type]
    return out.getvalue()


def test_every_kind_of_picture_becomes_an_upright_photo_on_white():
    turned = Image.new("RGB", (60, 30), "red")
    exif = turned.getexif()
    exif[0x0112] = 6
    assert photos.read_photo(encoded(turned, "JPEG", exif=exif)).size == (30, 60)
    assert photos.read_photo(encoded(Image.new("CMYK", (64, 64)), "JPEG")).mode == "RGB"
    frames = [Image.new("P", (64, 64), i) for i in range(3)]
    moving = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert photos.read_photo(moving).size == (64, 64)
    clear = photos.read_photo(encoded(Image.new("RGBA", (64, 64), (0, 0, 0, 0))))
    assert clear.getpixel((5, 5)) == (255, 255, 255)
    assert max(photos.read_photo(encoded(Image.new("L", (4000, 900)))).size) == photos.SIDE


@pytest.mark.parametrize(
    "data",
    [
        b"", b"text", encoded(Image.new("RGB", (1, 1))), encoded(Image.new("1", (20_000, 20_000))),
        encoded(Image.new("1", (20_000, 20))), encoded(Image.new("RGB", (64, 64)))[:60],
    ],
    ids=["empty", "text", "1x1", "20000x20000", "20000x20", "cut"],
)  # fmt: skip
def test_what_is_no_picture_is_one_sentence(data: bytes):
    with pytest.raises(BadInput) as told:
        photos.read_photo(data)
    assert "\n" not in str(told.value) and str(told.value).endswith(".")


def test_a_cut_out_garment_is_its_own_mask():
    cut = Image.new("RGBA", (80, 60), (0, 0, 0, 0))
    cut.paste((200, 20, 20, 255), (20, 10, 60, 50))
    mask = photos.cut_out(encoded(cut), (80, 60))
    assert mask is not None and mask[30, 40] == 255 and mask[2, 2] == 0
    assert (mask > 0).mean() == pytest.approx(40 * 40 / (80 * 60))
    assert photos.cut_out(encoded(Image.new("RGBA", (80, 60), "red")), (80, 60)) is None
    assert photos.cut_out(encoded(Image.new("RGB", (80, 60))), (80, 60)) is None


def test_a_mask_is_black_and_white_and_neither_empty_nor_full():
    grey = np.zeros((40, 60), np.uint8)
    grey[10:30, 20:40] = 200
    mask = photos.read_mask(encoded(Image.fromarray(grey)), (120, 80))
    assert mask.shape == (80, 120) and set(np.unique(mask)) == {0, 255} and mask[40, 60] == 255
    for fill, says in ((0, "empty"), (255, "whole picture")):
        with pytest.raises(BadInput, match=says):
            photos.read_mask(encoded(Image.new("L", (60, 40), fill)), (60, 40))
    with pytest.raises(BadInput, match="proportions"):
        photos.read_mask(encoded(Image.fromarray(grey)), (60, 90))


def test_a_style_must_be_a_lora(tmp_path: Path):
    from studio.checkpoints.styles import read_style

    def file(name: str, *tensors: str) -> Path:
        header = {
            t: {"dtype": "F32", "shape": [1, 4] if "down" in t else [4, 1],
                "data_offsets": [16 * i, 16 * i + 16]}
            for i, t in enumerate(tensors)
        }  # fmt: skip
        text = json.dumps(header).encode()
        path = tmp_path / name
        path.write_bytes(len(text).to_bytes(8, "little") + text + b"\0" * 16 * len(tensors))
        return path

    stem = "lora_unet_mid_block_attentions_0_transformer_blocks_0_attn1_to_q.lora_"
    whole = file("linen.safetensors", f"{stem}down.weight", f"{stem}up.weight")
    assert read_style(whole) == whole.read_bytes()
    other = file("vae.safetensors", "decoder.conv_in.weight")
    picture = tmp_path / "picture.safetensors"
    picture.write_bytes(encoded(Image.new("RGB", (64, 64))))
    cut = tmp_path / "cut.safetensors"
    cut.write_bytes(whole.read_bytes()[:-4])
    for bad in (other, picture, cut):
        with pytest.raises(BadInput) as told:
            read_style(bad, "my style")
        assert "my style" in str(told.value) and "\n" not in str(told.value)

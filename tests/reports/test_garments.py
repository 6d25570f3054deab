"""Garments as they are given: no transparency is thrown away, nothing given is lost."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import app
from studio.cli import build_parser, main
from studio.desk import photos
from studio.desk.options import wish_of
from studio.desk.wish import Held, Wish
from studio.engine.generation import read_inputs
from studio.errors import BadInput
from studio.request import GenerationRequest, Sampling, Start, Words, sha_of
from studio.vision.pictures import load_layers, load_mask, load_picture
from trainer.command import parse
from trainer.evaluation.suites import SUITES

SIZE = (96, 128)


def shape() -> np.ndarray:
    """Where a thing is in the pictures of these tests, (H, W)."""
    there = np.zeros((SIZE[1], SIZE[0]), bool)
    there[30:100, 25:70] = True
    return there


def encoded(picture: Image.Image, kind: str = "PNG", **how: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **how)  # type: ignore[arg-type]
    return out.getvalue()


def layer(colour: tuple[int, int, int], opacity: int = 255, below: int = 0) -> Image.Image:
    """Paint of a colour where the thing is, on a clear layer."""
    pixels = np.zeros((SIZE[1], SIZE[0], 4), np.uint8)
    pixels[..., :3] = below
    pixels[shape()] = (*colour, opacity)
    return Image.fromarray(pixels)


def on_black() -> Image.Image:
    return Image.fromarray(np.where(shape(), 255, 0).astype(np.uint8))


def both() -> Image.Image:
    """White paint where the thing is and black paint around it, on a layer clear elsewhere."""
    pixels = np.zeros((SIZE[1], SIZE[0], 4), np.uint8)
    pixels[10:120, 10:90] = (0, 0, 0, 255)
    pixels[shape()] = 255
    return Image.fromarray(pixels)


MASKS = {
    "white on black": on_black(),
    "black on a clear layer": layer((0, 0, 0)),
    "white on a clear layer": layer((255, 255, 255)),
    "white on clear white": layer((255, 255, 255), below=255),
    "black on clear white": layer((0, 0, 0), below=255),
    "red on a clear layer": layer((220, 20, 30)),
    "pale blue on a clear layer": layer((150, 190, 250)),
    "half black on a clear layer": layer((0, 0, 0), 120),
    "half white on a clear layer": layer((255, 255, 255), 90),
    "white and black on a clear layer": both(),
    "grey with alpha": layer((0, 0, 0)).convert("LA"),
}


@pytest.mark.parametrize("name", MASKS)
def test_a_mask_on_a_clear_layer_is_read_as_it_was_painted(name: str, tmp_path: Path):
    data = encoded(MASKS[name])
    assert np.array_equal(load_mask(data) > 127, shape())
    assert np.array_equal(photos.read_mask(data, SIZE) > 127, shape())
    photo, mask = tmp_path / "photo.png", tmp_path / "mask.png"
    Image.new("RGB", SIZE, (90, 120, 150)).save(photo)
    mask.write_bytes(data)
    files = Held()
    wish = wish_of_options(
        files, "--prompt", "a coat", "--garment", str(photo), "--garment-mask", str(mask),
        "--person", str(photo), "--person-mask", str(mask),
    )  # fmt: skip
    garment = wish.controls[0].files()
    assert np.array_equal(kept(files, garment["garment_mask"]), shape())
    assert wish.person is not None and wish.person.mask
    framed = kept(files, wish.person.mask)
    assert np.array_equal(framed[:, 16:112], shape()) and not framed[:, :16].any()


@pytest.mark.parametrize("name", MASKS)
def test_a_mask_of_a_repair_is_read_in_either_convention(name: str):
    photo, mask = encoded(Image.new("RGB", SIZE, "grey")), encoded(MASKS[name])
    start = Start(kind="repair", picture=sha_of(photo), mask=sha_of(mask), strength=0.6)
    request = GenerationRequest(
        words=Words(prompt="a coat"), sampling=Sampling(width=SIZE[0], height=SIZE[1]), start=start
    )
    inputs = read_inputs(request, {sha_of(photo): photo, sha_of(mask): mask})
    assert inputs.mask is not None and np.array_equal(inputs.mask > 127, shape())


def wish_of_options(files: Held, *options: str) -> Wish:
    return wish_of(build_parser().parse_args(["generate", *options]), files)


def kept(files: Held, sha: str) -> np.ndarray:
    return np.asarray(load_picture(files.picture(sha)).convert("L")) > 127


def erased() -> Image.Image:
    """A white layer from which the thing was rubbed out."""
    pixels = np.full((SIZE[1], SIZE[0], 4), 255, np.uint8)
    pixels[shape(), 3] = 0
    return Image.fromarray(pixels)


def other_way() -> Image.Image:
    return Image.fromarray(np.where(shape(), 0, 255).astype(np.uint8))


@pytest.mark.parametrize(
    "mask", [other_way(), other_way().convert("RGB"), erased()], ids=["grey", "colour", "erased"]
)
def test_a_mask_that_is_the_other_way_round_is_asked_about(mask: Image.Image):
    with pytest.raises(BadInput, match="invert"):
        photos.read_mask(encoded(mask), SIZE)


def cut_out_white() -> Image.Image:
    pixels = np.full((SIZE[1], SIZE[0], 4), 255, np.uint8)
    pixels[..., 3] = np.where(shape(), 255, 0)
    return Image.fromarray(pixels)


@pytest.mark.parametrize(
    "data",
    [
        encoded(cut_out_white()),
        encoded(cut_out_white(), "WEBP", lossless=True),
        encoded(cut_out_white().convert("LA")),
        encoded(cut_out_white(), "TIFF"),
        encoded(layer((250, 250, 250)).quantize(8), transparency=0),
    ],
    ids=["png", "webp", "grey", "tiff", "palette"],
)
def test_a_cut_out_garment_is_its_own_mask(data: bytes):
    files = Held()
    _, mask = photos.take_garment(data, files)
    assert mask is not None and np.array_equal(kept(files, mask), shape())
    layers = load_layers(data)
    assert layers.alpha is not None and layers.picture.mode == "RGB"


@pytest.mark.parametrize("flag", ["--garment", "--person", "--face", "--pose", "--seed", "--st"])
def test_an_option_that_is_given_twice_is_refused(flag: str, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as stopped:
        main(["generate", "--prompt", "x", flag, "1", flag, "2"])
    said = capsys.readouterr().err
    assert stopped.value.code == 2 and f"{flag} was given twice" in said and said.count("\n") == 1


def test_what_may_be_repeated_still_may_be():
    given = build_parser().parse_args(
        [
            "generate",
            "--component",
            "button:3",
            "--component",
            "pocket",
            "--style",
            "a",
            "--style",
            "b",
        ]
    )
    assert given.component == ["button:3", "pocket"] and given.style_option == ["a", "b"]


def test_other_commands_refuse_a_second_one_too(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(BadInput, match="--limit was given twice"):
        parse(SUITES["vae"], ["--limit", "3", "--limit", "4"], "evaluate")
    with pytest.raises(SystemExit):
        app.parse(["--port", "7900", "--port", "7901"])
    assert "--port was given twice" in capsys.readouterr().err


def moving(kind: str) -> bytes:
    frames = [Image.new("RGB", SIZE, c) for c in ("white", "red", "blue")]
    return encoded(frames[0], kind, save_all=True, append_images=frames[1:])


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF"])
def test_of_several_frames_it_is_told_that_only_the_first_is_read(kind: str):
    assert "only the first one is read" in photos.remark(moving(kind))
    assert photos.remark(encoded(Image.new("RGB", SIZE), kind)) == ""


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64), "HEIC"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1heix" + bytes(64), "HEIC"),
        (b"%PDF-1.7\n" + bytes(64), "PDF"),
        (b'<?xml version="1.0"?><svg xmlns="x"></svg>', "SVG"),
        (b"\0\0\0\x18ftypisom\0\0\0\0isommp42" + bytes(64), "film"),
    ],
    ids=["heic", "mif1", "pdf", "svg", "film"],
)
def test_a_picture_that_cannot_be_read_is_named(data: bytes, named: str):
    with pytest.raises(BadInput, match=f"{named}.*JPEG or PNG"):
        load_picture(data)


@pytest.mark.parametrize("flag", ["--garment", "--person", "--face", "--sketch", "--init"])
def test_a_folder_in_the_place_of_a_picture_is_a_sentence(
    flag: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert main(["generate", "--prompt", "a coat", flag, str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert "is a folder" in said and said.count("\n") == 1

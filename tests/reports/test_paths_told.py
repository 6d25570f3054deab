"""A path that is something else than its option takes is told: which option, what, what instead."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

import app
from studio.checkpoints.given import no_weights
from studio.cli import main


def _pictures(at: Path) -> None:
    at.mkdir()
    for n in range(3):
        Image.new("RGB", (8, 8)).save(at / f"{n}.jpg")


def _text(at: Path) -> None:
    at.write_text("a text and no weights")


def _named_weights(at: Path) -> None:
    at.write_text("<html>log in first</html>")


def _picture(at: Path) -> None:
    Image.new("RGB", (8, 8)).save(at, "PNG")


def _configured(name: str) -> Callable[[Path], None]:
    def make(at: Path) -> None:
        at.mkdir()
        (at / "config.json").write_text(json.dumps({"_class_name": name}))

    return make


def _tokenizer(at: Path) -> None:
    at.mkdir()
    (at / "tokenizer_config.json").write_text("{}")


THINGS: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "missing": ("no such thing", lambda at: None, "which is not there"),
    "empty folder": ("empty", lambda at: at.mkdir(), "an empty folder"),
    "pictures": ("photos", _pictures, "a folder of pictures"),
    "text": ("notes.txt", _text, "a text"),
    "empty file": ("nothing.safetensors", lambda at: at.touch(), "an empty file"),
    "web page": ("model.safetensors", _named_weights, "a web page"),
    "picture": ("shirt.png", _picture, "a PNG picture"),
    "tokenizer": ("tokenizer", _tokenizer, "the folder of a tokenizer"),
    "network": ("unet", _configured("UNet2DConditionModel"), "a UNet2DConditionModel"),
}
OPTIONS = {
    "--vae": "give the folder of an autoencoder",
    "--adapters": "give a folder with published weight files",
    "--model": "give a model's folder",
    "--style": "give the .safetensors file of a LoRA",
}


@pytest.mark.parametrize("thing", THINGS)
@pytest.mark.parametrize("option", OPTIONS)
def test_a_path_that_is_something_else_is_told(
    option: str, thing: str, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    name, make, what = THINGS[thing]
    monkeypatch.chdir(tmp_path)
    make(Path(name))
    written = f"./{name}" if thing in ("missing", "pictures") else str(tmp_path / name)
    out = str(tmp_path / "out")
    assert main(["generate", "--prompt", "a coat", "--out", out, option, written]) == 2
    said = [capsys.readouterr().err]
    if option != "--style":
        assert app.main([option, written, "--data-dir", str(tmp_path / "data")]) == 2
        said.append(capsys.readouterr().err)
        assert not (tmp_path / "data").exists()  # the page was not opened
    for text in said:
        assert text.startswith(f"{option} cannot use “{Path(written)}”, ")
        assert what in text and OPTIONS[option] in text and text.count("\n") == 1


@pytest.mark.parametrize("size", [10, 100, 200])
def test_what_is_a_broken_weight_file_is_told_by_its_reader(tmp_path: Path, size: int) -> None:
    whole, cut = tmp_path / "whole.safetensors", tmp_path / "cut.safetensors"
    save_file({"decoder.conv_in.weight": torch.ones(64, 4, 3, 3)}, whole)
    cut.write_bytes(whole.read_bytes()[:-size])
    pointer = tmp_path / "pointer.safetensors"
    pointer.write_text(
        "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 9\n"
    )
    assert not any(map(no_weights, (whole, cut, pointer)))


def test_an_autoencoder_without_weights_and_another_network_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _configured("AutoencoderKL")(tmp_path / "bare")
    save_file({"encoder.conv_in.weight": torch.ones(4)}, tmp_path / "half.safetensors")
    save_file({"emb_params": torch.ones(2)}, tmp_path / "word.safetensors")
    for name, what in (("bare", "no weights"), ("half.safetensors", "half.safetensors”, "),
                       ("word.safetensors", "word.safetensors”, ")):  # fmt: skip
        given = ["generate", "--prompt", "a coat", "--vae", str(tmp_path / name)]
        assert main([*given, "--out", str(tmp_path)]) == 2
        said = capsys.readouterr().err
        assert said.startswith("--vae cannot use") and what in said and said.count("\n") == 1

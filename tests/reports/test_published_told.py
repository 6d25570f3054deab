"""What is said of published files is so: where they are looked for, what is read, what helps."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from studio.checkpoints.folders import find_safetensors
from studio.cli import main
from studio.conditions.shelf import Shelf
from studio.controls.garment import GARMENT_METHODS, GarmentControl
from studio.desk.references import References
from studio.desk.styles import add_style, on_shelf
from studio.engine import Engine
from studio.errors import BadInput, ModelDamaged, ModelMissing
from studio.gallery import Store
from studio.request import sha_of
from studio.vision.pose import OPENPOSE_FILE

STEM = "lora_unet_mid_block_attentions_0_transformer_blocks_0_attn1_to_q.lora_"


def lora() -> dict[str, torch.Tensor]:
    return {f"{STEM}down.weight": torch.ones(4, 64), f"{STEM}up.weight": torch.ones(64, 4)}


@pytest.mark.parametrize("ending", ["safetensors", "pt", "bin", "ckpt"])
def test_the_page_takes_styles_in_the_formats_that_the_command_line_takes(
    tmp_path: Path, ending: str
) -> None:
    store = Store(tmp_path / "data")
    folder = store.data_dir / "styles"
    folder.mkdir()
    path = folder / f"linen.{ending}"
    if ending == "safetensors":
        save_file(lora(), path)
    else:
        torch.save(lora(), path)
    torch.save({"epoch": 3}, folder / f"other.{'pt' if ending == 'safetensors' else ending}")
    assert path.name in on_shelf(store.data_dir)
    now = add_style(store, tmp_path, References(), {"file": path.name})
    (style,) = now.given("style")
    assert style.name == "linen"
    other = next(name for name in on_shelf(store.data_dir) if name.startswith("other"))
    with pytest.raises(BadInput, match="“other"):  # listed, and refused with what it is
        add_style(store, tmp_path, References(), {"file": other})
    store.close()


@pytest.mark.parametrize("method", GARMENT_METHODS)
def test_advice_names_published_weights_only_where_there_are_any(method: str) -> None:
    control = GarmentControl(picture=sha_of(b"x"), method=method)
    published = method in ("magic_clothing", "imagdressing", "combined")
    assert ("folder of adapters" in control.advice) is published
    assert "choose another method" in control.advice


@pytest.mark.parametrize("data", [b"x", b"", b"PK\x03\x04 cut off"])
def test_openposes_weights_are_read_where_they_are_said_to_be_put(
    tmp_path: Path, data: bytes
) -> None:
    photo = Image.new("RGB", (128, 192), "grey")
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(BadInput, match="Nobody"):
        Engine(adapters=tmp_path).read_pose(photo)
    (tmp_path / OPENPOSE_FILE).write_bytes(data)
    with pytest.raises(ModelDamaged):
        Engine(adapters=tmp_path).read_pose(photo)


def test_openposes_weights_are_listed_as_what_they_are(tmp_path: Path) -> None:
    unet = torch.nn.Module()
    unet.config = type("Config", (), {"cross_attention_dim": 768})()  # type: ignore[assignment]
    torch.save({"conv1_1.weight": torch.ones(2)}, tmp_path / OPENPOSE_FILE)
    (tmp_path / "deeper").mkdir()
    torch.save({"conv1_1.weight": torch.ones(2)}, tmp_path / "deeper" / OPENPOSE_FILE)
    told = Shelf(tmp_path / "none", tmp_path, unet).listed
    assert sum("OpenPose's body network" in text for text in told) == 1
    assert sum("not used" in text for text in told) == 1


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.ckpt", "weights.pt", "unet.pth"])
def test_a_folder_of_pickles_alone_says_what_to_choose(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(ModelMissing, match=r"pickle files are not opened.*choose a copy of the"):
        find_safetensors(tmp_path)


@pytest.mark.parametrize("of", ["a style", "another program", "a face"])
def test_the_command_line_says_which_weights_are_not_used(
    tmp_path: Path, model: Path, capsys: pytest.CaptureFixture[str], of: str
) -> None:
    """As the page lists them under “Weights”."""
    weights = {
        "a style": lora(),
        "another program": {"encoder.layer.0": torch.ones(2, 2)},
        "a face": {"image_proj.proj.0.weight": torch.ones(8, 8)},
    }
    folder = tmp_path / "adapters"
    folder.mkdir()
    save_file(weights[of], folder / "given.safetensors")
    how = ["--steps", "2", "--size", "64x64", "--model", str(model), "--out", str(tmp_path)]
    assert main(["generate", "--prompt", "a dress", "--adapters", str(folder), *how]) == 0
    told = capsys.readouterr().err
    assert "Note: “given.safetensors”: " in told
    assert "not used" in told or "instead" in told, told

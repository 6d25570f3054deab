"""A style is taken in or refused at once, from a dropped file as from the data folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save

from studio.controls.style import StyleControl
from studio.desk.references import References
from studio.desk.room import EngineRoom
from studio.desk.studio import Studio
from studio.desk.styles import FOLDER, add_style, on_shelf
from studio.errors import BadInput
from studio.gallery import Store

LAYER = "lora_unet_mid_block_attentions_0_proj_in"
LINEN = {
    f"{LAYER}.lora_down.weight": torch.ones(4, 32, 1, 1),
    f"{LAYER}.lora_up.weight": torch.ones(32, 4, 1, 1),
    f"{LAYER}.alpha": torch.tensor(2.0),
}
UNUSABLE = {
    "dora": (LINEN | {f"{LAYER}.dora_scale": torch.ones(1, 32)}, "without DoRA, LoHa, LoKr"),
    "loha": ({f"{LAYER}.hada_w1_a": torch.ones(32, 4)}, "a LoHa or LoKr style"),
    "lokr": ({f"{LAYER}.lokr_w1": torch.ones(4, 4)}, "a LoHa or LoKr style"),
    "vae": ({"decoder.conv_in.weight": torch.ones(8, 4, 3, 3)}, "an image autoencoder"),
}


def never() -> Any:
    """An engine that is still loading."""
    raise AssertionError("nothing here loads a model")


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    store = Store(tmp_path / "data")
    uploads = tmp_path / "uploads"
    uploads.mkdir()
    yield Studio(store, EngineRoom(never), uploads)
    store.close()


def dropped(studio: Studio, data: bytes) -> dict[str, str]:
    """What the page tells of a dropped file, which gets another name on its way."""
    path = studio.uploads / "blob"
    path.write_bytes(data)
    return {"path": str(path), "name": "linen.safetensors"}


def on_disk(studio: Studio, data: bytes) -> dict[str, str]:
    folder = studio.store.data_dir / FOLDER
    folder.mkdir(exist_ok=True)
    (folder / "linen.safetensors").write_bytes(data)
    return {"file": "linen.safetensors"}


def kept(studio: Studio) -> list[Path]:
    """The style files in the store."""
    files = studio.store.data_dir.rglob("*.safetensors")
    return [file for file in files if file.parent.name != FOLDER]


@pytest.mark.parametrize("way", [dropped, on_disk])
def test_a_lora_is_taken_in_once(studio: Studio, way: Any) -> None:
    now = add_style(studio.store, studio.uploads, References(), way(studio, save(LINEN)))
    (style,) = now.all(StyleControl)
    assert (style.name, style.strength) == ("linen", 1.0)
    assert studio.store.file(style.sha256) == save(LINEN) and len(kept(studio)) == 1
    with pytest.raises(BadInput, match="“linen” is in use already"):
        add_style(studio.store, studio.uploads, now, way(studio, save(LINEN)))


@pytest.mark.parametrize("way", [dropped, on_disk])
@pytest.mark.parametrize("kind", UNUSABLE)
def test_what_cannot_be_drawn_with_is_not_taken_in(studio: Studio, way: Any, kind: str) -> None:
    state, says = UNUSABLE[kind]
    with pytest.raises(BadInput) as told:
        add_style(studio.store, studio.uploads, References(), way(studio, save(state)))
    text = str(told.value)
    assert says in text and "“linen.safetensors”" in text and text.endswith(".")
    assert kept(studio) == []
    assert on_shelf(studio.store.data_dir) == (["linen.safetensors"] if way is on_disk else [])

"""Styles that cannot be used are refused when they are taken in, as when they are drawn with.

The files are small and real: the names and shapes are those that kohya's scripts, LyCORIS and peft
write for a linear layer and a convolution.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load, save
from torch import Tensor

import studio.conditions.style as drawn_with
from studio.checkpoints.header import header_of, read_header
from studio.checkpoints.kinds import recognise_header
from studio.checkpoints.styles import LARGEST, read_style, style_layers
from studio.errors import BadInput, ToileError
from tests.stylefiles import LAYOUTS, Pairs

LINEAR = "down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q"
CONV = "down_blocks.0.resnets.0.conv1"
PAIRS: Pairs = {
    LINEAR: (torch.ones(4, 16), torch.ones(16, 4)),
    CONV: (torch.ones(4, 16, 3, 3), torch.ones(16, 4, 1, 1)),
}
State = dict[str, Tensor]


def at(layer: str) -> str:
    return f"lora_unet_{layer.replace('.', '_')}"


def kohya() -> State:
    return load(LAYOUTS[0](PAIRS))


def kohya_dora() -> State:
    return kohya() | {f"{at(LINEAR)}.dora_scale": torch.ones(1, 16)}


def peft_dora() -> State:
    name = f"base_model.model.{LINEAR}"
    return {
        f"{name}.lora_A.weight": torch.ones(4, 16),
        f"{name}.lora_B.weight": torch.ones(16, 4),
        f"{name}.lora_magnitude_vector.weight": torch.ones(16),
    }


def diffusers_dora() -> State:
    name = f"unet.{LINEAR}"
    return {
        f"{name}.lora_A.weight": torch.ones(4, 16),
        f"{name}.lora_B.weight": torch.ones(16, 4),
        f"{name}.lora_magnitude_vector": torch.ones(16),
    }


def loha() -> State:
    state: State = {f"{at(LINEAR)}.alpha": torch.tensor(2.0)}
    for number in (1, 2):
        state[f"{at(LINEAR)}.hada_w{number}_a"] = torch.ones(16, 4)
        state[f"{at(LINEAR)}.hada_w{number}_b"] = torch.ones(4, 16)
        state[f"{at(CONV)}.hada_w{number}_a"] = torch.ones(4, 16)
        state[f"{at(CONV)}.hada_w{number}_b"] = torch.ones(4, 16)
        state[f"{at(CONV)}.hada_t{number}"] = torch.ones(4, 4, 3, 3)
    return state


def lokr() -> State:
    return {
        f"{at(LINEAR)}.lokr_w1": torch.ones(4, 4),
        f"{at(LINEAR)}.lokr_w2_a": torch.ones(4, 2),
        f"{at(LINEAR)}.lokr_w2_b": torch.ones(2, 4),
        f"{at(LINEAR)}.alpha": torch.tensor(2.0),
    }


def lokr_in_two_parts() -> State:
    return {
        f"{at(LINEAR)}.lokr_w1_a": torch.ones(4, 2),
        f"{at(LINEAR)}.lokr_w1_b": torch.ones(2, 4),
        f"{at(LINEAR)}.lokr_w2": torch.ones(4, 4),
    }


def mixed() -> State:
    """LyCORIS chooses for each layer."""
    return kohya() | {n: w for n, w in lokr().items() if not n.endswith("alpha")}


def tucker() -> State:
    name = at("down_blocks.0.resnets.0.conv2")
    return kohya() | {
        f"{name}.lora_down.weight": torch.ones(4, 16, 1, 1),
        f"{name}.lora_mid.weight": torch.ones(4, 4, 3, 3),
        f"{name}.lora_up.weight": torch.ones(16, 4, 1, 1),
    }


def with_words() -> State:
    """A pivotal tuning brings new words beside its LoRA."""
    return kohya() | {"bundle_emb.linen.string_to_param.*": torch.ones(2, 24)}


NOT_PLAIN = "“linen” is not a plain LoRA, “{}” in it is not understood: choose a LoRA without DoRA"
REFUSED: list[tuple[Callable[[], State], str]] = [
    (kohya_dora, NOT_PLAIN.format(f"{at(LINEAR)}.dora_scale")),
    (peft_dora, NOT_PLAIN.format(f"base_model.model.{LINEAR}.lora_magnitude_vector.weight")),
    (diffusers_dora, NOT_PLAIN.format(f"unet.{LINEAR}.lora_magnitude_vector")),
    (mixed, NOT_PLAIN.format(f"{at(LINEAR)}.lokr_w1")),
    (tucker, "“linen” is not a plain LoRA"),
    (with_words, "“linen” is not a plain LoRA"),
    (loha, "“linen” is no style (it looks like a LoHa or LoKr style, which are not supported)"),
    (lokr, "“linen” is no style (it looks like a LoHa or LoKr style, which are not supported)"),
    (lokr_in_two_parts, "“linen” is no style (it looks like a LoHa or LoKr style"),
    (lambda: {f"{at(LINEAR)}.oft_blocks": torch.ones(4, 4, 4)},
     "“linen” is no style (it looks like an OFT style, which is not supported)"),
    (lambda: {"decoder.conv_in.weight": torch.ones(8, 4, 3, 3)}, "(it looks like an image auto"),
    (lambda: {"emb_params": torch.ones(2, 24)}, "(it looks like a textual inversion)"),
    (lambda: {"conv_in.weight": torch.ones(16, 4, 3, 3)}, "“linen” is a whole model instead of"),
    (lambda: {}, "“linen” is no style (it holds no weights)"),
    (lambda: {".lora_A.weight": torch.ones(4, 4)}, "“linen” is no style"),
    (lambda: {"lora_te2_x.lora_down.weight": torch.ones(4, 4),
              "lora_te2_x.lora_up.weight": torch.ones(4, 4)}, "with several text encoders"),
    (lambda: {n: w for n, w in kohya().items() if n != f"{at(CONV)}.lora_up.weight"},
     f"Half of the change of “{at(CONV)}” is missing"),
    (lambda: kohya() | {f"{at(CONV)}.lora_up.weight": torch.ones(16, 5, 1, 1)},
     "(4×16×3×3 and 16×5×1×1) do not belong together"),
    (lambda: {"a.lora_A.weight": torch.ones(0, 4), "a.lora_B.weight": torch.ones(4, 0)},
     "(0×4 and 4×0) do not belong together"),
    (lambda: {"a.lora_A.weight": torch.ones(4), "a.lora_B.weight": torch.ones(4)},
     "(4 and 4) do not belong together"),
    (lambda: kohya() | {f"{at(LINEAR)}.lora_up.weight": torch.ones(16, 4, dtype=torch.int8)},
     "“linen” is not a plain LoRA"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "says"), REFUSED, ids=[says for _, says in REFUSED])
def test_taken_in_and_drawn_with_it_is_refused_in_one_sentence(
    tmp_path: Path, make: Callable[[], State], says: str
) -> None:
    file = tmp_path / "upload.safetensors"
    data = save(make())
    file.write_bytes(data)
    with pytest.raises(BadInput) as taken_in:
        read_style(file, "linen")
    with pytest.raises(ToileError) as drawn:
        drawn_with.read_style(data, "linen")
    text = str(taken_in.value)
    assert text == str(drawn.value) and says in text
    assert text.endswith(".") and "\n" not in text
    assert ": choose" in text or "download" in text


def test_nothing_but_the_header_is_needed(tmp_path: Path) -> None:
    """The numbers may be anything; that they are numbers is looked at when it is drawn with."""
    data = bytearray(save(kohya_dora()))
    start = 8 + int.from_bytes(data[:8], "little")
    data[start:] = b"\xff" * (len(data) - start)
    (tmp_path / "x.safetensors").write_bytes(data)
    with pytest.raises(BadInput, match="dora_scale” in it is not understood"):
        read_style(tmp_path / "x.safetensors")
    plain = bytearray(save(kohya()))
    start = 8 + int.from_bytes(plain[:8], "little")
    plain[start:] = b"\xff" * (len(plain) - start)
    (tmp_path / "y.safetensors").write_bytes(plain)
    assert read_style(tmp_path / "y.safetensors") == plain
    with pytest.raises(ToileError, match="no numbers"):
        drawn_with.read_style(bytes(plain), "y")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_usual_layout_is_taken_in(tmp_path: Path, layout: Callable[[Pairs], bytes]) -> None:
    file = tmp_path / "linen.safetensors"
    file.write_bytes(layout(PAIRS))
    assert read_style(file) == layout(PAIRS)
    changes = style_layers(read_header(file), "linen")
    assert [c.part for c in changes] == ["unet", "unet"]
    assert [c.place for c in changes] == [LINEAR.replace(".", "_"), CONV.replace(".", "_")]
    assert set(drawn_with.read_style(layout(PAIRS), "linen").unet) == {c.place for c in changes}


def test_what_is_no_safetensors_file_is_named(tmp_path: Path) -> None:
    given = tmp_path / "upload"
    given.write_bytes(save(kohya()))
    assert read_style(given, "linen.safetensors") == given.read_bytes()
    with pytest.raises(BadInput, match="“upload” is no style: choose"):
        read_style(given)
    torch.save(kohya(), given)
    with pytest.raises(BadInput, match=r"“linen.safetensors” was written by torch.save: choose"):
        read_style(given, "linen.safetensors")
    given.write_bytes(b"version https://git-lfs.github.com/spec/v1\nsize 9\n")
    with pytest.raises(BadInput, match=r"“linen.safetensors”: this is only a placeholder"):
        read_style(given, "linen.safetensors")


def test_a_style_that_is_too_large_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "linen.safetensors"
    large = save({"a.lora_A.weight": torch.ones(1, 4), "a.lora_B.weight": torch.ones(4, 1)})
    rows = LARGEST // 4
    text = large[8 : 8 + int.from_bytes(large[:8], "little")].decode()
    text = text.replace("[1,4]", f"[1,{rows}]").replace("[0,16]", f"[0,{4 * rows}]")
    text = text.replace("[16,32]", f"[{4 * rows},{4 * rows + 16}]").strip()
    with file.open("wb") as out:
        out.write(len(text).to_bytes(8, "little") + text.encode())
        out.truncate(8 + len(text) + 4 * rows + 16)
    with pytest.raises(BadInput, match="larger than 256 MB"):
        read_style(file)


def test_bytes_and_files_have_the_same_header(tmp_path: Path) -> None:
    """Every layout that a header is read of."""
    path = tmp_path / "w"
    for write in (
        lambda: path.write_bytes(save(kohya())),
        lambda: torch.save(kohya(), path),
        lambda: torch.save(kohya(), path, _use_new_zipfile_serialization=False),
    ):
        write()
        one, two = read_header(path), header_of(path.read_bytes(), "w")
        assert (one.layout, one.weights) == (two.layout, two.weights)


def test_a_report_tells_a_dora(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    for make in (kohya_dora, peft_dora, diffusers_dora):
        path.write_bytes(save(make()))
        assert recognise_header(read_header(path)).note.endswith(
            "with DoRA's additions, which are not supported."
        )
    path.write_bytes(save(kohya()))
    assert recognise_header(read_header(path)).note == "Its layout is as kohya's scripts write it."

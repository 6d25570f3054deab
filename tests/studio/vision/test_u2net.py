"""The published cloth parser's network: its weights' names and shapes, and its reading of maps."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from studio.errors import ModelDamaged, ModelMissing
from studio.vision import u2net
from studio.vision.u2net import ClothParser, U2Net


@pytest.fixture(scope="module")
def net() -> U2Net:
    torch.manual_seed(0)
    return U2Net().eval()


def test_it_has_the_published_weights_names_and_number(net: U2Net) -> None:
    state = net.state_dict()
    assert len(state) == 798 == len({*state, "stage1.rebnconvin.conv_s1.bias", "side6.weight"})
    assert {n.split(".")[0] for n in state} == {
        *(f"stage{n}" for n in range(1, 7)),
        *(f"stage{n}d" for n in range(1, 6)),
        *(f"side{n}" for n in range(1, 7)),
        "outconv",
    }
    for name, units in (("stage1", 14), ("stage4", 8), ("stage5", 8), ("stage1d", 14)):
        assert sum(n.startswith(f"{name}.") for n in state) == 7 * units
    assert sum(p.numel() for p in net.parameters()) == 44_051_452
    assert state["stage1.rebnconvin.conv_s1.weight"].shape == (64, 3, 3, 3)
    assert state["outconv.weight"].shape == (4, 24, 1, 1)


def test_any_size_goes_through_and_the_whole_picture_matters(net: U2Net) -> None:
    x = torch.randn(1, 3, 70, 50)
    with torch.no_grad():
        out = net(x)
        x[..., -3:, -3:] += 4
        moved = net(x)
    assert out.shape == (1, 4, 70, 50)
    # The deepest stage sees everything: the opposite corner answers to a change.
    assert (out - moved)[..., :3, :3].abs().max() > 1e-7


def test_a_published_file_loads_and_parses(
    net: U2Net, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(u2net, "_SIDE", 96)
    path = tmp_path / "cloth_segm.pth"
    torch.save({f"module.{k}": v for k, v in net.state_dict().items()}, path)
    parser = ClothParser.load(path)
    picture = Image.effect_noise((60, 90), 80).convert("RGB")
    classes = parser.parse(picture)
    assert classes.shape == (90, 60) and classes.dtype == np.uint8 and classes.max() <= 3
    square = picture.resize((96, 96), Image.Resampling.BICUBIC)
    x = torch.from_numpy(np.array(square)).permute(2, 0, 1)[None].float() / 127.5 - 1
    with torch.no_grad():
        wanted = net(x)[0].argmax(0).byte()
    assert (parser.parse(square) == wanted.numpy()).mean() > 0.999
    path.unlink()


def test_other_files_are_refused_with_a_reason(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing):
        ClothParser.load(tmp_path / "none.pth")
    torch.save({"module.stage1.weight": torch.zeros(3)}, tmp_path / "other.pth")
    with pytest.raises(ModelDamaged, match=r"cloth_segm\.pth"):
        ClothParser.load(tmp_path / "other.pth")
    (tmp_path / "broken.pth").write_bytes(b"version https://git-lfs.github.com/spec/v1")
    with pytest.raises(ModelDamaged):
        ClothParser.load(tmp_path / "broken.pth")

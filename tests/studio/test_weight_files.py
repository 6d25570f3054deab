"""Reading weight files: whole ones of every layout, and one sentence for each kind of damage."""

from __future__ import annotations

import io
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from studio.checkpoints import read_header, read_weights
from studio.conditions.published.whole import recognise, scan
from studio.errors import ModelDamaged, ModelMissing


@pytest.mark.parametrize("name", ["w.safetensors", "w.pt", "old.pth", "w.bin", "w.ckpt"])
def test_numbers_come_back_whatever_the_layout(tmp_path: Path, name: str):
    torch.manual_seed(0)
    weights = {
        "a": torch.randn(3, 4),
        "b": torch.randn(2).half(),
        "c": torch.randn(5).bfloat16(),
        "d": torch.arange(3),
        "e": torch.randn(4, 6).t(),
    }
    path = tmp_path / name
    if name.endswith("safetensors"):
        save_file({n: t.contiguous() for n, t in weights.items()}, path)
    else:
        torch.save(weights, path, _use_new_zipfile_serialization=name != "old.pth")
    read = read_weights(path)
    assert list(read) == list(read_header(path).weights)
    assert set(read) == set(weights)
    for key, tensor in weights.items():
        assert torch.equal(read[key], tensor) and read[key].dtype == tensor.dtype
        assert read_header(path).weights[key].shape == tuple(tensor.shape)
    assert set(read_weights(path, lambda n: n in "ab")) == {"a", "b"}


def test_names_within_names_are_joined_alike(tmp_path: Path):
    path = tmp_path / "w.bin"
    inner = torch.nn.Linear(2, 3)
    torch.save({"step": 4, "net": inner.state_dict(), "p": inner.weight}, path)
    assert set(read_weights(path)) == set(read_header(path).weights)
    assert set(read_weights(path)) == {"net.weight", "net.bias", "p"}
    assert torch.equal(read_weights(path)["net.bias"], inner.bias)


class Bomb:
    """Unpickling this would fail the test."""

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[str]]:
        return pytest.fail, ("a pickle was run",)


def _truncated(source: Path, target: Path, keep: float) -> None:
    data = source.read_bytes()
    target.write_bytes(data[: int(len(data) * keep)])


POINTER = (
    b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"a" * 64 + b"\nsize 3547959907\n"
)


def spoil(path: Path, how: str) -> None:
    """Write a broken file of some kind."""
    whole = path.with_name("whole" + path.suffix)
    weights = {"a": torch.randn(100, 100), "b": torch.randn(50)}
    if how == "cut":
        save_file(weights, whole)
        _truncated(whole, path, 0.6)
    elif how == "cut header":
        save_file(weights, whole)
        path.write_bytes(whole.read_bytes()[:40])
    elif how == "grown":
        save_file(weights, path)
        path.write_bytes(path.read_bytes() + b"more")
    elif how == "bad header":
        path.write_bytes(struct.pack("<Q", 9) + b'{"a": {}}')
    elif how == "cut zip":
        torch.save(weights, whole)
        _truncated(whole, path, 0.8)
    elif how in ("cut old", "cut old pickle"):
        torch.save(weights, whole, _use_new_zipfile_serialization=False)
        _truncated(whole, path, 0.8 if how == "cut old" else 0.008)
    elif how == "bomb":
        path.write_bytes(pickle.dumps(Bomb()))
    elif how == "bomb zip":
        torch.save({"a": weights["a"], "trainer": Bomb()}, path)
    elif how == "pickle":
        path.write_bytes(pickle.dumps({"a": 1}))
    elif how == "no weights":
        torch.save({"a": 1}, path)
    elif how == "tensor":
        torch.save(weights["a"], path)
    elif how == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("readme.txt", "x")
    else:
        path.write_bytes(
            {
                "empty": b"",
                "pointer": POINTER,
                "page": b"\n<!DOCTYPE html>\n<html><title>Sign in</title></html>",
                "json": b'{"error": "gated"}',
                "text": b"no such file",
                "picture": b"\x89PNG\r\n\x1a\n" + bytes(30),
                "noise": bytes(range(255, 0, -1)),
            }[how]
        )


@pytest.mark.parametrize(
    ("name", "how", "says"),
    [
        ("w.safetensors", "cut", "cut off, it has"),
        ("w.safetensors", "cut header", "list of weights is cut off"),
        ("w.safetensors", "grown", "too long"),
        ("w.safetensors", "bad header", "damaged"),
        ("w.safetensors", "pointer", "Git LFS pointer of 135 bytes"),
        ("w.pt", "pointer", "3547959907 bytes"),
        ("w.safetensors", "page", "web page"),
        ("w.bin", "page", "web page"),
        ("w.pt", "json", "JSON"),
        ("w.pth", "text", "is a text"),
        ("w.pth", "noise", "another kind"),
        ("w.pth", "picture", "PNG picture"),
        ("w.ckpt", "empty", "is empty"),
        ("w.pt", "cut zip", "only the beginning"),
        ("w.pth", "cut old", "only the beginning"),
        ("w.pth", "cut old pickle", "cut off"),
        ("w.pkl.bin", "bomb", "asks for “_pytest"),
        ("w.ckpt", "bomb zip", "asks for “_pytest"),
        ("w.pt", "pickle", "a pickle of something else"),
        ("w.pt", "no weights", "without weights"),
        ("w.pt", "tensor", "without names"),
        ("w.pt", "zip", "a zip archive"),
    ],
)
def test_a_broken_file_is_one_sentence(tmp_path: Path, name: str, how: str, says: str):
    path = tmp_path / name
    spoil(path, how)
    with pytest.raises(ModelDamaged) as caught:
        read_weights(path)
    text = str(caught.value)
    assert says in text and path.name in text and "\n" not in text and text.endswith(".")
    assert any(words in text for words in ("instead of", "is damaged"))
    assert ": " in text, "what to do stands after a colon"
    found = recognise(path)
    assert found.kind == "unknown" and found.problem == text


def test_what_is_not_there(tmp_path: Path):
    with pytest.raises(ModelMissing, match=r"cannot be found.*put the file there"):
        recognise(tmp_path / "w.pt")
    with pytest.raises(ModelMissing, match="is a folder"):
        read_weights(tmp_path)
    with pytest.raises(ModelMissing, match="make it"):
        scan(tmp_path / "none")
    assert scan(tmp_path) == []


def test_a_pickle_cannot_reach_our_own_code(tmp_path: Path):
    """Names with dots, modules of ours and what is built in are refused alike."""
    for module, name in (("builtins", "eval"), ("torch", "load"), ("torch", "Tensor.__class__")):
        path = tmp_path / "w.bin"
        path.write_bytes(b"\x80\x02c" + f"{module}\n{name}\n".encode() + b")R.")
        with pytest.raises(ModelDamaged, match="not opened"):
            read_header(path)


@pytest.mark.parametrize("name", ["w.safetensors", "w.pt", "old.pth"])
def test_no_numbers_are_read_for_a_header(tmp_path: Path, name: str):
    counter = Path("/proc/self/io")
    if not counter.exists():
        pytest.skip("this system does not count what is read")
    weights, path = {"a": torch.zeros(2**23), "b": torch.ones(3)}, tmp_path / name
    if name.endswith("safetensors"):
        save_file(weights, path)
    else:
        torch.save(weights, path, _use_new_zipfile_serialization=name != "old.pth")
    before = counter.read_text().split()[1]
    assert read_header(path).shapes == {"a": (2**23,), "b": (3,)}
    assert int(counter.read_text().split()[1]) - int(before) < 2**20


def test_a_file_of_torch_may_be_called_safetensors(tmp_path: Path):
    torch.save({"a": torch.ones(3)}, tmp_path / "w.safetensors")
    assert torch.equal(read_weights(tmp_path / "w.safetensors")["a"], torch.ones(3))


def _archive(compression: int = zipfile.ZIP_STORED, **changed: bytes) -> bytes:
    """A small file of torch.save with some of its records replaced; no bytes leave one out."""
    whole, made = io.BytesIO(), io.BytesIO()
    torch.save({"a": torch.ones(300, 10)}, whole)
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(made, "w", compression) as new:
        for entry in old.infolist():
            name = entry.filename.split("/", 1)[1]
            data = changed.get(name.split(".")[0].replace("/", "_"), old.read(entry))
            if data:
                new.writestr(entry.filename, data)
    return made.getvalue()


def _plain(numbers: int, shape: int) -> bytes:
    """A pickle of {"a": a tensor of this shape over so many stored numbers}."""

    def number(n: int) -> bytes:
        return pickle.dumps(n, 2)[2:-1]

    return (
        b"\x80\x02}X\x01\x00\x00\x00actorch._utils\n_rebuild_tensor_v2\n((X\x07\x00\x00\x00storage"
        b"ctorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpu"
        + number(numbers)
        + b"tQK\x00"
        b"(" + number(shape) + b"t(K\x01t\x89ccollections\nOrderedDict\n)RtRs."
    )


def _names_in_names() -> bytes:
    """Sixty names for sixty names for sixty … for the same number."""
    body = _plain(3000, 3)[2:-1] + b"q\x01"
    for level in range(5):
        names = [f"X\x02\x00\x00\x00{i:02}".encode() for i in range(60)]
        inner = [body, *[b"h" + bytes([level + 1])] * 59]
        pairs = b"".join(n + of + b"s" for n, of in zip(names, inner, strict=True))
        body = b"}q" + bytes([level + 2]) + pairs
    return b"\x80\x02" + body + b"."


def _bytes_of(count: int) -> bytes:
    """A pickle of so many zeros, asked for with a few bytes."""
    return (
        b"\x80\x02}X\x01\x00\x00\x00acbuiltins\nbytearray\n"
        + pickle.dumps(count, 2)[2:-1]
        + b"\x85Rs."
    )


@pytest.mark.parametrize(
    ("name", "make", "says"),
    [
        ("w.safetensors", lambda: struct.pack("<Q", 100 * 2**20) + b"{", "list of weights is cut"),
        ("w.safetensors", lambda: struct.pack("<Q", 2**62) + b"{", "a file of another kind"),
        ("w.pt", lambda: _archive(data=_plain(3000, 10**10)), "only the beginning"),
        ("w.pt", lambda: _archive(data=_plain(10**10, 10**10)), "only the beginning|cut off"),
        ("w.pt", lambda: _archive(data=_plain(10**17, 10**17)), "damaged or cut off"),
        ("w.pt", lambda: _archive(data=_plain(-5, -5)), "damaged"),
        ("w.pt", lambda: _archive(data=_names_in_names()), "damaged"),
        ("w.pt", lambda: _archive(data=_bytes_of(10**11)), "asks for “builtins.bytearray”"),
        ("w.pt", lambda: _archive(data_0=b""), "only the beginning"),
        ("w.pt", lambda: _archive(byteorder=b"big"), "another order of bytes"),
        ("w.pt", lambda: _archive(zipfile.ZIP_DEFLATED), "a compressed archive"),
    ],
)
def test_a_file_that_lies_costs_nothing(tmp_path: Path, name: str, make, says: str):
    """What a file says of itself is held against its own size before anything is made of it."""
    (tmp_path / name).write_bytes(make())
    for read in (read_header, read_weights):
        with pytest.raises(ModelDamaged, match=says):
            read(tmp_path / name)


def test_the_files_that_are_spoilt_here_are_whole_otherwise(tmp_path: Path):
    for data in (_archive(), _archive(data=_plain(3000, 3000))):
        (tmp_path / "w.pt").write_bytes(data)
        assert read_weights(tmp_path / "w.pt")["a"].sum() == 3000

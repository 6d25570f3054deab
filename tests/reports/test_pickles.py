"""Files of torch.save that lie about themselves: nothing runs, and nothing large is made."""

from __future__ import annotations

import io
import pickle
import resource
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from studio.checkpoints import read_header
from studio.checkpoints.scanned import Overdrawn, scan
from studio.checkpoints.styles import read_style
from studio.errors import BadInput, ModelDamaged

MAGIC = pickle.dumps(0x1950A86A20F9469CFC6C, 2)


def place(index: int) -> bytes:
    """Nine bytes that ask for a memo of so many places."""
    return b"\x80\x02Nr" + struct.pack("<I", index) + b"."


LIES = {
    "place 2**26": place(2**26),
    "place 2**28": place(2**28),
    "place 2**31": place(2**31 + 5),
    "place as text": b"\x80\x02Np1073741824\n.",
    "place asked for": b"\x80\x02j\xff\xff\xff\x7f.",
    "negative place": b"\x80\x02Np-1\n.",
    "bytes": b"\x80\x03B\xff\xff\xff\x7fx.",
    "long bytes": b"\x80\x04\x8e" + struct.pack("<Q", 2**40) + b"x.",
    "text": b"\x80\x02X\xff\xff\xff\x7fx.",
    "long text": b"\x80\x04\x8d" + struct.pack("<Q", 2**62) + b"x.",
    "bytearray": b"\x80\x05\x96" + struct.pack("<Q", 2**33) + b"x.",
    "number": b"\x80\x02\x8b\xff\xff\xff\x7fx.",
    "number that is there": b"\x80\x02\x8b" + struct.pack("<I", 200) + b"\x7f" * 200 + b".",
    "negative length": b"\x80\x02T\xff\xff\xff\xffx.",
    "frame": b"\x80\x04\x95" + struct.pack("<Q", 2**50) + b"N.",
    "frame beyond": b"\x80\x04\x95" + struct.pack("<Q", 100) + b"N.",
}


@pytest.mark.parametrize("lie", LIES)
def test_a_pickle_that_claims_more_than_is_there_is_not_followed(lie: str) -> None:
    data = LIES[lie]
    with pytest.raises((Overdrawn, ValueError)):
        scan(io.BytesIO(data), len(data))


def zipped(pickled: bytes) -> bytes:
    """An archive of torch.save with this list of weights."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("w/data.pkl", pickled)
        archive.writestr("w/version", b"3\n")
    return out.getvalue()


LAYOUTS: dict[str, Callable[[bytes], bytes]] = {
    "bare": lambda lie: lie,
    "zipped": zipped,
    "sequence": lambda lie: MAGIC + lie,
}


@pytest.mark.parametrize("name", ["w.pt", "w.bin", "w.ckpt", "w.safetensors"])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("lie", ["place 2**28", "bytes", "frame", "number"])
def test_a_file_of_nine_bytes_is_one_sentence(
    tmp_path: Path, name: str, layout: str, lie: str
) -> None:
    path = tmp_path / name
    path.write_bytes(LAYOUTS[layout](LIES[lie]))
    with pytest.raises(ModelDamaged, match=r"instead of a whole one|damaged|is a pickle"):
        read_header(path)


def test_a_file_of_nine_bytes_takes_no_memory(tmp_path: Path, root: Path) -> None:
    """Each of them, by a Python whose memory is counted: the peak rises by less than 100 MB."""
    for layout, wrap in LAYOUTS.items():
        for number, lie in enumerate(LIES.values()):
            (tmp_path / f"{layout}{number}.pt").write_bytes(wrap(lie))
    code = f"""
import resource, sys
from pathlib import Path
import torch
from studio.checkpoints import read_header
from studio.errors import ModelDamaged
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
before = peak()
for path in Path({str(tmp_path)!r}).iterdir():
    try:
        read_header(path)
        sys.exit(f"{{path}} was read")
    except ModelDamaged:
        pass
print(peak() - before)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-2000:]
    unit = 1 if sys.platform == "darwin" else 1024
    assert int(done.stdout) * unit < 100 * 2**20
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("lie", ["place 2**26", "place 2**31", "text", "frame"])
def test_a_style_that_is_no_safetensors_file_is_not_looked_into(
    tmp_path: Path, layout: str, lie: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "m.safetensors"
    path.write_bytes(LAYOUTS[layout](LIES[lie]))

    def looked_into(*_: object) -> None:
        pytest.fail("the style was followed")

    monkeypatch.setattr("studio.checkpoints.header.pickled_weights", looked_into)
    with pytest.raises(BadInput, match=r"“m.safetensors” was written by torch.save: choose"):
        read_style(path)


@pytest.mark.parametrize(
    "asks",
    [
        b"\x80\x04\x8c\x02os\x8c\x06system\x8c\x0bcollections\x8c\x0bOrderedDict0\x93.",
        b"\x80\x04\x8c\x0bcollections\x8c\x0bOrderedDict\x93.",
        b"\x80\x02\x82\x01.",
        b"\x80\x02\x84\x01\x00\x00\x00.",
        b"\x80\x02cos\nsystem\n.",
        b"\x80\x02(S'id'\nios\nsystem\n.",
        b"\x80\x02cbuiltins\nbytearray\n.",
    ],
)
def test_a_name_that_weights_do_not_have_is_told(asks: bytes) -> None:
    assert scan(io.BytesIO(asks), len(asks))


def many_names(width: int, levels: int) -> bytes:
    """Names within names within names for nothing at all, each dictionary the same one."""
    body = b"}q\x00"
    for level in range(levels):
        pairs = b"".join(
            b"X\x04\x00\x00\x00" + f"{n:04}".encode() + b"h" + bytes([level]) + b"s"
            for n in range(width)
        )
        body += b"0}q" + bytes([level + 1]) + pairs
    return b"\x80\x02" + body + b"."


@pytest.mark.parametrize(("width", "levels"), [(400, 5), (2000, 6), (9999, 3)])
def test_names_without_end_and_without_weights_come_to_an_end(
    tmp_path: Path, width: int, levels: int
) -> None:
    path = tmp_path / "w.pt"
    path.write_bytes(zipped(many_names(width, levels)))
    with pytest.raises(ModelDamaged):
        read_header(path)

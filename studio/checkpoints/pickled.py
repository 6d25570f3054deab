"""What a file of torch.save holds, read without torch and without running anything in it.

A pickle is a small program. This reader follows it, but whatever it asks for by name is answered
from a short list of harmless stand-ins, and anything else is refused. Tensors become names, shapes
and formats; their numbers are not read. Both layouts of torch.save are known: the zip archive
(since torch 1.6) and the older sequence of pickles followed by the numbers.
"""

from __future__ import annotations

import pickle
import struct
import zipfile
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO, NamedTuple

MAGIC = 0x1950A86A20F9469CFC6C
"""The first object of a file in the older layout."""
MAX_HEADER = 100 * 2**20
_DEEPEST = 6

BYTES = {
    "F64": 8, "F32": 4, "F16": 2, "BF16": 2, "C64": 8, "C128": 16,
    "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U8": 1, "BOOL": 1,
}  # fmt: skip
_STORAGES = {
    "DoubleStorage": "F64", "FloatStorage": "F32", "HalfStorage": "F16", "BFloat16Storage": "BF16",
    "LongStorage": "I64", "IntStorage": "I32", "ShortStorage": "I16", "CharStorage": "I8",
    "ByteStorage": "U8", "BoolStorage": "BOOL", "ComplexFloatStorage": "C64",
    "ComplexDoubleStorage": "C128",
}  # fmt: skip
_FORMATS = {
    "float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8",
    "bool", "complex64", "complex128", "half", "float", "double", "long", "int",
}  # fmt: skip


class Weight(NamedTuple):
    """A tensor of a file: its shape, and its number format as safetensors names it."""

    shape: tuple[int, ...]
    dtype: str


class Refused(Exception):
    """The pickle asks for something that is not data; the text is its name."""


class CutOff(Exception):
    """The file ends before its contents do; the text says what is missing."""


class NoTensors(Exception):
    """A pickle or archive that torch.save did not write; the text says what it is."""


class Contents(NamedTuple):
    """All tensors by their dotted names, and the names at the top that hold further names."""

    weights: dict[str, Weight]
    groups: tuple[str, ...]


class _Storage(NamedTuple):
    key: str
    dtype: str
    numbers: int


class _Maker:
    """Something a pickle may call. One for each reading, so that no file can change the next."""

    __slots__ = ("_make",)

    def __init__(self, make: Callable[..., Any]) -> None:
        self._make = make

    def __call__(self, *arguments: Any) -> Any:
        return self._make(*arguments)


class _Names(dict[Any, Any]):
    """Stands for an OrderedDict; a state dict's version notes are dropped."""

    def __setstate__(self, state: object) -> None:
        pass


def _tensor(storage: _Storage, offset: int, shape: tuple[int, ...], *_: Any) -> Weight:
    return Weight(tuple(int(n) for n in shape), storage.dtype)


def _parameter(weight: Weight, *_: Any) -> Weight:
    return weight


def _encoded(text: str, encoding: str) -> bytes:
    return text.encode("latin1" if encoding == "latin1" else "ascii")


class _Reader(pickle.Unpickler):
    """Follows a pickle, answering its calls with stand-ins."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file, encoding="utf-8")
        self.storages: dict[str, _Storage] = {}
        self._known: dict[str, Any] = {
            "collections.OrderedDict": _Maker(_Names),
            "torch._utils._rebuild_tensor": _Maker(_tensor),
            "torch._utils._rebuild_tensor_v2": _Maker(_tensor),
            "torch._utils._rebuild_parameter": _Maker(_parameter),
            "torch.Size": _Maker(tuple),
            "torch.device": _Maker(lambda *words: ":".join(str(word) for word in words)),
            "builtins.set": _Maker(set),
            "__builtin__.set": _Maker(set),
            "_codecs.encode": _Maker(_encoded),
        }

    def find_class(self, module_name: str, global_name: str, /) -> Any:
        name = f"{module_name}.{global_name}"
        if name in self._known:
            return self._known[name]
        if module_name == "torch" and global_name in _STORAGES:
            return _STORAGES[global_name]
        if module_name == "torch" and global_name in _FORMATS:
            return name
        raise Refused(name)

    def persistent_load(self, pid: Any, /) -> _Storage:
        kind, dtype, key, _, count = pid[:5]
        if kind != "storage" or dtype not in BYTES:
            raise Refused(f"the stored object “{kind}”")
        storage = _Storage(str(key), dtype, int(count))
        self.storages[storage.key] = storage
        return storage


def read_archive(file: BinaryIO) -> Contents:
    """The contents of an open file of torch.save in today's layout.

    Raises:
        Refused, CutOff, NoTensors: see there.
        pickle.UnpicklingError, ValueError and their like: the pickle in it is damaged.
    """
    try:
        archive = zipfile.ZipFile(file)
    except zipfile.BadZipFile:
        raise CutOff("the archive's list of contents at its end is missing") from None
    with archive:
        entries = {entry.filename: entry for entry in archive.infolist()}
        name = next((n for n in entries if n.split("/", 1)[-1] == "data.pkl"), None)
        if name is None:
            raise NoTensors("a zip archive")
        root = name.removesuffix("data.pkl")
        if f"{root}constants.pkl" in entries:
            raise NoTensors("a TorchScript program")
        if entries[name].file_size > MAX_HEADER:
            raise NoTensors("an archive with an oversized list of weights")
        with archive.open(name) as inner:
            reader = _Reader(inner)  # type: ignore[arg-type]  # a readable stream is enough
            tree = reader.load()
    for storage in reader.storages.values():
        entry = entries.get(f"{root}data/{storage.key}")
        expected = storage.numbers * BYTES[storage.dtype]
        if entry is None or entry.file_size < expected:
            raise CutOff(f"the numbers of its weight no. {storage.key} are not in the archive")
    return _contents(tree)


def read_sequence(file: BinaryIO) -> Contents:
    """The contents of an open file of torch.save in the older layout.

    Raises:
        Refused, CutOff, NoTensors, and what a damaged pickle raises: as for `read_archive`.
    """
    file.seek(0)
    magic = _Reader(file).load()
    if magic != MAGIC:
        raise NoTensors("a pickle of something else")
    for _ in ("protocol", "system"):
        _Reader(file).load()
    reader = _Reader(file)
    tree = reader.load()
    keys = _Reader(file).load()
    expected = file.tell()
    for key in keys:
        storage = reader.storages[str(key)]
        expected += struct.calcsize("<q") + storage.numbers * BYTES[storage.dtype]
    file.seek(0, 2)
    if file.tell() < expected:
        raise CutOff(f"it has {file.tell()} bytes instead of {expected}")
    return _contents(tree)


def _contents(tree: object) -> Contents:
    if not isinstance(tree, Mapping):
        raise NoTensors("a saved object without names")
    weights: dict[str, Weight] = {}

    def walk(names: Mapping[Any, Any], prefix: str, depth: int) -> None:
        for key, value in names.items():
            if isinstance(value, Weight):
                weights[f"{prefix}{key}"] = value
            elif isinstance(value, Mapping) and depth < _DEEPEST:
                walk(value, f"{prefix}{key}.", depth + 1)

    walk(tree, "", 0)
    groups = tuple(str(key) for key, value in tree.items() if isinstance(value, Mapping))
    return Contents(weights, groups)

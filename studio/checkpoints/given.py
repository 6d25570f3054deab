"""What people give in the place of weights: told by what lies there, before any time is spent.

A sentence names the option, the path as it was written, what that is, and what to give instead.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from studio.checkpoints.header import SUFFIXES, kind_of, read_header
from studio.checkpoints.kinds import recognise_header
from studio.errors import BadInput, ToileError
from studio.forms import NotJson, read_object

AUTOENCODERS = ("AutoencoderTiny", "AutoencoderKL")
"""The classes of autoencoders that are supported."""

_VAE = "the folder of an autoencoder, with config.json, or its .safetensors file"
_ADAPTERS = "a folder with published weight files, or leave it out"
_PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".tif", ".tiff", ".bmp", ".heic", ".avif")
_OTHER = "a weight file of another kind"
_UNKNOWN = kind_of(b"\0")
_MOST = 2000
"""Files that are looked at in a folder before it is told what it is."""


def refusal(option: str, path: Path, instead: str, what: str = "") -> BadInput:
    """The sentence for a path behind an option that is something else.

    Args:
        instead: what to give. what: the path is; empty to look.
    """
    return BadInput(f"{option} cannot use “{path}”, {what or what_is(path)}: give {instead}.")


def what_is(path: Path) -> str:
    """What lies at a path, as an apposition."""
    try:
        if path.is_dir():
            return _folder(path)
        if not path.exists():
            return "which is not there"
        return _file(path)
    except OSError as error:
        return f"which cannot be read ({error.strerror})"


def _file(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(512)
    if not head:
        return "an empty file"
    if path.suffix.lower() not in SUFFIXES:
        return kind_of(head)
    try:
        found = recognise_header(read_header(path))
    except ToileError:  # no weights, or broken ones: its first bytes tell what it is
        return kind_of(head)
    return f"{_OTHER if found.kind == 'unknown' else found.title}{found.aside}"


def no_weights(path: Path) -> bool:
    """Whether a path is something else than a weight file.

    A broken file, and the pointer that Git LFS leaves in the place of one, count as weight files:
    their reader says what is wrong with them.
    """
    if path.suffix.lower() not in SUFFIXES or not path.is_file():
        return True
    try:
        read_header(path)
    except ToileError:
        with path.open("rb") as file:
            head = file.read(512)
        return not head.startswith(b"version ") and kind_of(head) != _UNKNOWN
    return False


def _folder(path: Path) -> str:
    if (path / "model_index.json").is_file():
        return "the folder of a whole model"
    if called := class_in(path):
        return f"the folder of a {called}"
    if (path / "tokenizer_config.json").is_file():
        return "the folder of a tokenizer"
    names = [one.name for one, _ in zip(path.iterdir(), range(_MOST), strict=False)]
    if not names:
        return "an empty folder"
    if any(name.lower().endswith(SUFFIXES) for name in names):
        return "a folder of weight files without a config.json"
    pictures = sum(name.lower().endswith(_PICTURES) for name in names)
    return "a folder of pictures" if 2 * pictures > len(names) else "a folder without weights"


def class_in(folder: Path) -> str:
    """The class of the network in a folder of diffusers; empty for none."""
    return str(_config(folder).get("_class_name") or "")


def _config(folder: Path) -> dict[str, Any]:
    try:
        return read_object((folder / "config.json").read_bytes())
    except (OSError, NotJson):
        return {}


def autoencoder_folder(place: Path) -> Path:
    """Where an autoencoder is in a folder that is given for one: there, or in that of a model."""
    return place / "vae" if (place / "vae").is_dir() else place


def check_autoencoder(place: Path, option: str = "--vae") -> None:
    """Tell without reading numbers whether a path is an autoencoder.

    Raises:
        BadInput: it is none. ModelDamaged: it is a broken file.
    """
    if place.is_dir():
        folder = autoencoder_folder(place)
        if class_in(folder) not in AUTOENCODERS:
            raise refusal(option, place, _VAE)
        if not any(one.suffix.lower() in SUFFIXES for one in folder.iterdir()):
            what = "a folder with the configuration of an autoencoder and no weights"
            raise refusal(option, place, _VAE, what)
        return
    if no_weights(place):
        raise refusal(option, place, _VAE)
    header = read_header(place)
    if not any(name.removeprefix("first_stage_model.").startswith("decoder.")
               for name in header.weights):  # fmt: skip
        raise refusal(option, place, _VAE)


def check_adapters(place: Path, option: str = "--adapters") -> None:
    """Raises BadInput where a path is no folder with weight files in it or in its folders."""
    if not place.is_dir():
        raise refusal(option, place, _ADAPTERS)
    files = (one for one, _ in zip(place.rglob("*"), range(_MOST), strict=False))
    if not any(one.suffix.lower() in SUFFIXES for one in files):
        raise refusal(option, place, _ADAPTERS)

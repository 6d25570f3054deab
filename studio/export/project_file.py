"""The project file `NAME.toile`: a whole project in one ZIP file, out of one studio into another.

`manifest.json` says what it is, `project.json` holds everything but the pictures,
`pictures/SHA256.png` are the pictures and `styles/SHA256.safetensors` the styles by their content.
Whatever is read is checked before anything is stored; what was stored then stays whole, or goes
again.
"""

from __future__ import annotations

import contextlib
import io
import lzma
import re
import stat
import struct
import time
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Annotated, Literal, TypeVar

from pydantic import BaseModel, StringConstraints

from studio import __version__
from studio.errors import BadInput
from studio.export.project_form import ProjectForm, Strict, Time, packed, unpacked
from studio.forms import read_form
from studio.gallery import Project, Store
from studio.gallery.needed import STYLE_FILE
from studio.pngmeta import NOT_OPENED, opened
from studio.request import sha_of

VERSION = 3
"""The form of the file; a larger number comes from a newer Toile."""

MOST_BYTES = 500 * 2**20
MOST_ENTRIES = 20_000
_MOST_JSON = 64 * 2**20
_MOST_RATIO = 200
"""How far one entry may unpack; a text of drawings packs 20 to 1, a bomb 1000 to 1."""
_SMALL = 2**20
"""Bytes up to which an entry may unpack from as little as it likes."""
_MOST_PIXELS = 4096 * 4096

_NAMES = re.compile(
    r"manifest\.json|project\.json|pictures/[0-9a-f]{64}\.png|styles/[0-9a-f]{64}\.safetensors"
)
_FOLDERS = {"png": "pictures", STYLE_FILE: "styles"}

Model = TypeVar("Model", bound=BaseModel)


class _Manifest(Strict):
    kind: Literal["toile-project"]
    version: int
    app: Annotated[str, StringConstraints(max_length=40)]
    created: Time
    name: Annotated[str, StringConstraints(max_length=400)]


# Writing


def write_project(store: Store, project_id: str, to: IO[bytes]) -> Project:
    """Write a project as a project file.

    Raises:
        BadInput: no such project, or one that is larger than a project file may be.
        StorageError: one of its pictures is missing or damaged.
    """
    parcel = store.take_out(project_id)
    files = parcel.files()
    if len(files) + 2 > MOST_ENTRIES:
        raise BadInput(
            f"The project has {len(files)} pictures, more than one file holds: empty its trash, or "
            "remove some."
        )
    project = parcel.project
    manifest = _Manifest(
        kind="toile-project", version=VERSION, app=__version__, created=time.time(),
        name=project.name,
    )  # fmt: skip
    written = 0
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
        archive.writestr("manifest.json", manifest.model_dump_json(indent=1))
        archive.writestr("project.json", packed(parcel).model_dump_json())
        for sha, extension in sorted(files.items()):
            data = store.file(sha)
            written += len(data)
            if written > MOST_BYTES - _MOST_JSON:
                raise BadInput(
                    "The project is larger than 500 MB: empty its trash, or remove some pictures."
                )
            # Neither a PNG nor weights would pack any smaller.
            archive.writestr(_entry_name(sha, extension), data, zipfile.ZIP_STORED)
    return project


def _entry_name(sha: str, extension: str) -> str:
    return f"{_FOLDERS[extension]}/{sha}.{extension}"


# Reading


def read_project(store: Store, source: Path | IO[bytes]) -> Project:
    """Keep the project of a project file as a new one; pictures already there are shared.

    Raises:
        BadInput: the file cannot be used; one sentence says why. Nothing of it was kept.
        StorageError: it could not be kept.
    """
    size = source.stat().st_size if isinstance(source, Path) else source.seek(0, io.SEEK_END)
    if size > MOST_BYTES:
        raise BadInput("The file is larger than 500 MB: export the project again with less in it.")
    with _opened(source) as archive:
        entries = _entries(archive)
        manifest = _json(archive, entries, "manifest.json", _Manifest)
        if manifest.version > VERSION:
            raise BadInput("The project was written by a newer Toile: update this one first.")
        if manifest.version < 1:
            raise BadInput("The project file has no known version: export the project again.")
        parcel = unpacked(_json(archive, entries, "project.json", ProjectForm))
        needed = {sha: _entry_name(sha, ending) for sha, ending in parcel.files().items()}
        if missing := set(needed.values()) - set(entries):
            raise BadInput(
                f"{len(missing)} of the project's pictures are missing in the file: export the "
                "project again."
            )
        for sha, name in sorted(needed.items()):
            require = _require_png if name.endswith(".png") else _require_style
            require(_bytes(archive, entries[name]), sha)
        store.require_room()
        return store.put_in(parcel, lambda sha: _bytes(archive, entries[needed[sha]]))


@contextlib.contextmanager
def _opened(source: Path | IO[bytes]) -> Iterator[zipfile.ZipFile]:
    """The archive, with everything that a broken one can throw in one sentence."""
    try:
        with zipfile.ZipFile(source) as archive:
            yield archive
    except (
        zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, lzma.LZMAError, EOFError,
        NotImplementedError, RuntimeError, struct.error,
    ) as error:  # fmt: skip
        raise BadInput(
            "The file is damaged or no Toile project: choose a .toile file, or export it again."
        ) from error


def _entries(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The archive's files by name; refuses names, kinds and sizes that we never write."""
    listed = [i for i in archive.infolist() if i.filename not in ("pictures/", "styles/")]
    if len(listed) > MOST_ENTRIES:
        raise BadInput(f"The file holds more than {MOST_ENTRIES} entries: it is no Toile project.")
    found: dict[str, zipfile.ZipInfo] = {}
    total = 0
    for info in listed:
        kind = stat.S_IFMT(info.external_attr >> 16)
        if not _NAMES.fullmatch(info.filename) or kind not in (0, stat.S_IFREG):
            raise BadInput("The file holds something that no Toile project has: nothing was kept.")
        if info.filename in found:
            raise BadInput("The file holds one entry twice: export the project again.")
        if info.flag_bits & 1:
            raise BadInput("The file is locked with a password: export the project again.")
        total += info.file_size
        bomb = info.file_size > _SMALL and info.file_size > _MOST_RATIO * info.compress_size
        if total > MOST_BYTES or bomb:
            raise BadInput("The file unpacks to far more than a project holds: nothing was kept.")
        found[info.filename] = info
    return found


def _bytes(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    with archive.open(info) as file:
        return file.read()


def _json(
    archive: zipfile.ZipFile, entries: dict[str, zipfile.ZipInfo], name: str, model: type[Model]
) -> Model:
    """A checked JSON file of the archive."""
    info = entries.get(name)
    if info is None:
        raise BadInput("The file is no Toile project: choose a file that ends in .toile.")
    if info.file_size > _MOST_JSON:
        raise BadInput("The file unpacks to far more than a project holds: nothing was kept.")
    what = f"The project in the file ({name})"
    return read_form(model, _bytes(archive, info), what, "export it again")


def _require_png(data: bytes, sha: str) -> None:
    """Raises BadInput unless these bytes are the picture that their name says."""
    if sha_of(data) != sha:
        raise BadInput("A picture in the file is not what it was: export the project again.")
    try:
        with opened(data, ("PNG",)) as image:
            right = image.width * image.height <= _MOST_PIXELS
            if right:
                image.load()
    except NOT_OPENED:
        right = False
    if not right:
        raise BadInput("A picture in the file cannot be read: export the project again.")


def _require_style(data: bytes, sha: str) -> None:
    """Raises BadInput unless these bytes are the style that their name says."""
    if sha_of(data) != sha:
        raise BadInput("A style in the file is not what it was: export the project again.")
    # The engine looks closer before it uses one; safetensors cannot hold anything that runs.
    length = int.from_bytes(data[:8], "little")
    if not data[8:9] == b"{" or 8 + length > len(data):
        raise BadInput("A style in the file cannot be read: export the project again.")

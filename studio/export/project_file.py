"""The project file `NAME.toile`: a whole project in one ZIP file, out of one studio into another.

`manifest.json` says what it is, `project.json` holds everything but the pictures,
`pictures/SHA256.png` are the pictures and `styles/SHA256.safetensors` the styles by their content.
Whatever is read is checked before
anything is stored; what was stored then stays whole, or goes again.
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
from typing import IO, Annotated, Any, Literal, TypeVar

from PIL import Image
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from studio import __version__
from studio.errors import BadInput, ToileError
from studio.gallery import Project, ReferenceBoard, Store, Variant
from studio.gallery.blobs import sha256
from studio.gallery.needed import STYLE_FILE, files_of
from studio.gallery.parcels import Parcel
from studio.gallery.records import ComponentRevision, SketchRevision
from studio.garment.placing import read_document
from studio.request import MAX_PROMPT, MAX_SEED, GenerationRequest

VERSION = 2
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

Sha = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Id = Annotated[str, StringConstraints(min_length=1, max_length=32)]
Time = Annotated[float, Field(ge=0, le=1e11, allow_inf_nan=False)]


Model = TypeVar("Model", bound=BaseModel)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Manifest(_Strict):
    kind: Literal["toile-project"]
    version: int
    app: Annotated[str, StringConstraints(max_length=40)]
    created: Time
    name: Annotated[str, StringConstraints(max_length=400)]


class _Sketch(_Strict):
    id: Id
    strokes: Annotated[str, StringConstraints(max_length=4_000_000)]
    ink: Sha | None
    photo: Sha | None
    created: Time


class _Components(_Strict):
    id: Id
    document: Annotated[str, StringConstraints(max_length=100_000)]
    created: Time


class _Check(BaseModel):
    model_config = ConfigDict(extra="allow", strict=True)
    what: Annotated[str, StringConstraints(max_length=200)]
    passed: bool | None


class _Picture(_Strict):
    id: Id
    parent: Id | None
    sketch: Id | None
    components: Id | None
    picture: Sha
    request: Annotated[str, StringConstraints(max_length=200_000)]
    prompt: Annotated[str, StringConstraints(max_length=MAX_PROMPT)]
    weights: Annotated[str, StringConstraints(max_length=64)]
    seed: Annotated[int, Field(ge=0, le=MAX_SEED)]
    seconds: Annotated[float, Field(ge=0, le=1e7, allow_inf_nan=False)]
    width: Annotated[int, Field(ge=1, le=4096)]
    height: Annotated[int, Field(ge=1, le=4096)]
    checks: Annotated[list[_Check], Field(max_length=200)]
    passed: bool | None
    note: Annotated[str, StringConstraints(max_length=2000)]
    starred: bool
    created: Time
    deleted_at: Time | None
    inputs: dict[Annotated[str, StringConstraints(max_length=32)], Sha]


class _File(_Strict):
    role: Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,16}( [1-9])?$")]
    sha: Sha


class _References(_Strict):
    document: Annotated[str, StringConstraints(max_length=100_000)]
    files: Annotated[list[_File], Field(max_length=40)]


class _Project(_Strict):
    name: Annotated[str, StringConstraints(max_length=400)]
    draft: Annotated[str, StringConstraints(max_length=1_000_000)]
    created: Time
    updated: Time
    sketches: list[_Sketch]
    components: list[_Components]
    pictures: list[_Picture]
    references: _References | None = None


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
        archive.writestr("project.json", _packed(parcel).model_dump_json())
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


def _packed(parcel: Parcel) -> _Project:
    p = parcel.project
    refers = parcel.references
    return _Project(
        name=p.name,
        draft=p.draft,
        created=p.created,
        updated=p.updated,
        sketches=[
            _Sketch(id=s.id, strokes=s.strokes, ink=s.ink_sha, photo=s.photo_sha, created=s.created)
            for s in parcel.sketches
        ],
        components=[
            _Components(id=c.id, document=c.document, created=c.created) for c in parcel.components
        ],
        pictures=[
            _Picture(
                id=v.id, parent=v.parent_variant_id, sketch=v.sketch_rev_id,
                components=v.component_rev_id, picture=v.picture_sha, request=v.request,
                prompt=v.prompt, weights=v.weights, seed=v.seed, seconds=v.seconds,
                width=v.width, height=v.height, checks=[_Check(**c) for c in v.checks],
                passed=v.passed, note=v.note, starred=v.starred, created=v.created,
                deleted_at=v.deleted_at, inputs=v.inputs,
            )
            for v in parcel.variants
        ],
        references=None if refers is None else _References(
            document=refers.document,
            files=[_File(role=role, sha=sha) for role, sha in refers.files],
        ),
    )  # fmt: skip


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
        parcel = _unpacked(_json(archive, entries, "project.json", _Project))
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
    try:
        return model.model_validate_json(_bytes(archive, info))
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"][:3]) or "its form"
        raise BadInput(
            f"The project in the file cannot be read ({name}, {where[:60]}): export it again."
        ) from error


def _unpacked(data: _Project) -> Parcel:
    """The parcel of a checked project; refuses what refers to something that is not there."""
    project = Project("", data.name, data.draft, data.created, data.updated)
    ids = [e.id for e in (*data.sketches, *data.components, *data.pictures)]
    if len(set(ids)) != len(ids):
        raise _altered()
    sketches, revisions = {s.id for s in data.sketches}, {c.id for c in data.components}
    for sketch in data.sketches:
        _require_strokes(sketch.strokes)
    try:
        for revision in data.components:
            read_document(revision.document)
    except ToileError as error:
        raise _altered() from error
    seen: set[str] = set()
    variants: list[Variant] = []
    for seq, p in enumerate(data.pictures, 1):
        known = (
            (p.parent is None or p.parent in seen)
            and (p.sketch is None or p.sketch in sketches)
            and (p.components is None or p.components in revisions)
        )
        try:
            request = GenerationRequest.from_json(p.request)
        except ToileError as error:
            raise _altered() from error
        used = set(files_of(request).values())
        if not known or not used <= set(p.inputs.values()):
            raise _altered()
        seen.add(p.id)
        variants.append(
            Variant(
                seq, p.id, "", p.parent, p.sketch, p.picture, p.request, p.prompt, p.weights,
                p.seed, p.seconds, p.width, p.height, tuple(c.model_dump() for c in p.checks),
                p.starred, p.created,
                p.deleted_at, p.inputs, p.note, p.components, passed=p.passed,
            )
        )  # fmt: skip
    return Parcel(
        project,
        tuple(
            SketchRevision(s.id, "", s.strokes, s.ink, s.photo, s.created) for s in data.sketches
        ),
        tuple(ComponentRevision(c.id, "", c.document, c.created) for c in data.components),
        tuple(variants),
        _refers(data.references),
    )


def _refers(data: _References | None) -> ReferenceBoard | None:
    """What a project refers to. The page reads the document itself, trusting nothing in it."""
    if data is None:
        return None
    return ReferenceBoard(data.document, tuple((file.role, file.sha) for file in data.files))


class _Strokes(BaseModel):
    model_config = ConfigDict(strict=True)
    strokes: Annotated[list[dict[str, Any]], Field(max_length=20_000)]


def _require_strokes(text: str) -> None:
    try:
        _Strokes.model_validate_json(text)
    except ValidationError as error:
        raise _altered() from error


def _require_png(data: bytes, sha: str) -> None:
    """Raises BadInput unless these bytes are the picture that their name says."""
    if sha256(data) != sha:
        raise BadInput("A picture in the file is not what it was: export the project again.")
    try:
        with Image.open(io.BytesIO(data)) as image:
            right = image.format == "PNG" and image.width * image.height <= _MOST_PIXELS
            if right:
                image.load()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        right = False
    if not right:
        raise BadInput("A picture in the file cannot be read: export the project again.")


def _require_style(data: bytes, sha: str) -> None:
    """Raises BadInput unless these bytes are the style that their name says."""
    if sha256(data) != sha:
        raise BadInput("A style in the file is not what it was: export the project again.")
    # The engine looks closer before it uses one; safetensors cannot hold anything that runs.
    length = int.from_bytes(data[:8], "little")
    if not data[8:9] == b"{" or 8 + length > len(data):
        raise BadInput("A style in the file cannot be read: export the project again.")


def _altered() -> BadInput:
    return BadInput("The project in the file does not fit together: export it again.")

"""A real data set as shards of pairs, so that the wardrobe's recipes train on it.

OUT/flat/, OUT/worn/         shards, row for row (see `trainer.data.pairs`)
    pictures.npy             uint8 (n, H, W, 3)
    garment.npy              where the garment is, packed bits (n, H, W / 8)
    records.jsonl            source, category, captions, keypoints, face_box, mask_from
    left_out.jsonl           records of this shard that could not be prepared, and why
OUT/left_out.jsonl           the same for all shards, and what validation left out

A garment's picture is always shown whole; the worn one is padded or cropped (`trainer.data.frame`).
The garment's mask is the data set's own, else it is found as the studio finds it
(`studio.vision.garment_mask`), which also tells the category where the data set does not; a garment
that is not found is left out. The worn garment's mask is the data set's own, else its label map's,
else perception's; where that sees none it is empty, and `mask_from` is “nothing”.

A shard is written whole or not at all, and one that is there is not written again, so that a
stopped preparation goes on where it was.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.errors import BadInput, StorageError
from studio.vision.garment_mask import garment_mask
from studio.vision.perception import Perception
from studio.vision.pictures import on_white
from trainer.data.captioning import weights_mark
from trainer.data.frame import FITS, Fit, Frame
from trainer.data.problems import write_left_out
from trainer.data.readers.files import open_as_is, open_labels, open_mask, open_picture
from trainer.data.readers.joints import read_joints
from trainer.data.readers.record import Category, PairRecord
from trainer.data.validate import EMPTY, FULL
from trainer.run import replace_folder

SHARD_SIZE = 250
_VERSION = 1
Half = tuple[NDArray[np.uint8], NDArray[np.uint8], dict[str, Any]]
"""One picture of a pair: pixels, garment mask, record."""


@dataclass(frozen=True)
class PrepareSettings:
    """How a data set is prepared.

    Attributes:
        size: width and height in pixels, multiples of 64.
        fit: of the worn pictures.
        shard_size: pairs in a shard; a shard is put together in memory.
    """

    size: tuple[int, int] = (256, 256)
    fit: Fit = "pad"
    shard_size: int = SHARD_SIZE

    def __post_init__(self) -> None:
        if any(side <= 0 or side % 64 for side in self.size):
            raise BadInput(
                f"The size {self.size[0]}x{self.size[1]} does not fit: width and height must be "
                "multiples of 64, such as 256x256 or 384x512."
            )
        if self.fit not in FITS:
            raise BadInput(f"Unknown fit “{self.fit}”: choose one of {', '.join(FITS)}.")
        if self.shard_size < 1:
            raise BadInput(f"The shard size is {self.shard_size}: give 1 or more.")


def parse_size(text: str) -> tuple[int, int]:
    """“384x512”, width first, as numbers. Raises BadInput."""
    parts = text.lower().split("x")
    if len(parts) != 2 or not all(part.isdigit() for part in parts):
        raise BadInput(f"The size “{text}” is not WIDTHxHEIGHT: write it as 384x512.")
    return int(parts[0]), int(parts[1])


def prepare(
    records: Sequence[PairRecord],
    out: Path,
    settings: PrepareSettings,
    perception: Perception,
    left_out: Mapping[str, Sequence[str]] | None = None,
    threads: int = 2,
    say: Callable[[str], None] = print,
) -> int:
    """Write the shards that are not there yet; returns the number of pairs in all of them.

    Args:
        records: validated ones.
        perception: helps to find masks that the data set does not have.
        left_out: what validation left out, for OUT/left_out.jsonl.

    Raises:
        BadInput: there are no records, or none of them can be prepared.
        StorageError: the folder cannot be written.
    """
    if not records:
        raise BadInput("There are no records to prepare: check --layout and --split.")
    mark = _mark(records, settings, weights_mark(perception))
    starts = range(0, len(records), settings.shard_size)
    names = [f"{start:010d}-{settings.shard_size}-{mark}" for start in starts]
    maker = _Maker(settings, perception, threads)
    everything = {id: list(why) for id, why in (left_out or {}).items()}
    count = 0
    try:
        for done, (start, name) in enumerate(zip(starts, names, strict=True), 1):
            flat, worn = out / "flat" / name, out / "worn" / name
            if not (flat.exists() and worn.exists()):
                pairs, refused = maker.make(records[start : start + settings.shard_size])
                if not pairs:
                    everything |= refused
                    continue
                for path, half in ((flat, 0), (worn, 1)):
                    _write_shard(path, [pair[half] for pair in pairs], refused, settings.size)
            # The recipes take the newest kind of shards in a folder: let it be these.
            for path in (flat, worn):
                os.utime(path)
            lines = (worn / "left_out.jsonl").read_text(encoding="utf-8").splitlines()
            everything |= {told["id"]: told["why"] for told in map(json.loads, lines)}
            count += len((worn / "records.jsonl").read_text(encoding="utf-8").splitlines())
            say(f"prepare: {done} of {len(names)} shards, {count} pairs")
        write_left_out(out / "left_out.jsonl", everything)
    except OSError as error:
        raise StorageError(
            f"Cannot write shards to {out}: {error.strerror}; free space or choose another --out."
        ) from error
    if not count:
        why = next(iter(everything.values()), ["nothing was read"])[0]
        raise BadInput(f"No pair could be prepared; the first: {why}")
    return count


def _mark(records: Sequence[PairRecord], settings: PrepareSettings, weights: str) -> str:
    """Eight hex digits of all that decides the shards, files by their size and time."""
    digest = hashlib.sha256(f"{_VERSION} {settings} {weights}".encode())
    for r in records:
        files = [r.garment, r.worn, r.garment_mask, r.worn_mask, r.parse, r.keypoints]
        stats = [f.stat() if f is not None and f.is_file() else None for f in files]
        told = [r.id, r.category, r.captions, r.parse_classes,
                [s and (s.st_size, s.st_mtime_ns) for s in stats]]  # fmt: skip
        digest.update(json.dumps(told).encode())
    return digest.hexdigest()[:8]


def _write_shard(
    path: Path,
    halves: Sequence[Half],
    refused: dict[str, list[str]],
    size: tuple[int, int],
) -> None:
    width, height = size

    def fill(folder: Path) -> None:
        pictures = np.empty((len(halves), height, width, 3), np.uint8)
        masks = np.empty((len(halves), height, width // 8), np.uint8)
        for i, (picture, mask, _) in enumerate(halves):
            pictures[i], masks[i] = picture, np.packbits(mask > 127, -1)
        np.save(folder / "pictures.npy", pictures)
        np.save(folder / "garment.npy", masks)
        lines = [json.dumps(record, ensure_ascii=False) for _, _, record in halves]
        text = "".join(f"{line}\n" for line in lines)
        (folder / "records.jsonl").write_text(text, encoding="utf-8")
        write_left_out(folder / "left_out.jsonl", refused)

    replace_folder(path, fill)


class _Maker:
    """Turns records into the two pictures of a pair."""

    def __init__(self, settings: PrepareSettings, perception: Perception, threads: int):
        self.settings, self.perception, self.threads = settings, perception, threads

    def make(
        self, records: Sequence[PairRecord]
    ) -> tuple[list[tuple[Half, Half]], dict[str, list[str]]]:
        """Flat and worn halves, and what could not be used, with the reason."""
        pairs: list[tuple[Half, Half]] = []
        refused: dict[str, list[str]] = {}
        with ThreadPoolExecutor(self.threads) as pool:
            for record, made in zip(records, pool.map(self._pair_or_why, records), strict=True):
                if isinstance(made, str):
                    refused[record.id] = [f"{record.id}: {made}"]
                else:
                    pairs.append(made)
        return pairs, refused

    def _pair_or_why(self, record: PairRecord) -> tuple[Half, Half] | str:
        try:
            return self._pair(record)
        except BadInput as error:
            return str(error)

    def _pair(self, record: PairRecord) -> tuple[Half, Half]:
        garment = open_as_is(record.garment)
        given = None if record.garment_mask is None else open_mask(record.garment_mask)
        found = garment_mask(
            garment, record.category or "auto", perception=self.perception, mask=given
        )
        source = found.source if given is None else "mask"
        pixels = np.asarray(on_white(garment))
        flat = self._half(record, found.part, pixels, found.mask, source, "pad")
        worn = np.asarray(open_picture(record.worn))
        told = self._half(record, found.part, worn, *self._worn(record, worn), self.settings.fit)
        return flat, self._with_joints(record, told, worn)

    def _worn(self, record: PairRecord, worn: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], str]:
        """The mask of the garment that is worn, and who says so."""
        if record.worn_mask is not None:
            return open_mask(record.worn_mask), "mask"
        if record.parse is not None:
            labels = np.isin(open_labels(record.parse), record.parse_classes)
            return np.where(labels, 255, 0).astype(np.uint8), "label map"
        # What stands out from the ground is the whole person here: only perception can tell.
        mask = self.perception.see(worn[None])[0].mask
        if EMPTY <= float((mask > 127).mean()) <= FULL:
            return mask, "perception"
        return np.zeros(worn.shape[:2], np.uint8), "nothing"

    def _half(
        self,
        record: PairRecord,
        category: Category,
        picture: NDArray[np.uint8],
        mask: NDArray[np.uint8],
        source: str,
        fit: Fit,
    ) -> Half:
        height, width = picture.shape[:2]
        frame = Frame.of(width, height, self.settings.size, fit)
        told: dict[str, Any] = {
            "source": record.id,
            "category": category,
            "captions": list(record.captions),
            "mask_from": source,
            "keypoints": None,
            "face_box": None,
        }
        return frame.picture(picture), frame.mask(mask), told

    def _with_joints(self, record: PairRecord, half: Half, worn: NDArray[np.uint8]) -> Half:
        """The worn half with joints and face, where the file of joints can be used."""
        if record.keypoints is None:
            return half
        height, width = worn.shape[:2]
        try:
            joints = read_joints(record.keypoints, width, height)
        except BadInput:
            # Validation has said so; a pair without a pose is a pair all the same.
            return half
        if joints is None:
            return half
        frame = Frame.of(width, height, self.settings.size, self.settings.fit)
        points = frame.joints(joints.points)
        face = None if joints.face is None else frame.box(joints.face)
        picture, mask, told = half
        where = {
            "keypoints": np.round(points.astype(float), 5).tolist(),
            "face_box": None if face is None else [round(v, 5) for v in face],
        }
        return picture, mask, {**told, **where}

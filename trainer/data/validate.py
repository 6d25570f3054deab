"""Look at every file of a data set before anything is trained on it.

Each picture is decoded, because a file cut short opens and only fails when it is read; each is
hashed, because the same garment in training and test makes every measurement too good. Records
with something broken are left out and listed; the others go on.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from studio.errors import BadInput
from trainer.data.problems import Problem, Report
from trainer.data.readers.files import open_labels, open_mask, open_picture
from trainer.data.readers.joints import read_joints
from trainer.data.readers.record import PairRecord

SMALLEST = 128
"""Pixels of the shorter side."""
EMPTY, FULL = 0.002, 0.98
"""Parts of a picture below and above which a mask says nothing."""
_SHAPE_TOLERANCE = 0.02
_SAY_EVERY = 2000

CountTokens = Callable[[str], int]


@dataclass(frozen=True)
class _Look:
    """What is known of one picture file."""

    width: int = 0
    height: int = 0
    digest: str = ""
    fault: str = ""


def validate(
    records: Sequence[PairRecord],
    held_out: Sequence[PairRecord] = (),
    count_tokens: CountTokens | None = None,
    longest: int = 64,
    smallest: int = SMALLEST,
    threads: int = 2,
    say: Callable[[str], None] = print,
) -> Report:
    """Check records; raises nothing for what is wrong with them (see `Report.usable`).

    Args:
        held_out: records of the test that are not checked themselves; their garments may not be
            in the training.
        count_tokens: tokens of a caption with start and end; None leaves the lengths unchecked.
        longest: tokens that the text encoder reads.
        smallest: pixels of the shorter side that a picture must have.
    """
    looks = _looks(records, threads, say)
    tested = {_digest(r.garment) for r in held_out if r.split == "test" and r.garment.is_file()}
    tested |= {looks[r.garment].digest for r in records if r.split == "test"}
    tested.discard("")
    first: dict[tuple[str, str], str] = {}
    good: list[PairRecord] = []
    problems: list[Problem] = []
    sizes: Counter[str] = Counter()

    def check(record: PairRecord) -> list[Problem]:
        return list(_problems(record, looks, smallest, count_tokens, longest))

    with ThreadPoolExecutor(threads) as pool:
        for record, found in zip(records, pool.map(check, records), strict=True):
            garment, worn = looks[record.garment], looks[record.worn]
            for name, look in (("garment", garment), ("worn", worn)):
                if look.digest:
                    sizes[f"{name} {look.width}x{look.height}"] += 1
            if garment.digest and worn.digest:
                key = (garment.digest, worn.digest)
                if (earlier := first.setdefault(key, record.id)) != record.id:
                    text = f"{record.id}: both pictures are the same as those of {earlier}."
                    found.append(Problem("duplicate", record.id, text))
            if record.split == "train" and garment.digest in tested:
                text = f"{record.id}: {record.garment.name} is also a garment of the test."
                found.append(Problem("leak", record.id, text))
            problems += found
            if not any(p.broken for p in found):
                good.append(record)
    problems += _shared(good, looks)
    return Report(tuple(good), len(records), tuple(problems), sizes)


def _looks(
    records: Sequence[PairRecord], threads: int, say: Callable[[str], None]
) -> Mapping[Path, _Look]:
    """Decode and hash each picture once, whatever the number of records that name it."""
    paths = list(dict.fromkeys(path for r in records for path in (r.garment, r.worn)))
    looks: dict[Path, _Look] = {}
    with ThreadPoolExecutor(threads) as pool:
        for path, look in zip(paths, pool.map(_look, paths), strict=True):
            looks[path] = look
            if len(looks) % _SAY_EVERY == 0:
                say(f"validate: {len(looks)} of {len(paths)} pictures decoded")
    return looks


def _look(path: Path) -> _Look:
    try:
        picture = open_picture(path)
        return _Look(*picture.size, digest=_digest(path))
    except BadInput as error:
        return _Look(fault=str(error))


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _problems(
    record: PairRecord,
    looks: Mapping[Path, _Look],
    smallest: int,
    count_tokens: CountTokens | None,
    longest: int,
) -> Iterator[Problem]:
    """What is wrong with one record by itself."""

    def problem(kind: str, text: str) -> Problem:
        return Problem(kind, record.id, f"{record.id}: {text}")

    if not record.paired:
        yield problem("unpaired", "the person wears another garment; train on paired lists.")
    for name, path in (("garment", record.garment), ("worn picture", record.worn)):
        look = looks[path]
        if look.fault:
            kind = "unreadable" if path.is_file() else "missing"
            yield problem(kind, f"the {name} {look.fault}")
        elif min(look.width, look.height) < smallest:
            size = f"{look.width}x{look.height}"
            yield problem(
                "too_small", f"the {name} {path.name} has {size} pixels; {smallest} are needed."
            )
    garment, worn = looks[record.garment], looks[record.worn]
    if garment.digest and garment.digest == worn.digest:
        yield problem("same_picture", f"{record.garment.name} and {record.worn.name} are the same.")
    for kind, text in _masks(record, garment, worn):
        yield problem(kind, text)
    if record.category is None:
        yield problem("no_category", "it is not said whether this is upper, lower or a dress.")
    if not record.captions:
        yield problem("no_caption", "there is no caption.")
    for caption in record.captions if count_tokens else ():
        assert count_tokens is not None
        if (count := count_tokens(caption)) > longest:
            shown = caption if len(caption) < 60 else f"{caption[:57]}…"
            yield problem("long_caption", f"“{shown}” has {count} tokens, and {longest} are read.")
    if worn.digest:
        yield from (problem(*found) for found in _joints(record, worn))


def _masks(record: PairRecord, garment: _Look, worn: _Look) -> Iterator[tuple[str, str]]:
    """Faults of garment mask, worn mask and label map: kind and sentence."""

    def labels(path: Path) -> NDArray[np.uint8]:
        return np.where(np.isin(open_labels(path), record.parse_classes), 255, 0).astype(np.uint8)

    for path, look, read, name in (
        (record.garment_mask, garment, open_mask, "the garment's mask"),
        (record.worn_mask, worn, open_mask, "the worn mask"),
        (record.parse, worn, labels, f"the {record.category} garment in label map"),
    ):
        if path is None or not look.digest:
            continue
        try:
            mask = read(path)
        except BadInput as error:
            yield "unreadable", str(error)
            continue
        height, width = mask.shape
        if (width, height) != (look.width, look.height):
            alike = abs(width / height / (look.width / look.height) - 1) <= _SHAPE_TOLERANCE
            sizes = f"is {width}x{height}, its picture {look.width}x{look.height}."
            yield "scaled_mask" if alike else "bad_mask", f"{name} {path.name} {sizes}"
            if not alike:
                continue
        share = float((mask > 127).mean())
        if not EMPTY <= share <= FULL:
            what = "empty" if share < EMPTY else "full"
            yield "bad_mask", f"{name} {path.name} is {what} ({share:.1%} of the picture)."


def _joints(record: PairRecord, worn: _Look) -> Iterator[tuple[str, str]]:
    if record.keypoints is None:
        if record.pose is None:
            yield "no_keypoints", "there are neither joints nor a skeleton's picture."
        return
    try:
        if read_joints(record.keypoints, worn.width, worn.height) is None:
            yield "bad_keypoints", f"{record.keypoints.name} holds nobody."
    except BadInput as error:
        yield "bad_keypoints", str(error)


def _shared(records: Sequence[PairRecord], looks: Mapping[Path, _Look]) -> Iterator[Problem]:
    """People who stand with several garments of one category."""
    wearing: dict[tuple[str, str | None], list[PairRecord]] = defaultdict(list)
    for record in records:
        wearing[looks[record.worn].digest, record.category].append(record)
    for (_, category), found in wearing.items():
        if len(found) > 1:
            kind = "garments" if category is None else f"{category} garments"
            text = f"{found[0].worn.name} stands with {len(found)} {kind}"
            for record in found:
                yield Problem("shared_worn", record.id, f"{record.id}: {text}.")

"""The synthetic wardrobe drawn once into files that a training can read at random.

A shard is a folder of `shard_size` pictures in order of their seeds:

    pictures.npy       uint8 (n, 256, 256, 3)
    garment.npy        the garment mask, packed bits (n, 256, 32)
    ink_clean.npy      the three sketches, packed bits (n, 256, 32)
    ink_extracted.npy
    ink_shaky.npy
    records.jsonl      one line a picture: seed, garment, scene, face box, keypoints

Shards are deterministic by seed. A shard's folder name carries the seeds and a fingerprint of
the drawing code's output, so that a finished shard is reused and a stale one never is.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import multiprocessing
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from studio.errors import BadInput, StorageError
from studio.garment.spec import GarmentSpec, Person, PictureSpec, Scene
from trainer.run import replace_folder

if TYPE_CHECKING:
    from trainer.data.wardrobe import WardrobeSample

Ink = Literal["clean", "extracted", "shaky"]
INKS: tuple[Ink, ...] = ("clean", "extracted", "shaky")
SHARD_SIZE = 1000
_PROBES = (0, 1)


@dataclass(frozen=True)
class Drawn:
    """One picture as it goes into a shard; all arrays uint8, ink and mask 255 where set."""

    picture: NDArray[np.uint8]
    garment: NDArray[np.uint8]
    inks: Mapping[Ink, NDArray[np.uint8]]
    record: dict[str, Any]


Draw = Callable[[int], Drawn]


def picture_to_dict(picture: PictureSpec) -> dict[str, Any]:
    """A JSON-ready dictionary of a picture's specification."""
    return {"garment": picture.garment.to_dict(), "scene": dataclasses.asdict(picture.scene)}


def picture_from_dict(data: Mapping[str, Any]) -> PictureSpec:
    """The inverse of `picture_to_dict`; other keys are left alone."""
    scene = dict(data["scene"])
    person = Person(**scene["person"]) if scene.get("person") else None
    return PictureSpec(
        GarmentSpec.from_dict(data["garment"]), Scene(scene["mode"], scene["ground"], person)
    )


def draw_wardrobe(seed: int, rare: bool = False) -> Drawn:
    """Draw one picture of the wardrobe and its three sketches; `rare`: of a garment with a
    component that few have."""
    from trainer.data import wardrobe

    return drawn_sample((wardrobe.sample_rare if rare else wardrobe.sample)(seed))


def drawn_sample(sample: WardrobeSample) -> Drawn:
    """What a shard keeps of a picture of the wardrobe."""
    from trainer.data import sketches

    seed = sample.seed
    rng = np.random.default_rng([seed, 11])
    keypoints = None if sample.keypoints is None else np.round(sample.keypoints, 5).tolist()
    face = None if sample.face_box is None else [float(v) for v in sample.face_box]
    return Drawn(
        picture=sample.picture,
        garment=sample.garment_mask,
        inks={
            "clean": sketches.clean(sample),
            "extracted": sketches.extracted(sample),
            "shaky": sketches.shaky(sample, rng),
        },
        record={
            "seed": seed,
            **picture_to_dict(sample.spec),
            "face_box": face,
            "keypoints": keypoints,
        },
    )


def fingerprint(draw: Draw) -> str:
    """Eight hex digits of what the drawing code draws for two probe seeds."""
    digest = hashlib.sha256()
    for seed in _PROBES:
        drawn = draw(seed)
        digest.update(drawn.picture.tobytes() + drawn.garment.tobytes())
        for ink in INKS:
            digest.update(drawn.inks[ink].tobytes())
        digest.update(json.dumps(drawn.record, sort_keys=True).encode())
    return digest.hexdigest()[:8]


def _draw_shard(path: Path, seeds: range, draw: Draw) -> None:
    import cv2

    cv2.setNumThreads(0)

    def fill(folder: Path) -> None:
        arrays: dict[str, NDArray[np.uint8]] = {}
        with (folder / "records.jsonl").open("w") as records:
            for i, seed in enumerate(seeds):
                parent = multiprocessing.parent_process()
                if parent is not None and not parent.is_alive():
                    raise SystemExit("the process that asked for this shard is gone")
                drawn = draw(seed)
                rows = {"pictures": drawn.picture, "garment": np.packbits(drawn.garment > 127, -1)}
                for ink in INKS:
                    rows[f"ink_{ink}"] = np.packbits(drawn.inks[ink] > 127, -1)
                for name, row in rows.items():
                    if name not in arrays:
                        arrays[name] = np.lib.format.open_memmap(
                            folder / f"{name}.npy", "w+", np.uint8, (len(seeds), *row.shape)
                        )
                    arrays[name][i] = row
                records.write(json.dumps(drawn.record) + "\n")
        for array in arrays.values():
            array.flush()  # type: ignore[attr-defined]

    replace_folder(path, fill)


def _worker_start() -> None:
    """One thread per process: the processes are the parallelism."""
    os.environ["OMP_NUM_THREADS"] = "1"


def make_shards(
    folder: Path,
    count: int,
    first_seed: int = 0,
    draw: Draw = draw_wardrobe,
    workers: int | None = None,
    shard_size: int = SHARD_SIZE,
    say: Callable[[str], None] = print,
) -> list[Path]:
    """Draw `count` pictures in parallel, reusing finished shards; returns the shard folders.

    Args:
        count: pictures, rounded up to whole shards.
        draw: a module-level function of the seed (it is sent to spawned processes).
        workers: processes; the number of cores if None, this process if 0.

    Raises:
        StorageError: the folder cannot be written (disk full, no rights).
    """
    mark = fingerprint(draw)
    starts = range(first_seed, first_seed + count, shard_size)
    paths = [folder / f"{start:010d}-{shard_size}-{mark}" for start in starts]
    todo = [(p, range(s, s + shard_size)) for p, s in zip(paths, starts, strict=True)
            if not p.exists()]  # fmt: skip
    if len(todo) < len(paths):
        say(f"shards: {len(paths) - len(todo)} of {len(paths)} are there already")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if workers == 0:
            for path, seeds in todo:
                _draw_shard(path, seeds, draw)
        elif todo:
            context = multiprocessing.get_context("spawn")
            number = min(workers or os.cpu_count() or 1, len(todo))
            with ProcessPoolExecutor(number, context, _worker_start) as pool:
                jobs = [pool.submit(_draw_shard, p, s, draw) for p, s in todo]
                for done, job in enumerate(as_completed(jobs), 1):
                    job.result()
                    say(f"shards: {done} of {len(todo)} drawn")
    except OSError as error:
        raise StorageError(
            f"Cannot write shards to {folder}: {error.strerror}; free space or choose another run "
            "folder."
        ) from error
    return paths


def unpack(bits: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Packed bits (…, w / 8) to uint8 (…, w) of 0 and 255."""
    return np.unpackbits(bits, axis=-1) * np.uint8(255)


class Shards:
    """Random access to the pictures of several shards, in memory-mapped files.

    Attributes:
        paths: the shard folders, in order.
        count: pictures in all.
    """

    def __init__(self, paths: Sequence[Path]):
        self.paths = tuple(paths)
        self._open: dict[str, list[NDArray[np.uint8]]] = {}
        lengths = [len(a) for a in self._arrays("pictures")]
        self._starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        self.count = int(self._starts[-1])

    @classmethod
    def of(cls, folder: Path, limit: int | None = None, also: Sequence[Path] = ()) -> Shards:
        """All shards of a folder, in order of their seeds; `limit` shards at most; `also` those of
        further folders.

        Where shards of older drawing code lie beside newer ones, only the newest kind counts.
        """
        paths = sorted(p.parent for p in folder.glob("[0-9]*/records.jsonl"))
        if paths:
            newest = max(paths, key=lambda p: p.stat().st_mtime).name.split("-")[-1]
            paths = [p for p in paths if p.name.endswith(f"-{newest}")]
        return cls([*paths[:limit], *(path for more in also for path in cls.of(more).paths)])

    def __len__(self) -> int:
        return self.count

    @property
    def key(self) -> str:
        """Names these shards, for caches."""
        return " ".join(p.name for p in self.paths)

    def _arrays(self, name: str) -> list[NDArray[np.uint8]]:
        if name not in self._open:
            try:
                self._open[name] = [np.load(p / f"{name}.npy", mmap_mode="r") for p in self.paths]
            except (OSError, ValueError) as error:
                raise StorageError(
                    f"A shard cannot be read ({error}); delete its folder and draw it again."
                ) from error
        return self._open[name]

    def _rows(self, name: str, rows: NDArray[np.int64]) -> Iterator[NDArray[np.uint8]]:
        arrays = self._arrays(name)
        for row in rows:
            shard = int(np.searchsorted(self._starts, row, side="right")) - 1
            yield arrays[shard][row - self._starts[shard]]

    def pictures(self, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
        """uint8 (len(rows), H, W, 3): 256 x 256 of the wardrobe, as prepared of a real data set."""
        return np.stack(list(self._rows("pictures", rows)))

    def views(self, rows: NDArray[np.int64]) -> list[NDArray[np.uint8]]:
        """Pictures as memory-mapped views, for readers that want only a crop of each."""
        return list(self._rows("pictures", rows))

    def garment_masks(self, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
        """uint8 (len(rows), H, W), 255 on the garment."""
        return unpack(np.stack(list(self._rows("garment", rows))))

    def inks(self, ink: Ink, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
        """uint8 (len(rows), H, W), 255 where there is ink."""
        return unpack(np.stack(list(self._rows(f"ink_{ink}", rows))))

    @cached_property
    def records(self) -> list[dict[str, Any]]:
        """The raw JSON record of each picture."""
        return [json.loads(line) for p in self.paths
                for line in (p / "records.jsonl").read_text().splitlines()]  # fmt: skip

    @property
    def captioned(self) -> bool:
        """Whether these pictures are real ones, with captions in place of specifications."""
        return bool(self.records) and "garment" not in self.records[0]

    @cached_property
    def specs(self) -> list[PictureSpec]:
        """The specification of each picture; every component has its box.

        Raises:
            BadInput: these pictures are real ones and have none.
        """
        if self.captioned:
            raise BadInput(
                "These shards hold a real data set, which has captions and no specifications: "
                "train this recipe on the wardrobe."
            )
        return [picture_from_dict(record) for record in self.records]

"""Captions for pictures that have none: by BLIP where its weights are, else by perception.

BLIP (arXiv 2201.12086) writes about the worn picture. The bundled perception tells the garment
from its own picture, and place and wearer from the worn one as far as its weights know them.
What was written is kept, one JSON line a picture, so that nothing is looked at twice and a
stopped run goes on where it was.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from studio.errors import ModelDamaged, ModelMissing, StorageError
from studio.garment.caption import plain_caption, scene_caption
from studio.garment.spec import GarmentSpec, Person, PictureSpec, Scene
from studio.garment.vocabulary import GROUNDS
from studio.garment.writer import article
from studio.vision.perception import Guess, Perception, Seen
from trainer.data.readers.files import open_picture, sentences
from trainer.data.readers.record import Category, PairRecord, category_of_garment

BLIP = "Salesforce/blip-image-captioning-base"
_LONGEST = 40
CATEGORY_WORDS: dict[Category, str] = {"upper": "top", "lower": "bottoms", "dress": "dress"}
"""What to call a garment of which nothing else is known."""


class Captioner(Protocol):
    """Writes captions; `name` is kept beside them, and another name is written anew."""

    name: str

    def describe(self, records: Sequence[PairRecord]) -> list[tuple[str, ...]]:
        """The captions of each record, at least one."""
        ...


class BlipCaptioner:
    """BLIP from a folder or from the hub's cache; nothing is downloaded.

    Raises:
        ModelMissing: the weights are in neither.
        ModelDamaged: they are there and cannot be read.
    """

    def __init__(self, source: str | Path = BLIP, device: str = "cpu", beams: int = 3):
        from transformers import BlipForConditionalGeneration, BlipProcessor

        try:
            self.processor: Any = BlipProcessor.from_pretrained(source, local_files_only=True)
            model: Any = BlipForConditionalGeneration.from_pretrained(source, local_files_only=True)
        except OSError as error:
            raise ModelMissing(
                f"There is no BLIP in {source}: give its folder with --blip, or use "
                "--captions perception."
            ) from error
        except Exception as error:  # transformers and safetensors raise many kinds
            raise ModelDamaged(
                f"BLIP in {source} cannot be read ({error}): fetch its files again."
            ) from error
        self.name = f"blip {Path(source).name}"
        self.model = model.eval().to(device)
        self.device, self.beams = device, beams

    def describe(self, records: Sequence[PairRecord]) -> list[tuple[str, ...]]:
        """One caption of each worn picture."""
        import torch

        pictures = [open_picture(r.worn) for r in records]
        inputs = self.processor(images=pictures, return_tensors="pt").to(self.device)
        with torch.no_grad():
            ids = self.model.generate(**inputs, max_new_tokens=_LONGEST, num_beams=self.beams)
        texts = self.processor.batch_decode(ids, skip_special_tokens=True)
        # A picture that BLIP has no word for still shows a person.
        return [sentences(text) or ("a person",) for text in texts]


class PerceptionCaptioner:
    """The bundled perception's words, through the wardrobe's own caption writer."""

    def __init__(self, perception: Perception):
        self.perception = perception
        self.name = f"perception {weights_mark(perception)}"

    def describe(self, records: Sequence[PairRecord]) -> list[tuple[str, ...]]:
        """A full caption and one that only names the garment."""
        pictures = [open_picture(path) for r in records for path in (r.garment, r.worn)]
        seen = self.perception.see(pictures)
        return [
            seen_captions(flat, worn, record.category, _seed(record.id))
            for record, flat, worn in zip(records, seen[::2], seen[1::2], strict=True)
        ]


def weights_mark(perception: Perception) -> str:
    """Eight hex digits of the weights: what other weights said is not taken for theirs."""
    digest = hashlib.sha256()
    for name, tensor in sorted(perception.net.state_dict().items()):
        digest.update(name.encode() + tensor.cpu().numpy().tobytes())
    return digest.hexdigest()[:8]


def seen_captions(
    flat: Seen, worn: Seen, category: Category | None = None, seed: int = 0
) -> tuple[str, str]:
    """A caption with all that was seen of the garment, and one that only names it.

    What was not seen is not said: no fabric, and “a person” where no wearer was told apart. Where
    the network takes a top for trousers and the data set knows better, nothing is told but the
    colour.
    """
    garment = GarmentSpec(
        flat.garment.name, flat.colour.name, flat.pattern.name,
        neckline=flat.neckline.name, sleeves=flat.sleeves.name, components=flat.components,
    )  # fmt: skip
    ground = worn.scene.name if worn.scene and worn.scene.name in GROUNDS else None
    plain = plain_caption(PictureSpec(garment, Scene("flat", ground or "white")))
    told, place = plain.split(", laid flat", 1)
    place = place if ground else ""
    if category not in (None, category_of_garment(garment.garment)):
        name = CATEGORY_WORDS[category]
        told = f"{garment.colour} {name}"
        who = f"a person wearing {told if category == 'lower' else article(told)}{place}"
        return who, f"a person wearing {name if category == 'lower' else article(name)}{place}"
    told = told.replace(f" {garment.fabric} ", " ", 1)
    scene = _scene(worn)
    if scene is not None:
        person, _, rest = plain_caption(PictureSpec(GarmentSpec(), scene)).partition(" wearing ")
        pose_and_place = rest.split(", ", 1)[1]
        only_named = scene_caption(PictureSpec(garment, scene), np.random.default_rng(seed))
        return f"{person} wearing {told}, {pose_and_place}", only_named
    name = garment.garment if garment.type.plural else article(garment.garment)
    return f"a person wearing {told}{place}", f"a person wearing {name}{place}"


def _scene(worn: Seen) -> Scene | None:
    """Place and wearer, or None where one of them was not seen."""
    wearer = {f.name: getattr(worn, f.name) for f in fields(Person)}
    if worn.scene is None or not all(isinstance(guess, Guess) for guess in wearer.values()):
        return None
    return Scene("worn", worn.scene.name, Person(**{k: g.name for k, g in wearer.items()}))


def _seed(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")


class CaptionFile:
    """Captions by a picture's bytes and by who wrote them, in a file of JSON lines.

    A line that a killed run left half-written is dropped. Raises StorageError if the file cannot
    be written.
    """

    def __init__(self, path: Path):
        self.path = path
        self._known: dict[tuple[str, str], tuple[str, ...]] = {}
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            data = path.read_bytes() if path.exists() else b""
            whole = data[: data.rfind(b"\n") + 1]
            if len(whole) < len(data):
                os.truncate(path, len(whole))
        except OSError as error:
            raise StorageError(f"Cannot keep captions in {path}: {error.strerror}.") from error
        for line in whole.decode("utf-8").splitlines():
            told = json.loads(line)
            self._known[told["sha256"], told["by"]] = tuple(told["captions"])

    def get(self, digest: str, by: str) -> tuple[str, ...] | None:
        """What `by` wrote about the pictures with that hash."""
        return self._known.get((digest, by))

    def add(self, digest: str, by: str, id: str, captions: tuple[str, ...]) -> None:
        """Keep captions, at once."""
        self._known[digest, by] = captions
        line = {"id": id, "sha256": digest, "by": by, "captions": list(captions)}
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
        except OSError as error:
            raise StorageError(f"Cannot write to {self.path}: {error.strerror}.") from error


def caption_missing(
    records: Sequence[PairRecord],
    captioner: Captioner,
    cache: Path,
    batch_size: int = 8,
    say: Callable[[str], None] = print,
) -> list[PairRecord]:
    """The records, those without captions given some.

    Args:
        cache: the file of JSON lines.

    Raises:
        BadInput: a picture cannot be read (validate first).
        StorageError: the file cannot be written.
    """
    kept = CaptionFile(cache)
    digests = {r.id: _digest(r) for r in records if not r.captions}
    bare = [r for r in records if not r.captions]
    todo = [r for r in bare if kept.get(digests[r.id], captioner.name) is None]
    for done, batch in _batches(todo, batch_size):
        for record, captions in zip(batch, captioner.describe(batch), strict=True):
            kept.add(digests[record.id], captioner.name, record.id, captions)
        if done % (25 * batch_size) < batch_size or done == len(todo):
            say(f"captions: {done} of {len(todo)} pictures described")
    return [
        r if r.captions else replace(r, captions=kept.get(digests[r.id], captioner.name) or ())
        for r in records
    ]


def _digest(record: PairRecord) -> str:
    """Of both pictures: a caption may speak of either."""
    return hashlib.sha256(record.garment.read_bytes() + record.worn.read_bytes()).hexdigest()


def _batches(items: Sequence[PairRecord], size: int) -> Iterator[tuple[int, Sequence[PairRecord]]]:
    for start in range(0, len(items), size):
        batch = items[start : start + size]
        yield start + len(batch), batch

"""The engine: requests in, pictures out."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from PIL import Image

from studio.checkpoints.given import check_adapters, check_autoencoder
from studio.conditions.memory import Memory, picture_key
from studio.engine.catalogue import BUNDLED, DEFAULT_MODEL, ModelEntry, find_model
from studio.engine.device import choose_device, choose_dtype
from studio.engine.generation import (
    Picture,
    Progress,
    Run,
    check_heard,
    made_with,
    read_inputs,
)
from studio.engine.loading import Family, load_family, locate
from studio.engine.preview import Previews
from studio.engine.sizes import Size, shapes_of
from studio.errors import BadInput, Cancelled, ModelMissing
from studio.request import GenerationRequest, Model, Pose, Sampling, Words

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from studio.controls.face import FaceBox
    from studio.vision.garment_mask import GarmentMask
    from studio.vision.people import PeopleNetworks
    from studio.vision.perception import Perception, Seen
    from studio.vision.pose import Pose as FoundPose
    from studio.vision.tryon_mask import TryonMask


_KEPT = 8
_FACE_SIDE = 1024
"""Longest side in pixels of what a face is looked for in."""


@dataclass(frozen=True)
class Capabilities:
    """What the model can do; the page shows only that.

    Attributes:
        model, title, licence: from the catalogue.
        conditions: "text", "vary", "mask", "styles", what its control networks read of "sketch",
            "components" and "pose", and the names of the weights for controls that it has.
        notices: what the adapters in use may be used for, one sentence each.
        adapters: what each file in the folder of adapters is, and whether it is used.
        adapters_folder: where they are looked for; empty for nowhere.
        sees: whether `Engine.see` works.
        side, st, sg, steps: picture size in pixels, text and garment guidance and steps that suit
            the model.
        shapes: the size in pixels of each shape of picture that it can make well; a model for
            squares alone has no other.
        sizes: name of a garment's published weights -> the size that they were trained for.
        max_tokens: how many tokens of a prompt it hears, the two marks included.
        device, dtype: where and how it runs.
        weights: hash of everything that decides its pictures.
    """

    model: str
    title: str
    licence: str
    conditions: frozenset[str]
    sees: bool
    notices: tuple[str, ...]
    side: int
    st: float
    sg: float
    steps: int
    max_tokens: int
    device: str
    dtype: str
    weights: str
    shapes: Mapping[str, Size]
    sizes: Mapping[str, Size]
    adapters: tuple[str, ...] = ()
    adapters_folder: str = ""


class Engine:
    """Makes and reads pictures with one model; safe to share between threads, which take turns.

    Args:
        model_folder: a model's folder or catalogue name; None for the bundled model.
        dtype: "fp32", "bf16" or "fp16"; None for the quickest safe one.
        device: "cpu", "cuda", "mps"; None for the best one.
        download: whether a published model may be fetched.
        adapters: folder of published adapters (Magic Clothing, IMAGDressing, …), if any.
        vae: an autoencoder instead of the model's own: its folder or file.

    Nothing is loaded before it is needed. The same request gives the same bytes on the same
    machine with the same number of threads. A picture of a batch is computed from its own noise
    alone, but the number of rows can change the order in which a processor adds numbers up, so
    that it may differ by rounding from the same picture made alone.

    Raises:
        ModelMissing, BadInput: an unknown model, device or number format.
    """

    def __init__(
        self,
        model_folder: str | Path | None = None,
        dtype: str | None = None,
        device: str | None = None,
        *,
        download: bool = False,
        adapters: str | Path | None = None,
        vae: str | Path | None = None,
    ) -> None:
        self.entry: ModelEntry = find_model(model_folder)
        self.device = choose_device(device)
        self.dtype = choose_dtype(self.device, dtype)
        self._download = download
        self._adapters = None if adapters is None else Path(adapters)
        self._vae = None if vae is None else Path(vae)
        if self._adapters is not None and not self._adapters.is_dir():
            check_adapters(self._adapters)
        if self._vae is not None:
            check_autoencoder(self._vae)
        self._family: Family | None = None
        self._perception: Perception | None = None
        self._sees = False
        self._networks: PeopleNetworks | None = None
        self._masks: Memory[GarmentMask] = Memory(_KEPT)
        self._poses: Memory[FoundPose] = Memory(_KEPT)
        self._turn = threading.RLock()
        self._looking = threading.Lock()

    @contextmanager
    def _my_turn(self, cancelled: Callable[[], bool] | None = None) -> Iterator[None]:
        while not self._turn.acquire(timeout=0.1):
            if cancelled is not None and cancelled():
                raise Cancelled("Stopped before it began.")
        try:
            yield
        finally:
            self._turn.release()

    def load(self, on_part: Callable[[str], None] | None = None) -> Family:
        """The networks, loaded now if they are not yet.

        Raises:
            ModelMissing, ModelDamaged: with a sentence that says what to do.
        """
        if self._family is not None:  # without waiting for a picture that is being made
            return self._family
        with self._my_turn():
            if self._family is None:
                self._family = load_family(
                    self.entry,
                    self.device,
                    self.dtype,
                    download=self._download,
                    adapters=self._adapters,
                    vae=self._vae,
                    on_part=on_part,
                )
            return self._family

    def forget(self) -> None:
        """Empty all memories, for measurements that start from nothing."""
        with self._my_turn():
            if self._family is not None:
                self._family.text.forget()
                self._family.adapters.forget()
                for network in (self._family.board, self._family.pose):
                    if network is not None:
                        network.forget()
        with self._looking:
            self._masks.forget()
            self._poses.forget()

    def warm_up(self) -> None:
        """Load, and make one small picture, so that the first real one is quick."""
        self.generate(
            GenerationRequest(
                words=Words(prompt="warm-up", st=2.0),
                sampling=Sampling(steps=1, width=64, height=64),
            )
        )

    @property
    def capabilities(self) -> Capabilities:
        """What the model can do (loads it)."""
        family = self.load()
        conditions = {"text", "vary", "mask", "styles"} | family.reads
        shelf = family.adapters
        conditions |= {name for name in shelf.offers if shelf.known[name].alone}
        return Capabilities(
            model=self.entry.name,
            title=self.entry.title,
            licence=self.entry.licence,
            conditions=frozenset(conditions),
            sees=(family.folder / "perception" / "config.json").is_file(),
            notices=family.adapters.notices,
            side=self.entry.side,
            st=self.entry.st,
            sg=self.entry.sg,
            steps=self.entry.steps,
            max_tokens=family.text.max_tokens,
            device=str(self.device),
            dtype=str(self.dtype).removeprefix("torch."),
            weights=family.weights,
            shapes=shapes_of(self.entry.side),
            sizes=shelf.sizes,
            adapters=shelf.listed,
            adapters_folder="" if self._adapters is None else str(self._adapters),
        )

    def generate(
        self,
        request: GenerationRequest,
        images: Mapping[str, bytes] | None = None,
        on_step: Callable[[Progress], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
        *,
        preview_seconds: float | None = 0.4,
    ) -> list[Picture]:
        """Make the pictures of a request.

        Args:
            request: what to make.
            images: the bytes of the pictures that it refers to, by their SHA-256.
            on_step: told about progress, on the calling thread.
            cancelled: asked between steps and while waiting for another thread's turn.
            preview_seconds: least time between previews; None for none. Without `on_step` there
                are none.

        Returns:
            as many pictures as it counts, in the order of their seeds.

        Raises:
            BadInput: the request and its pictures, or this model, do not fit together.
            ModelMissing, ModelDamaged: the weights. Cancelled: the user stopped it.
        """
        report = on_step or (lambda _: None)
        self._check_model(request)
        inputs = read_inputs(request, images or {})
        with self._my_turn(cancelled):
            started = time.perf_counter()
            report(Progress("load"))
            family = self.load()
            check_heard(family, request)
            weights = made_with(family, request)
            if request.model.weights not in ("", weights):
                raise BadInput(
                    "This request belongs to other weights than those installed: leave its "
                    "weights empty to use these, which gives another picture."
                )
            if cancelled is not None and cancelled():
                raise Cancelled("Stopped before the first step.")
            run = Run(family, request, inputs, self.garment_mask, report, cancelled)
            previews = None
            if on_step is not None and preview_seconds is not None:
                previews = Previews(family, preview_seconds)
            with _memory_errors_said():
                pictures = run.pictures(previews)
        seconds = (time.perf_counter() - started) / request.sampling.count
        made = request.replaced(model=Model(name=self.entry.name, weights=weights))
        return [
            Picture(
                Image.fromarray(pixels),
                request.sampling.seed + i,
                seconds,
                made.picture(i),
                run.notes,
                run.heard,
            )
            for i, pixels in enumerate(pictures)
        ]

    def see(self, images: Sequence[Image.Image]) -> list[Seen]:
        """What the perception network sees in each picture.

        Raises:
            ModelMissing, ModelDamaged: the model has no perception network, or a broken one.
        """
        with self._looking:  # a network of its own: no need to wait for a picture in the making
            return self._eyes(own=True).see(images)

    def garment_mask(
        self, picture: Image.Image, part: str = "auto", mask: NDArray[np.uint8] | None = None
    ) -> GarmentMask:
        """Where the garment is in its picture, as `generate` finds it.

        Args:
            part: one of `studio.controls.garment.GARMENT_PARTS`.
            mask: its own, (H, W) above 127 on the garment.

        Raises:
            BadInput: there is no garment, or not the one asked for. ModelMissing, ModelDamaged.
        """
        from studio.vision.garment_mask import garment_mask

        asked: Any = part
        parser = self.load().adapters.get("parser")
        key = picture_key(picture, part)
        if mask is not None:
            key += hashlib.sha256(mask.tobytes()).digest()
        with self._looking:  # found once for all seeds and prompts of a garment
            return self._masks.find(
                key,
                lambda: garment_mask(
                    picture, asked, perception=self._eyes(), parser=parser, mask=mask
                ),
            )

    def tryon_mask(
        self,
        person: Image.Image,
        part: str = "upper",
        mask: Image.Image | NDArray[np.uint8] | None = None,
    ) -> TryonMask:
        """The region of a person's photo that a garment for a part of the body is painted into.

        Raises:
            BadInput: nobody is found, or nothing that surely follows one person.
            ModelMissing, ModelDamaged.
        """
        from studio.vision.tryon_mask import tryon_mask

        where: Any = "upper" if part == "auto" else part
        with self._looking:
            return tryon_mask(
                person, where, perception=self._eyes(), networks=self._for_people(), mask=mask
            )

    def read_pose(self, picture: Image.Image) -> tuple[Pose, str]:
        """The joints of the person in a picture, and a sentence about how they were found.

        Raises:
            BadInput: nobody is found. ModelMissing: there is nothing to find a person with.
        """
        from studio.vision.pose import OPENPOSE_FILE, read_pose
        from studio.vision.poses import pose_of

        given = None if self._adapters is None else self._adapters / OPENPOSE_FILE
        given = given if given is not None and given.is_file() else None
        with self._looking:  # found once for all pictures of a person
            found = self._poses.find(
                picture_key(picture, "pose"),
                lambda: read_pose(
                    picture, perception=self._eyes(), openpose=given, networks=self._for_people()
                ),
            )
        return pose_of(found.joints), found.sentence

    def find_face(self, picture: Image.Image) -> tuple[FaceBox, str]:
        """Where the face is in a picture, and what to tell of it.

        Raises:
            BadInput: no face is found. ModelMissing, ModelDamaged: the model's face encoder.
        """
        import numpy as np

        from studio.controls.face import face_in
        from studio.vision.silhouette import reduced

        shelf = self.load().adapters
        pixels = reduced(np.array(picture.convert("RGB"), np.uint8), _FACE_SIDE)
        with self._looking:
            return face_in(shelf, pixels, self._for_people().see(pixels))

    def _eyes(self, own: bool = False) -> Perception:
        """The perception network; the bundled one where the model has none and may borrow it."""
        from studio.vision.perception import Perception

        if self._perception is None or (own and not self._sees):
            folder = locate(self.entry, download=self._download)[0] / "perception"
            self._sees = folder.is_dir()
            if not self._sees and not own:
                folder = BUNDLED / DEFAULT_MODEL / "perception"
            if not folder.is_dir():
                raise ModelMissing(
                    f"The model {self.entry.name} has no perception network, so its pictures "
                    "cannot be checked: train one with `python -m trainer perception` and "
                    "publish it with `python -m trainer family publish`."
                )
            self._perception = Perception.load(folder)
        return self._perception

    def _for_people(self) -> PeopleNetworks:
        """The networks that know real people."""
        from studio.vision.people import PeopleNetworks

        if self._networks is None:
            self._networks = PeopleNetworks()
        return self._networks

    def _check_model(self, request: GenerationRequest) -> None:
        if request.model.name not in (DEFAULT_MODEL, self.entry.name):
            raise BadInput(
                f"The request asks for the model {request.model.name}, but {self.entry.name} is "
                f"loaded: start with --model {request.model.name}."
            )


@contextmanager
def _memory_errors_said() -> Iterator[None]:
    """Running out of memory becomes a sentence."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and not (
            isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error)
        ):
            raise
        raise BadInput(
            "There is not enough memory for this: choose a smaller size or fewer pictures."
        ) from error

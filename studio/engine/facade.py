"""The engine: requests in, pictures out."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from PIL import Image

from studio.engine.catalogue import DEFAULT_MODEL, ModelEntry, find_model
from studio.engine.device import choose_device, choose_dtype
from studio.engine.generation import Picture, Progress, Run, read_inputs
from studio.engine.loading import Family, load_family, locate
from studio.engine.preview import Previews
from studio.errors import BadInput, Cancelled, ModelMissing
from studio.request import GenerationRequest

if TYPE_CHECKING:
    from studio.vision.perception import Perception, Seen


@dataclass(frozen=True)
class Capabilities:
    """What the model can do; the page shows only that.

    Attributes:
        model, title, licence: from the catalogue.
        conditions: of "text", "sketch", "components", "vary", "mask", "garment".
        sees: whether `Engine.see` works.
        side, st, steps: picture size in pixels, text guidance and steps that suit the model.
        max_tokens: how many tokens of a prompt it hears, the two marks included.
        device, dtype: where and how it runs.
        weights: hash of everything that decides its pictures.
    """

    model: str
    title: str
    licence: str
    conditions: frozenset[str]
    sees: bool
    side: int
    st: float
    steps: int
    max_tokens: int
    device: str
    dtype: str
    weights: str


class Engine:
    """Makes and reads pictures with one model; safe to share between threads, which take turns.

    Args:
        model_folder: a model's folder or catalogue name; None for the bundled model.
        dtype: "fp32", "bf16" or "fp16"; None for the quickest safe one.
        device: "cpu", "cuda", "mps"; None for the best one.
        download: whether a published model may be fetched.

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
    ) -> None:
        self.entry: ModelEntry = find_model(model_folder)
        self.device = choose_device(device)
        self.dtype = choose_dtype(self.device, dtype)
        self._download = download
        self._family: Family | None = None
        self._perception: Perception | None = None
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
                    on_part=on_part,
                )
            return self._family

    def forget(self) -> None:
        """Empty the memory of texts and boards, for measurements that start from nothing."""
        with self._my_turn():
            if self._family is not None:
                self._family.text.forget()
                if self._family.board is not None:
                    self._family.board.forget()

    def warm_up(self) -> None:
        """Load, and make one small picture, so that the first real one is quick."""
        self.generate(GenerationRequest(prompt="warm-up", steps=1, st=2.0, width=64, height=64))

    @property
    def capabilities(self) -> Capabilities:
        """What the model can do (loads it)."""
        family = self.load()
        conditions = {"text", "vary", "mask"}
        if family.board is not None:
            conditions |= {"sketch"} | ({"components"} if family.board.reads_components else set())
        return Capabilities(
            model=self.entry.name,
            title=self.entry.title,
            licence=self.entry.licence,
            conditions=frozenset(conditions),
            sees=(family.folder / "perception" / "config.json").is_file(),
            side=self.entry.side,
            st=self.entry.st,
            steps=self.entry.steps,
            max_tokens=family.text.max_tokens,
            device=str(self.device),
            dtype=str(self.dtype).removeprefix("torch."),
            weights=family.weights,
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
            `request.count` pictures, in the order of their seeds.

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
            if request.weights and request.weights != family.weights:
                raise BadInput(
                    "This request belongs to other weights than those installed: leave its "
                    "weights empty to use these, which gives another picture."
                )
            if cancelled is not None and cancelled():
                raise Cancelled("Stopped before the first step.")
            run = Run(family, request, inputs, report, cancelled)
            previews = None
            if on_step is not None and preview_seconds is not None:
                previews = Previews(family, preview_seconds)
            with _memory_errors_said():
                pictures = run.pictures(previews)
        seconds = (time.perf_counter() - started) / request.count
        made = replace(request, model=self.entry.name, weights=family.weights)
        return [
            Picture(Image.fromarray(pixels), request.seed + i, seconds, made.picture(i), run.notes)
            for i, pixels in enumerate(pictures)
        ]

    def see(self, images: Sequence[Image.Image]) -> list[Seen]:
        """What the perception network sees in each picture.

        Raises:
            ModelMissing, ModelDamaged: the model has no perception network, or a broken one.
        """
        from studio.vision.perception import Perception

        with self._looking:  # a network of its own: no need to wait for a picture in the making
            if self._perception is None:
                folder = locate(self.entry, download=self._download)[0] / "perception"
                if not folder.is_dir():
                    raise ModelMissing(
                        f"The model {self.entry.name} has no perception network, so its pictures "
                        "cannot be checked: train one with `python -m trainer perception` and "
                        "publish it with `python -m trainer family publish`."
                    )
                self._perception = Perception.load(folder)
            return self._perception.see(images)

    def _check_model(self, request: GenerationRequest) -> None:
        if request.model not in (DEFAULT_MODEL, self.entry.name):
            raise BadInput(
                f"The request asks for the model {request.model}, but {self.entry.name} is "
                f"loaded: start with --model {request.model}."
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

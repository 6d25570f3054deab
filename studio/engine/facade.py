"""The engine: requests in, pictures out."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from studio.conditions.base import Condition
from studio.conditions.components import component_part
from studio.conditions.control import BoardControl, BoardPart
from studio.conditions.sketch import sketch_part
from studio.conditions.text import TextCondition
from studio.engine.catalogue import DEFAULT_MODEL, ModelEntry, find_model
from studio.engine.denoise import StepDone, denoise
from studio.engine.device import choose_device, choose_dtype
from studio.engine.guidance import joint_guidance
from studio.engine.latents import (
    KeepOutside,
    decode_picture,
    draw_noise,
    encode_picture,
    fit_picture,
    latent_mask,
    merge_outside,
    seeded,
)
from studio.engine.loading import Family, load_family
from studio.engine.preview import Previews
from studio.engine.samplers import plan_walk
from studio.errors import BadInput, Cancelled, ModelMissing
from studio.garment.spec import PictureSpec
from studio.request import GenerationRequest, ImageRef
from studio.vision.sketch import load_picture, read_ink

if TYPE_CHECKING:
    from studio.vision.perception import Perception, Seen

Phase = Literal["load", "prepare", "denoise", "decode"]


@dataclass(frozen=True)
class Progress:
    """Where a generation is.

    Attributes:
        phase: "load" (reading weights), "prepare", "denoise" (the steps), "decode".
        step, steps: finished steps and how many there are; 0 of 0 before that is known.
        eta_seconds: seconds to go, or None while that is unknown.
        previews: one small picture for each picture being made, where one is due, else None.
        notes: sentences for the user, for instance about words that did not fit.
    """

    phase: Phase
    step: int = 0
    steps: int = 0
    eta_seconds: float | None = None
    previews: list[Image.Image] | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Picture:
    """A finished picture.

    Attributes:
        image: RGB. seed: its own.
        seconds: its share of the time from the request to the last picture of the batch.
        request: the request that makes this very picture alone, with the weights' hash.
        notes: sentences for the user.
    """

    image: Image.Image
    seed: int
    seconds: float
    request: GenerationRequest
    notes: tuple[str, ...] = ()


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


@dataclass(frozen=True)
class _Inputs:
    """The request's pictures, read."""

    ink: NDArray[np.uint8] | None = None
    start: Image.Image | None = None
    mask: NDArray[np.uint8] | None = None


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
        inputs = _read_inputs(request, images or {})
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
            run = _Run(family, request, inputs, report, cancelled)
            pictures = run.pictures(
                Previews(family, preview_seconds)
                if on_step is not None and preview_seconds is not None
                else None
            )
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

        with self._my_turn():
            if self._perception is None:
                folder = self.load().folder / "perception"
                if not folder.is_dir():
                    raise ModelMissing(
                        f"The model {self.entry.name} has no perception network: use "
                        f"{DEFAULT_MODEL} to check pictures."
                    )
                self._perception = Perception.load(folder)
            return self._perception.see(images)

    def _check_model(self, request: GenerationRequest) -> None:
        if request.model not in (DEFAULT_MODEL, self.entry.name):
            raise BadInput(
                f"The request asks for the model {request.model}, but {self.entry.name} is "
                f"loaded: start with --model {request.model}."
            )


class _Run:
    """One generation, from the request's tensors to pixels."""

    def __init__(
        self,
        family: Family,
        request: GenerationRequest,
        inputs: _Inputs,
        report: Callable[[Progress], None],
        cancelled: Callable[[], bool] | None,
    ) -> None:
        self.family, self.request, self.inputs = family, request, inputs
        self.report, self.cancelled = report, cancelled
        self.notes: tuple[str, ...] = ()

    def pictures(self, previews: Previews | None) -> list[NDArray[np.uint8]]:
        """(H, W, 3) for each picture."""
        request, family = self.request, self.family
        self.report(Progress("prepare"))
        text = self._text()
        self.report(Progress("prepare", notes=self.notes))
        generators = seeded([request.seed + i for i in range(request.count)])
        shape = (
            family.latent_channels,
            request.height // family.reduction,
            request.width // family.reduction,
        )
        noise = draw_noise(generators, shape, family.device)
        walk = plan_walk(
            request.sampler,
            family.scheduler,
            request.steps,
            family.device,
            generators,
            1.0 if self.inputs.start is None else request.vary_strength,
        )
        conditions: list[Condition] = [text, *self._board(len(walk.timesteps))]
        latents = noise * walk.scheduler.init_noise_sigma
        if self.inputs.start is not None:
            known = encode_picture(family, self.inputs.start)
            if request.vary_strength < 1:
                latents = walk.noised(known.expand_as(noise), noise, walk.timesteps[0])
            if self.inputs.mask is not None:
                mask = latent_mask(self.inputs.mask, family.reduction, family.device)
                conditions.append(KeepOutside(mask, known, noise, walk))
        wanted = frozenset().union(*(c.branches for c in conditions))
        latents = denoise(
            family.unet,
            walk.scheduler,
            latents,
            walk.timesteps,
            conditions,
            joint_guidance(wanted, request.st, request.sg),
            step_options=walk.options,
            on_step=self._step_reporter(previews),
            cancelled=self.cancelled,
        )
        steps = len(walk.timesteps)
        self.report(Progress("decode", steps, steps, notes=self.notes))
        return [self._finish(decode_picture(family, one[None])) for one in latents]

    def _text(self) -> TextCondition:
        request = self.request
        prompt = request.prompt.strip()
        if not prompt and request.garment is not None:
            from studio.garment.caption import plain_caption

            prompt = plain_caption(PictureSpec(request.garment))
        encoder = self.family.text
        positive = encoder.encode(prompt)
        negative = encoder.encode(request.negative_prompt.strip())
        self.notes += tuple(
            f"The {name} is too long for the model, which leaves out its end: “{text.dropped}”."
            for name, text in (("prompt", positive), ("negative prompt", negative))
            if text.dropped
        )
        return TextCondition(positive, negative)

    def _board(self, steps: int) -> list[Condition]:
        request, family = self.request, self.family
        width, height = request.width, request.height
        parts: list[BoardPart] = []
        if self.inputs.ink is not None:
            parts.append(sketch_part(self.inputs.ink, width, height, request.sketch_control))
        if any(c.box is not None for c in request.components):
            parts.append(
                component_part(request.components, width, height, request.component_control)
            )
        if not parts:
            return []
        if family.board is None:
            raise BadInput(
                f"The model {family.entry.name} reads no {' and no '.join(p.name for p in parts)}: "
                f"leave them out, or use {DEFAULT_MODEL}."
            )
        if not family.board.reads_components:
            parts = [p for p in parts if p.name == "sketch"]
            if len(parts) == 0 or any(c.box is not None for c in request.components):
                self.notes += (
                    f"The model {family.entry.name} cannot place components: only the words and "
                    "the sketch were used.",
                )
            if not parts:
                return []
        with torch.inference_mode():
            return [BoardControl(family.board, parts, steps)]

    def _step_reporter(self, previews: Previews | None) -> Callable[[StepDone], None]:
        began = time.perf_counter()

        def tell(done: StepDone) -> None:
            finished = done.index + 1
            each = (time.perf_counter() - began) / finished
            show = previews is not None and finished < done.count and previews.due()
            pictures = previews.draw(done.estimate()) if previews is not None and show else None
            eta = each * (done.count - finished)
            self.report(Progress("denoise", finished, done.count, eta, pictures, self.notes))

        return tell

    def _finish(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        if self.inputs.mask is None or self.inputs.start is None:
            return pixels
        return merge_outside(pixels, np.asarray(self.inputs.start), self.inputs.mask)


def _read_inputs(request: GenerationRequest, images: Mapping[str, bytes]) -> _Inputs:
    def data(name: str, ref: ImageRef) -> bytes:
        if ref.sha256 not in images:
            raise BadInput(f"The {name.replace('_', ' ')} picture is not there: add it again.")
        found = images[ref.sha256]
        if ImageRef.of(found) != ref:
            raise BadInput(f"The {name.replace('_', ' ')} picture has changed: add it again.")
        return found

    files = {name: data(name, ref) for name, ref in request.images().items()}
    size = (request.width, request.height)
    mask = None
    if "mask" in files:
        grey = load_picture(files["mask"]).convert("L")
        mask = np.asarray(fit_picture(grey, *size), np.uint8)
        if not (mask > 127).any():
            raise BadInput("The mask is empty: paint over the part that is to be made anew.")
    start = None
    if "init_image" in files:
        start = fit_picture(load_picture(files["init_image"]), *size)
    ink = read_ink(files["sketch"]) if "sketch" in files else None
    if ink is not None and (ink > 127).mean() > 0.5:
        raise BadInput("The sketch is nearly all ink: draw lines and leave the rest empty.")
    return _Inputs(ink, start, mask)


def picture_png(image: Image.Image) -> bytes:
    """A picture as plain PNG bytes, for handing it on as a start picture."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()

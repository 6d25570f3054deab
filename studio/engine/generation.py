"""One generation: from a request and its pictures to pixels."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.conditions.base import Condition
from studio.conditions.components import component_part
from studio.conditions.control import BoardControl, BoardNetwork, BoardPart
from studio.conditions.pose import pose_part
from studio.conditions.sketch import sketch_part
from studio.conditions.text import TextCondition
from studio.controls.components import ComponentsControl
from studio.controls.garment import GarmentControl
from studio.controls.pose import PoseControl
from studio.controls.sketch import SketchControl
from studio.engine.catalogue import DEFAULT_MODEL
from studio.engine.denoise import StepDone
from studio.engine.latents import fit_picture
from studio.engine.loading import Family
from studio.engine.preview import Previews
from studio.engine.references import (
    Garment,
    MaskFinder,
    reference_conditions,
    style_files,
    style_weights,
)
from studio.engine.sampling import Plan, sample
from studio.errors import BadInput
from studio.garment.caption import plain_caption
from studio.garment.spec import PictureSpec
from studio.request import GenerationRequest, sha_of
from studio.vision.pictures import load_picture, read_ink

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
class Inputs:
    """The request's pictures, read."""

    ink: NDArray[np.uint8] | None = None
    start: Image.Image | None = None
    mask: NDArray[np.uint8] | None = None
    garment: Garment | None = None
    face: Image.Image | None = None
    styles: Mapping[str, bytes] = field(default_factory=dict)


class Run:
    """One generation, from the request's tensors to pixels.

    Args:
        family: the networks.
        request, inputs: what to make.
        report, cancelled: see `Engine.generate`.

    Attributes:
        notes: sentences for the user, complete once the pictures are made.
    """

    def __init__(
        self,
        family: Family,
        request: GenerationRequest,
        inputs: Inputs,
        report: Callable[[Progress], None],
        cancelled: Callable[[], bool] | None,
    ) -> None:
        self.family, self.request, self.inputs = family, request, inputs
        self.report, self.cancelled = report, cancelled
        self.notes: tuple[str, ...] = ()

    def pictures(self, previews: Previews | None) -> list[NDArray[np.uint8]]:
        """(H, W, 3) for each picture."""
        request, family, inputs = self.request, self.family, self.inputs
        sampling, garment = request.sampling, request.get(GarmentControl)
        self.report(Progress("prepare"))
        text = self._text()
        self.report(Progress("prepare", notes=self.notes))

        def heard(steps: int) -> list[Condition]:
            references = reference_conditions(
                family, request, inputs.garment, inputs.face, inputs.styles, steps
            )
            return [*references, text, *self._board(steps)]

        plan = Plan(
            seeds=[sampling.seed + i for i in range(sampling.count)],
            shape=family.latent_shape(sampling.width, sampling.height),
            steps=sampling.steps,
            st=request.words.st,
            sg=1.0 if garment is None else garment.sg,
            sampler=sampling.sampler,
            form="joint" if garment is None else garment.form,
            start=inputs.start,
            strength=1.0 if request.start is None else request.start.strength,
            mask=inputs.mask,
        )
        on_step = self._step_reporter(previews)
        made = sample(family, plan, heard, on_step=on_step, cancelled=self.cancelled)
        self.report(Progress("decode", made.steps, made.steps, notes=self.notes))
        return made.pictures()

    def _text(self) -> TextCondition:
        request, words = self.request, self.request.words
        prompt = words.prompt.strip()
        if not prompt and words.garment is not None:
            prompt = plain_caption(PictureSpec(words.garment))
        encoder = self.family.text
        with encoder.styled(style_weights(request, self.inputs.styles)):
            positive = encoder.encode(prompt)
            negative = encoder.encode(words.negative.strip())
        self.notes += tuple(
            f"The {name} is too long for the model, which leaves out its end: “{text.dropped}”."
            for name, text in (("prompt", positive), ("negative prompt", negative))
            if text.dropped
        )
        return TextCondition([positive], negative)

    def _board(self, steps: int) -> list[Condition]:
        request, family = self.request, self.family
        width, height = request.sampling.width, request.sampling.height
        parts: list[BoardPart] = []
        if self.inputs.ink is not None:
            sketch = request.get(SketchControl)
            parts.append(sketch_part(self.inputs.ink, width, height, sketch))
        placed = request.get(ComponentsControl)
        if placed is not None and any(c.box is not None for c in placed.components):
            parts.append(component_part(placed.components, width, height, placed))
        posed = request.get(PoseControl)
        if posed is not None:
            parts.append(pose_part(posed.pose, width, height, posed))
        unread = [p.name for p in parts if p.name not in family.reads]
        if unread == ["components"] and len(parts) > 1:
            self.notes += (
                f"The model {family.entry.name} cannot place components: only the rest was used.",
            )
        elif unread:
            raise BadInput(
                f"The model {family.entry.name} reads no {' and no '.join(unread)}: "
                f"leave them out, or use {DEFAULT_MODEL}."
            )
        return [
            BoardControl(network, [heard], steps) for network, heard in _share_out(family, parts)
        ]

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


def _share_out(
    family: Family, parts: Sequence[BoardPart]
) -> Iterator[tuple[BoardNetwork, list[BoardPart]]]:
    """Each control network with the parts that it reads; a part is read once."""
    left = list(parts)
    for network in (family.board, family.pose):
        if network is None:
            continue
        reads = {
            "sketch": network.reads_sketch,
            "components": network.reads_components,
            "pose": network.reads_pose,
        }
        heard = [p for p in left if reads[p.name]]
        left = [p for p in left if not reads[p.name]]
        if heard:
            yield network, heard


def read_inputs(
    request: GenerationRequest, images: Mapping[str, bytes], find_garment: MaskFinder
) -> Inputs:
    """The request's pictures.

    Args:
        request, images: see `Engine.generate`.
        find_garment: finds the garment in its picture.

    Raises:
        BadInput: a picture is missing, changed or of no use.
    """

    def data(name: str, sha: str) -> bytes:
        if sha not in images:
            raise BadInput(f"The {name.replace('_', ' ')} picture is not there: add it again.")
        found = images[sha]
        if sha_of(found) != sha:
            raise BadInput(f"The {name.replace('_', ' ')} picture has changed: add it again.")
        return found

    files = {
        name: data(name, sha)
        for name, sha in request.files().items()
        if not name.startswith("style ")
    }
    size = (request.sampling.width, request.sampling.height)
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
    garment = None
    if "garment_image" in files:
        picture = load_picture(files["garment_image"])
        own = None
        if "garment_mask" in files:
            own = np.asarray(load_picture(files["garment_mask"]).convert("L"), np.uint8)
        asked = request.get(GarmentControl)
        found = find_garment(picture, "auto" if asked is None else asked.part, own)
        garment = Garment(picture.convert("RGB"), found)
    face = load_picture(files["face_image"]) if "face_image" in files else None
    return Inputs(ink, start, mask, garment, face, style_files(request, images))

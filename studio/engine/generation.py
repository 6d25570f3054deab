"""One generation: from a request and its pictures to pixels."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.conditions.base import Condition
from studio.conditions.control import BoardControl, BoardNetwork, BoardPart
from studio.conditions.scene import Scene
from studio.conditions.text import TextCondition
from studio.controls.garment import GarmentControl
from studio.engine.catalogue import DEFAULT_MODEL
from studio.engine.denoise import StepDone
from studio.engine.latents import encode_tensor, fit_picture, put_back
from studio.engine.loading import Family
from studio.engine.preview import Previews
from studio.engine.sampling import Plan, sample
from studio.errors import BadInput
from studio.garment.caption import plain_caption
from studio.garment.heard import heard
from studio.garment.languages import in_english
from studio.garment.markup import plain
from studio.garment.spec import PictureSpec
from studio.request import MAX_PROMPT, GenerationRequest, sha_of
from studio.vision.framing import squared
from studio.vision.pictures import load_mask, load_picture

if TYPE_CHECKING:
    from studio.conditions.scene import MaskFinder

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
        heard: the words as the model was told them, empty where that is how they were written.
    """

    image: Image.Image
    seed: int
    seconds: float
    request: GenerationRequest
    notes: tuple[str, ...] = ()
    heard: str = ""


@dataclass(frozen=True)
class Inputs:
    """The request's files, and the start picture, read.

    Attributes:
        files: by SHA-256, all that the request needs.
        start: fitted to the picture's size. mask: (height, width), what is painted anew.
        photo: the start and the mask in their square frame, at their own size, where what is made
            is put back into it.
    """

    files: Mapping[str, bytes]
    start: Image.Image | None = None
    mask: NDArray[np.uint8] | None = None
    photo: tuple[Image.Image, NDArray[np.uint8]] | None = None


class Run:
    """One generation, from the request's tensors to pixels.

    Args:
        family: the networks.
        request, inputs: what to make.
        find_garment: finds the garment in its picture.
        report, cancelled: see `Engine.generate`.

    Attributes:
        notes: sentences for the user, complete once the pictures are made.
        heard: see `Picture`, complete likewise.
    """

    def __init__(
        self,
        family: Family,
        request: GenerationRequest,
        inputs: Inputs,
        find_garment: MaskFinder,
        report: Callable[[Progress], None],
        cancelled: Callable[[], bool] | None,
    ) -> None:
        self.family, self.request, self.inputs = family, request, inputs
        self.report, self.cancelled = report, cancelled
        self.notes: tuple[str, ...] = ()
        self.heard = ""
        sampling = request.sampling
        self.scene = Scene(
            family,
            sampling.width,
            sampling.height,
            sampling.steps,
            inputs.files.__getitem__,
            find_garment,
            partial(encode_tensor, family),
        )

    def pictures(self, previews: Previews | None) -> list[NDArray[np.uint8]]:
        """(H, W, 3) for each picture."""
        request, family, inputs = self.request, self.family, self.inputs
        sampling, garment = request.sampling, request.get(GarmentControl)
        self.report(Progress("prepare"))
        text = self._text()
        self.report(Progress("prepare", notes=self.notes))

        def heard(steps: int) -> list[Condition]:
            scene = replace(self.scene, steps=steps)
            controls = sorted(request.controls, key=lambda control: control.attached)
            references = [one for control in controls for one in control.conditions(scene)]
            return [*references, text, *self._board(scene)]

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
        if inputs.photo is None or request.start is None or request.start.aspect is None:
            return made.pictures()
        aspect = request.start.aspect
        return [put_back(one, *inputs.photo, aspect) for one in made.pictures(whole=True)]

    def _text(self) -> TextCondition:
        request, words = self.request, self.request.words
        prompt = words.prompt.strip()
        if not prompt and words.garment is not None:
            prompt = plain_caption(PictureSpec(words.garment))
        said = plain(prompt)
        leave_out = ", ".join(filter(None, (plain(words.negative.strip()).text, said.negative)))
        encoder, spoken = self.family.text, heard if self.family.own_words else str
        told = spoken(in_english(said.text).text)
        self.heard = "" if told == prompt else told[:MAX_PROMPT]
        styles = [change for c in request.controls if (change := c.words(self.scene)) is not None]
        with encoder.styled(styles):
            positive = encoder.encode(told)
            negative = encoder.encode(spoken(in_english(leave_out).text))
        self.notes += tuple(
            f"The {name} is too long for the model, which leaves out its end: “{text.dropped}”."
            for name, text in (("prompt", positive), ("negative prompt", negative))
            if text.dropped
        )
        return TextCondition([positive], negative)

    def _board(self, scene: Scene) -> list[Condition]:
        """Everything that is on the board, heard by the control networks that read it."""
        family = self.family
        parts = [part for c in self.request.controls if (part := c.board(scene)) is not None]
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
            BoardControl(network, [heard], scene.steps)
            for network, heard in _share_out(family, parts)
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
        heard = [part for part in left if part.name in network.read]
        left = [part for part in left if part.name not in network.read]
        if heard:
            yield network, heard
    for part in left:  # a published one is loaded when it is needed
        yield family.adapters.get(part.name), [part]


def check_heard(family: Family, request: GenerationRequest) -> None:
    """The model can hear what the request refers to.

    Raises:
        BadInput: it cannot.
        ModelDamaged: it could, but for a published file that is broken or another than its name.
    """
    adapters, boards = family.adapters, {"sketch", "components"}
    for control in request.controls:
        for name in sorted(control.needs()):
            adapters.check(name)
        if not control.needs() <= adapters.offers | family.reads | {"styles"} | boards:
            raise BadInput(
                f"The model {family.entry.name} cannot {control.unheard}: {control.advice}."
            )


def made_with(family: Family, request: GenerationRequest) -> str:
    """Hash of all weights that decide a request's pictures."""
    needs = frozenset[str]().union(*(control.needs() for control in request.controls))
    adapters = family.adapters.hashes((needs - family.own_reads) & family.adapters.offers)
    if not adapters:
        return family.weights
    return hashlib.sha256(f"{family.weights}\n{adapters}".encode()).hexdigest()


def read_inputs(request: GenerationRequest, images: Mapping[str, bytes]) -> Inputs:
    """The request's files, and what it starts from.

    Args:
        request, images: see `Engine.generate`.

    Raises:
        BadInput: a file is missing, changed or of no use.
    """
    files: dict[str, bytes] = {}
    for role, sha in request.files().items():
        name = role.replace("_", " ")
        name = name if name.startswith("style") else f"{name} picture"
        if sha not in images:
            raise BadInput(f"The {name} is not there: add its file again.")
        if sha_of(images[sha]) != sha:
            raise BadInput(f"The {name} has changed: add its file again.")
        files[sha] = images[sha]
    if request.start is None:
        return Inputs(files)
    size = (request.sampling.width, request.sampling.height)
    picture = load_picture(files[request.start.picture])
    if request.start.aspect is not None:
        picture = squared(picture)
    start = fit_picture(picture, *size)
    if request.start.mask is None:
        return Inputs(files, start)
    painted = Image.fromarray(load_mask(files[request.start.mask]))
    photo = None
    if request.start.aspect is not None:
        painted = squared(painted, ground=0)
        photo = picture, np.asarray(painted.resize(picture.size, Image.Resampling.BILINEAR))
    mask = np.asarray(fit_picture(painted, *size), np.uint8)
    if not (mask > 127).any():
        raise BadInput("The mask is empty: paint over the part that is to be made anew.")
    return Inputs(files, start, mask, photo)

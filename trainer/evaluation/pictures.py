"""Pictures for the evaluation, made by the product's own engine, several requests at a time.

The engine makes one request's pictures in one batch. An evaluation has hundreds of requests for
one picture each; here they share a batch, through the engine's own networks, conditions, sampler
and denoising loop, which halves the time.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from studio.conditions.base import Branch, Condition, Residuals, Step
from studio.conditions.components import component_part
from studio.conditions.control import BoardNetwork, BoardPart, compose
from studio.conditions.pose import pose_part
from studio.conditions.sketch import sketch_part
from studio.conditions.text import TextCondition
from studio.controls.components import placed_in
from studio.controls.pose import PoseControl
from studio.controls.sketch import SketchControl
from studio.desk.resolve import resolve
from studio.desk.wish import Hears, Held, Wish
from studio.engine import Engine
from studio.engine.denoise import denoise
from studio.engine.guidance import joint_guidance
from studio.engine.latents import decode_picture, draw_noise, seeded
from studio.engine.loading import Family
from studio.engine.samplers import plan_walk
from studio.errors import BadInput
from studio.pngmeta import png_bytes
from studio.request import GenerationRequest
from studio.vision.pictures import read_ink
from trainer.command import Say

_BATCH = 8


class Pictures(Held):
    """The PNG bytes that requests refer to, by SHA-256."""

    def add(self, pixels: NDArray[np.uint8] | Image.Image) -> str:
        """Keep a picture, a mask or an ink page as PNG; its SHA-256."""
        return self.keep_picture(png_bytes(pixels))


def settled(
    engine: Engine, files: Held, wish: Wish, model: Hears | None = None
) -> GenerationRequest:
    """The request that the page and the command line make of a wish, too.

    Args:
        model: what hears it; None for the engine's own.
    """
    return resolve(wish, model or engine.capabilities, engine, files).request


class _EachText(Condition):
    """A text of its own for each picture."""

    name = "texts"

    def __init__(self, texts: Sequence[TextCondition]) -> None:
        self.texts = texts

    @property
    def branches(self) -> frozenset[Branch]:
        """Those that any of the texts makes sense of."""
        return frozenset[Branch]().union(*(text.branches for text in self.texts))

    def embeddings(self, branch: Branch) -> torch.Tensor:
        """(pictures, tokens, width)."""
        return torch.cat([text.embeddings(branch) for text in self.texts])


class _EachBoard(Condition):
    """A board of its own for each picture, heard in every step at full strength."""

    name = "boards"

    def __init__(self, network: BoardNetwork, boards: Sequence[NDArray[np.float32]]) -> None:
        self.network = network
        self.embedded = torch.cat([network.embed(board) for board in boards])

    @property
    def branches(self) -> frozenset[Branch]:
        """As a board of one picture."""
        return frozenset({Branch.TEXT, Branch.UNCONDITIONAL})

    @contextmanager
    def attached(self, unet: torch.nn.Module) -> Iterator[None]:
        """The control network takes embedded boards meanwhile."""
        with self.network.embedded():
            yield

    def residuals(
        self, step: Step, sample: torch.Tensor, embeddings: torch.Tensor
    ) -> Residuals | None:
        """The network's residuals."""
        return self.network.residuals(step, sample, embeddings, self.embedded, 1.0)


def _board(request: GenerationRequest, images: Mapping[str, bytes]) -> NDArray[np.float32] | None:
    """The request's board, or None where nothing is on it."""
    width, height = request.sampling.width, request.sampling.height
    parts: list[BoardPart] = []
    if sketch := request.get(SketchControl):
        parts.append(sketch_part(read_ink(images[sketch.picture]), width, height))
    if any(c.box is not None for c in placed_in(request)):
        parts.append(component_part(placed_in(request), width, height))
    if posed := request.get(PoseControl):
        parts.append(pose_part(posed.pose, width, height))
    return compose(parts)[0] if parts else None


def _together(request: GenerationRequest) -> GenerationRequest:
    """What requests of one batch must have in common."""
    words = request.words.replaced(prompt="-")
    return request.replaced(words=words, controls=()).sampled(seed=0)


@torch.inference_mode()
def _make_batch(
    family: Family, requests: Sequence[GenerationRequest], images: Mapping[str, bytes]
) -> list[Image.Image]:
    """One picture for each request of a batch."""
    first, words = requests[0].sampling, requests[0].words
    generators = seeded([request.sampling.seed for request in requests])
    side = family.reduction
    shape = (family.latent_channels, first.height // side, first.width // side)
    noise = draw_noise(generators, shape, family.device)
    walk = plan_walk(first.sampler, family.scheduler, first.steps, family.device, generators)
    negative = family.text.encode(words.negative)
    texts = [TextCondition(family.text.encode(r.words.prompt), negative) for r in requests]
    conditions: list[Condition] = [_EachText(texts)]
    boards = [board for r in requests if (board := _board(r, images)) is not None]
    if boards:
        if family.board is None or not family.board.reads_components:
            raise BadInput("This family has no board control: measure --parts words only.")
        conditions.append(_EachBoard(family.board, boards))
    wanted = frozenset[Branch]().union(*(c.branches for c in conditions))
    latents = denoise(
        family.unet, walk.scheduler, noise * walk.scheduler.init_noise_sigma, walk.timesteps,
        conditions, joint_guidance(wanted, words.st, 1.0), step_options=walk.options,
    )  # fmt: skip
    return [Image.fromarray(decode_picture(family, one[None])) for one in latents]


def _batches(
    requests: Sequence[GenerationRequest], images: Mapping[str, bytes]
) -> Iterator[list[int]]:
    """Places of requests that can share a batch, in order of their first member."""
    groups: dict[tuple[GenerationRequest, bool], list[int]] = {}
    for place, request in enumerate(requests):
        if request.start is not None or request.sampling.count != 1:
            raise ValueError("an evaluation's request makes one picture from nothing")
        key = (_together(request), _board(request, images) is not None)
        groups.setdefault(key, []).append(place)
    for places in groups.values():
        yield from (places[i : i + _BATCH] for i in range(0, len(places), _BATCH))


def make_pictures(
    engine: Engine,
    requests: Sequence[GenerationRequest],
    images: Mapping[str, bytes] | None = None,
    what: str = "pictures",
    say: Say = lambda _: None,
) -> list[Image.Image]:
    """One picture for each request, in order.

    Args:
        requests: for one picture each, from nothing; words, sketch and components as they like,
            with controls at full strength.
        images: the bytes of the sketches, by SHA-256.

    Raises:
        BadInput: a sketch or components, but no board control in the family.
    """
    family, images = engine.load(), images or {}
    made: dict[int, Image.Image] = {}
    began = time.perf_counter()
    for places in _batches(requests, images):
        pictures = _make_batch(family, [requests[i] for i in places], images)
        made.update(zip(places, pictures, strict=True))
        each = (time.perf_counter() - began) / len(made)
        say(f"{what}: {len(made)} of {len(requests)}, {each:.2f} s a picture")
    return [made[i] for i in range(len(requests))]

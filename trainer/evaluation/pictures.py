"""Pictures for the evaluation, made by the product's own engine, several requests at a time.

The engine makes one request's pictures in one batch. An evaluation has hundreds of requests for
one picture each; here they share a batch, through the engine's own networks, conditions, sampler
and denoising loop, which halves the time.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

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
from studio.engine import Engine
from studio.engine.denoise import denoise
from studio.engine.guidance import joint_guidance
from studio.engine.latents import decode_picture, draw_noise, seeded
from studio.engine.loading import Family
from studio.engine.samplers import plan_walk
from studio.errors import BadInput
from studio.pngmeta import png_bytes
from studio.request import GenerationRequest, ImageRef
from studio.vision.pictures import read_ink
from trainer.command import Say

_BATCH = 8


class Pictures:
    """The PNG bytes that requests refer to, by SHA-256."""

    def __init__(self) -> None:
        self.bytes: dict[str, bytes] = {}

    def add(self, pixels: NDArray[np.uint8] | Image.Image) -> ImageRef:
        """Keep a picture, a mask or an ink page as PNG; returns its reference."""
        data = png_bytes(pixels)
        reference = ImageRef.of(data)
        self.bytes[reference.sha256] = data
        return reference


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
    width, height = request.width, request.height
    parts: list[BoardPart] = []
    if request.sketch is not None:
        ink = read_ink(images[request.sketch.sha256])
        parts.append(sketch_part(ink, width, height))
    if any(c.box is not None for c in request.components):
        parts.append(component_part(request.components, width, height))
    if request.pose is not None:
        parts.append(pose_part(request.pose, width, height))
    return compose(parts)[0] if parts else None


def _together(request: GenerationRequest) -> GenerationRequest:
    """What requests of one batch must have in common."""
    return replace(
        request,
        prompt="-",
        components=(),
        sketch=None,
        usual_shape=False,
        own_pose=False,
        pose=None,
        seed=0,
    )


@torch.inference_mode()
def _make_batch(
    family: Family, requests: Sequence[GenerationRequest], images: Mapping[str, bytes]
) -> list[Image.Image]:
    """One picture for each request of a batch."""
    first = requests[0]
    generators = seeded([request.seed for request in requests])
    side = family.reduction
    shape = (family.latent_channels, first.height // side, first.width // side)
    noise = draw_noise(generators, shape, family.device)
    walk = plan_walk(first.sampler, family.scheduler, first.steps, family.device, generators)
    negative = family.text.encode(first.negative_prompt)
    texts = [TextCondition(family.text.encode(r.prompt), negative) for r in requests]
    conditions: list[Condition] = [_EachText(texts)]
    boards = [board for r in requests if (board := _board(r, images)) is not None]
    if boards:
        if family.board is None or not family.board.reads_components:
            raise BadInput("This family has no board control: measure --parts words only.")
        conditions.append(_EachBoard(family.board, boards))
    wanted = frozenset[Branch]().union(*(c.branches for c in conditions))
    latents = denoise(
        family.unet, walk.scheduler, noise * walk.scheduler.init_noise_sigma, walk.timesteps,
        conditions, joint_guidance(wanted, first.st, first.sg), step_options=walk.options,
    )  # fmt: skip
    return [Image.fromarray(decode_picture(family, one[None])) for one in latents]


def _batches(
    requests: Sequence[GenerationRequest], images: Mapping[str, bytes]
) -> Iterator[list[int]]:
    """Places of requests that can share a batch, in order of their first member."""
    groups: dict[tuple[GenerationRequest, bool], list[int]] = {}
    for place, request in enumerate(requests):
        if request.init_image is not None or request.count != 1:
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

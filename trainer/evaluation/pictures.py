"""Pictures for the evaluation, made by the product's own engine, several requests at a time.

The engine makes one request's pictures in one batch. An evaluation has hundreds of requests for
one picture each; here they share a batch, through the engine's own networks, conditions, sampler
and denoising loop, which halves the time.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.conditions.base import Condition
from studio.conditions.control import BoardControl
from studio.conditions.scene import Scene
from studio.conditions.text import TextCondition
from studio.desk.resolve import resolve
from studio.desk.wish import Hears, Held, Wish
from studio.engine import Engine
from studio.engine.latents import encode_tensor
from studio.engine.sampling import Plan, sample
from studio.errors import BadInput
from studio.pngmeta import png_bytes
from studio.request import GenerationRequest
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


def _together(request: GenerationRequest) -> GenerationRequest:
    """What requests of one batch must have in common."""
    words = request.words.replaced(prompt="-")
    return request.replaced(words=words, controls=()).sampled(seed=0)


def _make_batch(
    engine: Engine, requests: Sequence[GenerationRequest], images: Mapping[str, bytes]
) -> list[Image.Image]:
    """One picture for each request of a batch."""
    family = engine.load()
    first, words, encode = requests[0].sampling, requests[0].words, family.text.encode
    text = TextCondition([encode(r.words.prompt) for r in requests], encode(words.negative))
    scene = Scene(
        family, first.width, first.height, first.steps, images.__getitem__,
        lambda picture, part, _: engine.garment_mask(picture, part), partial(encode_tensor, family),
    )  # fmt: skip
    boards = [
        [part for c in request.controls if (part := c.board(scene)) is not None]
        for request in requests
    ]
    network = family.board

    def heard(steps: int) -> list[Condition]:
        if not any(boards):
            return [text]
        if network is None or not network.reads_components:
            raise BadInput("This family has no board control: measure --parts words only.")
        return [text, BoardControl(network, boards, steps)]

    seeds = [request.sampling.seed for request in requests]
    shape = family.latent_shape(first.width, first.height)
    plan = Plan(seeds, shape, first.steps, words.st, sampler=first.sampler)
    return [Image.fromarray(pixels) for pixels in sample(family, plan, heard).pictures()]


def _batches(requests: Sequence[GenerationRequest]) -> Iterator[list[int]]:
    """Places of requests that can share a batch, in order of their first member."""
    groups: dict[GenerationRequest, list[int]] = {}
    for place, request in enumerate(requests):
        if request.start is not None or request.sampling.count != 1:
            raise ValueError("an evaluation's request makes one picture from nothing")
        groups.setdefault(_together(request), []).append(place)
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
        requests: for one picture each, from nothing, of words, sketch, components and pose.
        images: the bytes of the sketches, by SHA-256.

    Raises:
        BadInput: a sketch or components, but no board control in the family.
    """
    images = images or {}
    made: dict[int, Image.Image] = {}
    began = time.perf_counter()
    for places in _batches(requests):
        pictures = _make_batch(engine, [requests[i] for i in places], images)
        made.update(zip(places, pictures, strict=True))
        each = (time.perf_counter() - began) / len(made)
        say(f"{what}: {len(made)} of {len(requests)}, {each:.2f} s a picture")
    return [made[i] for i in range(len(requests))]

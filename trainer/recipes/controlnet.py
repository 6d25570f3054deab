"""The board control: ink in one channel, components kind-coded in others, a pose in the last.

ControlNet (Zhang et al. 2023, arXiv 2302.05543) on the frozen base. Parts of the board are left
out at random, so that ink, components, some kinds or a pose alone all work; what is
drawn never disagrees with the picture.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import cv2
import numpy as np
import torch
from diffusers.models.controlnets.controlnet import ControlNetModel
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from torch import Tensor, nn

from studio.conditions.board import BOARD_CHANNELS, DRAWN_CHANNELS, draw_board
from studio.conditions.control import BoardControl, BoardNetwork, BoardPart
from studio.garment.vocabulary import COMPONENTS
from studio.request import Control
from studio.vision.skeleton import draw_skeleton, from_coco
from trainer.config import Share, reads
from trainer.data.captions import shard_tokens
from trainer.data.shards import INKS
from trainer.loop import Batch
from trainer.recipes.shared.diffusion import DiffusionConfig, DiffusionRecipe
from trainer.sheets import save_sheet
from trainer.state import load_fitting


class ControlnetConfig(DiffusionConfig):
    """Data, shape and dropouts of the board control."""

    unet: Path = reads("unet")
    """Folder of the trained UNet, which stays as it is."""
    controlnet: Path | None = reads("controlnet", "named")
    """Folder of a control network to go on from, if any."""
    embedding: tuple[int, int, int, int] = (16, 32, 64, 96)
    """Channels of the board's own convolutions, fine to coarse."""
    unsaid_captions: Share = 0.0
    """Part of the captions that leave the components unsaid, so that they come from the board
    alone."""
    ink_dropout: Share = 0.4
    """Part of the boards without ink."""
    components_dropout: Share = 0.2
    """Part of the boards without components, where there is ink."""
    kind_dropout: Share = 0.1
    """Part of the boards that lack a kind of component, per kind."""
    pose_dropout: Share = 0.4
    """Part of the worn pictures' boards without the pose."""
    pose_alone: Share = 0.5
    """Part of the boards with a pose that show nothing else."""


_FIRST_GAIN = 11.0
_FIRST = "controlnet_cond_embedding.conv_in.weight"


@torch.no_grad()
def carry_signal(embedding: nn.Module) -> None:
    """Start the board's convolutions so that what is drawn reaches the control network.

    With torch's default start each convolution and SiLU shrinks the few bright pixels of a
    board to about a third: after seven of them a line is worth 1e-5, and thousands of steps go
    by before anything is followed. Here the variance is kept (He et al. 2015, arXiv 1502.01852,
    with SiLU's gain near 0). The last convolution starts at work too, not at zero: the control
    network's zero heads alone make sure that the base's picture is unchanged at the start.
    """
    convolutions = [m for m in embedding.modules() if isinstance(m, nn.Conv2d)]
    # Boards are mostly empty, so the first starts larger; the last brings lines to the strength
    # of the noisy latents that they are added to.
    gains = [_FIRST_GAIN] + [2.8] * (len(convolutions) - 2) + [40.0]
    for conv, gain in zip(convolutions, gains, strict=True):
        fan_in = conv.weight[0].numel()
        nn.init.normal_(conv.weight, std=(gain / fan_in) ** 0.5)
        if conv.bias is not None:
            nn.init.zeros_(conv.bias)


def control_network(
    unet: UNet2DConditionModel,
    embedding: tuple[int, int, int, int],
    channels: int = len(BOARD_CHANNELS),
) -> Any:
    """A control network for so many channels that starts as a copy of the UNet's encoder."""
    control: Any = ControlNetModel.from_unet(
        unet,
        conditioning_channels=channels,
        conditioning_embedding_out_channels=embedding,
    )
    if hasattr(control, "add_embedding"):
        # `from_unet` copies the pooling's weights but not its number of heads.
        heads = unet.config["addition_embed_type_num_heads"]  # type: ignore[index]
        pool = control.add_embedding.pool
        pool.num_heads, pool.dim_per_head = heads, pool.num_heads * pool.dim_per_head // heads
        control.register_to_config(addition_embed_type_num_heads=heads)
    return control


@torch.no_grad()
def take_over(control: Any, earlier: Any) -> None:
    """Go on from an earlier control network, which may have known no pooled words or no pose.

    Raises:
        BadInput: it belongs to another UNet.
    """
    theirs, ours = earlier.state_dict(), control.state_dict()
    first, wanted = theirs[_FIRST], ours[_FIRST]
    if first.shape[1] < wanted.shape[1] and first.shape[0] == wanted.shape[0]:
        # Channels that the board has gained start as `carry_signal` starts all of them.
        grown = torch.randn_like(wanted) * (_FIRST_GAIN / wanted[0].numel()) ** 0.5
        grown[:, : first.shape[1]] = first
        theirs[_FIRST] = grown
    load_fitting(control, theirs, without=("add_embedding.",))
    if ours.keys() - theirs.keys():
        nn.init.zeros_(control.add_embedding.norm2.weight)
        nn.init.zeros_(control.add_embedding.norm2.bias)


def started(
    unet: UNet2DConditionModel,
    embedding: tuple[int, int, int, int],
    earlier: Path | None,
    channels: int = len(BOARD_CHANNELS),
) -> Any:
    """A control network as its training starts: from an earlier one's folder, or anew."""
    control = control_network(unet, embedding, channels)
    if earlier is None:
        carry_signal(control.controlnet_cond_embedding)
    else:
        take_over(control, ControlNetModel.from_pretrained(earlier))
    return control


class ControlnetRecipe(DiffusionRecipe[ControlnetConfig]):
    """Trains the control network; text encoder and UNet are frozen."""

    name = "controlnet"
    writes: ClassVar = {"controlnet": "controlnet"}

    def build(self) -> dict[str, nn.Module]:
        """Opens the data, loads the frozen base, copies its encoder into the control network."""
        config = self.config
        self.open_data()
        self.unsaid_tokens = self.tokens
        if config.unsaid_captions > 0:
            self.unsaid_tokens = shard_tokens(
                config.cache, self.shards, self.tokenizer, config.variants, said="no components"
            )
        self.unet = self.frozen_base(config.unet)
        start = started(self.unet, config.embedding, config.controlnet)
        self.control = self.convolutional(start)
        compiled = torch.compile if config.loop.compile else (lambda f: f)
        self._unet, self._control = compiled(self.unet), compiled(self.control)
        return {"controlnet": self.control}

    def board(self, row: int, rng: np.random.Generator, whole: bool = False) -> np.ndarray:
        """The board of a picture, uint8 (size, size, channels); `whole`: nothing left out."""
        config, size = self.config, self.config.size_pixels
        components = self.shards.specs[row].garment.components
        keypoints = self.shards.records[row].get("keypoints")
        ink = self.shards.inks(INKS[rng.integers(len(INKS))], np.array([row]))[0]
        if not whole:
            if keypoints is not None and rng.random() < config.pose_dropout:
                keypoints = None
            alone = keypoints is not None and rng.random() < config.pose_alone
            left_out = {k for k in COMPONENTS if rng.random() < config.kind_dropout}
            components = tuple(c for c in components if c.kind not in left_out)
            chance = rng.random()
            if chance < config.ink_dropout:
                ink = None
            elif rng.random() < config.components_dropout:
                components = ()
            if alone:
                ink, components = None, ()
        if ink is not None and len(ink) != size:
            ink = cv2.resize(ink, (size, size), interpolation=cv2.INTER_AREA).astype(np.uint8)
        figure = None
        if keypoints is not None:
            figure = draw_skeleton(from_coco(np.asarray(keypoints)), size, size)
        board = draw_board(ink, components, size, figure)
        return np.ascontiguousarray((board * 255).round().astype(np.uint8).transpose(1, 2, 0))

    def batch(self, step: int) -> Batch:
        """As for the base, and boards uint8 (B, size, size, channels)."""
        batch = super().batch(step)
        rng = np.random.default_rng([self.config.loop.seed, step, 1])
        self._leave_unsaid(batch, np.random.default_rng([self.config.loop.seed, step, 2]))
        boards = np.stack([self.board(int(row), rng) for row in batch["rows"]])
        return {**batch, "boards": torch.from_numpy(boards)}

    def _leave_unsaid(self, batch: Batch, rng: np.random.Generator) -> None:
        """Puts other captions in the place of some; those that are empty stay so."""
        rows, tokens = batch["rows"].numpy(), batch["tokens"].numpy()
        chosen = rng.random(len(rows)) < self.config.unsaid_captions
        chosen &= (tokens != self.empty).any(1)
        variants = rng.integers(0, self.config.variants, len(rows))
        tokens[chosen] = self.unsaid_tokens[variants, rows][chosen]

    def step(self, batch: Batch) -> dict[str, Tensor]:
        """Predict the velocity with the board's residuals added to the frozen UNet."""
        return self.controlled(self._unet, self._control, batch, board_tensor(batch["boards"]))

    def sample(self, path: Path) -> None:
        """The first rows' boards, then pictures with them, then the same seeds without."""
        count = min(self.config.sample_count // 2, self.shards.count)
        rng = np.random.default_rng(9)
        rows = np.arange(self.shards.count - count, self.shards.count)
        boards = np.stack([self.board(int(r), rng, whole=True) for r in rows])
        prompts = self.tokenizer.batch_decode(
            self.tokens[0, rows].astype(np.int64), skip_special_tokens=True
        )
        network = BoardNetwork(self.control)

        def heard(board: np.ndarray) -> BoardControl:
            channels = (board.transpose(2, 0, 1) / 255).astype(np.float32)
            part = BoardPart("board", channels, Control())
            return BoardControl(network, [[part]], self.config.sample_steps)

        with_board = [self.picture(prompts[i], i, heard(boards[i])) for i in range(count)]
        without = [self.picture(prompt, i) for i, prompt in enumerate(prompts)]
        shown = [show_board(b) for b in boards]
        save_sheet(
            path, [*shown, *with_board, *without],
            ["board"] * count + prompts + ["without the board"] * count, columns=count,
        )  # fmt: skip

    def save(self, folder: Path) -> None:
        """Writes the folder `controlnet`."""
        self.control.save_pretrained(folder / "controlnet")


def board_tensor(boards: Tensor) -> Tensor:
    """uint8 (B, size, size, channels) to float32 (B, channels, size, size) in 0..1."""
    return boards.permute(0, 3, 1, 2).float().div_(255)


def show_board(board: np.ndarray) -> np.ndarray:
    """A board as a picture; uint8 (size, size, 3).

    Ink is black, points are red, extents blue, and a pose is in its own colours.
    """
    drawn = len(DRAWN_CHANNELS)
    ink, points, extents = board[..., 0], board[..., 1], board[..., 2:drawn].max(-1)
    figure = board[..., drawn:]
    red, blue = np.maximum(ink, extents), np.maximum(ink, points)
    paper = np.stack([255 - red, 255 - np.maximum(red, blue), 255 - blue], -1)
    return np.where(figure.any(-1, keepdims=True), figure, paper)

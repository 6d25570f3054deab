"""In which branches of guidance the board is heard."""

from typing import Any

import pytest
import torch
from diffusers.models.controlnets.controlnet import ControlNetModel

from studio.conditions.base import Branch, Step
from studio.conditions.board import BOARD_CHANNELS
from studio.conditions.control import BoardControl, BoardNetwork
from studio.conditions.parts import component_part
from studio.garment.spec import Component
from studio.request import Control

U, G, T, W = Branch.UNCONDITIONAL, Branch.GARMENT, Branch.TEXT, Branch.WORDS
PICTURES, SIDE = 2, 64
PARTS = (Component("pocket", "left hip", (0.5, 0.5, 0.9, 0.9)),)


def network(channels: int) -> BoardNetwork:
    """A tiny ControlNet whose zero convolutions let something through."""
    torch.manual_seed(0)
    model: Any = ControlNetModel(
        in_channels=4, conditioning_channels=channels, block_out_channels=(8, 16),
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"), layers_per_block=1,
        cross_attention_dim=8, attention_head_dim=2, norm_num_groups=4,
        conditioning_embedding_out_channels=(4, 4, 8, 8),
    )  # fmt: skip
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.1)
    return BoardNetwork(model.eval())


@torch.no_grad()
def heard(of: BoardNetwork, branches: tuple[Branch, ...]) -> list[bool]:
    """For each branch whether its rows get residuals, which must be those of the row alone."""
    board = BoardControl(of, [[component_part(PARTS, SIDE, SIDE, Control(strength=0.7))]], steps=1)
    rows = len(branches) * PICTURES
    sample, words = torch.randn(rows, 4, 8, 8), torch.randn(rows, 3, 8)
    time = torch.tensor(400)
    with board.attached(torch.nn.Identity()):
        found = board.residuals(Step(0, 1, time, branches, PICTURES), sample, words)
        assert found is not None
        alone = [
            board.residuals(Step(0, 1, time, (T,), 1), sample[i : i + 1], words[i : i + 1])
            for i in range(rows)
        ]
    answers = []
    for start in range(0, rows, PICTURES):
        mine = found.mid[start : start + PICTURES]
        answers.append(bool(mine.any()))
        for row in range(start, start + PICTURES) if answers[-1] else ():
            single = alone[row]
            assert single is not None
            pairs = zip((*found.down, found.mid), (*single.down, single.mid), strict=True)
            for part, own in pairs:
                torch.testing.assert_close(part[row], own[0], rtol=1e-4, atol=1e-5)
        if not answers[-1]:
            assert not any(part[start : start + PICTURES].any() for part in found.down)
    return answers


@pytest.mark.parametrize(
    ("branches", "wanted"),
    [
        ((U, T), [False, True]),
        ((U, G, T), [False, False, True]),
        ((U, G, W), [False, False, True]),
        ((T,), [True]),
        ((U, G), [True, True]),  # sT 0: nobody hears the words, and the board must not be lost
    ],
)
def test_the_studios_own_board_is_heard_with_the_words(
    branches: tuple[Branch, ...], wanted: list[bool]
) -> None:
    assert heard(network(len(BOARD_CHANNELS)), branches) == wanted


def test_a_published_network_is_heard_everywhere() -> None:
    of = network(3)
    assert not of.guided
    assert heard(of, (U, G, T)) == [True, True, True]


def test_a_guided_board_asks_for_the_unconditional_branch() -> None:
    part = component_part(PARTS, SIDE, SIDE, Control(strength=1.0))
    assert BoardControl(network(len(BOARD_CHANNELS)), [[part]], 2).branches == {U, T}
    assert BoardControl(network(3), [[part]], 2).branches == frozenset()
    never = component_part(PARTS, SIDE, SIDE, Control(strength=1.0, start=0.9, end=0.95))
    assert BoardControl(network(len(BOARD_CHANNELS)), [[never]], 2).branches == frozenset()

"""Sketch and components share one board: what is on it in a step, and how strongly."""

import numpy as np
import pytest

from studio.conditions.board import BOARD_CHANNELS, draw_board
from studio.conditions.control import compose
from studio.conditions.parts import component_part, fit_ink, sketch_part
from studio.garment.spec import Component
from studio.request import Control

SIDE = 64
INK = np.zeros((SIDE, SIDE), np.uint8)
INK[20:23, 5:60] = 255
PARTS = (
    Component("button", "centre front", (0.45, 0.4, 0.55, 0.5)),
    Component("pocket", "left hip", (0.6, 0.6, 0.8, 0.8)),
    Component("bow", "neck"),
)


def test_equal_controls_give_the_plain_board():
    control = Control(strength=0.7)
    board, strength = compose(
        [sketch_part(INK, SIDE, SIDE, control), component_part(PARTS, SIDE, SIDE, control)]
    )
    assert strength == 0.7
    np.testing.assert_array_equal(board, draw_board(INK, PARTS, SIDE))


def test_the_weaker_part_is_dimmed():
    board, strength = compose(
        [
            sketch_part(INK, SIDE, SIDE, Control(strength=0.5)),
            component_part(PARTS, SIDE, SIDE, Control(strength=1.0)),
        ]
    )
    plain = draw_board(INK, PARTS, SIDE)
    assert strength == 1.0
    np.testing.assert_allclose(board[0], plain[0] * 0.5)
    np.testing.assert_array_equal(board[1:], plain[1:])


def test_one_part_alone_fills_only_its_own_channels():
    board, _ = compose([sketch_part(INK, SIDE, SIDE)])
    assert board[0].any() and not board[1:].any()
    board, _ = compose([component_part(PARTS, SIDE, SIDE)])
    filled = [name for name, channel in zip(BOARD_CHANNELS, board, strict=True) if channel.any()]
    assert filled == ["button", "pocket"], "the bow has no place"


@pytest.mark.parametrize(("width", "height"), [(64, 128), (128, 64), (96, 64)])
def test_on_a_page_that_is_not_square_a_button_stays_round_and_in_its_place(width, height):
    board = component_part(PARTS[:1], width, height).channels
    assert board.shape == (len(BOARD_CHANNELS), height, width)
    rows, columns = np.nonzero(board[BOARD_CHANNELS.index("button")] > 0.5)
    assert abs(rows.mean() + 0.5 - 0.45 * height) < 1
    assert abs(columns.mean() + 0.5 - 0.5 * width) < 1
    assert abs(np.ptp(rows) - np.ptp(columns)) <= 1


def test_ink_is_whole_and_undistorted_on_another_page():
    ring = np.zeros((100, 100), np.uint8)
    ring[10:90, 10:90] = 255
    ring[20:80, 20:80] = 0
    page = fit_ink(ring, 64, 128)
    rows, columns = np.nonzero(page > 127)
    assert page.shape == (128, 64) and abs(np.ptp(rows) - np.ptp(columns)) <= 1
    assert abs(rows.mean() - 63.5) < 1 and abs(columns.mean() - 31.5) < 1
    assert fit_ink(ring, 100, 100) is ring

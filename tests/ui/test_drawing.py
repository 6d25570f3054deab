"""The server paints what was drawn, and reads nothing that was not."""

import json

import numpy as np
import pytest

from studio.desk.drawing import paint
from studio.errors import BadInput
from studio.gallery.layers import MAX_POINTS, MAX_STROKES, SIDE, read_strokes


def drawing(*strokes: dict) -> str:
    """A drawing as the page sends it."""
    return json.dumps({"v": 1, "strokes": list(strokes)})


def line(x0: float, y0: float, x1: float, y1: float, **more: object) -> dict:
    """A straight stroke."""
    return {"t": "pen", "w": 8, "m": 0, "p": [x0, y0, 1, x1, y1, 1]} | more


def test_a_stroke_lies_where_it_was_drawn():
    ink = paint(read_strokes(drawing(line(256, 128, 256, 896))))
    rows, columns = np.nonzero(ink > 128)
    assert ink.shape == (256, 256)
    assert abs(columns.mean() - 64) < 1
    assert 31 <= rows.min() <= 34 and 221 <= rows.max() <= 225


def test_the_mirrored_stroke_is_the_same_line():
    ink = paint(read_strokes(drawing(line(200, 100, 380, 700, m=1))))
    assert ink.any()
    assert (
        np.abs(ink.astype(int) - ink[:, ::-1]).max() <= 8
    )  # of 255: rasterisers round towards one side
    alone = paint(read_strokes(drawing(line(200, 100, 380, 700))))
    assert not alone[:, 128:].any()


def test_pressure_makes_the_line_wider():
    soft = line(300, 100, 300, 900) | {"p": [300, 100, 0.1, 300, 900, 0.1]}
    firm = line(300, 100, 300, 900)
    assert paint(read_strokes(drawing(firm))).sum() > 2 * paint(read_strokes(drawing(soft))).sum()


def test_the_eraser_takes_ink_of_strokes_and_of_a_photo_but_not_of_what_comes_after():
    eraser = {"t": "eraser", "w": 120, "m": 0, "p": [512, 512, 1, 530, 512, 1]}
    across = line(100, 512, 900, 512)
    photo = np.zeros((256, 256), np.uint8)
    photo[:, 128:131] = 255
    erased = paint(read_strokes(drawing(across, eraser)), photo)
    assert not erased[124:132, 124:134].any()
    assert erased[128, 40] > 200 and erased[20, 129] == 255
    again = paint(read_strokes(drawing(across, eraser, across)), photo)
    assert again[128, 128] > 200


def test_a_dot_is_a_dot():
    ink = paint(read_strokes(drawing({"t": "pen", "w": 14, "m": 0, "p": [400, 400, 1]})))
    assert 4 <= (ink > 64).sum() <= 30


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        '{"v": 1}',
        '{"v": 1, "strokes": 5}',
        '{"v": 2, "strokes": []}',
        drawing({"t": "laser", "w": 1, "p": [1, 2, 3]}),
        drawing({"t": "pen", "w": 1, "p": [1, 2]}),
        drawing({"t": "pen", "w": 1, "p": []}),
        drawing({"t": "pen", "w": "wide", "p": [1, 2, 1]}),
        '{"v": 1, "strokes": [{"t": "pen", "w": 1, "p": [NaN, 2, 1]}]}',
        '{"v": 1, "strokes": [{"t": "pen", "w": 1, "p": [1e999, 2, 1]}]}',
        "[" * 100_000,
    ],
)
def test_what_is_no_drawing_is_refused_in_a_sentence(text: str):
    with pytest.raises(BadInput, match="reload the page"):
        read_strokes(text)


def test_more_than_a_hand_can_draw_is_refused():
    with pytest.raises(BadInput, match="clear the board"):
        read_strokes(drawing(*[line(0, 0, 1, 1)] * (MAX_STROKES + 1)))
    with pytest.raises(BadInput, match="clear the board"):
        read_strokes(drawing({"t": "pen", "w": 1, "p": [1, 2, 1] * (MAX_POINTS + 1)}))
    with pytest.raises(BadInput, match="too large"):
        read_strokes(" " * 9_000_000)


def test_points_far_outside_do_no_harm():
    ink = paint(read_strokes(drawing(line(-1e9, 512, 1e9, 512, w=1e9))))
    assert ink.shape == (256, 256)
    assert paint(read_strokes(drawing(line(0, 0, SIDE, SIDE))), size=64).shape == (64, 64)

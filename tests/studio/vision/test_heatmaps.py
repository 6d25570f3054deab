"""Heatmaps become components: what is drawn for the training is what decoding reads back."""

import numpy as np
import pytest
import torch

from studio.vision.heatmaps import HEATMAP_STRIDE, SIZE_STRIDE, SIZE_UNIT, Peak, decode
from studio.vision.heatmaps import without_duplicates as unique
from studio.vision.perception import KINDS
from trainer.losses.perception import boxes, draw_heatmaps, focal

SIZE = 256


def perfect(table: list[tuple[str, float, float, float, float]]) -> list[Peak]:
    """Decode the answers of a network that makes no mistake."""
    components = torch.tensor([[[KINDS.index(k), *rest] for k, *rest in table]])
    heat, peaks = draw_heatmaps(components, len(KINDS), SIZE)
    assert int(peaks.sum()) == len(table)
    logits = torch.logit(heat.clamp(1e-4, 1 - 1e-4))
    cells = SIZE // SIZE_STRIDE
    sizes = torch.zeros(1, 2 * len(KINDS), cells, cells)
    offsets = torch.zeros(1, 2, SIZE // HEATMAP_STRIDE, SIZE // HEATMAP_STRIDE)
    for kind, x, y, w, h in table:
        channel = 2 * KINDS.index(kind)
        row, column = int(y / SIZE_STRIDE), int(x / SIZE_STRIDE)
        sizes[0, channel : channel + 2, row, column] = torch.tensor([w, h]).div(SIZE_UNIT).log()
        fine = int(y / HEATMAP_STRIDE), int(x / HEATMAP_STRIDE)
        offset = torch.tensor([x / HEATMAP_STRIDE - fine[1], y / HEATMAP_STRIDE - fine[0]])
        offsets[0, :, fine[0], fine[1]] = offset
    size_loss, offset_loss = boxes(components, sizes, offsets)
    assert float(size_loss) < 1e-5 and float(offset_loss) < 1e-5
    return decode(logits, sizes, offsets, KINDS, (0.5,) * len(KINDS))[0]


def test_ten_close_buttons_a_belt_and_a_zipper_come_back() -> None:
    buttons = [("button", 128.3, 60.7 + 10 * i, 7.0, 7.0) for i in range(10)]
    others = [("zipper", 133.0, 130.0, 10.0, 120.0), ("belt", 128.0, 115.5, 100.0, 9.0)]
    found = perfect([*buttons, *others])
    assert sorted(p.kind for p in found) == sorted(k for k, *_ in [*buttons, *others])
    ys = sorted(p.centre[1] * SIZE for p in found if p.kind == "button")
    assert np.allclose(ys, [b[2] for b in buttons], atol=0.05)
    belt = next(p for p in found if p.kind == "belt")
    assert np.allclose(np.array(belt.box) * SIZE, (78, 111, 178, 120), atol=0.1)


def test_twelve_pleats_side_by_side_stay_twelve() -> None:
    found = perfect([("pleat", 80 + 7.6 * i, 150.0, 8.5, 110.0) for i in range(12)])
    assert [p.kind for p in found] == ["pleat"] * 12


def test_one_component_seen_twice_is_one() -> None:
    long = Peak("zipper", 0.9, (0.45, 0.2, 0.55, 0.7))
    echo = Peak("zipper", 0.5, (0.45, 0.25, 0.55, 0.75))
    button, near = (
        Peak("button", 0.6, (0.5, 0.5, 0.52, 0.52)),
        Peak("button", 0.8, (0.5, 0.5, 0.5, 0.5)),
    )
    apart = Peak("button", 0.4, (0.5, 0.55, 0.52, 0.57))
    assert unique([echo, long, button, near, apart], SIZE) == [long, near, apart]


def test_focal_loss_rewards_the_peak_and_forgives_its_neighbours() -> None:
    components = torch.tensor([[[0.0, 100, 100, 8, 8], [-1, 0, 0, 0, 0]]])
    heat, peaks = draw_heatmaps(components, len(KINDS), SIZE)
    empty = torch.full_like(heat, -6.0)

    def with_peak(row: int, column: int) -> float:
        logits = empty.clone()
        logits[0, 0, row, column] = 4.0
        return float(focal(logits, heat, peaks))

    right, beside, far = with_peak(50, 50), with_peak(50, 51), with_peak(90, 20)
    assert right < 0.1 < beside < far


def test_without_components_the_losses_are_finite_and_have_gradients() -> None:
    nothing = torch.full((2, 3, 5), -1.0)
    heat, peaks = draw_heatmaps(nothing, len(KINDS), SIZE)
    assert not peaks.any() and not heat.any()
    sizes = torch.zeros(2, 20, 64, 64, requires_grad=True)
    offsets = torch.zeros(2, 2, 128, 128, requires_grad=True)
    total = sum(boxes(nothing, sizes, offsets))
    assert isinstance(total, torch.Tensor)
    total.backward()
    assert sizes.grad is not None and float(total.detach()) == 0
    assert float(focal(torch.zeros_like(heat), heat, peaks)) == pytest.approx(
        heat.numel() * np.log(2) / 4, rel=1e-4
    )

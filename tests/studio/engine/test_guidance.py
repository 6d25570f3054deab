"""Guidance as a chain: the published formulas, and nothing computed that changes nothing."""

import pytest
import torch

from studio.conditions.base import Branch
from studio.engine.guidance import joint_guidance

U, G, T = Branch.UNCONDITIONAL, Branch.GARMENT, Branch.TEXT
EPS = {b: torch.randn(2, 3, 4, 4, generator=torch.Generator().manual_seed(i))
       for i, b in enumerate((U, G, T))}  # fmt: skip


def combined(wanted, st, sg):
    guidance = joint_guidance(wanted, st, sg)
    return guidance, guidance.combine([EPS[b] for b in guidance.branches])


@pytest.mark.parametrize("st", [0.0, 0.5, 1.0, 2.5, 7.5])
@pytest.mark.parametrize("sg", [0.0, 0.5, 1.0, 2.5])
def test_joint_formula_holds_however_the_chain_is_shortened(st, sg):
    _, got = combined({U, G, T}, st, sg)
    want = EPS[U] + sg * (EPS[G] - EPS[U]) + st * (EPS[T] - EPS[G])
    torch.testing.assert_close(got, want, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("st", [0.0, 1.0, 4.0])
def test_without_a_garment_it_is_classifier_free_guidance(st):
    _, got = combined({U, T}, st, 2.5)
    torch.testing.assert_close(got, EPS[U] + st * (EPS[T] - EPS[U]), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("wanted", "st", "sg", "branches"),
    [
        ({U, T}, 7.5, 2.5, (U, T)),
        ({U, T}, 1.0, 2.5, (T,)),
        ({U, T}, 0.0, 2.5, (U,)),
        ({T}, 7.5, 2.5, (T,)),
        ({U, G, T}, 7.5, 2.5, (U, G, T)),
        ({U, G, T}, 7.5, 1.0, (G, T)),
        ({U, G, T}, 0.0, 2.5, (U, G)),
        ({U, G, T}, 3.0, 3.0, (U, T)),
        ({U, G, T}, 1.0, 1.0, (T,)),
        ({U, G, T}, 0.0, 0.0, (U,)),
    ],
)
def test_a_branch_that_changes_nothing_is_not_computed(wanted, st, sg, branches):
    assert joint_guidance(wanted, st, sg).branches == branches


def test_joint_scales_are_heard_separately():
    _, weak = combined({U, G, T}, 2.0, 1.5)
    _, more_garment = combined({U, G, T}, 2.0, 2.5)
    torch.testing.assert_close(more_garment - weak, EPS[G] - EPS[U], rtol=1e-4, atol=1e-5)

"""Guidance as a chain: the published formulas, and nothing computed that changes nothing."""

import pytest
import torch

from studio.conditions.base import Branch
from studio.engine.guidance import Guidance, independent_guidance, joint_guidance

U, G, T, W = Branch.UNCONDITIONAL, Branch.GARMENT, Branch.TEXT, Branch.WORDS
EPS = {b: torch.randn(2, 3, 4, 4, generator=torch.Generator().manual_seed(i))
       for i, b in enumerate((U, G, T, W))}  # fmt: skip


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


@pytest.mark.parametrize("st", [0.0, 1.0, 5.0])
@pytest.mark.parametrize("sg", [0.0, 1.0, 2.5])
def test_independent_formula_takes_both_differences_from_the_unconditional_one(st, sg):
    guidance = independent_guidance({U, G, T}, st, sg)
    got = guidance.combine([EPS[b] for b in guidance.branches])
    want = EPS[U] + sg * (EPS[G] - EPS[U]) + st * (EPS[W] - EPS[U])
    torch.testing.assert_close(got, want, rtol=1e-5, atol=1e-5)
    assert guidance.branches == (U, *([G] if sg else []), *([W] if st else []))


def test_independent_guidance_without_a_garment_is_classifier_free_guidance():
    assert independent_guidance({U, T}, 3.0, 2.5) == joint_guidance({U, T}, 3.0, 2.5)


def test_joint_guidance_with_equal_scales_is_classifier_free_guidance():
    joint = joint_guidance({U, G, T}, 3.0, 3.0)
    assert joint == joint_guidance({U, T}, 3.0, 3.0)
    assert joint.terms == ((3.0, T, U),)


def test_a_difference_needs_both_its_predictions():
    with pytest.raises(ValueError, match="not computed"):
        Guidance((U, T), ((2.0, T, G),))

"""The contrastive losses against their formulas, written out."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F

from trainer.losses.contrastive import clip_loss, supervised_contrastive


def unit(rows: int, seed: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return F.normalize(torch.randn(rows, 6, generator=generator), dim=1)


def test_clips_loss_both_ways() -> None:
    first, second = unit(4, 0), unit(4, 1)
    loss, found = clip_loss(first, second, torch.tensor(math.log(3.0)))
    total, right = 0.0, 0
    for i in range(4):
        there = [3 * float(first[i] @ second[j]) for j in range(4)]
        back = [3 * float(first[j] @ second[i]) for j in range(4)]
        for logits in (there, back):
            total += math.log(sum(math.exp(x) for x in logits)) - logits[i]
        right += there.index(max(there)) == i
    assert math.isclose(float(loss), total / 8, rel_tol=1e-5)
    assert float(found) == right / 4
    perfect, all_found = clip_loss(first, first, torch.tensor(9.0))  # capped at a scale of 100
    assert float(all_found) == 1 and float(perfect) < 1e-3
    capped, _ = clip_loss(first, second, torch.tensor(math.log(100.0)))
    assert torch.equal(clip_loss(first, second, torch.tensor(9.0))[0], capped)


def test_the_supervised_contrastive_loss() -> None:
    vectors, labels = unit(5, 2), torch.tensor([0, 0, 1, 0, 1])
    total, t = 0.0, 0.2
    for i in range(5):
        partners = [j for j in range(5) if j != i and labels[j] == labels[i]]
        others = [j for j in range(5) if j != i]
        below = math.log(sum(math.exp(float(vectors[i] @ vectors[j]) / t) for j in others))
        total -= sum(float(vectors[i] @ vectors[j]) / t - below for j in partners) / len(partners)
    found = supervised_contrastive(vectors, labels, t)
    assert math.isclose(float(found), total / 5, rel_tol=1e-5)


def test_rows_that_are_alone_only_push() -> None:
    vectors = unit(4, 3).requires_grad_(True)
    loss = supervised_contrastive(vectors, torch.tensor([0, 0, 1, 2]), 0.2)
    loss.backward()
    assert vectors.grad is not None and torch.isfinite(vectors.grad).all()
    assert vectors.grad[3].abs().sum() > 0
    assert float(supervised_contrastive(unit(3, 4), torch.arange(3), 0.2)) == 0

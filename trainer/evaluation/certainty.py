"""How sure one may be of a garment's photo: fixed on degraded renders, tried on photographs.

A small judge of outlines is trained, then it and the model's perception look at degraded renders
that neither has seen, each through the very mask that the studio finds. How much either counts is
what makes the truth likeliest on half of them; on the other half stands from which probability on
at most one in a hundred answers is wrong. Photographs only ever check it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from studio.errors import BadInput
from studio.garment.vocabulary import GARMENTS, NECKLINES, SLEEVES
from studio.vision import certainty as sure
from studio.vision.certainty import (
    Agreed,
    Certainty,
    Limits,
    Told,
    laid_out,
    mixed,
    together,
)
from studio.vision.garment_mask import garment_mask, may_be_for
from studio.vision.outline import OutlineNet, outline_of
from studio.vision.perception import Perception
from trainer.command import Say
from trainer.data.degraded import Degraded, degraded
from trainer.data.outlines import CLASSES, WORDS, Outlines, class_of, drawn_outlines
from trainer.data.strangers import stranger
from trainer.data.wardrobe import HELD_OUT
from trainer.evaluation import suites
from trainer.evaluation.measures import overlap
from trainer.evaluation.photographs import photographs
from trainer.evaluation.result import Result, markdown_table

WRONG = 0.01
"""Of what is called sure, at most this share may be wrong on degraded renders."""

WHOLE = 0.9
"""A found mask that overlaps the truth by more has lost nothing."""

_NAMES = {"garment": tuple(GARMENTS), "neckline": tuple(NECKLINES), "sleeves": tuple(SLEEVES)}
_OUTLINES = (0.6, 0.8, 1.0, 1.25)
_SEEN = (0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8)
_OTHERS = (0.003, 0.01, 0.03, 0.1, 0.3)


@dataclass(frozen=True)
class Row:
    """A degraded picture as both judges see it.

    Attributes:
        name: what it is. cut: its neckline and sleeves, empty for a stranger.
        outline: (SIDE, SIDE). seen: attribute -> probabilities. weak: of its edge.
        agreed: what all views agree about.
        overlap: of the found mask with the truth.
    """

    name: str
    cut: tuple[str, str]
    outline: NDArray[np.float32]
    seen: Mapping[str, NDArray[np.float64]]
    weak: float
    overlap: float
    agreed: Agreed


def evaluate(suite: suites.Certainty, say: Say) -> Result:
    """Train the judge of outlines, fix the limits, and tell how that does.

    Raises:
        BadInput: the folder of photographs has none.
    """
    perception = Perception.load(suite.model / "perception")
    made = perception.certainty
    metrics: dict[str, float] = {}
    tables: list[str] = []
    if suite.write or made is None or suite.folder is None:
        net = _trained(_outlines(suite, say), suite.epochs, suite.seed, say)
        rows = _rows(suite, perception, say)
        limits = _fixed(net, rows[::2], rows[1::2])
        made = Certainty(net, limits)
        table, metrics = _told_of_renders(net, limits, rows[1::2])
        tables += [table, _limits_table(limits)]
        if suite.write:
            made.save(suite.model / "perception")
            say(f"written to {suite.model / 'perception' / sure.FILE}")
    if suite.folder is not None:
        perception.certainty = made
        table, more = photographs(suite.folder, perception, say)
        tables.append(table)
        metrics |= more
    return Result("certainty", "\n\n".join(tables), metrics, ())


def _kept(folder: Path | None, name: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What was drawn or seen before, from a file of the folder."""
    path = None if folder is None else folder / name
    if path is not None and path.is_file():
        with np.load(path, allow_pickle=False) as held:
            return dict(held)
    made = make()
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(path, **made)
    return made


def _outlines(suite: suites.Certainty, say: Say) -> Outlines:
    held = _kept(suite.keep, "outlines.npz", lambda: vars(drawn_outlines(suite.outlines, say)))
    return Outlines(**held)


def _trained(outlines: Outlines, epochs: int, seed: int, say: Say) -> OutlineNet:
    """The judge of outlines, trained with every outline also turned, leaned and stretched."""
    torch.manual_seed(seed)
    net = OutlineNet()
    pictures = torch.from_numpy(outlines.pictures.astype(np.float32))[:, None]
    classes, sleeves = torch.from_numpy(outlines.classes), torch.from_numpy(outlines.sleeves)
    batch = min(128, len(pictures))
    steps = epochs * (len(pictures) // batch)
    optimiser = torch.optim.AdamW(net.parameters(), 2e-3, weight_decay=0.02)
    rates = torch.optim.lr_scheduler.OneCycleLR(optimiser, 3e-3, total_steps=steps)
    loss = torch.zeros(())
    for epoch in range(epochs):
        order = torch.randperm(len(pictures))
        for start in range(0, len(order) - batch + 1, batch):
            rows = order[start : start + batch]
            forms, arms = net(_moved(pictures[rows]))
            loss = F.cross_entropy(forms, classes[rows], label_smoothing=0.02)
            loss = loss + 0.3 * F.cross_entropy(arms, sleeves[rows], ignore_index=-1)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            rates.step()
        say(f"outlines: {epoch + 1} of {epochs}, loss {float(loss.detach()):.3f}")
    return net.eval()


def _moved(pictures: torch.Tensor) -> torch.Tensor:
    """Each outline a little turned, leaned, stretched, and every other one mirrored."""
    count = len(pictures)
    turn = torch.randn(count) * 0.07
    wide, tall = torch.exp(torch.randn(count) * 0.1), torch.exp(torch.randn(count) * 0.1)
    flip = torch.where(torch.rand(count) < 0.5, -1.0, 1.0)
    lean = torch.randn(count) * 0.04
    zero = torch.randn(count) * 0.02
    first = torch.stack([flip * wide * turn.cos(), lean - turn.sin(), zero], 1)
    second = torch.stack([flip * turn.sin(), tall * turn.cos(), zero], 1)
    grid = F.affine_grid(torch.stack([first, second], 1), list(pictures.shape), align_corners=False)
    return F.grid_sample(pictures, grid, align_corners=False)


def _rows(suite: suites.Certainty, perception: Perception, say: Say) -> list[Row]:
    """Degraded renders, and half as many strangers, as the studio would look at them."""

    def look() -> dict[str, Any]:
        found: list[Row] = []
        first = HELD_OUT + suite.seed
        for i in range(suite.limit):
            jobs: list[Degraded] = [degraded(first + i)]
            jobs += [stranger(first + i // 2)] if i % 2 else []
            found += [row for job in jobs if (row := _row(job, perception))]
            if (i + 1) % 50 == 0:
                say(f"degraded renders: {i + 1} of {suite.limit}")
        agreements = [row.agreed for row in found]
        return {
            "name": np.array([r.name for r in found]),
            "cut": np.array([r.cut for r in found]),
            "outline": np.stack([r.outline for r in found]).astype(np.float16),
            **{n: np.stack([r.seen[n] for r in found]) for n in _NAMES},
            "weak": np.array([r.weak for r in found]),
            "overlap": np.array([r.overlap for r in found]),
            "words": np.array([(a.kind, a.neckline, a.sleeves) for a in agreements]),
            "shares": np.array([(a.cut, a.whole) for a in agreements]),
        }

    held = _kept(suite.keep, "rows.npz", look)
    return [
        Row(
            str(held["name"][i]), (str(held["cut"][i][0]), str(held["cut"][i][1])),
            held["outline"][i].astype(np.float32), {n: held[n][i] for n in _NAMES},
            float(held["weak"][i]), float(held["overlap"][i]),
            _agreed(held["words"][i], held["shares"][i]),
        )
        for i in range(len(held["name"]))
    ]  # fmt: skip


def _agreed(words: NDArray[Any], shares: NDArray[Any]) -> Agreed:
    kind, neckline, sleeves = map(str, words)
    return Agreed(kind, neckline, sleeves, float(shares[0]), float(shares[1]))


def _row(job: Degraded, perception: Perception) -> Row | None:
    """What both judges see; None where no mask is found, which the studio tells by itself."""
    from PIL import Image

    try:
        found = garment_mask(Image.fromarray(job.picture), perception=perception)
    except BadInput:
        return None
    alone = laid_out(job.picture, found.mask)
    laid = [view.odds for view in perception.see(np.stack([alone, alone[:, ::-1]]))]
    agreed = Agreed.of([perception.see(job.picture[None])[0].odds, *laid])
    seen = {
        name: np.array([odds[word] for word in _NAMES[name]]) for name, odds in mixed(laid).items()
    }
    cut = ("", "") if job.spec is None else (job.spec.neckline, job.spec.sleeves)
    return Row(
        job.name,
        cut,
        outline_of(found.mask),
        seen,
        found.weak,
        overlap(job.mask, found.mask),
        agreed,
    )


@torch.no_grad()
def _answers(
    net: OutlineNet, rows: Sequence[Row]
) -> list[tuple[dict[str, float], dict[str, float]]]:
    """What the judge of outlines says of each, as `read_outline` does."""
    pictures = torch.from_numpy(np.stack([r.outline for r in rows]))[:, None]
    logits = [net(p) for p in (pictures, pictures.flip(3))]
    forms, arms = (
        torch.stack([one[k].log_softmax(1) for one in logits]).mean(0).softmax(1).tolist()
        for k in (0, 1)
    )
    return [
        (dict(zip(CLASSES, f, strict=True)), dict(zip(WORDS, a, strict=True)))
        for f, a in zip(forms, arms, strict=True)
    ]


def told_of(net: OutlineNet, rows: Sequence[Row], limits: Limits) -> list[Told]:
    """What is told of rows under some limits."""
    told: list[Told] = []
    for row, (form, arms) in zip(rows, _answers(net, rows), strict=True):
        seen = {
            name: dict(zip(words, map(float, row.seen[name]), strict=True))
            for name, words in _NAMES.items()
        }
        told.append(together(form, arms, seen, limits, row.agreed))
    return told


def _fixed(net: OutlineNet, weighing: Sequence[Row], limiting: Sequence[Row]) -> Limits:
    """How much each judge counts, and from where on an answer is sure."""
    tried: list[tuple[float, float, Limits]] = []
    for a in _OUTLINES:
        for b in _SEEN:
            for other in _OTHERS if b else _OTHERS[:1]:
                limits = Limits(outline=a, seen=b, strange=other)
                tolds = told_of(net, weighing, limits)
                truth = [CLASSES[class_of(r.name)] for r in weighing]
                loss = [-np.log(max(t.forms[c], 1e-6)) for t, c in zip(tolds, truth, strict=True)]
                tried.append((float(np.mean(loss)), float(np.std(loss) / len(loss) ** 0.5), limits))
    best = min(tried, key=lambda one: one[0])
    # Perception knows the renders that it learned from better than any photograph: of the
    # weights that do as well within the error of the mean, the one that trusts it least.
    near = [one for one in tried if one[0] <= best[0] + best[1]]
    limits = min(near, key=lambda one: (one[2].seen, one[0]))[2]
    tolds = told_of(net, limiting, limits)
    pairs = list(zip(limiting, tolds, strict=True))
    clothes = [(r, t) for r, t in pairs if r.name in GARMENTS]
    part = _limit([(t.certain, may_be_for(GARMENTS[r.name], t.part)) for r, t in clothes], WRONG)
    agreed = [
        (r.agreed.whole, (r.name, *r.cut) == (r.agreed.kind, r.agreed.neckline, r.agreed.sleeves))
        for r, _ in clothes
    ]
    whole = [r.weak for r in limiting if r.name in GARMENTS and r.overlap > WHOLE]
    weak = float(np.quantile(whole, 0.95)) if whole else limits.weak
    return replace(limits, part=part, cut=_limit(agreed, 2 * WRONG), weak=round(weak, 4))


def _limit(answers: Sequence[tuple[float, bool]], wrong: float) -> float:
    """The least probability from which on at most a share `wrong` of the answers is wrong."""
    order = sorted(answers, reverse=True)
    least, errors = 2.0, 0
    for i, (probability, right) in enumerate(order, 1):
        errors += not right
        if errors <= wrong * i:
            least = probability
    return round(least, 4)


def _told_of_renders(
    net: OutlineNet, limits: Limits, rows: Sequence[Row]
) -> tuple[str, dict[str, float]]:
    """Shares of what is right without a question, asked, and sure and wrong."""
    tolds = told_of(net, rows, limits)
    lines: list[list[str]] = []
    metrics: dict[str, float] = {"n": len(rows)}
    groups = {"garments": [n in GARMENTS for n in (r.name for r in rows)]}
    names = sorted({r.name for r in rows} - set(GARMENTS))
    groups |= {name: [r.name == name for r in rows] for name in names}
    for group, inside in groups.items():
        pairs = [(r, t) for r, t, i in zip(rows, tolds, inside, strict=True) if i]
        if not pairs:
            continue
        told = [t.sure for _, t in pairs]
        right = [
            s and r.name in GARMENTS and may_be_for(GARMENTS[r.name], t.part)
            for s, (r, t) in zip(told, pairs, strict=True)
        ]
        strange = float(np.mean([bool(t.strange) for _, t in pairs]))
        shares = (
            float(np.mean(right)),
            1 - float(np.mean(told)),
            float(np.mean(told) - np.mean(right)),
        )
        lines.append([group, *(f"{s:.3f}" for s in (*shares, strange)), str(len(pairs))])
        key = group.replace(" ", "_")
        values = zip(("right", "asked", "wrong", "strange"), (*shares, strange), strict=True)
        metrics |= {f"{key}_{name}": round(value, 5) for name, value in values}
    header = ("Degraded", "right unasked", "asked", "sure and wrong", "called strange", "n")
    return markdown_table(header, lines), metrics


def _limits_table(limits: Limits) -> str:
    rows = [[name, f"{value:g}"] for name, value in asdict(limits).items()]
    return markdown_table(("Fixed", "value"), rows)

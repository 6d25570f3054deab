"""How sure one may be of what a garment's photo shows.

A judge that learned from drawings is certain of photographs that it does not understand. So two
are asked: the outline, which photographs and drawings have in common, and perception, shown the
garment alone, laid on the ground that it knows. How much each counts, and from which probability
on the answer is called sure, is fixed on degraded renders alone, by
`python -m trainer evaluate certainty`, and kept beside perception's weights.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from studio.errors import ModelDamaged
from studio.forms import read_object
from studio.garment.vocabulary import GARMENTS, GarmentType
from studio.vision.outline import FORMS, STRANGE, OutlineNet, read_outline

Part = Literal["upper", "lower", "dress"]
PARTS: tuple[Part, ...] = ("upper", "lower", "dress")
REGIONS: dict[str, Part] = {"upper": "upper", "lower": "lower", "full": "dress"}
"""A type of garment's region, and the part of the body that a mask is for."""

FILE = "certainty.safetensors"
_GROUND, _MARGIN, _SIDE = 246, 0.07, 256
_NEVER = 2.0


@dataclass(frozen=True)
class Limits:
    """What was fixed on degraded renders; as it is here, nothing is sure.

    Attributes:
        outline, seen: how much the logarithms of the two judges' probabilities count.
        strange: what perception, which knows garments alone, is taken to say of anything else.
        part: the least probability of a part of the body that is called sure.
        cut: the least agreement about type, neckline and sleeves that is called sure.
        weak: the most of a mask's edge that may lie where garment and ground are hardly apart.
    """

    outline: float = 1.0
    seen: float = 1.0
    strange: float = 0.1
    part: float = _NEVER
    cut: float = _NEVER
    weak: float = _NEVER


@dataclass(frozen=True)
class Agreed:
    """What perception says of all views of a garment: as photographed, laid out, and mirrored.

    Of the wardrobe's own pictures it says the same each time; of others it seldom does.

    Attributes:
        kind, neckline, sleeves: the likeliest.
        cut: the least probability of neckline and sleeves in any view.
        whole: that of the type, too.
    """

    kind: str = ""
    neckline: str = ""
    sleeves: str = ""
    cut: float = 0.0
    whole: float = 0.0

    @classmethod
    def of(cls, views: Sequence[Mapping[str, Mapping[str, float]]]) -> Agreed:
        """The agreement of views, each the odds of `studio.vision.perception.Seen`."""
        best: dict[str, tuple[str, float]] = {}
        for name in _SEEN:
            least = {w: [max(view[name][w], 1e-9) for view in views] for w in views[0][name]}
            word = max(least, key=lambda w: float(np.log(least[w]).sum()))
            best[name] = word, min(least[word])
        (kind, one), (neckline, two), (sleeves, three) = (best[name] for name in _SEEN)
        return cls(kind, neckline, sleeves, min(two, three), min(one, two, three))


_SEEN = ("garment", "neckline", "sleeves")


class HasOdds(Protocol):
    """What perception sees in a picture, as far as it is asked for here."""

    @property
    def odds(self) -> Mapping[str, Mapping[str, float]]:
        """Attribute -> word -> probability."""
        ...


class Judge(Protocol):
    """A perception."""

    def see(self, pictures: NDArray[np.uint8]) -> Sequence[HasOdds]:
        """What is in each picture of (N, H, W, 3)."""
        ...


@dataclass(frozen=True)
class Told:
    """What a garment is told to be.

    Attributes:
        forms: `FORMS` and `STRANGE` -> probability, together 1.
        types: types of the vocabulary -> probability, among all of a form together 1.
        necklines, sleeves: probabilities of the cut.
        agreed: what all views agree about.
    """

    forms: Mapping[str, float]
    types: Mapping[str, float]
    necklines: Mapping[str, float]
    sleeves: Mapping[str, float]
    limits: Limits = field(default_factory=Limits)
    agreed: Agreed = field(default_factory=Agreed)

    @cached_property
    def parts(self) -> dict[Part, float]:
        """Part of the body -> probability, as if it were a garment."""
        shares: dict[Part, float] = dict.fromkeys(PARTS, 0.0)
        for form in FORMS:
            shares[part_of_form(form)] += self.forms[form]
        whole = sum(shares.values())
        return {part: share / whole for part, share in shares.items()}

    @property
    def part(self) -> Part:
        """The likeliest part."""
        return max(self.parts, key=self.parts.__getitem__)

    @property
    def certain(self) -> float:
        """The probability that it is one garment for that part; a long coat passes for a jacket."""
        clothes = sum(self.forms[form] for form in FORMS)
        share = self.parts[self.part] * clothes
        return share + self.forms["coat"] if self.part == "upper" else share

    @property
    def sure(self) -> bool:
        """Whether the part may be said without asking."""
        return self.certain >= self.limits.part

    @property
    def strange(self) -> str:
        """What it is rather than one garment, one of `STRANGE`; empty where that is not likely."""
        likely = max(STRANGE, key=self.forms.__getitem__)
        share = sum(self.forms[name] for name in STRANGE)
        return likely if share > 0.5 and not self.sure else ""

    @property
    def possible(self) -> tuple[Part, ...]:
        """The parts that it may be for, likeliest first."""
        order = sorted(PARTS, key=lambda part: -self.parts[part])
        return tuple(p for i, p in enumerate(order) if i < 2 or self.parts[p] > _POSSIBLE)

    def kind(self, part: str) -> GarmentType:
        """The likeliest type for a part of the body."""
        of = [k for k in GARMENTS.values() if REGIONS[k.region] == part] or list(GARMENTS.values())
        return max(of, key=lambda k: self.probability(k))

    def probability(self, kind: GarmentType) -> float:
        """Of a type of garment."""
        return self.forms[form_of(kind)] * self.types.get(kind.name, 0.0)


_POSSIBLE = 0.15


def form_of(kind: GarmentType) -> str:
    """The form of a type of garment."""
    return "top" if kind.region == "upper" else kind.name


def part_of_form(form: str) -> Part:
    """The part of the body of a form."""
    return "upper" if form == "top" else REGIONS[GARMENTS[form].region]


def laid_out(picture: NDArray[np.uint8], mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The garment of an RGB picture (H, W, 3) alone in the middle of a white square."""
    left, top, width, height = cv2.boundingRect((mask > 127).astype(np.uint8))
    scale = _SIDE * (1 - 2 * _MARGIN) / max(width, height)
    if scale < 0.5:
        picture = cv2.blur(picture, (int(1 / scale),) * 2).astype(np.uint8)
    middle = np.array([left + width / 2, top + height / 2])
    shift = _SIDE / 2 - scale * middle
    matrix = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]])
    size, how = (_SIDE, _SIDE), cv2.INTER_LINEAR
    moved = cv2.warpAffine(picture, matrix, size, flags=how, borderMode=cv2.BORDER_REPLICATE)
    alpha = cv2.GaussianBlur(cv2.warpAffine(mask, matrix, size, flags=how), (0, 0), 0.7)
    share = alpha[..., None] / np.float32(255)
    return (moved * share + _GROUND * (1 - share)).astype(np.uint8)


@dataclass(frozen=True)
class Certainty:
    """The judge of outlines and what was fixed for it and one perception."""

    net: OutlineNet
    limits: Limits = field(default_factory=Limits)

    def tell(
        self,
        perception: Judge,
        picture: NDArray[np.uint8],
        mask: NDArray[np.uint8],
        seen: HasOdds,
    ) -> Told:
        """What the garment of an RGB picture is, where its mask (H, W) is above 127.

        Args:
            seen: what perception sees in the whole picture.
        """
        forms, sleeves = read_outline(self.net, mask)
        alone = laid_out(picture, mask)
        laid = [view.odds for view in perception.see(np.stack([alone, alone[:, ::-1]]))]
        agreed = Agreed.of([seen.odds, *laid])
        return together(forms, sleeves, mixed(laid), self.limits, agreed)

    def save(self, folder: Path) -> None:
        """Write it beside a perception's weights."""
        state = {k: v.half().contiguous() for k, v in self.net.state_dict().items()}
        save_file(state, folder / FILE, {"limits": json.dumps(asdict(self.limits))})

    @classmethod
    def load(cls, folder: Path) -> Certainty | None:
        """That of a perception's folder; None where nothing was fixed for it.

        Raises:
            ModelDamaged: it is there and cannot be read.
        """
        path = folder / FILE
        if not path.is_file():
            return None
        net = OutlineNet()
        try:
            with safe_open(path, "pt") as file:
                limits = Limits(**read_object((file.metadata() or {})["limits"]))
                net.load_state_dict({name: file.get_tensor(name).float() for name in file.keys()})  # noqa: SIM118
        except (OSError, SafetensorError, ValueError, KeyError, TypeError, RuntimeError):
            raise ModelDamaged(
                f"“{path}” is damaged or of another version: make it anew with `python -m trainer "
                "evaluate certainty --write`."
            ) from None
        return cls(net.eval(), limits)


def mixed(views: Sequence[Mapping[str, Mapping[str, float]]]) -> dict[str, dict[str, float]]:
    """The odds of several views as one."""
    out: dict[str, dict[str, float]] = {}
    for name in _SEEN:
        means = {
            word: float(np.exp(np.mean([np.log(max(view[name][word], 1e-9)) for view in views])))
            for word in views[0][name]
        }
        out[name] = {word: mean / sum(means.values()) for word, mean in means.items()}
    return out


def together(
    outline: Mapping[str, float],
    sleeves: Mapping[str, float],
    seen: Mapping[str, Mapping[str, float]],
    limits: Limits,
    agreed: Agreed | None = None,
) -> Told:
    """What outline and perception say together."""
    types = seen["garment"]
    shares = dict.fromkeys(FORMS, 1e-6)
    for name, share in types.items():
        shares[form_of(GARMENTS[name])] += share
    within = {n: s / shares[form_of(GARMENTS[n])] for n, s in types.items()}
    shares |= dict.fromkeys(STRANGE, limits.strange)
    logs = {
        name: limits.outline * np.log(max(outline[name], 1e-6)) + limits.seen * np.log(shares[name])
        for name in outline
    }
    most = max(logs.values())
    odds = {name: float(np.exp(log - most)) for name, log in logs.items()}
    whole = sum(odds.values())
    cut = {n: (sleeves[n] * seen["sleeves"].get(n, 0.0)) ** 0.5 for n in sleeves}
    return Told(
        {name: share / whole for name, share in odds.items()},
        within,
        seen["neckline"],
        {n: share / max(sum(cut.values()), 1e-9) for n, share in cut.items()},
        limits,
        agreed or Agreed(),
    )

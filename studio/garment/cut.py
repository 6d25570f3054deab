"""How each type of garment is cut and sewn, as data, and the measures of one of them.

Body units: see `studio.garment.landmarks`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np

from studio.garment.landmarks import WAIST
from studio.garment.spec import GarmentSpec
from studio.garment.vocabulary import NECKLINES

Chance = np.random.Generator | None
Pocket = Literal["patch", "flap", "welt"]


@dataclass(frozen=True)
class Build:
    """How a type of garment is cut and sewn; the defaults are those of a plain top.

    Attributes:
        hems: where it ends, from the base of the neck: short, regular and long.
        ease: how far the cloth stands off the body at the chest.
        bodice, below: whether it hangs from the shoulders, and what hangs from the waist.
        fitted: narrow at the waist.
        curve: how far the hem hangs down in the middle. pointed: it has two points instead.
        depths: necklines that reach another depth here.
        band: width of the band at a plain neckline. lapel: width of a lapel.
        wide_collar: whether the leaves of a shirt collar are large.
        ribbed: necklines with which hem and cuffs are ribbed. ribbed_cuffs: the cuffs alone are.
        wrist: how much wider than usual the end of a long sleeve is.
        bishop: full sleeves, and gathers below the waist.
        narrow: how much narrower than usual the shoulders of a sleeveless one are.
        open_front: worn open over something.
        yoke: its height, or None without one. darts: shaped by seams from chest to hip.
        button_gap: the largest distance between two buttons.
        placket: under the buttons: a strip as long as their row, one down to the hem, or an edge.
        knitted: the placket is of the ribs' cloth.
        full_zip: whether a zipper goes down to the hem. tied: a belt is tied.
        pockets: their styles at the chest and at the hip.
    """

    hems: tuple[int, int, int]
    ease: int = 0
    bodice: bool = True
    below: Literal["", "skirt", "legs"] = ""
    fitted: bool = False
    curve: float = 2.5
    pointed: bool = False
    depths: Mapping[str, int] = field(default_factory=dict)
    band: float = 5.0
    lapel: float = 21.0
    wide_collar: bool = False
    ribbed: Collection[str] = ()
    ribbed_cuffs: bool = False
    wrist: int = 0
    bishop: bool = False
    narrow: int = 0
    open_front: bool = False
    yoke: float | None = None
    darts: bool = False
    button_gap: float = 24.0
    placket: Literal["row", "hem", "edge"] = "row"
    knitted: bool = False
    full_zip: bool = True
    tied: bool = False
    pockets: tuple[Pocket, Pocket] = ("patch", "patch")


BUILDS: Final[dict[str, Build]] = {
    "t-shirt": Build((108, 130, 148)),
    "shirt": Build((122, 140, 156), curve=8, yoke=20.0, placket="hem"),
    "blouse": Build((112, 124, 138), 2, fitted=True, curve=4, band=2.2, bishop=True, darts=True),
    "polo shirt": Build((116, 132, 148), ribbed_cuffs=True, button_gap=13.0),
    "tank top": Build((106, 126, 146), -3, band=2.2, narrow=4),
    "sweater": Build((108, 126, 144), 2, ribbed=NECKLINES, full_zip=False),
    "cardigan": Build(
        (114, 136, 172), 2, depths={"v-neck": 58}, band=7.0, ribbed=NECKLINES, open_front=True,
        placket="hem", knitted=True, tied=True,
    ),
    "hoodie": Build((112, 130, 148), 5, ribbed=NECKLINES),
    "jacket": Build(
        (102, 122, 144), 4, wide_collar=True, ribbed=("stand collar", "hood"), yoke=27.0,
        placket="hem",
    ),
    "blazer": Build(
        (122, 144, 162), 2, fitted=True, wrist=4, open_front=True, darts=True, button_gap=19.0,
        placket="edge", pockets=("welt", "flap"),
    ),
    "coat": Build(
        (172, 206, 246), 5, curve=3, depths={"notched lapel": 56}, lapel=25.0, wide_collar=True,
        wrist=4, open_front=True, darts=True, button_gap=27.0, placket="edge", tied=True,
        pockets=("welt", "flap"),
    ),
    "waistcoat": Build(
        (98, 110, 124), -1, fitted=True, depths=dict.fromkeys(NECKLINES, 54), band=2.2,
        pointed=True, open_front=True, darts=True, button_gap=13.0, placket="edge",
        pockets=("welt", "welt"),
    ),
    "dress": Build(
        (162, 204, 260), -3, below="skirt", fitted=True, curve=7, band=2.2, darts=True,
        full_zip=False,
    ),
    "skirt": Build((138, 178, 246), bodice=False, below="skirt", curve=6, placket="hem"),
    "trousers": Build((262, 290, 296), bodice=False, below="legs"),
    "shorts": Build((158, 172, 190), bodice=False, below="legs"),
    "jumpsuit": Build((262, 288, 296), below="legs", fitted=True, darts=True, full_zip=False),
}  # fmt: skip

_NECKS = {
    # neckline: (half width at the shoulder, depth at the centre front)
    "none": (15, 10),
    "crew neck": (17, 15),
    "v-neck": (16, 42),
    "scoop neck": (25, 34),
    "turtleneck": (14, 3),
    "shirt collar": (14, 17),
    "stand collar": (14, 9),
    "notched lapel": (13, 66),
    "hood": (17, 19),
}
_FITS = {
    # fit: (ease, flare, sleeve, knee, hem of a leg)
    "slim": (-4.0, 5.0, 27.0, 27.0, 20.0),
    "regular": (0.0, 22.0, 31.0, 35.0, 29.0),
    "loose": (7.0, 36.0, 38.0, 44.0, 48.0),
}


def varied(rng: Chance, amount: float) -> float:
    """A number within plus or minus `amount`; 0 without chances."""
    return float(rng.uniform(-amount, amount)) if rng is not None else 0.0


@dataclass(frozen=True)
class Cut:
    """Half widths (neck, shoulder, chest, waist, hip, hem) and heights below the neck."""

    neck: float
    neck_depth: float
    shoulder: float
    chest: float
    armhole: float
    waist: float
    hip: float
    hem: float
    hem_width: float
    hem_curve: float
    sleeve: float
    wrist: float
    leg_knee: float
    leg_hem: float
    ribbed: bool

    @classmethod
    def of(cls, spec: GarmentSpec, rng: Chance = None, worn: bool = False) -> Cut:
        """Measures of a garment; `rng` varies them within what the words leave open.

        A worn garment is narrower than one laid flat: part of its girth goes round the body.
        """

        def vary(amount: float) -> float:
            return varied(rng, amount)

        build = BUILDS[spec.garment]
        fit, flare, sleeve, knee, leg_hem = _FITS[spec.fit]
        ease = build.ease + fit - (3.0 if worn else 0.0)
        neck, depth = _NECKS[spec.neckline]
        depth = build.depths.get(spec.neckline, depth)
        chest = 45 + ease + vary(1.5)
        waist = (38 if build.fitted else 43) + ease * 0.9 + vary(1.5)
        if not build.bodice:
            waist = 38 + fit * 0.3 + vary(1.5)
        hip = max(46 + fit * 0.8, waist + 4) + vary(1.5)
        hem = build.hems[("short", "regular", "long").index(spec.length)] + vary(4)
        ribbed = spec.neckline in build.ribbed
        if build.below == "skirt":
            hem_width = hip + (flare + vary(4)) * min(1.0, (hem - WAIST) / 100)
        elif spec.garment == "coat":
            hem_width = hip + 8 + fit * 0.8 + vary(3)
        elif spec.garment == "blouse":
            hem_width = waist + 13 + vary(3)
        else:
            hem_width = (waist + hip) / 2 + vary(2)
        if ribbed:
            hem_width = min(hem_width, waist - 1)
        sleeve += build.ease
        return cls(
            neck=neck + vary(1),
            neck_depth=depth + vary(min(3, depth * 0.15)),
            shoulder=41 + ease * 0.4 + vary(1.5),
            chest=chest,
            armhole=52 + max(ease, 0) * 0.6 + vary(2),
            waist=waist,
            hip=hip,
            hem=hem,
            hem_width=hem_width,
            hem_curve=build.curve + vary(1.5),
            sleeve=sleeve + vary(1.5),
            wrist=19 + max(fit, -2) * 0.6 + vary(1),
            leg_knee=knee + vary(2),
            leg_hem=leg_hem + vary(2),
            ribbed=ribbed,
        )

    def side(self, v: float) -> float:
        """Half width of the body piece at height v, between the measured heights."""
        heights = [self.armhole, WAIST, 118.0]
        widths = [self.chest, self.waist, self.hip]
        if self.hem < 118:
            heights[-1], widths[-1] = max(self.hem, WAIST + 1), self.hem_width
        else:
            heights.append(max(self.hem, 119.0))
            widths.append(self.hem_width)
        return float(np.interp(v, heights, widths))

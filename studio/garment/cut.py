"""The measures of one garment, in body units: from its type, fit and length, a little varied."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from studio.garment.landmarks import WAIST
from studio.garment.spec import GarmentSpec

_HEMS = {
    # garment: (short, regular, long), from the base of the neck
    "t-shirt": (108, 130, 148),
    "shirt": (122, 140, 156),
    "blouse": (112, 124, 138),
    "polo shirt": (116, 132, 148),
    "tank top": (106, 126, 146),
    "sweater": (108, 126, 144),
    "cardigan": (114, 136, 172),
    "hoodie": (112, 130, 148),
    "jacket": (102, 122, 144),
    "blazer": (122, 144, 162),
    "coat": (172, 206, 246),
    "waistcoat": (98, 110, 124),
    "dress": (162, 204, 260),
    "skirt": (138, 178, 246),
    "trousers": (262, 290, 296),
    "shorts": (158, 172, 190),
    "jumpsuit": (262, 288, 296),
}
_EASE = {
    # how far the cloth stands off the body at the chest, per type
    "blouse": 2,
    "sweater": 2,
    "cardigan": 2,
    "hoodie": 5,
    "jacket": 4,
    "blazer": 2,
    "coat": 5,
    "waistcoat": -1,
    "tank top": -3,
    "dress": -3,
}
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
_FIT = {"slim": -4.0, "regular": 0.0, "loose": 7.0}
_RIBBED = ("sweater", "hoodie", "cardigan")


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
    def of(
        cls, spec: GarmentSpec, rng: np.random.Generator | None = None, worn: bool = False
    ) -> Cut:
        """Measures of a garment; `rng` varies them within what the words leave open.

        A worn garment is narrower than one laid flat: part of its girth goes round the body.
        """

        def vary(amount: float) -> float:
            return float(rng.uniform(-amount, amount)) if rng is not None else 0.0

        fit = _FIT[spec.fit]
        kind = spec.garment
        ease = _EASE.get(kind, 0) + fit - (3.0 if worn else 0.0)
        neck, depth = _NECKS[spec.neckline]
        if kind == "waistcoat":
            depth = 54
        elif kind == "cardigan" and spec.neckline == "v-neck":
            depth = 58
        elif kind == "coat" and spec.neckline == "notched lapel":
            depth = 56
        chest = 45 + ease + vary(1.5)
        fitted = kind in ("dress", "blazer", "waistcoat", "blouse", "jumpsuit")
        waist = (38 if fitted else 43) + ease * 0.9 + vary(1.5)
        if kind in ("skirt", "trousers", "shorts"):
            waist = 38 + fit * 0.3 + vary(1.5)
        hip = max(46 + fit * 0.8, waist + 4) + vary(1.5)
        short, regular, long = _HEMS[kind]
        hem = {"short": short, "regular": regular, "long": long}[spec.length] + vary(4)
        ribbed = kind in _RIBBED or (kind == "jacket" and spec.neckline in ("stand collar", "hood"))
        if kind in ("dress", "skirt"):
            flare = {"slim": 5.0, "regular": 22.0, "loose": 36.0}[spec.fit] + vary(4)
            hem_width = hip + flare * min(1.0, (hem - WAIST) / 100)
        elif kind == "coat":
            hem_width = hip + 8 + fit * 0.8 + vary(3)
        elif kind == "blouse":
            hem_width = waist + 13 + vary(3)
        else:
            hem_width = (waist + hip) / 2 + vary(2)
        if ribbed:
            hem_width = min(hem_width, waist - 1)
        curve = {"shirt": 8, "blouse": 4, "skirt": 6, "dress": 7, "coat": 3}.get(kind, 2.5)
        sleeve = {"slim": 27.0, "regular": 31.0, "loose": 38.0}[spec.fit] + _EASE.get(kind, 0)
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
            hem_curve=curve + vary(1.5),
            sleeve=sleeve + vary(1.5),
            wrist=19 + max(fit, -2) * 0.6 + vary(1),
            leg_knee={"slim": 27.0, "regular": 35.0, "loose": 44.0}[spec.fit] + vary(2),
            leg_hem={"slim": 20.0, "regular": 29.0, "loose": 48.0}[spec.fit] + vary(2),
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

"""The drawn wearer: limbs, head, hair, shoes, and the plain clothes beside the garment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from studio.garment.landmarks import WAIST, Landmarks
from studio.garment.paths import Path, Point, Rect, ellipse, lerp, polygon, unit
from studio.garment.spec import Person
from studio.garment.vocabulary import Region
from trainer.data.cloth import RGB, blend, filled, luma, shade, skia_colour, stroked

SKIN: dict[str, RGB] = {
    "light": (240.0, 205.0, 182.0),
    "tan": (217.0, 166.0, 126.0),
    "brown": (160.0, 110.0, 76.0),
    "dark": (102.0, 68.0, 48.0),
}
HAIR: dict[str, RGB] = {
    "black": (34.0, 30.0, 32.0),
    "brown": (96.0, 62.0, 40.0),
    "blond": (222.0, 188.0, 122.0),
    "red": (166.0, 74.0, 40.0),
    "grey": (168.0, 168.0, 172.0),
}
FACE: Rect = (-15.5, -49.0, 15.5, -8.0)
"""The face's bounds in the torso's frame, body units."""


@dataclass(frozen=True)
class Look:
    """The colours of one wearer."""

    skin: RGB
    hair: RGB
    top: RGB
    bottom: RGB
    shoes: RGB
    lips: RGB


def dress_wearer(person: Person, rng: np.random.Generator) -> Look:
    """Choose the wearer's colours; the clothes beside the garment are plain and quiet."""
    skin = tuple(np.clip(np.array(SKIN[person.skin]) + rng.normal(0, 4, 3), 20, 250))
    hair = tuple(np.clip(np.array(HAIR[person.hair]) + rng.normal(0, 5, 3), 12, 245))
    quiet: list[RGB] = [(232, 230, 226), (66, 68, 74), (120, 124, 132)]
    lower: list[RGB] = [(58, 62, 72), (84, 96, 122), (196, 184, 164), (40, 40, 44)]
    shoes: list[RGB] = [(238, 237, 234), (40, 38, 40), (120, 84, 58)]
    lips = blend(skin, (178, 62, 72), 0.55 if person.person == "woman" else 0.25)
    return Look(
        skin,  # type: ignore[arg-type]
        hair,  # type: ignore[arg-type]
        quiet[int(rng.integers(3))],
        lower[int(rng.integers(4))],
        shoes[int(rng.integers(3))],
        lips,
    )


class FigurePainter:
    """Paints a wearer on a skia canvas that is already scaled to body units."""

    def __init__(self, canvas: Any, marks: Landmarks, person: Person, look: Look) -> None:
        self.canvas, self.marks, self.person, self.look = canvas, marks, person, look

    def _shape(self, path: Path, c: RGB, rim: float = 70.0) -> None:
        """A filled shape, darker towards its lower right rim, lighter at the upper left."""
        outline = path.skia()
        self.canvas.save()
        self.canvas.clipPath(outline, True)
        self.canvas.drawColor(skia_colour(c))
        self.canvas.drawPath(outline, stroked(shade(c, 0.5), 7, rim, 3.0))
        self.canvas.translate(2.2, 1.6)
        self.canvas.drawPath(outline, stroked((255, 255, 255), 3, 42, 1.8))
        self.canvas.restore()

    def _limb(self, points: list[Point], widths: list[float], c: RGB) -> None:
        left, right = [], []
        for i, point in enumerate(points):
            a = points[max(i - 1, 0)]
            b = points[min(i + 1, len(points) - 1)]
            tx, ty = unit(a, b)
            half = widths[i] / 2
            left.append((point[0] - ty * half, point[1] + tx * half))
            right.append((point[0] + ty * half, point[1] - tx * half))
        path = Path().move(*left[0]).smooth(left[1:], 0.9).line(*right[-1])
        path.smooth(list(reversed(right[:-1])), 0.9).close()
        self._shape(path, c)

    def back_hair(self) -> None:
        """The hair that falls behind the shoulders."""
        if self.person.hair_style not in ("long", "curly"):
            return
        long = self.person.hair_style == "long"
        wide, low = (19.0, 18.0) if long else (24.0, 4.0)
        path = Path().move(-15, -40).cubic(-wide - 4, -34, -wide, -6, -wide + 1, low)
        path.quad(0, low + 6, wide - 1, low).cubic(wide, -6, wide + 4, -34, 15, -40).close()
        self._shape(path.mapped(self.marks.torso), shade(self.look.hair, 0.82))

    def body(self, region: Region, sleeves: str) -> None:
        """Legs, torso, arms and the quiet clothes on what the garment leaves bare."""
        marks, look = self.marks, self.look
        for i in (0, 1):
            hip, knee, ankle = marks.hips[i], marks.knees[i], marks.ankles[i]
            trousered = region == "upper"
            colour = look.bottom if trousered else look.skin
            thick = 6.0 if trousered else 0.0
            toe = (ankle[0] + (-4 if i == 0 else 4), ankle[1] + 7)
            self._shape(ellipse(toe[0], toe[1], 10.5, 6.8), look.shoes)
            self._limb(
                [(hip[0], hip[1] - 14), lerp(hip, knee, 0.4), knee, lerp(knee, ankle, 0.35), ankle],
                [36 + thick, 33 + thick, 22 + thick, 22 + thick, 13 + thick],
                colour,
            )
        top = region == "lower"
        pelvis = polygon((-38, WAIST - 4), (38, WAIST - 4), (42, 122), (0, 136), (-42, 122))
        self._shape(pelvis.mapped(marks.torso), look.bottom if region == "upper" else look.skin, 30)
        chest = Path().move(-13, -1).quad(-26, 3, -38, 9).quad(-42, 30, -38, 52)
        chest.quad(-33, 74, -35, 96).line(35, 96).quad(33, 74, 38, 52).quad(42, 30, 38, 9)
        chest.quad(26, 3, 13, -1).close()
        self._shape(chest.mapped(marks.torso), look.top if top else look.skin, 50)
        for i in (0, 1):
            elbow, wrist = marks.elbows[i], marks.wrists[i]
            tx, ty = unit(elbow, wrist)
            hand = (wrist[0] + tx * 9, wrist[1] + ty * 9)
            side = -1 if i == 0 else 1
            ball = marks.torso(side * 33.5, 17.5)
            joint = lerp(ball, elbow, 0.22)
            self._shape(ellipse(*ball, 10.2, 10.2), look.skin, 20)
            self._limb(
                [ball, joint, lerp(ball, elbow, 0.55), elbow, lerp(elbow, wrist, 0.3), wrist],
                [19, 19.5, 17, 13.5, 14, 9.5],
                look.skin,
            )
            self._limb(
                [wrist, lerp(wrist, hand, 0.6), (hand[0] + tx * 4, hand[1] + ty * 4)],
                [9, 10.5, 5.5],
                look.skin,
            )
            if top:
                self._shape(ellipse(*ball, 12.0, 11.0), look.top, 20)
                self._limb(
                    [ball, lerp(ball, elbow, 0.35), lerp(ball, elbow, 0.72)],
                    [23, 25, 24],
                    look.top,
                )

    def head(self) -> None:
        """Neck, face and hair."""
        marks, look = self.marks, self.look
        neck = polygon((-8.5, -16), (8.5, -16), (11, 3), (16, 6), (0, 15), (-16, 6), (-11, 3))
        self._shape(neck.mapped(marks.torso), shade(look.skin, 0.93), 60)
        face = Path().move(-14.5, -33).cubic(-15, -14, -8, -9, 0, -8.5)
        face.cubic(8, -9, 15, -14, 14.5, -33).cubic(14, -53, -14, -53, -14.5, -33).close()
        for side in (-1, 1):
            self._shape(ellipse(side * 14.6, -28, 2.4, 4.2).mapped(marks.torso), look.skin)
        self._shape(face.mapped(marks.torso), look.skin, 46)
        self._features()
        self._front_hair()

    def _features(self) -> None:
        torso, look = self.marks.torso, self.look
        brow = blend(look.hair, (40, 30, 26), 0.4)
        for side in (-1, 1):
            x, y = torso(side * 6.1, -30.5)
            self.canvas.drawPath(ellipse(x, y, 2.5, 1.45).skia(), filled((250, 248, 244)))
            self.canvas.drawPath(ellipse(x, y, 1.35, 1.45).skia(), filled((52, 38, 32)))
            lid = Path().move(side * 3.3, -31).quad(side * 6.2, -33.6, side * 9.0, -30.8)
            self.canvas.drawPath(lid.mapped(torso).skia(), stroked((40, 28, 26), 0.9, 230, 0))
            arch = Path().move(side * 3.0, -34.6).quad(side * 6.5, -37.0, side * 9.8, -34.4)
            self.canvas.drawPath(arch.mapped(torso).skia(), stroked(brow, 1.2, 210, 0))
        nose = Path().move(0.8, -29).quad(2.3, -23.5, 1.6, -22.4).quad(0, -21.4, -1.6, -22.2)
        dark = shade(look.skin, 0.66)
        self.canvas.drawPath(nose.mapped(torso).skia(), stroked(dark, 0.9, 190, 0))
        mouth = Path().move(-4.6, -16.6).quad(-1.6, -18.8, 0, -17.6).quad(1.6, -18.8, 4.6, -16.6)
        mouth.quad(0, -12.9, -4.6, -16.6).close()
        self.canvas.drawPath(mouth.mapped(torso).skia(), filled(look.lips))
        for side in (-1, 1):
            x, y = torso(side * 8.6, -22.5)
            glow = stroked(blend(look.skin, (220, 96, 88), 0.5), 5.0, 50, 2.2)
            self.canvas.drawPath(ellipse(x, y, 0.6, 0.5).skia(), glow)

    def _front_hair(self) -> None:
        style, torso, hair = self.person.hair_style, self.marks.torso, self.look.hair
        if style == "curly":
            rng = np.random.default_rng(5)
            for k in range(26):
                angle = np.pi * (0.94 + 1.12 * k / 25)
                x = 17.5 * np.cos(angle) + rng.uniform(-1.5, 1.5)
                y = -34 + 17.0 * np.sin(angle) + rng.uniform(-1.5, 1.5)
                self._shape(ellipse(*torso(float(x), float(y)), 5.2, 5.0), hair, 55)
            return
        cap = Path().move(-15.6, -26).cubic(-21, -48, -12, -59.5, 0.5, -59)
        cap.cubic(13, -59.5, 21.5, -48, 15.6, -26)
        cap.cubic(14.6, -35, 12, -42.5, 4, -45).cubic(-4, -43.5, -12.5, -40, -15.6, -26).close()
        if style == "bun":
            self._shape(ellipse(*torso(0, -58), 8.0, 7.0), hair)
        self._shape(cap.mapped(torso), hair, 60)
        if style == "long":
            for side in (-1, 1):
                lock = (
                    Path()
                    .move(side * 13.4, -40)
                    .cubic(side * 19, -34, side * 18.5, -14, side * 17.2, 8)
                )
                lock.quad(side * 21, -2, side * 20.5, -24).quad(side * 19.5, -40, side * 13.4, -40)
                self._shape(lock.close().mapped(torso), hair, 50)
        shine = Path().move(-9, -50).quad(-2, -54, 7, -51)
        glint = 70 if luma(hair) < 120 else 110
        self.canvas.drawPath(
            shine.mapped(torso).skia(), stroked(blend(hair, (255, 250, 240), 0.5), 2.4, glint, 1)
        )

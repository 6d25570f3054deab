"""What may lie under the ink: a croquis, the flat of the described garment, or a photo.

An underlay is only ever looked at: nothing of it reaches a model. Figure and flat share one
scale, so that a garment drawn over the figure has the size of its flat.
"""

from collections.abc import Mapping
from urllib.parse import urlencode

from studio.desk.compose import Form
from studio.desk.photos import read_photo
from studio.errors import BadInput
from studio.garment import flats
from studio.garment.flats import Flat, View
from studio.garment.landmarks import HEAD, TORSO, WAIST, Landmarks, flat_landmarks
from studio.garment.parse import parse_prompt
from studio.garment.paths import Path, Point, ellipse, polyline, tube
from studio.garment.placement import garment_for
from studio.garment.spec import GarmentSpec
from studio.garment.vocabulary import GARMENTS
from studio.pngmeta import png_bytes

PHOTO_SIDE = 1024
_SIZE = 1024
_FIELDS = ("garment", "neckline", "sleeves", "length", "fit")
_LINE = "#3b4f9c"


def described(form: Form) -> GarmentSpec:
    """The garment that the words name, without its components."""
    reading = parse_prompt(form.prompt)
    return garment_for(reading, reading.requests).with_components(())


def template(garment: str) -> GarmentSpec:
    """The plainest garment of a type. Raises BadInput where there is none of this name."""
    kind = GARMENTS.get(garment)
    if kind is None:
        raise BadInput("There is no flat of this garment.")
    return GarmentSpec(
        garment=kind.name,
        neckline=kind.necklines[0],
        sleeves=kind.sleeves[-1],
        fabric=kind.fabrics[0],
    )


def address(form: Form) -> str:
    """The described garment as the query of its underlays' addresses."""
    spec = described(form)
    return urlencode({name: getattr(spec, name) for name in _FIELDS})


def spec_of(query: Mapping[str, str]) -> GarmentSpec:
    """The inverse of `address`. Raises BadInput on a garment that cannot be."""
    spec = GarmentSpec.from_dict({name: query[name] for name in _FIELDS if name in query})
    kind = spec.type
    if spec.neckline not in kind.necklines or spec.sleeves not in kind.sleeves:
        raise BadInput("There is no flat of this garment.")
    return spec


def flat_svg(spec: GarmentSpec, view: View) -> str:
    """The garment's flat."""
    return flats.layout(spec, view).svg(_SIZE)


def croquis_svg(spec: GarmentSpec, view: View) -> str:
    """A standing figure in the pose and at the scale of the garment's flat."""
    flat = flats.layout(spec, view)
    marks = flat_landmarks(24.0 if spec.sleeves == "long" else 34.0)
    body = [flat_path(flat, path) for path in _limbs(marks)]
    outline = f'fill="#fff" stroke="{_LINE}" stroke-width="5" stroke-linejoin="round"'
    inside = 'fill="#fff" stroke="#fff" stroke-width="1"'
    # All outlines first and all insides above them: what is left is the figure's own outline.
    drawn = [f'<path d="{d}" {outline}/>' for d in body] + [
        f'<path d="{d}" {inside}/>' for d in body
    ]
    guides = "".join(f'<path d="{flat_path(flat, line)}"/>' for line in _guides(view))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_SIZE} {_SIZE}">{"".join(drawn)}'
        f'<g fill="none" stroke="{_LINE}" stroke-width="2" stroke-dasharray="10 8">{guides}</g>'
        "</svg>"
    )


def flat_path(flat: Flat, path: Path) -> str:
    """A path in body units as an SVG path in the flat's picture."""

    def pixel(x: float, y: float) -> Point:
        u, v = flat.point(x, y)
        return u * _SIZE, v * _SIZE

    return path.mapped(pixel).svg()


def _limbs(marks: Landmarks) -> list[Path]:
    """Legs, arms, trunk, neck and head, in body units."""
    out: list[Path] = []
    for i, side in ((0, -1.0), (1, 1.0)):
        hip, knee, ankle = marks.hips[i], marks.knees[i], marks.ankles[i]
        toe = (ankle[0] + side * 5, ankle[1] + 20)
        out.append(
            tube(
                (knee, ankle, toe), (21.0, 13.0, 15.0), (0.0, hip[1] + 8), (side * 36, hip[1] - 4)
            )[0]
        )
        shoulder, elbow, wrist = marks.shoulders[i], marks.elbows[i], marks.wrists[i]
        hand = (wrist[0] + (wrist[0] - elbow[0]) * 0.3, wrist[1] + (wrist[1] - elbow[1]) * 0.3)
        out.append(
            tube(
                (elbow, wrist, hand),
                (14.0, 9.5, 8.0),
                (side * 31, 36.0),
                (shoulder[0], shoulder[1] - 3),
            )[0]
        )
    trunk = Path().move(-9, -4)
    trunk.cubic(-14, 3, -28, 3, -41, 7).cubic(-39, 18, -35, 28, -33, 38)
    trunk.cubic(-32, 56, -27, 68, -25.5, WAIST - 6).cubic(-26, WAIST + 8, -37, 98, -37, TORSO)
    trunk.cubic(-36, TORSO + 10, -20, TORSO + 14, 0, TORSO + 15)
    trunk.cubic(20, TORSO + 14, 36, TORSO + 10, 37, TORSO).cubic(
        37, 98, 26, WAIST + 8, 25.5, WAIST - 6
    )
    trunk.cubic(27, 68, 32, 56, 33, 38).cubic(35, 28, 39, 18, 41, 7).cubic(28, 3, 14, 3, 9, -4)
    out.append(trunk.close())
    out.append(Path().move(-9.5, -18).line(9.5, -18).line(9.5, 2).line(-9.5, 2).close())
    out.append(ellipse(0, -HEAD / 2 - 6, 17.5, 24))
    return out


def _guides(view: View) -> list[Path]:
    """Lines that a cutter looks for: centre, bust or shoulder blades, waist, hip."""
    lines = [
        polyline((0, -4), (0, TORSO + 12)),
        Path().move(-25.5, WAIST - 6).quad(0, WAIST, 25.5, WAIST - 6),
        Path().move(-37, TORSO - 3).quad(0, TORSO + 4, 37, TORSO - 3),
    ]
    if view == "back":
        lines += [Path().move(side * 10, 22).quad(side * 26, 30, side * 22, 48) for side in (-1, 1)]
    else:
        lines += [
            Path().move(-33, 40).quad(0, 50, 33, 40),
            *(Path().move(side * 9, 3).quad(side * 24, 6, side * 36, 10) for side in (-1, 1)),
        ]
    return lines


def photo_png(data: bytes) -> bytes:
    """Any picture as a plain PNG that fits the artboard. Raises BadInput where it is none."""
    return png_bytes(read_photo(data, PHOTO_SIDE))

"""The flats: every garment of the vocabulary is drawn, with its components where they belong."""

from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from studio.garment.flats import layout, place
from studio.garment.spec import Component, GarmentSpec
from studio.garment.vocabulary import COMPONENTS, GARMENTS


def plain(garment: str) -> GarmentSpec:
    kind = GARMENTS[garment]
    return GarmentSpec(garment, neckline=kind.necklines[0], sleeves=kind.sleeves[0])


def middle(component: Component) -> tuple[float, float]:
    assert component.centre is not None
    return component.centre


def buttons(count: int, where: str = "centre front") -> tuple[Component, ...]:
    return (Component("button", where),) * count


@pytest.mark.parametrize("garment", GARMENTS)
@pytest.mark.parametrize("view", ["front", "back"])
def test_every_garment_is_drawn_centred_and_inside(garment, view):
    ink = layout(plain(garment), view).ink(256)
    rows, columns = np.nonzero(ink > 127)
    assert rows.size > 700
    assert min(rows.min(), columns.min()) >= 15 and max(rows.max(), columns.max()) <= 240
    assert abs((columns.min() + columns.max()) / 2 - 127.5) < 5


@pytest.mark.parametrize("garment", GARMENTS)
def test_a_symmetric_garment_is_drawn_symmetric(garment):
    ink = layout(plain(garment)).ink(256).astype(float)
    difference = np.abs(ink - ink[:, ::-1]).mean() / ink.mean()
    assert difference < 0.45


@pytest.mark.parametrize("neckline", ["crew neck", "v-neck", "turtleneck", "shirt collar"])
def test_necklines_differ(neckline):
    dress = GarmentSpec("dress", neckline=neckline, sleeves="none")
    other = replace(dress, neckline="scoop neck")
    assert np.abs(layout(dress).ink(256).astype(int) - layout(other).ink(256)).mean() > 0.5


@pytest.mark.parametrize("count", range(1, 9))
def test_buttons_are_as_many_as_asked_evenly_spaced_and_on_the_centre_front(count):
    placed = place(replace(plain("shirt"), components=buttons(count)))
    centres = [middle(c) for c in placed.of("button")]
    assert len(centres) == count
    assert all(abs(c[0] - 0.5) < 0.01 for c in centres)
    gaps = np.diff([c[1] for c in centres])
    assert np.all(gaps > 0.03) and (len(gaps) == 0 or gaps.max() - gaps.min() < 1e-6)


def test_left_is_the_wearers_left():
    spec = replace(
        plain("shirt"),
        components=(Component("pocket", "left chest"), Component("pocket", "right chest")),
    )
    left, right = place(spec).components
    assert middle(left)[0] > 0.55 and middle(right)[0] < 0.45


def test_a_dragged_component_stays_where_it_was_put():
    box = (0.40, 0.55, 0.48, 0.63)
    spec = replace(plain("shirt"), components=(Component("pocket", "left chest", box),))
    assert place(spec).components[0].box == box
    flat = layout(spec)
    assert box in [c.box for c in flat.components]
    ink = flat.ink(256)[int(0.55 * 256) : int(0.63 * 256), int(0.40 * 256) : int(0.48 * 256)]
    assert (ink > 127).sum() > 60


def test_double_breasted_has_two_columns():
    spec = replace(
        plain("coat"), neckline="notched lapel", components=buttons(6, "double-breasted")
    )
    xs = sorted({round(middle(c)[0], 2) for c in place(spec).of("button")})
    assert len(xs) == 2 and xs[1] - xs[0] > 0.04


def test_every_component_kind_can_be_drawn():
    drawn = set()
    for garment, kind in GARMENTS.items():
        for sleeves in kind.sleeves:
            for neckline in kind.necklines:
                spec = GarmentSpec(garment, neckline=neckline, sleeves=sleeves)
                wanted = [Component(k, COMPONENTS[k].places[0]) for k in kind.components]
                for component in layout(spec.with_components(wanted)).components:
                    assert component.box is not None
                    left, top, right, bottom = component.box
                    assert right - left > 0.005 and bottom - top > 0.005
                    drawn.add(component.kind)
    assert drawn == set(COMPONENTS)


def test_svg_is_well_formed_and_holds_every_part():
    flat = layout(replace(plain("shirt"), components=buttons(5)))
    root = ElementTree.fromstring(flat.svg(400))
    assert root.attrib["viewBox"] == "0 0 400 400"
    assert len(root) >= len(flat.drawing.parts)

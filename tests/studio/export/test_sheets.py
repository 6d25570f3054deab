"""Sheets on paper: what stands on them, where their lines run, what they hold inside."""

import io
import itertools
import zipfile
from collections.abc import Mapping, Sequence
from xml.etree import ElementTree

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from pypdf import PdfReader

from studio.controls.components import placed_in
from studio.errors import BadInput
from studio.export import paper
from studio.export.callouts import APART, Leader, Target, leaders
from studio.export.contact import MOST, contact_sheet
from studio.export.letters import BODY, clean, short, width, wrap
from studio.export.portfolio import SHOWN, Story, portfolio_page, spread_over
from studio.export.technical import garment_of, rows_of, technical_sheet
from studio.gallery import Project, Variant
from studio.garment.flats import place
from studio.garment.parse import parse_prompt
from studio.garment.paths import Point
from studio.garment.vocabulary import GARMENTS
from studio.request import Recorded
from tests.flat import recorded_of, replace, request_in
from tests.studio.gallery.made import png

COAT = "a navy wool coat with a notched lapel, five buttons, two hip pockets and a belt"
PROJECT = Project("p" * 32, "Navy coat <winter> & 雪", "{}", 0.0, 0.0)


def variant(prompt: str = COAT, seed: int = 7, note: str = "") -> Variant:
    """A stored picture with its components where they usually are."""
    spec = place(parse_prompt(prompt).garment)
    request = recorded_of(prompt=prompt, components=spec.components, seed=seed)
    return Variant(
        seq=seed, id=f"{seed:032}", project_id=PROJECT.id, picture_sha="0" * 64,
        request=request.to_json(), prompt=prompt, weights="w", seed=seed, seconds=2.0, width=32,
        height=32, created=1_700_000_000.0 + seed, note=note,
    )  # fmt: skip


def picture(_sha: str) -> bytes:
    return png(30, 40, 90)


def test_the_table_counts_what_was_asked_for():
    rows = rows_of(garment_of(Recorded.from_json(variant().request).request))
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    counts = {row.kind: row.count for row in rows}
    assert counts == {"collar": 1, "button": 5, "belt": 1, "pocket": 2}
    (buttons,) = (row for row in rows if row.kind == "button")
    assert buttons.note.startswith("evenly spaced")
    assert buttons.size and 0.01 < buttons.size[0] < 0.08
    (pockets,) = (row for row in rows if row.kind == "pocket")
    assert pockets.place == "both sides, hip"


def test_moved_and_removed_components_are_on_the_sheet_as_placed():
    request = Recorded.from_json(variant().request).request
    kept = [c for c in placed_in(request) if c.kind == "button"][:3]
    rows = rows_of(garment_of(replace(request, components=tuple(kept))))
    assert {row.kind: row.count for row in rows}["button"] == 3


@pytest.mark.parametrize("garment", GARMENTS)
def test_every_garment_has_a_technical_sheet(garment: str):
    page, about = technical_sheet(PROJECT, variant(f"a red {garment}"), png())
    made = paper.make([page], "svg", about)
    assert ElementTree.fromstring(made.data) is not None


def test_what_the_cut_draws_anyway_is_counted_once():
    rows = rows_of(garment_of(Recorded.from_json(variant("a shirt with cuffs").request).request))
    assert {row.kind: row.count for row in rows}["cuff"] == 2


PAPER = np.zeros((500, 400), np.int16)


def crosses(one: Leader, other: Leader) -> bool:
    """Whether two leaders have a point in common."""

    def turn(a: Point, b: Point, c: Point) -> float:
        return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])

    def meet(a: Point, b: Point, c: Point, d: Point) -> bool:
        return turn(a, b, c) * turn(a, b, d) <= 0 and turn(c, d, a) * turn(c, d, b) <= 0

    runs = [[(m.at, m.bend), (m.bend, m.end)] for m in (one, other)]
    return any(meet(*a, *b) for a, b in itertools.product(*runs) if a[0] != a[1] and b[0] != b[1])


def in_order(made: Sequence[Leader]) -> None:
    """No two leaders cross, and the numbers of a side stay apart."""
    for one, other in itertools.combinations(made, 2):
        assert not crosses(one, other), (one, other)
        if one.right is other.right:
            assert abs(one.end[1] - other.end[1]) >= APART - 1e-6


def test_leaders_never_cross_and_numbers_stay_apart():
    members = {
        n: [Target((180.0 + 9 * n % 40, 100.0 + 11 * n, 196.0 + 9 * n % 40, 108.0 + 11 * n))]
        for n in range(1, 13)
    }
    made = leaders(members, PAPER, (60, 340), (90, 420))
    assert [one.number for one in made] == list(members)
    in_order(made)
    assert {one.right for one in made} == {False, True}
    assert all(90 - 1e-6 <= one.end[1] <= 420 + 1e-6 for one in made)
    assert all(one.bend[1] == one.end[1] for one in made)  # level at the number


FULL = (
    "a blue denim jacket with long sleeves, a classic collar, six buttons, two chest pockets, two "
    "hip pockets and cuffs",
    "a grey hoodie with a hood, a zipper, a kangaroo pocket and cuffs",
    "a yellow silk blouse with puff sleeves, a ruffle hem, a bow and five buttons",
    COAT,
    *(f"a red {garment} with three buttons, two hip pockets and a belt" for garment in GARMENTS),
)


@pytest.mark.parametrize("prompt", FULL)
@pytest.mark.first(8)
def test_on_every_garment_leaders_keep_out_of_each_others_way(
    prompt: str, monkeypatch: pytest.MonkeyPatch
):
    laid: list[tuple[Leader, ...]] = []

    def kept(
        members: Mapping[int, Sequence[Target]],
        seen: NDArray[np.int16],
        ends: tuple[float, float],
        span: tuple[float, float],
    ) -> tuple[Leader, ...]:
        laid.append(leaders(members, seen, ends, span))
        assert [one.number for one in laid[-1]] == sorted(members)
        for one in laid[-1]:
            boxes = [target.box for target in members[one.number]]
            assert any(b[0] <= one.at[0] <= b[2] and b[1] <= one.at[1] <= b[3] for b in boxes)
            parts = frozenset[int]().union(*(t.parts for t in members[one.number]))
            assert int(seen[int(one.at[1]), int(one.at[0])]) in parts
        return laid[-1]

    monkeypatch.setattr("studio.export.technical.leaders", kept)
    page, about = technical_sheet(PROJECT, variant(prompt), png())
    paper.make([page], "pdf", about)
    assert len(laid) == 2
    for made in laid:
        in_order(made)


def test_a_leader_ends_on_its_component_by_the_nearer_side():
    box = (150.0, 100.0, 170.0, 120.0)
    (one,) = leaders({3: [Target(box)]}, PAPER, (60, 340), (50, 400))
    assert not one.right
    assert box[0] <= one.at[0] <= box[2] and box[1] <= one.at[1] <= box[3]
    assert one.bend == one.at  # nothing is in the way: it is straight


def test_a_leader_goes_round_a_sleeve():
    seen = PAPER.copy()
    seen[100:300, 150:250] = 1  # the body
    seen[100:260, 110:130] = seen[100:260, 270:290] = 2  # the sleeves, a little apart
    button = (195.0, 270.0, 205.0, 280.0)
    seen[270:280, 195:205] = 3
    (low,) = leaders({1: [Target(button, frozenset({3}))]}, seen, (60, 340), (50, 400))
    assert low.bend == low.at  # below the sleeves it is straight
    seen[100:284, 110:130] = seen[100:284, 270:290] = 2
    (round_it,) = leaders({1: [Target(button, frozenset({3}))]}, seen, (60, 340), (50, 400))
    assert round_it.end[1] > 284


def test_of_several_the_one_that_is_seen_gets_the_leader():
    seen = PAPER.copy()
    seen[100:300, 150:250] = 1
    seen[200:210, 195:205] = 3
    hidden, shown = (155.0, 150.0, 165.0, 160.0), (195.0, 200.0, 205.0, 210.0)
    targets = [Target(hidden, frozenset({2})), Target(shown, frozenset({3}))]
    (one,) = leaders({1: targets}, seen, (60, 340), (50, 400))
    assert shown[0] <= one.at[0] <= shown[2] and shown[1] <= one.at[1] <= shown[3]


@pytest.mark.first(3)
@pytest.mark.parametrize("kind", ["pdf", "svg", "png"])
@pytest.mark.parametrize("sheet", ["technical", "portfolio", "contact"])
def test_a_sheet_opens_elsewhere_and_holds_its_request(sheet: str, kind: str):
    chosen = variant(note="Longer.")
    others = tuple(variant(seed=i) for i in range(8, 20))
    if sheet == "technical":
        page, about = technical_sheet(PROJECT, chosen, png(), now=0)
    elif sheet == "portfolio":
        page, about = portfolio_page(Story(PROJECT, chosen, others, "From the block."), picture)
    else:
        (page,), about = contact_sheet(PROJECT, [chosen, *others][:6], picture, now=0)
    made = paper.make([page], kind, about)
    inside = chosen.request if sheet != "contact" else ""
    if kind == "pdf":
        reader = PdfReader(io.BytesIO(made.data))
        text = reader.pages[0].extract_text()
        assert "Navy coat <winter> &" in text
        assert reader.metadata and (reader.metadata.get("/Keywords") or "") == inside
        faces = {
            str(font.get_object()["/BaseFont"])  # type: ignore[index]
            for font in reader.pages[0]["/Resources"]["/Font"].values()  # type: ignore[index]
        }
        assert any("Instrument" in face for face in faces)  # letters travel with the file
    elif kind == "svg":
        root = ElementTree.fromstring(made.data)
        assert not [e for e in root.iter() if e.tag.endswith("}text")]
        said = [e.text for e in root.iter() if e.tag.endswith("metadata")]
        assert said == ([inside] if inside else [])
        assert [e.text for e in root.iter() if e.tag.endswith("}title")]
    else:
        found = request_in(made.data)
        assert (found.to_json() if found else "") == inside
        with Image.open(io.BytesIO(made.data)) as image:
            assert image.size[0] / image.size[1] == pytest.approx(page.width / page.height, 0.01)
            greys = image.convert("L").histogram()
            assert sum(greys[:100]) > 2000 and sum(greys[250:]) > image.size[0] * image.size[1] / 4


def test_a_contact_sheet_takes_as_many_pages_as_it_needs():
    many = [variant(seed=i) for i in range(41)]
    for landscape in (False, True):
        pages, about = contact_sheet(PROJECT, many, picture, landscape)
        made = paper.make(pages, "pdf", about)
        reader = PdfReader(io.BytesIO(made.data))
        assert len(reader.pages) == len(pages) > 1
        text = " ".join(page.extract_text() for page in reader.pages)
        assert f"{len(pages)} / {len(pages)}" in text
        assert (pages[0].width > pages[0].height) is landscape
    archive = zipfile.ZipFile(io.BytesIO(paper.make(pages[:2], "svg", about).data))
    assert archive.namelist() == ["page-01.svg", "page-02.svg"]


def test_what_cannot_be_drawn_is_said():
    for bad in ([], [variant(seed=i) for i in range(MOST + 1)]):
        with pytest.raises(BadInput, match=r"\.$"):
            contact_sheet(PROJECT, bad, picture)
    with pytest.raises(BadInput, match="PDF, SVG or PNG"):
        paper.make([], "exe", paper.About("x"))


def test_the_way_to_the_chosen_one_is_shown_evenly():
    many = [variant(seed=i) for i in range(30)]
    shown = spread_over(many, SHOWN)
    assert len(shown) == SHOWN and shown[0] is many[0] and shown[-1] is many[-1]
    assert spread_over(many[:3], SHOWN) == tuple(many[:3])


@pytest.mark.parametrize(
    "text", ["", "word", "Ein " * 60, "W" * 300, "雪のコート " * 9, "a\0b\nc\u202e", "🧥 coat"]
)
def test_text_stays_in_its_column(text: str):
    lines = wrap(text, BODY, 120, 4)
    assert len(lines) <= 4
    assert all(width(line, BODY) <= 120.01 for line in lines)
    assert width(short(clean(text), BODY, 60), BODY) <= 60.01 or len(clean(text)) <= 1

"""Sheets on paper: what stands on them, where their lines run, what they hold inside."""

import io
import itertools
import zipfile
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from PIL import Image
from pypdf import PdfReader

from studio.errors import BadInput
from studio.export import paper
from studio.export.callouts import APART, leaders
from studio.export.contact import MOST, contact_sheet
from studio.export.letters import BODY, clean, short, width, wrap
from studio.export.portfolio import SHOWN, Story, portfolio_page, spread_over
from studio.export.technical import garment_of, rows_of, technical_sheet
from studio.gallery import Project, Variant
from studio.garment.flats import place
from studio.garment.parse import parse_prompt
from studio.garment.vocabulary import GARMENTS
from studio.pngmeta import read_request
from studio.request import GenerationRequest
from tests.studio.gallery.made import png

COAT = "a navy wool coat with a notched lapel, five buttons, two hip pockets and a belt"
PROJECT = Project("p" * 32, "Navy coat <winter> & 雪", "{}", 0.0, 0.0)


def variant(prompt: str = COAT, seed: int = 7, note: str = "") -> Variant:
    """A stored picture with its components where they usually are."""
    spec = place(parse_prompt(prompt).garment)
    request = GenerationRequest(prompt=prompt, components=spec.components, seed=seed)
    return Variant(
        seed, f"{seed:032}", PROJECT.id, None, None, "0" * 64, request.to_json(), prompt, "w", seed,
        2.0, 32, 32, (), False, 1_700_000_000.0 + seed, None, {}, note,
    )  # fmt: skip


def picture(_sha: str) -> bytes:
    return png(30, 40, 90)


def test_the_table_counts_what_was_asked_for():
    rows = rows_of(garment_of(GenerationRequest.from_json(variant().request)))
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    counts = {row.kind: row.count for row in rows}
    assert counts == {"collar": 1, "button": 5, "belt": 1, "pocket": 2}
    (buttons,) = (row for row in rows if row.kind == "button")
    assert buttons.note.startswith("evenly spaced")
    assert buttons.size and 0.01 < buttons.size[0] < 0.08
    (pockets,) = (row for row in rows if row.kind == "pocket")
    assert pockets.place == "both sides, hip"


def test_moved_and_removed_components_are_on_the_sheet_as_placed():
    request = GenerationRequest.from_json(variant().request)
    kept = [c for c in request.components if c.kind == "button"][:3]
    rows = rows_of(garment_of(replace(request, components=tuple(kept))))
    assert {row.kind: row.count for row in rows}["button"] == 3


@pytest.mark.parametrize("garment", GARMENTS)
def test_every_garment_has_a_technical_sheet(garment: str):
    page, about = technical_sheet(PROJECT, variant(f"a red {garment}"), png())
    made = paper.make([page], "svg", about)
    assert ElementTree.fromstring(made.data) is not None


def test_leaders_never_cross_and_numbers_stay_apart():
    members = {
        n: [(180.0 + 9 * n % 40, 100.0 + 11 * n, 196.0 + 9 * n % 40, 108.0 + 11 * n)]
        for n in range(1, 13)
    }
    made = leaders(members, (100, 300), (60, 340), (90, 420))
    assert [one.number for one in made] == list(members)
    for right in (False, True):
        side = sorted((m for m in made if m.right is right), key=lambda m: m.at[1])
        assert len(side) > 2
        for above, below in itertools.pairwise(side):
            assert above.bend[1] < below.bend[1]
            assert below.end[1] - above.end[1] >= APART - 1e-6
    assert all(90 - 1e-6 <= one.end[1] <= 420 + 1e-6 for one in made)
    assert all(one.bend[1] == one.at[1] for one in made)  # level over the drawing


def test_a_leader_ends_on_its_component():
    box = (150.0, 100.0, 170.0, 120.0)
    (one,) = leaders({3: [box]}, (100, 300), (60, 340), (50, 400))
    assert not one.right  # the nearer side
    assert box[0] <= one.at[0] <= box[2] and box[1] <= one.at[1] <= box[3]


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
        found = read_request(made.data)
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

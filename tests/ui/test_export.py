"""Every sheet downloaded from the page and opened with other programs."""

import io
import json
import re
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from PIL import Image
from pypdf import PdfReader

from studio.gallery import Store
from tests.flat import request_in
from tests.serving import Server
from tests.ui.test_projects import filled, picture, room, shown

pytestmark = pytest.mark.ui

SHEETS = ("Contact sheet", "Portfolio page", "Technical sheet")


def test_every_sheet_in_every_format(visit: Callable[..., Any], server: Server, tmp_path: Path):
    store = Store(server.data)
    project = filled(store, "Sheets & co")
    starred = store.variants(project.id, starred=True).variants[0]
    store.close()
    page = visit(server.url)
    gallery = room(page, project)
    shown(page, 5)
    gallery.get_by_role("button", name="Export", exact=True).click()
    dialog = page.get_by_role("dialog", name="Export")
    for sheet in SHEETS:
        dialog.get_by_text(sheet, exact=True).click()
        if sheet == "Portfolio page":
            dialog.get_by_label("Process notes").fill("From the block to the coat.")
        for kind in ("PDF", "SVG", "PNG"):
            dialog.get_by_text(kind, exact=True).click()
            with page.expect_download() as down:
                dialog.get_by_role("button", name="Export").click()
            name = down.value.suggested_filename
            assert name == f"toile-sheets-co-{sheet.split()[0].lower()}.{kind.lower()}"
            path = tmp_path / name
            down.value.save_as(path)
            opened(path, sheet, starred.request)


def opened(path: Path, sheet: str, request: str) -> None:
    """Look into a sheet with a program that is not ours."""
    inside = sheet != "Contact sheet"
    if path.suffix == ".pdf":
        reader = PdfReader(path)
        text = " ".join(p.extract_text() for p in reader.pages)
        assert "Sheets & co" in text
        assert reader.metadata is not None
        assert (reader.metadata.get("/Keywords") == request) is inside
        if sheet == "Technical sheet":
            assert "button" in text and "#202C5C" in text
        if sheet == "Portfolio page":
            assert "From the block to the coat." in text.replace("\n", " ")
    elif path.suffix == ".svg":
        root = ElementTree.parse(path).getroot()
        said = [e.text for e in root.iter() if e.tag.endswith("metadata")]
        assert said == ([request] if inside else [])
        assert not [e for e in root.iter() if e.tag.endswith("}text")]  # outlines, not letters
    else:
        with Image.open(path) as image:
            image.load()
            assert min(image.size) > 1400
        found = request_in(path)
        assert (found is not None and found.to_json() == request) is inside


def test_pictures_are_ticked_one_by_one(visit: Callable[..., Any], server: Server, tmp_path: Path):
    store = Store(server.data)
    project = filled(store, "Ticked")
    ids = {v.seed: v.id for v in store.variants(project.id).variants}
    store.close()
    page = visit(server.url)
    gallery = room(page, project)
    shown(page, 5)
    dialog = page.get_by_role("dialog", name="Export")

    def exported() -> str:
        with page.expect_download() as down:
            dialog.get_by_role("button", name="Export").click()
        path = tmp_path / down.value.suggested_filename
        down.value.save_as(path)
        return " ".join(p.extract_text() for p in PdfReader(path).pages)

    gallery.get_by_role("button", name="Export", exact=True).click()
    pictures = dialog.get_by_role("group", name="Pictures to export")
    assert not pictures.is_visible()
    dialog.get_by_text("Ticked", exact=True).first.click()
    dialog.get_by_role("button", name="Export").click()
    dialog.get_by_text("star or tick some").wait_for()
    pictures.get_by_role("checkbox", name="Seed 2").check()
    pictures.get_by_role("checkbox", name="Seed 5").check()
    dialog.get_by_text("Ticked (2)").first.wait_for()
    text = exported()
    assert "2 pictures" in text and "a red dress" in text
    dialog.get_by_role("button", name="Close (Esc)").click()

    # Another search: what was ticked before can still be exported, and the portfolio page shows it.
    gallery.get_by_label("Search words, notes and components").fill("red dress")
    shown(page, 1)
    gallery.get_by_role("button", name="Export", exact=True).click()
    dialog.get_by_text("Portfolio page", exact=True).click()
    dialog.get_by_text("Ticked (2)").last.click()
    assert pictures.get_by_role("checkbox").count() == 2
    text = exported()
    assert "Seed 5" in text and "ask about the collar" in text and "seed 1" not in text
    dialog.get_by_role("button", name="Close (Esc)").click()

    # What goes to the trash is ticked no more.
    card = gallery.locator(f'[data-id="{ids[5]}"].card')
    card.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("menuitem", name="Move to the trash").click()
    shown(page, 0)
    gallery.get_by_role("button", name="Export", exact=True).click()
    dialog.get_by_text("Ticked (1)").first.wait_for()


def test_ticked_pictures_are_those_on_the_portfolio_page(server: Server):
    store = Store(server.data)
    project = filled(store, "Chosen")
    ids = {v.seed: v.id for v in store.variants(project.id).variants}
    for seed in range(10, 20):
        ids[seed] = store.add(project.id, picture(seed)).id
    store.trash(ids[19])
    store.close()

    def asked(*seeds: int, **more: object) -> Any:
        body = {"project": project.id, "what": "portfolio", "format": "pdf", **more}
        body["ids"] = [ids[seed] for seed in seeds]
        with post(server, "toile/export", json.dumps(body).encode()) as reply:
            if "json" in reply.headers["content-type"]:
                return json.load(reply)["problem"]
            return PdfReader(io.BytesIO(reply.read())).pages[0].extract_text()

    text = asked(12, 4, 11)  # the starred one is the chosen one
    assert "Seed 4" in text and "seed 11" in text and "seed 12" in text
    assert not re.search(r"seed 1\b", text)
    assert "Seed 13" in asked(11, 4, id=ids[13])
    assert "room for 6" in asked(*range(10, 18))
    assert "No picture is ticked" in asked()
    assert "in the trash" in asked(10, 19)


def post(server: Server, address: str, data: bytes, own: bool = True) -> Any:
    """What a program that is not the page would send."""
    headers = {"x-toile": "1"} if own else {}
    request = urllib.request.Request(f"{server.url}{address}", data, headers, method="POST")
    return urllib.request.urlopen(request, timeout=60)


@pytest.mark.parametrize(
    "data",
    [
        b'{"project": "nope", "what": "contact", "format": "pdf"}',
        b'{"project": 7, "what": ["contact"], "format": {}}',
        b'{"project": "PROJECT", "what": "everything", "format": "pdf"}',
        b'{"project": "PROJECT", "what": "contact", "format": "exe"}',
        b'{"project": "PROJECT", "what": "contact", "format": "pdf", "ids": []}',
        b'{"project": "PROJECT", "what": "contact", "format": "pdf", "ids": ["../../etc"]}',
        b'{"project": "PROJECT", "what": "technical", "format": "png", "id": "OTHER"}',
    ],
)
def test_what_cannot_be_exported_is_one_sentence(server: Server, data: bytes):
    store = Store(server.data)
    ours, theirs = filled(store, "Ours"), filled(store, "Theirs")
    other = store.variants(theirs.id).variants[0].id
    store.close()
    data = data.replace(b"PROJECT", ours.id.encode()).replace(b"OTHER", other.encode())
    with post(server, "toile/export", data) as reply:
        answer = json.load(reply)
    assert answer["problem"].endswith(".") and "\n" not in answer["problem"]


def test_only_the_page_may_ask(server: Server):
    for address in ("toile/export", "toile/import"):
        with pytest.raises(urllib.error.HTTPError) as told:
            post(server, address, b"{}", own=False)
        assert told.value.code == 403
        told.value.close()
    for data in (b"", b"[1]", b"{", b"\xff"):
        with pytest.raises(urllib.error.HTTPError) as told:
            post(server, "toile/export", data)
        assert told.value.code == 400
        told.value.close()


def test_a_long_contact_sheet_in_pictures_is_one_archive(server: Server):
    store = Store(server.data)
    project = filled(store, "Long")
    for seed in range(10, 40):
        store.add(project.id, picture(seed))
    store.close()
    asked = json.dumps(
        {"project": project.id, "what": "contact", "format": "png", "which": "all"}
    ).encode()
    with post(server, "toile/export", asked) as reply:
        kind, body = reply.headers["content-type"], reply.read()
    assert kind == "application/zip"
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert archive.namelist() == [f"page-{n:02}.png" for n in (1, 2, 3)]
        with Image.open(archive.open("page-02.png")) as image:
            image.load()

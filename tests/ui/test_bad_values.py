"""Whatever a page can send: one sentence or a picture, the ink kept, no file without a row."""

import io
import json
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from studio.desk.compose import Form
from studio.desk.room import EngineRoom
from studio.desk.studio import Studio
from studio.desk.updates import Updates, guarded
from studio.engine import Engine
from studio.gallery import Store
from studio.gallery.layers import read_strokes
from studio.page.wires import FIELDS, form_from
from tests.tinymodel import build_tiny_model

LINE = json.dumps(
    {"v": 1, "strokes": [{"t": "pen", "w": 8, "m": 1, "p": [200, 100, 1, 300, 900, 1]}]}
)
BOARD = {"doc": LINE, "photo": None, "n": 1}
GOOD: dict[str, Any] = {
    "prompt": "a navy coat", "negative": "", "exact": True, "shaped": False, "text": 2,
    "sketch": 1, "count": 1, "seed": "5", "locked": True, "steps": 1,
    "sampler": "unipc", "shape": "",
}  # fmt: skip


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A studio with a small real engine."""
    root = tmp_path_factory.mktemp("values")
    engine = Engine(build_tiny_model(root / "tiny"))
    store = Store(root / "data")
    (root / "uploads").mkdir()
    room = EngineRoom(lambda: engine)
    room.start()
    room.engine()
    yield Studio(store, room, root / "uploads")
    store.close()


@pytest.fixture
def project(studio: Studio) -> str:
    """A project with a drawing."""
    made = studio.store.create_project("Values").id
    studio.draw(made, BOARD, Form())
    return made


def generate(studio: Studio, project: str, **changes: Any) -> tuple[str, int]:
    """Press Generate as the page does; the sentence that came back, and how many pictures."""
    values = GOOD | changes
    action = guarded(
        lambda: studio.generate(project, BOARD, form_from(tuple(values[name] for name in FIELDS)))
    )
    updates = action()
    said = sentence(updates)
    until = time.monotonic() + 120
    while (job := studio.jobs.of(project)) is not None and job.active:
        assert time.monotonic() < until
        time.sleep(0.02)
    if job is not None and job.state == "failed":
        said = job.message
    return said, studio.store.count_variants(project)


def sentence(updates: Updates) -> str:
    """The notice of an answer, which is plain words."""
    text = str(updates.get("notice", {}).get("value", {}).get("text", ""))
    for technical in ("Traceback", "Error", "Exception", "Errno", "(code", "PosixPath"):
        assert technical not in text, text
    assert text == "" or (text.endswith(".") and "\n" not in text and len(text) < 320), text
    return text


def nothing_lost(studio: Studio, project: str) -> None:
    """The drawing is there, and disk and database name the same files."""
    sketch = studio.store.latest_sketch(project)
    assert sketch is not None and read_strokes(sketch.strokes) == read_strokes(LINE)
    with closing(sqlite3.connect(studio.store.data_dir / "toile.db")) as database:
        rows = {sha for (sha,) in database.execute("SELECT sha FROM blob")}
    files = {
        name.split(".")[0]
        for folder, _, names in os.walk(studio.store.data_dir)
        for name in names
        if name.endswith(".png")
    }
    assert files == rows


TEXTS = {
    "empty": "",
    "space": " ",
    "long": "navy coat " * 1000,
    "emoji": "a 🧥 coat 👩🏽‍🦰",
    "right to left": "معطف أزرق a coat",
    "zero width": "a\u200b co\u200dat",
    "nul": "a \0 coat",
    "lone surrogate": "a coat \ud800",
    "template": "${alert(document.domain)}",
    "handlebars": "{{constructor.constructor('alert(1)')()}}",
    "backtick": "`coat` ${`x`}",
    "markup": "<img src=x onerror=alert(1)>",
    "script": "</script><script>alert(1)</script>",
    "sql": "'; DROP TABLE variant;--",
    "path": "../../etc/passwd",
    "weights": "((((red:99)))) coat",
    "unbalanced": "((red coat",
    "nan weight": "(red:nan) coat",
    "none": "a coat with 0 buttons",
    "negative count": "a coat with -3 pockets",
    "huge count": "a coat with 1e9 buttons",
    "half": "a coat with half a pocket",
    "conflict": "a coat with five (5) buttons and six buttons",
    "numerals": "a coat with ٥ buttons",
}


@pytest.mark.first(6)
@pytest.mark.parametrize("name", TEXTS)
def test_any_words_make_pictures_or_one_sentence(studio: Studio, project: str, name: str) -> None:
    text = TEXTS[name]
    board = {**BOARD}
    form = form_from(tuple((GOOD | {"prompt": text})[field] for field in FIELDS))
    wrote = guarded(lambda: studio.write(project, board, form))()
    said = sentence(wrote)
    before = studio.store.count_variants(project)
    told, after = generate(studio, project, prompt=text)
    assert after == before + 1 or told, "neither a picture nor a sentence"
    if name not in ("nul", "lone surrogate", "long"):
        assert after == before + 1 and not said, told
    nothing_lost(studio, project)


@pytest.mark.parametrize("field", ["text", "sketch"])
@pytest.mark.parametrize("value", ["nan", "inf", "-1", "1e308", "much", None, [], {}, "1,5", 1.5])
def test_a_strength_is_a_number(studio: Studio, project: str, field: str, value: Any) -> None:
    told, count = generate(studio, project, **{field: value})
    assert (count == 1 and not told) if value in ("1,5", 1.5) else (count == 0 and told)
    nothing_lost(studio, project)


@pytest.mark.parametrize("value", [-1, 2**64, "abc", "", None, "1.5", "nan", "9" * 400, []])
def test_a_seed_is_a_whole_number(studio: Studio, project: str, value: Any) -> None:
    told, count = generate(studio, project, seed=value)
    assert count == 0 and told
    nothing_lost(studio, project)


@pytest.mark.parametrize(("field", "value"), [
    ("count", 0), ("count", 500), ("count", -1), ("count", "two"), ("count", None),
    ("steps", 0), ("steps", 10_000), ("steps", "nan"), ("steps", 1.5), ("steps", None),
    ("sampler", "euler"), ("sampler", None), ("sampler", []),
])  # fmt: skip
def test_counts_steps_and_samplers_have_limits(
    studio: Studio, project: str, field: str, value: Any
) -> None:
    told, count = generate(studio, project, **{field: value})
    assert count == 0 and told
    nothing_lost(studio, project)


DRAWINGS = {
    "no json": "{",
    "a list": "[]",
    "null": "null",
    "deep": "[" * 100_000,
    "newer": json.dumps({"v": 3, "strokes": []}),
    "unknown tool": json.dumps({"v": 1, "strokes": [{"t": "laser", "w": 1, "p": [0, 0, 1]}]}),
    "no points": json.dumps({"v": 1, "strokes": [{"t": "pen", "w": 1, "p": []}]}),
    "odd points": json.dumps({"v": 1, "strokes": [{"t": "pen", "w": 1, "p": [1, 2]}]}),
    "not a number": '{"v": 1, "strokes": [{"t": "pen", "w": 1, "p": [NaN, 1, 1]}]}',
    "infinite": '{"v": 1, "strokes": [{"t": "pen", "w": 1e999, "p": [1, 1, 1]}]}',
    "many": json.dumps({"v": 1, "strokes": [{"t": "pen", "w": 1, "p": [1, 1, 1]}] * 5000}),
    "large": json.dumps({"v": 1, "strokes": [], "x": "y" * 9_000_000}),
}


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_broken_drawing_is_refused_and_the_last_one_kept(
    studio: Studio, project: str, name: str
) -> None:
    updates = guarded(
        lambda: studio.draw(project, {"doc": DRAWINGS[name], "photo": None, "n": 2}, Form())
    )()
    assert sentence(updates) and updates.get("board", {}).get("saved", {}).get("ok") is not True
    nothing_lost(studio, project)


def _picture(mode: str = "RGB", size: tuple[int, int] = (200, 200)) -> Image.Image:
    page = np.full((size[1], size[0]), 240, np.uint8)
    page[size[1] // 6 : -size[1] // 6, size[0] // 3 : size[0] // 3 + 4] = 20
    page[size[1] // 6 : -size[1] // 6, -size[0] // 3 : -size[0] // 3 + 4] = 20
    return Image.fromarray(page).convert(mode)


def _saved(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def _text_bomb() -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("note", "a" * 100_000_000, zip=True)
    return _saved(_picture(), pnginfo=info)


def _rotated() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return _saved(_picture(), "JPEG", exif=exif)


GOOD_PICTURES = {
    "png": lambda: _saved(_picture()),
    "cmyk": lambda: _saved(_picture("CMYK"), "JPEG"),
    "16 bit": lambda: _saved(Image.fromarray(np.asarray(_picture("L"), np.uint16) * 257)),
    "palette": lambda: _saved(_picture("P")),
    "alpha": lambda: _saved(_picture("RGBA")),
    "rotated": _rotated,
    "animated": lambda: _saved(_picture(), "GIF", save_all=True, append_images=[_picture()]),
    "webp": lambda: _saved(_picture(), "WEBP"),
}
BAD_PICTURES = {
    "empty": lambda: b"",
    "text": lambda: b"not a picture",
    "cut": lambda: _saved(
        Image.fromarray(np.random.default_rng(1).integers(0, 255, (64, 64, 3), dtype=np.uint8))
    )[:4000],
    "svg": lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "one pixel": lambda: _saved(_picture(size=(200, 200)).resize((1, 1))),
    "narrow": lambda: _saved(Image.new("L", (1, 10_000), 255)),
    "bomb": lambda: _saved(Image.new("1", (50_000, 50_000))),
    "text bomb": _text_bomb,
    "all black": lambda: _saved(Image.new("L", (200, 200), 0)),
    "all clear": lambda: _saved(Image.new("RGBA", (200, 200), (0, 0, 0, 0))),
    "heic": lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(200),
}


def read(studio: Studio, data: bytes) -> Updates:
    """Drop a picture on the board."""
    file = studio.uploads / "drop.png"
    file.write_bytes(data)
    return guarded(lambda: studio.read_photo(str(file)))()


@pytest.mark.parametrize("name", GOOD_PICTURES)
def test_every_kind_of_picture_is_read(studio: Studio, project: str, name: str) -> None:
    updates = read(studio, GOOD_PICTURES[name]())
    assert not sentence(updates) and updates["board"]["change"]["photo"]
    nothing_lost(studio, project)


@pytest.mark.parametrize("name", BAD_PICTURES)
def test_what_is_no_sketch_is_one_sentence(studio: Studio, project: str, name: str) -> None:
    assert sentence(read(studio, BAD_PICTURES[name]()))
    nothing_lost(studio, project)


def test_names_of_projects_are_cleaned_or_refused(studio: Studio) -> None:
    for name in ("", " ", "\u200b", "x" * 300, "\0"):
        assert sentence(guarded(lambda name=name: studio.new_project(name))())
    for name in ("CON", "a/b", "dot.", "../../x", "${x}", "<b>"):
        made = guarded(lambda name=name: studio.new_project(name))()
        assert not sentence(made)
        assert made["masthead"]["value"]["project"]["name"] == name


def test_a_draft_with_anything_in_it_opens(studio: Studio, project: str) -> None:
    for draft in ("[]", "{", "null", '{"steps": {"a": 1}}', '{"prompt": 7, "unknown": 1}'):
        studio.store.save_draft(project, draft)
        opened = guarded(lambda: studio.open(project))()
        assert opened["project"]["value"] == project and not sentence(opened)


def test_a_form_survives_its_own_json(tmp_path: Path) -> None:
    form = replace(Form(), prompt="a coat \ud800", seed="7")
    assert Form.from_json(form.to_json()) == form

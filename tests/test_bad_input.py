"""Everything a person can get wrong: one sentence that says what to do, nothing half-written."""

from __future__ import annotations

import io
import resource
import shutil
import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

import app
from studio.cli import main
from studio.gallery import Store
from tests.tinymodel import build_tiny_model


@dataclass(frozen=True)
class Outcome:
    """What a command left behind: exit status, its two outputs, and the files in --out."""

    status: int
    out: str
    err: str
    files: tuple[Path, ...]

    def is_one_sentence(self) -> None:
        """Refused with exit status 2, and one sentence in plain words."""
        assert self.status == 2, self.err
        assert self.out == ""
        assert len(self.err.splitlines()) == 1, self.err
        sentence = self.err.strip()
        assert sentence.endswith("."), sentence
        assert 20 < len(sentence) < 300, sentence
        for technical in ("Traceback", "Error", "Exception", "Errno", "None", "PosixPath", "0x"):
            assert technical not in sentence, sentence
        assert self.files == ()


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A family with small random weights; nothing here looks at what is in the pictures."""
    return build_tiny_model(tmp_path_factory.mktemp("models") / "tiny")


Generate = Callable[..., Outcome]


@pytest.fixture
def generate(model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Generate:
    """`python -m studio generate` in this process, on the small family."""
    out = tmp_path / "pictures"

    def run(*options: str) -> Outcome:
        usual = {"--model": str(model), "--out": str(out), "--steps": "1", "--size": "64x64"}
        common = [w for flag, value in usual.items() if flag not in options for w in (flag, value)]
        try:
            status = main(["generate", *common, *options])
        except SystemExit as stop:  # argparse's way
            status = int(stop.code or 0)
        written = capsys.readouterr()
        files = tuple(sorted(out.iterdir())) if out.is_dir() else ()
        return Outcome(status, written.out, written.err, files)

    return run


COAT = ("--prompt", "a navy coat")
PHOTO = Path(__file__).parent / "samebytes" / "files" / "shirt.jpg"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ((), "Describe the garment"),
        (("--prompt", "   \n\t"), "Describe the garment"),
        (("--prompt", "coat " * 600), "shorten it"),
        (("--prompt", "a coat", "--negative", "x" * 3000), "shorten it"),
        (("--prompt", "a coat \ud800"), "broken characters"),
        ((*COAT, "--steps", "0"), "steps"),
        ((*COAT, "--steps", "-5"), "steps"),
        ((*COAT, "--steps", "100000"), "steps"),
        ((*COAT, "--steps", "many"), "steps"),
        ((*COAT, "--seed", str(2**70)), "seed"),
        ((*COAT, "--seed", "-1"), "seed"),
        ((*COAT, "--seed", "1.5"), "seed"),
        ((*COAT, "--st", "nan"), "sT"),
        ((*COAT, "--st", "inf"), "sT"),
        ((*COAT, "--st", "-1"), "sT"),
        ((*COAT, "--garment", str(PHOTO), "--sg", "nan"), "garment guidance sG"),
        ((*COAT, "--sg", "3"), "--garment"),
        ((*COAT, "--sketch", str(PHOTO), "--sketch-strength", "nan"), "strength must be"),
        ((*COAT, "--sketch-strength", "1"), "--sketch:"),
        ((*COAT, "--component-strength", "9"), "strength"),
        ((*COAT, "--count", "0"), "pictures"),
        ((*COAT, "--count", "1000"), "pictures"),
        ((*COAT, "--size", "large"), "256x256"),
        ((*COAT, "--size", "0x0"), "width"),
        ((*COAT, "--size", "255x256"), "multiple of 8"),
        ((*COAT, "--size", "20000x20000"), "width"),
        ((*COAT, "--sampler", "magic"), "unipc"),
        ((*COAT, "--component", "antenna"), "antenna"),
        ((*COAT, "--component", "button:lots"), "button"),
        ((*COAT, "--component", "button:-3"), "button"),
        ((*COAT, "--component", "button:2@the moon"), "moon"),
        ((*COAT, "--model", "no-such-model"), "no-such-model"),
        ((*COAT, "--device", "abacus"), "abacus"),
        ((*COAT, "--dtype", "fp1"), "fp1"),
        ((*COAT, "--colour", "red"), "--help"),
        ((*COAT, "--sketch", "no-such-file.png"), "no-such-file.png"),
        ((*COAT, "--sketch", "."), "."),
        ((*COAT, "--init", "no-such-file.png"), "no-such-file.png"),
        ((*COAT, "--out", "/dev/null/pictures"), "--out"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, tuple) else "",
)
def test_an_option_that_cannot_be_used(
    generate: Generate, options: tuple[str, ...], says: str
) -> None:
    outcome = generate(*options)
    outcome.is_one_sentence()
    assert says in outcome.err


def drawing(width: int = 300, height: int = 300) -> Image.Image:
    """A coat's outline in black on white, like a first sketch."""
    page = Image.new("L", (width, height), 255)
    points = [(0.3, 0.15), (0.7, 0.15), (0.8, 0.9), (0.2, 0.9), (0.3, 0.15)]
    shape = [(x * width, y * height) for x, y in points]
    ImageDraw.Draw(page).line(shape, fill=0, width=max(3, width // 80))
    return page


def encoded(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def photo() -> Image.Image:
    """The drawing on grey paper in uneven light, with the noise of a phone at night."""
    rng = np.random.default_rng(3)
    page = np.asarray(drawing(), np.float64)
    light = np.linspace(0.55, 0.95, page.shape[1])[None, :]
    noisy = page * light + rng.normal(0, 6, page.shape)
    return Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8)).convert("RGB")


def rotated() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return encoded(drawing(300, 200).convert("RGB"), "JPEG", exif=exif)


def sixteen_bit() -> bytes:
    values = np.asarray(drawing(), np.uint16) * 257
    return encoded(Image.fromarray(values))


def transparent() -> bytes:
    lines = drawing()
    ink = Image.new("RGBA", lines.size, (0, 0, 0, 0))
    ink.putalpha(lines.point(lambda value: 255 - value))
    return encoded(ink)


UNUSABLE: dict[str, Callable[[], bytes]] = {
    "no bytes": lambda: b"",
    "not a picture": lambda: b"dear tutor, here is my coat",
    "all white": lambda: encoded(Image.new("L", (256, 256), 255)),
    "all black": lambda: encoded(Image.new("L", (256, 256), 0)),
    "all clear": lambda: encoded(Image.new("RGBA", (256, 256), (0, 0, 0, 0))),
    "1 x 1": lambda: encoded(Image.new("L", (1, 1), 0)),
    "a thread": lambda: encoded(drawing(2000, 20)),
    "20,000 x 20,000": lambda: encoded(Image.new("1", (20_000, 20_000), 1)),
    "cut off": lambda: encoded(photo())[:2000],
    "cut off JPEG": lambda: encoded(photo(), "JPEG")[:900],
    "only a header": lambda: encoded(drawing())[:40],
}
USABLE: dict[str, Callable[[], bytes]] = {
    "photo": lambda: encoded(photo(), "JPEG"),
    "CMYK": lambda: encoded(drawing().convert("CMYK"), "JPEG"),
    "16-bit": sixteen_bit,
    "turned by EXIF": rotated,
    "clear ground": transparent,
    "palette": lambda: encoded(drawing().convert("P")),
    "white on black": lambda: encoded(drawing().point(lambda value: 255 - value)),
    "20,000 wide": lambda: encoded(drawing(20_000, 2000).convert("1")),
    "WebP": lambda: encoded(drawing().convert("RGB"), "WEBP"),
}


# A start picture may well be of one colour; a sketch needs lines.
NOT_TO_VARY = [what for what in UNUSABLE if not what.startswith("all")]


@pytest.mark.first(2)
@pytest.mark.parametrize(
    ("option", "what"),
    [*(("--sketch", what) for what in UNUSABLE), *(("--init", what) for what in NOT_TO_VARY)],
)
def test_a_picture_that_cannot_be_used(
    generate: Generate, tmp_path: Path, option: str, what: str
) -> None:
    path = tmp_path / "drawn.png"
    path.write_bytes(UNUSABLE[what]())
    generate(*COAT, option, str(path)).is_one_sentence()


@pytest.mark.first(3)
@pytest.mark.parametrize("what", USABLE)
def test_any_picture_with_lines_is_a_sketch(generate: Generate, tmp_path: Path, what: str) -> None:
    path = tmp_path / "drawn.image"
    path.write_bytes(USABLE[what]())
    outcome = generate(*COAT, "--sketch", str(path))
    assert outcome.status == 0, outcome.err
    (picture,) = outcome.files
    with Image.open(picture) as made:
        assert made.size == (64, 64)
    assert str(picture) in outcome.out


def test_a_mask_needs_its_picture(generate: Generate, tmp_path: Path) -> None:
    path = tmp_path / "mask.png"
    path.write_bytes(encoded(drawing()))
    generate(*COAT, "--mask", str(path)).is_one_sentence()


@pytest.mark.parametrize(
    ("prompt", "says"),
    [
        ("a t-shirt with five buttons", "buttons"),
        ("a navy coat with ninety-nine buttons", "buttons"),
        ("a coat with 5 buttons and 6 buttons", "buttons"),
        ("a skirt with a hood", "hood"),
    ],
)
def test_what_a_garment_cannot_have_is_said_and_the_rest_is_made(
    generate: Generate, prompt: str, says: str
) -> None:
    outcome = generate("--prompt", prompt)
    assert outcome.status == 0, outcome.err
    notes = [line for line in outcome.err.splitlines() if line.startswith("Note: ")]
    assert any(says in note for note in notes), outcome.err
    assert len(outcome.files) == 1


@pytest.mark.parametrize(
    "prompt",
    [
        "a coat " + "with lovely long lapels " * 50,
        "пальто с пятью пуговицами",
        "🧥" * 200,
        "%s\0{}",
    ],
    ids=["long", "another language", "emoji", "control characters"],
)
def test_odd_words_are_words(generate: Generate, prompt: str) -> None:
    outcome = generate("--prompt", prompt)
    assert outcome.status == 0, outcome.err
    assert "Traceback" not in outcome.err
    assert len(outcome.files) == 1


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """Writing more into a file fails, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_leaves_no_half_picture(generate: Generate) -> None:
    with files_no_larger_than(500):
        outcome = generate(*COAT)
    outcome.is_one_sentence()
    assert "make room" in outcome.err


def damaged(model: Path, folder: Path, part: str, how: str) -> Path:
    """A copy of the family of which a part is gone, cut off or nonsense."""
    copy = shutil.copytree(model, folder)
    weights = next((copy / part).glob("*.safetensors"))
    match how:
        case "gone":
            shutil.rmtree(copy / part)
        case "cut off":
            weights.write_bytes(weights.read_bytes()[:-100])
        case "nonsense":
            weights.write_bytes(b"\xff" * 4096)
        case "empty":
            weights.write_bytes(b"")
    return copy


@pytest.mark.parametrize("part", ["unet", "vae", "text_encoder"])
@pytest.mark.parametrize("how", ["gone", "cut off", "nonsense", "empty"])
def test_weights_that_cannot_be_used(
    generate: Generate, model: Path, tmp_path: Path, part: str, how: str
) -> None:
    broken = damaged(model, tmp_path / "broken", part, how)
    outcome = generate(*COAT, "--model", str(broken))
    outcome.is_one_sentence()
    assert part in outcome.err


def test_check_refuses_what_is_no_picture(
    tmp_path: Path, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "letter.png"
    path.write_bytes(b"dear all")
    status = main(["check", str(path), "--model", str(model)])
    written = capsys.readouterr()
    Outcome(status, written.out, written.err, ()).is_one_sentence()


def start_page(capsys: pytest.CaptureFixture[str], *options: str) -> Outcome:
    status = app.main(list(options))
    written = capsys.readouterr()
    return Outcome(status, written.out, written.err, ())


def test_a_port_that_is_taken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        outcome = start_page(capsys, "--port", port, "--data-dir", str(tmp_path / "data"))
    outcome.is_one_sentence()
    assert port in outcome.err


def test_a_port_and_an_address_that_do_not_exist(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = str(tmp_path / "data")
    start_page(capsys, "--port", "70000", "--data-dir", data).is_one_sentence()
    start_page(capsys, "--host", "192.0.2.1", "--data-dir", data).is_one_sentence()


def test_a_data_folder_that_cannot_be_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    taken = tmp_path / "data"
    taken.write_text("my notes")
    start_page(capsys, "--data-dir", str(taken)).is_one_sentence()
    assert taken.read_text() == "my notes"
    start_page(capsys, "--data-dir", "/dev/null/data").is_one_sentence()


def test_a_database_of_a_newer_version_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Store(tmp_path).close()
    (database,) = tmp_path.glob("*.db")
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE schema_version SET version = 999")
    outcome = start_page(capsys, "--data-dir", str(tmp_path))
    outcome.is_one_sentence()
    assert "newer" in outcome.err
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("SELECT version FROM schema_version").fetchone() == (999,)

"""The command line: what it makes, what it prints, and one sentence for whatever is wrong."""

import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from studio.cli import main
from tests.flat import flat, request_in
from tests.settled import composed
from tests.tinymodel import build_tiny_model

SMALL = ["--size", "64x64", "--steps", "2", "--dtype", "fp32", "--device", "cpu"]


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A tiny family with a perception network, both untrained."""
    from studio.vision.perception import PerceptionConfig, PerceptionNet

    folder = build_tiny_model(tmp_path_factory.mktemp("cli") / "tiny")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        PerceptionNet(PerceptionConfig()).save_pretrained(folder / "perception")
    return str(folder)


@pytest.fixture
def sketch(tmp_path: Path) -> Path:
    page = np.full((200, 200), 255, np.uint8)
    cv2.rectangle(page, (40, 30), (160, 180), 0, 4)
    path = tmp_path / "sketch.png"
    Image.fromarray(page).save(path)
    return path


def generate(model: str, out: Path, *more: str) -> int:
    return main(["generate", "--model", model, "--out", str(out), *SMALL, *more])


def test_generate_prints_a_json_line_for_each_picture(model, tmp_path, capsys):
    done = generate(model, tmp_path / "new", "--prompt", "a red dress", "--count", "2",
                    "--seed", "5", "--json")  # fmt: skip
    assert done == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [set(line) for line in lines] == [{"path", "seed", "seconds"}] * 2
    assert [line["seed"] for line in lines] == [5, 6]
    for line in lines:
        with Image.open(line["path"]) as picture:
            assert picture.size == (64, 64)
        assert line["seconds"] > 0
        kept = request_in(Path(line["path"]))
        assert kept is not None and kept.request.sampling.seed == line["seed"]
        assert kept.request.model.weights


def test_nothing_is_overwritten(model, tmp_path, capsys):
    for _ in range(2):
        assert generate(model, tmp_path, "--prompt", "a red dress", "--seed", "5") == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == ["toile-5-2.png", "toile-5.png"]
    first, second = ((tmp_path / n).read_bytes() for n in ("toile-5.png", "toile-5-2.png"))
    assert first == second, "the same request makes the same file"


def test_sketch_and_components_reach_the_board(model, tmp_path, sketch, capsys):
    done = generate(
        model, tmp_path / "o", "--prompt", "a navy coat", "--sketch", str(sketch),
        "--component", "button:5@centre front", "--component", "pocket@left-hip",
        "--seed", "1", "--json",
    )  # fmt: skip
    assert done == 0
    kept = request_in(Path(json.loads(capsys.readouterr().out)["path"]))
    assert kept is not None
    request = flat(kept)
    assert request.sketch is not None
    kinds = [c.kind for c in request.components]
    assert kinds.count("button") == 5 and kinds.count("pocket") == 1
    assert all(c.box is not None for c in request.components)


def made(model: str, folder: Path, capsys: pytest.CaptureFixture[str], *more: str):
    """The request inside the one picture that some options make."""
    assert generate(model, folder, "--seed", "1", "--json", *more) == 0
    kept = request_in(Path(json.loads(capsys.readouterr().out)["path"]))
    assert kept is not None
    return flat(kept)


def test_where_nothing_is_drawn_the_usual_shape_stands_in(model, tmp_path, sketch, capsys):
    coat = ["--prompt", "a woman in a navy coat with five buttons"]
    usual = made(model, tmp_path, capsys, *coat)
    assert usual.usual_shape and usual.sketch is not None and usual.pose is not None
    free = made(model, tmp_path, capsys, *coat, "--no-usual-shape")
    assert (free.usual_shape, free.sketch, free.pose) == (False, None, None)
    assert free.components == usual.components
    drawn = made(model, tmp_path, capsys, *coat, "--sketch", str(sketch))
    assert drawn.sketch not in (None, usual.sketch) and not drawn.usual_shape
    posed = made(model, tmp_path, capsys, *coat, "--pose", "walking")
    assert posed.usual_shape and posed.own_pose and posed.sketch != usual.sketch
    varied = made(model, tmp_path, capsys, *coat, "--init", str(sketch))
    assert varied.sketch is None and varied.pose is None


def test_components_lie_on_a_board_in_the_middle_of_a_picture_that_is_no_square():
    square = composed("--prompt", "a coat with five buttons")[0].components
    tall = composed("--prompt", "a coat with five buttons", "--size", "128x256")[0].components
    for one, other in zip(square, tall, strict=True):
        assert one.centre is not None and other.centre is not None
        assert other.centre == pytest.approx((one.centre[0], 0.25 + one.centre[1] / 2))


def test_a_garment_photo_shows_its_own_components(sketch: Path):
    coat = ["--prompt", "a woman in a coat with five buttons", "--garment", str(sketch)]
    assert composed(*coat)[0].components == ()
    one = composed(*coat, "--component", "pocket@left-hip")[0].components
    assert [c.kind for c in one] == ["pocket"]


def test_counts_in_the_prompt_are_placed_unless_told_not_to():
    prompt = ["--prompt", "a navy wool coat with five buttons and two pockets"]
    request, _ = composed(*prompt)
    kinds = [c.kind for c in request.components]
    assert kinds.count("button") == 5 and kinds.count("pocket") == 2
    assert composed(*prompt, "--no-board-from-prompt")[0].components == ()
    three, _ = composed(*prompt, "--component", "button:3")
    kinds = [c.kind for c in three.components]
    assert kinds.count("button") == 3 and kinds.count("pocket") == 2, "an option beats the prompt"


def test_prompt_components_go_onto_the_drawing(sketch: Path):
    request, images = composed("--prompt", "a coat with 4 buttons", "--sketch", str(sketch))
    assert request.sketch is not None and request.sketch in images
    centres = [c.centre for c in request.components if c.kind == "button"]
    assert len(centres) == 4
    for centre in centres:
        assert centre is not None and 0.2 <= centre[0] <= 0.8 and 0.15 <= centre[1] <= 0.9


def test_a_component_without_a_garment_finds_one_that_carries_it():
    request, _ = composed("--component", "button:4")
    assert [c.kind for c in request.components] == ["button"] * 4


def test_defaults_suit_the_model():
    request, _ = composed("--prompt", "a red dress")
    assert (request.width, request.height, request.steps) == (256, 256, 20)
    assert request.st == 4.0 and request.sampler == "unipc"
    assert composed("--prompt", "x", "--size", "128x192")[0].height == 192


def test_check_tells_what_is_seen(model, sketch, capsys):
    assert main(["check", str(sketch), "--model", model, "--json"]) == 0
    seen = json.loads(capsys.readouterr().out)
    assert {"garment", "colour", "pattern", "neckline", "sleeves", "components"} <= set(seen)
    assert main(["check", str(sketch), "--model", model]) == 0
    text = capsys.readouterr().out
    assert seen["garment"]["name"] in text and "sleeves" in text


def _sentence(capsys, *says: str) -> None:
    captured = capsys.readouterr()
    lines = captured.err.strip().splitlines()
    assert captured.out == "" and len(lines) == 1, captured.err
    assert all(s in lines[0] for s in says), lines[0]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--prompt", ""], "Describe"),
        (["--prompt", "x", "--steps", "0"], "steps"),
        (["--prompt", "x", "--seed", str(2**70)], "seed"),
        (["--prompt", "x", "--st", "nan"], "nan"),
        (["--prompt", "x", "--count", "0"], "pictures"),
        (["--prompt", "x", "--size", "250x256"], "multiple of 8"),
        (["--prompt", "x", "--size", "big"], "WIDTHxHEIGHT"),
        (["--prompt", "x", "--sampler", "euler"], "unipc"),
        (["--prompt", "x" * 3000], "shorten"),
        (["--prompt", "x", "--component", "wing:2"], "wing"),
        (["--prompt", "a t-shirt", "--component", "button:3"], "no buttons"),
        (["--prompt", "a shirt", "--component", "button:60"], "at most"),
        (["--prompt", "x", "--sketch", "/no/such/file.png"], "check the path"),
        (["--prompt", "x", "--init", "/no/such/file.png"], "check the path"),
        (["--prompt", "x", "--model", "no-such-model"], "Unknown model"),
        (["--prompt", "x", "--out", "/dev/null/folder"], "--out"),
        (["--prompt", "x", "--sketch-strength", "inf"], "strength"),
        (["--prompt", "x", "--device", "abacus"], "abacus"),
        (["--prompt", "x", "--dtype", "int4"], "int4"),
    ],
)
def test_wrong_options_are_one_sentence(arguments, says, capsys, tmp_path):
    out = [] if "--out" in arguments else ["--out", str(tmp_path)]
    assert main(["generate", *arguments, *out]) == 2
    _sentence(capsys, says)
    assert list(tmp_path.iterdir()) == []


def test_options_that_are_no_options_are_one_sentence(capsys):
    for arguments in (["generate", "--steps", "x"], ["paint"], [], ["check"]):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 2
        _sentence(capsys)


def test_a_damaged_model_is_one_sentence(model, tmp_path, capsys):
    broken = Path(shutil.copytree(model, tmp_path / "broken"))
    weights = broken / "unet" / "diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-64])
    assert generate(str(broken), tmp_path / "o", "--prompt", "x") == 2
    _sentence(capsys, "download it again")


def test_a_picture_that_is_none_cannot_be_checked(model, tmp_path, capsys):
    path = tmp_path / "x.png"
    path.write_bytes(b"nothing")
    assert main(["check", str(path), "--model", model]) == 2
    _sentence(capsys, "not a picture")


def test_suites(capsys):
    assert main(["bench", "nonsense"]) == 2
    _sentence(capsys, "engine")
    assert main(["bench", "engine", "--limit", "0"]) == 2
    _sentence(capsys, "limit")

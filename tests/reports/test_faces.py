"""A face is looked for where it is given: its box is kept, and what is so is said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from studio.controls.face import FaceControl
from studio.desk import reference_views
from studio.errors import BadInput
from studio.gallery import Store
from studio.request import GenerationRequest, Recorded, Sampling, Words
from studio.vision.people import Face, People
from studio.vision.readers import chosen_face
from tests.serving import Server
from tests.settled import bundled, composed
from tests.ui.steps import model_ready, new_project, write
from trainer.data.pairs import sample_worn
from trainer.data.wardrobe import HELD_OUT

A = "a" * 64


class Finds:
    """A face encoder that finds what a test says."""

    def __init__(self, box: Any) -> None:
        self.box = box

    def find(self, picture: np.ndarray) -> Any:
        return self.box


def faces(*boxes: tuple[float, float, float, float]) -> People:
    full = np.ones((100, 80), np.float32)
    points = np.zeros((33, 3), np.float32)
    return People(points, 0.9, full, full, tuple(Face(box, 0.9) for box in boxes))


LARGE, SMALL, LIKE = (0.2, 0.1, 0.6, 0.5), (0.7, 0.1, 0.8, 0.2), (0.22, 0.12, 0.6, 0.5)


@pytest.mark.parametrize(
    ("own", "real", "box", "count"),
    [
        (None, (LARGE,), LARGE, 1), (LIKE, (LARGE,), LIKE, 1), (SMALL, (LARGE,), LARGE, 1),
        (None, (SMALL, LARGE), LARGE, 1), (None, ((0.6, 0.1, 0.9, 0.4), LARGE), LARGE, 2),
        (LIKE, (), LIKE, 1),
    ],
)  # fmt: skip
def test_the_largest_face_is_taken_and_others_are_counted(
    own: Any, real: Any, box: Any, count: int
):
    encoder: Any = Finds(own)
    found = chosen_face(np.zeros((100, 80, 3), np.uint8), encoder, faces(*real))
    assert found is not None and found.box == box and found.count == count
    assert chosen_face(np.zeros((9, 9, 3), np.uint8), Finds(None), faces()) is None  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", [91_000, 91_007, 91_014, 91_049])
def test_a_drawn_face_is_found_at_once_and_boxed(seed: int):
    sample = sample_worn(HELD_OUT + seed)
    if sample.face_box is None:
        pytest.fail("this figure has no face: choose another seed")
    box, said = bundled().find_face(Image.fromarray(sample.picture))
    true = [v / 256 for v in sample.face_box] if max(sample.face_box) > 1 else sample.face_box
    middle = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    assert true[0] < middle[0] < true[2] and true[1] < middle[1] < true[3]
    assert "knows drawn people only" in said


@pytest.mark.parametrize("kind", ["white", "noise", "garment"])
def test_no_face_is_said_at_once(kind: str, tmp_path: Path):
    pixels = np.full((128, 128, 3), 245, np.uint8)
    if kind == "noise":
        pixels = np.random.default_rng(3).integers(0, 255, pixels.shape, np.uint8)
    elif kind == "garment":
        cv2.rectangle(pixels, (30, 30), (98, 110), (120, 20, 30), -1)
    with pytest.raises(BadInput, match="No face was found in this photo: mark it"):
        bundled().find_face(Image.fromarray(pixels))
    path = tmp_path / "photo.png"
    Image.fromarray(pixels).save(path)
    with pytest.raises(BadInput, match="No face was found"):
        composed("--prompt", "a woman in a dress", "--face", str(path))


@pytest.mark.parametrize("box", [(0, 0, 1, 1), (0.1, 0.2, 0.4, 0.5), (0.0, 0.0, 0.05, 0.05)])
def test_a_marked_face_is_kept_in_the_request(box: Any):
    words = Words(prompt="a coat")
    control = FaceControl(picture=A, box=box)
    request = GenerationRequest(words=words, controls=(control,), sampling=Sampling(steps=1))
    again = Recorded.from_json(Recorded(request=request).to_json()).request
    assert again.get(FaceControl) == control
    old = FaceControl(picture=A)
    assert "box" not in GenerationRequest(words=words, controls=(old,)).to_dict()["controls"][0]


@pytest.mark.parametrize("box", [(0.4, 0.1, 0.2, 0.5), (0, 0, 2, 1), "face", (0, 0, 1), [0.5] * 4])
def test_a_box_that_is_none_is_one_sentence(box: Any):
    with pytest.raises(BadInput, match="face"):
        FaceControl(picture=A, box=box)


@pytest.mark.ui
def test_the_page_shows_the_box_and_lets_another_be_marked(
    visit: Callable[..., Any], server: Server, tmp_path: Path
):
    sample = sample_worn(HELD_OUT + 91_000)
    face, cloth = tmp_path / "face.png", tmp_path / "cloth.png"
    Image.fromarray(sample.picture).save(face)
    Image.new("RGB", (128, 128), (120, 20, 30)).save(cloth)
    page = visit(server.url)
    model_ready(page)
    new_project(page, "Face")
    write(page, "a woman in a red coat")
    page.wait_for_selector('.ref-tile[data-role="face"]')

    def give(path: Path) -> None:
        tile = page.locator('.ref-tile[data-role="face"]')
        if tile.get_attribute("aria-expanded") != "true":
            with page.expect_file_chooser() as chooser:
                tile.click()
        else:
            with page.expect_file_chooser() as chooser:
                page.get_by_role("button", name="Another photo").click()
        chooser.value.set_files(path)

    give(face)
    page.wait_for_selector(".ref-face-box:not([hidden])")
    assert "knows drawn people only" in page.locator(".ref-said").inner_text()
    assert page.locator(".ref-face-crop").is_visible()
    give(cloth)
    page.wait_for_selector(".ref-said.bad")
    assert "mark it" in page.locator(".ref-said").inner_text()
    assert page.locator(".ref-face-box").is_hidden()
    page.wait_for_selector("#generate[disabled]")
    photo = page.locator(".ref-face img").bounding_box()
    x, y = photo["x"] + photo["width"] * 0.25, photo["y"] + photo["height"] * 0.25
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + photo["width"] / 2, y + photo["height"] / 2, steps=4)
    page.mouse.up()
    page.wait_for_selector(".ref-said:not(.bad)")
    assert "marked by hand" in page.locator(".ref-said").inner_text().lower()
    page.wait_for_selector("#generate:not([disabled])")
    store = Store(server.data)
    project = next(p for p in store.projects() if p.name == "Face")
    kept = reference_views.kept(store, project.id).get(FaceControl)
    store.close()
    assert kept is not None and kept.box == pytest.approx((0.25, 0.25, 0.75, 0.75), abs=0.03)

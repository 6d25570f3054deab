"""A control that is given as a photo is on the page as soon as its own file says how."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from PIL import Image

from studio.desk import fitting_room
from studio.desk.compose import Form, compose
from studio.desk.reference_views import kept, tiles
from studio.desk.room import EngineRoom
from studio.desk.studio import Studio
from studio.errors import BadInput
from studio.gallery import Store
from studio.request import Control, Sha, control
from studio.tile import Tile


@pytest.fixture
def hat() -> Iterator[Any]:
    """A control of a test's own, known only while the test runs."""

    class Hat(Control):
        kind = "hat"
        title: ClassVar[str] = "hat"
        order = 55
        tile = Tile(
            place=45, title="Hat", about="What is on the wearer's head.", drawn="M4 18h16",
            used="this hat is worn", stronger="Higher looks more like the photo.",
        )  # fmt: skip
        picture: Sha

    yield Hat
    del control._KINDS["hat"]


def never() -> Any:
    """An engine that is still loading."""
    raise AssertionError("nothing here loads a model")


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    store = Store(tmp_path / "data")
    uploads = tmp_path / "uploads"
    uploads.mkdir()
    yield Studio(store, EngineRoom(never), uploads)
    store.close()


def test_it_has_a_tile_among_the_others(hat: Any):
    told = {tile["role"]: tile for tile in tiles()}
    assert list(told) == ["garment", "person", "pose", "face", "hat", "style"]
    assert told["hat"]["photo"] == "hat_image" and told["hat"]["title"] == "Hat"
    assert told["hat"]["stops"] == hat.stops and told["pose"]["photo"] == ""


def test_it_is_given_set_taken_again_and_cleared(studio: Studio, hat: Any):
    project = studio.open("")["project"]["value"]

    def act(verb: str, **event: object) -> Any:
        event = {"verb": verb, "role": "hat", **event}
        return fitting_room.act(studio, project, event, {}, Form())["references"]["value"]["hat"]

    def given(colour: str) -> str:
        path = studio.uploads / "hat.png"
        Image.new("RGB", (80, 80), colour).save(path)
        return act("put", path=str(path))["picture"]

    first = given("red")
    shown = act("set", what="strength", value="1,3")
    assert (shown["picture"], shown["strength"]) == (first, 1.3)
    assert (shown["said"], shown["problem"]) == ("this hat is worn", "")
    second = given("green")
    assert second != first and kept(studio.store, project).controls == (
        hat(picture=second, strength=1.3),
    )
    assert studio.store.recent_references(project, "hat_image") == (second, first)
    for refused in ({"what": "strength", "value": 3}, {"what": "picture", "value": first}):
        with pytest.raises(BadInput):
            act("set", **refused)
    with pytest.raises(BadInput, match="photo first"):
        act("mask")
    assert act("again", sha=first)["picture"] == first
    wish = compose(Form(prompt="a coat", seed="1"), None, None, kept(studio.store, project))
    assert wish.controls == (hat(picture=first, strength=1.3),)
    assert act("clear") is None and kept(studio.store, project).controls == ()

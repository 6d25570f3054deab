"""The page, the command line and the evaluation make the same request of the same wish."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.samebytes import present
from tests.samebytes.making import Doors, ask, entries

DOORS = ("page", "command_line", "evaluation")
WISHES = [wish["id"] for wish in entries("wishes")]
DRAGGED = "component-dragged"
"""Only the page has words for places that are shown by hand."""


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    """All three, to one engine and one studio."""
    opened = present.doors(present.engine(None), tmp_path_factory.mktemp("doors"))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def said(doors: Any) -> dict[str, dict[str, Any]]:
    """Wish -> door -> the JSON of its request and, where the door keeps it, of what was found.

    A door that has no words for the wish is not there.
    """
    told: dict[str, dict[str, Any]] = {}
    for wish in entries("wishes"):
        of_wish = told[wish["id"]] = {}
        for door in DOORS:
            answer = ask(getattr(doors, door), wish)
            if not isinstance(answer, str):
                kept = None if door == "evaluation" else doors.kept.to_json()
                of_wish[door] = json.dumps(answer[0].to_dict()), kept
    return told


@pytest.mark.parametrize("wish", [wish for wish in WISHES if wish != DRAGGED])
def test_every_door_makes_the_same_request(said: dict[str, dict[str, Any]], wish: str) -> None:
    of_wish = said[wish]
    assert len(of_wish) > 1, "only one door has words for this wish"
    assert len({request for request, _ in of_wish.values()}) == 1, of_wish
    assert len({kept for _, kept in of_wish.values() if kept}) == 1, of_wish


def test_most_wishes_are_said_by_all_doors(said: dict[str, dict[str, Any]]) -> None:
    assert len(WISHES) == 60
    assert sum(len(of_wish) == len(DOORS) for of_wish in said.values()) >= 50
    assert [wish for wish, of_wish in said.items() if len(of_wish) < 2] == [DRAGGED]

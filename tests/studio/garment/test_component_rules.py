"""The geometry of components: what Python and the page's JavaScript both hold to.

`tests/js/parts.test.js` reads the same table.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from studio.desk import parts_table
from studio.garment.document import Group, centre, mirrored, moved_to, read_document, row
from studio.garment.requests import counted

TABLE = json.loads((Path(__file__).parents[2] / "component_rules.json").read_text("utf-8"))


def group(data: Mapping[str, Any]) -> Group:
    """A group as the page has it."""
    (read,) = read_document(json.dumps({"v": 1, "groups": [data]})).groups
    return read


RULES: dict[str, Callable[..., Any]] = {
    "centre": centre,
    "mirrored": mirrored,
    "movedTo": lambda box, x, y: Group("pocket", "left hip", boxes=(moved_to(box, x, y),)).boxes[0],
    "row": row,
    "withEnds": lambda data, ends: replace(group(data), ends=ends).to_dict(),
    "counted": lambda data: counted(group(data).count, data["kind"]),
}


def plain(value: Any) -> Any:
    """Tuples as JSON has them."""
    return json.loads(json.dumps(value))


@pytest.mark.parametrize("case", TABLE["same"], ids=lambda case: case["rule"])
def test_a_rule_gives_what_the_page_gives(case: dict[str, Any]):
    assert plain(RULES[case["rule"]](*case["given"])) == case["gives"]


@pytest.mark.parametrize("case", TABLE["drags"], ids=lambda case: case["rule"])
def test_what_the_page_has_moved_is_kept_as_it_is(case: dict[str, Any]):
    assert plain(group(case["gives"]).to_dict()) == case["gives"]


def test_the_page_is_told_of_every_kind():
    assert parts_table.kinds() == TABLE["kinds"]

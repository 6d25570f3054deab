"""A number field that is left empty says again what it said before, and that is kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from studio.gallery import Store
from tests.reports.test_kept_page import until
from tests.serving import Server
from tests.ui.steps import new_project, settings, write

pytestmark = pytest.mark.ui


def test_an_emptied_number_comes_back(visit: Callable[..., Any], server: Server):
    page = visit(server.url)
    new_project(page, "Numbers")
    write(page, "a coat with five buttons")
    settings(page, steps=7)
    page.locator(".component-count input").wait_for()

    def drafted() -> dict[str, Any]:
        store = Store(server.data)
        text = next(p.draft for p in store.projects() if p.name == "Numbers")
        store.close()
        return json.loads(text)

    told: list[Any] = []
    page.on("request", lambda r: told.append(r.post_data) if "/run/" in r.url else None)
    fields = {
        name: page.locator(f"#{name} input:not([type=range])").first
        for name in ("steps", "text", "sketch", "seed")
    }
    fields["count"] = page.locator(".component-count input").first
    before = {name: field.input_value() for name, field in fields.items()}
    assert (before["steps"], before["count"]) == ("7", "5")
    for name, field in fields.items():
        field.fill("")
        field.blur()
        assert field.input_value() == before[name], name
    # Not what was written on the way to the empty field, although that was heard.
    with page.expect_response(lambda r: '3,"unipc"' in (r.request.post_data or "")):
        fields["steps"].fill("3")
    until(lambda: drafted()["steps"] == 3)
    fields["steps"].fill("")
    fields["steps"].blur()
    assert fields["steps"].input_value() == "7"
    until(lambda: drafted()["steps"] == 7)
    fields["steps"].fill("2.5")
    fields["steps"].blur()
    assert fields["steps"].input_value() == "7"
    fields["steps"].fill("12")
    fields["steps"].blur()
    until(lambda: drafted()["steps"] == 12)
    assert drafted()["seed"] == before["seed"]
    # Nobody was told of an empty field.
    data = [json.loads(text)["data"] for text in told if text]
    assert not any(value is None for values in data if len(values) > 9 for value in values[-12:])

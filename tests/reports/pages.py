"""A page without a browser: what it was told, what it shows, what it sends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from studio.desk.compose import Form
from studio.desk.room import EngineRoom
from studio.desk.studio import Studio
from studio.gallery import Store
from studio.gallery.layers import read_strokes


def never() -> Any:
    """An engine that is still loading."""
    raise AssertionError("nothing here loads a model")


def opened_studio(tmp_path: Path) -> Iterator[Studio]:
    """A studio whose model never comes."""
    store = Store(tmp_path / "data")
    (tmp_path / "uploads").mkdir()
    yield Studio(store, EngineRoom(never), tmp_path / "uploads")
    store.close()


class Page:
    """A page as the browser has it: what it was told, what it shows, what it sends."""

    names = 0

    def __init__(self, studio: Studio, project: str = "") -> None:
        Page.names += 1
        self.name = f"page{Page.names}"
        self.studio = studio
        shown = studio.open(project)
        self.project = shown["project"]["value"]
        value = shown["board"]["value"]
        self.strokes = json.loads(value["doc"])["sides"]["front"][0]["strokes"]
        self.photo, self.parts, self.seen = value["photo"], value["parts"], value["seen"]
        self.form = Form(**self.seen["form"])
        self.asked: Any = None

    def board(self) -> dict[str, Any]:
        sides = {"front": [{"id": "ink", "kind": "ink", "strokes": self.strokes}], "back": []}
        return {
            "doc": json.dumps({"v": 2, "sides": sides}), "photo": self.photo, "parts": self.parts,
            "project": self.project, "e": 1, "n": 1, "seen": self.seen | {"page": self.name},
        }  # fmt: skip

    def heard(self, updates: dict[str, Any]) -> dict[str, Any]:
        change = updates.get("board", {}).get("change", {})
        if "doc" in change:
            self.strokes = json.loads(change["doc"])["sides"]["front"][0]["strokes"]
        self.photo = change.get("photo", self.photo)
        self.parts = change.get("parts", self.parts)
        self.seen = self.seen | change.get("seen", {})
        fields = {n: updates[n]["value"] for n in ("prompt", "negative", "steps") if n in updates}
        self.form = Form(**(vars(self.form) | fields))
        self.asked = updates.get("reading", {}).get("asked", self.asked)
        return updates

    def draw(self, *names: str, without: str = "") -> dict[str, Any]:
        self.strokes = [s for s in self.strokes if s["id"] != without]
        for name in names:
            at = 100 + 40 * len(self.strokes)
            stroke = {"id": name, "t": "pen", "w": 8, "m": 0, "p": [at, at, 1, at + 90, at, 1]}
            self.strokes.append(stroke)
        return self.heard(self.studio.draw(self.project, self.board(), self.form))

    def write(self, **fields: Any) -> dict[str, Any]:
        self.form = Form(**(vars(self.form) | fields))
        return self.heard(self.studio.write(self.project, self.board(), self.form))

    @property
    def drawn(self) -> list[str]:
        return [stroke["id"] for stroke in self.strokes]

    def kept(self) -> list[str]:
        sketch = self.studio.store.latest_sketch(self.project)
        return [stroke.id for stroke in read_strokes(sketch.strokes)] if sketch else []

    def words(self) -> str:
        return json.loads(self.studio.store.project(self.project).draft).get("prompt", "")

    def numbers(self) -> tuple[Any, ...]:
        """The numbers of what stands on the server."""
        there = self.studio.tick(self.project, "")["board"]["there"]
        return tuple(there[name] for name in ("ink", "parts", "words"))

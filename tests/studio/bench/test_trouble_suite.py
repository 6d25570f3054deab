"""Kills in the write layer are counted, add up, and lose nothing."""

import json
from pathlib import Path

import pytest

from studio.bench import Options, run_suite, trouble
from studio.bench.trouble import earlier, keep_tally, kill_writers, look_for
from studio.bench.troubles import Tally, orphans
from studio.errors import BadInput
from studio.gallery import Store
from tests.studio.gallery.made import png


def test_writers_are_killed_and_what_they_told_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(trouble, "TALLY", tmp_path / "trouble.json")
    tally = Tally()
    kill_writers(tmp_path / "data", tally)
    assert tally.counts["kills"] == tally.counts["kills_write"] == 2
    assert not tally.said
    keep_tally(tally)
    again = Tally(earlier(tmp_path / "trouble.json"))
    again.kill("tab")
    assert (again.counts["kills"], again.counts["kills_tab"]) == (3, 1)


def test_what_is_lost_is_counted_and_said(tmp_path: Path):
    store, tally = Store(tmp_path), Tally()
    project = store.first_project().id
    store.save_draft(project, json.dumps({"prompt": "a coat, words 3", "seed": "1"}))
    told = [("stroke", "gone"), ("word", f"{project} 4"), ("word", f"{project} 3")]
    look_for(store, project, [*told, ("picture", f"none {'0' * 64}")], tally)
    lost = {name: tally.counts[f"lost_{name}"] for name in ("strokes", "words", "pictures")}
    assert lost == {"strokes": 1, "words": 1, "pictures": 1} and len(tally.said) == 3
    store.blobs.put(png(1, 2, 3))
    orphans(store, tally)
    assert tally.counts["orphan_files"] == 0  # it was swept
    store.close()


@pytest.mark.parametrize("minutes", [0, -1, 1e9])
def test_no_time_is_refused(minutes: float):
    with pytest.raises(BadInput, match="minutes"):
        run_suite("trouble", Options(minutes=minutes))


@pytest.mark.parametrize("text", ["{", "[]", '{"kills": "many"}'])
def test_a_count_that_cannot_be_read_is_told(tmp_path: Path, text: str):
    (tmp_path / "trouble.json").write_text(text)
    if text == "[]":
        assert earlier(tmp_path / "trouble.json")["kills"] == 0
        return
    with pytest.raises(BadInput, match="remove it"):
        earlier(tmp_path / "trouble.json")

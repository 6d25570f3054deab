"""The gallery suite really fills a gallery, and its numbers mean what their names say."""

import json
from pathlib import Path

import pytest

from studio.bench import Options, gallery, run_suite
from studio.cli import main
from studio.errors import BadInput
from studio.gallery import Store


def test_the_suite_writes_its_numbers(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    numbers = tmp_path / "numbers.json"
    asked = ["bench", "gallery", "--variants", "300", "--limit", "5", "--json", str(numbers)]
    assert main(asked) == 0
    metrics = json.loads(numbers.read_text())
    assert set(metrics) >= {"page_p95_ms", "search_p95_ms", "lineage_p95_ms", "page_median_ms"}
    for name in ("page", "search", "lineage"):
        assert 0 < metrics[f"{name}_median_ms"] <= metrics[f"{name}_p95_ms"]
    out = capsys.readouterr().out
    assert "300 search" in out and "30 page" in out


def test_what_is_measured_is_a_gallery_as_people_fill_it(tmp_path: Path):
    store = Store(tmp_path)
    wardrobe = gallery._Wardrobe(store, tmp_path)
    wardrobe.fill(600)
    large = store.projects()[-1].id
    assert store.count_variants(large) + store.count_variants(large, trashed=True) > 450
    assert len(store.variants(large).variants) == 48
    for search in ("buttons", "left chest pocket", "lookbook"):
        assert store.variants(large, search=search).variants
    families = [len(store.lineage(v.id)) for v in store.variants(large, limit=100).variants]
    assert max(families) > 2
    store.close()


@pytest.mark.parametrize("number", [0, -5])
def test_an_impossible_number_is_a_sentence(number: int):
    with pytest.raises(BadInput, match="variants"):
        run_suite("gallery", Options(variants=number))

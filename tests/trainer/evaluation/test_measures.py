"""The yardsticks against published values and hand-made cases."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from studio.errors import BadInput
from studio.garment.spec import Component
from studio.vision.colour import ciede2000, lab
from trainer.evaluation.measures import Scores, estimate, flat_metrics, matched_distances, overlap
from trainer.evaluation.report import main, read_metrics, table_of
from trainer.evaluation.result import Result, markdown_table

# From the test data of Sharma, Wu and Dalal (2005), table 1.
SHARMA = [
    ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
    ((50.0, -1.3802, -84.2814), (50.0, 0.0, -82.7485), 1.0000),
    ((50.0, 2.49, -0.001), (50.0, -2.49, 0.0009), 7.1792),
    ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ((22.7233, 20.0904, -46.6940), (23.0331, 14.9730, -42.5619), 2.0373),
    ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
]


@pytest.mark.parametrize(("one", "other", "wanted"), SHARMA)
def test_ciede2000_has_the_published_values(one: tuple, other: tuple, wanted: float) -> None:
    assert float(ciede2000(one, other)) == pytest.approx(wanted, abs=1e-4)
    assert float(ciede2000(other, one)) == pytest.approx(wanted, abs=1e-4)


def test_lab_of_known_colours() -> None:
    assert lab((255, 255, 255)) == pytest.approx((100, 0, 0), abs=0.02)
    assert lab((255, 0, 0)) == pytest.approx((53.24, 80.09, 67.20), abs=0.02)


def component(kind: str, x: float, y: float) -> Component:
    place = {"button": "centre front", "pocket": "left hip"}[kind]
    return Component(kind, place, (x - 0.01, y - 0.01, x + 0.01, y + 0.01))


def test_places_are_matched_one_to_one_within_a_kind() -> None:
    asked = [component("button", 0.5, 0.3), component("button", 0.5, 0.4)]
    one = [component("button", 0.5, 0.35), component("pocket", 0.5, 0.4)]
    assert sorted(matched_distances(asked, one)) == pytest.approx([0.05, float("inf")])
    crossed = [component("button", 0.5, 0.41), component("button", 0.5, 0.31)]
    assert matched_distances(asked, crossed) == pytest.approx([0.01, 0.01])
    assert matched_distances(asked, []) == [float("inf")] * 2
    assert matched_distances([], crossed) == []


def test_overlap_of_masks() -> None:
    one, other = np.zeros((4, 4), np.uint8), np.zeros((4, 4), np.uint8)
    assert overlap(one, other) == 1
    one[:2], other[1:3] = 255, 255
    assert overlap(one, other) == pytest.approx(1 / 3)


def test_estimates_hold_the_mean_in_their_interval() -> None:
    scores = Scores()
    for i in range(200):
        scores.add("right", i % 4 == 0)
    value = scores.estimates()["right"]
    assert value.mean == 0.25 and value.n == 200
    assert 0.17 < value.low < 0.25 < value.high < 0.33
    assert flat_metrics({"right": value})["right_n"] == 200
    with pytest.raises(ValueError, match="nothing"):
        estimate([])


def test_tables_line_up_and_files_are_flat(tmp_path: Path) -> None:
    table = markdown_table(("what", "value"), [["psnr", "32.1"], ["colour, mean", "4"]])
    assert len({len(line) for line in table.splitlines()}) == 1
    result = Result("vae", table, {"psnr": 32.1, "n": 4}, ("A note.",))
    result.write_json(tmp_path / "vae.json")
    assert json.loads((tmp_path / "vae.json").read_text()) == {"psnr": 32.1, "n": 4}
    written = result.write_table(tmp_path, "python -m trainer evaluate vae").read_text()
    assert "A note." in written and "python -m trainer evaluate vae" in written


def test_report_reads_what_the_suites_write(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = {
        "words_garment": 0.9, "words_garment_low": 0.86, "words_garment_high": 0.93,
        "words_garment_n": 300, "ceiling_words_garment": 0.97, "ratio_words_garment": 0.928,
    }  # fmt: skip
    vae = {"psnr": 32.5, "psnr_components": 24.25, "delta_e_navy": 3.0, "delta_e_black": 5.0,
           "delta_e_largest": 5.0, "swatch_delta_e_largest": 4.0}  # fmt: skip
    for name, data in (("base", base), ("vae", vae)):
        (tmp_path / f"{name}.json").write_text(json.dumps(data))
    assert main([str(tmp_path / "base.json"), str(tmp_path / "vae.json")]) == 0
    shown = capsys.readouterr().out
    assert "0.900 (0.860–0.930)" in shown and "0.93" in shown and "largest (black)" in shown
    assert "4.00" in shown and "24.250" in shown
    (tmp_path / "bad.json").write_text('{"psnr": "good"}')
    with pytest.raises(BadInput, match="flat object"):
        read_metrics(tmp_path / "bad.json")
    with pytest.raises(BadInput, match="no suite"):
        table_of({"seconds": 1.0})
    assert main([str(tmp_path / "none.json")]) == 2

"""What grows is told from what is flat, users' files from nobody's, and a command says which."""

import random
from pathlib import Path

import pytest

from studio.bench import Options, run_suite, steady
from studio.bench.guests import ACTS, Guest
from studio.bench.levels import named, of_files
from studio.bench.trends import Point, trend
from studio.cli import main
from studio.errors import BadInput
from studio.gallery import Store
from tests.studio.gallery.made import new, png

MINUTES = 45


def readings(an_hour: float, level: float = 1000.0, noise: float = 0.0) -> list[Point]:
    """Twice a minute; in the first third everything grows, since everything is new then."""
    dice = random.Random(7)
    settled = MINUTES * 60 / 3
    return [
        (t, level + an_hour * t / 3600 - max(settled - t, 0) + dice.uniform(-noise, noise))
        for t in range(0, MINUTES * 60 + 1, 30)
    ]


@pytest.mark.parametrize(
    ("an_hour", "level", "noise", "verdict"),
    [
        (0, 1000, 0, "flat"), (49, 1000, 0, "flat"), (60, 1000, 0, "grows"),
        (-400, 1000, 0, "flat"), (200, 1000, 100, "grows"), (0, 1000, 100, "flat"),
        (4, 10, 0, "flat"), (6, 10, 0, "grows"), (300, 1000, 2000, "unclear"),
    ],
)  # fmt: skip
def test_what_grows_is_told_from_what_is_flat(
    an_hour: float, level: float, noise: float, verdict: str
):
    line = trend(readings(an_hour, level, noise))
    assert line is not None and line.verdict(share=0.05, least=5) == verdict
    if not noise:
        assert line.an_hour == pytest.approx(an_hour, abs=1e-6)


def test_a_high_reading_now_and_then_turns_no_line():
    points = [(t, v + 5000 * (i % 9 == 8)) for i, (t, v) in enumerate(readings(0))]
    line = trend(points)
    assert line is not None and line.verdict(0.05, 5) == "flat" and line.level == 1000


def test_settling_in_does_not_count():
    slow = [(float(t), float(min(t, 2000))) for t in range(0, MINUTES * 60, 30)]
    early, late = trend(slow), trend(slow, after=2000)
    assert early is not None and early.verdict(0.05, 5) == "grows"
    assert late is not None and late.verdict(0.05, 5) == "flat"
    assert trend(slow, after=MINUTES * 60 - 60) is None


@pytest.mark.parametrize("points", [[], [(0.0, 1.0)], [(float(t), 1.0) for t in range(4)]])
def test_too_few_readings_say_nothing(points: list[Point]):
    assert trend(points) is None


def test_files_of_users_are_told_from_those_of_nobody(tmp_path: Path):
    data, temporary = tmp_path / "data", tmp_path / "temporary"
    store = Store(data)
    project = store.first_project().id
    kept = store.add(project, new(1, "a coat"))
    store.save_sketch(project, "{}", png(1, 2, 3))
    store.blobs.thumbnail(kept.picture_sha)
    before = of_files(data, temporary, named(data))
    assert (before["users_files"], before["other_files"]) == (3, 0)
    assert before["wal_mb"] > 0
    store.blobs.put(png(9, 9, 9))  # a file without a row
    store.keep_picture(png(8, 8, 8))  # one with a row that nothing names
    (data / "blobs" / "00").mkdir(exist_ok=True)
    (data / "blobs" / "00" / ".part-x").write_bytes(b"half")
    (temporary / "gradio" / "folder").mkdir(parents=True)
    (temporary / "gradio" / "folder" / "given.png").write_bytes(b"0" * 2**20)
    after = of_files(data, temporary, named(data))
    assert after["users_files"] == 3
    assert after["other_files"] == 3 + 3  # folders that stay count as well
    assert 1 < after["other_mb"] < 1.01
    store.close()


def calm() -> dict[str, list[Point]]:
    return dict.fromkeys(steady.RULES, readings(0))


def test_what_is_not_flat_is_named():
    done = dict.fromkeys(ACTS, 3)
    assert steady.judged(calm(), done, [], MINUTES).problem == ""
    growing = calm() | {"server_mb": readings(300), "other_files": readings(20, 10)}
    result = steady.judged(growing, done, [], MINUTES)
    assert result.problem == "It grows: server: memory (MB), files of nobody."
    assert result.metrics["server_mb_an_hour"] == 300 and result.metrics["growing"] == 2
    # What users make may grow.
    assert not steady.judged(calm() | {"users_mb": readings(900)}, done, [], MINUTES).problem
    few = steady.judged(calm() | {"wal_mb": []}, done | {"compare": 0}, ["answer 500"], MINUTES)
    assert few.problem == (
        "More minutes are needed to tell: log of the database (MB). 1 things went wrong. "
        "Never done: compare."
    )


@pytest.mark.parametrize("minutes", [0, -1, 1e9])
def test_no_time_is_refused(minutes: float):
    with pytest.raises(BadInput, match="minutes"):
        run_suite("steady", Options(minutes=minutes))


@pytest.mark.parametrize(("an_hour", "status"), [(0, 0), (900, 1)])
def test_the_command_ends_with_1_where_something_grows(
    an_hour: float, status: int, chromium: str, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):  # fmt: skip
    guest = Guest("Stays", [], "", 0, {}, 30)
    guest.done.update([*ACTS])
    guest.settled = 0.0
    read = calm() | {"server_mb": readings(an_hour)}
    monkeypatch.setattr(steady, "_afternoon", lambda *_: ([guest], read))
    assert main(["bench", "steady", "--minutes", "45"]) == status
    assert ("It grows: server: memory (MB)." in capsys.readouterr().err) is bool(status)

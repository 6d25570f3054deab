"""A shared page always has a password, and a taken port is a sentence."""

import socket
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

import app
from studio.desk.compose import Form
from studio.desk.job import Job
from studio.desk.pace import BATCHES_A_MINUTE, Pace
from studio.desk.room import EngineRoom
from studio.desk.studio import Studio
from studio.errors import BadInput
from studio.gallery import Store
from studio.page.serve import free_port
from studio.page.sharing import LONGEST_ADDRESS, PASSWORD_LENGTH, USER, new_door, qr_svg
from tests.flat import recorded_of


def never() -> Any:
    """An engine that is still loading."""
    raise AssertionError("nothing here loads a model")


def test_only_the_right_name_and_password_come_in():
    door, password = new_door()
    assert len(password) == PASSWORD_LENGTH
    assert door.admits(USER, password)
    assert not door.admits(USER, password[:-1])
    assert not door.admits("admin", password)
    assert not door.admits(USER, "")
    assert not door.admits("\ud800é", "\ud800")
    assert password.encode() not in door.digest + door.salt


def test_what_comes_too_soon_waits():
    now = [100.0]
    pace = Pace(most=2, seconds=60, clock=lambda: now[0])
    assert pace.begin() == 0
    now[0] += 30
    assert pace.begin() == 0
    assert pace.begin() == 30
    now[0] += 29.9
    assert pace.begin() == 1
    now[0] += 0.1
    assert pace.begin() == 0
    assert pace.begin() == 30


def test_a_pace_counts_each_key_and_forgets_old_ones():
    now = [0.0]
    pace = Pace(2, clock=lambda: now[0])
    assert [pace.begin("a") for _ in range(3)] == [0, 0, 60]
    assert pace.begin("b") == 0
    now[0] = 60.5
    assert pace.begin("a") == 0
    for n in range(10_000):
        assert pace.begin(f"address {n}") == 0
    assert len(pace._begun) <= 4096


def test_a_shared_page_begins_a_few_batches_a_minute(tmp_path: Path):
    store = Store(tmp_path / "data")
    studio = Studio(store, EngineRoom(never), tmp_path)
    project = store.first_project().id
    studio.share_url = "https://toile.gradio.live"
    for n in range(BATCHES_A_MINUTE):
        studio.enter(Job(project, (recorded_of(prompt=f"coat {n}"),)), Form())
    with pytest.raises(BadInput, match="everybody can begin 6 batches a minute: try again in"):
        studio.enter(Job(project, (recorded_of(prompt="one more"),)), Form())
    studio.share_url = ""
    studio.enter(Job(project, (recorded_of(prompt="one more"),)), Form())
    studio.jobs.close()
    store.close()


def test_each_start_has_its_own_password():
    assert new_door()[1] != new_door()[1]


def test_a_taken_port_is_a_sentence_when_asked_for_and_skipped_when_not():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(BadInput, match=f"Port {port} is taken"):
            free_port("127.0.0.1", port)
        found = free_port("127.0.0.1", None)
        assert found != port


def test_an_address_of_another_machine_is_a_sentence():
    with pytest.raises(BadInput, match="not an address of this machine"):
        free_port("192.0.2.1", None)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--port", "0"), "Port 0 does not exist"),
        (("--port", "70000"), "Port 70000 does not exist"),
        (("--host", " "), "address"),
    ],
)
def test_what_cannot_start_is_one_sentence(
    arguments: tuple[str, ...], says: str, capsys: pytest.CaptureFixture[str]
):
    assert app.main([*arguments]) == 2
    said = capsys.readouterr().err
    assert says in said and len(said.strip().splitlines()) == 1


def test_a_database_of_a_newer_version_is_one_sentence(root: Path, tmp_path: Path):
    import contextlib
    import sqlite3

    from studio.gallery import Store

    Store(tmp_path).close()
    with contextlib.closing(sqlite3.connect(tmp_path / "toile.db")) as db, db:
        db.execute("UPDATE schema_version SET version = 99")
    done = subprocess.run(
        [sys.executable, "app.py", "--data-dir", str(tmp_path)],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 2
    assert "newer version of Toile" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_code_holds_an_address_and_nothing_that_a_page_could_run():
    drawn = qr_svg(f"http://192.168.1.20:7860/toile/vote/{'Se1rTfSRI6' * 4}Y9c")
    root = ElementTree.fromstring(drawn)
    assert root.get("viewBox") == "0 0 45 45"  # version 5 of M, with four modules of white around
    assert [part.tag.split("}")[1] for part in root] == ["path"]
    assert "script" not in qr_svg("</svg><script>alert(1)</script>")
    for text in ("", "x" * (LONGEST_ADDRESS + 1)):
        with pytest.raises(BadInput, match="1 to 300 characters"):
            qr_svg(text)

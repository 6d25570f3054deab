"""Who may come in: passwords, their brake, sessions, and a start that fails."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import app
from studio.desk.studio import Studio
from studio.errors import BadInput
from studio.page.doorkeeper import WITHIN, WRONG_BY_ALL, WRONG_BY_ONE, Doorkeeper, TooMany
from studio.page.gate import COOKIE
from studio.page.serve import Server, application
from studio.page.sharing import USER, new_door
from studio.settings import Settings, this_machine_alone
from tests.reports.outsider import everything, log_in

# F5: a password whenever others can reach the page


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.2", "127.255.0.9", "localhost", "::1", "[::1]"]
)
def test_this_machine_alone_needs_no_password(host: str) -> None:
    assert this_machine_alone(host)
    assert not Settings(host=host).needs_password


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "192.168.1.20", "10.0.0.7", "studio.school", "1.2.3.4"]
)
def test_a_studio_that_listens_beyond_this_machine_has_a_password(host: str) -> None:
    assert Settings(host=host).needs_password
    assert Settings(share=True).needs_password
    assert Settings(allowed_hosts=("toile.example",)).needs_password
    assert Settings(password="eight or more").needs_password


def test_without_a_session_nothing_of_a_project_is_shown(
    studio: Studio, guarded: TestClient
) -> None:
    for address in everything(studio):
        assert guarded.get(address).status_code == 401, address
    for address in ("/gradio_api/run/predict", "/gradio_api/upload", "/toile/export",
                    "/toile/import", "/gradio_api/queue/join"):  # fmt: skip
        assert guarded.post(address, json={}).status_code in (401, 404), address
    page = guarded.get("/")
    assert page.status_code == 200 and 'type="password"' in page.text
    assert studio.store.first_project().id not in page.text


@pytest.mark.parametrize("token", ["", "x", "a" * 43, "../..", "é"])
def test_a_session_cannot_be_invented(guarded: TestClient, token: str) -> None:
    cookie = f"{COOKIE}={token}".encode("latin-1", "ignore")
    assert guarded.get("/config", headers=[(b"cookie", cookie)]).status_code == 401


def test_the_right_password_opens_everything(
    studio: Studio, guarded: TestClient, password: str
) -> None:
    answer = log_in(guarded, password)
    assert answer.status_code == 200
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "samesite=lax" in cookie.lower() and "Secure" not in cookie
    assert guarded.get("/config").status_code == 200
    shown = [guarded.get(a).status_code for a in everything(studio)[2:8]]
    assert shown == [200, 200, 200, 404, 200, 200]  # nothing is drawn yet
    assert guarded.get("/gradio_api/token").status_code == 404


def test_a_browser_is_led_on_and_told(guarded: TestClient, password: str) -> None:
    wrong = log_in(guarded, "no such thing", accept="text/html")
    assert wrong.status_code == 401 and "Name or password is wrong" in wrong.text
    right = log_in(guarded, password, accept="text/html")
    assert right.status_code == 303 and right.headers["location"] == "/"


@pytest.mark.parametrize("body", [b"", b"\xff" * 100, b"a=b&" * 1000, b"x" * 100_000, b"password="])
def test_rubbish_at_the_door_is_a_wrong_password(guarded: TestClient, body: bytes) -> None:
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
                 "multipart/form-data", "application/json"):  # fmt: skip
        answer = guarded.post("/login", content=body, headers={"content-type": kind})
        assert answer.status_code in (401, 429)


# Passwords of one's own


def test_a_password_comes_out_of_a_file_or_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "password"
    file.write_text("pins and needles\nsecond line\n")
    assert app.parse(["--password-file", str(file)]).password == "pins and needles"
    monkeypatch.setenv(app.PASSWORD, "thread and bobbin")
    given = app.parse([])
    assert given.password == "thread and bobbin" and "bobbin" not in repr(given)
    assert app.PASSWORD not in os.environ  # nothing that is started from here gets it


@pytest.mark.parametrize("text", ["", "\n\n", "short", "1234567\n"])
def test_a_password_that_is_none_is_a_sentence(tmp_path: Path, text: str) -> None:
    file = tmp_path / "password"
    file.write_text(text)
    for path in (file, tmp_path / "nothing", tmp_path):
        with pytest.raises(BadInput, match="password"):
            app.parse(["--password-file", str(path)])


@pytest.mark.parametrize(
    "arguments",
    [("--root-path", "a b"), ("--root-path", "/x?y"), ("--root-path", "/../x"),
     ("--allowed-host", "https://x.example"), ("--allowed-host", "x/y"), ("--allowed-host", "")],
)  # fmt: skip
def test_paths_and_names_that_cannot_be_are_a_sentence(arguments: tuple[str, ...]) -> None:
    with pytest.raises(BadInput, match="give one such as"):
        app.parse([*arguments])


# F6: a brake


def test_wrong_passwords_are_counted_by_address_and_in_all() -> None:
    door, right = new_door()
    now = [0.0]
    keeper = Doorkeeper(door, lambda: now[0])

    async def tries() -> None:
        for _ in range(WRONG_BY_ONE):
            assert await keeper.enter(USER, "x", "10.0.0.1") == ""
        with pytest.raises(TooMany, match="Too many wrong passwords: try again in 300 s"):
            await keeper.enter(USER, right, "10.0.0.1")
        assert await keeper.enter(USER, right, "10.0.0.2")
        now[0] += WITHIN
        assert await keeper.enter(USER, right, "10.0.0.1")
        for n in range(WRONG_BY_ALL):
            assert await keeper.enter(USER, "x", f"10.0.1.{n}") == ""
        with pytest.raises(TooMany):
            await keeper.enter(USER, right, "10.0.9.9")
        assert await keeper.enter(USER, right, "127.0.0.1")  # this machine's own people

    asyncio.run(tries())


def test_two_hundred_wrong_passwords_are_soon_refused(guarded: TestClient) -> None:
    answers = [log_in(guarded, f"wrong {n}").status_code for n in range(200)]
    assert answers[:WRONG_BY_ONE] == [401] * WRONG_BY_ONE
    assert answers[WRONG_BY_ONE:] == [429] * (200 - WRONG_BY_ONE)


def test_the_loop_goes_on_while_passwords_are_looked_at() -> None:
    """Many at once: few are looked at, the others are turned away, and nobody else waits."""
    door, _ = new_door()
    keeper = Doorkeeper(door)

    async def crowd() -> tuple[int, int]:
        beats = 0
        done = asyncio.Event()

        async def pulse() -> None:
            nonlocal beats
            while not done.is_set():
                beats += 1
                await asyncio.sleep(0)

        heart = asyncio.create_task(pulse())
        tries = [keeper.enter(USER, "x", f"10.0.0.{n}") for n in range(60)]
        answers = await asyncio.gather(*tries, return_exceptions=True)
        done.set()
        await heart
        return beats, sum(isinstance(a, TooMany) for a in answers)

    beats, refused = asyncio.run(crowd())
    assert beats > 50 and refused == 50


# F20: a start that fails is a sentence


def test_a_server_that_does_not_come_up_is_a_sentence(studio: Studio) -> None:
    import socket

    given = Settings(data_dir=studio.store.data_dir)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        server = Server(application(studio, given), "127.0.0.1", port)
        began = time.monotonic()
        with pytest.raises(BadInput, match=f"could not be opened at port {port}"):
            server.open()
        assert time.monotonic() - began < 60


def test_a_server_comes_up_and_goes_down(studio: Studio) -> None:
    import urllib.request

    from studio.page.serve import free_port

    given = Settings(data_dir=studio.store.data_dir)
    port = free_port("127.0.0.1", None)
    server = Server(application(studio, given), "127.0.0.1", port)
    server.open()
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/config", timeout=60) as answer:
        assert answer.status == 200
    server.close()
    assert free_port("127.0.0.1", port) == port

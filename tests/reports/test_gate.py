"""Under which name and from where the page may be asked for: tried as an outsider would."""

from __future__ import annotations

import re

import pytest
from starlette.testclient import TestClient

from studio.desk.studio import Studio
from studio.page.doorkeeper import Doorkeeper
from studio.page.gate import COOKIE
from studio.page.hosts import Names, host_name
from studio.page.sharing import new_door
from studio.settings import Settings
from tests.reports.outsider import BESIDE, HERE, an_event, everything, log_in, opened

# F4, F7, F14: names and origins


FOREIGN_HOSTS = [
    "evil.example", "evil.example:7860", "192.168.1.5", "127.0.0.1.evil.example",
    "localhost.evil.example", "abcd.gradio.live", "[2001:db8::1]:7860", "", "a b", "@",
]  # fmt: skip


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
def test_a_name_that_is_not_the_studios_is_not_answered(
    studio: Studio, alone: TestClient, host: str
) -> None:
    """A site that lets its own name point here is refused, whatever it asks for."""
    for address in ["/", *everything(studio)]:
        assert alone.get(address, headers={"host": host}).status_code == 403, address
    for address in ("/gradio_api/run/predict", "/gradio_api/upload", "/toile/export", "/login"):
        answer = alone.post(address, headers={"host": host, "origin": f"http://{host}"}, json={})
        assert answer.status_code == 403


@pytest.mark.parametrize(
    "host", ["127.0.0.1:7860", "localhost:7860", "LOCALHOST", "[::1]:7860", "127.0.0.9"]
)
def test_this_machines_own_names_are_answered(alone: TestClient, host: str) -> None:
    assert alone.get("/config", headers={"host": host}).status_code == 200


def test_own_names_allowed_ones_and_the_link_are_answered() -> None:
    link = ""
    given = Settings(host="0.0.0.0", allowed_hosts=("Toile.Example",))
    names = Names(given, lambda: link)
    assert names.admits("toile.example:443")
    assert names.admits("192.168.1.20:7860", "192.168.1.20")
    assert names.admits("192.168.1.20:7860", "::ffff:192.168.1.20")
    assert not names.admits("192.168.1.21:7860", "192.168.1.20")
    assert not names.admits("abcd.gradio.live")
    link = "https://abcd.gradio.live"
    assert names.admits("abcd.gradio.live") and not names.admits("efgh.gradio.live")
    link = ""
    assert not names.admits("abcd.gradio.live")


@pytest.mark.parametrize("host", ["a:b:c", "x" * 300, "a\0b", "[::1", "http://x", "a/b", "ü"])
def test_what_is_no_name_has_none(host: str) -> None:
    assert host_name(host) in ("", "a") and not Names(Settings()).admits(host)


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "http://127.0.0.1:9999", "http://localhost:7860", "null",
     "file://", "http://127.0.0.1:7860.evil.example", "http://[", "chrome-extension://abc"],
)  # fmt: skip
def test_another_site_can_neither_read_nor_send(
    studio: Studio, alone: TestClient, origin: str
) -> None:
    sent = {"origin": origin}
    for address in ["/", *everything(studio)]:
        answer = alone.get(address, headers=sent)
        assert answer.status_code in (403, 404), address
        assert "access-control-allow-origin" not in answer.headers
    for address in ("/gradio_api/run/predict", "/toile/export", "/toile/import", "/login"):
        assert alone.post(address, headers=sent | {"x-toile": "1"}, json={}).status_code == 403
    upload = alone.post("/gradio_api/upload", headers=sent, files={"files": ("a.png", b"x")})
    assert upload.status_code == 403
    asked = sent | {
        "access-control-request-method": "POST",
        "access-control-request-headers": "x-toile",
    }
    answer = alone.options("/toile/export", headers=asked)
    assert answer.status_code == 403 and "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize(
    ("mode", "dest"),
    [("no-cors", "image"), ("no-cors", "script"), ("navigate", "iframe"), ("cors", "empty"),
     ("navigate", "embed")],
)  # fmt: skip
def test_another_site_can_neither_show_nor_frame(
    studio: Studio, alone: TestClient, site: str, mode: str, dest: str
) -> None:
    sent = {"sec-fetch-site": site, "sec-fetch-mode": mode, "sec-fetch-dest": dest}
    for address in ["/", *everything(studio)[:6]]:
        assert alone.get(address, headers=sent).status_code == 403
    visit = sent | {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    assert alone.get("/", headers=visit).status_code == 200  # a link may lead here
    assert alone.post("/toile/export", headers=visit, json={}).status_code == 403
    assert alone.get("/logout", headers=visit).status_code == 403


def test_the_page_itself_can_do_both(alone: TestClient) -> None:
    own = {"origin": HERE, "sec-fetch-site": "same-origin"}
    assert (
        alone.post("/gradio_api/run/predict", headers=own, json=an_event(alone)).status_code == 200
    )
    upload = alone.post("/gradio_api/upload", headers=own, files={"files": ("a.png", b"x")})
    assert upload.status_code == 200


def test_a_visitor_who_is_in_is_not_used_by_another_site(
    studio: Studio, password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = Doorkeeper(new_door(password)[0])
    client = opened(studio, "http://127.0.0.1:7860", keeper=keeper, share=True)
    monkeypatch.setattr(studio, "share_url", "https://abcd.gradio.live")
    link = {"host": "abcd.gradio.live", "x-forwarded-proto": "https"}
    with client:
        answer = log_in(client, password, **link)
        assert answer.status_code == 200 and "Secure" in answer.headers["set-cookie"]
        token = re.search(rf"{COOKIE}=([^;]+)", answer.headers["set-cookie"])
        assert token
        link["cookie"] = f"{COOKIE}={token[1]}"
        assert client.get("/config", headers=link).status_code == 200
        evil = link | {"origin": "https://evil.example", "x-toile": "1"}
        for address in ("/config", "/gradio_api/token", "/gradio_api/info"):
            assert client.get(address, headers=evil).status_code in (403, 404)
        project = studio.store.first_project().id
        asked = {"project": project, "what": "project"}
        assert client.post("/toile/export", headers=evil, json=asked).status_code == 403
        own = link | {"origin": "https://abcd.gradio.live", "x-toile": "1"}
        assert client.post("/toile/export", headers=own, json=asked).status_code == 200
        studio.share_url = ""  # the link is closed: its name is nobody's
        assert client.get("/config", headers=link).status_code == 403


# F15, F16: leaving, and headers


def test_leaving_ends_one_session_only(studio: Studio, password: str) -> None:
    keeper = Doorkeeper(new_door(password)[0])
    page = opened(studio, BESIDE, "192.168.1.77", keeper, host="0.0.0.0").app
    one, other = (TestClient(page, base_url=BESIDE) for _ in range(2))
    for client in (one, other):
        assert log_in(client, password).status_code == 200
    stranger = TestClient(page, base_url=BESIDE)
    stranger.get("/logout")
    stranger.get("/logout?all_session=true")
    assert one.get("/config").status_code == other.get("/config").status_code == 200
    one.get("/logout", follow_redirects=False)
    assert one.get("/config").status_code == 401
    assert other.get("/config").status_code == 200


def test_every_answer_says_that_it_is_not_to_be_framed_or_guessed(
    studio: Studio, alone: TestClient
) -> None:
    addresses = [
        "/",
        "/login",
        "/nothing",
        "/toile/ui/board.js",
        "/toile/vote/x",
        *everything(studio),
    ]
    for address in [a for a in addresses if "heartbeat" not in a]:
        headers = alone.get(address).headers
        assert headers["x-content-type-options"] == "nosniff", address
        assert headers["x-frame-options"] == "DENY"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert alone.get("/", headers={"host": "evil.example"}).headers["x-frame-options"] == "DENY"

"""Calls of no page, voters that are invented, and a page below a path of a proxy."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from studio.desk.studio import Studio
from studio.page.doorkeeper import Doorkeeper
from studio.page.gate import COOKIE
from studio.page.sharing import new_door
from tests.reports.outsider import HERE, an_event, log_in, opened
from tests.studio.gallery.made import new

# F12: events that come from no page


RUBBISH: dict[str, Any] = {
    "no number": {"fn_index": None},
    "negative": {"fn_index": -1},
    "beyond": {"fn_index": 99_999},
    "huge": {"fn_index": 10**30},
    "text": {"fn_index": "0"},
    "fraction": {"fn_index": 0.5},
    "no data": {"data": None},
    "too few": {"data": []},
    "too many": {"data": [None] * 50},
    "a file": {"data": [{"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}, None]},
    "batched": {"batched": True},
    "page": {"session_hash": {"a": 1}},
    "trigger": {"trigger_id": "x"},
}


@pytest.mark.parametrize("name", RUBBISH)
def test_a_call_of_no_page_is_a_sentence(
    alone: TestClient, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    answer = alone.post("/gradio_api/run/predict", json=an_event(alone, **RUBBISH[name]))
    assert answer.status_code == 422 and "reload the page" in answer.json()["error"]
    assert "Traceback" not in "".join(capfd.readouterr())


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"[" * 100_000, b'{"data":[NaN],"fn_index":0}', b"\xff"]
)
def test_a_call_that_is_no_json_is_a_sentence(alone: TestClient, body: bytes) -> None:
    for address in ("/gradio_api/run/predict", "/gradio_api/run/anything"):
        sent = {"content-type": "application/json"}
        assert alone.post(address, content=body, headers=sent).status_code == 422


VALUES: list[Any] = [None, -1, "x", {"a": {"b": []}}, [[]], "[" * 1000]


def test_any_value_in_any_event_is_answered(
    alone: TestClient, capfd: pytest.CaptureFixture[str]
) -> None:
    """Every event of the page, with the same rubbish in each of its fields and as its data."""
    events = alone.get("/config").json()["dependencies"]
    told = []
    for event in (one for one in events if one["backend_fn"]):
        for value in VALUES:
            body = {"fn_index": event["id"], "data": [value] * len(event["inputs"]),
                    "event_data": value, "session_hash": "rubbish"}  # fmt: skip
            answer = alone.post("/gradio_api/run/predict", json=body)
            if answer.status_code != 200:
                told.append((event["id"], value, answer.status_code, answer.text[:200]))
            elif "(code " in answer.text:
                told.append((event["id"], value, re.findall(r"[^\"]*\(code [^\"]*", answer.text)))
    said = "".join(capfd.readouterr())
    assert not told, json.dumps(told[:20], default=str, indent=1) + said[-3000:]
    assert "Traceback" not in said


def test_files_that_are_no_uploads_and_uploads_that_are_none(alone: TestClient) -> None:
    for content, kind in ((b"", ""), (b"x", "multipart/form-data"), (b"{}", "application/json"),
                          (b"--x\r\n", "multipart/form-data; boundary=x")):  # fmt: skip
        sent = {"content-type": kind} if kind else {}
        answer = alone.post("/gradio_api/upload", content=content, headers=sent)
        assert answer.status_code < 500


# F13: who votes is counted by the last hop, where there is a proxy


def ballot_at(studio: Studio) -> str:
    store = studio.store
    project = store.create_project("Vote").id
    ids = [store.add(project, new(n)).id for n in range(2)]
    return store.ballots.open(project, ids, "Which?").token


def vote(client: TestClient, token: str, cookie: str, **headers: str) -> int:
    sent = {"origin": HERE, "cookie": cookie} | headers
    return client.post(f"/toile/vote/{token}/vote", json={"slot": 0}, headers=sent).status_code


@pytest.mark.parametrize("cookie", ["a" * 32, "b" * 22, "c" * 32 + "." + "0" * 64, "d" * 32 + ".x"])
def test_a_voter_cannot_be_invented(studio: Studio, alone: TestClient, cookie: str) -> None:
    assert vote(alone, ballot_at(studio), f"toile-voter={cookie}") == 400


def test_an_invented_way_lifts_no_limit(studio: Studio) -> None:
    """Without a proxy the header says nothing; with one, its last entry alone."""
    for behind, taken in (({}, 60), ({"root_path": "/design"}, 60)):
        client = opened(studio, **behind)  # type: ignore[arg-type]
        token = ballot_at(studio)
        root = behind.get("root_path", "")
        client.get(f"{root}/toile/vote/{token}")
        cookie = f"toile-voter={client.cookies['toile-voter']}"
        ways = (f"10.0.0.{n}, 127.0.0.9" for n in range(70))
        answers = [vote(client, token, cookie, **{"x-forwarded-for": way}) for way in ways]
        assert answers.count(200) == taken and answers[-1] == 429


# Cases 25: below a path


@pytest.mark.first(2)
@pytest.mark.parametrize("prefix", ["", "/design"], ids=["stripped", "left"])
@pytest.mark.parametrize("root", ["/design", "design/"])
def test_everything_is_served_below_a_path(studio: Studio, prefix: str, root: str) -> None:
    client = opened(studio, root_path=root)
    token = ballot_at(studio)
    with client:
        config = client.get(f"{prefix}/config").json()
        assert config["root"] == f"{HERE}/design"
        variant = studio.store.variants(studio.store.first_project().id).variants[0]
        for address in ("/", "/theme.css", "/toile/ui/board.js", "/toile/ui/board/ink.js",
                        "/toile/ui/base.css", "/toile/ui/vote/vote.js",
                        f"/toile/picture/{variant.id}", f"/toile/vote/{token}",
                        "/toile/underlay/flat/front", "/gradio_api/info"):  # fmt: skip
            found = client.get(f"{prefix}{address}").status_code
            exists = (Path("assets/ui") / address.removeprefix("/toile/ui/")).is_file()
            assert found == (200 if exists or "/toile/ui/" not in address else 404), address
        asked = {"project": variant.project_id, "what": "project"}
        sent = {"x-toile": "1", "origin": HERE}
        assert client.post(f"{prefix}/toile/export", json=asked, headers=sent).status_code == 200
        event = {"fn_index": 0, "data": [None] * len(config["dependencies"][0]["inputs"])}
        answer = client.post(f"{prefix}/gradio_api/run/predict", json=event, headers=sent)
        assert answer.status_code == 200


def test_a_proxy_that_lets_others_in_needs_a_password(studio: Studio) -> None:
    client = opened(studio, root_path="/design")
    assert client.get("/config").status_code == 200
    for way in ("192.168.1.9", "8.8.8.8", "10.1.1.1, 203.0.113.7"):
        answer = client.get("/config", headers={"x-forwarded-for": way})
        assert answer.status_code == 403 and "has no password" in answer.text
    answer = client.get("/config", headers={"x-forwarded-host": "toile.example"})
    assert answer.status_code == 403


def test_behind_a_proxy_the_page_has_the_proxys_address(studio: Studio, password: str) -> None:
    keeper = Doorkeeper(new_door(password)[0])
    client = opened(studio, keeper=keeper, root_path="/design", allowed_hosts=("toile.example",))
    way = {"x-forwarded-host": "toile.example", "x-forwarded-proto": "https",
           "x-forwarded-for": "203.0.113.7"}  # fmt: skip
    answer = log_in(client, password, **way)
    cookie = answer.headers["set-cookie"]
    assert "Secure" in cookie and "Path=/design/" in cookie
    token = re.search(rf"{COOKIE}=([^;]+)", cookie)
    assert token
    seen = client.get("/config", headers=way | {"cookie": f"{COOKIE}={token[1]}"})
    assert seen.json()["root"] == "https://toile.example/design"
    assert client.get("/config", headers=way).status_code == 401

"""A studio without a model behind its doors, as an outsider meets it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from studio.desk.room import EngineRoom
from studio.desk.studio import Studio
from studio.gallery import Store
from studio.page.doorkeeper import Doorkeeper
from studio.page.serve import application
from studio.page.sharing import USER, new_door
from studio.settings import Settings
from tests.studio.gallery.made import new

HERE = "http://127.0.0.1:7860"
BESIDE = "http://192.168.1.20:7860"


def never() -> Any:
    """An engine that is still loading."""
    raise AssertionError("nothing here loads a model")


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A studio without a model, with one picture."""
    root = tmp_path_factory.mktemp("doors")
    store = Store(root / "data")
    store.add(store.first_project().id, new(4))
    made = Studio(store, EngineRoom(never), root)
    yield made
    made.jobs.close()
    store.close()


def opened(
    studio: Studio,
    base: str = HERE,
    peer: str = "127.0.0.1",
    keeper: Doorkeeper | None = None,
    **settings: Any,
) -> TestClient:
    """A browser at a page that was started so, at this address of this machine."""
    given = Settings(data_dir=studio.store.data_dir, **settings)
    page = application(studio, given, keeper)
    return TestClient(page, base_url=base, client=(peer, 50000), raise_server_exceptions=False)


@pytest.fixture(scope="module")
def alone(studio: Studio) -> Iterator[TestClient]:
    """The page as it is started without options."""
    with opened(studio) as client:
        yield client


@pytest.fixture(scope="module")
def password() -> str:
    """What opens the door of `guarded`."""
    return "correct horse battery"


@pytest.fixture
def guarded(studio: Studio, password: str) -> Iterator[TestClient]:
    """The page as another machine sees it."""
    keeper = Doorkeeper(new_door(password)[0])
    with opened(studio, BESIDE, "192.168.1.77", keeper, host="0.0.0.0") as client:
        yield client


def log_in(client: TestClient, password: str, **headers: str) -> Any:
    sent = {"username": USER, "password": password}
    return client.post("/login", data=sent, headers=headers, follow_redirects=False)


def everything(studio: Studio) -> list[str]:
    """Addresses that show something of a project, and those of Gradio's interface."""
    variant = studio.store.variants(studio.store.first_project().id).variants[0]
    return [
        "/config", "/theme.css", f"/toile/picture/{variant.id}", f"/toile/thumb/{variant.id}",
        f"/toile/ink/{variant.picture_sha}", f"/toile/drawing/{variant.project_id}",
        "/toile/code?text=x", "/toile/underlay/flat/front", "/gradio_api/info",
        "/gradio_api/app_id", "/gradio_api/token", "/gradio_api/startup-events", "/openapi.json",
        "/gradio_api/heartbeat/x", "/manifest.json", "/gradio_api/file=/etc/passwd",
    ]  # fmt: skip


def an_event(client: TestClient, number: int = 0, **changes: Any) -> dict[str, Any]:
    """An event of the page as the page sends it."""
    events = {d["id"]: d for d in client.get("/config").json()["dependencies"]}
    data = [None] * len(events[number]["inputs"])
    return {"fn_index": number, "data": data, "session_hash": "abc"} | changes

"""A start says nothing of libraries in the terminal, and asks for nothing outside its path."""

from __future__ import annotations

import re
import warnings
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from starlette.testclient import TestClient

from studio.desk.studio import Studio
from studio.page.document import ICON, as_ours
from studio.page.routes import ASSETS
from tests.reports.outsider import opened

_ADDRESS = re.compile(r"""(?:href|src|action)=["']([^"'>]*)["']""")


def named(html: str) -> list[str]:
    """The addresses that a document names for the browser to ask."""
    found = _ADDRESS.findall(html)
    return [a for a in found if a and not a.startswith(("data:", "#")) and "{" not in a]


@pytest.mark.parametrize(
    "path", ["/design", "/a/long/way", "/toile"], ids=["short", "long", "a folder's name"]
)
def test_the_document_asks_for_nothing_outside_its_path(studio: Studio, path: str) -> None:
    with opened(studio, root_path=path) as client:
        html = client.get(f"{path}/").text
        assert ICON.decode() in html and html.count('rel="icon"') == 1
        for address in named(html):
            whole = urljoin(f"http://127.0.0.1:7860{path}/", address)
            assert urlsplit(whole).path.startswith(f"{path}/"), address
            if urlsplit(whole).netloc == "127.0.0.1:7860":
                assert client.get(urlsplit(whole).path).status_code == 200, address
        icon = client.get(f"{path}/toile/ui/icon.svg")
        assert icon.status_code == 200 and icon.headers["content-type"] == "image/svg+xml"


@pytest.mark.parametrize("accepted", ["gzip", "br", "identity, *;q=0"])
def test_the_document_is_whole_however_it_may_be_packed(alone: TestClient, accepted: str) -> None:
    answer = alone.get("/", headers={"accept-encoding": accepted})
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert answer.text.rstrip().endswith("</html>") and ICON.decode() in answer.text
    assert alone.get("/config").json()["title"] == "Toile"


def test_a_document_of_another_kind_only_gets_the_icon() -> None:
    assert as_ours(b"<head></head>") == b"<head>" + ICON + b"\n</head>"
    assert as_ours(b"no document") == b"no document"


@pytest.mark.parametrize("kind", ["js", "css", "html"])
def test_no_file_of_the_page_names_the_servers_root(kind: str) -> None:
    rooted = re.compile(
        r"""(?:fetch\(|url\(|href[:=]\s*|src[:=]\s*|import\(|from )\s*["'`]/(?!/)[\w]"""
    )
    files = [path for path in ASSETS.rglob(f"*.{kind}")]
    assert files
    assert [(p.name, m[0]) for p in files for m in rooted.finditer(p.read_text("utf-8"))] == []


@pytest.mark.first(2)
@pytest.mark.parametrize(
    "address", ["/", "/config", "/gradio_api/app_id", "/theme.css", "/gradio_api/nothing"]
)
def test_no_request_meets_routes_that_are_yet_to_be_made(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    """What FastAPI holds back while it makes routes, it cannot hold back beside another thread."""
    with opened(studio) as client:
        kept = warnings.simplefilter

        def let_go(action: Any, category: type[Warning] = Warning, *more: Any, **how: Any) -> None:
            if category.__name__ != "UnsupportedFieldAttributeWarning":
                kept(action, category, *more, **how)

        monkeypatch.setattr(warnings, "simplefilter", let_go)
        with warnings.catch_warnings(record=True) as told:
            kept("always")
            client.get(address)
        assert [str(one.message) for one in told if "Field" in one.category.__name__] == []

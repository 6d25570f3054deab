"""The one HTML document of the page, as it must be for this studio.

Gradio's own asks for its manifest at the root of the server, and names no icon, so that browsers
ask there for one: behind a proxy that is another site's place. What else the document names is
relative.
"""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from studio.page.asked import inner_path

ICON = b'<link rel="icon" type="image/svg+xml" href="toile/ui/icon.svg" />'
_MANIFEST = b'<link rel="manifest" href="/manifest.json" />'


class Document:
    """An application whose document is put right.

    Args:
        app: what answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or inner_path(scope) != "/":
            await self._app(scope, receive, send)
            return
        plain = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        await self._app({**scope, "headers": plain}, receive, _Rewritten(send))


def as_ours(document: bytes) -> bytes:
    """The document with our icon, and nothing at the root of the server."""
    return document.replace(_MANIFEST, b"").replace(b"</head>", ICON + b"\n</head>", 1)


class _Rewritten:
    """What is sent of an answer: HTML only when it is there in full."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message = {}
        self._body = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            if headers.get("content-type", "").startswith("text/html"):
                self._start = message
                return
        if message["type"] != "http.response.body" or not self._start:
            await self._send(message)
            return
        self._body += message.get("body", b"")
        if message.get("more_body"):
            return
        body = as_ours(bytes(self._body))
        MutableHeaders(scope=self._start)["content-length"] = str(len(body))
        await self._send(self._start)
        await self._send({"type": "http.response.body", "body": body})

"""What the page's events may look like, before Gradio takes them.

Gradio answers a call that it does not understand with a failure, and writes a traceback. Such a
call comes from no page of ours: it is refused here, in one sentence.
"""

from collections.abc import Mapping
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from studio.forms import NotJson, is_whole, read_object
from studio.page.asked import again, body_of, inner_path

LARGEST_CALL = 32 * 2**20
"""Bytes of one event; a drawing has 8 million at most."""

_PATH = "/gradio_api/run/"
_AGAIN = "That came from no page of this studio: reload the page."


class Events:
    """Calls of the page's events, checked.

    Args:
        app: what takes them. inputs: how many values each event brings, by its number.
    """

    def __init__(self, app: ASGIApp, inputs: Mapping[int, int]) -> None:
        self._app, self._inputs = app, inputs

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        event = scope["type"] == "http" and inner_path(scope).startswith(_PATH)
        if not event or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        try:
            body = await body_of(Request(scope, receive), LARGEST_CALL)
        except ClientDisconnect:
            return
        if body is None:
            await _refusal("That is far too much at once: draw less densely.", 413)(
                scope, receive, send
            )
        elif not self._is_event(body):
            await _refusal(_AGAIN, 422)(scope, receive, send)
        else:
            await self._app(scope, again(body, receive), send)

    def _is_event(self, body: bytes) -> bool:
        try:
            call = read_object(body)
        except NotJson:
            return False
        number, data = call.get("fn_index"), call.get("data")
        page, trigger = call.get("session_hash"), call.get("trigger_id")
        return (
            is_whole(number)
            and isinstance(data, list)
            and len(data) == self._inputs.get(number)
            and (page is None or (isinstance(page, str) and 0 < len(page) <= 64))
            and (trigger is None or is_whole(trigger))
            and not any(call.get(name) for name in ("batched", "simple_format", "oauth_token"))
            and isinstance(call.get("event_id"), str | None)
            and not _names_a_file(data)
        )


def _names_a_file(data: Any) -> bool:
    """Whether a value would be taken for a file of Gradio's own: the page sends none among its
    values."""
    left = [data]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            if "path" in value and "meta" in value:
                return True
            left += value.values()
        elif isinstance(value, list):
            left += value
    return False


def _refusal(text: str, status: int) -> JSONResponse:
    return JSONResponse({"error": text, "detail": text}, status, {"Cache-Control": "no-store"})

"""What a request asks for, read with care: its place within the page, and a bounded body."""

from typing import Any

from starlette.requests import Request
from starlette.types import Message, Receive


def inner_path(scope: Any) -> str:
    """The path below the page's root."""
    return scope["path"].removeprefix(scope.get("root_path", "")) or "/"


async def body_of(request: Request, most: int) -> bytes | None:
    """The bytes of a request; None where they are more than `most`, of which no more are read.

    Raises:
        ClientDisconnect: whoever sent it has gone.
    """
    pieces, size = [], 0
    async for piece in request.stream():
        size += len(piece)
        if size > most:
            return None
        pieces.append(piece)
    return b"".join(pieces)


def again(body: bytes, receive: Receive) -> Receive:
    """A body that was read already, then what else is received."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay

"""The blind vote over HTTP: a light page of its own for voters, who need no password.

Who has a ballot's link sees its question and its pictures and nothing else: pictures are asked
for by their place in the voter's own order, come without the settings that their files hold, and
carry no header that differs between them. The order is shuffled for each voter, so that the
picture in the first place has no advantage.
"""

import random
from collections.abc import Awaitable, Callable
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from PIL import Image
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from studio.desk.pace import Pace
from studio.errors import BadInput, ToileError
from studio.forms import NotJson, read_object
from studio.gallery.ballots import Ballot
from studio.page.asked import body_of
from studio.page.voters import Voters
from studio.pngmeta import opened, png_bytes
from studio.settings import ROOT

if TYPE_CHECKING:
    from studio.desk.studio import Studio

PAGE = ROOT / "assets" / "ui" / "vote" / "index.html"

COOKIE = "toile-voter"
_YEAR = 365 * 24 * 3600

LARGEST_VOTE = 4096
"""Bytes of a vote's message."""

VOTES_A_MINUTE = 60
"""Votes and changes that one address may send to one ballot: a whole class shares an address."""

NEW_VOTERS, DAY = 300, 24 * 3600.0
"""First votes of one address in one ballot, within a day: who throws the cookie away votes anew."""

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}

_KEPT_PICTURES = 24


class Refusal(Exception):
    """An answer to a voter: a status and one sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


def bare(png: bytes) -> bytes:
    """A picture as a PNG file of its pixels alone, without text, profile or date."""
    picture = opened(png, ("PNG",)).convert("RGB")
    return png_bytes(Image.frombytes("RGB", picture.size, picture.tobytes()))


def order(ballot: Ballot, voter: str) -> list[int]:
    """Positions of a ballot in the order in which this voter sees them; always the same one."""
    positions = [entry.position for entry in ballot.entries]
    random.Random(f"{ballot.id}/{voter}").shuffle(positions)
    return positions


def same_origin(request: Request) -> bool:
    """Whether the vote page itself sent this, and not another site in the voter's browser."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin")
    if origin is None:
        return False
    hosts = {request.headers.get("host"), request.headers.get("x-forwarded-host")}
    return urlsplit(origin).netloc in hosts - {None, ""}


def vote_routes(studio: "Studio") -> list[BaseRoute]:
    """Everything under `toile/vote/`."""
    pace, first = Pace(VOTES_A_MINUTE), Pace(NEW_VOTERS, DAY)
    voters = Voters(studio.store.data_dir)
    ballots = studio.store.ballots

    @lru_cache(_KEPT_PICTURES)
    def shown(sha: str) -> bytes:
        return bare(studio.store.picture(sha))

    def find(request: Request) -> Ballot:
        try:
            return ballots.by_token(request.path_params["token"])
        except BadInput as error:
            raise Refusal(404, str(error)) from None

    def voter_of(request: Request) -> str | None:
        return voters.known(request.cookies.get(COOKIE, ""))

    def named(request: Request) -> str:
        voter = voter_of(request)
        if voter is None:
            raise Refusal(400, "Allow cookies for this page, then open the link again.")
        return voter

    async def page(request: Request) -> Response:
        try:
            await run_in_threadpool(find, request)
            status = 200
        except Refusal as refusal:
            status = refusal.status  # the page itself says why
        response = Response(PAGE.read_bytes(), status, _HEADERS, "text/html; charset=utf-8")
        if status == 200 and await run_in_threadpool(voter_of, request) is None:
            response.set_cookie(
                COOKIE,
                voters.new(),
                max_age=_YEAR,
                httponly=True,
                samesite="lax",
                secure=request.url.scheme == "https",
            )
        return response

    def describe(request: Request) -> Response:
        found, voter = find(request), named(request)
        mine = ballots.vote_of(found.id, voter)
        return _json(
            {
                "question": found.question,
                "count": len(found.entries),
                "closed": found.closed_at is not None,
                "chosen": order(found, voter).index(mine.position) if mine else None,
                "name": mine.name if mine else "",
            }
        )

    def picture(request: Request) -> Response:
        found, voter = find(request), named(request)
        slot = request.path_params["slot"]
        if slot >= len(found.entries):
            raise Refusal(404, "There is no such picture on this ballot.")
        data = shown(found.entries[order(found, voter)[slot]].picture_sha)
        return Response(data, headers=_HEADERS, media_type="image/png")

    async def vote(request: Request) -> Response:
        if not same_origin(request):
            raise Refusal(403, "Votes are taken from the vote's own page only: open its link.")
        message = await _message(request)
        return await run_in_threadpool(take, request, message)

    def take(request: Request, message: dict[str, Any]) -> Response:
        found, voter = find(request), named(request)
        address = request.client.host if request.client else ""
        if pace.begin(found.id, address):
            raise Refusal(429, "That is a lot of votes at once: wait a minute, then try again.")
        if found.closed_at is not None:
            raise Refusal(409, "The vote is closed: your choice was not changed.")
        slot, name = message.get("slot"), message.get("name", "")
        if isinstance(slot, bool) or not isinstance(slot, int) or not isinstance(name, str):
            raise Refusal(400, "Choose one of the pictures, then vote.")
        if not 0 <= slot < len(found.entries):
            raise Refusal(400, "This picture is not on the ballot: reload the page.")
        if ballots.vote_of(found.id, voter) is None and first.begin(found.id, address):
            raise Refusal(429, "Too many have voted from this network today: try again tomorrow.")
        kept = ballots.vote(found.token, voter, order(found, voter)[slot], name)
        return _json({"chosen": slot, "name": kept.name})

    def threaded(answer: Callable[[Request], Response]) -> Endpoint:
        return _plainly(partial(run_in_threadpool, answer))  # it may wait for the database

    return [
        Route("/toile/vote/{token}", page),
        Route("/toile/vote/{token}/ballot", threaded(describe)),
        Route("/toile/vote/{token}/picture/{slot:int}", threaded(picture)),
        Route("/toile/vote/{token}/vote", _plainly(vote), methods=["POST"]),
    ]


Endpoint = Callable[[Request], Awaitable[Response]]


def _plainly(answer: Endpoint) -> Endpoint:
    """An endpoint that says in one sentence what was wrong."""

    async def endpoint(request: Request) -> Response:
        try:
            return await answer(request)
        except Refusal as refusal:
            return _json({"problem": str(refusal)}, refusal.status)
        except BadInput as error:
            return _json({"problem": str(error)}, 400)
        except ToileError:
            # The sentence may name a folder of this machine, which is none of a voter's business.
            text = "The pictures cannot be shown just now: tell whoever sent the link."
            return _json({"problem": text}, 503)

    return endpoint


async def _message(request: Request) -> dict[str, Any]:
    """The JSON object that was sent, of at most `LARGEST_VOTE` bytes."""
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise Refusal(415, "Votes are taken from the vote's own page only: open its link.")
    body = await body_of(request, LARGEST_VOTE)
    if body is None:
        raise Refusal(413, "The name is far too long: use a shorter one.")
    try:
        return read_object(body)
    except NotJson:
        raise Refusal(400, "Choose one of the pictures, then vote.") from None


def _json(content: dict[str, Any], status: int = 200) -> Response:
    return JSONResponse(content, status, _HEADERS)

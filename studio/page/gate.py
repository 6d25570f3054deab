"""What every request passes before anything of the page answers it.

In this order: who sent it and under which name it asked (`studio.page.hosts`), whether another web
site sent it, and whether its visitor has come in (`studio.page.doorkeeper`). What is refused never
reaches Gradio or a route. Every answer says that no other site may frame it or read it.
"""

from urllib.parse import parse_qs, quote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from studio.desk.visitors import VISITOR
from studio.page.asked import again, body_of, inner_path
from studio.page.doorkeeper import SESSION_SECONDS, Doorkeeper, TooMany
from studio.page.hosts import Names, Sender, as_sent, host_name, sender_of
from studio.page.sharing import USER
from studio.settings import ROOT

COOKIE = "toile-session"

LOGIN_PAGE = ROOT / "assets" / "ui" / "login.html"

_NEVER = {"Cache-Control": "no-store"}
_LOGIN_POLICY = "default-src 'none'; style-src 'self'; font-src 'self'; form-action 'self'; "
_FRAMING = "frame-ancestors 'none'"
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": _FRAMING,
}

_OPEN = ("/toile/vote/", "/toile/ui/", "/login", "/favicon.ico")
"""What needs no password: votes, and the files that their page and the door's are made of."""

_USED = (
    "run/", "upload", "heartbeat/", "file=", "app_id", "startup-events", "theme", "info",
    "queue/data", "reset", "cancel",
)  # fmt: skip
"""What of Gradio's interface the page uses; the rest is shut."""

_LARGEST_LOGIN = 4096


class Gate:
    """The whole page behind its checks, as an ASGI application.

    Args:
        app: what answers. names: under which it may be asked for.
        keeper: of the door; None where there is none.
        root_path: under which a proxy shows the page. behind_proxy: whether one is expected.
        cookie: the name of the session's cookie.
    """

    def __init__(
        self,
        app: ASGIApp,
        names: Names,
        keeper: Doorkeeper | None = None,
        root_path: str = "",
        behind_proxy: bool = False,
        cookie: str = COOKIE,
    ) -> None:
        self._app, self._names, self._keeper = app, names, keeper
        self._root, self._behind_proxy, self._cookie = root_path, behind_proxy, cookie

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":  # the page has no sockets
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        server = scope["server"][0] if scope.get("server") else ""
        sender = sender_of(scope, self._behind_proxy)
        refused = self._unknown(sender, server) or self._foreign(scope, sender)
        scope = self._placed(as_sent(scope, sender))
        say = _headed(send)
        if refused is not None:
            await refused(scope, receive, say)
            return
        answer = await self._at_the_door(Request(scope, receive), sender)
        if answer is not None:
            await answer(scope, receive, say)
            return
        await self._app(scope, receive, say)

    def _placed(self, scope: Scope) -> Scope:
        """The request at its whole path, whether or not the proxy has taken its own away: what
        looks for a file below a folder goes by that."""
        if not self._root:
            return scope
        path = scope["path"]
        if path != self._root and not path.startswith(f"{self._root}/"):
            path = self._root + (path if path.startswith("/") else f"/{path}")
        raw = quote(path, safe="/:@!$&'()*+,;=~-._").encode()
        return {**scope, "root_path": self._root, "path": path, "raw_path": raw}

    # Who asks

    def _unknown(self, sender: Sender, server: str) -> Response | None:
        """The refusal of a name that is not the studio's."""
        if not self._names.admits(sender.host, server):
            name = host_name(sender.host)
            told = f"“{name[:60]}” is not a name of this studio" if name else "No name was given"
            advice = f"start it with --allowed-host {name[:60]}" if name else "give one"
            return _refused(f"{told}: open it by the address that the terminal shows, or {advice}.")
        if self._keeper is None and sender.forwarded:
            return _refused(
                "This studio has no password, and shows its page to this machine alone: start it "
                "with --password-file or --allowed-host to let others in through a proxy."
            )
        return None

    def _foreign(self, scope: Scope, sender: Sender) -> Response | None:
        """The refusal of what another web site sends from a visitor's browser."""
        headers = Headers(scope=scope)
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        if origin is not None and site != "same-origin" and not self._ours(origin, sender):
            foreign = True
        elif site in ("cross-site", "same-site"):
            # A link may lead here; nothing may be fetched, framed or sent from there.
            visit = (
                scope["method"] in ("GET", "HEAD")
                and headers.get("sec-fetch-mode") == "navigate"
                and headers.get("sec-fetch-dest", "document") == "document"
            )
            foreign = not visit or self._acts(scope)
        else:
            foreign = False
        return (
            _refused("Another web site asked for this: open the studio itself.")
            if foreign
            else None
        )

    def _ours(self, origin: str, sender: Sender) -> bool:
        try:
            asked = urlsplit(origin)
        except ValueError:
            return False
        if asked.scheme not in ("http", "https"):
            return False
        return asked.netloc.lower() == sender.host.lower() or self._names.vouches_for(
            host_name(asked.netloc)
        )

    def _acts(self, scope: Scope) -> bool:
        """Whether a path does something even where it is only opened."""
        path = scope["path"].removeprefix(self._root)
        return path.startswith(("/gradio_api/", "/logout"))

    # Who may come in

    async def _at_the_door(self, request: Request, sender: Sender) -> Response | None:
        """An answer of the door; None where the page itself shall answer."""
        path, keeper = inner_path(request.scope), self._keeper
        if path.rstrip("/") == "/logout":
            return self._leave(request)
        if keeper is None:
            return self._within(path)
        if path.rstrip("/") == "/login" and request.method == "POST":
            return await self._enter(request, keeper, sender)
        visitor = keeper.visitor(request.cookies.get(self._cookie, ""))
        if visitor:
            VISITOR.set(visitor)
            return self._within(path)
        if path.rstrip("/") in ("", "/login") and request.method in ("GET", "HEAD"):
            return self._page()
        if path.startswith(_OPEN):
            return None
        return PlainTextResponse("Log in first.", 401, headers=_NEVER)

    def _within(self, path: str) -> Response | None:
        """The answer to who is in, where it is not the page's own."""
        if path.rstrip("/") == "/login":
            return self._home()
        if path.startswith("/gradio_api/") and not path.startswith(_USED_PATHS):
            return PlainTextResponse("There is nothing here.", 404, headers=_NEVER)
        return None

    async def _enter(self, request: Request, keeper: Doorkeeper, sender: Sender) -> Response:
        plainly = "text/html" not in request.headers.get("accept", "")
        try:
            user, password = await _name_and_password(request)
            token = await keeper.enter(user.strip(), password, sender.address)
        except ClientDisconnect:
            return Response(status_code=499)
        except TooMany as many:
            answer = self._said(str(many), 429, plainly)
            answer.headers["Retry-After"] = str(many.seconds)
            return answer
        if not token:
            return self._said("Name or password is wrong: try again.", 401, plainly)
        answer = JSONResponse({"success": True}, headers=_NEVER) if plainly else self._home()
        answer.set_cookie(
            self._cookie, token, max_age=int(SESSION_SECONDS), path=f"{self._root}/",
            httponly=True, samesite="lax", secure=sender.https,
        )  # fmt: skip
        return answer

    def _leave(self, request: Request) -> Response:
        """End this visitor's session and no other."""
        if self._keeper is not None:
            self._keeper.leave(request.cookies.get(self._cookie, ""))
        answer = self._home()
        answer.delete_cookie(self._cookie, path=f"{self._root}/")
        return answer

    def _home(self) -> Response:
        return Response(status_code=303, headers=_NEVER | {"Location": f"{self._root}/"})

    def _said(self, text: str, status: int, plainly: bool) -> Response:
        if plainly:
            return JSONResponse({"detail": text, "error": text}, status, headers=_NEVER)
        return self._page(text, status)

    def _page(self, text: str = "", status: int = 200) -> Response:
        page = LOGIN_PAGE.read_text("utf-8")
        shown = page.replace("ROOT", self._root).replace("USER", USER).replace("PROBLEM", text)
        policy = {"Content-Security-Policy": _LOGIN_POLICY + _FRAMING}
        return HTMLResponse(shown, status, headers=_NEVER | policy)


_USED_PATHS = tuple(f"/gradio_api/{name}" for name in _USED)


def _refused(text: str) -> Response:
    return PlainTextResponse(text, 403, headers=_NEVER)


def _headed(send: Send) -> Send:
    """`send` with the headers of every answer; those that let other sites read are left out."""

    async def say(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name in [key for key in headers if key.startswith("access-control-")]:
                del headers[name]
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return say


async def _name_and_password(request: Request) -> tuple[str, str]:
    """What was typed at the door; empty where nothing was that can be read."""
    body = await body_of(request, _LARGEST_LOGIN)
    if body is None:
        return "", ""
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        return await _of_parts(request, body)
    given = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=None)
    return given.get("username", [""])[0], given.get("password", [""])[0]


async def _of_parts(request: Request, body: bytes) -> tuple[str, str]:
    try:
        whole = Request(request.scope, again(body, request.receive))
        form = await whole.form(max_files=0, max_fields=8)
    except (HTTPException, MultiPartException):  # a form that is none
        return "", ""
    given = (form.get("username"), form.get("password"))
    name, password = (value if isinstance(value, str) else "" for value in given)
    return name, password

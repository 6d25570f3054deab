"""Starting the page: a free port, the worker, the link, and every problem in one sentence."""

import asyncio
import contextlib
import errno
import io
import logging
import socket
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import uvicorn

from studio.checkpoints.given import check_adapters, check_autoencoder
from studio.desk.memory import few_heaps
from studio.desk.room import EngineRoom
from studio.desk.sample import open_house
from studio.engine.catalogue import find_model
from studio.errors import BadInput, StorageError
from studio.gallery import Store
from studio.page.doorkeeper import Doorkeeper
from studio.page.gate import COOKIE, Gate
from studio.page.hosts import Names
from studio.page.sharing import USER, new_door, public_link, stop_sharing
from studio.settings import FIRST_PORT, Settings

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from studio.desk.studio import Studio
    from studio.engine import Engine

log = logging.getLogger(__name__)

PORTS_TRIED = 100

PATIENCE = 120.0
"""Seconds within which the web server comes up, on however busy a machine."""

THREADS, SESSIONS = 16, 100
"""Events that are answered at a time, and open pages that are remembered; one that is forgotten
is told all anew at its next event."""

ADAPTERS = "adapters"
"""The folder of the data folder in which published adapters are looked for."""

_UPLOADS = "256mb"
"""Styles are large; pictures are refused above their own limit, see `easel`."""


def free_port(host: str, port: int | None) -> int:
    """The port to listen on: the wanted one, or the first free one where none is wanted.

    Raises:
        BadInput: the wanted port is taken, the host is not this machine's, or all are taken.
    """
    for candidate in [port] if port is not None else range(FIRST_PORT, FIRST_PORT + PORTS_TRIED):
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            if sys.platform != "win32":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, candidate))
                return candidate
            except PermissionError:
                raise BadInput(
                    f"Port {candidate} needs special rights: choose one above 1023 with --port."
                ) from None
            except OSError as error:
                if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
                    raise BadInput(
                        f"“{host}” is not an address of this machine: leave --host out."
                    ) from None
                if port is not None:
                    raise BadInput(
                        f"Port {port} is taken by another program: choose another one with "
                        "--port, or leave --port out."
                    ) from None
    raise BadInput(
        f"The ports {FIRST_PORT} to {FIRST_PORT + PORTS_TRIED - 1} are all taken: choose one "
        "with --port."
    )


def serve(settings: Settings) -> None:
    """Serve the page until interrupted.

    Raises:
        ToileError: the data folder, the port or the model cannot be used.
    """
    few_heaps()
    check_given(settings)
    port = free_port(settings.host, settings.port)
    store = Store(settings.data_dir)
    open_house(store)
    adapters = settings.adapters or adapters_folder(settings.data_dir)
    room = EngineRoom(lambda: _load(settings, adapters))
    try:
        _open_page(settings, store, room, port)
    finally:
        store.close()


def check_given(settings: Settings) -> None:
    """Look at what is given by a path before the page opens.

    Raises:
        ToileError: it is not what its option takes.
    """
    find_model(settings.model)
    if settings.adapters is not None:
        check_adapters(settings.adapters)
    if settings.vae is not None:
        check_autoencoder(settings.vae)


def adapters_folder(data_dir: Path) -> Path:
    """Where published adapters are looked for, made at the first start.

    Raises:
        StorageError: it cannot be made.
    """
    folder = data_dir / ADAPTERS
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"The folder of adapters “{folder}” cannot be made ({error.strerror}): make it, or "
            "choose another with --adapters."
        ) from None
    return folder


def _load(settings: Settings, adapters: Path) -> "Engine":
    """The engine, ready for its first picture; torch is imported here, beside the page."""
    from studio.engine import Engine

    engine = Engine(settings.model, download=settings.download, adapters=adapters, vae=settings.vae)
    engine.load()
    engine.warm_up()
    return engine


def application(
    studio: "Studio",
    settings: Settings,
    keeper: Doorkeeper | None = None,
    cookie: str = COOKIE,
) -> Gate:
    """The whole page of a studio, behind its gate."""
    import gradio as gr
    from starlette.applications import Starlette

    from studio.page.document import Document
    from studio.page.events import Events
    from studio.page.page import build_page
    from studio.page.routes import routes
    from studio.page.theme import HEAD, LIGHT, theme

    page = build_page(studio)
    page.max_threads = THREADS
    page.state_session_capacity = SESSIONS
    house: Any = Starlette(routes=routes(studio))  # Gradio asks no more of it than this
    gr.mount_gradio_app(
        house,
        page,
        "/",
        root_path=settings.root_path or None,
        blocked_paths=[str(studio.store.data_dir)],
        show_error=False,
        footer_links=[],
        run_history=False,
        theme=theme(),
        head=HEAD,
        js=LIGHT,
        max_file_size=_UPLOADS,
        ssr_mode=False,
        mcp_server=False,
        enable_monitoring=False,
        app_kwargs={"docs_url": None, "redoc_url": None, "openapi_url": None},
    )
    _settle(house)
    # Some events are the browser's own and have nothing to call.
    inputs = {n: len(event.inputs) for n, event in page.fns.items() if event.fn is not None}
    return Gate(
        Events(Document(house), inputs),
        Names(settings, lambda: studio.share_url),
        keeper,
        settings.root_path,
        settings.behind_proxy,
        cookie,
    )


def _settle(app: "ASGIApp") -> None:
    """Let an application make its routes now, and not at the first request.

    FastAPI holds back warnings of pydantic while it makes them, and Python can do that for one
    thread only: beside the model, which is loaded in another, they would be in the terminal.
    """

    async def ask() -> None:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            await client.get("/gradio_api/nothing")  # so that every route is asked

    with ThreadPoolExecutor(1) as other:  # there may be a loop in this thread
        other.submit(asyncio.run, ask()).result()


class Server:
    """The web server of an application, in a thread of its own."""

    def __init__(self, app: Gate, host: str, port: int) -> None:
        # What proxies say is looked at by the gate.
        self._server = uvicorn.Server(
            uvicorn.Config(
                app, host.strip("[]"), port, log_level="warning", proxy_headers=False,
                server_header=False, timeout_graceful_shutdown=3,
            )
        )  # fmt: skip
        self._port = port
        self._thread = threading.Thread(target=self._run, name="page", daemon=True)

    def open(self) -> None:
        """Come up, on however busy a machine.

        Raises:
            BadInput: it does not.
        """
        self._thread.start()
        until = time.monotonic() + PATIENCE
        while not self._server.started and self._thread.is_alive() and time.monotonic() < until:
            time.sleep(0.01)
        if not self._server.started:
            self.close()
            raise BadInput(
                f"The page could not be opened at port {self._port}: choose another one with "
                "--port, or try again."
            )

    def close(self) -> None:
        """Go down; streams that are still open are cut off."""
        self._server.should_exit = True
        if self._thread.ident is not None:
            self._thread.join(10)

    def _run(self) -> None:
        try:
            self._server.run()
        except SystemExit:  # where it cannot bind; it has said why
            log.debug("the web server ended")


def _open_page(settings: Settings, store: Store, room: EngineRoom, port: int) -> None:
    from gradio.utils import get_upload_folder

    from studio.desk.studio import Studio

    logging.getLogger("httpx").setLevel(logging.WARNING)
    studio = Studio(store, room, Path(get_upload_folder()))
    door, password = new_door(settings.password) if settings.needs_password else (None, "")
    keeper = Doorkeeper(door) if door else None
    page = application(studio, settings, keeper, f"{COOKIE}-{port}")
    server = Server(page, settings.host, port)
    try:
        server.open()
        # Only now: importing torch beside gradio would hold the page up for seconds.
        room.start()
        _tell(settings, port, password)
        folder = settings.adapters or store.data_dir / ADAPTERS
        print(f"Published adapters are looked for in {folder}.", flush=True)
        if settings.share:
            _share(settings, studio, port)
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        print("\nClosed.")
    finally:
        studio.jobs.close()
        stop_sharing()
        server.close()


def _tell(settings: Settings, port: int, password: str) -> None:
    """Say where the page is, and once the password."""
    host = settings.host.strip("[]")
    shown = "localhost" if host in ("0.0.0.0", "::") else f"[{host}]" if ":" in host else host
    print(f"Toile is open at http://{shown}:{port}/ (Ctrl+C ends it).", flush=True)
    if not settings.needs_password:
        if settings.root_path:
            print(
                "It has no password: whoever reaches the proxy has the whole studio. Start it with "
                "--password-file to ask for one.",
                flush=True,
            )
        return
    told = "your password" if settings.password else f"the password {password}"
    print(f"Others can reach it: it opens with the name {USER} and {told}", flush=True)


def _share(settings: Settings, studio: "Studio", port: int) -> None:
    """Open the public link, and say where it is."""
    chatter = io.StringIO()
    try:
        with contextlib.redirect_stdout(chatter):  # the sentences here say it shorter
            address = public_link(settings.host.strip("[]"), port)
    except Exception as error:
        log.debug("no public link: %s", error)
        print(
            "The public link could not be made (no network, or a firewall in the way): Toile "
            "keeps running on this machine, with the same name and password.",
            flush=True,
        )
        return
    studio.share_url = f"https://{urlsplit(address).netloc}"
    print(f"Shared at {studio.share_url} with the same name and password.", flush=True)

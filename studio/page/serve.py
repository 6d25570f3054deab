"""Starting the page: a free port, the worker, the link, and every problem in one sentence."""

import contextlib
import errno
import io
import logging
import socket
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from studio.desk.jobs import EngineRoom
from studio.desk.sample import open_house
from studio.errors import BadInput, StorageError
from studio.gallery import Store
from studio.settings import FIRST_PORT, Settings

if TYPE_CHECKING:
    from studio.engine import Engine

PORTS_TRIED = 100

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
    port = free_port(settings.host, settings.port)
    store = Store(settings.data_dir)
    open_house(store)
    adapters = settings.adapters or adapters_folder(settings.data_dir)
    room = EngineRoom(lambda: _load(settings, adapters))
    try:
        _launch(settings, store, room, port)
    finally:
        store.close()


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


def _launch(settings: Settings, store: Store, room: EngineRoom, port: int) -> None:
    import gradio as gr
    from gradio.utils import get_upload_folder

    from studio.desk.studio import Studio
    from studio.page.page import build_page
    from studio.page.routes import routes
    from studio.page.sharing import USER, new_door
    from studio.page.theme import HEAD, LIGHT, theme

    logging.getLogger("httpx").setLevel(logging.WARNING)
    studio = Studio(store, room, Path(get_upload_folder()))
    page = build_page(studio)
    door, password = new_door() if settings.share else (None, "")
    chatter = io.StringIO()
    with contextlib.redirect_stdout(chatter):  # the sentences below say it shorter
        page.launch(
            server_name=settings.host,
            server_port=port,
            share=settings.share,
            auth=door.admits if door else None,
            auth_message="Name and password are in the terminal in which Toile was started.",
            prevent_thread_lock=True,
            quiet=True,
            footer_links=[],
            run_history=False,
            theme=theme(),
            head=HEAD,
            js=LIGHT,
            max_file_size=_UPLOADS,
            strict_cors=True,
            ssr_mode=False,
            mcp_server=False,
            enable_monitoring=False,
            state_session_capacity=500,
            max_threads=16,
            blocked_paths=[str(store.data_dir)],
            app_kwargs={"routes": routes(studio), "docs_url": None, "redoc_url": None},
        )
    # Only now: importing torch beside gradio would hold the page up for seconds.
    room.start()
    print(f"Toile is open at {page.local_url} (Ctrl+C ends it).", flush=True)
    print(f"Published adapters are looked for in {settings.adapters or store.data_dir / ADAPTERS}.")
    if settings.share:
        studio.share_url = page.share_url or ""
        if studio.share_url:
            print(
                f"Shared at {studio.share_url} with the name {USER} and the password {password}",
                flush=True,
            )
        else:
            print(
                "The public link could not be made (no network, or a firewall in the way): Toile "
                f"keeps running on this machine, with the name {USER} and the password {password}",
                flush=True,
            )
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        print("\nClosed.")
    finally:
        studio.jobs.close()
        with contextlib.redirect_stdout(chatter):
            page.close()
        gr.close_all(verbose=False)

"""Sheets and project files over HTTP: made when they are asked for, whole or not at all."""

import tempfile
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from studio.desk.projects import take_in
from studio.desk.views import file_stem
from studio.errors import BadInput, ToileError
from studio.export import paper
from studio.export.contact import contact_sheet
from studio.export.portfolio import SHOWN, Story, portfolio_page
from studio.export.project_file import MOST_BYTES, write_project
from studio.export.technical import technical_sheet
from studio.forms import NotJson, read_object
from studio.gallery import Project, Store, Variant
from studio.page.asked import body_of

if TYPE_CHECKING:
    from studio.desk.studio import Studio

LONGEST_NOTES = 1200
"""Characters of the process notes that fit on a portfolio page."""

_MOST_ASKED = 65_536
_NEVER = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_TOO_LARGE = "The file is larger than 500 MB: export the project again with less in it."


async def export(studio: "Studio", request: Request) -> Response:
    """A sheet or a project file as a download; what cannot be made is a sentence."""
    body = await body_of(request, _MOST_ASKED)
    if body is None:
        return _problem(BadInput("That is too much to export at once: choose fewer pictures."))
    try:
        asked = read_object(body)
    except NotJson:
        return PlainTextResponse("Export from the page.", 400, headers=_NEVER)
    try:
        return await run_in_threadpool(_made, studio.store, asked)
    except ToileError as error:
        return _problem(error)


async def bring_back(studio: "Studio", request: Request) -> Response:
    """Keep an uploaded project file as a new project; the answer names it."""
    try:
        with tempfile.TemporaryFile(dir=studio.store.data_dir) as file:
            size = 0
            async for piece in request.stream():
                size += len(piece)
                if size > MOST_BYTES:
                    raise BadInput(_TOO_LARGE)
                file.write(piece)
            project = await run_in_threadpool(take_in, studio, file)
    except ClientDisconnect:
        return PlainTextResponse("", 499, headers=_NEVER)
    except ToileError as error:
        return _problem(error)
    except OSError as error:
        text = "The file could not be taken in: make room in the data folder, then try again."
        return _problem(BadInput(f"{text} ({error.strerror})" if error.strerror else text))
    return JSONResponse({"project": project.id, "name": project.name}, headers=_NEVER)


def _problem(error: ToileError) -> Response:
    return JSONResponse({"problem": str(error)}, headers=_NEVER)


def _made(store: Store, asked: Mapping[str, Any]) -> Response:
    """What was asked for, finished. Raises ToileError where it cannot be made."""
    project = store.project(str(asked.get("project")))
    name = file_stem(project.name, 60)[:60].rstrip("-")
    what, kind = str(asked.get("what")), str(asked.get("format"))
    if what == "project":
        file = tempfile.TemporaryFile(dir=store.data_dir)  # noqa: SIM115 - closed by `_pieces`
        try:
            write_project(store, project.id, file)
        except BaseException:
            file.close()
            raise
        size = file.tell()
        headers = _attachment(f"{name}.toile") | {"Content-Length": str(size)}
        return StreamingResponse(_pieces(file), media_type="application/zip", headers=headers)
    if what == "contact":
        pages, about = contact_sheet(
            project, _several(store, project, asked), store.picture,
            landscape=asked.get("landscape") is True,
        )  # fmt: skip
    elif what == "technical":
        variant = _one(store, project, asked)
        page, about = technical_sheet(project, variant, store.picture(variant.picture_sha))
        pages = [page]
    elif what == "portfolio":
        page, about = portfolio_page(_story(store, project, asked), store.picture)
        pages = [page]
    else:
        raise BadInput("This cannot be exported: choose a sheet or the project file.")
    made = paper.make(pages, kind, about)
    return Response(
        made.data,
        media_type=made.media,
        headers=_attachment(f"{name}-{what}.{made.extension}"),
    )


def _attachment(name: str) -> dict[str, str]:
    """Headers of a download; `name` is made of letters, digits and hyphens only."""
    return _NEVER | {"Content-Disposition": f'attachment; filename="{name}"'}


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    """A file in pieces; it goes when the last was sent, or nobody asks for more."""
    with file:
        file.seek(0)
        while piece := file.read(1 << 18):
            yield piece


def _several(store: Store, project: Project, asked: Mapping[str, Any]) -> list[Variant]:
    """The pictures of a contact sheet, oldest first: those named, the starred ones, or all."""
    if isinstance(asked.get("ids"), list):
        return _named(store, project, asked["ids"])
    starred = asked.get("which") == "starred"
    chosen = store.variants(project.id, starred=starred, limit=500).variants
    return sorted(chosen, key=lambda v: v.seq)


def _named(store: Store, project: Project, ids: Sequence[object]) -> list[Variant]:
    """Pictures chosen one by one, each once, oldest first."""
    chosen = [_of(store, project, one) for one in dict.fromkeys(str(i) for i in ids[:500])]
    if any(v.deleted_at is not None for v in chosen):
        raise BadInput("A ticked picture is in the trash: restore it, or take its tick away.")
    return sorted(chosen, key=lambda v: v.seq)


def _one(store: Store, project: Project, asked: Mapping[str, Any]) -> Variant:
    """The picture that was named, else the newest starred one, else the newest."""
    if asked.get("id"):
        return _of(store, project, str(asked["id"]))
    for starred in (True, False):
        found = store.variants(project.id, starred=starred, limit=1).variants
        if found:
            return found[0]
    raise BadInput("The project has no picture yet: generate one, then export it.")


def _of(store: Store, project: Project, variant_id: str) -> Variant:
    variant = store.variant(variant_id)
    if variant.project_id != project.id:
        raise BadInput("This picture belongs to another project: open that one first.")
    return variant


def _story(store: Store, project: Project, asked: Mapping[str, Any]) -> Story:
    """The chosen picture and the way to it: the pictures named, else its own family first, then
    the project's others."""
    if isinstance(asked.get("ids"), list):
        return _ticked_story(store, project, asked)
    chosen = _one(store, project, asked)
    kin = [v for v in store.lineage(chosen.id) if v.deleted_at is None]
    known = {v.id for v in kin}
    rest = store.variants(project.id, limit=100).variants
    others = [*kin, *(v for v in rest if v.id not in known)] if len(kin) < 4 else kin
    before = sorted((v for v in others if v.id != chosen.id), key=lambda v: v.seq)
    return Story(project, chosen, tuple(before), _notes(asked, chosen))


def _ticked_story(store: Store, project: Project, asked: Mapping[str, Any]) -> Story:
    """The pictures named and no others; where none is the chosen one, the newest starred of them
    is, else the newest."""
    ticked = _named(store, project, asked["ids"])
    if not ticked:
        raise BadInput("No picture is ticked: tick those that the portfolio page is to show.")
    if asked.get("id"):
        chosen = _one(store, project, asked)
    else:
        chosen = max(ticked, key=lambda v: (v.starred, v.seq))
    before = tuple(v for v in ticked if v.id != chosen.id)
    if len(before) > SHOWN:
        raise BadInput(
            f"{len(before)} pictures are ticked beside the chosen one: a portfolio page has room "
            f"for {SHOWN}."
        )
    return Story(project, chosen, before, _notes(asked, chosen))


def _notes(asked: Mapping[str, Any], chosen: Variant) -> str:
    return str(asked.get("notes") or "")[:LONGEST_NOTES] or chosen.note


def export_routes(studio: "Studio") -> list[BaseRoute]:
    """The routes of this room."""

    def guarded(path: str, answer: Callable[["Studio", Request], Awaitable[Response]]) -> Route:
        async def endpoint(request: Request) -> Response:
            # Another site cannot set this header without being asked.
            if request.headers.get("x-toile") != "1":
                return PlainTextResponse("Export and import from the page.", 403, headers=_NEVER)
            return await answer(studio, request)

        return Route(path, endpoint, methods=["POST"])

    return [guarded("/toile/export", export), guarded("/toile/import", bring_back)]

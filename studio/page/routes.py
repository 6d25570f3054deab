"""Pictures and the page's own files over HTTP. Who may ask for them decides `studio.page.gate`."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from studio.desk.job import preview_jpeg
from studio.desk.underlays import croquis_svg, flat_svg, spec_of
from studio.desk.vector import kept_svg
from studio.desk.views import file_name
from studio.errors import ToileError
from studio.page.exporting import export_routes
from studio.page.sharing import qr_svg
from studio.page.voting import vote_routes
from studio.settings import ROOT

if TYPE_CHECKING:
    from studio.desk.studio import Studio

ASSETS = ROOT / "assets" / "ui"

_FOREVER = {"Cache-Control": "private, max-age=31536000, immutable"}
_NEVER = {"Cache-Control": "no-store"}


class _Assets(StaticFiles):
    """Scripts, styles and fonts; the browser asks each time whether they have changed."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        return response


def routes(studio: "Studio") -> list[BaseRoute]:
    """Everything under `toile/`."""

    def guarded(path: str, answer: Callable[["Studio", Request], Response]) -> Route:
        async def endpoint(request: Request) -> Response:
            try:
                return await run_in_threadpool(answer, studio, request)
            except ToileError as error:
                return _no(str(error))

        return Route(path, endpoint)

    return [
        Mount("/toile/ui", _Assets(directory=ASSETS)),
        guarded("/toile/picture/{variant}", _picture),
        guarded("/toile/thumb/{variant}", _thumbnail),
        guarded("/toile/ink/{sha}", _ink),
        guarded("/toile/underlay/{kind}/{view}", _underlay),
        guarded("/toile/drawing/{project}", _drawing),
        guarded("/toile/preview/{job}/{index:int}", _preview),
        guarded("/toile/glance/{project}", _glance),
        guarded("/toile/code", _code),
        *export_routes(studio),
        *vote_routes(studio),
    ]


def _no(text: str, status: int = 404) -> Response:
    return PlainTextResponse(text, status, headers=_NEVER)


def _picture(studio: "Studio", request: Request) -> Response:
    variant = studio.store.variant(request.path_params["variant"])
    data = studio.store.picture(variant.picture_sha)
    headers = dict(_FOREVER)
    if request.query_params.get("download"):
        headers["Content-Disposition"] = f'attachment; filename="{file_name(variant)}"'
    return Response(data, media_type="image/png", headers=headers)


def _thumbnail(studio: "Studio", request: Request) -> Response:
    variant = studio.store.variant(request.path_params["variant"])
    path = studio.store.blobs.thumbnail(variant.picture_sha)
    return FileResponse(path, media_type="image/webp", headers=_FOREVER)


def _ink(studio: "Studio", request: Request) -> Response:
    try:
        data = studio.store.picture(request.path_params["sha"])
    except ValueError:
        return _no("There is no such picture.")
    return Response(data, media_type="image/png", headers=_FOREVER)


def _underlay(_studio: "Studio", request: Request) -> Response:
    draw = {"flat": flat_svg, "croquis": croquis_svg}.get(request.path_params["kind"])
    view = request.path_params["view"]
    if draw is None or view not in ("front", "back"):
        return _no("There is no such underlay.")
    text = draw(spec_of(request.query_params), view)
    return Response(text, media_type="image/svg+xml", headers={"Cache-Control": "max-age=3600"})


def _drawing(studio: "Studio", request: Request) -> Response:
    name, text = kept_svg(studio.store, request.path_params["project"])
    headers = _NEVER | {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, media_type="image/svg+xml", headers=headers)


def _code(_studio: "Studio", request: Request) -> Response:
    text = qr_svg(request.query_params.get("text", ""))
    return Response(text, media_type="image/svg+xml", headers={"Cache-Control": "max-age=3600"})


def _glance(studio: "Studio", request: Request) -> Response:
    shown = request.query_params.get("shown", "")
    return JSONResponse(studio.glance(request.path_params["project"], shown), headers=_NEVER)


def _preview(studio: "Studio", request: Request) -> Response:
    job = studio.jobs.get(request.path_params["job"])
    data = preview_jpeg(job, request.path_params["index"]) if job else None
    if data is None:
        return Response(status_code=204, headers=_NEVER)
    return Response(data, media_type="image/jpeg", headers=_NEVER)

"""The checked-out code as a side: all that must change here when a request changes its shape.

It starts as what `base_side` does, in the names of today.
"""

import shutil
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from studio import cli, cli_references
from studio.engine import Engine
from studio.engine.catalogue import BUNDLED, DEFAULT_MODEL
from studio.gallery import Store
from studio.gallery.needed import files_of
from studio.garment.document import Document, Group, read_document
from studio.garment.parse import parse_component
from studio.request import GenerationRequest
from studio.ui import compose, fitting_room, parts, reference_views, sheets
from studio.ui.jobs import EngineRoom
from studio.ui.studio import Studio
from tests.samebytes.making import FILES, Doors, Files, Unsayable
from tests.samebytes.options import options


def read(text: str) -> GenerationRequest:
    """A request from the JSON of format 1, as galleries and PNGs hold it."""
    return GenerationRequest.from_json(text)


def engine(model: Path | None) -> Engine:
    """What makes pictures, with the bundled model or that of a folder."""
    return Engine(model, device="cpu")


def doors(engine: Engine, folder: Path) -> Doors:
    """Page and command line."""
    return _Doors(engine, folder)


def bundled() -> Path:
    """The folder of the bundled model."""
    return BUNDLED / DEFAULT_MODEL


class _Asked(Studio):
    """A studio that stops where a batch would be entered, and shows its request."""

    request: GenerationRequest

    def enter(self, job: Any, form: Any, shuffle: bool = True) -> Any:
        (self.request,) = job.requests
        return {}


class _Doors:
    """The page's own actions, one after the other as somebody does them, and the command line."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        uploads = folder / "uploads"
        uploads.mkdir()
        self.engine, self.uploads = engine, uploads
        room = EngineRoom(lambda: engine)
        room.start()
        room.engine()
        self.studio = _Asked(Store(folder / "data"), room, uploads)

    def close(self) -> None:
        self.studio.jobs.close()
        self.studio.store.close()

    def _upload(self, name: str) -> str:
        return str(shutil.copy(FILES / name, self.uploads / name))

    # The page

    def page(self, wish: Mapping[str, Any]) -> tuple[GenerationRequest, Files]:
        for key, why in (
            ("size", "the page makes pictures of the model's size"),
            ("component_strength", "the page has no strength of components"),
        ):
            if key in wish:
                raise Unsayable(why)
        studio = self.studio
        project = studio.store.create_project(wish["id"]).id
        board = dict(studio.open(project)["board"]["value"])
        form = compose.checked_form(
            {
                "prompt": wish.get("prompt", ""),
                "negative": wish.get("negative", ""),
                "exact": wish.get("place_exactly", True),
                "shaped": wish.get("usual_shape", True),
                "text": wish.get("sT", studio.usual_st()),
                "sketch": wish.get("sketch", {}).get("strength", 1.0),
                "count": wish.get("count", 1),
                "seed": str(wish["seed"]),
                "locked": True,
                "steps": wish.get("steps", 3),
                "sampler": wish.get("sampler", "unipc"),
            }
        )
        self._shown(board, studio.write(project, board, form))
        if sketch := wish.get("sketch"):
            board["photo"] = self._read_photo(sketch["picture"])
            self._shown(board, studio.draw(project, board, form))
        for component in wish.get("components", ()):
            self._component(project, board, form, component)
        self._references(project, board, form, wish)
        studio.generate(project, board, form)
        request = self._started(studio.request, wish)
        return request, {sha: studio.store.file(sha) for sha in files_of(request).values()}

    def _shown(self, board: dict[str, Any], updates: Mapping[str, Any]) -> None:
        """The page takes the components that an answer sends."""
        change = updates["board"].get("change", {})
        board["parts"] = change.get("parts", board["parts"])

    def _read_photo(self, name: str) -> str:
        return self.studio.read_photo(self._upload(name))["board"]["change"]["photo"]

    def _component(self, project: str, board: dict[str, Any], form: Any, asked: Any) -> None:
        """One component, added in the table and counted there, or dragged to its places."""
        document = read_document(board["parts"])
        if not isinstance(asked, str):
            boxes = tuple(tuple(box) for box in asked["boxes"])
            mine = Group(asked["kind"], asked["place"], "user", boxes=boxes)
            kept = tuple(g for g in document.groups if g.id != mine.id)
            board["parts"] = Document((*kept, mine)).to_json()
            self._shown(board, self.studio.draw(project, board, form))
            return
        request = parse_component(asked)
        if request.place is None:
            raise Unsayable("in the page's table a component has a place")

        def act(**event: Any) -> None:
            self._shown(board, parts.act(self.studio, project, event, board, form))

        mine = Group(request.kind, request.place)
        if (request.kind, request.place) not in document.taken():
            act(verb="add", kind=request.kind, place=request.place, mirror=False)
        if read_document(board["parts"]).group(mine.id).count != request.count:
            act(verb="count", id=mine.id, count=request.count)

    def _references(self, project: str, board: Any, form: Any, wish: Mapping[str, Any]) -> None:
        def act(**event: Any) -> None:
            fitting_room.act(self.studio, project, event, board, form)

        def put(role: str, name: str) -> None:
            act(verb="put", role=role, path=self._upload(name))

        def settle(role: str, given: Mapping[str, Any], **names: str) -> None:
            for key, what in names.items():
                if key in given:
                    act(verb="set", role=role, what=what, value=given[key])

        if garment := wish.get("garment"):
            put("garment", garment["picture"])
            if "mask" in garment:
                act(verb="mask", role="garment", path=self._upload(garment["mask"]))
            settle("garment", garment, part="part", method="method", sG="sg")
            settle("garment", garment, **{"lambda": "dressing"})
        if person := wish.get("person"):
            put("person", person["photo"])
            if "mask" in person:
                act(verb="mask", role="person", path=self._upload(person["mask"]))
        if pose := wish.get("pose"):
            if "photo" in pose:
                put("pose", pose["photo"])
            else:
                name = pose.get("name", "")
                size = reference_views.framing(form, reference_views.kept(self.studio, project))
                joints = pose.get("joints") or reference_views.PRESETS[name][size]
                act(verb="joints", joints=list(joints), name=name)
            settle("pose", pose, strength="strength")
        if face := wish.get("face"):
            put("face", face["photo"])
            settle("face", face, strength="strength")
        for style in wish.get("styles", ()):
            act(verb="style", path=self._upload(style["file"]), name=style["file"])
            if style.get("scale", 1.0) != 1.0:
                sha = reference_views.kept(self.studio, project).styles[-1].sha256
                act(verb="style_scale", sha=sha, scale=style["scale"])

    def _started(self, request: GenerationRequest, wish: Mapping[str, Any]) -> GenerationRequest:
        """The request of a variation or a repair of a picture that was made from the rest of
        the wish, as its card on the page enters it."""
        start = wish.get("start")
        if start is None:
            return request
        studio, seed, count = self.studio, wish["seed"], wish.get("count", 1)
        sha = studio.store.keep_picture((FILES / start["picture"]).read_bytes())
        if "mask" in start:
            mask = studio.store.keep_picture((FILES / start["mask"]).read_bytes())
            request = sheets.fix(studio.for_model(request), sha, mask, seed, count)
        elif start["vary"] in compose.VARY_STOPS:
            request = compose.vary(request, sha, start["vary"], seed, count)
        else:
            raise Unsayable("the page varies subtly or strongly")
        return studio.for_model(request)

    # The command line

    def command_line(self, wish: Mapping[str, Any]) -> tuple[GenerationRequest, Files]:
        given = cli.build_parser().parse_args(["generate", *options(wish)])
        return self._generated(given)

    def _generated(self, given: Namespace) -> tuple[GenerationRequest, Files]:
        """As `cli.generate` does it, up to the first step."""
        request, images, _ = cli.compose(given)
        request, _ = cli._for_model(self.engine, request)
        request = cli_references.read_by(self.engine, request, images, given)
        if given.usual_shape:
            request = cli._shaped(self.engine, request, images)
        needed = set(files_of(request).values())
        return request, {sha: data for sha, data in images.items() if sha in needed}

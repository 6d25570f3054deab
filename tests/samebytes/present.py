"""The checked-out code as a side: all that must change here when a request changes its shape.

Three doors lead to a request: the page's own actions, the command line's options, and the wish
that the evaluation writes.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from studio import cli
from studio.controls.face import FaceControl
from studio.controls.garment import GarmentControl
from studio.controls.pose import PoseControl
from studio.controls.sketch import SketchControl
from studio.controls.style import StyleControl
from studio.desk import compose, drawing, fitting_room, photos, reference_views, sheets
from studio.desk.options import wish_of
from studio.desk.resolve import resolve
from studio.desk.room import EngineRoom
from studio.desk.studio import Studio
from studio.desk.wish import Held, Wish
from studio.engine import Engine
from studio.engine.catalogue import BUNDLED, DEFAULT_MODEL
from studio.gallery import Store
from studio.garment.document import Document, Group, read_document
from studio.garment.parse import parse_component
from studio.pngmeta import png_bytes
from studio.request import Control, GenerationRequest, Pose, Recorded, Start
from tests.samebytes.making import FILES, Doors, Files, Unsayable
from tests.samebytes.options import STRENGTHS, options
from trainer.evaluation.pictures import Pictures, settled


def read(text: str) -> GenerationRequest:
    """A request from the JSON of any format, as galleries and PNGs hold it."""
    return Recorded.from_json(text).request


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

    kept: Recorded

    def enter(self, job: Any, form: Any, shuffle: Any = None) -> Any:
        (self.kept,) = job.requests
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
        kept = self._started(studio.kept, wish)
        self.kept = kept
        files = {sha: studio.store.file(sha) for sha in kept.request.files().values()}
        return kept.request, files

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
            self._shown(board, self.studio.arrange(project, event, board, form))

        mine = Group(request.kind, request.place)
        if (request.kind, request.place) not in document.taken():
            act(verb="add", kind=request.kind, place=request.place, count=request.count)
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
            settle("garment", garment, **{"lambda": "weight"})
        if person := wish.get("person"):
            put("person", person["photo"])
            if "mask" in person:
                act(verb="mask", role="person", path=self._upload(person["mask"]))
        if pose := wish.get("pose"):
            if "photo" in pose:
                put("pose", pose["photo"])
            else:
                name = pose.get("name", "")
                size = reference_views.framing(
                    form, reference_views.kept(self.studio.store, project)
                )
                joints = pose.get("joints") or reference_views.PRESETS[name][size]
                act(verb="joints", joints=list(joints), name=name)
            settle("pose", pose, strength="strength")
        if face := wish.get("face"):
            put("face", face["photo"])
            settle("face", face, strength="strength")
        for style in wish.get("styles", ()):
            act(verb="style", path=self._upload(style["file"]), name=style["file"])
            if style.get("scale", 1.0) != 1.0:
                given = reference_views.kept(self.studio.store, project)
                sha = given.all(StyleControl)[-1].sha256
                act(verb="style_scale", sha=sha, scale=style["scale"])

    def _started(self, kept: Recorded, wish: Mapping[str, Any]) -> Recorded:
        """The request of a variation or a repair of a picture that was made from the rest of
        the wish, as its card on the page enters it."""
        start = wish.get("start")
        if start is None:
            return kept
        studio, seed, count = self.studio, wish["seed"], wish.get("count", 1)
        sha = studio.store.keep_picture((FILES / start["picture"]).read_bytes())
        if "mask" in start:
            mask = studio.store.keep_picture((FILES / start["mask"]).read_bytes())
            request = sheets.fix(kept.request, sha, mask, seed, count)
        elif start["vary"] in compose.VARY_STOPS:
            request = compose.vary(kept.request, sha, start["vary"], seed, count)
        else:
            raise Unsayable("the page varies subtly or strongly")
        return studio.for_model(kept.with_request(request))

    # The command line

    def command_line(self, wish: Mapping[str, Any]) -> tuple[GenerationRequest, Files]:
        """As `cli.generate` does it, up to the first step."""
        given, files = cli.build_parser().parse_args(["generate", *options(wish)]), Held()
        made = resolve(wish_of(given, files), self.engine.capabilities, self.engine, files)
        self.kept = made.recorded
        return made.request, files.of(made.request.files())

    # The evaluation

    def evaluation(self, wish: Mapping[str, Any]) -> tuple[GenerationRequest, Files]:
        """The wish written out as the suites write theirs."""
        files = Pictures()
        request = settled(self.engine, files, written(wish, files, self.engine))
        return request, files.of(request.files())


def written(wish: Mapping[str, Any], files: Held, engine: Engine) -> Wish:
    """A wish as the desk takes it."""
    if any(not isinstance(component, str) for component in wish.get("components", ())):
        raise Unsayable("places are dragged on the page alone")
    pose = wish.get("pose", {})
    named = pose.get("name", "")
    start = None
    if told := wish.get("start"):
        mask = told.get("mask")
        start = Start(
            kind="repair" if mask else "vary",
            picture=files.keep_picture(_bytes(told["picture"])),
            mask=files.keep_picture(_bytes(mask)) if mask else None,
            strength=STRENGTHS["repair" if mask else told["vary"]],
        )
    person = None
    if told := wish.get("person"):
        person = photos.take_person(_bytes(told["photo"]), files)
        if "mask" in told:
            person = photos.with_mask(person, _bytes(told["mask"]), files)
    size = tuple(int(side) for side in wish["size"].split("x")) if "size" in wish else None
    return Wish(
        wish.get("prompt", ""),
        wish.get("negative", ""),
        controls=_controls(wish, files, engine),
        asked=tuple(parse_component(component) for component in wish.get("components", ())),
        component_strength=wish.get("component_strength", 1.0),
        exact=wish.get("place_exactly", True),
        shaped=wish.get("usual_shape", True),
        pose=named or (photos.take(_bytes(pose["photo"]), files) if "photo" in pose else ""),
        posed_by="name" if named else "photo" if "photo" in pose else "",
        person=person,
        start=start,
        st=wish.get("sT"),
        steps=wish.get("steps", 3),
        sampler=wish.get("sampler", "unipc"),
        seed=wish["seed"],
        count=wish.get("count", 1),
        size=(size[0], size[1]) if size else None,
    )


def _bytes(name: str) -> bytes:
    return (FILES / name).read_bytes()


def _controls(wish: Mapping[str, Any], files: Held, engine: Engine) -> tuple[Control, ...]:
    controls: list[Control] = []
    if told := wish.get("sketch"):
        ink = drawing.take(_bytes(told["picture"]), files)
        controls.append(SketchControl(picture=ink, strength=told.get("strength", 1.0)))
    if told := wish.get("garment"):
        picture, mask = photos.take_garment(_bytes(told["picture"]), files)
        if "mask" in told:
            size = photos.kept(files, picture).size
            mask = files.keep_picture(png_bytes(photos.read_mask(_bytes(told["mask"]), size)))
        controls.append(
            GarmentControl(
                picture=picture, mask=mask, part=told.get("part", "auto"),
                method=told.get("method", "magic_clothing"), weight=told.get("lambda", 1.0),
                sg=told.get("sG", engine.capabilities.sg),
            )
        )  # fmt: skip
    if joints := wish.get("pose", {}).get("joints"):
        controls.append(PoseControl(pose=Pose(joints=tuple(joints))))
    if told := wish.get("face"):
        face = photos.take(_bytes(told["photo"]), files)
        controls.append(FaceControl(picture=face, strength=told.get("strength", 1.0)))
    for style in wish.get("styles", ()):
        sha = files.keep_picture(_bytes(style["file"]))
        name, scale = Path(style["file"]).stem, style.get("scale", 1.0)
        controls.append(StyleControl(name=name, sha256=sha, strength=scale))
    return tuple(controls)

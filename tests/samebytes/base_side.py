# type: ignore
# ruff: noqa: I001
"""Requests and wishes as the base commit, 88c0d14, understands them.

It runs in a checkout of that commit, imports only what is there, and is never brought up to date:
what it does is what a user got. Code that is gone can neither be type-checked nor sorted.
"""

import json
import shutil
import sys
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from studio import cli, cli_references
from studio.engine import Engine
from studio.engine.catalogue import BUNDLED, DEFAULT_MODEL
from studio.gallery import Store
from studio.gallery.needed import files_of
from studio.garment.placing import Document, Group, read_document
from studio.garment.parse import parse_component
from studio.request import GenerationRequest
from studio.ui import compose, fitting_room, parts, reference_views, sheets
from studio.ui.jobs import EngineRoom
from studio.ui.studio import Studio
from tests.samebytes.making import FILES, Files, Unsayable, record
from tests.samebytes.options import options


def read(text: str) -> GenerationRequest:
    """A request from its stored JSON."""
    return GenerationRequest.from_json(text)


def engine(model: Path | None) -> Engine:
    """What makes pictures."""
    return Engine(model, device="cpu")


def doors(engine: Engine, folder: Path) -> "BaseDoors":
    """Page and command line."""
    return BaseDoors(engine, folder)


def bundled() -> Path:
    """The folder of the bundled model."""
    return BUNDLED / DEFAULT_MODEL


class _Asked(Studio):
    """A studio that stops where a batch would be entered, and shows its request."""

    request: GenerationRequest

    def enter(self, job: Any, form: Any, shuffle: bool = True) -> Any:
        (self.request,) = job.requests
        return {}


class BaseDoors:
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


def write_adapters(folder: Path) -> None:
    """An image prompt and a ControlNet-Garment with random weights that can be felt."""
    import torch
    from diffusers.models.controlnets.controlnet import ControlNetModel
    from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel

    from studio.conditions.image_attention import ImageKeys
    from studio.conditions.image_prompt import ImagePromptAdapter
    from studio.conditions.resampler import Resampler
    from studio.vision.image_encoder import ImageEncoder

    torch.manual_seed(3)
    unet: Any = UNet2DConditionModel.from_pretrained(bundled() / "unet", torch_dtype=torch.float32)
    encoder = ImageEncoder.load(bundled() / "image_encoder")
    seen, width = encoder.net.config.hidden_size, int(unet.config.cross_attention_dim)
    resampler = Resampler(32, 1, 2, seen, width, 32, 4)
    ImagePromptAdapter(resampler, ImageKeys.of_unet(unet)).save(folder / "image_prompt")
    control: Any = ControlNetModel.from_unet(
        unet, conditioning_channels=3, conditioning_embedding_out_channels=(8, 8, 8, 8)
    )
    for module in (*control.controlnet_down_blocks, control.controlnet_mid_block):
        torch.nn.init.normal_(module.weight, std=0.03)
    torch.nn.init.normal_(control.controlnet_cond_embedding.conv_out.weight, std=1.0)
    control.half().save_pretrained(folder / "controlnet_garment")


if __name__ == "__main__":
    assert BUNDLED.is_relative_to(Path.cwd()), "this is not the base commit's studio"
    place = Path(sys.argv[1])
    write_adapters(place / "adapters")
    record(sys.modules[__name__], place, lambda r: json.loads(r.to_json()))

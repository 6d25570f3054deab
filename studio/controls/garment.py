"""The picture of a garment to be worn or shown, and the ways in which it can be heard."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self

from studio.errors import ModelMissing
from studio.options import Option
from studio.request import MAX_SCALE, Control, Sha
from studio.request.parts import number, one_of
from studio.request.rows import Told, strength
from studio.request.rows import number as number_text
from studio.request.weights import Weights
from studio.tile import Tile

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image
    from torch import Tensor

    from studio.checkpoints import Found
    from studio.conditions.base import Condition
    from studio.conditions.scene import Scene
    from studio.conditions.shelf import Shelf


@dataclass(frozen=True)
class Way:
    """A way in which a garment's picture can be heard.

    Attributes:
        title: how people call it. needs: what a model must have for it.
        hear: makes its conditions.
    """

    title: str
    needs: frozenset[str]
    hear: Callable[[GarmentControl, Scene, Worn], list[Condition]]


@dataclass(frozen=True)
class Worn:
    """A garment's picture and where it is in it."""

    picture: Image.Image
    mask: NDArray[np.uint8]

    def pixels(self, scene: Scene, masked: bool) -> Tensor:
        """(1, 3, height, width), what lies beside the mask on white."""
        from studio.conditions.garment import masked_garment

        mask = self.mask if masked else None
        return masked_garment(self.picture, mask, scene.width, scene.height)

    def key(self, scene: Scene, masked: bool) -> bytes:
        """Names picture, size and mask."""
        digest = hashlib.sha256(repr((scene.width, scene.height, self.picture.size)).encode())
        digest.update(self.picture.tobytes())
        if masked:
            digest.update(self.mask.tobytes())
        return digest.digest()


def _magic_clothing(control: GarmentControl, scene: Scene, worn: Worn) -> list[Condition]:
    extractor = scene.weights("garment")
    return [_seen(extractor, control, scene, worn, lambda: scene.family.text.encode("").embeddings)]


def _dressing(control: GarmentControl, scene: Scene, worn: Worn) -> list[Condition]:
    if not control.weight:
        return []
    encoder, weighed = scene.weights("dressing"), Control(strength=control.weight)
    return [_seen(encoder, weighed, scene, worn, lambda: encoder.tokens(worn.picture))]


def _seen(
    extractor: Any, control: Control, scene: Scene, worn: Worn, words: Callable[[], Tensor]
) -> Condition:
    from studio.conditions.garment import GarmentCondition

    masked = getattr(extractor, "masked", True)
    features = extractor.features(
        worn.key(scene, masked),
        lambda: scene.encode(worn.pixels(scene, masked)),
        words,
    )
    return GarmentCondition(extractor, features, control)


def _image_prompt(control: GarmentControl, scene: Scene, worn: Worn) -> list[Condition]:
    from studio.conditions.image_prompt import ImagePromptCondition

    prompt = scene.weights("image_prompt")
    tokens = scene.remembered(
        worn.picture,
        "image_prompt",
        lambda: prompt.tokens(scene.weights("image_encoder"), [worn.picture]),
    )
    return [ImagePromptCondition(prompt, tokens, control)]


def _controlnet(control: GarmentControl, scene: Scene, worn: Worn) -> list[Condition]:
    """The garment's picture where a control network has its map."""
    from studio.conditions.control import BoardControl
    from studio.conditions.parts import picture_part

    shown = (worn.pixels(scene, masked=True)[0] / 2 + 0.5).numpy()
    part = picture_part("garment", shown, control)
    return [BoardControl(scene.weights("controlnet_garment"), [[part]], scene.steps)]


WAYS: dict[str, Way] = {
    "magic_clothing": Way("Magic Clothing", frozenset({"garment"}), _magic_clothing),
    "imagdressing": Way("IMAGDressing", frozenset({"dressing"}), _dressing),
    "combined": Way(
        "both",
        frozenset({"garment", "dressing"}),
        lambda *given: [*_magic_clothing(*given), *_dressing(*given)],
    ),
    "image_prompt": Way("image prompt", frozenset({"image_prompt"}), _image_prompt),
    "controlnet_garment": Way("ControlNet-Garment", frozenset({"controlnet_garment"}), _controlnet),
}
"""The ways in which a garment's picture can be heard, in the order in which one stands in for
another; the last two are there for comparison."""

GARMENT_METHODS: dict[str, str] = {name: way.title for name, way in WAYS.items()}
"""How people call them."""

GUIDED = ("magic_clothing", "combined")
"""The methods that sG steers."""


def methods_of(conditions: Collection[str]) -> list[str]:
    """The ways that a model with these conditions has."""
    return [name for name, way in WAYS.items() if way.needs <= set(conditions)]


GARMENT_PARTS: dict[str, str] = {
    "auto": "found automatically",
    "upper": "upper body",
    "lower": "lower body",
    "dress": "dress or whole body",
}
"""Which garment of a picture is meant."""

GUIDANCE_FORMS: tuple[str, ...] = ("joint", "independent")
"""How text and garment guidance are put together; the first is the default."""

MAX_LAMBDA = 2.0


def _load_extractor(shelf: Shelf) -> Any:
    """Magic Clothing's extractor."""
    from studio.conditions.garment import GarmentExtractor
    from studio.conditions.published.garment import load_garment

    file = shelf.file("garment")
    if file is not None:
        loaded = load_garment(file.path, shelf.unet)
        return GarmentExtractor(loaded.extractor, joint=loaded.joint, layers=loaded.layers)
    shelf.require("garment", "cannot see a garment's picture")
    traits = shelf.traits("garment_extractor")
    return GarmentExtractor(
        shelf.network("garment_extractor"),
        joint=bool(traits.get("joint", True)),
        zeros=bool(traits.get("zeros", True)),
    )


def _load_dressing(shelf: Shelf) -> Any:
    """IMAGDressing's networks."""
    from studio.conditions.dressing import DressingEncoder, load_own_dressing
    from studio.conditions.published.dressing import load_imagdressing

    file, eyes = shelf.file("dressing"), shelf.get("image_encoder")
    if file is not None:
        loaded = load_imagdressing(file.path, shelf.unet)
        network, resampler, layers = loaded.garment_unet, loaded.resampler, loaded.layers
        return DressingEncoder(network, eyes, resampler, layers, masked=False)
    shelf.require("dressing", "has no IMAGDressing")
    return load_own_dressing(shelf.folder / "dressing", shelf.network, eyes)


def _load_image_prompt(shelf: Shelf) -> Any:
    from studio.conditions.image_prompt import ImagePromptAdapter

    shelf.require("image_prompt", "has no image prompt")
    return ImagePromptAdapter.load(shelf.folder / "image_prompt", shelf.unet.device)


def _load_controlnet(shelf: Shelf) -> Any:
    from diffusers.models.controlnets.controlnet import ControlNetModel

    from studio.conditions.control import BoardNetwork

    shelf.require("controlnet_garment", "has no ControlNet-Garment")
    return BoardNetwork(shelf.network("controlnet_garment", ControlNetModel), "colours")


def _load_parser(shelf: Shelf) -> Any:
    """The published cloth parser; None where it is not there."""
    from studio.vision.u2net import ClothParser

    file = shelf.file("parser")
    return None if file is None else ClothParser.load(file.path, shelf.unet.device)


def _load_image_encoder(shelf: Shelf) -> Any:
    """What image tokens come from."""
    from studio.vision.image_encoder import ImageEncoder

    for place in shelf.folders("image_encoder"):
        if place.is_dir():
            return ImageEncoder.load(place, shelf.unet.device)
    raise ModelMissing(
        "There is no image encoder for this adapter: put the folder image_encoder of "
        "IP-Adapter beside the published files."
    )


def no_image_encoder(shelf: Shelf, file: Found) -> str:
    """A sentence where the image encoder is not beside a published file."""
    if any(place.is_dir() for place in shelf.folders("image_encoder")):
        return ""
    return (
        f"“{file.path.name}” needs the folder image_encoder of IP-Adapter: put it into the folder "
        "of adapters too."
    )


def _no_layers(shelf: Shelf, file: Found) -> str:
    if file.kind != "decoupled_extractor" or file.path.with_name("ip_layer.pth").is_file():
        return ""
    return f"“{file.path.name}” is used together with ip_layer.pth: put that file beside it."


class GarmentControl(Control):
    """A garment's picture.

    Attributes:
        picture: the photo. mask: white on the garment; found automatically where missing.
        part: which garment of the picture is meant, one of `GARMENT_PARTS`.
        method: how it is heard, one of `GARMENT_METHODS`.
        weight: lambda, the weight of IMAGDressing's garment; 0 leaves it out.
        sg: garment guidance sG. form: "joint" (Magic Clothing) or "independent".
    """

    kind = "garment"
    title: ClassVar[str] = "garment"
    order = 40
    cannot = "hear a garment"
    remedy = "choose another method, or put its published weights into the folder of adapters"
    weights = (
        Weights(
            "garment",
            _load_extractor,
            ("garment_extractor",),
            ("magic_clothing", "decoupled_extractor"),
            r"magic_clothing|oms_(diffusion|\d)|garment_extractor",
            "magic_clothing_768_vitonhd_joint.safetensors",
            lacks=_no_layers,
        ),
        Weights(
            "dressing",
            _load_dressing,
            ("dressing", "garment_extractor", "image_encoder"),
            ("imagdressing",),
            "imagdressing",
            "IMAGDressing-v1_512.pt",
            lacks=no_image_encoder,
        ),
        Weights("image_prompt", _load_image_prompt, ("image_prompt", "image_encoder")),
        Weights("controlnet_garment", _load_controlnet, ("controlnet_garment",)),
        Weights("parser", _load_parser, kinds=("cloth_segm",), alone=False),
        Weights("image_encoder", _load_image_encoder, alone=False),
    )
    says_what = True
    tile = Tile(
        place=10,
        title="Garment",
        about="A picture of the garment to be worn; the words say by whom and where.",
        drawn="M8.5 4.5L4 7l1.8 4L8 10v9.5h8V10l2.2 1L20 7l-4.5-2.5a3.6 3.6 0 0 1-7 0z",
    )
    rows = (
        Told("Garment photo", attrgetter("picture"), "garment"),
        Told("Garment mask", attrgetter("mask"), "mask"),
        Told("Garment part", lambda garment: GARMENT_PARTS[garment.part]),
        Told("Garment method", lambda garment: GARMENT_METHODS[garment.method]),
        Told("Garment strength", strength),
        Told("Garment guidance sG", lambda garment: number_text(garment.sg)),
        Told("Garment weight λ", lambda garment: number_text(garment.weight)),
        Told("Guidance", attrgetter("form")),
    )
    options = (
        Option("--garment", "picture", "a photo of the garment", "garment", "FILE"),
        Option("--garment-mask", "mask", "white on the garment", "mask", "FILE"),
        Option("--garment-part", "part", f"{', '.join(GARMENT_PARTS)} (auto)", metavar="P"),
        Option("--method", "method", f"how it is heard: {', '.join(GARMENT_METHODS)}", metavar="M"),
        Option("--sg", "sg", "garment guidance sG (the model's)", "number", "F"),
        Option("--lambda", "weight", "of IMAGDressing's garment, up to 2 (1)", "number", "F"),
        Option("--garment-strength", "strength", "0 to 2 (1)", "number", "F"),
        Option("--guidance", "form", f"{', '.join(GUIDANCE_FORMS)} (joint)", metavar="G"),
    )
    picture: Sha
    mask: Sha | None = None
    part: Annotated[str, one_of("garment part", lambda: GARMENT_PARTS)] = "auto"
    method: Annotated[str, one_of("garment method", lambda: GARMENT_METHODS)] = "magic_clothing"
    weight: Annotated[float, number("garment's weight lambda", 0, MAX_LAMBDA)] = 1.0
    sg: Annotated[float, number("garment guidance sG", 0, MAX_SCALE)] = 2.5
    form: Annotated[str, one_of("form of guidance", lambda: GUIDANCE_FORMS)] = GUIDANCE_FORMS[0]

    @property
    def way(self) -> str:
        """The method."""
        return f"by the method “{GARMENT_METHODS[self.method]}”"

    @property
    def advice(self) -> str:
        """What to do where a model does not have the method: some have no published weights."""
        published = {weights.name for weights in self.weights if weights.kinds}
        if self.needs() <= published:
            return self.remedy
        return "choose another method, there are no published weights for this one"

    def needs(self) -> frozenset[str]:
        """The weights of its way."""
        return WAYS[self.method].needs

    def heard_by(self, conditions: Collection[str]) -> Self | None:
        """The garment in a way that a model has; its own where it can be."""
        methods = methods_of(conditions)
        if self.method in methods:
            return self
        return self.replaced(method=methods[0]) if methods else None

    def conditions(self, scene: Scene) -> Sequence[Condition]:
        """The garment. Raises BadInput where there is none in the picture."""
        picture = scene.picture(self.picture)
        own = None
        if self.mask is not None:
            from studio.vision.pictures import load_mask

            own = load_mask(scene.file(self.mask))
        found = scene.find_garment(picture, self.part, own)
        worn = Worn(picture.convert("RGB"), found.mask)
        return WAYS[self.method].hear(self, scene, worn)

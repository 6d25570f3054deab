"""IMAGDressing-v1's file (arXiv 2407.12705): garment UNet, resampler, and keys and values.

Two layouts are known, and both are DeepSpeed's: weights under "module", in the later one beside
other things. The base model's own copy in them, `unet.*`, is not read; only where the short names
of the adapters are absent are these taken from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from torch import Tensor

from studio.checkpoints import read_weights
from studio.checkpoints.kinds import dressing_prefix, part_of
from studio.checkpoints.plans import Shapes, resampler
from studio.engine.published.base import (
    KeyValue,
    Layer,
    LayerWeights,
    fill,
    garment_unet_plan,
    moved,
    open_as,
    require,
    self_layers,
    shapes_of,
)
from studio.errors import ModelDamaged

_EXAMPLE = "IMAGDressing-v1_512.pt"


@dataclass(frozen=True)
class ResamplerSizes:
    """The sizes of a resampler, read from its weights.

    Attributes:
        queries: tokens that come out. width: of the tokens inside. source: width of the image
            tokens. out: width of the tokens that come out. depth: layers. inner: width of the
            attention, all heads together (64 each in published files).
    """

    queries: int
    width: int
    source: int
    out: int
    depth: int
    inner: int

    def shapes(self) -> Shapes:
        """All its weights."""
        return resampler(self.queries, self.width, self.source, self.out, self.depth, self.inner)


@dataclass(frozen=True)
class DressingCheckpoint:
    """What IMAGDressing adds to a base.

    Attributes:
        garment_unet: reads the garment's latents at timestep 0, with the resampler's tokens.
        resampler: weights in IP-Adapter-Plus's names, in the base's number format.
        sizes: of the resampler.
        layers: keys and values (C, C) for each self-attention.
    """

    garment_unet: UNet2DConditionModel
    resampler: dict[str, Tensor]
    sizes: ResamplerSizes
    layers: LayerWeights


def load_imagdressing(path: Path, base: UNet2DConditionModel) -> DressingCheckpoint:
    """Load IMAGDressing-v1 for a base.

    Args:
        path: the file, in either layout.
        base: gives the configuration, number format and device.

    Raises:
        ModelMissing, ModelDamaged: the file is not there, broken, of another kind, incomplete or
            for another base.
    """
    header = open_as(path, ("imagdressing",), _EXAMPLE)
    prefix = dressing_prefix(header.shapes)
    shapes = part_of(header.shapes, prefix)
    network, layers = garment_unet_plan(base), self_layers(base)
    garment, projection = part_of(shapes, "ref_unet."), part_of(shapes, "proj.")
    require(path, "IMAGDressing's garment UNet", garment, shapes_of(network.state_dict()))
    sizes = _sizes(path, projection, int(base.config["cross_attention_dim"]))
    require(path, "IMAGDressing's resampler", projection, sizes.shapes())
    names = _adapter_names(shapes, layers)
    expected = {
        name: (layer.width, layer.width)
        for layer, pair in zip(layers, names, strict=True)
        for name in pair
    }
    found = {name: shape for name, shape in shapes.items() if _is_adapter(name, expected)}
    require(path, "IMAGDressing's keys and values", found, expected)

    wanted = (f"{prefix}ref_unet.", f"{prefix}proj.")
    weights = read_weights(
        path, lambda name: name.startswith(wanted) or name.removeprefix(prefix) in expected
    )

    def part(beginning: str) -> dict[str, Tensor]:
        beginning = prefix + beginning
        return {n.removeprefix(beginning): w for n, w in weights.items() if n.startswith(beginning)}

    adapters = moved({name: weights[prefix + name] for name in expected}, base)
    return DressingCheckpoint(
        garment_unet=fill(network, part("ref_unet."), base),
        resampler=moved(part("proj."), base),
        sizes=sizes,
        layers={
            layer.name: KeyValue(adapters[key], adapters[value])
            for layer, (key, value) in zip(layers, names, strict=True)
        },
    )


def _adapter_names(shapes: Shapes, layers: list[Layer]) -> list[tuple[str, str]]:
    """Names of each layer's key and value weights, as this file has them."""
    if any(name.startswith("adapter_modules.") for name in shapes):
        bases = [f"adapter_modules.{2 * i}." for i in range(len(layers))]
    else:
        bases = [f"unet.{layer.name}.processor." for layer in layers]
    return [(f"{at}to_k_ref.weight", f"{at}to_v_ref.weight") for at in bases]


def _is_adapter(name: str, expected: Shapes) -> bool:
    """Whether a name is one of the adapters', in the naming that is read."""
    short = next(iter(expected)).startswith("adapter_modules.")
    return name.startswith("adapter_modules.") if short else name.endswith("_ref.weight")


def _sizes(path: Path, projection: Shapes, text: int) -> ResamplerSizes:
    try:
        _, queries, width = projection["latents"]
        source = projection["proj_in.weight"][1]
        inner = projection["layers.0.0.to_q.weight"][0]
    except (KeyError, ValueError, IndexError):
        raise ModelDamaged(
            f"“{path.name}” holds no whole resampler among its weights “proj.…”, as IMAGDressing "
            "has it: download it again."
        ) from None
    depth = len({name.split(".")[1] for name in projection if name.startswith("layers.")})
    return ResamplerSizes(queries, width, source, text, depth, inner)

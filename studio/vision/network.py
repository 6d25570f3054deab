"""The perception network: one small network that answers all questions about a picture at once.

Garment, colour, pattern, neckline and sleeves as classes; components as heatmaps with sizes; the
garment's mask; place, wearer and joints, which earlier weights lack.
`studio.vision.perception` turns its answers into words and boxes.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from studio.errors import ModelDamaged, ModelMissing
from studio.forms import read_object
from studio.garment.landmarks import COCO_JOINTS
from studio.garment.vocabulary import COMPONENTS, GARMENT_FIELDS
from studio.vision.surroundings import SCENE_ATTRIBUTES, Surroundings

ATTRIBUTES: dict[str, tuple[str, ...]] = {
    name: tuple(GARMENT_FIELDS[name])
    for name in ("garment", "colour", "pattern", "neckline", "sleeves")
}
"""The questions about a garment with one answer, and their possible answers in class order."""

KINDS: tuple[str, ...] = tuple(COMPONENTS)
"""The component kinds in heatmap order."""

WEIGHTS_NAME = "model.safetensors"
CONFIG_NAME = "config.json"
_UNSHUFFLE = 4


@dataclass(frozen=True)
class PerceptionConfig:
    """The network's shape and calibration; stored as config.json beside the weights.

    Attributes:
        widths: channels at strides 4, 8 and 16.
        depths: residual blocks at strides 4, 8 and 16.
        neck: channels of the top-down path.
        attention: pooling maps over the features at stride 16, and over those at stride 8.
        hidden: width of the class head.
        face: width of the look at a wearer's head; 0 in earlier weights.
        size: side of the square input in pixels, a multiple of 16.
        thresholds: the least heatmap score of each kind, calibrated on held-out renders.
        attributes, kinds, joints: the vocabulary that the weights were trained for; the questions
            of `SCENE_ATTRIBUTES` and the joints are missing from earlier ones.
    """

    widths: tuple[int, int, int] = (48, 80, 128)
    depths: tuple[int, int, int] = (1, 2, 2)
    neck: int = 64
    attention: int = 6
    hidden: int = 160
    face: int = 64
    size: int = 256
    thresholds: tuple[float, ...] = (0.3,) * len(KINDS)
    attributes: Mapping[str, tuple[str, ...]] = dataclasses.field(
        default_factory=lambda: ATTRIBUTES | SCENE_ATTRIBUTES
    )
    kinds: tuple[str, ...] = KINDS
    joints: tuple[str, ...] = COCO_JOINTS

    @property
    def knows_scenes(self) -> bool:
        """Whether there are questions beside the garment's own."""
        return any(name not in ATTRIBUTES for name in self.attributes)

    @property
    def known(self) -> bool:
        """Whether this version speaks the weights' vocabulary."""
        attributes = dict(self.attributes)
        without = attributes == ATTRIBUTES and not self.joints
        scenes = attributes == ATTRIBUTES | SCENE_ATTRIBUTES and self.joints == COCO_JOINTS
        return self.kinds == KINDS and (without or scenes)

    def to_json(self) -> str:
        """Stable, readable JSON."""
        return json.dumps(dataclasses.asdict(self), indent=2)

    @classmethod
    def from_json(cls, text: str) -> PerceptionConfig:
        """The inverse of `to_json`. Raises ValueError or TypeError on anything else."""
        values: dict[str, Any] = read_object(text)
        values.setdefault("joints", ())
        values.setdefault("face", 0)
        for key in ("widths", "depths", "thresholds", "kinds", "joints"):
            values[key] = tuple(values[key])
        values["attributes"] = {k: tuple(v) for k, v in values["attributes"].items()}
        return cls(**values)


class _Conv(nn.Sequential):
    """3x3 convolution, batch norm, ReLU."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1):
        super().__init__(
            nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
        )


class _Residual(nn.Module):
    """Two 3x3 convolutions beside a skip."""

    def __init__(self, width: int):
        super().__init__()
        self.first = _Conv(width, width)
        self.second = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.norm = nn.BatchNorm2d(width)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.norm(self.second(self.first(x))))


def _stage(inputs: int, outputs: int, stride: int, depth: int) -> nn.Sequential:
    return nn.Sequential(
        _Conv(inputs, outputs, stride), *(_Residual(outputs) for _ in range(depth))
    )


class PerceptionNet(nn.Module):
    """The network; about 1.4 M parameters.

    The picture is folded by four (space to depth) instead of convolved at full size: most of a
    small network's time on a CPU goes into its first, largest feature maps. Batch norm, because
    group norm's backward is slow on a CPU and batch statistics are fixed once trained.
    """

    def __init__(self, config: PerceptionConfig | None = None):
        super().__init__()
        self.config = config = config or PerceptionConfig()
        w4, w8, w16 = config.widths
        neck, kinds = config.neck, len(config.kinds)
        self.stage4 = _stage(3 * _UNSHUFFLE**2, w4, 1, config.depths[0])
        self.stage8 = _stage(w4, w8, 2, config.depths[1])
        self.stage16 = _stage(w8, w16, 2, config.depths[2])
        self.lateral4 = nn.Conv2d(w4, neck, 1)
        self.lateral8 = nn.Conv2d(w8, neck, 1)
        self.lateral16 = nn.Conv2d(w16, neck, 1)
        self.merge8 = _Conv(neck, neck)
        self.merge4 = _Conv(neck, neck)
        self.dense = _Conv(neck, neck)
        # One 1x1 convolution answers everything dense; PixelShuffle turns four channels into
        # one map of twice the resolution.
        self._parts = (4 * kinds, 2 * kinds, 8, 4)
        self.answers = nn.Conv2d(neck, sum(self._parts), 1)
        self.palette = nn.Sequential(
            nn.Conv2d(3, 24, 1), nn.ReLU(inplace=True), nn.Conv2d(24, 32, 1), nn.ReLU(inplace=True)
        )
        self.look16 = nn.Conv2d(w16, config.attention, 1)
        self.look8 = nn.Conv2d(neck, config.attention, 1)
        looks = (w16 + neck) * config.attention
        pooled = 32 + neck + w16 + looks + kinds + (config.size // 16) ** 2
        self.hidden = nn.Sequential(
            nn.LayerNorm(pooled), nn.Linear(pooled, config.hidden), nn.ReLU(inplace=True)
        )
        self.classes = nn.ModuleDict(
            {
                name: nn.Linear(config.hidden + 32, len(names))
                for name, names in config.attributes.items()
                if name in ATTRIBUTES
            }
        )
        self.surroundings = None
        if config.knows_scenes:
            self.surroundings = Surroundings(
                neck, w16, config.size // 16, config.attention, config.hidden,
                {k: v for k, v in config.attributes.items() if k not in ATTRIBUTES},
                len(config.joints), config.face,
            )  # fmt: skip
        # CenterNet's prior: every cell starts at a probability of 1%, so that the few positive
        # cells are not drowned by the others' gradients in the first steps.
        assert self.answers.bias is not None
        with torch.no_grad():
            self.answers.bias[: self._parts[0]].fill_(-4.6)

    def forward(self, pictures: Tensor) -> dict[str, Tensor]:
        """Answer for a batch.

        Args:
            pictures: (B, 3, S, S) in [-1, 1], S a multiple of 16.

        Returns:
            One (B, classes) tensor of logits for each attribute, and "heatmaps" (B, kinds,
            S/2, S/2) logits, "sizes" (B, 2 * kinds, S/4, S/4), "offsets" (B, 2, S/2, S/2),
            "mask" (B, 1, S/2, S/2) logits; see `studio.vision.heatmaps`. Newer weights also
            answer "joints" (B, 17, S/4, S/4) logits.
        """
        c4 = self.stage4(F.pixel_unshuffle(pictures, _UNSHUFFLE))
        c8 = self.stage8(c4)
        c16 = self.stage16(c8)
        p16 = self.lateral16(c16)
        p8 = self.merge8(F.interpolate(p16, scale_factor=2.0) + self.lateral8(c8))
        p4 = self.merge4(F.interpolate(p8, scale_factor=2.0) + self.lateral4(c4))
        dense = self.dense(p4)
        # In bfloat16 neighbouring cells often tie, and a tie would be two peaks.
        with torch.autocast(pictures.device.type, enabled=False):
            weight = self.answers.weight
            answers = self.answers(dense.to(weight.dtype))
        heat, sizes, offsets, mask = answers.split(self._parts, dim=1)
        result = {
            "heatmaps": F.pixel_shuffle(heat, 2),
            "sizes": sizes,
            "offsets": F.pixel_shuffle(offsets, 2),
            "mask": F.pixel_shuffle(mask, 2),
        }
        garment = F.avg_pool2d(result["mask"].detach().sigmoid(), 2)
        found = result["heatmaps"].detach().sigmoid().amax(dim=(2, 3))
        features, colours = self._pool(pictures, p4, p8, c16, garment, found)
        hidden = torch.cat([self.hidden(features), colours], dim=1)
        result |= {name: head(hidden) for name, head in self.classes.items()}
        if self.surroundings is not None:
            small = F.avg_pool2d(pictures, _UNSHUFFLE)
            result |= self.surroundings(small, p4, dense, c16, garment)
        return result

    def _pool(
        self,
        pictures: Tensor,
        p4: Tensor,
        p8: Tensor,
        c16: Tensor,
        garment: Tensor,
        found: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """Features of the garment alone: its silhouette, which kinds of component it has, means
        under its mask, and attention within it.

        The palette is a learned soft histogram of the cloth's own colours: without the mask a
        white shirt on a green lawn is partly green.
        """
        colours = self.palette(F.avg_pool2d(pictures, _UNSHUFFLE))
        colours = _mean_under(colours, garment)
        coarse = F.avg_pool2d(garment, 4)
        parts = [
            colours,
            found.float(),
            _mean_under(p4, garment),
            _mean_under(c16, coarse),
            _looked_at(c16, self.look16(c16), coarse),
            _looked_at(p8, self.look8(p8), F.avg_pool2d(garment, 2)),
            F.adaptive_avg_pool2d(coarse, self.config.size // 16).flatten(1),
        ]
        return torch.cat(parts, dim=1), colours

    def save_pretrained(self, folder: Path) -> None:
        """Write config.json and model.safetensors, in the type that the network has."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        state = {key: value.cpu().contiguous() for key, value in self.state_dict().items()}
        save_file(state, folder / WEIGHTS_NAME, {"format": "pt"})
        (folder / CONFIG_NAME).write_text(self.config.to_json() + "\n", encoding="utf-8")

    @classmethod
    def from_pretrained(cls, folder: Path) -> PerceptionNet:
        """Read a folder that `save_pretrained` wrote, as float32 in eval mode.

        Raises:
            ModelMissing: the folder or one of its two files is not there.
            ModelDamaged: a file cannot be read, or was made for another vocabulary.
        """
        folder = Path(folder)
        for name in (CONFIG_NAME, WEIGHTS_NAME):
            if not (folder / name).is_file():
                raise ModelMissing(
                    f"The perception model has no {folder / name}; train it with "
                    "`python -m trainer perception`, or restore the model folder."
                )
        try:
            config = PerceptionConfig.from_json((folder / CONFIG_NAME).read_text("utf-8"))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ModelDamaged(
                f"{folder / CONFIG_NAME} is not a perception config ({error}); restore the file."
            ) from error
        if not config.known:
            raise ModelDamaged(
                f"{folder} was trained for another vocabulary than this version's; train the "
                "perception again or install the version it belongs to."
            )
        net = cls(config)
        try:
            state = load_file(folder / WEIGHTS_NAME)
            net.load_state_dict(
                {k: v.float() if v.is_floating_point() else v for k, v in state.items()}
            )
        except (SafetensorError, RuntimeError, OSError) as error:
            reason = str(error).splitlines()[0]
            raise ModelDamaged(
                f"{folder / WEIGHTS_NAME} cannot be read ({reason}); restore the file."
            ) from error
        return net.eval()


def _mean_under(features: Tensor, weights: Tensor) -> Tensor:
    """(B, C) mean of (B, C, H, W) features weighted by (B, 1, H, W)."""
    weights = weights.float() + 1e-3
    total = (features.float() * weights).sum(dim=(2, 3))
    return total / weights.sum(dim=(2, 3))


def _looked_at(features: Tensor, scores: Tensor, garment: Tensor) -> Tensor:
    """(B, maps * C): means of (B, C, H, W) features under attention that prefers the garment.

    Args:
        scores: (B, maps, H, W) logits of the attention.
        garment: (B, 1, H, W) in 0..1.
    """
    weights = (scores.float() + (garment.float() + 0.02).log()).flatten(2).softmax(dim=2)
    return torch.einsum("bkn,bcn->bkc", weights, features.float().flatten(2)).flatten(1)

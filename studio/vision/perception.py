"""Perception: what a picture shows, in the vocabulary's words, with boxes.

One small network answers all questions at once: garment, colour, pattern, neckline and sleeves
as classes; components as heatmaps with sizes; the garment's mask. It judges generated pictures
in the studio and in the evaluation, so its own accuracy on held-out renders is always published
beside what it judges.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from studio.errors import BadInput, ModelDamaged, ModelMissing
from studio.garment.spec import Component
from studio.garment.vocabulary import COLOURS, COMPONENTS, GARMENTS, NECKLINES, PATTERNS, SLEEVES
from studio.vision.heatmaps import Peak, decode
from studio.vision.places import name_places

ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "garment": tuple(GARMENTS),
    "colour": tuple(COLOURS),
    "pattern": tuple(PATTERNS),
    "neckline": tuple(NECKLINES),
    "sleeves": tuple(SLEEVES),
}
"""The questions with one answer, and their possible answers in class order."""

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
        size: side of the square input in pixels, a multiple of 16.
        thresholds: the least heatmap score of each kind, calibrated on held-out renders.
        attributes, kinds: the vocabulary that the weights were trained for.
    """

    widths: tuple[int, int, int] = (48, 80, 128)
    depths: tuple[int, int, int] = (1, 2, 2)
    neck: int = 64
    attention: int = 6
    hidden: int = 160
    size: int = 256
    thresholds: tuple[float, ...] = (0.3,) * len(KINDS)
    attributes: Mapping[str, tuple[str, ...]] = dataclasses.field(
        default_factory=lambda: dict(ATTRIBUTES)
    )
    kinds: tuple[str, ...] = KINDS

    def to_json(self) -> str:
        """Stable, readable JSON."""
        return json.dumps(dataclasses.asdict(self), indent=2)

    @classmethod
    def from_json(cls, text: str) -> PerceptionConfig:
        """The inverse of `to_json`. Raises ValueError or TypeError on anything else."""
        values: dict[str, Any] = json.loads(text)
        for key in ("widths", "depths", "thresholds", "kinds"):
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
            }
        )
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
            "mask" (B, 1, S/2, S/2) logits; see `studio.vision.heatmaps`.
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
        if config.kinds != KINDS or dict(config.attributes) != ATTRIBUTES:
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


@dataclass(frozen=True)
class Guess:
    """An answer and the network's probability for it."""

    name: str
    probability: float


@dataclass(frozen=True)
class Seen:
    """What perception sees in one picture.

    Attributes:
        components: with boxes in 0..1 of the picture, strongest first.
        scores: each component's heatmap score in 0..1, in the components' order.
        mask: (H, W) of the picture, 255 where the garment is.
    """

    garment: Guess
    colour: Guess
    pattern: Guess
    neckline: Guess
    sleeves: Guess
    components: tuple[Component, ...]
    scores: tuple[float, ...]
    mask: NDArray[np.uint8]

    def count(self, kind: str) -> int:
        """How many components of a kind."""
        return sum(c.kind == kind for c in self.components)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready: each answer with its probability, each component with box and score."""
        result: dict[str, Any] = {
            name: {
                "name": getattr(self, name).name,
                "probability": round(getattr(self, name).probability, 4),
            }
            for name in ATTRIBUTES
        }
        result["components"] = [
            {
                "kind": c.kind,
                "place": c.place,
                "box": [round(v, 4) for v in c.box or ()],
                "score": round(score, 4),
            }
            for c, score in zip(self.components, self.scores, strict=True)
        ]
        return result


@dataclass(frozen=True)
class _Fit:
    """How a picture was centred on a square: padding on the left and top, and the square's side."""

    left: int
    top: int
    side: int
    width: int
    height: int


Pictures = Sequence[Image.Image] | NDArray[np.uint8]


class Perception:
    """The trained network with everything around it: pictures in, words and boxes out."""

    def __init__(self, net: PerceptionNet, device: torch.device | str = "cpu"):
        self.device = torch.device(device)
        self.net = net.to(self.device, memory_format=torch.channels_last).eval()  # type: ignore[call-overload]

    @classmethod
    def load(cls, folder: Path, device: torch.device | str = "cpu") -> Perception:
        """Load a perception folder. Raises ModelMissing or ModelDamaged."""
        return cls(PerceptionNet.from_pretrained(folder), device)

    def see(self, pictures: Pictures, batch_size: int = 16) -> list[Seen]:
        """Look at pictures.

        Args:
            pictures: PIL pictures of any size, or uint8 (N, H, W, 3).
            batch_size: pictures per pass of the network.

        Raises:
            BadInput: a picture without pixels.
        """
        seen: list[Seen] = []
        for start in range(0, len(pictures), batch_size):
            seen += self._see_batch([_pixels(p) for p in pictures[start : start + batch_size]])
        return seen

    @torch.no_grad()
    def _see_batch(self, pictures: list[NDArray[np.uint8]]) -> list[Seen]:
        fitted = [_square(p, self.net.config.size) for p in pictures]
        batch = torch.from_numpy(np.stack([square for square, _ in fitted])).to(self.device)
        batch = (batch.permute(0, 3, 1, 2).float() / 127.5 - 1).contiguous(
            memory_format=torch.channels_last
        )
        with torch.autocast(self.device.type, torch.bfloat16):
            answers = self.net(batch)
        config = self.net.config
        peaks = decode(
            answers["heatmaps"], answers["sizes"], answers["offsets"],
            config.kinds, config.thresholds,
        )  # fmt: skip
        masks = (answers["mask"].float().sigmoid() * 255).round().byte()[:, 0].cpu().numpy()
        guesses: dict[str, list[Guess]] = {}
        for name, words in config.attributes.items():
            best, index = answers[name].float().softmax(dim=1).cpu().max(dim=1)
            guesses[name] = [
                Guess(words[int(i)], float(p)) for i, p in zip(index, best, strict=True)
            ]
        return [
            _seen({k: v[i] for k, v in guesses.items()}, peaks[i], masks[i], fit)
            for i, (_, fit) in enumerate(fitted)
        ]


def _pixels(picture: Image.Image | NDArray[np.uint8]) -> NDArray[np.uint8]:
    """RGB pixels (H, W, 3); what is transparent lies on white."""
    if isinstance(picture, Image.Image):
        if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
            rgba = picture.convert("RGBA")
            picture = Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba)
        picture = np.asarray(picture.convert("RGB"))
    if picture.ndim != 3 or picture.shape[2] != 3 or 0 in picture.shape:
        raise BadInput("The picture has no colour pixels; give a picture with three channels.")
    return picture


def _square(picture: NDArray[np.uint8], size: int) -> tuple[NDArray[np.uint8], _Fit]:
    """Centre a picture on a square of its own edge colours and bring it to the input size."""
    height, width = picture.shape[:2]
    side = max(height, width)
    left, top = (side - width) // 2, (side - height) // 2
    square = picture
    if height != width:
        square = cv2.copyMakeBorder(
            picture, top, side - height - top, left, side - width - left, cv2.BORDER_REPLICATE
        )
    if side != size:
        how = cv2.INTER_AREA if side > size else cv2.INTER_CUBIC
        square = cv2.resize(square, (size, size), interpolation=how)
    return square.astype(np.uint8), _Fit(left, top, side, width, height)


def _seen(
    guesses: Mapping[str, Guess], peaks: Sequence[Peak], small: NDArray[np.uint8], fit: _Fit
) -> Seen:
    """Bring one picture's answers from the square back to the picture."""
    whole = cv2.resize(small, (fit.side, fit.side), interpolation=cv2.INTER_LINEAR)
    cut = whole[fit.top : fit.top + fit.height, fit.left : fit.left + fit.width]
    mask = np.where(cut > 127, 255, 0).astype(np.uint8)

    def along(value: float, before: int, length: int) -> float:
        return min(max((value * fit.side - before) / length, 0.0), 1.0)

    boxes = [
        (
            along(p.box[0], fit.left, fit.width),
            along(p.box[1], fit.top, fit.height),
            along(p.box[2], fit.left, fit.width),
            along(p.box[3], fit.top, fit.height),
        )
        for p in peaks
    ]
    centres = [((b[0] + b[2]) / 2, (b[1] + b[3]) / 2) for b in boxes]
    places = name_places([p.kind for p in peaks], centres, guesses["garment"].name, mask)
    components = tuple(
        Component(peak.kind, place, box)
        for peak, place, box in zip(peaks, places, boxes, strict=True)
    )
    return Seen(**guesses, components=components, scores=tuple(p.score for p in peaks), mask=mask)

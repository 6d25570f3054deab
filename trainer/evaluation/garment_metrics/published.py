"""Published judges, where their weights are on the machine. Nothing is downloaded."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from huggingface_hub import try_to_load_from_cache
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from studio.engine.catalogue import ModelEntry
from studio.engine.loading import load_family
from studio.errors import BadInput, ModelMissing
from trainer.evaluation.garment_metrics.dift import DiffusionFeatures

_SD21 = ModelEntry(
    "stable-diffusion-2.1", "Stable Diffusion 2.1", "CreativeML Open RAIL++-M", 5_000, side=512,
    repo="stabilityai/stable-diffusion-2-1",
)  # fmt: skip
_ALEX = "alexnet-owt-7be5be79.pth"
_CLIP = ("ViT-B-32-quickgelu", "timm/vit_base_patch32_clip_224.openai")
_CLIP_FILES = ("open_clip_model.safetensors", "open_clip_pytorch_model.bin")
_PROMPT = "a photo of an upper-garment"
_BATCH = 32


def published_points(device: torch.device | str = "cpu") -> DiffusionFeatures:
    """DIFT of Stable Diffusion 2.1 as Magic Clothing's script sets it up.

    Raises:
        ModelMissing, ModelDamaged: the weights are not in the local cache, or cannot be read.
    """
    place = torch.device(device)
    kind = torch.float16 if place.type == "cuda" else torch.float32
    family = load_family(_SD21, place, kind)
    return DiffusionFeatures(family, (2,), 41, 8, _PROMPT, masked=True)


class AlexDistance:
    """LPIPS with AlexNet (Zhang et al. 2018) from torchmetrics.

    Raises:
        ModelMissing: AlexNet's weights are not where torch keeps what it downloads.
        BadInput: torchmetrics is not installed.
    """

    name = "LPIPS (AlexNet)"

    def __init__(self, device: torch.device | str = "cpu"):
        path = Path(torch.hub.get_dir()) / "checkpoints" / _ALEX
        if not path.is_file():
            raise ModelMissing(
                f"AlexNet's weights are not on this machine: put {_ALEX} into torch's folder for "
                "downloads, or use the bundled judges."
            )
        try:
            from torchmetrics.image.lpip import LearnedPerceptualImagePatchSimilarity
        except ImportError as error:
            raise BadInput(
                "LPIPS needs torchmetrics: install Toile with its extra “metrics”."
            ) from error
        self.device = torch.device(device)
        measure = LearnedPerceptualImagePatchSimilarity("alex", reduction="none", normalize=True)
        self._net: Any = measure.net.to(self.device).eval()

    @torch.inference_mode()
    def distances(self, one: NDArray[np.uint8], other: NDArray[np.uint8]) -> Tensor:
        """(n,) float32 for patches (n, S, S, 3) in pairs."""
        parts = [torch.zeros(0)]
        for i in range(0, len(one), _BATCH):
            pair = (
                torch.from_numpy(p[i : i + _BATCH]).to(self.device).permute(0, 3, 1, 2).float()
                for p in (one, other)
            )
            a, b = (x / 255 for x in pair)
            parts.append(self._net(a, b, normalize=True).flatten().cpu())
        return torch.cat(parts)


class OpenClip:
    """CLIP ViT-B/32 with OpenAI's weights through open_clip.

    Raises:
        ModelMissing: the weights are not in the local cache.
        BadInput: open_clip is not installed.
    """

    name = "CLIP ViT-B/32 (OpenAI)"

    def __init__(self, device: torch.device | str = "cpu"):
        cached = [try_to_load_from_cache(_CLIP[1], file) for file in _CLIP_FILES]
        weights = next((path for path in cached if isinstance(path, str)), None)
        if weights is None:
            raise ModelMissing(
                f"CLIP ViT-B/32 is not on this machine: fetch {_CLIP[1]} into Hugging Face's "
                "cache, or use the bundled judges."
            )
        # By name: it belongs to an extra that the type checker and most machines do without.
        try:
            open_clip: Any = importlib.import_module("open_clip")
        except ImportError as error:
            raise BadInput(
                "CLIP ViT-B/32 needs open_clip: install Toile with its extra “vision”."
            ) from error
        self.device = torch.device(device)
        made: Any = open_clip.create_model_and_transforms(
            _CLIP[0], pretrained=weights, device=self.device
        )
        self._net, _, self._prepare = made
        self._net.eval()
        self._tokens: Any = open_clip.get_tokenizer(_CLIP[0])

    @torch.inference_mode()
    def images(self, pictures: Sequence[NDArray[np.uint8]]) -> Tensor:
        """(n, 512) unit vectors of RGB pictures (H, W, 3)."""
        parts: list[Tensor] = []
        for i in range(0, len(pictures), _BATCH):
            batch = [self._prepare(Image.fromarray(p)) for p in pictures[i : i + _BATCH]]
            parts.append(self._net.encode_image(torch.stack(batch).to(self.device)).float())
        return F.normalize(torch.cat(parts), dim=1).cpu()

    @torch.inference_mode()
    def texts(self, texts: Sequence[str]) -> Tensor:
        """(n, 512) unit vectors."""
        vectors = self._net.encode_text(self._tokens(list(texts)).to(self.device)).float()
        return F.normalize(vectors, dim=1).cpu()

"""Latents of all shards, encoded once and kept under the hash of what they depend on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from diffusers.models.autoencoders.autoencoder_tiny import AutoencoderTiny
from numpy.typing import NDArray
from safetensors.torch import load_file

from studio.errors import ModelDamaged, ModelMissing
from trainer.data.shards import Shards
from trainer.run import temporary_beside
from trainer.sheets import pictures_to_tensor

_BATCH = {"cpu": 16, "cuda": 256}
_ENCODING = ("encoder.", "quant_conv.")
_KINDS: dict[str, Any] = {"AutoencoderTiny": AutoencoderTiny, "AutoencoderKL": AutoencoderKL}


def encoder_hash(folder: Path) -> str:
    """Twelve hex digits of the weights that an autoencoder's latents depend on.

    The decoder can be trained on without a new encoding of every picture.
    """
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.safetensors")):
        tensors = load_file(path)
        for name in sorted(tensors):
            if name.startswith(_ENCODING):
                digest.update(name.encode())
                digest.update(tensors[name].contiguous().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()[:12]


def load_vae(folder: Path, device: torch.device | str = "cpu") -> Any:
    """An autoencoder, frozen. Raises ModelMissing if the folder does not hold one."""
    try:
        kind = json.loads((folder / "config.json").read_text())["_class_name"]
        vae = _KINDS[kind].from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError, KeyError) as error:
        raise ModelMissing(
            f"There is no autoencoder in {folder}; train it with `python -m trainer vae`, or give "
            "its folder."
        ) from error
    vae = vae.float().eval().requires_grad_(False)
    return vae.to(device=torch.device(device), memory_format=torch.channels_last)


def encode(vae: Any, x: torch.Tensor) -> torch.Tensor:
    """Unscaled latents (n, C, h, w) of pictures (n, 3, H, W) in -1..1, without random sampling."""
    result = vae.encode(x)
    return result.latents if hasattr(result, "latents") else result.latent_dist.mode()


@torch.no_grad()
def encode_shard(
    vae: Any,
    pictures: NDArray[np.uint8],
    size: int,
    device: torch.device,
    masks: NDArray[np.uint8] | None = None,
) -> NDArray[np.float16]:
    """float16 (n, C, h, w) latents of uint8 pictures (n, H, W, 3).

    Pictures higher than `size` are averaged down by a whole factor. The latents are unscaled:
    a trainer multiplies them by the autoencoder's scaling factor.

    Args:
        masks: packed bits (n, H, W / 8); what is outside them becomes mid-grey, 0 in -1..1, as
            Magic Clothing shows its garments to the extractor.
    """
    factor = max(pictures.shape[1] // size, 1)
    parts: list[NDArray[np.float16]] = []
    step = _BATCH[device.type]
    for first in range(0, len(pictures), step):
        chunk = torch.from_numpy(np.array(pictures[first : first + step]))
        x = pictures_to_tensor(chunk.to(device))
        if masks is not None:
            kept = np.unpackbits(masks[first : first + step], axis=-1)
            x = x * torch.from_numpy(kept).to(device, x.dtype)[:, None]
        if factor > 1:
            x = torch.nn.functional.avg_pool2d(x, factor)
        with torch.autocast(device.type, torch.bfloat16):
            latents = encode(vae, x.contiguous(memory_format=torch.channels_last))
        parts.append(latents.half().cpu().numpy())
    return np.concatenate(parts)


def encode_shards(
    folder: Path,
    shards: Shards,
    vae_folder: Path,
    size: int = 256,
    device: str = "cpu",
    say: Callable[[str], None] = print,
    masked: bool = False,
) -> list[Path]:
    """Encode each shard that is not there yet; returns one .npy file a shard.

    The files are named by the encoder's hash, the size and the shard, so that latents of another
    encoder are never taken for these.

    Args:
        masked: only the garments, on mid-grey.

    Raises:
        ModelDamaged: the autoencoder gives numbers that are not finite.
    """
    place = torch.device(device)
    where = folder / f"{encoder_hash(vae_folder)}-{size}{'-masked' if masked else ''}"
    paths = [where / f"{shard.name}.npy" for shard in shards.paths]
    todo = [(s, p) for s, p in zip(shards.paths, paths, strict=True) if not p.exists()]
    if not todo:
        return paths
    vae = load_vae(vae_folder, place)
    for done, (shard, path) in enumerate(todo, 1):
        pictures = np.load(shard / "pictures.npy", mmap_mode="r")
        masks = np.load(shard / "garment.npy", mmap_mode="r") if masked else None
        latents = encode_shard(vae, pictures, size, place, masks)
        if not np.isfinite(latents).all():
            raise ModelDamaged(
                f"The autoencoder in {vae_folder} gives latents that are not numbers for "
                f"{shard.name}; train it again."
            )
        with temporary_beside(path) as temporary, temporary.open("wb") as file:
            np.save(file, latents)
        say(f"latents: {done} of {len(todo)} shards at {size} px")
    return paths


class Latents:
    """Random access to the latents of several shards, memory-mapped."""

    def __init__(self, paths: list[Path]):
        self._arrays = [np.load(p, mmap_mode="r") for p in paths]
        self._starts = np.concatenate([[0], np.cumsum([len(a) for a in self._arrays])])
        self.count = int(self._starts[-1])
        self.channels, self.side = self._arrays[0].shape[1:3]

    def rows(self, rows: NDArray[np.int64]) -> NDArray[np.float16]:
        """float16 (len(rows), C, h, w); `side` is h, and w the same unless pictures are longer."""
        out = np.empty((len(rows), *self._arrays[0].shape[1:]), np.float16)
        for i, row in enumerate(rows):
            shard = int(np.searchsorted(self._starts, row, side="right")) - 1
            out[i] = self._arrays[shard][row - self._starts[shard]]
        return out

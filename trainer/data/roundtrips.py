"""Renders after the autoencoder's round trip, kept on disk.

A generated picture is always a decoded one, so whoever judges generated pictures must have
learned from decoded ones. The autoencoder is several times slower than the perception network;
a round trip is therefore computed once per picture, not once per step.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from diffusers.models.autoencoders.autoencoder_tiny import AutoencoderTiny
from numpy.typing import NDArray

from trainer.data.latents import encode
from trainer.data.shards import Shards
from trainer.run import replace_folder
from trainer.sheets import pictures_to_tensor, tensor_to_pictures

_BATCH = 8


@torch.no_grad()
def round_trip(
    vae: AutoencoderTiny,
    pictures: NDArray[np.uint8],
    noise: float = 0.0,
    generator: torch.Generator | None = None,
) -> NDArray[np.uint8]:
    """Encode and decode pictures.

    Args:
        pictures: uint8 (N, H, W, 3).
        noise: the most noise on the latents, in parts of their spread; each picture draws its
            own amount between 0 and this. A denoised latent is never exactly an encoded one.
        generator: draws the noise, on the CPU.

    Returns:
        uint8 (N, H, W, 3).
    """
    decoded: list[NDArray[np.uint8]] = []
    for start in range(0, len(pictures), _BATCH):
        x = pictures_to_tensor(torch.from_numpy(pictures[start : start + _BATCH]).to(vae.device))
        with torch.autocast(x.device.type, torch.bfloat16):
            latents = encode(vae, x)
            if noise > 0:
                amount = noise * torch.rand(len(x), 1, 1, 1, generator=generator)
                drawn = torch.randn(latents.shape, generator=generator)
                latents = latents + latents.std() * (amount * drawn).to(latents)
            out = vae.decode(latents, return_dict=False)[0]
        decoded.append(tensor_to_pictures(out))
    return np.concatenate(decoded)


def _mark(shards: Shards, vae: AutoencoderTiny, rows: NDArray[np.int64], noise: float) -> str:
    """Sixteen hex digits of all that the decoded pictures depend on."""
    digest = hashlib.sha256(rows.tobytes() + repr(noise).encode())
    for path in shards.paths:
        digest.update(path.name.encode())
    for key, value in sorted(vae.state_dict().items()):
        digest.update(key.encode() + value.cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:16]


class RoundTrips:
    """Decoded versions of some rows of the shards.

    Attributes:
        rows: int64 (n,), the shards' rows that have a round trip, ascending.
    """

    def __init__(self, rows: NDArray[np.int64], pictures: NDArray[np.uint8]):
        self.rows = rows
        self._pictures = pictures
        self._place = {int(row): i for i, row in enumerate(rows)}

    def __contains__(self, row: int) -> bool:
        return int(row) in self._place

    def picture(self, row: int) -> NDArray[np.uint8]:
        """uint8 (H, W, 3) of a row. Raises KeyError without a round trip."""
        return self._pictures[self._place[int(row)]]

    @classmethod
    def make(
        cls,
        folder: Path,
        shards: Shards,
        rows: NDArray[np.int64],
        vae: AutoencoderTiny,
        noise: float = 0.0,
        say: Callable[[str], None] = print,
    ) -> RoundTrips:
        """Decode the rows, or open what an earlier run decoded with the same weights.

        Args:
            folder: cache folder; each combination of shards, rows and weights has its own.
            rows: ascending rows of the shards.
        """
        path = folder / _mark(shards, vae, rows, noise)

        def fill(temporary: Path) -> None:
            shape = (len(rows), *shards.views(rows[:1])[0].shape)
            out = np.lib.format.open_memmap(temporary / "pictures.npy", "w+", np.uint8, shape)
            generator = torch.Generator().manual_seed(len(rows))
            step = 32 * _BATCH
            for start in range(0, len(rows), step):
                here = rows[start : start + step]
                out[start : start + len(here)] = round_trip(
                    vae, shards.pictures(here), noise, generator
                )
                say(f"round trips: {start + len(here)} of {len(rows)}")
            out.flush()
            (temporary / "rows.json").write_text(json.dumps(rows.tolist()))

        if not (path / "rows.json").exists():
            replace_folder(path, fill)
        return cls(rows, np.load(path / "pictures.npy", mmap_mode="r"))

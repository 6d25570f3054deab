"""Sample sheets, and the way between uint8 pictures and tensors."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from torch import Tensor

from trainer.run import temporary_beside


def pictures_to_tensor(pictures: Tensor) -> Tensor:
    """uint8 (B, H, W, 3) to float32 (B, 3, H, W) in [-1, 1], channels_last."""
    x = pictures.permute(0, 3, 1, 2).float() / 127.5 - 1
    return x.contiguous(memory_format=torch.channels_last)


def tensor_to_pictures(x: Tensor) -> NDArray[np.uint8]:
    """(B, 3, H, W) in [-1, 1] to uint8 (B, H, W, 3)."""
    scaled = ((x.detach().float().clamp(-1, 1) + 1) * 127.5).round()
    return scaled.to(torch.uint8).permute(0, 2, 3, 1).cpu().numpy()


def save_sheet(
    path: Path,
    pictures: Sequence[NDArray[np.uint8]] | NDArray[np.uint8],
    captions: Sequence[str] | None = None,
    columns: int = 6,
) -> None:
    """Write pictures of one size as a grid, with wrapped captions below each."""
    height, width = pictures[0].shape[:2]
    band = 0 if captions is None else 64
    lines = -(-len(pictures) // columns)
    sheet = Image.new("RGB", (columns * width, lines * (height + band)), "white")
    pen = ImageDraw.Draw(sheet)
    for i, picture in enumerate(pictures):
        x, y = i % columns * width, i // columns * (height + band)
        sheet.paste(Image.fromarray(np.asarray(picture)), (x, y))
        if captions is not None:
            text = "\n".join(textwrap.wrap(captions[i], width // 6)[:5])
            pen.multiline_text((x + 4, y + height + 2), text, fill="black")
    with temporary_beside(path) as temporary:
        sheet.save(temporary, "PNG")

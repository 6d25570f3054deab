"""The image encoder: a picture as tokens and as one vector beside the words' vectors.

A CLIP image encoder (Radford et al. 2021, arXiv 2103.00020) of any size: the bundled one, learned
on the wardrobe, or a published `CLIPVisionModelWithProjection` folder such as the ViT-H/14 that
IP-Adapter uses. The folder holds config.json and model.safetensors as transformers writes them;
the bundled one also

    text_projection.safetensors   how the family's own text encoder's words get into the space
    preprocessor_config.json      how a picture is brought to the input size, see `Preparation`
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import CLIPVisionModelWithProjection

from studio.errors import BadInput, ModelDamaged, ModelMissing
from studio.forms import read_object
from studio.vision.framing import Picture, Pictures, on_square, rgb_pixels

TEXT_PROJECTION_NAME = "text_projection.safetensors"
PREPARATION_NAME = "preprocessor_config.json"
_CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
_CLIP_STD = (0.26862954, 0.26130258, 0.27577711)


@dataclass(frozen=True)
class Preparation:
    """How pixels get into the network.

    Attributes:
        size: side of the square input in pixels.
        pad: True brings the whole picture in, on a square of its own edge colours, by area; False
            is CLIP's own way, the short side to `size` (bicubic) and the middle of the rest.
        mean, std: of the colours in 0..1.
    """

    size: int
    pad: bool = False
    mean: tuple[float, float, float] = _CLIP_MEAN
    std: tuple[float, float, float] = _CLIP_STD

    def square(self, picture: Picture) -> NDArray[np.uint8]:
        """A picture of any shape as uint8 (size, size, 3). Raises BadInput without pixels."""
        pixels = rgb_pixels(picture)
        return on_square(pixels, self.size) if self.pad else _middle(pixels, self.size)

    def tensor(self, squares: Tensor) -> Tensor:
        """uint8 (n, size, size, 3) to float32 (n, 3, size, size) as the network wants it."""
        mean = torch.tensor(self.mean, device=squares.device)
        std = torch.tensor(self.std, device=squares.device)
        return ((squares.float() / 255 - mean) / std).permute(0, 3, 1, 2)

    def to_json(self) -> str:
        """In the words of transformers' image processors, with `pad` as one more."""
        side = {"height": self.size, "width": self.size}
        values = asdict(self) | {
            "crop_size": side, "size": side, "do_center_crop": not self.pad, "do_resize": True,
            "image_mean": self.mean, "image_std": self.std,
            "image_processor_type": "CLIPImageProcessor",
        }  # fmt: skip
        del values["mean"], values["std"]
        return json.dumps(values, indent=2, sort_keys=True) + "\n"

    @classmethod
    def read(cls, folder: Path, size: int) -> Preparation:
        """From preprocessor_config.json; CLIP's own for `size` where there is none.

        Raises:
            ModelDamaged: the file says something else than it should.
        """
        path = folder / PREPARATION_NAME
        if not path.is_file():
            return cls(size)
        try:
            values: dict[str, Any] = read_object(path.read_bytes())
            mean, std = (
                tuple(float(v) for v in values.get(key, default))
                for key, default in (("image_mean", _CLIP_MEAN), ("image_std", _CLIP_STD))
            )
            if len(mean) != 3 or len(std) != 3:
                raise ValueError("three colours are wanted")
            return cls(size, bool(values.get("pad", False)), mean, std)
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise ModelDamaged(
                f"{folder.name}/{PREPARATION_NAME} cannot be used ({error}); restore the file."
            ) from error


class TextProjection(nn.Module):
    """Words of a frozen text encoder as one vector in the pictures' space.

    The family's text encoder learned to steer pictures, not to sum a text up in one token, so the
    tokens are gathered by attention with learned queries.

    Attributes:
        logit_scale: () logarithm of the inverse temperature of the training.
    """

    def __init__(self, width: int, outputs: int, heads: int = 4):
        super().__init__()
        self.query = nn.Parameter(torch.randn(heads, width) * width**-0.5)
        self.value = nn.Linear(width, width, bias=False)
        self.out = nn.Linear(width, outputs, bias=False)
        self.logit_scale = nn.Parameter(torch.tensor(math.log(1 / 0.07)))

    def forward(self, hidden: Tensor, real: Tensor) -> Tensor:
        """(n, D), not of unit length, of tokens (n, T, width); `real` (n, T) is no padding."""
        heads = len(self.query)
        scores = torch.einsum("ntw,hw->nht", hidden, self.query).float()
        weights = scores.masked_fill(~real[:, None], -1e4).softmax(2).to(hidden.dtype)
        values = self.value(hidden).unflatten(2, (heads, -1))
        return self.out(torch.einsum("nht,nthc->nhc", weights, values).flatten(1))


class ImageEncoder:
    """The trained network with everything around it.

    Args:
        net: a `CLIPVisionModelWithProjection`, float32 or lower; no gradients reach it from here.
        preparation: how pictures get into it.
        words: None where the folder brings no words (published folders hold images only).
    """

    def __init__(
        self, net: Any, preparation: Preparation | None = None, words: TextProjection | None = None
    ):
        self.net = net.eval()
        self.preparation = preparation or Preparation(int(net.config.image_size))
        self.words = None if words is None else words.eval()

    @classmethod
    def load(cls, folder: Path, device: torch.device | str = "cpu") -> ImageEncoder:
        """Read a folder, as float32.

        Raises:
            ModelMissing: there is no such model.
            ModelDamaged: it cannot be read.
        """
        folder = Path(folder)
        for name in ("config.json", "model.safetensors"):
            if not (folder / name).is_file():
                raise ModelMissing(
                    f"The image encoder has no {folder.name}/{name}; train it with `python -m "
                    "trainer image_encoder`, or give the folder of a CLIP image encoder."
                )
        try:
            loaded: Any = CLIPVisionModelWithProjection.from_pretrained(
                folder, local_files_only=True, dtype=torch.float32, output_loading_info=True
            )
            net, info = loaded
            if info["missing_keys"]:
                raise ValueError(f"no {sorted(info['missing_keys'])[0]} in it")
        except (SafetensorError, RuntimeError, OSError, ValueError, TypeError) as error:
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            raise ModelDamaged(
                f"The image encoder in {folder.name} cannot be read ({reason}); restore the folder."
            ) from error
        size = int(net.config.image_size)
        preparation = Preparation.read(folder, size)
        words = _load_words(folder / TEXT_PROJECTION_NAME, int(net.config.projection_dim))
        # Explicit products: these pictures have few tokens, and on a CPU that is quicker.
        net.set_attn_implementation("eager" if size < 224 else "sdpa")
        return cls(net.to(device), preparation, None if words is None else words.to(device))

    def save(self, folder: Path) -> None:
        """Write a folder that `load` reads, in the type that the network has."""
        folder.mkdir(parents=True, exist_ok=True)
        self.net.save_pretrained(folder)
        (folder / PREPARATION_NAME).write_text(self.preparation.to_json(), encoding="utf-8")
        if self.words is not None:
            state = {k: v.cpu().contiguous() for k, v in self.words.state_dict().items()}
            save_file(state, folder / TEXT_PROJECTION_NAME, {"format": "pt"})

    @property
    def width(self) -> int:
        """Features of a token."""
        return int(self.net.config.hidden_size)

    @property
    def outputs(self) -> int:
        """Features of a picture's vector."""
        return int(self.net.config.projection_dim)

    def pixels(self, pictures: Pictures) -> Tensor:
        """(n, 3, size, size) for the network. Raises BadInput for a picture without pixels."""
        squares = np.stack([self.preparation.square(p) for p in pictures])
        parameter = next(self.net.parameters())
        tensor = torch.from_numpy(squares).to(parameter.device)
        return self.preparation.tensor(tensor).to(parameter.dtype)

    def tokens(self, pictures: Pictures) -> Tensor:
        """(n, tokens, width): the last but one hidden states, which image prompts are made of.

        The published systems use `hidden_states[-2]` (IP-Adapter-Plus, arXiv 2308.06721, section
        3.2.3): the last layer serves the one vector and forgets detail.
        """
        return self.tokens_of(self.pixels(pictures))

    def tokens_of(self, pixels: Tensor) -> Tensor:
        """As `tokens`, of pixels that `pixels` made."""
        with torch.no_grad():
            return self.net(pixels, output_hidden_states=True).hidden_states[-2]

    def zero_tokens(self) -> Tensor:
        """(1, tokens, width) of a picture of zeros after normalisation, not of black pixels."""
        parameter, size = next(self.net.parameters()), self.preparation.size
        zeros = torch.zeros(1, 3, size, size, device=parameter.device, dtype=parameter.dtype)
        return self.tokens_of(zeros)

    @torch.no_grad()
    def vectors(self, pictures: Pictures, batch_size: int = 32) -> Tensor:
        """(n, D) float32 as the network gives them, not of unit length."""
        parts = [
            self.net(self.pixels(pictures[i : i + batch_size])).image_embeds.float()
            for i in range(0, len(pictures), batch_size)
        ]
        return torch.cat(parts)

    def embed(self, pictures: Pictures, batch_size: int = 32) -> Tensor:
        """(n, D) unit vectors, float32: products of two pictures' are CLIP-I."""
        return F.normalize(self.vectors(pictures, batch_size), dim=1)

    @torch.no_grad()
    def embed_texts(self, hidden: Tensor, real: Tensor | None = None) -> Tensor:
        """(n, D) unit vectors, float32, of the text encoder's last hidden states.

        Args:
            hidden: (n, T, width of the text encoder).
            real: (n, T) True for every token up to the first end mark; all of them if None.

        Raises:
            BadInput: this encoder brings no words.
        """
        if self.words is None:
            raise BadInput(
                "This image encoder compares pictures only: it has no text_projection.safetensors; "
                "choose the bundled one to compare pictures with words."
            )
        if real is None:
            real = torch.ones(hidden.shape[:2], dtype=torch.bool, device=hidden.device)
        weight = self.words.value.weight
        vectors = self.words(hidden.to(weight), real.to(weight.device))
        return F.normalize(vectors.float(), dim=1)

    @torch.no_grad()
    def embed_words(self, texts: Sequence[str], tokenizer: Any, encoder: Any) -> Tensor:
        """(n, D) unit vectors of texts, by the family's own tokenizer and text encoder."""
        tokens = tokenizer(
            list(texts), padding="max_length", truncation=True, return_tensors="pt",
            max_length=int(encoder.config.max_position_embeddings),
        )  # fmt: skip
        ids = tokens.input_ids.to(encoder.device)
        hidden = encoder(input_ids=ids).last_hidden_state
        return self.embed_texts(hidden, real_tokens(ids, int(tokenizer.eos_token_id)))


def real_tokens(ids: Tensor, end: int) -> Tensor:
    """(n, T) True up to and with the first end mark; the padding after it is made of end marks."""
    return (ids == end).long().cumsum(1).sub((ids == end).long()) < 1


def _middle(pixels: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """CLIP's own: the short side becomes `size`, and the middle square of the rest is taken."""
    height, width = pixels.shape[:2]
    scale = size / min(height, width)
    wide, high = max(size, int(width * scale)), max(size, int(height * scale))
    resized = np.asarray(Image.fromarray(pixels).resize((wide, high), Image.Resampling.BICUBIC))
    left, top = (wide - size) // 2, (high - size) // 2
    return resized[top : top + size, left : left + size]


def _load_words(path: Path, outputs: int) -> TextProjection | None:
    """The words of a folder, None where it has none. Raises ModelDamaged."""
    if not path.is_file():
        return None
    try:
        state = load_file(path)
        heads, width = state["query"].shape
        words = TextProjection(width, outputs, heads)
        words.load_state_dict({k: v.float() for k, v in state.items()})
    except (SafetensorError, RuntimeError, OSError, KeyError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise ModelDamaged(
            f"{path.parent.name}/{path.name} cannot be read ({reason}); restore the file."
        ) from error
    return words

"""The autoencoder: pictures to latents of an eighth of the side, and back.

AutoencoderTiny (the shape of TAESD, github.com/madebyollin/taesd) with 8 latent channels,
trained on crops from nothing. The latents are driven to mean 0 and spread 1 per channel, so that
the one scale that a diffusers pipeline knows suffices. DecoderTiny squashes its input with
3 tanh(z / 3), which is why the latents must not spread beyond 3.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import torch
from diffusers.models.autoencoders.autoencoder_tiny import AutoencoderTiny
from diffusers.models.unets.unet_2d_blocks import AutoencoderTinyBlock
from pydantic import Field, model_validator
from torch import nn

from studio.errors import BadInput
from studio.garment.spec import Box
from trainer.config import NotNegative, RecipeConfig, Share, Whole, reads
from trainer.data.shards import Shards
from trainer.loop import Batch, Recipe, Sampler
from trainer.losses.vae import charbonnier, edges, mean_colour, psnr, squares, standardised
from trainer.sheets import pictures_to_tensor, save_sheet, tensor_to_pictures
from trainer.state import load_fitting


class VaeConfig(RecipeConfig):
    """Shape, data and loss weights of the autoencoder."""

    shards: Path = reads("shards", "data")
    """Folder of shards to train on."""
    more_shards: tuple[Path, ...] = reads("", "also", ())
    """Further folders of shards, such as the worn pictures of pairs."""
    start: Path | None = reads("vae", "named")
    """Folder of an autoencoder to go on from, instead of from nothing."""
    decoder_only: bool = False
    """Leave the encoder, and so all latents, as they are."""
    channels: Whole = 64
    """Width of each of the four stages."""
    latent_channels: Whole = 8
    """Channels of the latents."""
    encoder_blocks: tuple[int, ...] = (0, 1, 2, 4)
    """Residual blocks per stage."""
    decoder_blocks: tuple[int, ...] = (4, 3, 1, 0)
    """Residual blocks per stage."""
    crop_pixels: int = Field(default=96, gt=0, multiple_of=32)
    """Side of a crop in pixels."""
    garment_fraction: Share = 0.75
    """Part of the crops that are centred on the garment."""
    component_fraction: Share = 0.0
    """Part of the crops that are centred on a component, or on a face as often as on one of its
    components: what is small is lost first."""
    latent_noise: NotNegative = 0.05
    """Noise on the latents, standard deviation."""
    square_weight: NotNegative = 1.0
    """Weight of the mean squared error."""
    absolute_weight: NotNegative = 1.0
    """Weight of the smooth L1."""
    colour_weight: NotNegative = 1.0
    """Weight of the mean colours."""
    edge_weight: NotNegative = 0.5
    """Weight of the gradients."""
    latent_weight: NotNegative = 0.05
    """Weight of mean 0, spread 1."""
    component_weight: float = Field(default=1.0, ge=1)
    """Weight of the pixels of components and faces, against the rest: a buckle is a few pixels of a
    crop."""
    keep_weight: NotNegative = 0.0
    """Weight of the squared distance from the latents of `start`, so that what was trained on those
    needs little training to go on."""

    @model_validator(mode="after")
    def _something_to_keep(self) -> Self:
        if self.keep_weight and (self.start is None or self.decoder_only):
            raise ValueError(
                "keep_weight needs `start`, and an encoder that is trained: without, no latents "
                "can move"
            )
        return self


def new_vae(config: VaeConfig) -> AutoencoderTiny:
    """An untrained autoencoder."""
    width = (config.channels,) * 4
    return AutoencoderTiny(
        encoder_block_out_channels=width,
        decoder_block_out_channels=width,
        num_encoder_blocks=config.encoder_blocks,
        num_decoder_blocks=config.decoder_blocks,
        latent_channels=config.latent_channels,
        scaling_factor=1.0,
        force_upcast=False,
    )


def grown(vae: AutoencoderTiny, config: VaeConfig) -> AutoencoderTiny:
    """An autoencoder with the config's blocks that answers, at first, as `vae` does.

    Blocks are added after those of the same stage, whose outputs are not negative: there a block
    whose last convolution is 0 changes nothing.

    Raises:
        BadInput: the config has fewer blocks or another width than `vae`, or blocks in a stage
            where `vae` has none.
    """
    larger = new_vae(config)
    larger.register_to_config(scaling_factor=vae.config["scaling_factor"])
    pairs = ((vae.encoder, larger.encoder), (vae.decoder, larger.decoder))
    blocks = [("num_encoder_blocks", config.encoder_blocks),
              ("num_decoder_blocks", config.decoder_blocks)]  # fmt: skip
    for (name, wanted), (before, after) in zip(blocks, pairs, strict=True):
        had = vae.config[name]
        fits = len(had) == len(wanted) and all(
            new == old or new > old > 0 for old, new in zip(had, wanted, strict=True)
        )
        if not fits:
            raise BadInput(
                f"The autoencoder to go on from has {list(had)} blocks and cannot go on with "
                f"{list(wanted)}: give as many, or more in the stages that have some."
            )
        earlier = iter(before.layers)
        stage, count = -1, 0
        for layer in after.layers:
            if isinstance(layer, nn.Conv2d):  # in encoder and decoder one stands before each stage
                stage, count = stage + 1, 0
            if isinstance(layer, AutoencoderTinyBlock):
                count += 1
                if count > had[stage]:
                    last: Any = layer.conv[-1]
                    nn.init.zeros_(last.weight)
                    nn.init.zeros_(last.bias)
                    continue
            load_fitting(layer, next(earlier).state_dict())
    return larger


class VaeRecipe(Recipe[VaeConfig]):
    """Trains encoder and decoder together on crops."""

    name = "vae"
    writes: ClassVar = {"vae": "vae"}

    def build(self) -> dict[str, nn.Module]:
        """Opens the shards and makes the autoencoder."""
        self.shards = Shards.of(self.config.shards, also=self.config.more_shards)
        loop = self.config.loop
        self.sampler = Sampler(self.shards.count, loop.batch_size, loop.seed)
        vae: Any = new_vae(self.config)
        if self.config.start is not None:
            vae = grown(AutoencoderTiny.from_pretrained(self.config.start), self.config)
        elif self.config.decoder_only:
            raise BadInput("Training the decoder only needs `start`: the folder to go on from.")
        self.vae: AutoencoderTiny = vae.to(self.device, memory_format=torch.channels_last)
        compiled = torch.compile if loop.compile else (lambda f: f)
        self._encode, self._decode = compiled(self.vae.encoder), compiled(self.vae.decoder)
        self._earlier: nn.Module | None = None
        if self.config.keep_weight:
            self._earlier = copy.deepcopy(self.vae.encoder).eval().requires_grad_(False)
        if self.config.decoder_only:
            self.vae.encoder.requires_grad_(False)
            return {"decoder": self.vae.decoder}
        return {"vae": self.vae}

    def batch(self, step: int) -> Batch:
        """uint8 crops (B, crop, crop, 3) and their rows.

        `places` is bool (B, crop, crop), where components and faces are, if these weigh more.
        """
        rng, rows, side = self.rng(step), self.sampler.rows(step), self.config.crop_pixels
        masks = self.shards.garment_masks(rows)
        crops = np.empty((len(rows), side, side, 3), np.uint8)
        places = np.zeros((len(rows), side, side), bool)
        for i, picture in enumerate(self.shards.views(rows)):
            height, width = picture.shape[:2]
            centre = rng.integers(0, height), rng.integers(0, width)
            garment = np.flatnonzero(masks[i])
            small = self._small(int(rows[i]))
            if small and rng.random() < self.config.component_fraction:
                left, top, right, bottom = small[rng.integers(len(small))]
                centre = int((top + bottom) / 2 * height), int((left + right) / 2 * width)
            elif len(garment) and rng.random() < self.config.garment_fraction:
                centre = divmod(int(garment[rng.integers(len(garment))]), width)
            y = int(np.clip(centre[0] - side // 2, 0, height - side))
            x = int(np.clip(centre[1] - side // 2, 0, width - side))
            crops[i] = picture[y : y + side, x : x + side]
            for left, top, right, bottom in small:
                across = slice(max(int(left * width) - x, 0), max(int(right * width) + 1 - x, 0))
                down = slice(max(int(top * height) - y, 0), max(int(bottom * height) + 1 - y, 0))
                places[i, down, across] = True
        batch = {"rows": torch.from_numpy(rows), "crops": torch.from_numpy(crops)}
        if self.config.component_weight == 1:
            return batch
        return batch | {"places": torch.from_numpy(places)}

    def _small(self, row: int) -> list[Box]:
        """The boxes of a picture's components and face, in 0..1, if anything asks for them."""
        asked = self.config.component_fraction > 0 or self.config.component_weight > 1
        if not asked or self.shards.captioned:
            return []
        found = [c.box for c in self.shards.specs[row].garment.components if c.box is not None]
        face = self.shards.records[row].get("face_box")
        return found if face is None else [*found, tuple(face)]

    def step(self, batch: Batch) -> dict[str, torch.Tensor]:
        """Reconstruction and latent losses."""
        config, x = self.config, pictures_to_tensor(batch["crops"])
        places = None
        if "places" in batch:
            heavier = 1 + (config.component_weight - 1) * batch["places"][:, None].float()
            places = heavier / heavier.mean()
        latents = self._encode(x)
        noisy = latents + config.latent_noise * torch.randn_like(latents)
        out = self._decode(noisy).float()
        terms = {
            "absolute": charbonnier(out, x, places),
            "square": squares(out, x, places),
            "colour": mean_colour(out, x),
            "edge": edges(out, x, places),
            "latent": standardised(latents),
        }
        shown: dict[str, torch.Tensor] = {}
        if self._earlier is not None:
            with torch.no_grad():
                before = self._earlier(x)
            terms["keep"] = (latents.float() - before.float()).pow(2).mean()
            shown["moved"] = terms["keep"].detach().sqrt()
        loss = sum(getattr(config, f"{k}_weight") * v for k, v in terms.items())
        assert isinstance(loss, torch.Tensor)
        spread = latents.detach().float().std((0, 2, 3))
        return {
            "loss": loss, "psnr": psnr(out.detach(), x), "colour": terms["colour"],
            "latent": terms["latent"], "spread_low": spread.min(), "spread_high": spread.max(),
            **shown,
        }  # fmt: skip

    def sample(self, path: Path) -> None:
        """Eight whole pictures above their round trips."""
        rows = np.linspace(0, self.shards.count - 1, 8).astype(np.int64)
        x = pictures_to_tensor(torch.from_numpy(self.shards.pictures(rows)).to(self.device))
        out = self.vae.decoder(self.vae.encoder(x)).float()
        pairs = torch.cat([x, out])
        save_sheet(path, tensor_to_pictures(pairs), columns=8)

    def save(self, folder: Path) -> None:
        """Writes the folder `vae`, with the scale that gives the latents a spread of 1."""
        rows = np.linspace(0, self.shards.count - 1, min(96, self.shards.count)).astype(np.int64)
        parts: list[torch.Tensor] = []
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.config.loop.bf16):
            for some in np.array_split(rows, -(-len(rows) // 16)):
                pictures = torch.from_numpy(self.shards.pictures(some)).to(self.device)
                parts.append(self.vae.encoder(pictures_to_tensor(pictures)).float())
        if not self.config.decoder_only:
            scale = 1 / float(torch.cat(parts).std())
            self.vae.register_to_config(scaling_factor=round(scale, 5))
        self.vae.save_pretrained(folder / "vae")

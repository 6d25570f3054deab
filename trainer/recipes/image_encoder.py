"""The image encoder: pictures beside words, flat garments beside the same garments worn.

CLIP's contrastive training (Radford et al. 2021, arXiv 2103.00020) from nothing, against the
family's FROZEN text encoder with a small learned projection. Two things are added because the
wardrobe is small and its pictures differ in details:

* flat and worn pictures of one garment attract each other as picture and caption do, so that
  CLIP-I between a garment and a picture of somebody wearing it means something;
* questions about the picture are asked of the tokens that image prompts are made of (the last but
  one hidden states), as the text encoder's training asks them of captions. The heads are dropped.

Part of the wardrobe's pictures have been through the autoencoder, because generated ones have.
The last rows are kept apart; `measured.json` beside the weights says how well they are matched.

    python -m trainer image_encoder --config trainer/configs/image_encoder.toml \
        --run runs/family/image_encoder
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor, nn
from transformers import (
    CLIPTextModel,
    CLIPTokenizer,
    CLIPVisionConfig,
    CLIPVisionModelWithProjection,
)

from studio.errors import BadInput
from studio.vision.framing import on_square
from studio.vision.image_encoder import (
    ImageEncoder,
    Preparation,
    TextProjection,
    real_tokens,
)
from trainer.config import NotNegative, RecipeConfig, Strict, Whole, reads
from trainer.data.augment import augment
from trainer.data.captions import shard_tokens
from trainer.data.latents import load_vae
from trainer.data.pairs import Pairs
from trainer.data.roundtrips import RoundTrips
from trainer.data.shards import Shards
from trainer.loop import Batch, Recipe, Sampler
from trainer.losses.contrastive import clip_loss
from trainer.recipes.text import Questions, answers, questions
from trainer.run import write_measured
from trainer.sheets import save_sheet
from trainer.state import load_fitting

_NO_MASK = np.zeros((1, 1), np.uint8)
_NO_COMPONENTS = np.full((1, 5), -1, np.float32)


class ImageEncoderShape(Strict):
    """The shape of the network; 0.93 million parameters as it stands here."""

    size: Whole = 192
    """Side of the input in pixels."""
    patch: Whole = 16
    """Side of a patch in pixels."""
    width: Whole = 128
    """Features of a token."""
    layers: int = Field(default=4, gt=1)
    """Transformer layers."""
    heads: Whole = 4
    """Attention heads."""
    inner: Whole = 512
    """Features inside the feed-forward part."""
    outputs: Whole = 128
    """Features of a picture's vector."""


class ImageEncoderConfig(RecipeConfig):
    """Data, shape and weights of the losses."""

    shards: Path = reads("shards", "data")
    """Folder of shards, flat and worn pictures of all kinds."""
    pairs: Path | None = reads("pairs", "data", None)
    """Folder of pairs, if any."""
    pairs_shards: Whole | None = None
    """The first shards of pairs only."""
    text_encoder: Path = reads("text_encoder")
    """Folder of the text encoder, which stays as it is."""
    start: Path | None = reads("image_encoder", "named")
    """Folder of an image encoder to go on from, instead of from nothing."""
    tokenizer: Path = reads("tokenizer", "data")
    """Folder of the tokenizer."""
    cache: Path = reads("cache", "data")
    """Folder that keeps tokens and round trips."""
    vae: Path | None = reads("vae", default=None)
    """Folder of the autoencoder; without, no round trips."""
    round_trips: Whole = 2500
    """Pictures with a round trip."""
    latent_noise: NotNegative = 0.1
    """Most noise of a round trip, see perception."""
    variants: Whole = 4
    """Captions of each picture."""
    held_out_rows: Whole = 200
    """Last rows that are only measured."""
    same_garment_weight: NotNegative = 0.25
    """Weight of flat beside worn; own choice, CLIP has no such term."""
    questions_weight: NotNegative = 1.0
    """Weight of the questions to the tokens; own choice."""
    shape: ImageEncoderShape = ImageEncoderShape.model_validate({})


def new_image_encoder(shape: ImageEncoderShape) -> CLIPVisionModelWithProjection:
    """An untrained network."""
    return CLIPVisionModelWithProjection(
        CLIPVisionConfig(
            hidden_size=shape.width,
            intermediate_size=shape.inner,
            num_hidden_layers=shape.layers,
            num_attention_heads=shape.heads,
            image_size=shape.size,
            patch_size=shape.patch,
            projection_dim=shape.outputs,
        )
    )


class _Source:
    """Pictures with captions' tokens and right answers; the last rows are kept apart."""

    def __init__(self, shards: Shards, recipe: ImageEncoderRecipe, seed: int, batch: int):
        config = recipe.config
        self.shards = shards
        self.answers = answers(shards.specs)
        self.tokens = shard_tokens(config.cache, shards, recipe.tokenizer, config.variants)
        count = shards.count - config.held_out_rows
        if count < 1:
            raise BadInput(
                f"There are {shards.count} pictures, too few to keep {config.held_out_rows} apart; "
                "draw more, or lower held_out_rows."
            )
        self.sampler = Sampler(count, max(batch, 1), seed)
        self.held_out = np.arange(count, shards.count, dtype=np.int64)


class ImageEncoderRecipe(Recipe[ImageEncoderConfig]):
    """Trains the image encoder and the words' projection."""

    name = "image_encoder"
    writes: ClassVar = {"image_encoder": "image_encoder"}

    def build(self) -> dict[str, nn.Module]:
        """Opens data and text encoder, makes the network, the projection and the questions."""
        config = self.config
        self.tokenizer = CLIPTokenizer.from_pretrained(config.tokenizer)
        text_encoder: Any = CLIPTextModel.from_pretrained(config.text_encoder)
        self.text_encoder = text_encoder.to(self.device).eval().requires_grad_(False)
        self.open_data()
        shape = config.shape
        net: Any = new_image_encoder(shape)
        if self.device.type == "cpu":
            for module in (net, self.text_encoder):
                module.set_attn_implementation("eager")
        self.net = net.to(self.device)
        width = int(self.text_encoder.config.hidden_size)
        self.words = TextProjection(width, shape.outputs).to(self.device)
        self.heads = Questions(shape.width, list(questions().values())).to(self.device)
        self.preparation = Preparation(shape.size, pad=True)
        self.asked = list(questions())
        self.end = int(self.tokenizer.eos_token_id)  # type: ignore[arg-type]
        torch.nn.init.normal_(self.net.visual_projection.weight, std=shape.width**-0.5)
        if config.start is not None:
            self._go_on(config.start)
        return {"image_encoder": self.net, "words": self.words, "heads": self.heads}

    def _go_on(self, folder: Path) -> None:
        """Take over an earlier encoder and its words; the questions are asked anew."""
        earlier = ImageEncoder.load(folder, self.device)
        load_fitting(self.net, earlier.net.state_dict())
        if earlier.words is not None:
            load_fitting(self.words, earlier.words.state_dict())

    def open_data(self) -> None:
        """A half of each batch from the shards, a quarter each flat and worn from the pairs."""
        config, loop = self.config, self.config.loop
        self.quarter = 0 if config.pairs is None else loop.batch_size // 4
        single = loop.batch_size - 2 * self.quarter
        self.single = _Source(Shards.of(config.shards), self, loop.seed, single)
        self.pair: tuple[_Source, _Source] | None = None
        if config.pairs is not None:
            pairs = Pairs.of(config.pairs, config.pairs_shards)
            # The same seed: flat and worn rows of a batch are the same pairs.
            self.pair = (
                _Source(pairs.flat, self, loop.seed + 1, self.quarter),
                _Source(pairs.worn, self, loop.seed + 1, self.quarter),
            )
        self.round_trips: RoundTrips | None = None
        if config.vae is not None:
            shards, apart = self.single.shards, self.single.held_out
            last = shards.count - len(apart) - 1
            rows = np.linspace(0, last, min(config.round_trips, last + 1)).astype(np.int64)
            vae = load_vae(config.vae, self.device)
            self.round_trips = RoundTrips.make(
                config.cache, shards, np.concatenate([rows, apart]), vae, config.latent_noise
            )

    def _rows_of(
        self, source: _Source, rows: NDArray[np.int64], rng: np.random.Generator
    ) -> dict[str, list[Any]]:
        pictures = []
        for row, picture in zip(rows, source.shards.views(rows), strict=True):
            trips = self.round_trips if source is self.single else None
            if trips is not None and int(row) in trips and rng.random() < 0.5:
                picture = trips.picture(int(row))
            # Brought to size first: half as many pixels to change.
            square = on_square(picture, self.config.shape.size)
            pictures.append(augment(square, _NO_MASK, _NO_COMPONENTS, rng).picture)
        variants = rng.integers(0, self.config.variants, len(rows))
        return {
            "pictures": pictures,
            "tokens": list(source.tokens[variants, rows].astype(np.int64)),
            "answers": list(source.answers[rows]),
        }

    def batch(self, step: int) -> Batch:
        """Pictures uint8 (B, S, S, 3), tokens (B, T) without common padding, answers (B, Q).

        Rows: those of the shards, then the pairs' flat ones, then the same pairs' worn ones.
        """
        rng = self.rng(step)
        rows = self.single.sampler.rows(step)
        parts = [self._rows_of(self.single, rows, rng)]
        for source in self.pair or ():
            if self.quarter:
                parts.append(self._rows_of(source, source.sampler.rows(step), rng))
        joined = {key: np.stack([v for part in parts for v in part[key]]) for key in parts[0]}
        # Words before a token are all that a CLIP text encoder sees, so the padding that all
        # rows share can be left out without changing anything.
        ended = (joined["tokens"] == self.end).argmax(1).max() + 1
        joined["tokens"] = np.ascontiguousarray(joined["tokens"][:, :ended])
        tensors = {key: torch.from_numpy(value) for key, value in joined.items()}
        return {"rows": torch.from_numpy(rows), **tensors}

    def step(self, batch: Batch) -> dict[str, Tensor]:
        """Pictures beside captions, flat beside worn, and the questions."""
        config = self.config
        out = self.net(self.preparation.tensor(batch["pictures"]), output_hidden_states=True)
        pictures = F.normalize(out.image_embeds.float(), dim=1)
        with torch.no_grad():
            hidden = self.text_encoder(input_ids=batch["tokens"]).last_hidden_state
        texts = self.words(hidden, real_tokens(batch["tokens"], self.end))
        texts = F.normalize(texts.float(), dim=1)
        scale = self.words.logit_scale
        text_loss, found = clip_loss(pictures, texts, scale)
        losses = {"loss": text_loss, "text_loss": text_loss, "text_found": found}
        if self.quarter > 1:
            flat, worn = pictures[-2 * self.quarter :].chunk(2)
            garment_loss, garment_found = clip_loss(flat, worn, scale)
            losses["loss"] = losses["loss"] + config.same_garment_weight * garment_loss
            losses |= {"garment_loss": garment_loss, "garment_found": garment_found}
        tokens = out.hidden_states[-2]
        seen = torch.ones(tokens.shape[:2], dtype=torch.bool, device=tokens.device)
        logits = self.heads(tokens, seen)
        asked = F.cross_entropy(logits.flatten(0, 1), batch["answers"].flatten())
        losses["loss"] = losses["loss"] + config.questions_weight * 4 * asked
        right = (logits.detach().argmax(-1) == batch["answers"]).float().mean(0)
        shown = ("garment", "colour", "pattern", "person", "button at centre front")
        answered = {f"right_{n}": right[self.asked.index(n)] for n in shown}
        return {**losses, "questions_loss": asked, **answered}

    def encoder(self) -> ImageEncoder:
        """The network as the studio uses it; call only where it holds the moving average."""
        return ImageEncoder(self.net, self.preparation, self.words)

    def measure(self) -> dict[str, float]:
        """On the held-out rows: how often the nearest is the right one, and the mean cosines."""
        encoder, found = self.encoder(), {}
        single = self.single

        def words(source: _Source) -> Tensor:
            ids = torch.from_numpy(source.tokens[0, source.held_out].astype(np.int64))
            ids = ids.to(self.device)
            hidden = self.text_encoder(input_ids=ids).last_hidden_state
            return encoder.embed_texts(hidden, real_tokens(ids, self.end))

        pictures = encoder.embed(single.shards.pictures(single.held_out))
        found |= _matched("text", pictures, words(single))
        if self.pair is not None:
            flat, worn = (encoder.embed(s.shards.pictures(s.held_out)) for s in self.pair)
            found |= _matched("garment", flat, worn)
            found |= _matched("worn_text", worn, words(self.pair[1]))
        return {"rows": float(len(pictures)), **found}

    def sample(self, path: Path) -> None:
        """Held-out worn pictures, and below each the nearest flat one of all held-out."""
        if self.pair is None:
            return
        flat, worn = self.pair
        rows = worn.held_out[:8]
        encoder = self.encoder()
        near = encoder.embed(worn.shards.pictures(rows))
        all_flat = flat.shards.pictures(flat.held_out)
        nearest = (near @ encoder.embed(all_flat).T).argmax(1).tolist()
        shown = [*worn.shards.pictures(rows), *(all_flat[i] for i in nearest)]
        save_sheet(path, shown, columns=len(rows))

    def save(self, folder: Path) -> None:
        """Writes the folder `image_encoder`, and `measured.json` beside it."""
        measured = self.measure()
        self.encoder().save(folder / "image_encoder")
        write_measured(folder, measured)


def _matched(name: str, first: Tensor, second: Tensor) -> dict[str, float]:
    """Recall at 1 and 5, and the mean cosine with the right and with a wrong partner."""
    cosines = first @ second.T
    own = cosines.diagonal()
    better = (cosines > own[:, None]).sum(1)
    wrong = (cosines.sum() - own.sum()) / max(len(own) * (len(own) - 1), 1)
    return {
        f"{name}_recall_1": float((better < 1).float().mean()),
        f"{name}_recall_5": float((better < 5).float().mean()),
        f"{name}_cosine": float(own.mean()),
        f"{name}_cosine_of_others": float(wrong),
    }

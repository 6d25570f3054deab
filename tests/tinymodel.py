"""A model family of the bundled one's shape with small random weights, built in a second.

The folder is what `StableDiffusionPipeline.from_pretrained` and the engine load: real networks,
real tokenizer, real scheduler, only untrained. Tests run the real code on it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from diffusers.models.autoencoders.autoencoder_tiny import AutoencoderTiny
from diffusers.models.controlnets.controlnet import ControlNetModel
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import StableDiffusionPipeline
from diffusers.schedulers.scheduling_unipc_multistep import UniPCMultistepScheduler
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from studio.conditions.board import BOARD_CHANNELS
from studio.garment.vocabulary import COLOURS, COMPONENTS, GARMENTS, PATTERNS, PLACES

MAX_TOKENS = 64
LATENT_CHANNELS = 8
_WIDTH = 32
_CHANNELS = (16, 32)


def _sentences() -> Iterator[str]:
    for garment in GARMENTS.values():
        for colour in COLOURS:
            yield f"a {colour} {garment.name} with buttons and a pocket on a white background"
    yield from (f"{p} pattern" for p in PATTERNS)
    for kind in COMPONENTS.values():
        yield from (f"{n} {kind.plural} at the {place}" for n in range(12) for place in PLACES)


def build_tokenizer(words: int = 400) -> CLIPTokenizer:
    """A byte-pair tokenizer of CLIP's kind, learned from the vocabulary's own words."""
    bpe = Tokenizer(models.BPE(end_of_word_suffix="</w>"))
    # CLIP splits on spaces and marks only the ends of words.
    bpe.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    trainer = trainers.BpeTrainer(
        vocab_size=words,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        end_of_word_suffix="</w>",
        show_progress=False,
    )
    bpe.train_from_iterator(_sentences(), trainer)
    learned = json.loads(bpe.to_str())["model"]
    merges: Any = [
        tuple(m) if isinstance(m, list) else tuple(m.split(" ")) for m in learned["merges"]
    ]
    symbols: list[str] = []
    for byte in sorted(pre_tokenizers.ByteLevel.alphabet()):
        symbols += [byte, byte + "</w>"]
    symbols += ["".join(m) for m in merges]
    symbols += ["<|startoftext|>", "<|endoftext|>"]
    vocabulary = {s: i for i, s in enumerate(dict.fromkeys(symbols))}
    return CLIPTokenizer(
        vocab=vocabulary,
        merges=merges,
        model_max_length=MAX_TOKENS,
    )


def _enliven(parts: dict[str, Any]) -> None:
    """Make words and noise matter: fresh networks answer everything with nearly the same grey."""
    with torch.no_grad():
        for name, weight in parts["vae"].decoder.named_parameters():
            if name.endswith("weight"):
                weight.mul_(1.6)
        parts["vae"].decoder.layers[-1].bias.fill_(0.5)
        for name, weight in parts["unet"].named_parameters():
            if name == "conv_out.weight":
                weight.mul_(3)
            elif name.endswith(("attn2.to_out.0.weight", "attn2.to_v.weight")):
                weight.mul_(6)


def build_tiny_model(
    folder: Path, *, seed: int = 0, controlnet: bool = True, wide: bool = False
) -> Path:
    """Write a random family into `folder` and return it.

    Args:
        folder: made if absent; the diffusers layout is written into it.
        seed: decides all weights.
        controlnet: False leaves the board control out.
        wide: True gives the bundled family's real size, for timing; False a hundredth of it.
    """
    folder = Path(folder)
    heads: Any = (2, 4, 4) if wide else 4
    channels = (64, 96, 128) if wide else _CHANNELS
    width, layers = (192, 4) if wide else (_WIDTH, 1)
    vae_channels = (64,) * 4 if wide else (8,) * 4
    blocks = len(channels)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        tokenizer: Any = build_tokenizer()
        text_encoder = CLIPTextModel(
            CLIPTextConfig(
                vocab_size=len(tokenizer),
                hidden_size=width,
                intermediate_size=width * 4,
                num_hidden_layers=layers,
                num_attention_heads=width // 16,
                max_position_embeddings=MAX_TOKENS,
                bos_token_id=tokenizer.bos_token_id,
                eos_token_id=tokenizer.eos_token_id,
                pad_token_id=tokenizer.pad_token_id,
            )
        )
        vae = AutoencoderTiny(
            encoder_block_out_channels=vae_channels,
            decoder_block_out_channels=vae_channels,
            latent_channels=LATENT_CHANNELS,
            num_encoder_blocks=(1, 3, 3, 3) if wide else (1, 1, 1, 1),
            num_decoder_blocks=(3, 3, 3, 1) if wide else (1, 1, 1, 1),
        )
        unet = UNet2DConditionModel(
            sample_size=32 if wide else 8,
            in_channels=LATENT_CHANNELS,
            out_channels=LATENT_CHANNELS,
            block_out_channels=channels,
            layers_per_block=1,
            down_block_types=tuple(
                "DownBlock2D" if wide and i == 0 else "CrossAttnDownBlock2D" for i in range(blocks)
            ),
            up_block_types=tuple(
                "UpBlock2D" if wide and i == blocks - 1 else "CrossAttnUpBlock2D"
                for i in range(blocks)
            ),
            cross_attention_dim=width,
            attention_head_dim=heads,
            norm_num_groups=16 if wide else 8,
        )
        parts: dict[str, Any] = {
            "text_encoder": text_encoder,
            "vae": vae,
            "unet": unet,
        }
        if controlnet:
            control = ControlNetModel.from_unet(
                unet,
                conditioning_channels=len(BOARD_CHANNELS),
                conditioning_embedding_out_channels=(16, 32, 64, 96) if wide else (8, 8, 8, 8),
                load_weights_from_unet=True,
            )
            # A control that starts at zero changes nothing; a test needs one that is felt.
            for module in control.modules():
                if isinstance(module, torch.nn.Conv2d) and not module.weight.any():
                    torch.nn.init.normal_(module.weight, std=0.3)
            with torch.no_grad():
                for weight in control.controlnet_cond_embedding.parameters():
                    weight.mul_(3 if weight.dim() > 1 else 1)
            parts["controlnet"] = control
        _enliven(parts)
        scheduler = UniPCMultistepScheduler(
            num_train_timesteps=1000,
            beta_start=0.00085,
            beta_end=0.012,
            beta_schedule="scaled_linear",
            prediction_type="v_prediction",
            rescale_betas_zero_snr=True,
            timestep_spacing="trailing",
            steps_offset=1,  # diffusers warns about 0; trailing spacing does not use it
        )
    # The published signature names fewer classes than the pipeline takes.
    pipeline_type: Any = StableDiffusionPipeline
    pipeline = pipeline_type(
        vae=vae,
        text_encoder=text_encoder,
        tokenizer=tokenizer,
        unet=unet,
        scheduler=scheduler,
        safety_checker=None,
        feature_extractor=None,
        image_encoder=None,
        requires_safety_checker=False,
    )
    for module in parts.values():
        module.half()
    pipeline.save_pretrained(folder, safe_serialization=True)
    if "controlnet" in parts:
        parts["controlnet"].save_pretrained(folder / "controlnet")
    return folder

"""Models of other kinds than this engine makes pictures with, named by what their folders say.

No torch in here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from studio.engine.sizes import config_in
from studio.errors import BadInput

SUPPORTED = "choose a model of Stable Diffusion 1.5's or 2.1's kind"

_PIPELINES = {
    "StableDiffusionXL": "Stable Diffusion XL",
    "StableDiffusion3": "Stable Diffusion 3",
    "Flux": "Flux",
    "PixArt": "PixArt",
    "Kandinsky": "Kandinsky",
    "IF": "DeepFloyd IF",
    "StableCascade": "Stable Cascade",
    "Wuerstchen": "Würstchen",
}
"""How the classes of a folder's pipeline begin, and what people call them."""

_CHANNELS = {
    5: "one that reads a depth map beside the picture",
    7: "an upscaler, which reads a small picture beside the noise",
    8: "one that edits a picture (InstructPix2Pix), which it reads beside the noise",
    9: "one for inpainting alone, which reads a mask and a picture beside the noise",
}
"""What a UNet of so many input channels is, where latents have four."""

_PLAIN = "Toile repaints with plain models, so choose the plain one that it was made from"


def refuse_others(folder: Path) -> None:
    """Raises BadInput with a sentence that names the kind, where a folder is of another one."""
    index, unet = config_in(folder, "model_index.json"), config_in(folder / "unet")
    called = str(index.get("_class_name") or "")
    kind = next((name for start, name in _PIPELINES.items() if called.startswith(start)), "")
    if not kind and unet.get("addition_embed_type") == "text_time":
        kind = "Stable Diffusion XL"
    if not kind and (folder / "transformer").is_dir() and not (folder / "unet").is_dir():
        kind = f"a transformer ({called or 'of a kind that is not stated'})"
    if kind:
        raise BadInput(f"The model “{folder.name}” is {kind}, which is not supported: {SUPPORTED}.")
    refuse_unet(unet, f"The model “{folder.name}”")


def refuse_unet(config: dict[str, Any], whose: str) -> None:
    """Raises BadInput where a UNet's configuration says that it wants to be used in another way.

    Args:
        config: of a UNet; what it does not say is as in Stable Diffusion.
        whose: the model, at the beginning of a sentence.
    """
    what = _CHANNELS.get(config.get("in_channels", 4)) if config.get("out_channels") == 4 else None
    if what is not None:
        raise BadInput(f"{whose} is {what}: {_PLAIN}.")
    if config.get("time_cond_proj_dim"):
        raise BadInput(
            f"{whose} was distilled (LCM) and hears the text guidance within its UNet, which is "
            "not supported: choose the model that it was made from, with LCM's LoRA as a style and "
            "the sampler lcm."
        )
    if config.get("class_embed_type") or config.get("num_class_embeds"):
        raise BadInput(f"{whose} wants labels beside its words: {SUPPORTED}.")
    kind = str(config.get("_class_name") or "UNet2DConditionModel")
    if kind != "UNet2DConditionModel":
        raise BadInput(f"{whose} has a {kind} instead of a UNet2DConditionModel: {SUPPORTED}.")

"""Models in one file, in the first layout of Stable Diffusion (Civitai, kohya, AUTOMATIC1111), and
autoencoders in one file.

Names are converted by diffusers; what its pipelines would ask the hub for is kept in `layouts/`.
Sizes are those of the weights. .ckpt files are read as plain data, as all pickles are here.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.checkpoints import Header, read_header, read_weights
from studio.checkpoints.folders import file_hash
from studio.checkpoints.header import SUFFIXES
from studio.checkpoints.kinds import recognise_header
from studio.checkpoints.shapes import Shapes, part
from studio.engine.others import SUPPORTED, refuse_unet
from studio.errors import BadInput, ModelDamaged

if TYPE_CHECKING:
    import torch

LAYOUTS = Path(__file__).with_name("layouts")
UNET, VAE, TEXT = "model.diffusion_model.", "first_stage_model.", "cond_stage_model."
_OPEN_CLIP = f"{TEXT}model."
_OTHERS = (
    (r"(conditioner\.embedders\.|.*label_emb\.)", "Stable Diffusion XL"),
    (r"(model\.diffusion_model\.)?double_blocks\.", "Flux"),
    (r"(model\.diffusion_model\.)?joint_blocks\.", "Stable Diffusion 3"),
)


def is_file(path: Path) -> bool:
    """Whether this is a weight file by its name."""
    return path.suffix.lower() in SUFFIXES and path.is_file()


def layout_of(path: Path) -> dict[str, Any]:
    """What the configurations of a whole model in one file would say: "title", and those of its
    "unet", "vae", "text_encoder" and "scheduler".

    Raises:
        BadInput: it is something else, or a model of another kind. ModelDamaged: it is broken.
    """
    header = read_header(path)
    shapes = header.shapes
    whose = f"The model “{path.name}”"
    for pattern, name in _OTHERS:
        if any(re.match(pattern, key) for key in shapes):
            raise BadInput(f"{whose} is {name}, which is not supported: {SUPPORTED}.")
    if f"{UNET}input_blocks.0.0.weight" not in shapes:
        found = recognise_header(header)
        raise BadInput(
            f"“{path.name}” is {found.title}{found.aside} instead of a whole model: choose the "
            "file of a model of Stable Diffusion 1.5's or 2.1's kind, or a model's folder."
        )
    if not part(shapes, TEXT):
        raise BadInput(
            f"{whose} holds a UNet alone and no text encoder: choose the file of the whole model."
        )
    second = any(name.startswith(_OPEN_CLIP) for name in shapes)
    made = json.loads((LAYOUTS / ("sd21.json" if second else "sd15.json")).read_text("utf-8"))
    try:
        _measure(made, shapes)
    except (KeyError, IndexError) as error:
        raise ModelDamaged(
            f"“{path.name}” is not all of a model, {error} is missing: download it again."
        ) from None
    refuse_unet(made["unet"] | {"_class_name": "UNet2DConditionModel"}, whose)
    _predict(made, path, header, second)
    return made


def _measure(made: dict[str, Any], shapes: Shapes) -> None:
    """The sizes that the weights themselves tell. Raises KeyError where one is not there."""
    unet, vae, text = made["unet"], made["vae"], made["text_encoder"]
    unet["in_channels"] = shapes[f"{UNET}input_blocks.0.0.weight"][1]
    unet["block_out_channels"] = [
        shapes[f"{UNET}input_blocks.{i}.0.out_layers.3.weight"][0] for i in (1, 4, 7, 10)
    ]
    if isinstance(unet["attention_head_dim"], list):  # heads of 64, as Stable Diffusion 2 has them
        unet["attention_head_dim"] = [max(1, w // 64) for w in unet["block_out_channels"]]
    keys = f"{UNET}input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight"
    unet["cross_attention_dim"] = shapes[keys][1]
    unet["use_linear_projection"] = len(shapes[f"{UNET}input_blocks.1.1.proj_in.weight"]) == 2
    if part(shapes, VAE):
        vae["block_out_channels"] = [
            shapes[f"{VAE}encoder.down.{i}.block.0.conv1.weight"][0] for i in range(4)
        ]
    names = [name for name in shapes if name.startswith(TEXT)]

    def named(ending: str) -> str:
        found = next((name for name in names if re.search(ending, name)), None)
        if found is None:
            raise KeyError(f"{TEXT}….{ending}")
        return found

    words = named(r"token_embedding\.weight$")
    places = named(r"positional_embedding$|position_embedding\.weight$")
    text["vocab_size"], text["hidden_size"] = shapes[words]
    text["max_position_embeddings"] = shapes[places][0]
    text["intermediate_size"] = shapes[named(r"\.0\.mlp\.(fc1|c_fc)\.weight$")][0]
    numbers = [int(m[1]) for n in names if (m := re.search(r"(?:layers|resblocks)\.(\d+)\.", n))]
    # Stable Diffusion 2 hears the layer before the last one.
    text["num_hidden_layers"] = max(numbers) + 1
    if any(n.startswith(_OPEN_CLIP) for n in names) and text["num_hidden_layers"] == 24:
        text["num_hidden_layers"] = 23
    text["num_attention_heads"] = max(1, text["hidden_size"] // 64)


def _predict(made: dict[str, Any], path: Path, header: Header, second: bool) -> None:
    """What the UNet predicts: the file itself does not tell, except where it has a mark for it.

    A file of settings beside it (.yaml, as AUTOMATIC1111 reads it) says it; else Stable Diffusion
    2.1 predicts velocity at 768 pixels, and noise at 512 where its name says so.
    """
    settings = path.with_suffix(".yaml")
    velocity = second and not re.search(r"(?<!\d)512(?!\d)|base|eps", path.stem.lower())
    if settings.is_file() and settings.stat().st_size < 2**20:
        velocity = bool(
            re.search(r"parameterization:\s*[\"']?v\b", settings.read_text("utf-8", "replace"))
        )
    velocity = velocity or "v_pred" in header.weights
    made["scheduler"]["prediction_type"] = "v_prediction" if velocity else "epsilon"
    if "ztsnr" in header.weights:
        made["scheduler"] |= {"rescale_betas_zero_snr": True, "timestep_spacing": "trailing"}
    made["unet"]["sample_size"] = 96 if second and velocity else 64


def side_of_file(path: Path) -> int:
    """The side in pixels that a model in one file was trained for. Raises as `layout_of`."""
    return 8 * int(layout_of(path)["unet"]["sample_size"])


def hash_of(path: Path) -> str:
    """SHA-256 of a model in one file with the configurations that are kept for it."""
    said = json.dumps(layout_of(path), sort_keys=True)
    return hashlib.sha256(f"{file_hash(path)}\n{said}".encode()).hexdigest()


def load_tokenizer(pad: str) -> Any:
    """CLIP's tokenizer, made of its merges; `pad` fills what a text leaves."""
    from transformers import CLIPTokenizer
    from transformers.convert_slow_tokenizer import bytes_to_unicode

    lines = gzip.decompress((LAYOUTS / "clip_merges.txt.gz").read_bytes()).decode().split("\n")
    merges: Any = [tuple(line.split(" ")) for line in lines]
    letters = list(bytes_to_unicode().values())
    symbols = [*letters, *(f"{one}</w>" for one in letters), *("".join(pair) for pair in merges)]
    symbols += ["<|startoftext|>", "<|endoftext|>"]
    vocabulary = {symbol: number for number, symbol in enumerate(symbols)}
    return CLIPTokenizer(vocab=vocabulary, merges=merges, model_max_length=77, pad_token=pad)


def load_unet(path: Path, config: dict[str, Any]) -> Any:
    """The UNet, in the file's number format. Raises ModelDamaged."""
    from diffusers.loaders.single_file_utils import convert_ldm_unet_checkpoint
    from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel

    state = read_weights(path, lambda name: name.startswith(UNET))
    return _filled(path, UNet2DConditionModel, config, state, convert_ldm_unet_checkpoint)


def load_vae(path: Path, config: dict[str, Any] | None = None) -> Any:
    """The autoencoder of a model in one file, or one that is alone in its file.

    Raises:
        BadInput: there is none in it. ModelDamaged: it is not whole.
    """
    from diffusers.loaders.single_file_utils import convert_ldm_vae_checkpoint
    from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL

    header = read_header(path)
    inside = VAE if part(header.shapes, VAE) else ""
    if not any(name.startswith(f"{inside}decoder.") for name in header.weights):
        raise BadInput(
            f"“{path.name}” holds no autoencoder: give one with --vae, a folder or a file such as "
            "vae-ft-mse-840000-ema-pruned.safetensors."
        )
    wanted = ("encoder.", "decoder.", "quant_conv.", "post_quant_conv.")
    state = part(read_weights(path, lambda n: n.removeprefix(inside).startswith(wanted)), inside)
    settings: dict[str, Any] = (
        config or json.loads((LAYOUTS / "sd15.json").read_text("utf-8"))["vae"]
    )
    ours = "encoder.down_blocks.{}.resnets.0.conv1.weight"
    theirs = "encoder.down.{}.block.0.conv1.weight"
    converted = ours.format(0) in state
    widths = [state.get((ours if converted else theirs).format(i)) for i in range(4)]
    if any(width is None for width in widths):
        raise BadInput(
            f"“{path.name}” is an autoencoder of another kind than Stable Diffusion's: choose "
            "another."
        )
    settings = settings | {"block_out_channels": [w.shape[0] for w in widths if w is not None]}
    convert = (lambda state, _: state) if converted else convert_ldm_vae_checkpoint
    return _filled(path, AutoencoderKL, settings, state, convert)


def load_text(path: Path, config: dict[str, Any]) -> Any:
    """The text encoder. Raises ModelDamaged."""
    from diffusers.loaders.single_file_utils import (
        convert_ldm_clip_checkpoint,
        convert_open_clip_checkpoint,
    )
    from transformers import CLIPTextConfig, CLIPTextModel

    state = read_weights(path, lambda name: name.startswith(TEXT))
    model = CLIPTextModel(CLIPTextConfig(**config))
    if any(name.startswith(_OPEN_CLIP) for name in state):
        state = convert_open_clip_checkpoint(model, state, prefix=_OPEN_CLIP)
    else:
        state = convert_ldm_clip_checkpoint(state)
    within = "text_model." if hasattr(model, "text_model") else ""
    named = {within + name.removeprefix("text_model."): weight for name, weight in state.items()}
    wanted = model.state_dict()
    return _whole(path, model, {n: w for n, w in named.items() if n in wanted})


def _filled(
    path: Path,
    cls: Any,
    config: dict[str, Any],
    state: dict[str, torch.Tensor],
    convert: Callable[..., Any],
) -> Any:
    import torch

    with torch.device("meta"):
        network = cls.from_config(config)
    try:
        converted = dict(convert(state, dict(network.config)))
    except (KeyError, IndexError, AttributeError, RuntimeError, ValueError) as error:
        raise ModelDamaged(
            f"“{path.name}” is not all of a model ({error}): download it again."
        ) from error
    return _whole(path, network, converted)


def _whole(path: Path, network: Any, state: dict[str, torch.Tensor]) -> Any:
    """A network with exactly these weights."""
    try:
        network.load_state_dict(state, assign=True)
    except RuntimeError as error:
        reason = str(error).splitlines()[-1].strip()[:160]
        raise ModelDamaged(
            f"“{path.name}” is not all of a model ({reason}): download it again."
        ) from error
    return network

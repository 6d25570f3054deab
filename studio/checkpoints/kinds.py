"""Which published adapter a file is, told from the names and shapes of its weights.

Names of files decide nothing, with two exceptions where the contents are the same: see
`_is_decoupled` and `_is_base`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Literal

from studio.checkpoints import plans
from studio.checkpoints.header import AGAIN, Header, read_header
from studio.errors import ModelDamaged, ModelMissing

Kind = Literal[
    "magic_clothing",
    "decoupled_extractor",
    "ip_layer",
    "cloth_segm",
    "imagdressing",
    "ip_adapter_faceid",
    "ip_adapter_faceid_plus",
    "lora",
    "unknown",
]

SUFFIXES = (".safetensors", ".pt", ".pth", ".bin", ".ckpt")

TITLES: dict[Kind, str] = {
    "magic_clothing": "Magic Clothing's garment extractor",
    "decoupled_extractor": "Magic Clothing's garment extractor for decoupled attention",
    "ip_layer": "Magic Clothing's layers for decoupled attention",
    "cloth_segm": "the cloth segmentation network of Magic Clothing (U²-Net)",
    "imagdressing": "IMAGDressing-v1",
    "ip_adapter_faceid": "IP-Adapter-FaceID",
    "ip_adapter_faceid_plus": "IP-Adapter-FaceID-Plus",
    "lora": "a LoRA style",
    "unknown": "no adapter that Toile knows",
}
"""What each kind is called within a sentence."""

_MAGIC = "Magic Clothing is published under CC BY-NC-SA 4.0: for non-commercial use only."
_FACE = (
    "IP-Adapter-FaceID works on faces read by insightface's models: for non-commercial research "
    "only."
)
LICENCES: dict[Kind, str] = {
    "magic_clothing": _MAGIC,
    "decoupled_extractor": _MAGIC,
    "ip_layer": _MAGIC,
    "cloth_segm": _MAGIC,
    "imagdressing": "IMAGDressing's weights are published for research only: no commercial use.",
    "ip_adapter_faceid": _FACE,
    "ip_adapter_faceid_plus": _FACE,
    "lora": "A style's licence is its author's choice: look where you got it.",
    "unknown": "",
}
"""What a file may be used for, as a sentence; empty where nothing is known."""


@dataclass(frozen=True)
class Found:
    """A weight file that was looked at.

    Attributes:
        path: the file.
        kind: what it is.
        title: the same for people, within a sentence.
        licence: what it may be used for, as a sentence; may be empty.
        note: more about it in words, for instance what an unknown file looks like; may be empty.
        problem: a sentence if the file is broken or incomplete, otherwise None.
        weights, parameters: how many tensors and numbers it holds.
    """

    path: Path
    kind: Kind
    title: str
    licence: str
    note: str = ""
    problem: str | None = None
    weights: int = 0
    parameters: int = 0


def recognise(path: Path) -> Found:
    """Tell what a file is, from its header alone.

    Raises:
        ModelMissing: it is not there. A broken file is no error here: see `Found.problem`.
    """
    try:
        header = read_header(path)
    except ModelDamaged as error:
        return Found(path, "unknown", TITLES["unknown"], "", problem=str(error))
    return recognise_header(header)


def scan(folder: Path) -> list[Found]:
    """Tell what all weight files in a folder and the folders in it are.

    Raises:
        ModelMissing: the folder is not there.
    """
    if not folder.is_dir():
        raise ModelMissing(
            f"The folder “{folder}” is not there: make it and put the published weight files in."
        )
    files = [
        path
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in SUFFIXES
        and path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]
    return [recognise(path) for path in files]


def recognise_header(header: Header) -> Found:
    """`recognise` for a header that was read already."""
    shapes = header.shapes
    kind, note, wrong = _judge(header.path, shapes)
    problem = None
    if wrong is not None:
        problem = f"“{header.path.name}” is not all of {TITLES[kind]}: {wrong}; {AGAIN}."
    return Found(
        header.path,
        kind,
        TITLES[kind],
        _FACE if kind == "lora" and "faceid" in header.path.stem.lower() else LICENCES[kind],
        note,
        problem,
        len(shapes),
        sum(prod(shape) for shape in shapes.values()),
    )


def part_of(shapes: plans.Shapes, prefix: str) -> plans.Shapes:
    """The weights whose names begin so, without that beginning."""
    return {
        name.removeprefix(prefix): shape
        for name, shape in shapes.items()
        if name.startswith(prefix)
    }


def _judge(path: Path, shapes: plans.Shapes) -> tuple[Kind, str, str | None]:
    """Kind, note, and what is wrong in words."""
    if any(re.match(r"(module\.)?ref_unet\.", name) for name in shapes):
        return "imagdressing", *_dressing(shapes)
    image, adapter = part_of(shapes, "image_proj."), part_of(shapes, "ip_adapter.")
    if image and adapter:
        if "proj.0.weight" not in image or "norm.weight" not in image:
            return "unknown", "It looks like an IP-Adapter for pictures, not for faces.", None
        plus = any(name.startswith("perceiver_resampler.") for name in image)
        kind = "ip_adapter_faceid_plus" if plus else "ip_adapter_faceid"
        return kind, *_face(image, adapter, plus)
    layout = _lora_layout(shapes)
    if layout is not None:
        dora = any(_DORA.search(name) for name in shapes)
        more = ", with DoRA's additions, which are not supported" if dora else ""
        return "lora", f"Its layout is as {layout}{more}.", _lone_half(shapes)
    if shapes and all(re.fullmatch(r"\d+\.to_[kv]_ip\.weight", name) for name in shapes):
        return "ip_layer", *_pairs(shapes, "ip")
    names = {name.removeprefix("module.") for name in shapes}
    if "stage1.rebnconvin.conv_s1.weight" in names and "side1.weight" in names:
        return "cloth_segm", "", _segmenter(shapes)
    if _is_unet(shapes):
        if _is_base(path):
            return (
                "unknown",
                "It looks like a base model's UNet: its name is diffusers' own for one.",
                None,
            )
        kind = "decoupled_extractor" if _is_decoupled(path) else "magic_clothing"
        return kind, *_extractor(shapes)
    return "unknown", _looks_like(shapes), None


def _is_unet(shapes: plans.Shapes) -> bool:
    """Most of a UNet is there in diffusers' names, and it is of SD 1.5's kind."""
    attention = any(
        re.match(r"down_blocks\.\d\.attentions\.\d\.transformer_blocks\.0\.attn1\.to_q", name)
        for name in shapes
    )
    up = any(name.startswith("up_blocks.") for name in shapes)
    other = any(
        name.startswith("add_embedding.linear_1.") or "motion_modules" in name for name in shapes
    )
    return attention and up and not other


def _is_decoupled(path: Path) -> bool:
    """The extractor for decoupled attention has the same weights as the others: its published
    name tells it, `garment_extractor.safetensors`."""
    return "garment_extractor" in path.stem.lower()


def _is_base(path: Path) -> bool:
    """A base model's UNet has the same weights as an extractor too: diffusers' name tells it."""
    return path.stem.lower().startswith("diffusion_pytorch_model")


def is_joint(path: Path) -> bool:
    """Whether an extractor was trained for separate garment and text guidance.

    All were but the first family at 512×384 pixels, and the contents do not tell. These have 512
    as a number in their names, or the older name without it: `oms_diffusion_` and six digits.
    """
    stem = path.stem.lower()
    single = re.search(r"(?<!\d)512(?!\d)", stem) or re.fullmatch(r"oms_diffusion_\d{6}", stem)
    return single is None


def _another_base(width: int) -> str:
    return f"It is for another base model than Stable Diffusion 1.5 (first layer {width} wide)."


def _first(shapes: plans.Shapes, name: str, otherwise: int) -> int:
    """A weight's first size, where it is there and has any."""
    return (*shapes.get(name, ()), otherwise)[0]


def _extractor(shapes: plans.Shapes, what: str = "") -> tuple[str, str | None]:
    first = _first(shapes, "conv_in.weight", 320)
    if first != plans.SD15_WIDTHS[0]:
        return _another_base(first), None
    wrong = plans.difference(shapes, plans.sd15_unet())
    return "", wrong and what + wrong


def _pairs(shapes: plans.Shapes, ending: str) -> tuple[str, str | None]:
    first = _first(shapes, f"0.to_k_{ending}.weight", 320)
    if first != plans.SD15_WIDTHS[0]:
        return _another_base(first), None
    expected = plans.pair_weights(plans.sd15_attention_widths(), f"to_k_{ending}", f"to_v_{ending}")
    return "", plans.difference(shapes, expected)


def dressing_prefix(shapes: plans.Shapes) -> str:
    """Where IMAGDressing's parts begin: DeepSpeed's files have them under "module"."""
    return "module." if any(name.startswith("module.ref_unet.") for name in shapes) else ""


def _dressing(shapes: plans.Shapes) -> tuple[str, str | None]:
    parts = part_of(shapes, dressing_prefix(shapes))
    note, wrong = _extractor(part_of(parts, "ref_unet."), "ref_unet: ")
    if note or wrong:
        return note, wrong
    projection = plans.difference(part_of(parts, "proj."), plans.resampler())
    if projection:
        return "", f"proj: {projection}"
    adapters = part_of(parts, "adapter_modules.")
    if adapters:
        return _pairs(adapters, "ref")
    # The same 32 weights under the names that they have within the base model's UNet.
    inside = [name for name in part_of(parts, "unet.") if re.search(r"\.to_[kv]_ref\.", name)]
    if len(inside) != 2 * plans.ATTENTIONS:
        return "", f"adapter_modules: {32 - len(inside)} of 32 weights are missing"
    return "", None


def _face(image: plans.Shapes, adapter: plans.Shapes, plus: bool) -> tuple[str, str | None]:
    first = adapter.get("1.to_k_ip.weight", (320, 768))
    if len(first) == 2 and first != (plans.SD15_WIDTHS[0], plans.SD15_TEXT):
        return _another_base(first[0]), None
    plan = plans.face_plus_projection() if plus else plans.face_projection()
    wrong = plans.difference(image, plan)
    if wrong:
        return "", f"image_proj: {wrong}"
    rank = _first(adapter, "0.to_q_lora.down.weight", 128)
    wrong = plans.difference(adapter, plans.face_adapter(plans.sd15_sources(), rank))
    return "", wrong and f"ip_adapter: {wrong}"


def _segmenter(shapes: plans.Shapes) -> str | None:
    """U²-Net's names, and its four classes; the network itself checks the other shapes."""
    found = {name.removeprefix("module."): shape for name, shape in shapes.items()}
    expected = {name: found.get(name, ()) for name in plans.u2net_names()}
    expected["outconv.weight"] = (4, 24, 1, 1)
    return plans.difference(found, expected)


_LORA_LAYOUTS = (
    (r"^lora_(unet|te\d?)_.*\.lora_(down|up)\.weight$", "kohya's scripts write it"),
    (r"\.lora_[AB](\.[^.]+)?\.weight$", "peft writes it"),
    (r"[._](lora|lora_linear_layer)\.(down|up)\.weight$", "diffusers writes it"),
    (r"\.lora_(down|up)\.weight$", "other scripts write it"),
)
_DORA = re.compile(r"\.(dora_scale|lora_magnitude_vector)")
_LORA_EXTRAS = re.compile(r"\.(alpha|dora_scale|lora_magnitude_vector(\.[^.]+)?(\.weight)?)$")


def _lora_layout(shapes: plans.Shapes) -> str | None:
    names = [name for name in shapes if not _LORA_EXTRAS.search(name)]
    for pattern, words in _LORA_LAYOUTS:
        if names and all(re.search(pattern, name) for name in names):
            return words
    return None


def _lone_half(shapes: plans.Shapes) -> str | None:
    """Every lowering weight needs its raising one."""
    other = {"down": "up", "up": "down", "A": "B", "B": "A"}

    def partner(name: str) -> str:
        return re.sub(r"(lora[._]|layer\.)(down|up|A|B)(?=\.)", lambda m: m[1] + other[m[2]], name)

    alone = [n for n in shapes if not _LORA_EXTRAS.search(n) and partner(n) not in shapes]
    return f"“{partner(alone[0])}” is missing" if alone else None


_LOOKS = (
    (r"^(state_dict\.)?model\.diffusion_model\.", "a whole model in one file, in its first layout"),
    (r"^(state_dict\.)?control_model\.|controlnet_", "a ControlNet"),
    (r"motion_modules", "a motion module"),
    (r"^add_embedding\.linear_1\.", "the UNet of Stable Diffusion XL"),
    (r"hada_w1|lokr_w1", "a LoHa or LoKr style, which are not supported"),
    (r"emb_params|string_to_param", "a textual inversion"),
    (r"^(down_blocks|up_blocks|mid_block)\.", "part of a UNet"),
    (r"^(text_model|vision_model)\.|\.layer_norm1\.", "a CLIP encoder"),
    (r"^(first_stage_model\.)?(encoder|decoder)\.", "an image autoencoder"),
)


def _looks_like(shapes: plans.Shapes) -> str:
    for pattern, words in _LOOKS:
        if any(re.search(pattern, name) for name in shapes):
            return f"It looks like {words}."
    first = next(iter(shapes), None)
    return f"Its first of {len(shapes)} weights is “{first}”." if first else "It holds no weights."

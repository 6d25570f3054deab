"""Which published adapter a file is, told from the names of its weights.

Names of files decide nothing, with two exceptions where the contents are the same: an extractor
for decoupled attention is known by its published name, and a base model's UNet by diffusers' own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path
from typing import Literal

from studio.checkpoints.bases import base_of
from studio.checkpoints.header import AGAIN, Header
from studio.checkpoints.shapes import Shapes

Kind = Literal[
    "magic_clothing",
    "decoupled_extractor",
    "ip_layer",
    "cloth_segm",
    "imagdressing",
    "ip_adapter_faceid",
    "ip_adapter_faceid_plus",
    "controlnet_sketch",
    "controlnet_pose",
    "lora",
    "unknown",
]

_MAGIC = "Magic Clothing is published under CC BY-NC-SA 4.0: for non-commercial use only."
_DRESSING = "IMAGDressing's weights are published for research only: no commercial use."
_FACE = (
    "IP-Adapter-FaceID works on faces read by insightface's models: for non-commercial research "
    "only."
)
_STYLE = "A style's licence is its author's choice: look where you got it."
TITLES: dict[Kind, tuple[str, str]] = {
    "magic_clothing": ("Magic Clothing's garment extractor", _MAGIC),
    "decoupled_extractor": ("Magic Clothing's garment extractor for decoupled attention", _MAGIC),
    "ip_layer": ("Magic Clothing's layers for decoupled attention", _MAGIC),
    "cloth_segm": ("the cloth segmentation network of Magic Clothing (U²-Net)", _MAGIC),
    "imagdressing": ("IMAGDressing-v1", _DRESSING),
    "ip_adapter_faceid": ("IP-Adapter-FaceID", _FACE),
    "ip_adapter_faceid_plus": ("IP-Adapter-FaceID-Plus", _FACE),
    "controlnet_sketch": ("a ControlNet that reads drawings", ""),
    "controlnet_pose": ("a ControlNet that reads poses", ""),
    "lora": ("a LoRA style", _STYLE),
    "unknown": ("no adapter that Toile knows", ""),
}
"""What each kind is called within a sentence, and what it may be used for, as a sentence."""


@dataclass(frozen=True)
class Found:
    """A weight file that was looked at.

    Attributes:
        path: the file.
        kind: what it is.
        note: more about it in words, for instance what an unknown file looks like; may be empty.
        problem: a sentence if the file is broken or incomplete, otherwise None.
        weights, parameters: how many tensors and numbers it holds.
        other_base: the base model that it is for, where that is another than Stable Diffusion 1.5.
    """

    path: Path
    kind: Kind
    note: str = ""
    problem: str | None = None
    weights: int = 0
    parameters: int = 0
    other_base: str = ""

    @property
    def title(self) -> str:
        """What it is for people, within a sentence."""
        return TITLES[self.kind][0]

    @property
    def aside(self) -> str:
        """The note in brackets behind what it is, within a sentence."""
        return f" ({self.note[:1].lower()}{self.note[1:].rstrip('.')})" if self.note else ""

    @property
    def licence(self) -> str:
        """What it may be used for, as a sentence; empty where nothing is known."""
        style = self.kind == "lora" and "faceid" in self.path.stem.lower()
        return _FACE if style else TITLES[self.kind][1]

    def lacking(self, wrong: str | None) -> Found:
        """The same with this said to be wrong with it, if anything is."""
        if not wrong:
            return self
        problem = f"“{self.path.name}” is not all of {self.title}: {wrong}; {AGAIN}."
        return replace(self, problem=problem)


def recognise_header(header: Header) -> Found:
    """Tell what a file is; of a LoRA also whether it is whole."""
    shapes = header.shapes
    kind, note = _kind(called(header.path), shapes)
    numbers = sum(prod(shape) for shape in shapes.values())
    found = Found(header.path, kind, note, None, len(shapes), numbers)
    return found.lacking(_lone_half(shapes)) if kind == "lora" else found


_LIBRARY_NAME = re.compile(r"(diffusion_)?(pytorch_)?model([-.].*)?")
"""What libraries call the weights of whatever is saved into a folder."""

OTHER_INPUTS = {
    5: "a model that reads a depth map",
    7: "an upscaler",
    8: "a model that edits pictures (InstructPix2Pix)",
    9: "an inpainting model",
}
"""What a UNet of so many input channels is, where latents have four."""


def called(path: Path) -> str:
    """What a file is called, in small letters: its folder's name where its own is a library's, and
    the folder's says more."""
    stem = path.stem.lower()
    beside = path.parent.name.lower()
    says_more = re.search(r"magic_clothing|oms_|garment_extractor|control|pose|scribble", beside)
    return beside if _LIBRARY_NAME.fullmatch(stem) and says_more else stem


def _kind(stem: str, shapes: Shapes) -> tuple[Kind, str]:
    """Kind and note of a file that is called so."""
    if _any(r"ref_unet\.", shapes):
        return "imagdressing", ""
    if _any(r"image_proj\.", shapes) and _any(r"ip_adapter\.", shapes):
        if not {"image_proj.proj.0.weight", "image_proj.norm.weight"} <= shapes.keys():
            return "unknown", "It looks like an IP-Adapter for pictures, not for faces."
        plus = _any(r"image_proj\.perceiver_resampler\.", shapes)
        return "ip_adapter_faceid_plus" if plus else "ip_adapter_faceid", ""
    hint = next((shapes[n] for n in _HINTS if n in shapes), None)
    if hint is not None:
        return _controlnet(stem, hint)
    layout = _lora_layout(shapes)
    if layout is not None:
        more = (
            ", with DoRA's additions, which are not supported"
            if any(_DORA.search(n) for n in shapes)
            else ""
        )
        base = base_of(shapes)
        made_for = f" It is for {base}." if base else ""
        return "lora", f"Its layout is as {layout}{more}.{made_for}"
    if shapes and all(re.fullmatch(r"\d+\.to_[kv]_ip\.weight", name) for name in shapes):
        return "ip_layer", ""
    side = _any(r"side1\.weight$", shapes)
    if side and _any(r"stage1\.rebnconvin\.conv_s1\.weight$", shapes):
        return "cloth_segm", ""
    attention = r"down_blocks\.\d\.attentions\.\d\.transformer_blocks\.0\.attn1\.to_q"
    other = _any(r"add_embedding\.linear_1\.|.*motion_modules", shapes)
    if _any(attention, shapes) and _any(r"up_blocks\.", shapes) and not other:
        reads, writes = (shapes.get(f"conv_{end}.weight", ()) for end in ("in", "out"))
        if len(reads) > 1 and writes[:1] == (4,) and reads[1] in OTHER_INPUTS:
            note = f"It looks like the UNet of {OTHER_INPUTS[reads[1]]} ({reads[1]} channels)."
            return "unknown", note
        # Both have the same weights as the other extractors: only their names tell them.
        if stem.startswith("diffusion_pytorch_model"):
            note = "It looks like a base model's UNet: its name is diffusers' own for one."
            return "unknown", note
        return "decoupled_extractor" if "garment_extractor" in stem else "magic_clothing", ""
    return "unknown", _looks_like(shapes)


_HINTS = (
    "controlnet_cond_embedding.conv_in.weight",
    "control_model.input_hint_block.0.weight",
    "input_hint_block.0.weight",
)
"""Where a ControlNet's picture goes in, in diffusers' and in its first layout."""

_READS: tuple[tuple[str, Kind, str], ...] = (
    (r"(open|dw)_?-?pose|(?<![a-z])pose", "controlnet_pose", ""),
    (r"scribble|line_?-?art|sketch|soft_?-?edge|canny|(?<![a-z])hed", "controlnet_sketch", ""),
    (r"depth|normal|(?<![a-z])seg|mlsd|tile|shuffle|ip2p|inpaint|colou?r", "unknown", "other maps"),
)


def reads_of(name: str) -> tuple[Kind, str] | None:
    """What a ControlNet reads, told by what it is called; None where the name does not tell."""
    for pattern, kind, note in _READS:
        if re.search(pattern, name.lower()):
            return kind, note
    return None


def _controlnet(stem: str, hint: tuple[int, ...]) -> tuple[Kind, str]:
    if hint[1:2] != (3,):
        return "unknown", "It looks like a ControlNet that does not read one picture in colours."
    reads = reads_of(stem)
    if reads is None:
        return "unknown", (
            "It looks like a ControlNet, and its name does not say what it reads: let its name, or "
            "its folder's, say “openpose” or “scribble”."
        )
    kind, other = reads
    return (
        kind,
        f"It looks like a ControlNet that reads {other}, not drawings or poses." if other else "",
    )


def _any(pattern: str, shapes: Shapes) -> bool:
    """Whether a name begins so."""
    return any(re.match(pattern, name) for name in shapes)


def is_joint(path: Path) -> bool:
    """Whether an extractor was trained for separate garment and text guidance.

    All were but the first family at 512×384 pixels, and the contents do not tell. These have 512
    as a number in their names, or the older name without it: `oms_diffusion_` and six digits.
    """
    stem = called(path)
    single = re.search(r"(?<!\d)512(?!\d)", stem) or re.fullmatch(r"oms_diffusion_\d{6}", stem)
    return single is None


def trained_size(found: Found) -> tuple[int, int] | None:
    """Width and height that a garment's weights were trained for; None for other files.

    Magic Clothing's first family and IMAGDressing were trained at 384 x 512 and 512 x 640 (arXiv
    2404.09512 and 2407.12705), the others of Magic Clothing at 576 x 768, or at 768 x 1024 where
    they say 1024.
    """
    match found.kind:
        case "imagdressing":
            return 512, 640
        case "magic_clothing" | "decoupled_extractor":
            if not is_joint(found.path):
                return 384, 512
            large = re.search(r"(?<!\d)1024(?!\d)", found.path.stem)
            return (768, 1024) if large else (576, 768)
        case _:
            return None


_LORA_LAYOUTS = (
    (r"^lora_(unet|te\d?)_.*\.lora_(down|up)\.weight$", "kohya's scripts write it"),
    (r"\.lora_[AB](\.[^.]+)?\.weight$", "peft writes it"),
    (r"[._](lora|lora_linear_layer)\.(down|up)\.weight$", "diffusers writes it"),
    (r"\.lora_(down|up)\.weight$", "other scripts write it"),
)
_DORA = re.compile(r"\.(dora_scale|lora_magnitude_vector)")
_LORA_EXTRAS = re.compile(r"\.(alpha|dora_scale|lora_magnitude_vector(\.[^.]+)?(\.weight)?)$")


def _lora_layout(shapes: Shapes) -> str | None:
    names = [name for name in shapes if not _LORA_EXTRAS.search(name)]
    for pattern, words in _LORA_LAYOUTS:
        if names and all(re.search(pattern, name) for name in names):
            return words
    return None


def _lone_half(shapes: Shapes) -> str | None:
    """Every lowering weight needs its raising one."""
    other = {"down": "up", "up": "down", "A": "B", "B": "A"}
    for name in shapes:
        half = re.sub(r"(lora[._]|layer\.)(down|up|A|B)(?=\.)", lambda m: m[1] + other[m[2]], name)
        if half not in shapes and not _LORA_EXTRAS.search(name):
            return f"“{half}” is missing"
    return None


_LOOKS = (
    (r"^(state_dict\.)?model\.diffusion_model\.", "a whole model in one file, in its first layout"),
    (r"^(state_dict\.)?control_model\.|controlnet_", "a ControlNet"),
    (r"motion_modules", "a motion module"),
    (r"^add_embedding\.linear_1\.", "the UNet of Stable Diffusion XL"),
    (r"hada_w1|lokr_w1", "a LoHa or LoKr style, which are not supported"),
    (r"\.on_input$|\.ia3_l", "an IA3 style, which is not supported"),
    (r"\.(oft_|boft_)|\.oft_[rR]", "an OFT style, which is not supported"),
    (
        r"\.(diff|diff_b|w_norm|b_norm)$",
        "a style of whole weights (“full”), which is not supported",
    ),
    (r"^lora_unet_.*\.[ab][12]\.weight$", "a GLoRA style, which is not supported"),
    (r"emb_params|string_to_param", "a textual inversion"),
    (r"^(down_blocks|up_blocks|mid_block)\.", "part of a UNet"),
    (r"^(text_model|vision_model)\.|\.layer_norm1\.", "a CLIP encoder"),
    (r"^(first_stage_model\.)?(encoder|decoder)\.", "an image autoencoder"),
)


def _looks_like(shapes: Shapes) -> str:
    for pattern, words in _LOOKS:
        if any(re.search(pattern, name) for name in shapes):
            return f"It looks like {words}."
    first = next(iter(shapes), None)
    return f"Its first of {len(shapes)} weights is “{first}”." if first else "It holds no weights."

"""Which weights the published files hold, by name and shape, worked out from how they are built.

A plan is compared with a file's header, so that a deviation is named before anything is loaded.
Widths are arguments where a file for a smaller base is built in the same way.
"""

from __future__ import annotations

from collections.abc import Mapping

Shapes = dict[str, tuple[int, ...]]

SD15_WIDTHS = (320, 640, 1280, 1280)
SD15_TEXT = 768
ATTENTIONS = 16
"""Self-attentions of SD 1.5's UNet, and as many cross-attentions. Published adapters number both
in one row, self before cross: self-attentions have the even numbers 0 to 30."""


def _layer(shapes: Shapes, name: str, *shape: int, bias: bool = True) -> None:
    shapes[f"{name}.weight"] = shape
    if bias:
        shapes[f"{name}.bias"] = shape[:1]


def _resnet(shapes: Shapes, name: str, narrow: int, wide: int, time: int) -> None:
    _layer(shapes, f"{name}.norm1", narrow)
    _layer(shapes, f"{name}.conv1", wide, narrow, 3, 3)
    _layer(shapes, f"{name}.time_emb_proj", wide, time)
    _layer(shapes, f"{name}.norm2", wide)
    _layer(shapes, f"{name}.conv2", wide, wide, 3, 3)
    if narrow != wide:
        _layer(shapes, f"{name}.conv_shortcut", wide, narrow, 1, 1)


def _transformer(shapes: Shapes, name: str, width: int, text: int) -> None:
    _layer(shapes, f"{name}.norm", width)
    _layer(shapes, f"{name}.proj_in", width, width, 1, 1)
    block = f"{name}.transformer_blocks.0"
    for number, source in ((1, width), (2, text)):
        _layer(shapes, f"{block}.norm{number}", width)
        _layer(shapes, f"{block}.attn{number}.to_q", width, width, bias=False)
        _layer(shapes, f"{block}.attn{number}.to_k", width, source, bias=False)
        _layer(shapes, f"{block}.attn{number}.to_v", width, source, bias=False)
        _layer(shapes, f"{block}.attn{number}.to_out.0", width, width)
    _layer(shapes, f"{block}.norm3", width)
    _layer(shapes, f"{block}.ff.net.0.proj", 8 * width, width)
    _layer(shapes, f"{block}.ff.net.2", width, 4 * width)
    _layer(shapes, f"{name}.proj_out", width, width, 1, 1)


def sd15_unet(latent: int = 4) -> Shapes:
    """The 686 weights of Stable Diffusion 1.5's UNet (Rombach et al. 2022), as diffusers names
    them: four levels of two blocks, attention in all but the deepest.

    Args:
        latent: channels of the latents that the first layer reads.
    """
    shapes: Shapes = {}
    widths, first, last = SD15_WIDTHS, SD15_WIDTHS[0], SD15_WIDTHS[-1]
    time = 4 * first
    _layer(shapes, "conv_in", first, latent, 3, 3)
    _layer(shapes, "time_embedding.linear_1", time, first)
    _layer(shapes, "time_embedding.linear_2", time, time)
    skips, before = [first], first
    for level, width in enumerate(widths):
        for block in range(2):
            _resnet(shapes, f"down_blocks.{level}.resnets.{block}", before, width, time)
            if level < 3:
                _transformer(shapes, f"down_blocks.{level}.attentions.{block}", width, SD15_TEXT)
            skips.append(before := width)
        if level < 3:
            _layer(shapes, f"down_blocks.{level}.downsamplers.0.conv", width, width, 3, 3)
            skips.append(width)
    for block in range(2):
        _resnet(shapes, f"mid_block.resnets.{block}", last, last, time)
    _transformer(shapes, "mid_block.attentions.0", last, SD15_TEXT)
    for level, width in enumerate(reversed(widths)):
        for block in range(3):
            _resnet(shapes, f"up_blocks.{level}.resnets.{block}", before + skips.pop(), width, time)
            if level > 0:
                _transformer(shapes, f"up_blocks.{level}.attentions.{block}", width, SD15_TEXT)
            before = width
        if level < 3:
            _layer(shapes, f"up_blocks.{level}.upsamplers.0.conv", width, width, 3, 3)
    _layer(shapes, "conv_norm_out", first)
    _layer(shapes, "conv_out", 4, first, 3, 3)
    return shapes


def sd15_attention_widths() -> list[int]:
    """Widths of the 16 self-attentions in the order of `unet.attn_processors`: down, up, middle."""
    first, second, third, _ = SD15_WIDTHS
    return [first] * 2 + [second] * 2 + [third] * 5 + [second] * 3 + [first] * 3 + [third]


def pair_weights(widths: list[int], first: str, second: str) -> Shapes:
    """Two square weights for each self-attention: `{0, 2, 4, …}.{first or second}.weight`.

    Args:
        widths: of the self-attentions, in order.
        first, second: for instance "to_k_ip" and "to_v_ip".
    """
    return {
        f"{2 * i}.{name}.weight": (width, width)
        for i, width in enumerate(widths)
        for name in (first, second)
    }


def _perceiver_layers(shapes: Shapes, prefix: str, depth: int, width: int, inner: int) -> None:
    for i in range(depth):
        at = f"{prefix}layers.{i}"
        _layer(shapes, f"{at}.0.norm1", width)
        _layer(shapes, f"{at}.0.norm2", width)
        _layer(shapes, f"{at}.0.to_q", inner, width, bias=False)
        _layer(shapes, f"{at}.0.to_kv", 2 * inner, width, bias=False)
        _layer(shapes, f"{at}.0.to_out", width, inner, bias=False)
        _layer(shapes, f"{at}.1.0", width)
        _layer(shapes, f"{at}.1.1", 4 * width, width, bias=False)
        _layer(shapes, f"{at}.1.3", width, 4 * width, bias=False)


def resampler(
    queries: int = 16,
    width: int = 768,
    source: int = 1280,
    out: int = SD15_TEXT,
    depth: int = 4,
    inner: int = 768,
) -> Shapes:
    """The resampler of IP-Adapter-Plus (Ye et al. 2023), 51 weights at depth 4.

    Args:
        queries: learned tokens. width: of the tokens inside. source: width of the image tokens.
        out: width of the tokens that come out. depth: layers. inner: width of the attention.
    """
    shapes: Shapes = {"latents": (1, queries, width)}
    _layer(shapes, "proj_in", width, source)
    _layer(shapes, "proj_out", out, width)
    _layer(shapes, "norm_out", out)
    _perceiver_layers(shapes, "", depth, width, inner)
    return shapes


def face_projection(
    face: int = 512, hidden: int = 1024, tokens: int = 4, text: int = SD15_TEXT
) -> Shapes:
    """IP-Adapter-FaceID's way from a face's numbers to tokens, 6 weights."""
    shapes: Shapes = {}
    _layer(shapes, "proj.0", hidden, face)
    _layer(shapes, "proj.2", tokens * text, hidden)
    _layer(shapes, "norm", text)
    return shapes


def face_plus_projection(
    face: int = 512,
    hidden: int = 1024,
    tokens: int = 4,
    text: int = SD15_TEXT,
    source: int = 1280,
    depth: int = 4,
    inner: int = 768,
) -> Shapes:
    """The same for FaceID-Plus, which also looks at the picture of the face: 56 at depth 4."""
    shapes = face_projection(face, hidden, tokens, text)
    _layer(shapes, "perceiver_resampler.proj_in", text, source)
    _layer(shapes, "perceiver_resampler.proj_out", text, text)
    _layer(shapes, "perceiver_resampler.norm_out", text)
    _perceiver_layers(shapes, "perceiver_resampler.", depth, text, inner)
    return shapes


def face_adapter(sources: list[tuple[int, int]], rank: int = 128) -> Shapes:
    """The `ip_adapter` part of IP-Adapter-FaceID: LoRA in every attention, image keys and values
    in every cross-attention; 288 weights for SD 1.5.

    Args:
        sources: (width, width of what keys and values are made from) of every attention, self and
            cross in turn.
        rank: of the LoRA.
    """
    shapes: Shapes = {}
    for i, (width, source) in enumerate(sources):
        for name, into in (("q", width), ("k", source), ("v", source), ("out", width)):
            shapes[f"{i}.to_{name}_lora.down.weight"] = (rank, into)
            shapes[f"{i}.to_{name}_lora.up.weight"] = (width, rank)
        if i % 2:
            shapes[f"{i}.to_k_ip.weight"] = (width, source)
            shapes[f"{i}.to_v_ip.weight"] = (width, source)
    return shapes


def sd15_sources() -> list[tuple[int, int]]:
    """`face_adapter`'s first argument for SD 1.5."""
    return [pair for width in sd15_attention_widths() for pair in ((width, width), (width, 768))]


_U2NET_STAGES = {
    "stage1": 7, "stage2": 6, "stage3": 5, "stage4": 4, "stage5": 0, "stage6": 0,
    "stage5d": 0, "stage4d": 4, "stage3d": 5, "stage2d": 6, "stage1d": 7,
}  # fmt: skip
"""Layers of each stage of U²-Net; 0 is the stage of four layers that keeps its size."""


def u2net_names() -> list[str]:
    """The 798 names of the cloth segmentation's U²-Net (Qin et al. 2020), without a prefix."""
    names: list[str] = []
    for stage, layers in _U2NET_STAGES.items():
        deepest = layers or 4
        units = ["in", *(str(n) for n in range(1, deepest + 1))]
        units += [f"{n}d" for n in range(deepest - 1, 0, -1)]
        for unit in units:
            at = f"{stage}.rebnconv{unit}"
            names += [f"{at}.conv_s1.weight", f"{at}.conv_s1.bias"]
            names += [
                f"{at}.bn_s1.{name}"
                for name in ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
            ]
    for side in (*(f"side{n}" for n in range(1, 7)), "outconv"):
        names += [f"{side}.weight", f"{side}.bias"]
    return names


def difference(
    found: Mapping[str, tuple[int, ...]], expected: Mapping[str, tuple[int, ...]]
) -> str | None:
    """In what a file differs from its plan, in words; None where it does not.

    Returns:
        For instance “2 of 686 weights are missing (first “conv_in.bias”)”.
    """
    missing = [name for name in expected if name not in found]
    extra = [name for name in found if name not in expected]
    other = [name for name in expected if name in found and found[name] != expected[name]]
    parts = []
    if missing:
        parts.append(
            f"{len(missing)} of {len(expected)} weights {_are(missing)} missing "
            f"(first “{missing[0]}”)"
        )
    if extra:
        parts.append(f"{len(extra)} {_are(extra)} not part of it (first “{extra[0]}”)")
    if other:
        name = other[0]
        parts.append(
            f"{len(other)} of {len(expected)} {'has' if len(other) == 1 else 'have'} another shape "
            f"(first “{name}”, {shape_text(found[name])} instead of {shape_text(expected[name])})"
        )
    return ", ".join(parts) or None


def shape_text(shape: tuple[int, ...]) -> str:
    """320×4×3×3."""
    return "×".join(str(n) for n in shape) or "a single number"


def _are(names: list[str]) -> str:
    return "is" if len(names) == 1 else "are"

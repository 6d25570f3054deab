"""Names and shapes of weights: a part of them, and in what they differ from what they should be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

Shapes = dict[str, tuple[int, ...]]
_T = TypeVar("_T")


def part(state: Mapping[str, _T], prefix: str) -> dict[str, _T]:
    """What has a name that begins so, without that beginning."""
    return {name.removeprefix(prefix): of for name, of in state.items() if name.startswith(prefix)}


def difference(found: Shapes, expected: Shapes) -> str | None:
    """In what a file differs from what is expected of it, in words; None where it does not.

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

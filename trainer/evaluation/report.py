"""Markdown for the README and the model card, from the numbers that the suites wrote.

python -m trainer.evaluation.report base.json vae.json perception.json garment.json
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from studio.errors import BadInput, ToileError
from trainer.command import parse, positional
from trainer.evaluation.result import markdown_table
from trainer.evaluation.suites import METHODS, SPECIFIED

_READ: tuple[tuple[str, str], ...] = (
    ("garment", "type"),
    ("colour", "colour"),
    ("pattern", "pattern"),
    ("neckline", "neckline"),
    ("sleeves", "sleeves"),
    ("ground", "white or grey ground"),
    ("button_count", "exact number of buttons"),
    ("pocket_count", "exact number of pockets"),
)
_NEAR = ("place", "place within 4% of the height")
_FAMILY: tuple[tuple[str, str], ...] = (
    *((f"words_{name}", f"{label}, from words alone") for name, label in _READ),
    *((f"page_words_{name}", f"{label}, from words with the usual shape")
      for name, label in _READ[:-1]),
    *((f"board_{name}", f"{label}, on the board") for name, label in (
        *_READ[-2:], ("count", "exact number of each kind"), _NEAR)),
    ("sketch_clean_iou", "silhouette overlap with a clean sketch"),
    ("sketch_shaky_iou", "silhouette overlap with a shaky sketch"),
)  # fmt: skip
GARMENT_COLUMNS: tuple[tuple[str, str], ...] = (
    ("colour", "colour"),
    ("pattern", "pattern"),
    ("type", "type"),
    ("count", "counts"),
    ("clip_i", "CLIP-I"),
    ("mp_lpips", "MP-LPIPS ↓"),
    ("cami_u", "CAMI-U"),
    ("scene", "scene"),
    ("person", "person"),
    ("clip_t", "CLIP-T"),
    *((control.kind, control.kind) for control in SPECIFIED),
    ("cami_s", "CAMI-S"),
)
_JUDGE = (*_READ, _NEAR, ("mask_iou", "garment mask overlap"))


def read_metrics(path: Path) -> dict[str, float]:
    """A suite's JSON. Raises BadInput if it is missing or not a flat object of numbers."""
    try:
        data = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise BadInput(f"{path} cannot be read as JSON; make it with --json FILE.") from error
    if not isinstance(data, dict) or not all(
        isinstance(v, int | float) and not isinstance(v, bool) for v in data.values()
    ):
        raise BadInput(f"{path} is not a flat object of numbers; make it with --json FILE.")
    return data


def _interval(metrics: Mapping[str, float], name: str) -> str:
    low, high = metrics.get(f"{name}_low"), metrics.get(f"{name}_high")
    shown = f"{metrics[name]:.3f}"
    return shown if low is None or high is None else f"{shown} ({low:.3f}–{high:.3f})"


def family_table(metrics: Mapping[str, float]) -> str:
    """The main lines of the `base` suite."""
    rows = [
        [label, _interval(metrics, name), f"{metrics[f'ceiling_{name}']:.3f}",
         f"{metrics[f'ratio_{name}']:.2f}" if f"ratio_{name}" in metrics else "–",
         f"{metrics[f'{name}_n']:.0f}"]
        for name, label in _FAMILY
        if name in metrics
    ]  # fmt: skip
    return markdown_table(("Generated pictures", "share", "ceiling", "of the ceiling", "n"), rows)


def judge_table(metrics: Mapping[str, float]) -> str:
    """The main lines of the `perception` suite."""
    rows = [
        [label, _interval(metrics, f"raw_{name}"), _interval(metrics, f"round_{name}"),
         f"{metrics[f'round_{name}_n']:.0f}"]
        for name, label in _JUDGE
        if f"round_{name}" in metrics
    ]  # fmt: skip
    return markdown_table(("Perception", "renders", "after the round trip", "n"), rows)


def autoencoder_table(metrics: Mapping[str, float]) -> str:
    """The main lines of the `vae` suite."""
    colours = sorted(
        (name.removeprefix("delta_e_"), value)
        for name, value in metrics.items()
        if name.startswith("delta_e_") and name != "delta_e_largest"
    )
    worst = max(colours, key=lambda pair: pair[1])
    rows = [
        ["PSNR on held-out renders, dB", _interval(metrics, "psnr")],
        ["CIEDE2000 of the named colours, mean",
         f"{sum(v for _, v in colours) / len(colours):.2f}"],
        [f"CIEDE2000, largest ({worst[0].replace('_', ' ')})", f"{worst[1]:.2f}"],
        ["CIEDE2000 of swatches, largest", f"{metrics['swatch_delta_e_largest']:.2f}"],
    ]  # fmt: skip
    if "psnr_components" in metrics:
        small = _interval(metrics, "psnr_components")
        rows.insert(1, ["PSNR of buttons, pockets, bows and patches, dB", small])
    return markdown_table(("Autoencoder's round trip", "measured"), rows)


_METHOD_TITLES = {"page": "magic clothing, as the page makes it"}


def garment_table(metrics: Mapping[str, float]) -> str:
    """The main lines of the `garment` suite, and the sweep where there is one."""
    columns = [(c, t) for c, t in GARMENT_COLUMNS if f"ceiling_{c}" in metrics]
    header = ["Method", *(title for _, title in columns), "seconds", "peak MiB"]

    def row(name: str, title: str) -> list[str]:
        cells = [f"{metrics[k]:.3f}" if (k := f"{name}_{c}") in metrics else "–"
                 for c, _ in columns]  # fmt: skip
        seconds, peak = metrics.get(f"{name}_seconds"), metrics.get(f"{name}_peak_mib")
        cells.append("–" if seconds is None else f"{seconds:.2f}")
        return [title, *cells, "–" if peak is None else f"{peak:.0f}"]

    rows = [
        row(m, _METHOD_TITLES.get(m, m.replace("_", " ")))
        for m in METHODS
        if f"{m}_colour" in metrics
    ]
    tables = [markdown_table(header, [*rows, row("ceiling", "true pictures")])]
    swept = sorted(
        float(name.removeprefix("sweep_sg").removesuffix("_colour"))
        for name in metrics
        if name.startswith("sweep_sg") and name.endswith("_colour")
    )
    if swept:
        header = ["Magic Clothing", *header[1:]]
        rows = [row(f"sweep_sg{s:g}", f"sG {s:g}") for s in swept]
        tables.append(markdown_table(header, rows))
    return "\n\n".join(tables)


def table_of(metrics: Mapping[str, float]) -> str:
    """The table that suits the numbers. Raises BadInput if they are of no known suite."""
    if "ceiling_mp_lpips" in metrics:
        return garment_table(metrics)
    if "psnr" in metrics:
        return autoencoder_table(metrics)
    if "round_garment" in metrics:
        return judge_table(metrics)
    if any(name in metrics for name, _ in _FAMILY):
        return family_table(metrics)
    raise BadInput("These numbers are of no suite that is known; use a file written with --json.")


@dataclass(frozen=True)
class Report:
    """Markdown tables from the numbers that the suites wrote."""

    files: tuple[Path, ...] = positional("JSON files of the suites")


def main(argv: Sequence[str] | None = None) -> int:
    """Print the tables of the given files; returns the exit status."""
    given = sys.argv[1:] if argv is None else argv
    try:
        report = parse(Report, given, "python -m trainer.evaluation.report")
        print("\n\n".join(table_of(read_metrics(path)) for path in report.files))
    except ToileError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())

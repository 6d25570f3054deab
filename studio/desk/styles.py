"""Styles: LoRA files from the data folder or from the page, kept by their content."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from studio.checkpoints.header import SUFFIXES
from studio.checkpoints.styles import read_style
from studio.controls.style import MAX_STYLES, StyleControl
from studio.desk.compose import number
from studio.desk.easel import uploaded
from studio.desk.references import References
from studio.errors import BadInput
from studio.gallery import Store

FOLDER = "styles"


def on_shelf(data_dir: Path) -> list[str]:
    """The names of the style files in the data folder."""
    folder = data_dir / FOLDER
    if not folder.is_dir():
        return []
    files = (f for f in folder.iterdir() if f.suffix.lower() in SUFFIXES and f.is_file())
    return sorted(f.name for f in files)[:200]


def add_style(store: Store, uploads: Path, now: References, event: Mapping[str, Any]) -> References:
    """One more style: a file of the data folder (`file`) or one that was given (`path`)."""
    styles = now.all(StyleControl)
    if len(styles) >= MAX_STYLES:
        raise BadInput(f"{MAX_STYLES} styles are in use already: remove one first.")
    name = str(event.get("file") or event.get("name") or "")[:200]
    if event.get("file"):
        if name not in on_shelf(store.data_dir):
            raise BadInput(f"There is no style “{name}” in the folder any more.")
        data = read_style(store.data_dir / FOLDER / name, name)
    else:
        data = read_style(uploaded(event.get("path"), uploads), name)
    store.require_room()
    style = StyleControl(name=Path(name).stem or "style", sha256=store.keep_style(data))
    if any(s.sha256 == style.sha256 for s in styles):
        raise BadInput(f"The style “{style.name}” is in use already: change its scale instead.")
    return now.having(StyleControl.kind, (*styles, style))


def change_style(now: References, event: Mapping[str, Any]) -> References:
    """Another scale for a style; None takes it away."""
    sha, scale = event.get("sha"), event.get("scale")
    styles = now.all(StyleControl)
    if not any(s.sha256 == sha for s in styles):
        raise BadInput("This style is no longer in use: add it again.")
    if scale is None:
        return now.having(StyleControl.kind, tuple(s for s in styles if s.sha256 != sha))
    value = round(number("scale", scale, such_as="1"), 3)
    changed = (s.replaced(strength=value) if s.sha256 == sha else s for s in styles)
    return now.having(StyleControl.kind, tuple(changed))

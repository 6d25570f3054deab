"""`python -m trainer evaluate SUITE`: what each suite can be told.

Nothing here imports torch, so that `--help` answers at once; `cli.py` hands a suite to the
module that does it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from studio.controls.face import FaceControl
from studio.controls.pose import PoseControl
from studio.request import Control
from trainer.command import option

if TYPE_CHECKING:
    from studio.engine import Capabilities
    from trainer.evaluation.result import Result

BUNDLED_MODEL = Path(__file__).resolve().parents[2] / "assets" / "models" / "toile-mini"

Part = Literal["words", "page", "board", "sketch_clean", "sketch_shaky"]
PARTS: tuple[Part, ...] = get_args(Part)
Method = Literal[
    "text_only", "image_prompt", "controlnet_garment", "magic_clothing", "imagdressing",
    "combined", "page",
]  # fmt: skip
METHODS: tuple[Method, ...] = get_args(Method)
SPECIFIED: tuple[type[Control], ...] = (FaceControl, PoseControl)
"""What is asked for of a wearer."""

Sheet = Literal[
    "prompts", "sketches", "real", "guidance", "components",
    "garments", "scales", "real_garments",
]  # fmt: skip
SHEETS: tuple[Sheet, ...] = get_args(Sheet)


@dataclass(frozen=True, kw_only=True)
class Suite:
    """What every suite can be told."""

    model: Path = option("family folder (the bundled one)", BUNDLED_MODEL)
    limit: int | None = option("pictures on a sheet", None, least=1)
    seed: int = option("offset into the held-out seeds", 0, least=0)
    threads: int | None = option("CPU threads", None, least=1)
    out: Path | None = option("folder to write the table into, as SUITE.md", None)


@dataclass(frozen=True, kw_only=True)
class Measured(Suite):
    """A suite with a table and numbers."""

    limit: int = option("how many held-out specifications or renders", 200, least=1)
    json: Path | None = option("file for a flat object, metric name to number", None)

    def tell(self, result: Result, command: str) -> None:
        """Print the table, and write what was asked for; `command` is told beside it."""
        print(result.text(command))
        if self.json:
            result.write_json(self.json)
        if self.out:
            result.write_table(self.out, command)


@dataclass(frozen=True, kw_only=True)
class Made(Suite):
    """A suite that makes pictures."""

    steps: int | None = option("denoising steps (the family's own)", None, least=1)
    st: float | None = option("text guidance sT (the family's own)", None)
    device: str | None = option("cpu or cuda (the best there is)", None)

    def walk(self, able: Capabilities) -> tuple[int, float]:
        """Steps and sT, the family's own where nothing else is asked for."""
        return self.steps or able.steps, able.st if self.st is None else self.st


@dataclass(frozen=True, kw_only=True)
class Dressed(Made):
    """A suite that shows garments to the model."""

    sg: float | None = option("garment guidance sG (the family's own)", None)

    def fields(self, able: Capabilities) -> dict[str, float]:
        """Of every request: steps, sT and sG."""
        steps, st = self.walk(able)
        sg = able.sg if self.sg is None else self.sg
        return {"steps": steps, "st": st, "sg": sg}


@dataclass(frozen=True, kw_only=True)
class Vae(Measured):
    """Sharpness and colours after the autoencoder's round trip."""


@dataclass(frozen=True, kw_only=True)
class Perception(Measured):
    """The judge itself on held-out renders."""

    limit: int = option("renders of the wardrobe, and as many of pairs", 500, least=1)


@dataclass(frozen=True, kw_only=True)
class People(Measured):
    """What is read of the people in a folder of your own photos."""

    folder: Path = option("folder of photos", Path("photos"))
    out: Path | None = option("folder for the overlays, people.json and the table", None)
    crops: bool = option("also cut each photo as people do, and compare with the whole", False)
    changed: bool = option("mirror, resize and light the crops by chance", False)


@dataclass(frozen=True, kw_only=True)
class Certainty(Measured):
    """How sure one may be of a garment's photo: limits from degraded renders."""

    limit: int = option("degraded renders, and half as many of what is no garment", 800, least=8)
    outlines: int = option("things whose outlines are trained on", 3000, least=8)
    epochs: int = option("passes over the outlines", 24, least=1)
    keep: Path | None = option("folder for what was drawn and seen, to go on from", None)
    write: bool = option("write the limits beside the perception's weights", False)
    folder: Path | None = option("photos of garments to try it on; alone: those alone", None)


@dataclass(frozen=True, kw_only=True)
class Base(Made, Measured):
    """Words, components and sketches, judged by perception."""

    limit: int = option("held-out specifications", 300, least=1)
    parts: tuple[Part, ...] = option("what is measured", PARTS)


@dataclass(frozen=True, kw_only=True)
class Garment(Dressed, Measured):
    """Ways to dress somebody in a garment: fidelity, obedience, time and memory."""

    limit: int = option("held-out pairs of garment and prompt", 200, least=1)
    methods: tuple[Method, ...] = option("what is compared", METHODS)
    dressing: float = option("lambda of IMAGDressing", 1.0)
    sweep: bool = option("also Magic Clothing under sG 1 to 5", False)
    specified: bool = option("give the wearer's pose and face too, and measure CAMI-S", False)


@dataclass(frozen=True, kw_only=True)
class Sheets(Dressed):
    """Contact sheets for the documentation."""

    out: Path = option("folder for the sheets", Path("docs/sheets"))
    sheets: tuple[Sheet, ...] = option("which", SHEETS)
    sketches: Path | None = option("folder of real sketches, for the sheet “real”", None)
    prompts: Path | None = option("JSON object for these: file name to prompt", None)
    garments: Path | None = option(
        "folder with real garments/ and persons/, for the sheet “real_garments”", None
    )


SUITES: dict[str, type[Suite]] = {
    "vae": Vae, "perception": Perception, "people": People, "certainty": Certainty, "base": Base,
    "garment": Garment, "sheets": Sheets,
}  # fmt: skip

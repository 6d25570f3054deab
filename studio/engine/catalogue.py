"""Which models there are, where they come from and what they may be used for. No torch in here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import studio
from studio.checkpoints.given import no_weights, refusal
from studio.checkpoints.header import SUFFIXES
from studio.engine.single_file import is_file, side_of_file
from studio.engine.sizes import side_of
from studio.errors import ModelMissing

DEFAULT_MODEL = "toile-mini"

CAPTIONS, TOILE = "_captions", "toile"
"""What the index of a model says that has learnt Toile's captions and no other words."""

BUNDLED = Path(studio.__file__).resolve().parent.parent / "assets" / "models"
"""Where models that come with Toile lie, one folder for each."""

_MODEL = (
    "a model's folder with its model_index.json, a whole model's .safetensors file, or a name, "
    "toile-mini or stable-diffusion-1.5"
)
REQUIRED_PARTS: tuple[str, ...] = ("tokenizer", "text_encoder", "unet", "vae", "scheduler")
_TEXTS = (
    "model_index.json",
    "*.md",
    *(f"{part}/*.{end}" for part in REQUIRED_PARTS for end in ("json", "txt")),
)


@dataclass(frozen=True)
class ModelEntry:
    """One model of the catalogue.

    Attributes:
        name: what requests and the command line call it.
        title: for people.
        licence: under which its weights may be used.
        mib: size of the download or folder, roughly.
        side: the picture size in pixels that it was trained for.
        st: text guidance that suits it. steps: so many steps are enough.
        folder: where it lies, for models on this machine; the file of a model in one file.
        repo, revision: where it is published, for those that are downloaded.
        control: a published control network that reads ink, as (repo, revision).
        pose_control: one that reads stick figures.
        sg: garment guidance that suits it.
        variant: suffix of the published weight files, for instance "fp16".
    """

    name: str
    title: str
    licence: str
    mib: int
    side: int = 256
    st: float = 7.5
    steps: int = 20
    folder: Path | None = None
    repo: str | None = None
    revision: str | None = None
    control: tuple[str, str] | None = None
    pose_control: tuple[str, str] | None = None
    sg: float = 2.5
    variant: str | None = None

    @property
    def patterns(self) -> tuple[str, ...]:
        """Which of the published files are wanted: weights in one number format alone."""
        ending = f"*.{self.variant}.safetensors" if self.variant else "*.safetensors"
        return (*_TEXTS, *(f"{part}/{ending}" for part in REQUIRED_PARTS))


CATALOGUE: dict[str, ModelEntry] = {
    e.name: e
    for e in (
        ModelEntry(
            DEFAULT_MODEL,
            "Toile mini (bundled)",
            "MIT",
            43,
            side=256,
            st=4.0,
            sg=3.0,
            folder=BUNDLED / DEFAULT_MODEL,
        ),
        ModelEntry(
            "stable-diffusion-1.5",
            "Stable Diffusion 1.5",
            "CreativeML OpenRAIL-M",
            2_040,
            side=512,
            st=7.5,
            repo="stable-diffusion-v1-5/stable-diffusion-v1-5",
            revision="451f4fe16113bff5a5d2269ed5ad43b0592e9a14",
            control=("lllyasviel/control_v11p_sd15_scribble", "main"),
            pose_control=("lllyasviel/control_v11p_sd15_openpose", "main"),
            variant="fp16",
        ),
    )
}


def find_model(name: str | Path | None = None) -> ModelEntry:
    """The entry of a name, of a folder in diffusers' layout, or of a model in one file.

    Args:
        name: catalogue name, published name, or path; None for the bundled model.

    Raises:
        ModelMissing: neither a name of the catalogue nor a folder or file with a model.
        BadInput, ModelDamaged: a file that holds no model that can be used.
    """
    if name is None:
        return CATALOGUE[DEFAULT_MODEL]
    for entry in CATALOGUE.values():
        if str(name) in (entry.name, entry.repo):
            return entry
    folder = Path(name)
    if (folder / "model_index.json").is_file():
        resolved = folder.resolve()
        bundled = CATALOGUE.get(resolved.name)
        if bundled is not None and bundled.folder == resolved:
            return bundled
        side = side_of(resolved) or ModelEntry.side
        return ModelEntry(resolved.name, resolved.name, "not stated", 0, side, folder=resolved)
    if is_file(folder) and not no_weights(folder):
        side = side_of_file(folder)
        return ModelEntry(folder.stem, folder.stem, "not stated", 0, side, folder=folder.resolve())
    if folder.exists():
        raise refusal("--model", folder, _MODEL)
    if re.fullmatch(r"[\w.-]+/[\w.-]+", str(name)):
        raise ModelMissing(
            f"“{name}” is no folder on this machine, and if it is a repository of the Hugging Face "
            "Hub, it is not fetched from there: download it, and give the folder of the copy."
        )
    if "/" in str(name) or folder.suffix.lower() in SUFFIXES:
        raise refusal("--model", folder, _MODEL)
    raise ModelMissing(
        f"Unknown model “{name}”: choose {' or '.join(CATALOGUE)}, or give a model's folder "
        "or file."
    )

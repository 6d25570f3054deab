"""What a person gave, before anybody looked at it: the page, the command line and the evaluation
each write one, and `studio.desk.resolve` alone makes a request of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, ClassVar, Protocol

from studio.engine.sizes import SHAPES
from studio.errors import BadInput
from studio.garment.document import Document
from studio.garment.requests import ComponentRequest
from studio.request import SAMPLERS, Control, Part, Sampling, Sha, Start, Words, sha_of
from studio.request.parts import number

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

    from studio.desk.garment import Look
    from studio.request import Pose
    from studio.vision.garment_mask import GarmentMask
    from studio.vision.perception import Seen
    from studio.vision.tryon_mask import TryonMask


TWO_POSES = (
    "The person on the photo stands as they stand, and another pose would paint a second head: "
    "leave out the pose or the person."
)


class Person(Part):
    """A photo of somebody who tries the garment on; only the mask is painted anew.

    Attributes:
        picture: the photo in a square frame, its SHA-256.
        mask: white where it is painted anew, framed likewise; None looks for it.
        aspect: width by height of what is in the frame.
    """

    title: ClassVar[str] = "person"
    picture: Sha
    mask: Sha | None = None
    aspect: Annotated[float, number("aspect of the person's photo", 0.05, 20)] = 1.0

    def files(self) -> dict[str, str]:
        """Role -> SHA-256 of its files, as a start names them."""
        mask = {"mask": self.mask} if self.mask else {}
        return {"init_image": self.picture, **mask}


@dataclass(frozen=True)
class Wish:
    """What a person gave.

    Attributes:
        prompt, negative: the words.
        controls: what was given to be heard beside them, but for components.
        parts: the components on the board; None where nobody has seen one.
        asked: components that are asked for beside words and board.
        component_strength: how the components are heard.
        exact: the components that the words name, and those on a garment's photo, are placed.
        shaped: where nothing is drawn, the usual shape of the named garment stands in.
        look: what the garment's photo told when it was looked at; None looks at it now.
        pose: the name of a pose, or a photo of one by its SHA-256; see `posed_by`.
        posed_by: "name", "photo", or "" where no pose is given in either way.
        person: who tries the garment on. start: a picture to vary or to repair.
        st: text guidance; None for the model's.
        size: width and height in pixels; None for those of the shape.
        shape: one of `studio.engine.sizes.SHAPES`; empty for what suits the model, and the
            weights that a garment is heard with.
    """

    prompt: str = ""
    negative: str = ""
    controls: tuple[Control, ...] = ()
    parts: Document | None = None
    asked: tuple[ComponentRequest, ...] = ()
    component_strength: float = 1.0
    exact: bool = True
    shaped: bool = True
    look: Look | None = None
    pose: str = ""
    posed_by: str = ""
    person: Person | None = None
    start: Start | None = None
    st: float | None = None
    steps: int = 20
    sampler: str = SAMPLERS[0]
    seed: int = 0
    count: int = 1
    size: tuple[int, int] | None = None
    shape: str = ""

    def __post_init__(self) -> None:
        """Raises BadInput at once where a value cannot be used."""
        width, height = self.size or (256, 256)
        Words(prompt=self.prompt, negative=self.negative, st=self.st or 0.0)
        Sampling(
            steps=self.steps, sampler=self.sampler, seed=self.seed, count=self.count,
            width=width, height=height,
        )  # fmt: skip
        Control(strength=self.component_strength)
        if self.shape not in ("", *SHAPES):
            raise BadInput(f"There is no shape “{self.shape}”: choose {', '.join(SHAPES)}.")
        if self.person is not None and self.start is not None:
            raise BadInput("A person is a start picture already: give one of the two.")
        posed = self.posed_by or any(control.kind == "pose" for control in self.controls)
        if self.person is not None and posed:
            raise BadInput(TWO_POSES)
        drawn = any(control.says_what for control in self.controls)
        placed = self.asked or (self.parts is not None and self.parts.components())
        if not (self.prompt.strip() or drawn or placed or self.start):
            raise BadInput("Describe the garment or draw it first.")


class Hears(Protocol):
    """What is known of a model, see `studio.engine.Capabilities`."""

    @property
    def model(self) -> str: ...
    @property
    def conditions(self) -> frozenset[str]: ...
    @property
    def sees(self) -> bool: ...
    @property
    def side(self) -> int: ...
    @property
    def st(self) -> float: ...
    @property
    def sg(self) -> float: ...
    @property
    def shapes(self) -> Mapping[str, tuple[int, int]]: ...
    @property
    def sizes(self) -> Mapping[str, tuple[int, int]]: ...


class Eyes(Protocol):
    """What reads pictures: an engine."""

    def see(self, images: Sequence[Image.Image]) -> list[Seen]:
        """What is in each picture."""
        ...

    def garment_mask(
        self, picture: Image.Image, part: str = "auto", mask: NDArray[np.uint8] | None = None
    ) -> GarmentMask:
        """Where the garment is in its picture, by its own mask if it has one. Raises BadInput
        where there is none."""
        ...

    def tryon_mask(self, person: Image.Image, part: str = "upper") -> TryonMask:
        """What of a person is painted anew. Raises BadInput where nobody is found."""
        ...

    def find_face(self, picture: Image.Image) -> tuple[tuple[float, float, float, float], str]:
        """The face's box in 0..1, and what to tell of it. Raises BadInput where there is none."""
        ...

    def read_pose(self, picture: Image.Image) -> tuple[Pose, str]:
        """The joints, and how they were found. Raises BadInput or ModelMissing."""
        ...


class Files(Protocol):
    """Where the bytes of pictures are kept, by their SHA-256; a gallery's store is one."""

    def picture(self, sha: str) -> bytes:
        """The bytes. Raises ToileError where they are not there."""
        ...

    def keep_picture(self, png: bytes) -> str:
        """Keep bytes; their SHA-256."""
        ...


@dataclass
class Held:
    """Files in memory, for whoever has no gallery.

    Attributes:
        held: SHA-256 to bytes.
        remarks: what of the files that were given was not read.
    """

    held: dict[str, bytes] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    def picture(self, sha: str) -> bytes:
        """The bytes. Raises BadInput where they are not there."""
        if sha not in self.held:
            raise BadInput("A picture of the request is not there: give it again.")
        return self.held[sha]

    def keep_picture(self, png: bytes) -> str:
        """Keep bytes; their SHA-256."""
        sha = sha_of(png)
        self.held[sha] = png
        return sha

    def of(self, files: Mapping[str, str]) -> dict[str, bytes]:
        """The bytes of a request's files, by their SHA-256."""
        return {sha: self.picture(sha) for sha in files.values()}

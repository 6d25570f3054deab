"""Styles: LoRAs added to the model, any number at once, in their order."""

from __future__ import annotations

from typing import Annotated, ClassVar, Self

from pydantic import model_validator

from studio.errors import BadInput
from studio.options import Option
from studio.request import MAX_STRENGTH, Control, Sha
from studio.request.parts import number, text
from studio.request.rows import Told
from studio.request.rows import number as number_text

MAX_STYLES = 8


class StyleControl(Control):
    """A LoRA.

    Attributes:
        name: of its file, for people. sha256: of its bytes.
        strength: its scale, -2 to 2; 1 is what it was trained with, 0 is not heard.
    """

    kind = "style"
    title: ClassVar[str] = "style"
    order = 60
    most = MAX_STYLES
    rows = (Told("Styles", lambda style: f"{style.name} {number_text(style.strength)}"),)
    options = (
        Option(
            "--style", "name", "a LoRA's .safetensors file; may be repeated", "style",
            "FILE[:SCALE]", several=True,
        ),
    )  # fmt: skip
    name: Annotated[str, text("style's name")]
    sha256: Sha
    strength: Annotated[float, number("style's scale", -MAX_STRENGTH, MAX_STRENGTH)] = 1.0

    @model_validator(mode="after")
    def _in_all_steps(self) -> Self:
        if (self.start, self.end) != (0, 1):
            raise BadInput("A style is heard in all steps: leave its start and end out.")
        return self

    def files(self) -> dict[str, str]:
        """The LoRA's file."""
        return {"style": self.sha256}

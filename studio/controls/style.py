"""Styles: LoRAs added to the model, any number at once, in their order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, ClassVar, Self

from pydantic import model_validator

from studio.errors import BadInput
from studio.options import Option
from studio.request import MAX_STRENGTH, Control, Sha
from studio.request.parts import number, text
from studio.request.rows import Told
from studio.request.rows import number as number_text
from studio.tile import Tile

if TYPE_CHECKING:
    from studio.conditions.scene import Scene
    from studio.conditions.style import StyleCondition, StyleWeights

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
    attached = -2
    cannot, remedy = "take styles", "leave them out"
    most = MAX_STYLES
    tile = Tile(
        place=50,
        title="Styles",
        about="Small files (LoRA) that change how the model draws.",
        drawn=(
            "M12 3.5"
            "c-4.7 0-8.5 3.6-8.5 8.2 0 4.7 3.6 8.8 7.7 8.8 2.3 0 1.7-2 1.3-3-.5-1.3.3-2.5 1.8-2.5"
            "h2.5c2.3 0 3.7-1.5 3.7-3.7 0-4.5-3.8-7.8-8.5-7.8zM8 12.5h.01M9.5 8.5h.01M14 7.5"
            "h.01M17 10.5h.01"
        ),
    )
    condition = "styles"
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

    def conditions(self, scene: Scene) -> Sequence[StyleCondition]:
        """The UNet's weights with the style in them."""
        from studio.conditions.style import StyleCondition

        if not self.strength:
            return ()
        return [StyleCondition(self.name, scene.file(self.sha256), self.strength)]

    def words(self, scene: Scene) -> tuple[StyleWeights, float] | None:
        """The text encoder's weights with the style in them."""
        from studio.conditions.style import read_style

        return (
            (read_style(scene.file(self.sha256), self.name), self.strength)
            if self.strength
            else None
        )

    def files(self) -> dict[str, str]:
        """The LoRA's file."""
        return {"style": self.sha256}

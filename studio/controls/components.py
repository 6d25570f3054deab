"""Components in their exact places: one channel of the board for each kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import BeforeValidator

from studio.errors import BadInput
from studio.forms import is_number
from studio.garment.spec import Component
from studio.request import Control, GenerationRequest
from studio.request.rows import Told, strength

if TYPE_CHECKING:
    from studio.conditions.control import BoardPart
    from studio.conditions.scene import Scene

MAX_COMPONENTS = 64


def _component(data: object) -> Component:
    if isinstance(data, Component):
        return data
    if not isinstance(data, dict) or not {"kind", "place"} <= set(data):
        raise BadInput("A component needs its kind and its place.")
    if unknown := sorted(str(key) for key in set(data) - {"kind", "place", "box"}):
        raise BadInput(f"The component has unknown fields ({', '.join(unknown)}): remove them.")
    box = data.get("box")
    if box is not None:
        if not isinstance(box, list | tuple) or len(box) != 4 or not all(map(is_number, box)):
            raise BadInput("A component's box must be four numbers: left, top, right, bottom.")
        box = (box[0], box[1], box[2], box[3])
    return Component(data["kind"], data["place"], box)


def _components(data: object) -> tuple[Component, ...]:
    if not isinstance(data, list | tuple):
        raise BadInput("The components must be a list.")
    if len(data) > MAX_COMPONENTS:
        raise BadInput(
            f"{len(data)} components are too many for one picture: place {MAX_COMPONENTS} or fewer."
        )
    return tuple(_component(one) for one in data)


class ComponentsControl(Control):
    """Components on the board; those without a box are not drawn."""

    kind = "components"
    title: ClassVar[str] = "list of components"
    order = 20
    says_what = True
    rows = (Told("Component strength", strength),)
    when_found = "as in the photo"
    cannot, remedy = "place components", "leave them to the words"
    components: Annotated[tuple[Component, ...], BeforeValidator(_components)]

    def board(self, scene: Scene) -> BoardPart | None:
        """Those with a box; None without any."""
        from studio.conditions.parts import component_part

        if all(component.box is None for component in self.components):
            return None
        return component_part(self.components, scene.width, scene.height, self)


def placed_in(request: GenerationRequest) -> tuple[Component, ...]:
    """The components that a request places."""
    placed = request.get(ComponentsControl)
    return () if placed is None else placed.components

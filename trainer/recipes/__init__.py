"""What is trained with which losses: a file is a recipe, both named alike.

What several recipes have in common is in `shared`; the loop itself is `trainer.loop`.
"""

import importlib
import pkgutil
from typing import TYPE_CHECKING, Any

from studio.errors import BadInput

if TYPE_CHECKING:
    from trainer.loop import Recipe

RECIPES: tuple[str, ...] = tuple(
    module.name for module in pkgutil.iter_modules(__path__) if not module.ispkg
)
"""The recipes' names; each is imported on demand because torch is slow to import."""


def recipe_class(name: str) -> "type[Recipe[Any]]":
    """The recipe's class. Raises BadInput for a name that is not in `RECIPES`."""
    if name not in RECIPES:
        raise BadInput(f"Unknown recipe “{name}”: choose one of {', '.join(RECIPES)}.")
    from trainer.loop import Recipe

    kinds = vars(importlib.import_module(f"{__name__}.{name}")).values()
    own = (k for k in kinds if isinstance(k, type) and issubclass(k, Recipe))
    return next(k for k in own if vars(k).get("name") == name)

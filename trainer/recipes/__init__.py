"""What is trained with which losses; the loop itself is in `trainer.loop`."""

import importlib
from typing import TYPE_CHECKING

from studio.errors import BadInput

if TYPE_CHECKING:
    from trainer.loop import Recipe

RECIPES: dict[str, str] = {
    "vae": "trainer.recipes.vae:VaeRecipe",
    "text": "trainer.recipes.text:TextRecipe",
    "base": "trainer.recipes.base:BaseRecipe",
    "controlnet": "trainer.recipes.controlnet:ControlnetRecipe",
    "garment": "trainer.recipes.garment:GarmentRecipe",
    "controlnet_garment": "trainer.recipes.controlnet_garment:ControlnetGarmentRecipe",
    "dressing": "trainer.recipes.dressing:DressingRecipe",
    "perception": "trainer.recipes.perception:PerceptionRecipe",
    "image_encoder": "trainer.recipes.image_encoder:ImageEncoderRecipe",
    "face": "trainer.recipes.face:FaceRecipe",
    "image_prompt": "trainer.recipes.image_prompt:ImagePromptRecipe",
}
"""Recipe name to the class that does it; imported on demand because torch is slow to import."""


def recipe_class(name: str) -> type["Recipe"]:
    """The recipe's class. Raises BadInput for a name that is not in `RECIPES`."""
    if name not in RECIPES:
        raise BadInput(f"Unknown recipe “{name}”: choose one of {', '.join(RECIPES)}.")
    module, _, attribute = RECIPES[name].partition(":")
    return getattr(importlib.import_module(module), attribute)

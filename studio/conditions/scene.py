"""What a control is heard in: one picture's model, size and files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image
    from torch import Tensor

    from studio.vision.garment_mask import GarmentMask

    MaskFinder = Callable[[Image.Image, str, NDArray[np.uint8] | None], GarmentMask]
    """Finds a garment in a picture: (picture, part, the user's own mask or None)."""


@dataclass(frozen=True)
class Scene:
    """Where conditions are made.

    Attributes:
        family: the networks, see `studio.engine.loading.Family`.
        width, height: of the picture, in pixels. steps: of the way.
        file: the bytes of a file of the request, by its SHA-256.
        find_garment: finds a garment in a picture.
        encode: (n, 3, height, width) in -1..1 as clean latents.
    """

    family: Any
    width: int
    height: int
    steps: int
    file: Callable[[str], bytes]
    find_garment: MaskFinder
    encode: Callable[[Tensor], Tensor]

    def picture(self, sha: str) -> Image.Image:
        """A picture of the request. Raises BadInput where it is none."""
        from studio.vision.pictures import load_picture

        return load_picture(self.file(sha))

    def weights(self, name: str) -> Any:
        """The network of a control's weights. Raises ModelMissing, ModelDamaged."""
        return self.family.adapters.get(name)

    def remembered(self, picture: Image.Image, name: str, make: Callable[[], Any]) -> Any:
        """The tokens of a picture, made once for the same picture and adapter."""
        from studio.conditions.memory import picture_key

        return self.family.adapters.tokens.find(picture_key(picture, name), make)

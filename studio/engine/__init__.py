"""The engine: catalogue, loading, the one denoising loop, guidance, previews, and the facade.

    from studio.engine import Engine
    from studio.request import GenerationRequest

    pictures = Engine().generate(GenerationRequest(prompt="a navy wool coat", seed=7))

The names are imported when they are first used, so that the catalogue can be read without torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from studio.engine.facade import Capabilities, Engine
    from studio.engine.generation import Picture, Progress

__all__ = ["Capabilities", "Engine", "Picture", "Progress"]

_HOMES = {
    "Capabilities": "facade",
    "Engine": "facade",
    "Picture": "generation",
    "Progress": "generation",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)

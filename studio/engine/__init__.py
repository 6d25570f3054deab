"""The engine: catalogue, loading, the one denoising loop, guidance, previews, and the facade.

from studio.engine import Engine
from studio.request import GenerationRequest

pictures = Engine().generate(GenerationRequest(prompt="a navy wool coat", seed=7))
"""

from studio.engine.facade import Capabilities, Engine
from studio.engine.generation import Picture, Progress

__all__ = ["Capabilities", "Engine", "Picture", "Progress"]

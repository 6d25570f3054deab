"""`app.py` with an engine that hears every reference, also where a model has no weights for it.

It reads photos as the engine does; what the loaded model has no weights for is left out of the
pictures, but stays in their requests. So the page can be tested before, and without, such weights.
"""

import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import app
from studio.request import GenerationRequest
from studio.ui import serve

HEARD = {"garment", "dressing", "pose", "face", "styles"}
NOTICE = "These weights are for non-commercial use only."


def load(model: str | None, adapters: Path | None) -> Any:
    """The engine with every door open; torch is imported here, beside the page."""
    from studio.engine import Engine, Picture

    class Rehearsal(Engine):
        @property
        def capabilities(self) -> Any:
            can = super().capabilities
            return replace(can, conditions=can.conditions | HEARD, notices=(NOTICE,))

        def generate(
            self,
            request: GenerationRequest,
            images: Mapping[str, bytes] | None = None,
            on_step: Callable[..., None] | None = None,
            cancelled: Callable[[], bool] | None = None,
            **options: Any,
        ) -> list[Picture]:
            missing, kept = HEARD - super().capabilities.conditions, request
            if missing & {"garment", "dressing"}:
                kept = replace(
                    kept, garment_image=None, garment_mask=None, prompt=kept.prompt or "a garment"
                )
            if "pose" in missing:
                kept = replace(kept, pose=None)
            if "face" in missing:
                kept = replace(kept, face_image=None)
            assert {ref.sha256 for ref in request.images().values()} <= set(images or {})
            made = super().generate(kept, images, on_step, cancelled, **options)
            return [
                replace(one, request=replace(request.picture(i), weights=one.request.weights))
                for i, one in enumerate(made)
            ]

    engine = Rehearsal(model, adapters=adapters)
    engine.load()
    engine.warm_up()
    return engine


if __name__ == "__main__":
    serve._load = load
    sys.exit(app.main())

"""Projects, drawings and pictures on disk. No torch."""

from studio.gallery.records import (
    ComponentRevision,
    JobRecord,
    NewVariant,
    Page,
    Project,
    ReferenceBoard,
    SketchRevision,
    Variant,
)
from studio.gallery.store import Store

__all__ = [
    "ComponentRevision",
    "JobRecord",
    "NewVariant",
    "Page",
    "Project",
    "ReferenceBoard",
    "SketchRevision",
    "Store",
    "Variant",
]

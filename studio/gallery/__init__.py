"""Projects, drawings and pictures on disk. No torch."""

from studio.gallery.records import NewVariant, Page, Project, SketchRevision, Variant
from studio.gallery.store import Store

__all__ = ["NewVariant", "Page", "Project", "SketchRevision", "Store", "Variant"]

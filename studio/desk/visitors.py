"""Who is served just now: one visitor of many who have come in, or whoever sits at this machine."""

from contextvars import ContextVar

VISITOR: ContextVar[str] = ContextVar("visitor", default="")
"""A name that says nothing of who it is; empty where the page has no door."""

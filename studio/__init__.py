"""Toile: a garment design studio. Sketch, words and components in, garment pictures out."""

from studio.later import put_off

__version__ = "0.1.0"

put_off()

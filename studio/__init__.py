"""Toile: a garment design studio. Sketch, words and components in, garment pictures out."""

__version__ = "0.1.0"

"""Published weight files: what they are, whether they are whole, and their numbers.

Nothing in here needs torch until numbers are read, and nothing in a file is ever run.
"""

from studio.checkpoints.header import Header, check_safetensors, read_header
from studio.checkpoints.kinds import Found, Kind, recognise, scan
from studio.checkpoints.reading import read_weights

__all__ = [
    "Found",
    "Header",
    "Kind",
    "check_safetensors",
    "read_header",
    "read_weights",
    "recognise",
    "scan",
]

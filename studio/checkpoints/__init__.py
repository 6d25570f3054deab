"""Published weight files: what they hold, whether they are whole, and their numbers.

Nothing in here needs torch until a file of torch.save or numbers are read, and nothing in a file
is ever run. Whether a file is all that a model needs is told by `studio.conditions.published`.
"""

from studio.checkpoints.header import Header, read_header
from studio.checkpoints.kinds import Found, Kind
from studio.checkpoints.reading import read_weights

__all__ = ["Found", "Header", "Kind", "read_header", "read_weights"]

"""Errors whose text is meant for the user: one sentence that says what to do.

ToileError
├── BadInput          what the user gave cannot be used
│   └── Gone          it was removed for good meanwhile
├── Overtaken         something else was kept at the same moment
├── ModelMissing      weights are not where they should be
├── ModelDamaged      weights are there but cannot be read
├── StorageError      the data folder or database cannot be used
└── Cancelled         the user stopped the job
"""


class ToileError(Exception):
    """Base of all errors that are shown to the user as they are, without a traceback."""


class BadInput(ToileError):
    """The user's input cannot be used; the text says what to give instead."""


class Gone(BadInput):
    """What is asked for was removed for good meanwhile."""


class ModelMissing(ToileError):
    """Weights are not where they are expected; the text says how to get them."""


class ModelDamaged(ToileError):
    """Weights are present but cannot be read; the text names the file and what was expected."""


class StorageError(ToileError):
    """The data folder, a picture or the database cannot be read or written."""


class Cancelled(ToileError):
    """The job was cancelled between two steps."""


class Overtaken(ToileError):
    """Something else was kept at the same moment, which has not been seen: look, then write."""

    def __init__(self) -> None:
        super().__init__("Something else was kept at the same moment: try again.")

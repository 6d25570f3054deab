"""Which process runs a job, and whether it still lives."""

import os
import socket
import sys
import uuid

_LIVING: set[str] = set()


def new_owner() -> str:
    """A name for one queue in this process: machine, process number and something unique."""
    owner = f"{socket.gethostname()[:100]}/{os.getpid()}/{uuid.uuid4().hex}"
    _LIVING.add(owner)
    return owner


def retire(owner: str) -> None:
    """Say that a queue of this process has ended."""
    _LIVING.discard(owner)


def surely_gone(owner: str) -> bool:
    """Whether an owner has certainly ended. False where this machine cannot know: an owner on
    another machine is told by its silence."""
    host, _, rest = owner.partition("/")
    number = rest.partition("/")[0]
    if host != socket.gethostname()[:100] or not number.isdigit():
        return False
    if int(number) == os.getpid():
        return owner not in _LIVING
    return not _runs(int(number))


def _runs(number: int) -> bool:
    if sys.platform == "win32":
        return True  # asking there would end the process
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True

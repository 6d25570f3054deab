"""What an action answers, and what it answers when something goes wrong."""

import functools
import logging
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from studio.desk import views
from studio.errors import ToileError
from studio.forms import bounded, read_json

log = logging.getLogger(__name__)

Updates = dict[str, dict[str, Any]]
"""Changes of the page's parts: `{part: {property: value}}`."""


def guarded(action: Callable[..., Updates]) -> Callable[..., Updates]:
    """Turn whatever goes wrong into one sentence on the page."""

    @functools.wraps(action)
    def safely(*args: Any) -> Updates:
        try:
            return action(*args)
        except ToileError as error:
            return views.notice(str(error), "error")
        except Exception:
            code = secrets.token_hex(3)
            log.exception("%s failed (code %s)", action.__name__, code)
            text = (
                f"That did not work (code {code}, details in the terminal): your drawing and "
                "words are kept, try again."
            )
            return views.notice(text, "error")

    return safely


def raw_json(value: Any) -> Mapping[str, Any]:
    """A value from the browser as a mapping; anything else is an empty one.

    Raises:
        BadInput: text that is no JSON, or something in it that nobody can use.
    """
    value = read_json(value) if isinstance(value, str) else bounded(value)
    return value if isinstance(value, Mapping) else {}

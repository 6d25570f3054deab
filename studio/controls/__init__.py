"""One control = one file: its part of a request, what it needs, and how it is heard.

The help of the command line shows the options of every control and answers in the time of a few
imports. Controls are pydantic's models, which take longer; so what they say of their options is
remembered beside their compiled files for as long as these files stay as they are.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from studio.options import Option

_FOLDER = Path(__file__).parent
_KEPT = _FOLDER / "__pycache__" / "options.json"


def known_options() -> list[Option]:
    """The options of all controls, in the order of the help."""
    marks = sorted((f.name, f.stat().st_mtime_ns, f.stat().st_size) for f in _FOLDER.glob("*.py"))
    mark = repr((sys.version, marks))
    if "studio.request.control" not in sys.modules:
        with suppress(OSError, ValueError, TypeError, KeyError):
            kept = json.loads(_KEPT.read_text("utf-8"))
            if kept["mark"] == mark:
                return [Option(**one) for one in kept["options"]]
    from studio.request.control import control_kinds

    kinds = control_kinds().values()
    options = [option for kind in kinds for option in kind.options]
    if all(kind.__module__.startswith("studio.controls.") for kind in kinds):
        text = json.dumps({"mark": mark, "options": [asdict(option) for option in options]})
        half = _KEPT.with_suffix(f".{os.getpid()}")
        with suppress(OSError):  # a folder that may not be written to: the next help is slow again
            _KEPT.parent.mkdir(exist_ok=True)
            half.write_text(text, "utf-8")
            half.replace(_KEPT)
    return options

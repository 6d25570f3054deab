"""The engine, loaded beside the page."""

import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from studio.errors import ToileError

if TYPE_CHECKING:
    from studio.engine import Capabilities, Engine

log = logging.getLogger(__name__)


class EngineRoom:
    """The engine, loaded in the background.

    Args:
        load: makes the engine; `start` calls it once, in a thread of its own.
    """

    def __init__(self, load: Callable[[], "Engine"]) -> None:
        self._load = load
        self._ready = threading.Event()
        self._waiting: list[Callable[[], object]] = []
        self._engine: Engine | None = None
        self._capabilities: Capabilities | None = None
        self._problem: ToileError | None = None

    def start(self) -> None:
        """Begin to load; call it once."""
        threading.Thread(target=self._work, name="engine-loading", daemon=True).start()

    @property
    def state(self) -> Literal["loading", "ready", "failed"]:
        """Whether pictures can be made."""
        if not self._ready.is_set():
            return "loading"
        return "ready" if self._engine else "failed"

    @property
    def problem(self) -> str:
        """Why there is no engine, one sentence; empty while loading or when all is well."""
        return str(self._problem) if self._problem else ""

    @property
    def capabilities(self) -> "Capabilities | None":
        """What the model can do, or None while it is not there."""
        return self._capabilities

    def engine(self) -> "Engine":
        """The engine, once it is there. Raises the ToileError that kept it from loading."""
        self._ready.wait()
        if self._engine is None:
            assert self._problem is not None
            raise self._problem
        return self._engine

    def then(self, call: Callable[[], object]) -> None:
        """Call something when loading has ended, well or not; at once where it has."""
        self._waiting.append(call)
        if self._ready.is_set():
            call()

    def _work(self) -> None:
        try:
            engine = self._load()
            # Asked once: later the engine would answer only between two batches.
            self._capabilities = engine.capabilities
            self._engine = engine
        except ToileError as error:
            self._problem = error
        except Exception:
            log.exception("the engine could not be loaded")
            self._problem = ToileError(
                "The model could not be loaded; the reason is in the terminal. Start again, or "
                "give another model with --model."
            )
        finally:
            self._ready.set()
            for call in list(self._waiting):
                call()

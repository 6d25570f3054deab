"""From the page's events to actions: what every panel uses to connect its parts.

An action is a plain function that returns the updates of the page's parts,
`{part: {property: value}}`. Every event is private, short and unqueued: the pictures are made by
the studio's own worker.
"""

from collections.abc import Callable
from typing import Any

import gradio as gr

from studio.ui.browser import released, when_mounted
from studio.ui.compose import Form, checked_form
from studio.ui.studio import Studio
from studio.ui.updates import Updates, guarded, raw_json

FIELDS = (
    "prompt", "negative", "exact", "shaped", "text", "sketch", "count", "seed", "locked",
    "steps", "sampler",
)  # fmt: skip
"""The parts that make a `Form`, in the order in which their values arrive."""

_OTHER_ROOMS = ("compare", "gallery")
"""Parts that are mounted when their tab is opened, and ask then for what they show."""

_STATES = ("project", "seen")
"""Parts without a face: they are set to a value, not updated."""


class Wires:
    """The page's parts by name, and how an event reaches an action.

    Attributes:
        parts: everything that an action may update.
        page: the whole page, for its load event.
    """

    def __init__(self, studio: Studio, parts: dict[str, Any], page: gr.Blocks) -> None:
        self.studio = studio
        self.parts = parts
        self.page = page
        self._shown = [
            p for n, p in parts.items() if isinstance(p, gr.HTML) and n not in _OTHER_ROOMS
        ]
        self._patient = when_mounted(self._shown)

    @property
    def desk(self) -> list[Any]:
        """The inputs of an action that takes project, board and form."""
        return [self.parts["project"], self.parts["board"], *(self.parts[n] for n in FIELDS)]

    def on(
        self,
        listen: Callable[..., Any],
        action: Callable[..., Updates],
        inputs: list[Any],
        event: bool = False,
        still: str = "",
        **options: Any,
    ) -> None:
        """Let an event run an action and spread its updates over the page's parts.

        Args:
            listen: the event's listener, such as `button.click`.
            inputs: parts whose values the action takes.
            event: whether the action takes the event's data (a mapping) before them.
            still: the id of an element that takes no input until the action has answered: what
                is set in the meantime would be overwritten by its answer.
            options: further options of the listener.
        """
        safe = guarded(action)
        if event:
            # Gradio drops an event while one of the same kind is under way; a star and a note
            # set one after the other are two wishes.
            options.setdefault("trigger_mode", "multiple")

        def spread(updates: Updates) -> list[Any]:
            return [_change(name, updates.get(name)) for name in self.parts]

        def with_event(data: gr.EventData, *values: Any) -> list[Any]:
            return spread(safe(raw_json(data._data), *values))

        def without_event(*values: Any) -> list[Any]:
            return spread(safe(*values))

        answered = listen(
            with_event if event else without_event,
            inputs=inputs or None,
            outputs=list(self.parts.values()),
            queue=False,
            show_progress="hidden",
            api_visibility="private",
            js=when_mounted(self._shown, still) if still else self._patient,
            **options,
        )
        if still:
            answered.then(None, js=released(still), show_progress="hidden", queue=False)


def with_form(action: Callable[..., Updates], before: int) -> Callable[..., Updates]:
    """An action that takes a board and a `Form` last, from the raw values of the page.

    Args:
        before: how many values come before the form's; the last of them is the board.
    """

    def gather(*values: Any) -> Updates:
        *first, board = values[:before]
        return action(*first, raw_json(board), form_from(values[before:]))

    gather.__name__ = getattr(action, "__name__", "action")
    return gather


def form_from(values: tuple[Any, ...]) -> Form:
    """The form of the fields' raw values, in the order of `FIELDS`."""
    return checked_form(dict(zip(FIELDS, values, strict=True)))


def _change(name: str, how: dict[str, Any] | None) -> Any:
    """Gradio's word for a part's update, or for leaving it as it is."""
    if how is None:
        return gr.skip()
    return how["value"] if name in _STATES else gr.update(**how)

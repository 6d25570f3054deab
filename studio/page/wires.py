"""From the page's events to actions: what every panel uses to connect its parts.

An action is a plain function that returns the updates of the page's parts,
`{part: {property: value}}`. Every event is private, short and unqueued: the pictures are made by
the studio's own worker.
"""

import functools
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import gradio as gr

from studio.desk import views
from studio.desk.compose import Form, checked_form
from studio.desk.studio import Studio
from studio.desk.turns import moment
from studio.desk.updates import Updates, guarded, raw_json
from studio.errors import ToileError
from studio.page.browser import released, when_mounted

FIELDS = (
    "prompt", "negative", "exact", "shaped", "text", "sketch", "count", "seed", "locked",
    "steps", "sampler", "shape",
)  # fmt: skip
"""The parts that make a `Form`, in the order in which their values arrive."""

_OTHER_ROOMS = ("compare", "gallery")
"""Parts that are mounted when their tab is opened, and ask then for what they show."""

_ANSWERING = threading.Lock()
"""Answers of one page are looked through one after the other."""

_STATES = ("project", "seen")
"""Parts without a face: they are set to a value, not updated."""


@dataclass
class Shown:
    """What one open page shows, as far as its answers say; answers may overtake each other.

    Attributes:
        project: the id of its project; empty before its first answer.
        answers: how many it has been given that did not give way.
        problem: what the sentence is about that says what went wrong; empty where none is shown.
        moments: (part, property) -> the moment of what it was told of that.
    """

    project: str = ""
    answers: int = 0
    problem: str = ""
    moments: dict[tuple[str, str], int] = field(default_factory=dict)

    def timely(self, updates: Updates, asked: str | None, before: int | None) -> Updates:
        """What may still be shown of an answer, now that it is ready.

        Args:
            asked: the project that it is about, where it is about one.
            before: the number of answers when it began, where it gives way to any other.
        """
        if "project" in updates:
            self.project = updates["project"]["value"]
        elif asked is not None and self.project not in ("", asked):
            # Another project was opened since. What went wrong is said, what is kept is kept.
            saved = {k: v for k, v in updates.get("board", {}).items() if k == "saved"}
            late = {"board": saved} if saved else {}
            return late | ({"notice": updates["notice"]} if "notice" in updates else {})
        elif before is not None:
            return updates if before == self.answers else {}
        self.answers += 1
        return updates

    def mended(self, updates: Updates, about: str, mends: Collection[str] = ()) -> Updates:
        """An answer that takes the sentence away that says what went wrong, where it mends that.

        Args:
            about: what the answer is about. mends: what else it mends.
        """
        if told := updates.get("notice", {}).get("value"):
            self.problem = about if told["tone"] == "error" and told["text"] else ""
        elif updates and self.problem and self.problem in (about, *mends):
            self.problem = ""
            return updates | views.notice("")
        return updates

    def latest(self, updates: Updates) -> Updates:
        """An answer without what a later look at the same thing has told otherwise already: of a
        part with `at`, the moment of its look, the properties that were told of a later one.
        A sentence is numbered, so that the browser does not go back to an earlier one."""
        kept: Updates = {}
        for part, how in updates.items():
            at = how.get("at")
            if at is None:
                kept[part] = how
                continue
            known = {name: self.moments.get((part, name), at) for name in how if name != "at"}
            fresh = {name: how[name] for name, last in known.items() if last <= at}
            self.moments |= {(part, name): at for name in fresh}
            if fresh:
                kept[part] = fresh
        if told := kept.get("notice", {}).get("value"):
            kept["notice"] = {"value": told | {"n": moment()}}
        return kept


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
        self._page_shows = gr.State(Shown())

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
        gives_way: bool = False,
        about: str = "",
        mends: Collection[str] = (),
        **options: Any,
    ) -> None:
        """Let an event run an action and spread its updates over the page's parts.

        Args:
            listen: the event's listener, such as `button.click`.
            inputs: parts whose values the action takes.
            event: whether the action takes the event's data (a mapping) before them.
            still: the id of an element that takes no input until the action has answered: what
                is set in the meantime would be overwritten by its answer.
            gives_way: whether an answer is dropped that another one has overtaken.
            about: what it is about, by which `mends` names it. Where it goes well, what was said
                to have gone wrong with it, or with one of `mends`, is mended. The events of an
                action are about the same thing, as far as they name the same role or picture.
            options: further options of the listener.
        """
        safe = guarded(_told(action) if event else action)
        if event:
            # Gradio drops an event while one of the same kind is under way; a star and a note
            # set one after the other are two wishes.
            options.setdefault("trigger_mode", "multiple")

        where = next((i for i, part in enumerate(inputs) if part is self.parts["project"]), None)
        thing = about or f"{getattr(action, '__name__', '')} {id(action)}"

        def answer(shown: Shown, values: tuple[Any, ...], *data: Any) -> list[Any]:
            before = shown.answers if gives_way else None
            asked = None if where is None else str(values[where] or "")
            if where is not None:  # whatever the browser sent in the place of its name
                values = (*values[:where], asked, *values[where + 1 :])
            done = safe(*data, *values)
            with _ANSWERING:
                updates = shown.timely(done, asked, before)
                updates = shown.mended(updates, f"{thing}{_named(data)}", mends)
                updates = shown.latest(updates)
            return [_change(name, updates.get(name)) for name in self.parts]

        def with_event(data: gr.EventData, shown: Shown, *values: Any) -> list[Any]:
            return answer(shown, values, data._data)

        def without_event(shown: Shown, *values: Any) -> list[Any]:
            return answer(shown, values)

        answered = listen(
            with_event if event else without_event,
            inputs=[self._page_shows, *inputs],
            outputs=list(self.parts.values()),
            queue=False,
            show_progress="hidden",
            # Values go to the action as the browser sent them: it says in a sentence what is wrong
            # with one, where Gradio's own checks would answer with a failure.
            preprocess=False,
            api_visibility="private",
            js=when_mounted(self._shown, still) if still else self._patient,
            **options,
        )
        if still:
            answered.then(None, js=released(still), show_progress="hidden", queue=False)


def _named(data: tuple[Any, ...]) -> str:
    """The role or picture that an event names, if any."""
    named = data[0] if data and isinstance(data[0], Mapping) else {}
    name = named.get("role") or named.get("id")
    return f" {name}" if isinstance(name, str) else ""


def _told(action: Callable[..., Updates]) -> Callable[..., Updates]:
    """An action that takes an event's data, from what the browser sent of them."""

    @functools.wraps(action)
    def read(data: Any, *values: Any) -> Updates:
        return action(raw_json(data), *values)

    return read


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


def refusing(
    action: Callable[..., Updates], refusal: Callable[[str, Mapping[str, Any]], Updates]
) -> Callable[..., Updates]:
    """An action of an event whose part hears of a refusal, for it waits.

    Args:
        refusal: what the part is told, from the sentence and the event.
    """

    @functools.wraps(action)
    def safely(event: Mapping[str, Any], *values: Any) -> Updates:
        try:
            return action(event, *values)
        except ToileError as error:
            return refusal(str(error), event) | views.notice(str(error), "error")

    return safely


def form_from(values: tuple[Any, ...]) -> Form:
    """The form of the fields' raw values, in the order of `FIELDS`."""
    return checked_form(dict(zip(FIELDS, values, strict=True)))


def _change(name: str, how: dict[str, Any] | None) -> Any:
    """Gradio's word for a part's update, or for leaving it as it is."""
    if how is None:
        return gr.skip()
    return how["value"] if name in _STATES else gr.update(**how)

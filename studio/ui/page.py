"""The page: its parts, and which action answers which event."""

from collections.abc import Callable
from typing import Any

import gradio as gr

from studio.ui import compose
from studio.ui.compose import Form, checked_form
from studio.ui.panels import (
    Describe,
    board_panel,
    describe_panel,
    gallery_panel,
    masthead_panel,
    notice_panel,
    variants_panel,
)
from studio.ui.studio import Studio
from studio.ui.updates import Updates, guarded, raw_json

TICK = 0.4
"""Seconds between looks at a running job: at most three a second."""

_FORM = (
    "prompt", "negative", "exact", "text", "sketch", "count", "seed", "locked", "steps", "sampler",
)  # fmt: skip


_STATES = ("project", "seen")
"""Parts without a face: they are set to a value, not updated."""


def build_page(studio: Studio) -> gr.Blocks:
    """The whole page on top of a running studio."""
    with gr.Blocks(
        title="Toile", analytics_enabled=False, delete_cache=(3600, 86400), fill_width=True
    ) as page:
        project = gr.BrowserState("", storage_key="toile-project", secret="toile-project")
        seen = gr.State("")
        masthead = masthead_panel()
        with gr.Tabs(elem_id="rooms"):
            with gr.Tab("Studio", id="studio"), gr.Row(elem_id="studio", equal_height=False):
                describe = describe_panel()
                board = board_panel()
                variants = variants_panel()
            with gr.Tab("Gallery", id="gallery") as gallery_tab:
                gallery = gallery_panel()
        notice = notice_panel()
        timer = gr.Timer(TICK, active=False)
        parts: dict[str, Any] = {
            "project": project,
            "seen": seen,
            "masthead": masthead,
            "board": board,
            "variants": variants,
            "gallery": gallery,
            "notice": notice,
            "timer": timer,
            **vars(describe),
        }
        _Wires(studio, parts, describe, page, gallery_tab).connect()
    return page


class _Wires:
    """Connects events to actions. Every event is private, short and unqueued: the pictures are
    made by the studio's own worker."""

    def __init__(
        self,
        studio: Studio,
        parts: dict[str, Any],
        describe: Describe,
        page: gr.Blocks,
        gallery_tab: gr.Tab,
    ) -> None:
        self.studio = studio
        self.parts = parts
        self.describe = describe
        self.page = page
        self.gallery_tab = gallery_tab
        self.form = [parts[name] for name in _FORM]

    def connect(self) -> None:
        """Connect everything."""
        project, seen, board = (self.parts[n] for n in ("project", "seen", "board"))
        form = self.form
        studio, d = self.studio, self.describe
        self._on(self.page.load, studio.open, [project])
        self._on(
            self.parts["timer"].tick, _with_form(studio.tick, 3), [project, seen, board, *form]
        )
        self._on(d.progress.cancel, studio.cancel, [project])

        masthead = self.parts["masthead"]
        self._on(masthead.open_project, lambda e: studio.open(str(e.get("id"))), [], event=True)
        self._on(
            masthead.new_project, lambda e: studio.new_project(str(e.get("name"))), [], event=True
        )
        self._on(
            masthead.rename_project,
            lambda e: studio.rename_project(str(e.get("id")), str(e.get("name"))),
            [],
            event=True,
        )
        self._on(masthead.stop_sharing, self._stop_sharing, [])

        latest: dict[str, Any] = {"trigger_mode": "always_last"}
        self._on(board.ink_changed, _with_form(studio.draw, 2), [project, board, *form], **latest)
        self._on(board.photo, lambda e: studio.read_photo(e.get("path")), [], event=True)
        self._on(board.template, lambda e: studio.template(str(e.get("garment"))), [], event=True)

        write = _with_form(studio.write, 2)
        # A text field's "input" is told of keys only, not of pasting, deleting or dictating.
        for part in (d.prompt, d.negative, d.seed):
            self._on(part.change, write, [project, board, *form], **latest)
        for part in (d.exact, d.locked, d.count, d.sampler):
            self._on(part.input, write, [project, board, *form], **latest)
        self._on(d.steps.change, write, [project, board, *form], **latest)
        self._on(d.text_word.input, self._text_word, [d.text_word, project, board, *form])
        self._on(d.sketch_word.input, self._sketch_word, [d.sketch_word, project, board, *form])
        self._on(d.text.change, self._number, [project, board, *form], **latest)
        self._on(d.sketch.change, self._number, [project, board, *form], **latest)
        self._on(d.shuffle.click, self._shuffle, [project, board, *form])
        self._on(d.generate.click, _with_form(studio.generate, 2), [project, board, *form])

        act = _with_form(studio.act, 3)
        for part in ("variants", "gallery", "notice"):
            self._on(
                self.parts[part].act,
                lambda e, p, *rest: act(p, e, *rest),
                [project, board, *form],
                event=True,
            )
        self._on(
            self.parts["gallery"].query, lambda e, p: studio.query(p, e), [project], event=True
        )
        self._on(self.gallery_tab.select, lambda: {"gallery": {"refresh": compose.new_seed()}}, [])

    def _on(
        self,
        listen: Callable[..., Any],
        action: Callable[..., Updates],
        inputs: list[Any],
        event: bool = False,
        **options: Any,
    ) -> None:
        """Let an event run an action and spread its updates over the page's parts."""
        safe = guarded(action)

        def spread(updates: Updates) -> list[Any]:
            return [_change(name, updates.get(name)) for name in self.parts]

        def with_event(data: gr.EventData, *values: Any) -> list[Any]:
            return spread(safe(raw_json(data._data), *values))

        def without_event(*values: Any) -> list[Any]:
            return spread(safe(*values))

        listen(
            with_event if event else without_event,
            inputs=inputs or None,
            outputs=list(self.parts.values()),
            queue=False,
            show_progress="hidden",
            api_visibility="private",
            **options,
        )

    def _text_word(self, word: str, project: str, board: Any, *values: Any) -> Updates:
        stops = compose.text_stops(self.studio.usual_st())
        return self._set("text", stops.get(word), project, board, values)

    def _sketch_word(self, word: str, project: str, board: Any, *values: Any) -> Updates:
        return self._set("sketch", compose.SKETCH_STOPS.get(word), project, board, values)

    def _shuffle(self, project: str, board: Any, *values: Any) -> Updates:
        return self._set("seed", str(compose.new_seed()), project, board, values)

    def _set(
        self, field: str, value: Any, project: str, board: Any, values: tuple[Any, ...]
    ) -> Updates:
        form = dict(zip(_FORM, values, strict=True)) | {field: value}
        updates = self.studio.write(project, raw_json(board), checked_form(form))
        return updates | {field: {"value": value}}

    def _number(self, project: str, board: Any, *values: Any) -> Updates:
        form = checked_form(dict(zip(_FORM, values, strict=True)))
        stops = compose.text_stops(self.studio.usual_st())
        return self.studio.write(project, raw_json(board), form) | {
            "text_word": {"value": compose.word_for(stops, form.text)},
            "sketch_word": {"value": compose.word_for(compose.SKETCH_STOPS, form.sketch)},
        }

    def _stop_sharing(self) -> Updates:
        from studio.ui.sharing import stop_sharing

        stop_sharing()
        self.studio.share_url = ""
        return {"masthead": {"shared": ""}}


def _with_form(action: Callable[..., Updates], before: int) -> Callable[..., Updates]:
    """An action that takes a board and a `Form` last, from the raw values of the page."""

    def gather(*values: Any) -> Updates:
        *first, board = values[:before]
        form: Form = checked_form(dict(zip(_FORM, values[before:], strict=True)))
        return action(*first, raw_json(board), form)

    gather.__name__ = getattr(action, "__name__", "action")
    return gather


def _change(name: str, how: dict[str, Any] | None) -> Any:
    """Gradio's word for a part's update, or for leaving it as it is."""
    if how is None:
        return gr.skip()
    return how["value"] if name in _STATES else gr.update(**how)

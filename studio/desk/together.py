"""Several pages on one project: what each of them changed is put together, and words are asked for.

Every page says with what it sends which revisions it has seen (`Seen`). What stands there by now
is `theirs`, what the page sends is `mine`, and both grew out of `base`. `assets/ui/board/merge.js`
does the same in the browser; `tests/merge_rules.json` holds both to it.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, TypeVar

from studio.desk.compose import Form
from studio.errors import Overtaken

T = TypeVar("T")

TRIES = 8
"""How often a write that was overtaken is put together anew."""

ASKED = ("prompt", "negative")
"""Fields that hold words: where two pages wrote, neither is taken without being asked for."""

_MOST_NAMES = 20_000


@dataclass(frozen=True)
class Seen:
    """What a page had before it when it changed something.

    Attributes:
        page: the page's own name, another one after each loading.
        ink, parts, words: numbers of the revisions that it has seen; None where it does not say, as
            before it has been shown any.
        form: the fields of its words and settings, as the server last told them.
        gone: names of strokes and components that it sent and took away again before it heard
            that they were kept.
    """

    page: str = ""
    ink: int | None = None
    parts: int | None = None
    words: int | None = None
    form: Mapping[str, Any] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()


def seen_of(board: Mapping[str, Any]) -> Seen:
    """What a page says that it has seen; nothing in it is trusted."""
    told = board.get("seen")
    if not isinstance(told, Mapping):
        return Seen()

    def number(name: str) -> int | None:
        value = told.get(name)
        right = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**62
        return value if right else None

    form, gone = told.get("form"), told.get("gone")
    return Seen(
        page=page_of(board),
        ink=number("ink"),
        parts=number("parts"),
        words=number("words"),
        form=form if isinstance(form, Mapping) else {},
        gone=frozenset(map(str, gone[:_MOST_NAMES])) if isinstance(gone, list) else frozenset(),
    )


def page_of(board: Mapping[str, Any]) -> str:
    """The name of the page that a board came from."""
    told = board.get("seen")
    page = told.get("page") if isinstance(told, Mapping) else None
    return page[:32] if isinstance(page, str) else ""


def merged(
    base: Iterable[T] | None,
    theirs: Sequence[T],
    mine: Sequence[T],
    name: Callable[[T], Hashable],
    gone: frozenset[str] = frozenset(),
) -> tuple[T, ...]:
    """Two lists of named things that grew out of one.

    What either took away is gone, what either added is there, what both changed is as in `mine`.

    Args:
        base: None where it is no longer known: then nothing is taken away.
        name: of a thing. gone: names that are taken away besides.
    """
    known = {name(one): one for one in base or ()}
    there = {name(one): one for one in theirs}
    here = {name(one): one for one in mine}
    if base is not None and there == known and list(there) == list(known):
        return tuple(mine)
    result: list[T] = []
    for key, one in there.items():
        if key in here:
            result.append(one if key in known and here[key] == known[key] else here[key])
        elif key not in known and key not in gone:
            result.append(one)
    result += [one for key, one in here.items() if key not in there and key not in known]
    return tuple(result)


def chosen(base: T, theirs: T, mine: T) -> T:
    """One value that two may have changed: what only one changed is as that one has it."""
    return theirs if mine == base else mine


def in_turn(write: Callable[[], T]) -> T:
    """Do something that looks and then writes until nothing else comes between."""
    for _ in range(TRIES - 1):
        try:
            return write()
        except Overtaken:
            continue
    return write()


@dataclass(frozen=True)
class Words:
    """Two forms put together.

    Attributes:
        form: what is to be kept.
        asked: words that another page wrote meanwhile, by their field: the page has others, which
            are not kept until somebody has chosen.
        mine: the page's own words in those fields.
        base: what they grew out of. The page has seen no more than that until somebody has chosen,
            else its next save would take its own words without being asked.
    """

    form: Form
    asked: Mapping[str, str] = field(default_factory=dict)
    mine: Mapping[str, str] = field(default_factory=dict)
    base: Mapping[str, str] = field(default_factory=dict)

    @property
    def shown(self) -> Form:
        """The form as the page shows it, and as a picture would be made of it."""
        return replace(self.form, **self.mine)

    def still_asked(self, form: Form, setting: Mapping[str, Any]) -> "Words":
        """What of these words is asked about with another form, after some fields were set."""
        left = [
            {name: value for name, value in one.items() if name not in setting}
            for one in (self.asked, self.mine, self.base)
        ]
        return Words(form, *left)

    @property
    def seen(self) -> dict[str, Any]:
        """The form as the page is told it."""
        return asdict(replace(self.form, **self.base))


def put_together(theirs: Form, mine: Form, seen: Seen, own: bool) -> Words:
    """Two forms that grew out of the one that the page has seen.

    A field that the page was never told cannot have been changed on it: Gradio sends the values
    that a page was built with as long as the first answer is still being laid out.

    Args:
        own: whether `theirs` was written by this very page: its answer may have been lost.
    """
    known = {f.name for f in fields(Form)}
    base = replace(theirs, **{k: v for k, v in seen.form.items() if k in known})
    values: dict[str, Any] = {}
    asked: list[str] = []
    for name in known:
        was, there, here = (getattr(form, name) for form in (base, theirs, mine))
        value = chosen(was, there, here) if name in seen.form else there
        if name in ASKED and not own and there not in (was, here) and here != was:
            asked.append(name)
            value = there
        values[name] = value
    here, there, was = ({n: getattr(f, n) for n in asked} for f in (mine, theirs, base))
    return Words(Form(**values), there, here, was)

"""Finding pictures: pages of a project, full-text search, families.

On SQLite the words are looked up in a full-text index (FTS5); other databases look through the
columns. Both read a search as words that must all occur.
"""

import re
from typing import Any

import sqlalchemy as sa

from studio.gallery.records import Page, Variant
from studio.gallery.rows import variant_records, variant_row
from studio.gallery.shelf import Shelf
from studio.gallery.tables import VariantRow

LONGEST_SEARCH = 200
"""Characters of a search that are read."""

LARGEST_PAGE = 500

_INDEX = sa.table("variant_search", sa.column("rowid", sa.Integer))
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
    "\uff66-\uff9f\U00020000-\U0003ffff]"
)
"""Letters of scripts that set no spaces between words: Chinese, Japanese, Thai, Lao, Khmer,
Burmese."""

_EDGES = ".,;:!?\"'“”‘’()[]{}"


class Search(Shelf):
    """The pictures of a store, many at a time."""

    def variants(
        self,
        project_id: str,
        *,
        search: str = "",
        starred: bool = False,
        trashed: bool = False,
        passing: bool | None = None,
        since: float | None = None,
        until: float | None = None,
        seed: int | None = None,
        before: int | None = None,
        limit: int = 48,
    ) -> Page:
        """A page of a project's pictures, newest first.

        Args:
            search: every word must begin a word of the prompt, the note or the placed components
                (“5 buttons”), in any case and number; a Chinese, Japanese or Thai one may stand
                anywhere, since no spaces say where words begin.
            starred: only starred ones.
            trashed: those in the trash instead of those outside it.
            passing: only those that passed all checks, or only those that missed one.
            since, until: made in this span of time, in seconds since 1970; `until` excluded.
            seed: only those of this seed.
            before: the `next` of the page before, None for the first.
            limit: pictures per page, 1..`LARGEST_PAGE`.
        """
        query = _narrowed(sa.select(VariantRow), project_id, starred, trashed, passing, seed)
        if since is not None:
            query = query.where(VariantRow.created >= since)
        if until is not None:
            query = query.where(VariantRow.created < until)
        order = VariantRow.seq
        words = search_words(search)
        indexed = [w for w in words if _is_indexed(w)] if self._has_index else []
        if indexed:
            # The plus keeps SQLite from asking the index once per picture: the index leads, in
            # the order of the page, and stops when the page is full.
            found = sa.literal_column("+variant_search.rowid", sa.Integer)
            query = query.join(_INDEX, VariantRow.seq == found).where(
                sa.text("variant_search MATCH :words").bindparams(
                    words=match_expression(project_id, indexed)
                )
            )
            order = _INDEX.c.rowid
        for word in words:
            if word not in indexed or not word.isalnum():
                query = query.where(_contains(word))
        if before is not None:
            query = query.where(order < before)
        limit = min(max(limit, 1), LARGEST_PAGE)
        with self._database.read() as session:
            rows = session.scalars(query.order_by(order.desc()).limit(limit + 1)).all()
            page = variant_records(session, rows[:limit])
        return Page(page, page[-1].seq if len(rows) > limit else None)

    def count_variants(self, project_id: str, *, trashed: bool = False) -> int:
        """How many pictures a project has outside the trash, or in it."""
        gone = VariantRow.deleted_at
        query = sa.select(sa.func.count()).where(
            VariantRow.project_id == project_id,
            gone.is_not(None) if trashed else gone.is_(None),
        )
        with self._database.read() as session:
            return session.scalar(query) or 0

    def lineage(self, variant_id: str) -> tuple[Variant, ...]:
        """The whole family of a picture, oldest first: from the first ancestor that is still
        there to all of its descendants, those in the trash included.

        Raises:
            BadInput: no such picture.
        """
        with self._database.read() as session:
            variant_row(session, variant_id)
            # UNION drops repeated rows, so that even a family bent into a ring comes to an end.
            up = (
                sa.select(VariantRow.id, VariantRow.parent_variant_id)
                .where(VariantRow.id == variant_id)
                .cte("ancestors", recursive=True)
            )
            up = up.union(
                sa.select(VariantRow.id, VariantRow.parent_variant_id).where(
                    VariantRow.id == up.c.parent_variant_id
                )
            )
            down = sa.select(up.c.id).cte("family", recursive=True)
            down = down.union(
                sa.select(VariantRow.id).where(VariantRow.parent_variant_id == down.c.id)
            )
            rows = session.scalars(
                sa.select(VariantRow)
                .where(VariantRow.id.in_(sa.select(down.c.id)))
                .order_by(VariantRow.seq)
            ).all()
            return variant_records(session, rows)

    @property
    def _has_index(self) -> bool:
        return self._database.is_sqlite


def search_words(search: str) -> list[str]:
    """The words of a search: without what no text can hold, and without marks around them."""
    clean = search[:LONGEST_SEARCH].encode("utf-8", "ignore").decode()
    clean = "".join(c if c.isprintable() else " " for c in clean)
    return [word.strip(_EDGES) or word for word in clean.split()]


def match_expression(project_id: str, words: list[str]) -> str:
    """An FTS5 expression for the pictures of a project in which all words begin a word.

    Every word stands in quotes, doubled inside, so that none of FTS5's own words and marks
    (NEAR, OR, -, *, ^, column names) means anything.
    """
    wanted = " AND ".join(f"{_quoted(word)}*" for word in words)
    return f"project_id : {_quoted(project_id)} AND {{prompt note words}} : ({wanted})"


def _is_indexed(word: str) -> bool:
    """Whether the index has words that can begin so: it knows words by the spaces between them."""
    return any(c.isalnum() for c in word) and not _UNSPACED.search(word)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _contains(word: str) -> sa.ColumnElement[bool]:
    return sa.or_(
        *(
            column.icontains(word, autoescape=True)
            for column in (VariantRow.prompt, VariantRow.note, VariantRow.words)
        )
    )


def _narrowed(
    query: Any,
    project_id: str,
    starred: bool,
    trashed: bool,
    passing: bool | None,
    seed: int | None,
) -> Any:
    gone = VariantRow.deleted_at
    query = query.where(VariantRow.project_id == project_id)
    query = query.where(gone.is_not(None) if trashed else gone.is_(None))
    if starred:
        query = query.where(VariantRow.starred.is_(True))
    if passing is not None:
        query = query.where(VariantRow.passed.is_(passing))
    if seed is not None:
        query = query.where(VariantRow.seed == seed)
    return query

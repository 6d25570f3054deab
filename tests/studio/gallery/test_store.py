"""The gallery keeps what it is given, and nothing by halves."""

from pathlib import Path

import pytest
from PIL import Image

from studio.errors import BadInput, StorageError
from studio.gallery import Store
from studio.gallery.boards import KEPT_REVISIONS
from tests.studio.gallery.made import new, png


@pytest.fixture
def store(tmp_path: Path):
    """A store in a fresh folder."""
    opened = Store(tmp_path / "data")
    yield opened
    opened.close()


def test_a_stored_picture_is_on_disk_and_found_again_after_reopening(tmp_path: Path):
    store = Store(tmp_path)
    project = store.first_project()
    made = store.add(project.id, new(seed=7))
    store.close()

    again = Store(tmp_path)
    found = again.variants(again.first_project().id).variants
    assert [v.id for v in found] == [made.id]
    assert again.picture(found[0].picture_sha) == png(7, 0, 90)
    assert again.blobs.path(found[0].picture_sha).is_file()
    with Image.open(again.blobs.thumbnail(found[0].picture_sha)) as thumbnail:
        assert thumbnail.format == "WEBP"
    again.close()


def test_the_same_content_is_one_file(store: Store):
    project = store.first_project()
    first, second = store.add(project.id, new(1)), store.add(project.id, new(1))
    assert first.id != second.id
    assert first.picture_sha == second.picture_sha
    assert len(list((store.data_dir / "blobs").rglob("*.png"))) == 1


def test_pages_follow_each_other_without_gap_or_repetition(store: Store):
    project = store.first_project()
    made = [store.add(project.id, new(i)).id for i in range(7)]
    seen: list[str] = []
    cursor = None
    while True:
        page = store.variants(project.id, before=cursor, limit=3)
        seen += [v.id for v in page.variants]
        store.add(project.id, new(100))  # new pictures do not shift the pages behind them
        if page.next is None:
            break
        cursor = page.next
    assert seen == made[::-1]


def test_search_takes_every_word_literally(store: Store):
    project = store.first_project()
    coat = store.add(project.id, new(1, "a Navy wool COAT, 100% wool"))
    store.add(project.id, new(2, "a red dress, 1000 dots"))
    for words in ("navy coat", "100%", "COAT"):
        assert [v.id for v in store.variants(project.id, search=words).variants] == [coat.id]
    assert store.variants(project.id, search="'; DROP TABLE variant;--").variants == ()
    assert store.count_variants(project.id) == 2


def test_trash_can_be_undone_and_stars_stay(store: Store):
    project = store.first_project()
    made = store.add(project.id, new())
    store.star(made.id, True)
    store.trash(made.id)
    assert store.variants(project.id).variants == ()
    assert [v.id for v in store.variants(project.id, trashed=True).variants] == [made.id]
    store.restore(made.id)
    (back,) = store.variants(project.id, starred=True).variants
    assert back.starred and back.deleted_at is None


def test_lineage_inputs_and_checks_come_back(store: Store):
    project = store.first_project()
    ink = store.keep_picture(png(255, 255, 255))
    drawing = store.save_sketch(project.id, "[[1,2]]", png(255, 255, 255))
    parent = store.add(project.id, new(1))
    child = store.add(
        project.id,
        new(2, parent_variant_id=parent.id, sketch_rev_id=drawing.id, inputs={"sketch": ink}),
    )
    store.save_checks(child.id, [{"what": "buttons", "asked": 5, "seen": 4}])
    found = store.variant(child.id)
    assert found.parent_variant_id == parent.id
    assert found.sketch_rev_id == drawing.id
    assert found.inputs == {"sketch": ink}
    assert found.checks == ({"what": "buttons", "asked": 5, "seen": 4},)


def test_an_input_that_was_never_stored_is_refused_and_leaves_no_row(store: Store):
    project = store.first_project()
    with pytest.raises(BadInput, match="never stored"):
        store.add(project.id, new(inputs={"sketch": "0" * 64}))
    assert store.count_variants(project.id) == 0


def test_projects_are_kept_apart_and_renamed(store: Store):
    first = store.first_project()
    second = store.create_project("  Winter\x00 coats\n ")
    assert second.name == "Winter coats"
    store.add(second.id, new())
    assert store.count_variants(first.id) == 0
    assert store.rename_project(first.id, "${alert(1)}").name == "${alert(1)}"
    assert [p.id for p in store.projects()] == [second.id, first.id]
    assert store.first_project().id == second.id


@pytest.mark.parametrize("name", ["", "   ", "\x00\x07", "\u200b", "\ud800", "x" * 300])
def test_a_project_without_a_usable_name_is_refused(store: Store, name: str):
    with pytest.raises(BadInput):
        store.create_project(name)


def test_an_unknown_project_or_picture_is_a_sentence(store: Store):
    with pytest.raises(BadInput, match="choose another"):
        store.add("nowhere", new())
    with pytest.raises(BadInput, match="reload"):
        store.star("nothing", True)


def test_the_draft_is_kept(store: Store):
    project = store.first_project()
    store.save_draft(project.id, '{"prompt": "a coat"}')
    assert store.project(project.id).draft == '{"prompt": "a coat"}'


def test_old_drawings_go_with_their_files_unless_a_picture_was_made_from_them(store: Store):
    project = store.first_project()
    kept = store.save_sketch(project.id, "kept", png(1, 1, 1))
    store.add(project.id, new(sketch_rev_id=kept.id))
    last = [store.save_sketch(project.id, f"{i}", png(0, i, 2)) for i in range(KEPT_REVISIONS + 5)]
    assert store.latest_sketch(project.id) == last[-1]
    assert store.sketch(kept.id) == kept
    inks = KEPT_REVISIONS + 1
    assert len(list((store.data_dir / "blobs").rglob("*.png"))) == inks + 1  # and the picture


def test_an_unchanged_drawing_is_not_stored_twice(store: Store):
    project = store.first_project()
    assert store.save_sketch(project.id, "[]", None) == store.save_sketch(project.id, "[]", None)


def test_a_damaged_file_is_noticed(store: Store):
    sha = store.keep_picture(png())
    store.blobs.path(sha).write_bytes(b"something else")
    with pytest.raises(StorageError, match="damaged"):
        store.picture(sha)
    store.blobs.path(sha).unlink()
    with pytest.raises(StorageError, match="missing"):
        store.picture(sha)


@pytest.mark.parametrize("sha", ["../../etc/passwd", "", "A" * 64, "0" * 63, "0" * 64 + "/x"])
def test_no_text_names_a_file_outside(store: Store, sha: str):
    with pytest.raises(ValueError, match="SHA-256"):
        store.picture(sha)

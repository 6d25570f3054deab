"""Pictures are found by what was written and placed, whatever somebody types."""

import json
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from studio.errors import BadInput
from studio.gallery import Store, Variant
from studio.gallery.search import match_expression, search_words
from tests.studio.gallery.made import new

POCKETS = {
    "prompt": "a shirt",
    "components": [
        {"kind": "pocket", "place": "left chest"},
        {"kind": "button", "place": "centre front"},
        {"kind": "button", "place": "centre front"},
    ],
}


@pytest.fixture
def store(tmp_path: Path):
    """A store in a fresh folder."""
    opened = Store(tmp_path / "data")
    yield opened
    opened.close()


@pytest.fixture
def project(store: Store) -> str:
    """A project with three pictures."""
    made = store.first_project().id
    store.add(made, new(1, "a navy wool coat with a notched lapel"))
    store.add(made, new(2, "A Red Dress, puff sleeves"))
    store.add(made, new(3, "a shirt", request=json.dumps(POCKETS)))
    return made


def seeds(store: Store, project: str, search: str, **more: object) -> list[int]:
    """Seeds of what is found, newest first."""
    return [v.seed for v in store.variants(project, search=search, **more).variants]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("navy", [1]),
        ("NAVY wool", [1]),
        ("na", [1]),
        ("coats", [1]),
        ("red dress", [2]),
        ("dress,", [2]),
        ("sleeve", [2]),
        ("a", [3, 2, 1]),
        ("navy dress", []),
        ("2 buttons", [3]),
        ("left chest pocket", [3]),
        ("", [3, 2, 1]),
        ("   ", [3, 2, 1]),
    ],
)
def test_words_find(store: Store, project: str, search: str, found: list[int]):
    assert seeds(store, project, search) == found


@pytest.mark.parametrize(
    "search",
    [
        '"', '""', '"navy', "navy\"", "'", "NEAR(navy wool)", "NEAR", "navy NEAR/3 wool", "*",
        "navy*wool", "-", "-navy", "navy - wool", "^navy", "navy OR dress", "AND", "NOT red",
        "prompt:navy", "{prompt} : navy", "project_id : x", "(", "navy)", "+", "navy + wool",
        "'; DROP TABLE variant;--", "%", "_", "\\", "\0", "na\0vy", "\ud800", "🧥", "€", "x" * 5000,
        "a " * 500, "\u200b", "\u0301",
    ],
)  # fmt: skip
def test_marks_of_the_query_language_mean_nothing(store: Store, project: str, search: str):
    found = seeds(store, project, search)
    assert set(found) <= {1, 2, 3}
    assert store.count_variants(project) == 3
    if search in ("NEAR", "navy OR dress", "NOT red", "prompt:navy", "-navy", '"', "*", "%", "🧥"):
        assert found == []  # taken as words, and no picture has them


def test_quotes_are_doubled():
    expression = match_expression("p", ['say "hi"', "NEAR"])
    assert expression == 'project_id : "p" AND {prompt note words} : ("say ""hi"""* AND "NEAR"*)'
    assert search_words(' "navy", coat; ') == ["navy", "coat"]


def test_a_note_is_found_and_lost_again(store: Store, project: str):
    picture = store.variants(project, search="navy").variants[0]
    assert store.note(picture.id, "  for Miriam’s show ").note == "for Miriam’s show"
    assert seeds(store, project, "miriam show") == [1]
    store.note(picture.id, "")
    assert seeds(store, project, "miriam") == []
    with pytest.raises(BadInput, match="2000"):
        store.note(picture.id, "x" * 2001)


def test_projects_do_not_find_each_others_pictures(store: Store, project: str):
    other = store.create_project("Other").id
    store.add(other, new(9, "a navy coat"))
    assert seeds(store, project, "navy") == [1]
    assert seeds(store, other, "navy") == [9]


def test_filters_narrow_together(store: Store, project: str):
    before = time.time()
    good, bad = (store.add(project, new(seed, "a navy coat")) for seed in (10, 11))
    store.save_checks(good.id, [{"what": "buttons", "passed": True}])
    store.save_checks(bad.id, [{"what": "buttons", "passed": False}])
    store.star(bad.id, True)
    assert seeds(store, project, "navy", passing=True) == [10]
    assert seeds(store, project, "", passing=False) == [11]
    assert seeds(store, project, "navy", starred=True) == [11]
    assert seeds(store, project, "", seed=10) == [10]
    assert seeds(store, project, "navy", since=before) == [11, 10]
    assert seeds(store, project, "navy", until=before) == [1]
    store.trash(good.id)
    assert seeds(store, project, "navy") == [11, 1]
    assert seeds(store, project, "navy", trashed=True) == [10]


def test_pages_of_a_search_follow_each_other(store: Store, project: str):
    for seed in range(20, 27):
        store.add(project, new(seed, "a tweed jacket"))
    cursor, found = None, []
    while True:
        page = store.variants(project, search="tweed", before=cursor, limit=3)
        found += [v.seed for v in page.variants]
        if page.next is None:
            break
        cursor = page.next
    assert found == list(range(26, 19, -1))


def test_the_index_leads_a_search(store: Store, project: str):
    with store._database.read() as session:
        plan = session.execute(
            sa.text(
                "EXPLAIN QUERY PLAN SELECT variant.seq FROM variant JOIN variant_search "
                "ON variant.seq = +variant_search.rowid WHERE variant.project_id = 'p' "
                "AND variant.deleted_at IS NULL AND variant_search MATCH 'a' "
                "ORDER BY variant_search.rowid DESC LIMIT 49"
            )
        ).all()
    steps = [row[3] for row in plan]
    assert "variant_search" in steps[0] and "USING INTEGER PRIMARY KEY" in steps[1]
    assert not any("TEMP B-TREE" in step for step in steps)


def family(store: Store, project: str) -> dict[str, Variant]:
    """root -> (left -> leaf, right), and a stranger."""
    made = {"root": store.add(project, new(100))}
    for name, parent in (("left", "root"), ("right", "root"), ("leaf", "left")):
        parent_id = made[parent].id
        made[name] = store.add(project, new(101 + len(made), parent_variant_id=parent_id))
    made["stranger"] = store.add(project, new(200))
    return made


@pytest.mark.parametrize("asked", ["root", "left", "right", "leaf"])
def test_the_whole_family_whoever_is_asked(store: Store, project: str, asked: str):
    made = family(store, project)
    store.trash(made["left"].id)
    found = [v.id for v in store.lineage(made[asked].id)]
    assert found == [made[n].id for n in ("root", "left", "right", "leaf")]
    assert [v.id for v in store.lineage(made["stranger"].id)] == [made["stranger"].id]
    with pytest.raises(BadInput):
        store.lineage("nobody")


def test_a_family_bent_into_a_ring_comes_to_an_end(store: Store, project: str):
    made = family(store, project)
    with store._database.write() as session:
        ring = "UPDATE variant SET parent_variant_id = :leaf WHERE id = :root"
        session.execute(sa.text(ring), {"leaf": made["leaf"].id, "root": made["root"].id})
    assert len(store.lineage(made["right"].id)) == 4


def test_an_emptied_trash_keeps_the_family_together_and_frees_the_files(store: Store, project: str):
    made = family(store, project)
    other = store.create_project("Other").id
    shared = store.add(other, new(made["right"].seed))  # the same file
    assert shared.picture_sha == made["right"].picture_sha
    for name in ("left", "right"):
        store.trash(made[name].id)
    assert store.empty_trash(project) == 2
    assert store.variant(made["leaf"].id).parent_variant_id == made["root"].id
    assert not store.blobs.path(made["left"].picture_sha).exists()
    assert not store.has_picture(made["left"].picture_sha)
    assert store.blobs.path(shared.picture_sha).exists()
    assert store.empty_trash(project) == 0


def test_a_deleted_project_leaves_nothing_of_its_own(store: Store, project: str):
    made = family(store, project)
    store.save_sketch(project, "[1]", new(77).png)
    store.save_components(project, '{"v": 1, "groups": []}')
    other = store.create_project("Other").id
    shared = store.add(other, new(100))
    store.delete_project(project)
    files = {p.stem for p in (store.data_dir / "blobs").rglob("*.png")}
    assert files == {shared.picture_sha}
    assert [p.id for p in store.projects()] == [other]
    assert seeds(store, other, "navy") == [100] and seeds(store, project, "navy") == []
    with pytest.raises(BadInput):
        store.variant(made["leaf"].id)
    with pytest.raises(BadInput):
        store.delete_project(project)


def test_components_are_kept_as_revisions(store: Store, project: str):
    first = store.save_components(project, '{"v": 1, "groups": []}')
    assert store.save_components(project, '{"v": 1, "groups": []}') == first
    second = store.save_components(project, '{"v": 1, "groups": [1]}')
    assert store.latest_components(project) == second
    assert store.components(first.id) == first and store.components("gone") is None
    picture = store.add(project, new(5, component_rev_id=first.id))
    for i in range(70):
        store.save_components(project, f'{{"v": 1, "groups": [{i}]}}')
    assert store.components(first.id) == first  # a picture was made from it
    assert store.components(second.id) is None
    assert store.variant(picture.id).component_rev_id == first.id

"""Blind votes and comparisons as they are kept."""

import sqlite3
import threading
from pathlib import Path

import pytest

from studio.errors import BadInput
from studio.gallery import Store
from studio.gallery.ballots import QUESTION_LENGTH, VOTER_NAME_LENGTH, Ballot, clean_line
from studio.gallery.comparisons import MODES, MOST_COMPARED
from tests.studio.gallery.made import new


@pytest.fixture
def store(tmp_path: Path):
    kept = Store(tmp_path)
    yield kept
    kept.close()


@pytest.fixture
def project(store: Store) -> str:
    return store.first_project().id


def pictures(store: Store, project: str, count: int) -> list[str]:
    return [store.add(project, new(seed)).id for seed in range(count)]


def ballot(store: Store, project: str, count: int = 3) -> Ballot:
    return store.ballots.open(project, pictures(store, project, count), "Which would you wear?")


# Comparisons


def test_a_choice_is_kept_in_its_order_and_comes_back_with_the_store(tmp_path: Path):
    store = Store(tmp_path)
    project = store.first_project().id
    a, b, c = pictures(store, project, 3)
    store.comparisons.choose(project, [c, a, c, b])
    store.comparisons.look(project, "grid")
    store.close()
    again = Store(tmp_path)
    found = again.comparisons.get(project)
    assert (found.chosen, found.mode) == ((c, a, b), "grid")
    again.close()


def test_nothing_is_compared_at_first(store: Store, project: str):
    assert store.comparisons.get(project).chosen == ()
    assert store.comparisons.get(project).mode == MODES[0]


def test_a_picture_in_the_trash_is_not_compared_and_comes_back_when_restored(
    store: Store, project: str
):
    a, b = pictures(store, project, 2)
    store.comparisons.choose(project, [a, b])
    store.trash(a)
    assert store.comparisons.get(project).chosen == (b,)
    store.restore(a)
    assert store.comparisons.get(project).chosen == (a, b)


def test_too_many_strangers_and_unknown_ways_are_refused(store: Store, project: str):
    many = pictures(store, project, MOST_COMPARED + 1)
    with pytest.raises(BadInput, match="take one out"):
        store.comparisons.choose(project, many)
    other = store.create_project("Other").id
    with pytest.raises(BadInput, match="no longer there"):
        store.comparisons.choose(other, many[:2])
    with pytest.raises(BadInput):
        store.comparisons.look(project, "<script>")
    with pytest.raises(BadInput):
        store.comparisons.choose("gone", [])
    assert store.comparisons.get(project).chosen == ()


# Ballots


def test_a_ballot_has_an_unguessable_token_and_its_pictures_in_order(store: Store, project: str):
    ids = pictures(store, project, 3)
    first = store.ballots.open(project, ids, "  Which\n one? ")
    second = store.ballots.open(project, ids[:2], "Again?")
    assert first.question == "Which one?"
    assert [e.variant_id for e in first.entries] == ids
    assert [e.seed for e in first.entries] == [0, 1, 2]
    assert len(first.token) >= 43
    assert first.token != second.token
    assert [b.id for b in store.ballots.of_project(project)] == [second.id, first.id]
    assert store.ballots.by_token(first.token) == first


@pytest.mark.parametrize("count", [0, 1, 13])
def test_a_ballot_needs_two_to_twelve_pictures(store: Store, project: str, count: int):
    with pytest.raises(BadInput, match="2 to 12"):
        store.ballots.open(project, pictures(store, project, count), "Which?")


def test_a_ballot_on_nonsense_is_refused_and_leaves_nothing(store: Store, project: str):
    a, b = pictures(store, project, 2)
    other = store.create_project("Other").id
    for where, ids, question in (
        (project, [a, a], "Which?"),
        (project, [a, "gone"], "Which?"),
        (other, [a, b], "Which?"),
        ("gone", [a, b], "Which?"),
        (project, [a, b], " \n\u200b "),
        (project, [a, b], "x" * (QUESTION_LENGTH + 1)),
    ):
        with pytest.raises(BadInput):
            store.ballots.open(where, ids, question)
    assert store.ballots.of_project(project) == ()
    assert store.ballots.of_project(other) == ()


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "A" * 5000, "../../etc/passwd", "'; DROP--"])
def test_an_unknown_token_is_a_sentence(store: Store, project: str, token: str):
    ballot(store, project)
    with pytest.raises(BadInput, match="no such vote"):
        store.ballots.by_token(token)
    with pytest.raises(BadInput):
        store.ballots.vote(token, "someone", 0)


def test_a_voter_has_one_vote_and_may_change_it(store: Store, project: str):
    made = ballot(store, project)
    for position in (0, 1, 2, 1):
        store.ballots.vote(made.token, "one", position, "Mia")
    store.ballots.vote(made.token, "two", 0)
    votes = store.ballots.votes(made.id)
    assert [(v.position, v.name) for v in votes] == [(1, "Mia"), (0, "")]
    mine = store.ballots.vote_of(made.id, "one")
    assert mine is not None
    assert mine.position == 1
    assert store.ballots.vote_of(made.id, "three") is None


def test_voters_are_kept_as_hashes_that_differ_between_ballots(store: Store, project: str):
    one, two = ballot(store, project), ballot(store, project)
    keys = {store.ballots.vote(b.token, "secret-of-mia", 0).voter for b in (one, two)}
    assert len(keys) == 2
    with sqlite3.connect(store.data_dir / "toile.db") as db:
        assert "secret-of-mia" not in "\n".join(db.iterdump())


def test_a_closed_ballot_takes_no_vote_until_it_is_opened_again(store: Store, project: str):
    made = ballot(store, project)
    store.ballots.vote(made.token, "one", 0)
    store.ballots.close(project, made.id)
    closed = store.ballots.by_token(made.token).closed_at
    assert closed is not None
    store.ballots.close(project, made.id)
    assert store.ballots.by_token(made.token).closed_at == closed
    with pytest.raises(BadInput, match="closed"):
        store.ballots.vote(made.token, "one", 1)
    assert store.ballots.votes(made.id)[0].position == 0
    store.ballots.reopen(project, made.id)
    store.ballots.vote(made.token, "one", 1)
    assert store.ballots.votes(made.id)[0].position == 1


@pytest.mark.parametrize("position", [-1, 3, 2**62])
def test_a_picture_that_is_not_on_the_ballot_cannot_be_chosen(
    store: Store, project: str, position: int
):
    made = ballot(store, project)
    with pytest.raises(BadInput, match="not on the ballot"):
        store.ballots.vote(made.token, "one", position)
    assert store.ballots.votes(made.id) == ()


def test_names_are_one_line_and_not_endless(store: Store, project: str):
    made = ballot(store, project)
    assert store.ballots.vote(made.token, "a", 0, " <b>Mia</b>\r\n\x00 ").name == "<b>Mia</b>"
    for name in ("x" * (VOTER_NAME_LENGTH + 1), "x" * 10_000_000):
        with pytest.raises(BadInput, match=f"{VOTER_NAME_LENGTH} "):
            store.ballots.vote(made.token, "a", 1, name)
    assert store.ballots.votes(made.id)[0].position == 0
    assert clean_line("\ud800\u202eevil", 60, "name") == "evil"


def test_a_deleted_ballot_is_gone_with_its_votes_and_cannot_be_reached_from_elsewhere(
    store: Store, project: str
):
    made = ballot(store, project)
    store.ballots.vote(made.token, "one", 0)
    other = store.create_project("Other").id
    for verb in (store.ballots.close, store.ballots.reopen, store.ballots.delete):
        with pytest.raises(BadInput, match="no longer there"):
            verb(other, made.id)
    store.ballots.delete(project, made.id)
    assert store.ballots.votes(made.id) == ()
    with pytest.raises(BadInput):
        store.ballots.by_token(made.token)
    assert len(store.variants(project).variants) == 3


def test_the_result_outlives_its_pictures(store: Store, project: str):
    made = ballot(store, project, 2)
    store.ballots.vote(made.token, "one", 1)
    chosen = made.entries[1]
    assert chosen.variant_id is not None
    store.trash(chosen.variant_id)
    store.empty_trash(project)
    (after,) = store.ballots.of_project(project)
    assert after.entries[1].variant_id is None
    assert after.entries[1].picture_sha == chosen.picture_sha
    assert store.picture(chosen.picture_sha)
    store.ballots.delete(project, made.id)
    assert not store.blobs.path(chosen.picture_sha).exists()
    assert store.blobs.path(made.entries[0].picture_sha).exists()


def test_a_deleted_project_takes_its_ballots_and_their_files_along(store: Store, project: str):
    made = ballot(store, project, 2)
    store.ballots.vote(made.token, "one", 1)
    for entry in made.entries:
        assert entry.variant_id is not None
        store.trash(entry.variant_id)
    store.empty_trash(project)
    store.delete_project(project)
    with pytest.raises(BadInput):
        store.ballots.by_token(made.token)
    assert not any(store.blobs.path(e.picture_sha).exists() for e in made.entries)


def test_many_votes_at_once_are_all_counted_once(store: Store, project: str):
    made = ballot(store, project)

    def vote(voter: int) -> None:
        for position in (0, voter % 3):
            store.ballots.vote(made.token, f"voter {voter}", position)

    threads = [threading.Thread(target=vote, args=(voter,)) for voter in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    votes = store.ballots.votes(made.id)
    assert sorted(v.position for v in votes) == [0, 0, 0, 1, 1, 1, 2, 2]

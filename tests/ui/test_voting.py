"""The blind vote: the link's page, its answers to friends and strangers, and the numbers."""

import io
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, PngImagePlugin
from starlette.applications import Starlette
from starlette.testclient import TestClient

from studio.desk.pace import Pace
from studio.desk.room import EngineRoom
from studio.desk.studio import Studio
from studio.desk.tally import leader, tally, verdict, wilson
from studio.errors import BadInput
from studio.gallery import Store
from studio.gallery.ballots import Ballot, Vote
from studio.page.doorkeeper import Doorkeeper
from studio.page.gate import Gate
from studio.page.hosts import Names
from studio.page.routes import routes
from studio.page.sharing import new_door
from studio.page.voting import COOKIE, VOTES_A_MINUTE, order
from studio.settings import Settings
from tests.studio.gallery.made import new

SECRET = "six brass buttons"


def never() -> Any:
    """An engine that is still loading."""
    raise AssertionError("nothing here loads a model")


def told(seed: int) -> bytes:
    """A picture whose file tells how it was made."""
    text = PngImagePlugin.PngInfo()
    text.add_text("toile", json.dumps({"prompt": SECRET, "seed": seed}))
    out = io.BytesIO()
    Image.new("RGB", (32, 32), (seed * 40, 20, 90)).save(out, "PNG", pnginfo=text)
    return out.getvalue()


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    store = Store(tmp_path / "data")
    yield Studio(store, EngineRoom(never), tmp_path)
    store.close()


@pytest.fixture
def ballot(studio: Studio) -> Ballot:
    project = studio.store.first_project().id
    ids = [studio.store.add(project, new(s, SECRET, png=told(s))).id for s in range(4)]
    return studio.store.ballots.open(project, ids, "<b>Which</b> would you wear?")


class Voter:
    """A browser that has opened a ballot's link."""

    def __init__(self, studio: Studio, ballot: Ballot, cookie: str | None = None) -> None:
        names = Names(Settings(allowed_hosts=("toile.test",)))
        app = Gate(Starlette(routes=routes(studio)), names, Doorkeeper(new_door()[0]))
        self.client = TestClient(app, base_url="http://toile.test")
        self.at = f"/toile/vote/{ballot.token}"
        if cookie:
            self.client.cookies.set(COOKIE, cookie)
        self.client.get(self.at)

    def ballot(self) -> dict[str, Any]:
        return self.client.get(f"{self.at}/ballot").json()

    def picture(self, slot: int) -> Any:
        return self.client.get(f"{self.at}/picture/{slot}")

    def vote(self, slot: Any, name: Any = "", **headers: str) -> Any:
        sent = {"origin": "http://toile.test"} | headers
        body = {"slot": slot, "name": name}
        return self.client.post(f"{self.at}/vote", json=body, headers=sent)


def colour(answer: Any) -> Any:
    return Image.open(io.BytesIO(answer.content)).getpixel((0, 0))


# The link's page


def test_a_voter_needs_no_password_and_the_page_still_does(studio: Studio, ballot: Ballot):
    voter = Voter(studio, ballot)
    assert voter.client.get(voter.at).status_code == 200
    assert voter.ballot() == {
        "question": "<b>Which</b> would you wear?",
        "count": 4,
        "closed": False,
        "chosen": None,
        "name": "",
    }
    entry = ballot.entries[0]
    for address in (f"picture/{entry.variant_id}", f"thumb/{entry.variant_id}",
                    f"ink/{entry.picture_sha}", "code?text=x"):  # fmt: skip
        assert voter.client.get(f"/toile/{address}").status_code == 401


def test_nothing_tells_which_picture_is_which(studio: Studio, ballot: Ballot):
    voter = Voter(studio, ballot)
    answers = [voter.picture(slot) for slot in range(4)]
    assert {a.status_code for a in answers} == {200}
    for answer in answers:
        picture = Image.open(io.BytesIO(answer.content))
        picture.load()
        assert picture.info == {}
        assert SECRET.encode() not in answer.content
    names = [{k: v for k, v in a.headers.items() if k != "content-length"} for a in answers]
    assert all(headers == names[0] for headers in names)
    everything = voter.client.get(voter.at).text + json.dumps(voter.ballot()) + str(names[0])
    hidden = [SECRET, ballot.id, ballot.project_id]
    hidden += [str(v) for e in ballot.entries for v in (e.variant_id, e.picture_sha)]
    assert not [word for word in hidden if word in everything]


def test_each_voter_has_an_order_that_stays(studio: Studio, ballot: Ballot):
    seen = set()
    for _ in range(12):
        voter = Voter(studio, ballot)
        shown = tuple(colour(voter.picture(slot)) for slot in range(4))
        assert shown == tuple(colour(voter.picture(slot)) for slot in range(4))
        assert len(set(shown)) == 4
        seen.add(shown)
    assert len(seen) > 4


def test_over_many_voters_no_picture_has_the_first_place_more_often(ballot: Ballot):
    first = [order(ballot, f"voter {n}")[0] for n in range(4000)]
    assert all(900 < first.count(position) < 1100 for position in range(4))


def test_a_choice_is_counted_for_the_picture_that_the_voter_saw(studio: Studio, ballot: Ballot):
    wanted = (3 * 40, 20, 90)
    for who in range(5):
        voter = Voter(studio, ballot, f"{who:022d}")
        slot = next(s for s in range(4) if colour(voter.picture(s)) == wanted)
        assert voter.vote(slot, "Mia").json() == {"chosen": slot, "name": "Mia"}
        assert voter.ballot()["chosen"] == slot
        assert voter.ballot()["name"] == "Mia"
    assert [v.position for v in studio.store.ballots.votes(ballot.id)] == [3] * 5


def test_the_cookie_cannot_be_read_by_scripts_and_is_given_once(studio: Studio, ballot: Ballot):
    voter = Voter(studio, ballot, "x")  # too short to be one of ours: a new one is given
    given = voter.client.get(voter.at)
    assert "set-cookie" not in given.headers
    fresh = TestClient(voter.client.app, base_url="http://toile.test").get(voter.at)
    cookie = fresh.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    token = re.search(rf"{COOKIE}=([^;]+)", cookie)
    assert token
    assert len(token[1]) >= 32
    assert "frame-ancestors 'none'" in fresh.headers["content-security-policy"]
    assert fresh.headers["referrer-policy"] == "no-referrer"


# Strangers


@pytest.mark.parametrize("token", ["x", "A" * 43, "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "a" * 3000])
def test_an_unknown_token_is_a_sentence(studio: Studio, ballot: Ballot, token: str):
    voter = Voter(studio, ballot)
    answer = voter.client.get(f"/toile/vote/{token}")
    assert answer.status_code == 404
    assert "set-cookie" not in answer.headers
    told = voter.client.get(f"/toile/vote/{token}/ballot")
    assert told.status_code == 404
    if told.headers["content-type"] == "application/json":  # a slash makes it no address at all
        assert told.json()["problem"].endswith("ask whoever sent the link for a new one.")
    assert voter.client.get(f"/toile/vote/{token}/picture/0").status_code == 404


@pytest.mark.parametrize("slot", [4, 99, 10**30])
def test_a_picture_outside_the_ballot_is_not_there(studio: Studio, ballot: Ballot, slot: int):
    voter = Voter(studio, ballot)
    assert voter.picture(slot).status_code == 404
    assert voter.vote(slot).status_code == 400
    assert studio.store.ballots.votes(ballot.id) == ()


@pytest.mark.parametrize("slot", [-1, None, "0", True, 1.0, [0], {"a": 1}])
def test_what_is_no_choice_is_refused(studio: Studio, ballot: Ballot, slot: Any):
    answer = Voter(studio, ballot).vote(slot)
    assert answer.status_code == 400
    assert answer.json()["problem"]
    assert studio.store.ballots.votes(ballot.id) == ()


@pytest.mark.parametrize("name", ["x" * 61, "x" * 3000, 5, None, ["a"]])
def test_what_is_no_name_is_refused(studio: Studio, ballot: Ballot, name: Any):
    answer = Voter(studio, ballot).vote(0, name)
    assert answer.status_code == 400
    assert studio.store.ballots.votes(ballot.id) == ()


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 400), (b"[]", 400), (b"{", 400), (b"[" * 4000, 400), (b"\xff\xfe", 400),
     (b'{"name": "' + b"x" * 5000 + b'", "slot": 0}', 413)],
)  # fmt: skip
def test_what_is_no_message_is_refused(studio: Studio, ballot: Ballot, body: bytes, status: int):
    voter = Voter(studio, ballot)
    headers = {"origin": "http://toile.test", "content-type": "application/json"}
    answer = voter.client.post(f"{voter.at}/vote", content=body, headers=headers)
    assert answer.status_code == status
    assert answer.json()["problem"]
    form = voter.client.post(
        f"{voter.at}/vote", data={"slot": "0"}, headers={"origin": "http://toile.test"}
    )
    assert form.status_code == 415
    assert studio.store.ballots.votes(ballot.id) == ()


def test_another_site_cannot_vote_in_a_voters_name(studio: Studio, ballot: Ballot):
    voter = Voter(studio, ballot)
    foreign = (
        {"origin": "http://evil.test"},
        {"origin": "null"},
        {"origin": "http://toile.test.evil.test"},
        {"origin": "http://evil.test/toile.test"},
        {"origin": "http://toile.test", "sec-fetch-site": "cross-site"},
        {"origin": "http://toile.test", "sec-fetch-site": "same-site"},
        {"origin": "http://toile.test", "sec-fetch-site": "none"},
    )
    for headers in foreign:
        assert voter.vote(0, **headers).status_code == 403, headers
    bare = voter.client.post(f"{voter.at}/vote", json={"slot": 0})
    assert bare.status_code == 403
    assert studio.store.ballots.votes(ballot.id) == ()
    assert voter.vote(0, **{"sec-fetch-site": "same-origin"}).status_code == 200


def test_without_cookies_there_is_a_sentence_and_no_vote(studio: Studio, ballot: Ballot):
    voter = Voter(studio, ballot)
    voter.client.cookies.clear()
    assert "cookies" in voter.ballot()["problem"]
    assert voter.picture(0).status_code == 400
    assert voter.vote(0).status_code == 400


def test_ten_thousand_votes_from_one_voter_are_one_vote(
    studio: Studio, ballot: Ballot, monkeypatch: pytest.MonkeyPatch
):
    voter = Voter(studio, ballot)
    statuses = [voter.vote(n % 4).status_code for n in range(VOTES_A_MINUTE + 20)]
    assert statuses == [200] * VOTES_A_MINUTE + [429] * 20
    assert len(studio.store.ballots.votes(ballot.id)) == 1
    started = time.monotonic()
    pace = Pace(VOTES_A_MINUTE)
    assert [pace.begin("ballot", "address") for _ in range(10_000)].count(0) == VOTES_A_MINUTE
    assert time.monotonic() - started < 2


def test_a_closed_ballot_shows_itself_and_takes_no_vote(studio: Studio, ballot: Ballot):
    voter = Voter(studio, ballot)
    voter.vote(1)
    studio.store.ballots.close(ballot.project_id, ballot.id)
    answer = voter.vote(2)
    assert answer.status_code == 409
    assert answer.json()["problem"] == "The vote is closed: your choice was not changed."
    assert voter.ballot()["closed"]
    assert voter.ballot()["chosen"] == 1
    studio.store.ballots.delete(ballot.project_id, ballot.id)
    assert voter.vote(2).status_code == 404


def test_a_lost_picture_tells_a_voter_nothing_of_this_machine(studio: Studio, ballot: Ballot):
    voter = Voter(studio, ballot)
    for entry in ballot.entries:
        studio.store.blobs.path(entry.picture_sha).unlink()
    answer = voter.picture(0)
    assert answer.status_code == 503
    assert str(studio.store.data_dir) not in answer.text
    assert ballot.entries[0].picture_sha not in answer.text


# The numbers


@pytest.mark.parametrize(
    ("votes", "voters", "low", "high"),
    [
        # By hand, z = 1.959964, z² = 3.841459:
        # 5 of 10: middle (0.5 + 0.1920729) / 1.3841459 = 0.5;
        # half 1.959964 / 1.3841459 · sqrt(0.025 + 0.00960365) = 0.263406
        (5, 10, 0.236593, 0.763407),
        # 8 of 10: middle 0.992073 / 1.384146 = 0.716740; half 1.416010 · sqrt(0.016 + 0.00960365)
        (8, 10, 0.490162, 0.943318),
        # 0 of 10: upper end z² / (n + z²) = 3.841459 / 13.841459
        (0, 10, 0.0, 0.277533),
        (10, 10, 0.722467, 1.0),
        # 1 of 1: lower end 1 / (1 + 3.841459)
        (1, 1, 0.206549, 1.0),
        (0, 0, 0.0, 1.0),
    ],
)
def test_wilson(votes: int, voters: int, low: float, high: float):
    assert wilson(votes, voters) == pytest.approx((low, high), abs=2e-6)


def test_wilson_stays_inside_and_narrows():
    for voters in (1, 3, 30, 3000):
        for votes in range(0, voters + 1, max(voters // 7, 1)):
            low, high = wilson(votes, voters)
            assert 0 <= low <= votes / voters <= high <= 1
    assert wilson(50, 100)[0] > wilson(5, 10)[0]


def test_a_leader_needs_an_interval_above_all_others():
    assert leader([wilson(5, 10), wilson(5, 10)]) is None
    assert leader([wilson(8, 10), wilson(2, 10)]) is None
    assert leader([wilson(2, 20), wilson(18, 20)]) == 1
    assert leader([(0.0, 1.0), (0.0, 1.0)]) is None


def made(studio: Studio, ballot: Ballot, *positions: int) -> dict[str, Any]:
    for who, position in enumerate(positions):
        studio.store.ballots.vote(ballot.token, f"voter {who}", position, "Mia" * (who == 0))
    return tally(ballot, studio.store.ballots.votes(ballot.id))


def test_a_tally_counts_and_says_what_can_be_told(studio: Studio, ballot: Ballot):
    nobody = made(studio, ballot)
    assert nobody["verdict"] == "Nobody has voted yet."
    assert [e["share"] for e in nobody["entries"]] == [0] * 4
    few = made(studio, ballot, 2, 2, 0)
    assert few["voters"] == 3
    assert [e["votes"] for e in few["entries"]] == [1, 0, 2, 0]
    assert few["entries"][2]["share"] == pytest.approx(2 / 3)
    low, high = wilson(2, 3)
    assert (few["entries"][2]["low"], few["entries"][2]["high"]) == (low, high)
    assert few["verdict"] == "No difference can be told yet: the intervals overlap."
    assert few["names"] == [{"name": "Mia", "letter": "C"}]
    assert few["unnamed"] == 2
    many = made(studio, ballot, *[2] * 20)
    assert many["verdict"] == "C is preferred: its interval lies above all others."
    assert [e["leads"] for e in many["entries"]] == [False, False, True, False]


def test_the_names_in_a_tally_are_not_endless(ballot: Ballot):
    votes = [Vote(str(n), 0, f"voter {n}", 0.0, 0.0) for n in range(100)]
    shown = tally(ballot, votes)
    assert len(shown["names"]) == 40
    assert shown["unnamed"] == 60
    assert verdict(None, 100).startswith("No difference")


def test_voting_on_nothing_is_a_sentence(studio: Studio):
    from studio.desk import compare

    project = studio.store.first_project().id
    with pytest.raises(BadInput, match="2 to 12"):
        compare.vote(studio, project, {"verb": "make", "question": "Which?"})
    for verb in ("close", "reopen", "delete", "<script>", None):
        with pytest.raises(BadInput):
            compare.vote(studio, project, {"verb": verb, "id": "gone"})

"""What a vote says, and how sure one can be of it."""

from collections import Counter
from collections.abc import Sequence
from math import sqrt
from typing import Any

from studio.gallery import Store
from studio.gallery.ballots import Ballot, Vote

Z95 = 1.959963984540054
"""Standard normal deviate of a two-sided 95 % interval."""

LETTERS = "ABCDEFGHIJKL"
"""Names of compared pictures, in their order."""

NAMES_SHOWN = 40


def wilson(votes: int, voters: int, z: float = Z95) -> tuple[float, float]:
    """The Wilson score interval of a share (E. B. Wilson, 1927), lower and upper end in 0..1.

    Unlike p ± z·sqrt(p(1-p)/n) it is sensible for the few voters that a class has, and at
    shares of 0 and 1. Without voters nothing is known: (0, 1).
    """
    if voters == 0:
        return 0.0, 1.0
    share = votes / voters
    spread = z * z / voters
    middle = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * sqrt(share * (1 - share) / voters + spread / (4 * voters))
    # Rounding may put the ends of 0 and 1 a hair outside.
    return max(middle - half, 0.0), min(middle + half, 1.0)


def leader(shares: Sequence[tuple[float, float]]) -> int | None:
    """The picture whose whole interval lies above all others, or None: no difference can be told.

    Args:
        shares: (lower, upper) of each picture, two or more.
    """
    first = max(range(len(shares)), key=lambda i: shares[i][0])
    others = [high for i, (_, high) in enumerate(shares) if i != first]
    return first if shares[first][0] > max(others) else None


def tally(ballot: Ballot, votes: Sequence[Vote]) -> dict[str, Any]:
    """A ballot and what was voted, for the page.

    Each voter has one vote, for the picture that they like best. With more than two pictures the
    alternative would be to ask for every pair; that tells a full order from fewer voters, but 12
    pictures have 66 pairs, and nobody on a phone answers 66 questions. One choice is made in
    seconds, and its shares have intervals that can be read without a model behind them.
    """
    counts = Counter(vote.position for vote in votes)
    intervals = [wilson(counts[e.position], len(votes)) for e in ballot.entries]
    ahead = leader(intervals)
    entries = [
        {
            "letter": LETTERS[entry.position],
            "seed": entry.seed,
            "variant": entry.variant_id,
            "sha": entry.picture_sha,
            "votes": counts[entry.position],
            "share": counts[entry.position] / len(votes) if votes else 0.0,
            "low": low,
            "high": high,
            "leads": entry.position == ahead,
        }
        for entry, (low, high) in zip(ballot.entries, intervals, strict=True)
    ]
    named = [{"name": v.name, "letter": LETTERS[v.position]} for v in votes if v.name]
    return {
        "id": ballot.id,
        "token": ballot.token,
        "question": ballot.question,
        "closed": ballot.closed_at is not None,
        "created": round(ballot.created * 1000),
        "voters": len(votes),
        "verdict": verdict(ahead, len(votes)),
        "entries": entries,
        "names": named[:NAMES_SHOWN],
        "unnamed": len(votes) - len(named[:NAMES_SHOWN]),
    }


def verdict(ahead: int | None, voters: int) -> str:
    """The result in one sentence."""
    if voters == 0:
        return "Nobody has voted yet."
    if ahead is None:
        return "No difference can be told yet: the intervals overlap."
    return f"{LETTERS[ahead]} is preferred: its interval lies above all others."


def tallies(store: Store, project_id: str) -> list[dict[str, Any]]:
    """All ballots of a project with what was voted, newest first."""
    return [tally(b, store.ballots.votes(b.id)) for b in store.ballots.of_project(project_id)]

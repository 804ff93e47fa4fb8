"""What a ledger concludes from the stretches of time in which a tag named a digest."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinbot.oci.digest import Digest
from pinbot.oci.history import History, Observation, Source

A, B, C = (Digest.of(letter.encode()) for letter in "abc")
START = datetime(2026, 11, 1, tzinfo=UTC)


def at(day: float) -> datetime:
    return START + timedelta(days=day)


def seen(*observations: tuple[Digest, float] | tuple[Digest, float, Source]) -> History:
    """The history after these observations, in the order in which they were made."""
    history = History()
    for digest, day, *source in observations:
        history = history.observed(Observation("r", "p", "t", digest, at(day), source[0] if source else "seen"))
    return history


def test_what_is_seen_again_is_one_stretch() -> None:
    (only,) = seen((A, 0), (A, 1), (A, 5)).sightings
    assert (only.first, only.last) == (at(0), at(5))


def test_a_return_is_a_stretch_of_its_own() -> None:
    history = seen((A, 0), (B, 1), (A, 2))
    assert [(s.digest, s.first) for s in history.sightings] == [(A, at(0)), (B, at(1)), (A, at(2))]
    first = history.first_seen(A)
    assert first is not None
    assert (first.first, history.returned) == (at(0), at(2))


def test_time_never_runs_backward_within_a_tag() -> None:
    history = seen((A, 5), (B, 1), (B, 2))
    first, last = history.sightings
    assert (first.digest, last.digest, last.first, last.last) == (A, B, at(5), at(5))


def test_a_file_tells_no_age_but_a_place_in_the_order() -> None:
    history = seen((A, 0, "file"), (B, 3))
    assert history.first_seen(A) is None
    assert history.first_known(A) == at(0)
    assert not history.has_had(A)


def test_a_push_date_counts_where_it_is_earlier() -> None:
    first = seen((A, 5), (A, 2, "pushed")).first_seen(A)
    assert first is not None
    assert (first.first, first.source) == (at(2), "pushed")


@pytest.mark.parametrize(
    ("history", "taken_back"),
    [
        pytest.param(seen(), set(), id="nothing was seen"),
        pytest.param(seen((A, 0), (B, 1), (C, 2)), set(), id="forward only"),
        pytest.param(seen((A, 0), (B, 1), (A, 2)), {B}, id="what stood between is taken back"),
        pytest.param(seen((A, 0), (B, 1), (C, 2), (A, 3)), {B, C}, id="all that stood between"),
        pytest.param(seen((A, 0), (B, 1), (A, 2), (B, 3)), {A}, id="what the tag names now is not"),
        pytest.param(seen((A, 0), (B, 1), (A, 2), (C, 3)), {B}, id="and stays taken back"),
    ],
)
def test_what_was_taken_back(history: History, taken_back: set[Digest]) -> None:
    assert history.retracted == taken_back


@pytest.mark.parametrize(
    ("history", "left"),
    [
        pytest.param(seen((A, 0), (B, 3), (C, 4)), at(3), id="when the next was first seen"),
        pytest.param(seen((A, 0), (A, 3)), None, id="not yet"),
        pytest.param(seen((A, 0), (B, 1), (A, 2), (C, 4)), at(4), id="after its last stretch"),
        pytest.param(seen((A, 0), (B, 1), (A, 2)), None, id="it came back"),
        pytest.param(seen((A, 2, "file"), (B, 3)), at(3), id="a file had it, and the tag has another since"),
        pytest.param(seen((B, 0)), None, id="never known"),
    ],
)
def test_when_a_tag_left_a_digest(history: History, left: datetime | None) -> None:
    assert history.left(A) == left


SOURCES: tuple[Source, ...] = ("seen", "pushed", "file")
OBSERVATIONS = st.lists(
    st.builds(
        Observation,
        *map(st.just, "rpt"),
        st.sampled_from([A, B, C]),
        st.integers(0, 9).map(at),
        st.sampled_from(SOURCES),
    ),
    max_size=20,
)


@given(OBSERVATIONS, st.integers(0, 20))
def test_many_observations_at_once_make_what_they_make_one_by_one(made: list[Observation], place: int) -> None:
    history = reduce(History.observed, made[:place], History())
    assert history.observed(*made[place:]) == reduce(History.observed, made[place:], history)


@given(OBSERVATIONS)
def test_what_lies_between_a_digest_and_its_return_was_taken_back(made: list[Observation]) -> None:
    history = History().observed(*made)
    digests = [s.digest for s in history.seen]
    between = {
        digests[n]
        for later, digest in enumerate(digests)
        for n in range(later)
        if digest in digests[:n] and digest not in digests[n:later]
    }
    assert history.retracted == between - set(digests[-1:])


def test_a_tag_that_flaps_for_years_takes_no_time() -> None:
    many = [Observation("r", "p", "t", (A, B, C)[n % 3], at(n / 24), "seen") for n in range(30_000)]
    start = time.process_time()
    history = History().observed(*many)
    assert history.retracted == {A, B}
    assert time.process_time() - start < 3

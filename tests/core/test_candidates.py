"""Which tags of a repository may follow the current one."""

from __future__ import annotations

import gc
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinbot.oci.candidates import Candidate, Level, Limits, candidates, successors
from pinbot.oci.tags import compare, parse

MAJOR = Limits("major")


def _taken(current: str, tags: str, limits: Limits = MAJOR) -> str:
    found = candidates(current, tags.split(), limits)
    return " ".join(one.tag for one in found if one.verdict is None and one.doubt is None)


def _one(current: str, tags: str, tag: str, limits: Limits = MAJOR) -> Candidate:
    return next(one for one in candidates(current, tags.split(), limits) if one.tag == tag)


@pytest.mark.parametrize(
    ("level", "taken"),
    [("digest", ""), ("patch", "1.2.4"), ("minor", "1.10.0 1.3.0 1.2.4"), ("major", "2.0.0 1.10.0 1.3.0 1.2.4")],
)
def test_a_level_bounds_the_step(level: Level, taken: str) -> None:
    assert _taken("1.2.3", "1.2.2 1.2.3 1.2.4 1.3.0 1.10.0 2.0.0", Limits(level)) == taken


@pytest.mark.parametrize(
    ("current", "tags", "taken"),
    [
        pytest.param("1.3.0-rc1", "1.3.0-rc2 1.3.0-rc10 1.3.0-beta9", "1.3.0-rc10 1.3.0-rc2", id="newer prereleases"),
        pytest.param("1.3.0-rc1", "1.3.0 1.4.0-rc1", "1.3.0", id="the release rather than the next prerelease"),
        pytest.param("1.3.0-rc1", "1.2.9 1.4.0-rc1", "1.4.0-rc1", id="the next prerelease where nothing is released"),
        pytest.param("1.2.3-dev", "1.2.4-dev 1.2.5-rc1 1.2.5-rc1-dev", "1.2.4-dev", id="-dev unlocks no prerelease"),
        pytest.param("20.04", "18.04 22.04 24.04 22.04.1", "24.04 22.04", id="ubuntu"),
        pytest.param("8", "8 10 12 14 16 18 20 22 24", "24 22 20 18 16 14 12 10", id="node"),
        pytest.param("99.0", "98.0 99.0 100.0", "100.0", id="chrome"),
        pytest.param("4.2", "4.2 2021.1 2021.2 2022.1", "2022.1 2021.2 2021.1", id="a move to calendar versions"),
        pytest.param("8-jdk", "8-jdk 11-jdk 17-jdk 21-jdk 21", "21-jdk 17-jdk 11-jdk", id="java"),
        pytest.param("xenial-20160923.1", "xenial-20160914 xenial-20161010", "xenial-20161010", id="after a serial"),
        pytest.param("latest", "latest 1.2.3", "", id="what says no version has no successor"),
    ],
)
def test_takes_the_newest_first(current: str, tags: str, taken: str) -> None:
    assert _taken(current, tags) == taken


@pytest.mark.parametrize(
    ("current", "tags", "outlier", "below"),
    [
        pytest.param("4.6.1", "4.6.1 5.0.1 20.04.1", "20.04.1", 5, id="the version of a distribution"),
        pytest.param("8", "8 10 12 22 24 9999", "9999", 24, id="a lone 9999"),
        pytest.param("4.6", "4.5 4.6 20210101.1", "20210101.1", None, id="a date is another scheme"),
        pytest.param("4.6", "4.5 4.6 20211301.1", "20211301.1", 4, id="something like a date"),
        pytest.param("20240101", "20230101 20240101 20990301", "20990301", 2024, id="a date far from the others"),
    ],
)
def test_doubts_what_is_far_outside(current: str, tags: str, outlier: str, below: int | None) -> None:
    found = _one(current, tags, outlier)
    if below is None:
        assert found.verdict == "another scheme (a date, not a version)"
    else:
        assert (found.verdict, found.doubt) == (None, f"far outside the sequence: the next lower is {below}")


@pytest.mark.parametrize(
    ("tag", "verdict"),
    [
        pytest.param("1.2.3", "the current tag", id="itself"),
        pytest.param("1.02.3", "the same version as 1.2.3", id="the same numbers"),
        pytest.param("1.2.2", "older than 1.2.3", id="older"),
        pytest.param("2.0.0", "beyond level minor: a major step", id="too far"),
        pytest.param("1.2.9", "denied", id="refused by the settings"),
        pytest.param("1.2.4-slim", "another variant (-slim)", id="another variant"),
        pytest.param("edge", "no version", id="a word"),
        pytest.param("1.2.4+build1", "no tag can be called that", id="no tag"),
    ],
)
def test_says_why_not(tag: str, verdict: str) -> None:
    limits = Limits("minor", refused=lambda name: "denied" if name == "1.2.9" else None)
    assert _one("1.2.3", f"1.2.3 {tag}", tag, limits).verdict == verdict


def test_one_number_that_is_short_for_more_is_a_major_version() -> None:
    assert _taken("20", "20 20.11 20.11.1 22", Limits("patch")) == ""
    assert _one("20", "20 20.11 22", "22").kind == "major"
    assert _taken("20", "20 21 22", Limits("patch")) == "22 21"


def test_a_revision_of_the_variant_is_a_patch() -> None:
    limits = Limits("patch", follow_suffix=True)
    tags = "1.0.0-debian-12-r4 1.0.1-debian-12-r0 1.0.0-debian-11-r9 1.0.0-debian-12-r2"
    assert _taken("1.0.0-debian-12-r3", tags, limits) == "1.0.1-debian-12-r0 1.0.0-debian-12-r4"


NAMES = st.from_regex(
    r"\A(v|amd64-)?[0-9]{1,2}(\.[0-9]{1,2}){0,2}(rc[0-9]|-beta\.[0-9]|_[0-9])?(-alpine3\.[0-9]|-slim|-debian-1[0-9]-r[0-9])?\Z"
) | st.sampled_from(["latest", "alpine", "20240101", "20240301", "9999", "1a2b3c4d", "21-ea-3", "21-ea-11"])
LIMITS = st.builds(Limits, level=st.sampled_from(["digest", "patch", "minor", "major"]), follow_suffix=st.booleans())


@given(NAMES, st.lists(NAMES, max_size=40), LIMITS, st.randoms(use_true_random=False))
def test_every_tag_is_explained_once_in_an_order_of_its_own(current, tags, limits, random) -> None:  # type: ignore[no-untyped-def]  # hypothesis gives the arguments
    found = candidates(current, tags, limits)
    assert sorted(one.tag for one in found) == sorted(set(tags))
    random.shuffle(tags)
    assert candidates(current, tags * 2, limits) == found


# All that can stand before, in and behind the numbers: what a quick look sorts out must be what a close one does.
PREFIXES = ("", "v", "V", "amd64-", "RELEASE.", "xenial-", "alpine3.19-")
NUMBERS = ("1", "9999", "1.2", "1.2.3", "1.2.4", "1.02.3", "2.0.0", "1.2.3.4", "20240101", "20240201", "20240101.1",
           "2024-01-31", "2024-02-03", "2024-01-01T00-00-00Z", "20240101T000000Z", "202401")  # fmt: skip
TAILS = ("", "", "-alpine", "-alpine3.19", "-alpine3.20", "-rc1", "rc2", "_10", "-r3", "-r4", "-ea-32", "-ls45", "k",
         "-debian-12-r3", "-debian-12-r5", "-a1b2c3d", "-alpine-rc1", "-alpine-20240101", "-dev", "alpine", "-", "-3-x",
         "-169-gfe040d3", ".x")  # fmt: skip
ANY = st.builds("{}{}{}".format, *map(st.sampled_from, (PREFIXES, NUMBERS, TAILS)))


@given(ANY, st.lists(ANY, min_size=10, max_size=60), LIMITS)
def test_a_quick_look_finds_what_a_close_one_does(current: str, tags: list[str], limits: Limits) -> None:
    taken = tuple(one for one in candidates(current, tags, limits) if one.verdict is None)
    assert successors(current, tuple(tags), limits) == taken


@given(NAMES, st.lists(NAMES, max_size=40), LIMITS)
def test_never_goes_back_and_keeps_the_variant(current: str, tags: list[str], limits: Limits) -> None:
    now = parse(current)
    taken = [one for one in candidates(current, tags, limits) if one.verdict is None]
    versions = [parse(one.tag) for one in taken]
    assert not taken or (now is not None and limits.level != "digest")
    for version in versions:
        assert now and version and compare(version, now) == 1
        assert (version.prefix, version.v, len(version.numbers)) == (now.prefix, now.v, len(now.numbers))
        assert limits.follow_suffix or version.suffix == now.suffix
        assert now.prerelease or not version.prerelease
    assert all(a and b and compare(a, b) >= 0 for a, b in pairwise(versions))


def test_a_long_list_takes_no_longer_than_its_length() -> None:
    def once(count: int, attempt: int) -> float:
        # Other tags at each attempt: those of the one before may be remembered.
        tags = tuple(f"1.{number // 300}.{attempt}{number % 300:03}{'-slim' * (number % 2)}" for number in range(count))
        start = time.process_time()
        successors("1.2.3", tags, MAJOR)
        candidates("1.2.3", tags, MAJOR)
        return time.process_time() - start

    def seconds(count: int) -> float:
        return min(once(count, attempt) for attempt in (1, 2, 3))

    # The collector goes through whatever earlier tests have left, which is not what is measured here.
    gc.disable()
    try:
        assert seconds(40_000) < 12 * max(seconds(8_000), 0.02)
    finally:
        gc.enable()


def test_a_long_list_of_another_scheme_is_hardly_looked_at() -> None:
    tags = tuple(f"1{'-1.a' * 30}{number}" for number in range(100_000))
    start = time.process_time()
    assert successors("1.2.3", tags, MAJOR) == ()
    assert time.process_time() - start < 1

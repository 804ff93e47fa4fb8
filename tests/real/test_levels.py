"""Newer tags on a real registry: the right one of three hundred at every level, and how many requests that takes.

Renovate 44 takes 6 to 9 requests for each reference that it pins and moves. What is counted here is all that reaches
the registry, and a run begins with one greeting (`GET /v2/`), which tells how the registry wants to be asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pinbot.planning.outcome import Change, Kept
from pinbot.planning.policy import Level
from tests.real.days import RealDays
from tests.real.pushing import Pusher
from tests.real.registries import Registries
from tests.real.schemes import LEVELS, MOVES, SCHEMES, at


@pytest.fixture(scope="module")
def filled(registries: Registries) -> str:
    """A repository with all the tags; each is an image of its own."""
    path = registries.new_path()
    with Pusher(registries.open.host, path) as push:
        for tag in (tag for tags in SCHEMES.values() for tag in tags):
            push.image(tag, f"image of {tag}")
    return path


@pytest.fixture
def days(registries: Registries, filled: str, tmp_path: Path) -> Iterator[RealDays]:
    """A folder whose file names one tag of each scheme."""
    with RealDays(registries.open, filled, tmp_path) as days:
        days.names(*(tag for _, tag, _ in MOVES))
        yield days


def test_there_are_three_hundred_tags_of_more_than_ten_schemes() -> None:
    tags = [tag for tags in SCHEMES.values() for tag in tags]
    assert len(set(tags)) == len(tags) >= 300
    assert len(SCHEMES) > 10


@pytest.mark.parametrize("level", LEVELS)
def test_each_scheme_moves_to_its_newest_tag_that_the_level_allows(days: RealDays, level: Level) -> None:
    days.asks(level=level)
    ends = days.bump()
    assert dict(zip([name for name, _, _ in MOVES], [r.tag for r in days.references()], strict=True)) == dict(
        zip([name for name, _, _ in MOVES], at(level), strict=True)
    )
    assert all(isinstance(end, Change) for end in ends)
    for reference in days.references():
        assert reference.tag
        assert str(reference.digest) == days.push.digest(reference.tag)


@pytest.mark.parametrize("level", LEVELS)
def test_the_second_run_changes_nothing(days: RealDays, level: Level) -> None:
    days.asks(level=level)
    days.bump()
    text = (days.root / "Dockerfile").read_bytes()
    assert {end.outcome for end in days.bump() if isinstance(end, Kept)} == {"current"}
    assert (days.root / "Dockerfile").read_bytes() == text


def test_a_digest_costs_one_head_for_each_unique_reference(days: RealDays) -> None:
    days.names(*(tag for _, tag, _ in MOVES), file="Dockerfile.again")
    days.names(*(tag for _, tag, _ in reversed(MOVES)), file="more.Dockerfile")
    days.bump()
    assert days.requests == {"greeting": 1, "head": len(MOVES)}
    days.bump()
    assert days.requests == {"greeting": 1, "head": len(MOVES)}


@pytest.mark.parametrize("level", ["patch", "minor"])
def test_a_newer_tag_adds_one_listing_for_the_repository_and_one_head_for_each_that_is_chosen(
    days: RealDays, level: Level
) -> None:
    days.asks(level=level)
    chosen = sum(tag != to for (_, tag, _), to in zip(MOVES, at(level), strict=True))
    days.bump()
    assert days.requests == {"greeting": 1, "head": len(MOVES) + chosen, "tags": 1}
    days.bump()
    assert days.requests == {"greeting": 1, "head": len(MOVES), "tags": 1}


def test_a_major_version_adds_the_dates_of_both_images_once_for_ever(days: RealDays) -> None:
    days.asks(level="major")
    pairs = list(zip([tag for _, tag, _ in MOVES], at("minor"), at("major"), strict=True))
    chosen = sum(tag != to for tag, _, to in pairs)
    major = sum(less != to for _, less, to in pairs)
    days.bump()
    assert days.requests == {
        "greeting": 1,
        "head": len(MOVES) + chosen,
        "tags": 1,
        "content": 2 * major,
        "blob": 2 * major,
    }
    days.names(*(tag for _, tag, _ in MOVES))
    days.bump()
    assert days.requests == {"greeting": 1, "head": len(MOVES) + chosen, "tags": 1}


def test_an_index_adds_its_content_once_for_ever(registries: Registries, tmp_path: Path) -> None:
    both = {"linux/amd64": "a", "linux/arm64": "a"}
    with RealDays(registries.open, registries.new_path(), tmp_path) as days:
        days.push.index("1.0.0", both)
        days.push.index("1.1.0", dict.fromkeys(both, "b"))
        days.asks(level="minor")
        days.names("1.0.0")
        days.bump()
        # Whether 1.1.0 has all platforms of 1.0.0 is told by both indexes, not by what is in them.
        assert days.requests == {"greeting": 1, "head": 2, "tags": 1, "content": 2}
        days.names("1.0.0")
        days.bump()
        assert days.requests == {"greeting": 1, "head": 2, "tags": 1}

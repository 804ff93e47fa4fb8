"""Remarks that are addressed to pinbot, and the markers of others."""

from __future__ import annotations

import time
from datetime import date

import pytest

from pinbot.source.directive import (
    FLUX_REASON,
    Directive,
    Ignore,
    LevelRemark,
    Malformed,
    directives,
    ignores_file,
    marked,
)

LAST_DAY = date(2027, 1, 31)
LIMIT_SECONDS = 2.0


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("image: a # pinbot: ignore", Ignore(), id="at the end of the line"),
        pytest.param("image: a #pinbot:ignore", Ignore(), id="without blanks"),
        pytest.param("image: a // pinbot: ignore", Ignore(), id="slashes"),
        pytest.param("image: a <!-- pinbot: ignore -->", Ignore(), id="a markup comment"),
        pytest.param('a # pinbot: ignore reason="we test it"', Ignore("we test it"), id="a reason"),
        pytest.param("a # pinbot: ignore reason=pinned-elsewhere", Ignore("pinned-elsewhere"), id="a bare reason"),
        pytest.param('a # pinbot: ignore reason=""', Ignore(), id="an empty reason is none"),
        pytest.param("a # pinbot: ignore until=2027-01-31", Ignore(None, LAST_DAY), id="an end"),
        pytest.param('a # pinbot: ignore until="2027-01-31" reason="x"', Ignore("x", LAST_DAY), id="both, any order"),
        pytest.param(
            'image: a # {"$imagepolicy": "flux-system:api"}', Ignore(FLUX_REASON, tool=True), id="Flux sets the line"
        ),
        pytest.param("a # pinbot: level=minor", LevelRemark("minor"), id="a level"),
        pytest.param("a <!-- pinbot: level=digest -->", LevelRemark("digest"), id="a level in a markup comment"),
        pytest.param('a # pinbot: level="major" reason="we follow"', LevelRemark("major"), id="a level with a reason"),
        pytest.param("a # pinbot: level=minor ignore", Ignore(), id="a level beside ignore says nothing"),
    ],
)
def test_reads_a_remark(line: str, expected: Directive) -> None:
    assert directives("", line) == (expected,)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        pytest.param("a # pinbot: ignroe", "ignroe", id="a slip of the pen"),
        pytest.param("a # pinbot:", "remark ''", id="nothing behind it"),
        pytest.param("a # pinbot: ignore until=tomorrow", "tomorrow is not a date", id="a date in words"),
        pytest.param("a # pinbot: level=mayor", "level=mayor is none of digest, patch", id="a level that is none"),
        pytest.param("a # pinbot: level", "level= is none of", id="a level without one"),
        pytest.param("a # pinbot: level=minor untl=2027-01-31", "does not know untl=", id="a slip beside a level"),
        pytest.param("a # pinbot: ignore util=2027-01-31", "does not know util=", id="a slip in a key"),
        pytest.param("a # pinbot: ignore until=2027-02-30", "2027-02-30 is not a date", id="a day that does not exist"),
    ],
)
def test_a_remark_that_cannot_be_understood_is_said_to_be_so(line: str, says: str) -> None:
    (remark,) = directives("", line)
    assert isinstance(remark, Malformed)
    assert says in remark.problem


@pytest.mark.parametrize(
    ("before", "line"),
    [
        pytest.param("", "image: a", id="no remark"),
        pytest.param("", "image: pinbot:1.0", id="an image called pinbot"),
        pytest.param("", "url: https://pinbot:8080/ # image", id="a host called pinbot"),
        pytest.param("", "a # pinbot: image=nginx", id="a remark for another part of pinbot"),
        pytest.param("image: b # pinbot: ignore", "image: a", id="the remark of the line before speaks of that line"),
        pytest.param("# see pinbot docs", "image: a", id="a comment that only names pinbot"),
    ],
)
def test_sees_no_remark(before: str, line: str) -> None:
    assert directives(before, line) == ()


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        pytest.param("  # pinbot: ignore", Ignore(), id="ours"),
        pytest.param('  # {"$imagepolicy": "flux-system:api"}', Ignore(FLUX_REASON, tool=True), id="Flux's"),
    ],
)
def test_a_remark_on_a_line_of_its_own_speaks_of_the_next_line(before: str, expected: Directive) -> None:
    assert directives(before, "image: a") == (expected,)


def test_the_marker_of_another_line_is_that_lines() -> None:
    assert directives('image: b # {"$imagepolicy": "flux-system:b"}', "image: a") == ()


@pytest.mark.parametrize(
    ("today", "holds"),
    [
        pytest.param(date(2027, 1, 30), True, id="the day before"),
        pytest.param(LAST_DAY, True, id="the last day counts"),
        pytest.param(date(2027, 2, 1), False, id="the day after"),
    ],
)
def test_an_ignore_ends(today: date, holds: bool) -> None:
    assert Ignore(until=LAST_DAY).holds(today) is holds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("# pinbot: ignore-file\nFROM a", Ignore(), id="at the top"),
        pytest.param(
            'a: 1\n# pinbot: ignore-file reason="copied"\n', Ignore("copied"), id="further down, with a reason"
        ),
        pytest.param("# pinbot: ignore-file until=2027-01-31\r\n", Ignore(None, LAST_DAY), id="with an end, CRLF"),
        pytest.param("\ufeff# pinbot: ignore-file\n", Ignore(), id="behind a byte order mark"),
        pytest.param("FROM a # pinbot: ignore-file", None, id="not behind something else"),
        pytest.param("# pinbot: ignore\nFROM a", None, id="ignore is not ignore-file"),
        pytest.param("image: pinbot:1", None, id="no remark at all"),
    ],
)
def test_a_file_may_ask_to_be_left_alone(text: str, expected: Ignore | None) -> None:
    assert ignores_file(text) == expected


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("# pinbot: image" + " " * 200_000 + "x", id="blanks behind a word"),
        pytest.param("# pinbot:" + " " * 200_000 + "x", id="blanks before a word"),
        pytest.param("#" + " " * 200_000 + "pinbot", id="blanks before what is no remark"),
        pytest.param("# pinbot: " + "a" * 200_000 + "!", id="a long word that is none"),
        pytest.param("# pinbot: " + "a-" * 100_000 + "!", id="a word of many words"),
        pytest.param("# pinbot: " + 'a=" ' * 50_000, id="many quotes"),
        pytest.param("# pinbot: -->" + " */" * 70_000 + " x", id="many ends of comments"),
    ],
)
def test_a_hostile_remark_is_read_in_linear_time(line: str) -> None:
    started = time.perf_counter()
    directives(line, line)
    ignores_file(line)
    list(marked(line))
    assert time.perf_counter() - started < LIMIT_SECONDS

"""What tells the content of two proposals apart: the lines that go and come, wherever they stand."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from pinbot.proposals.proposal import fingerprint


def _of(before: str, after: str) -> str:
    return fingerprint([("values.yaml", before, after)])


CHANGES = [
    pytest.param("tag: 1\n", "tag: 2\n", id="a line is replaced"),
    pytest.param("tag: 1\n", "tag: 1\ndigest: x\n", id="a line is inserted"),
    pytest.param("tag: 1\nz\n", "tag: 2\ndigest: x\nz\n", id="a line is replaced, and one inserted"),
]


@pytest.mark.parametrize(("before", "after"), CHANGES)
def test_other_lines_of_the_file_do_not_count(before: str, after: str) -> None:
    head, tail = "# head\nname: a\n", "other: b\n" * 3
    assert _of(before, after) == _of(f"{head}{before}{tail}", f"{head}{after}{tail}")


@pytest.mark.parametrize(("before", "after"), CHANGES)
def test_a_line_more_that_somebody_changed_counts(before: str, after: str) -> None:
    assert _of(f"{before}other: b\n", f"{after}other: c\n") != _of(before, after)
    assert _of(f"{before}one\ntwo\n", f"{after}two\none\n") != _of(before, after)


@pytest.mark.parametrize(
    "line",
    [pytest.param(lambda _n: "a", id="alike"), pytest.param(lambda n: f"{n % 97}", id="by turns")],
)
def test_a_hostile_text_takes_no_time(line: Callable[[int], str]) -> None:
    before = [line(n) for n in range(100_000)]
    after = [*before[:50_000], "digest: x", *before[50_000:], "digest: y"]
    started = time.perf_counter()
    _of("\n".join(before), "\n".join(after))
    _of("\n".join(before), "\n".join(reversed([*after, "z"])))
    assert time.perf_counter() - started < 2

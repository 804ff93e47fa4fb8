"""The pace of writes, on a clock that moves only when somebody sleeps."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinbot.forge._pace import UNPACED, Pace, Pacer


class Clock:
    """Time that passes while somebody sleeps, and never else."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        """Return the present moment."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        assert seconds > 0
        self.slept.append(seconds)
        self.now += seconds


def _pacer(pace: Pace | None = None) -> tuple[Pacer, Clock]:
    clock = Clock()
    return Pacer(clock, clock.sleep, pace or Pace()), clock


def test_the_first_write_does_not_wait() -> None:
    pacer, clock = _pacer()
    pacer.turn()
    assert clock.slept == []


def test_a_second_lies_between_two_writes() -> None:
    pacer, clock = _pacer()
    pacer.turn()
    clock.now += 0.25
    pacer.turn()
    assert clock.slept == [0.75]


def test_a_minute_has_80_writes_and_an_hour_500() -> None:
    pacer, clock = _pacer(Pace(0.0))
    moments = []
    for _ in range(700):
        pacer.turn()
        moments.append(clock.now)
    for count, window in ((80, 60.0), (500, 3600.0)):
        assert all(later - earlier >= window for earlier, later in zip(moments, moments[count:], strict=False))
    assert moments[500] == 1000.0 + 3600.0


def test_nothing_is_written_while_the_forge_says_so() -> None:
    pacer, clock = _pacer()
    pacer.close(60)
    pacer.close(30)
    pacer.turn()
    assert clock.slept == [60]


def test_without_a_pace_nobody_waits_but_for_the_forge() -> None:
    pacer, clock = _pacer(UNPACED)
    for _ in range(1000):
        pacer.turn()
    assert clock.slept == []
    pacer.close(60)
    assert pacer.seconds_for(1000) == 60


@given(before=st.integers(0, 90), writes=st.integers(0, 700), gap=st.floats(0, 100))
def test_what_is_predicted_is_what_it_takes(before: int, writes: int, gap: float) -> None:
    pacer, clock = _pacer()
    for _ in range(before):
        pacer.turn()
    clock.now += gap
    predicted, start = pacer.seconds_for(writes), clock.now
    for _ in range(writes):
        pacer.turn()
    assert clock.now - start == pytest.approx(predicted)

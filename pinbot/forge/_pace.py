"""How fast a forge is written to: GitHub's limits for content that people are notified of, kept by everybody's forge.

At least 1 s between writes, 80 in a minute, 500 in an hour:
https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits and
https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#pause-between-mutative-requests
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between two writes, and how many there may be in windows of so many seconds."""

    seconds_between: float = 1.0
    windows: tuple[tuple[int, float], ...] = ((80, 60.0), (500, 3600.0))


UNPACED = Pace(0.0, ())


@dataclass(slots=True)
class Pacer:
    """Lets writes through one after the other, and counts them; `clock` and `sleep` in seconds."""

    clock: Callable[[], float]
    sleep: Callable[[float], None]
    pace: Pace = field(default_factory=Pace)
    written: int = field(init=False, default=0)
    _done: deque[float] = field(init=False)
    _closed_until: float = field(init=False, default=float("-inf"))

    def __post_init__(self) -> None:
        self._done = deque(maxlen=max((count for count, _ in self.pace.windows), default=1))

    def turn(self) -> None:
        """Wait until there may be a write, and count it."""
        now = self.clock()
        due = max(self._due(self._done), self._closed_until)
        if due > now:
            self.sleep(due - now)
        self._done.append(max(due, self.clock()))
        self.written += 1

    def close(self, seconds: float) -> None:
        """Let no write through for so long, because the forge said so."""
        self._closed_until = max(self._closed_until, self.clock() + seconds)

    def seconds_for(self, writes: int) -> float:
        """Return how long so many further writes take, if they take no time themselves."""
        start = at = self.clock()
        done = self._done.copy()
        for _ in range(writes):
            at = max(at, self._due(done), self._closed_until)
            done.append(at)
        return at - start

    def _due(self, done: deque[float]) -> float:
        """Return the earliest moment for a write after those; minus infinity where there was none."""
        if not done:
            return float("-inf")
        full = (done[-count] + seconds for count, seconds in self.pace.windows if len(done) >= count)
        return max(done[-1] + self.pace.seconds_between, *full, float("-inf"))


def paced_seconds(writes: int, pace: Pace | None = None) -> float:
    """Return how long so many writes take at a pace, the usual one if none is given, whether it is kept or not."""
    return Pacer(lambda: 0.0, lambda _seconds: None, pace or Pace()).seconds_for(writes)

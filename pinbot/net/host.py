"""What is known about one host while a run goes on: its pause, its pace, its circuit breaker, its budget of retries.

The breaker is Nygard's (https://martinfowler.com/bliki/CircuitBreaker.html); the budget is that of
https://sre.google/sre-book/handling-overload/: retries must not multiply an overload.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

_TRIP_AFTER = 5
OPEN_SECONDS = 60.0
# Ten per cent of the requests may be repeated, and always a handful, so that small runs can retry too.
_BUDGET_SHARE = 0.1
_BUDGET_LEAST = 10


class Passage(Enum):
    """Whether a request may be sent."""

    CLOSED = "no"
    OPEN = "yes"
    PROBE = "yes, alone, and the breaker must be told when it is over"


class Breaker:
    """Opens after five requests in a row that failed for good, for 60 s; then one request may probe.

    `cause` is why it opened, a sentence.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failures = 0
        self._open_until = 0.0
        self._probing = False
        self.cause = ""

    def admits(self) -> Passage:
        """Return whether a request may be sent now; while half open, only the first to ask may."""
        if self._failures < _TRIP_AFTER:
            return Passage.OPEN
        if self._probing or self._clock() < self._open_until:
            return Passage.CLOSED
        self._probing = True
        return Passage.PROBE

    def succeeded(self) -> None:
        """Close it: the host answers."""
        self._failures = 0

    def failed(self, cause: str) -> None:
        """Count a request that failed although it was tried again."""
        self._failures += 1
        if self._failures >= _TRIP_AFTER:
            self.cause = cause
            self._open_until = self._clock() + OPEN_SECONDS

    def trip(self, cause: str) -> None:
        """Open it at once: whoever has not said a word in all that time costs as much with every further request."""
        self._failures = max(self._failures, _TRIP_AFTER - 1)
        self.failed(cause)

    def release(self) -> None:
        """End the probe, whatever came of it."""
        self._probing = False


class Budget:
    """Counts requests and retries; a retry is allowed while they are few."""

    def __init__(self) -> None:
        self._requests = 0
        self._retries = 0

    def spend_request(self) -> None:
        """Count a request that is not a retry."""
        self._requests += 1

    def allows_retry(self) -> bool:
        """Return whether one more retry is within the budget, and count it if so."""
        if self._retries >= max(_BUDGET_LEAST, _BUDGET_SHARE * self._requests):
            return False
        self._retries += 1
        return True


class Pause:
    """Until when a host wants to be left alone; all its requests keep to it, up to a cap for the whole run."""

    def __init__(self, clock: Callable[[], float], cap_seconds: float) -> None:
        self._clock = clock
        self._left_seconds = cap_seconds
        self._until = 0.0

    def extend(self, seconds: float) -> bool:
        """Begin or lengthen the pause; return False where that would exceed the cap, and change nothing."""
        now = self._clock()
        extra = now + seconds - max(now, self._until)
        if extra > self._left_seconds:
            return False
        if extra > 0:
            self._left_seconds -= extra
            self._until = now + seconds
        return True

    def seconds_left(self) -> float:
        """Return how long to wait before the next request."""
        return max(0.0, self._until - self._clock())


class Pace:
    """Spaces requests evenly, so many in a minute; None is as fast as they come."""

    def __init__(self, clock: Callable[[], float], per_minute: int | None) -> None:
        self._clock = clock
        self._gap_seconds = 60.0 / per_minute if per_minute else 0.0
        self._next = 0.0

    def take(self) -> float:
        """Return how long to wait before the next request, and count that request."""
        now = self._clock()
        at = max(now, self._next)
        self._next = at + self._gap_seconds
        return at - now

"""What is known about one host while a run goes on: its pause, its circuit breaker, its budget of retries.

The breaker is Nygard's (https://martinfowler.com/bliki/CircuitBreaker.html); the budget is that of
https://sre.google/sre-book/handling-overload/: retries must not multiply an overload.
"""

from __future__ import annotations

from collections.abc import Callable

_TRIP_AFTER = 5
_OPEN_SECONDS = 60.0
# Ten per cent of the requests may be repeated, and always a handful, so that small runs can retry too.
_BUDGET_SHARE = 0.1
_BUDGET_LEAST = 10


class Breaker:
    """Opens after five requests in a row that failed for good, for 60 s; then one request may probe."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failures = 0
        self._open_until = 0.0
        self._probing = False

    def admits(self) -> bool:
        """Return whether a request may be sent now; while half open, only the first to ask may."""
        if self._failures < _TRIP_AFTER:
            return True
        if self._probing or self._clock() < self._open_until:
            return False
        self._probing = True
        return True

    def succeeded(self) -> None:
        """Close it: the host answers."""
        self._failures = 0

    def failed(self) -> None:
        """Count a request that failed although it was tried again."""
        self._failures += 1
        if self._failures >= _TRIP_AFTER:
            self._open_until = self._clock() + _OPEN_SECONDS

    def release(self) -> None:
        """End a probe, whatever came of it."""
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

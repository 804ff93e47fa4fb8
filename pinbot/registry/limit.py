"""When a registry says 429 again and again: it is left alone for as long as it asks.

Asking on while limited can lead to a ban (https://docs.docker.com/docker-hub/usage/), and a single 429 may be about
one repository alone, so a few in a row are waited for.
"""

from __future__ import annotations

from collections.abc import Callable

from pinbot.errors import RateLimited
from pinbot.net.response import Response

_IN_A_ROW = 5
_USUAL_SECONDS = 60.0


class Limit:
    """Counts a registry's 429 answers; `clock` gives monotonic seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._in_a_row = 0
        self._until = 0.0

    def check(self, what: str) -> None:
        """Raise RateLimited, without a request, while the registry is to be left alone."""
        left = self._until - self._clock()
        if self._in_a_row >= _IN_A_ROW and left > 0:
            raise RateLimited(
                f"{what}: not asked, since the registry has answered 429 to everything for a while; "
                f"it may be asked again in {left:.0f} s",
                left,
            )

    def note(self, response: Response) -> None:
        """Count an answer, whatever it is."""
        if response.status != 429:
            self._in_a_row = 0
            return
        self._in_a_row += 1
        self._until = self._clock() + (response.retry_after_seconds or _USUAL_SECONDS)

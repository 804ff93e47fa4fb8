"""When a registry is to be left alone: by its pull limit, which counts GETs of manifests, or by 429 to everything.

The two are apart on Docker Hub (https://docs.docker.com/docker-hub/usage/): the pull limit is an account's or an
address's, is told of in headers, and leaves HEAD free; the abuse limit is an address's, is a plain 429 from any of
Docker's hosts, and asking on can lead to a ban. A single 429 may be about one repository alone, so a few in a row are
waited for.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from pinbot.errors import PullLimitReached, RateLimited
from pinbot.net.response import Response
from pinbot.registry.allowance import (
    USUAL_RESERVE,
    USUAL_WINDOW_SECONDS,
    Allowance,
    Unlimited,
    read_allowance,
)

Method = Literal["GET", "HEAD"]

# Per cent of a limit that are left to decisions by whoever asks only to explain them.
_SPARED = 50.0
_IN_A_ROW = 5
_USUAL_SECONDS = 60.0
_REFUSED = "the registry refuses further pulls (429)"


class Limit:
    """Counts the 429 of all hosts of a registry; `clock` gives monotonic seconds, `now` the time of day."""

    def __init__(self, registry: str, clock: Callable[[], float], now: Callable[[], datetime]) -> None:
        self._registry = registry
        self._clock = clock
        self._now = now
        self._in_a_row = 0
        self._until = 0.0

    def check(self, what: str) -> None:
        """Raise RateLimited, without a request, while the registry is to be left alone."""
        left = self._until - self._clock()
        if self._in_a_row >= _IN_A_ROW and left > 0:
            whose = ", which is its abuse limit" if self._registry == "docker.io" else ""
            raise RateLimited(
                f"{what}: not pulled, since the registry has answered 429 to everything for a while{whose}; "
                f"it may be asked again at {_moment(self._now(), left)}",
                left,
            )

    def note(self, response: Response) -> None:
        """Count an answer, whatever it is, but for a 429 that is about pulls."""
        if response.status != 429:
            self._in_a_row = 0
            return
        self._in_a_row += 1
        self._until = self._clock() + (response.retry_after_seconds or _USUAL_SECONDS)


@dataclass(slots=True)
class _Pulls:
    """What is known of one login's pulls; moments are on the monotonic clock.

    `begun` counts the requests, and `seen_at` is that count when the allowance was told.
    """

    allowance: Allowance | None = None
    seen: float = 0.0
    begun: int = 0
    seen_at: int = 0
    under_way: int = 0
    refused_until: float = 0.0
    heads_until: float = 0.0


@dataclass(slots=True)
class Thrift:
    """Whether what is asked now is worth no pull that somebody else may need."""

    is_on: bool = False


class PullLimit:
    """Keeps the GETs of manifests within what a registry grants each login, less the reserve (in per cent).

    While `thrift` is on, at least half of the pulls are left.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        now: Callable[[], datetime],
        reserve: float = USUAL_RESERVE,
        thrift: Thrift | None = None,
    ) -> None:
        self._clock = clock
        self._now = now
        self._reserve = reserve
        self._thrift = thrift or Thrift()
        self._pulls: dict[Hashable, _Pulls] = {}
        self._unlimited: set[tuple[Hashable, str]] = set()

    def allowance(self, who: Hashable) -> Allowance | None:
        """Return what was last said of a login's pulls, None where nothing was, or its window is over."""
        pulls = self._of(who)
        if pulls.allowance is None or self._clock() >= pulls.seen + pulls.allowance.window_seconds:
            return None
        return pulls.allowance

    @contextmanager
    def one(self, what: str, who: Hashable, path: str, method: Method) -> Iterator[int]:
        """Ask for a manifest within this block; give the number of the request, for `note`.

        Raises PullLimitReached, without a request.
        """
        pulls = self._of(who)
        until = pulls.heads_until if method == "HEAD" else pulls.refused_until
        if until > self._clock():
            raise self._reached(what, _REFUSED, until)
        pulls.begun += 1
        if method == "HEAD":
            yield pulls.begun
            return
        self._check(what, who, path, pulls)
        pulls.under_way += 1
        try:
            yield pulls.begun
        finally:
            pulls.under_way -= 1

    def note(self, response: Response, number: int, what: str, who: Hashable, path: str, method: Method) -> None:
        """Remember what an answer says of the limit. Raises PullLimitReached where it is the limit's own 429."""
        pulls, said = self._of(who), read_allowance(response.headers)
        if isinstance(said, Allowance):
            # Of answers that overtake each other the one that tells of fewer pulls is the newer.
            if number > pulls.seen_at or pulls.allowance is None or said.remaining < pulls.allowance.remaining:
                pulls.allowance, pulls.seen, pulls.seen_at = said, self._clock(), pulls.begun
            self._unlimited.discard((who, path))
        elif isinstance(said, Unlimited) and response.status == 200:
            self._unlimited.add((who, path))
        none_left = isinstance(said, Allowance) and said.remaining == 0
        if response.status != 429 or not (none_left or b"pull rate limit" in response.body[:4096].lower()):
            return
        window = said.window_seconds if isinstance(said, Allowance) else USUAL_WINDOW_SECONDS
        pulls.refused_until = self._clock() + (response.retry_after_seconds or window)
        if method == "HEAD":
            pulls.heads_until = pulls.refused_until
        raise self._reached(what, _REFUSED, pulls.refused_until)

    def _of(self, who: Hashable) -> _Pulls:
        return self._pulls.setdefault(who, _Pulls())

    def _check(self, what: str, who: Hashable, path: str, pulls: _Pulls) -> None:
        """Raise PullLimitReached where one more would eat into the reserve, or into what others are about to take."""
        known = self.allowance(who)
        if known is None or (who, path) in self._unlimited:
            return
        reserve = max(self._reserve, _SPARED) if self._thrift.is_on else self._reserve
        if known.remaining - pulls.under_way <= known.floor(reserve):
            spared = f", and {self._reserve:g} % are left to others (reserve)" if self._reserve else ""
            spared = f", and {reserve:g} % are left to what has to be decided" if self._thrift.is_on else spared
            taken = replace(known, remaining=max(0, known.remaining - pulls.under_way))
            raise self._reached(what, f"{taken.words}{spared}", pulls.seen + known.window_seconds)

    def _reached(self, what: str, why: str, until: float) -> PullLimitReached:
        left = until - self._clock()
        return PullLimitReached(
            f"{what}: not asked, since {why}; it may be at {_moment(self._now(), left)} at the latest, or "
            "with a login that has more pulls",
            left,
        )


def _moment(now: datetime, seconds: float) -> str:
    try:
        return f"{now + timedelta(seconds=seconds):%Y-%m-%d %H:%M} UTC"
    except OverflowError:
        return "a time that no calendar has"

"""Credentials that end: got once for all who want them, and again when their time is over."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

from pinbot.registry.credentials._base import Known
from pinbot.registry.flights import Flights

K = TypeVar("K", bound=Hashable)

# Who has said no is asked again after a while: a long pass should not miss what somebody repairs meanwhile.
_AFTER_NO_SECONDS = 300.0
# What is close to its end is not sent any more.
_MARGIN_SECONDS = 60.0
# Where this machine's clock is wrong, everything has ended long ago; that must not make a request of every lookup.
_LEAST_SECONDS = 60.0


class Kept(Generic[K]):
    """Credentials by what they are for; `clock` is monotonic seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._flights: Flights[K, tuple[Known | None, float]] = Flights()

    async def get(self, key: K, fetch: Callable[[], Coroutine[Any, Any, tuple[Known, float] | None]]) -> Known | None:
        """Return what `fetch` brought with the seconds that it holds; None where it brought nothing."""

        async def start() -> tuple[Known | None, float]:
            brought = await fetch()
            if brought is None:
                return None, self._clock() + _AFTER_NO_SECONDS
            known, seconds = brought
            return known, self._clock() + max(seconds - _MARGIN_SECONDS, _LEAST_SECONDS)

        known, until = await self._flights.get(key, start)
        if self._clock() >= until:
            self._flights.forget(key, only_if=lambda value: value[1] == until)
            known, _ = await self._flights.get(key, start)
        return known

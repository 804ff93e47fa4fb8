"""One flight for many passengers: what several tasks want at once is done once, and each gets its outcome."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Flights(Generic[K, V]):
    """Outcomes by key, failures too; `forget` makes the next to ask start anew."""

    def __init__(self) -> None:
        self._tasks: dict[K, asyncio.Task[V]] = {}

    async def get(self, key: K, start: Callable[[], Coroutine[Any, Any, V]]) -> V:
        """Return the outcome for `key`, started by whoever asks first. Raises what `start` raised."""
        task = self._tasks.get(key)
        if task is None:
            task = self._tasks[key] = asyncio.ensure_future(start())
            # A flight that all passengers have left may fail unheard; asyncio would print that on standard error.
            task.add_done_callback(lambda done: None if done.cancelled() else done.exception())
        # Shielded, so that one passenger who leaves does not end the flight of the others.
        return await asyncio.shield(task)

    def forget(self, key: K, only_if: Callable[[V], bool] = lambda _value: True) -> None:
        """Drop the outcome of a flight that has ended, if it failed or `only_if` says so; one under way goes on."""
        task = self._tasks.get(key)
        if task is not None and task.done() and (task.exception() is not None or only_if(task.result())):
            del self._tasks[key]

"""Who may begin a request next: so many at a time over all registries, none of which can hold up the others."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Slots:
    """Gives out `count` slots; the next goes to the registry that holds the fewest, of those to the first to ask."""

    def __init__(self, count: int) -> None:
        self._free = count
        self._held: Counter[str] = Counter()
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}

    @asynccontextmanager
    async def one(self, registry: str, seconds: float) -> AsyncIterator[None]:
        """Hold a slot within this block, for so many seconds at most.

        A request that has waited for longer costs this machine nothing, so another may begin.
        """
        await self._take(registry)
        held = [registry]

        def give_back() -> None:
            if held:
                self._give_back(held.pop())

        timer = asyncio.get_running_loop().call_later(seconds, give_back)
        try:
            yield
        finally:
            timer.cancel()
            give_back()

    async def _take(self, registry: str) -> None:
        if self._free:
            self._free -= 1
            self._held[registry] += 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(registry, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._give_back(registry)
            raise

    def _give_back(self, registry: str) -> None:
        self._held[registry] -= 1
        while self._waiting:
            chosen = min(self._waiting, key=self._held.__getitem__)
            # Behind all others that hold as few, the next time.
            queue = self._waiting.pop(chosen)
            turn = queue.popleft()
            if queue:
                self._waiting[chosen] = queue
            if not turn.cancelled():
                self._held[chosen] += 1
                turn.set_result(None)
                return
        self._free += 1

"""How long a forge that has had enough is waited for, and when it is not asked any more."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pinbot.errors import ForgeBusy
from pinbot.forge._base import World
from pinbot.forge._pace import Pacer
from pinbot.net.retry import RetryPolicy


@dataclass(slots=True)
class Patience:
    """Waits within the policy; `name` is the forge's, for messages."""

    name: str
    world: World
    pacer: Pacer
    policy: RetryPolicy
    _until: datetime | None = field(init=False, default=None)

    def check(self) -> None:
        """Raise ForgeBusy while the forge is not to be asked."""
        if self._until is not None and self.world.now() < self._until:
            raise ForgeBusy(
                f"{self.name}: its rate limit is used up until {self._until:%Y-%m-%d %H:%M} UTC", self._until
            )

    def wait(self, seconds: float, limited: int, *, is_read: bool) -> None:
        """Wait so long before it is asked again, a write by letting no other pass; `limited` is how often it refused.

        Raises ForgeBusy where that is too long or was too often.
        """
        if seconds > self.policy.wait_cap_seconds or limited >= self.policy.tries:
            self._until = self.world.now() + timedelta(seconds=seconds)
            self.check()
        if is_read:
            self.world.sleep(seconds)
        else:
            self.pacer.close(seconds)

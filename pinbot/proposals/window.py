"""The hours of the week in which pull requests are wanted, in the time of the people who read them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

MONDAY_TO_SUNDAY = (0, 1, 2, 3, 4, 5, 6)
_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Window:
    """When people want to see pull requests: days of the week (0 is Monday), and from when to when on the clock.

    A window that ends before it starts goes past midnight, and belongs to the day on which it starts; one that ends
    when it starts is the whole day. Times are those of the zone: where the clock is put forward over `start`, it opens
    when the clock shows a later time, and where it is put forward over all of it, not on that day.
    """

    days: tuple[int, ...] = MONDAY_TO_SUNDAY
    start: time = time()
    end: time = time()
    zone: tzinfo = UTC

    def is_open(self, now: datetime) -> bool:
        """Whether `now` (aware) is in the window."""
        local = now.astimezone(self.zone)
        clock = local.time()
        yesterday = (local.weekday() - 1) % 7
        if self.start < self.end:
            return local.weekday() in self.days and self.start <= clock < self.end
        return (local.weekday() in self.days and clock >= self.start) or (yesterday in self.days and clock < self.end)

    def opens(self, now: datetime) -> datetime | None:
        """Return when (UTC) it opens after `now`; None for a window without days."""
        local = now.astimezone(self.zone)
        openings = (moment for moment in self._openings(local.date()) if moment > now and self.is_open(moment))
        return next(openings, None)

    def _openings(self, first: date) -> Iterator[datetime]:
        for later in range(9):
            day = first + timedelta(days=later)
            if day.weekday() in self.days:
                yield datetime.combine(day, self.start, self.zone).astimezone(UTC)

    def __str__(self) -> str:
        days = ", ".join(_NAMES[day] for day in sorted(set(self.days)))
        named = "every day" if set(self.days) == set(MONDAY_TO_SUNDAY) else days
        hours = "" if self.start == self.end else f" from {self.start:%H:%M} to {self.end:%H:%M}"
        return f"{named}{hours} ({self.zone})"

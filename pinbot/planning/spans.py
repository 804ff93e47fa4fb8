"""Spans of time in words, as a person says them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"))


def in_words(span: timedelta) -> str:
    """Return a span in its largest whole unit: `3 days`, `1 hour`, `less than a minute`."""
    seconds = int(span.total_seconds())
    for size, unit in _UNITS:
        if seconds >= size:
            number = seconds // size
            return f"{number} {unit}{'' if number == 1 else 's'}"
    return "less than a minute"


def later(moment: datetime, span: timedelta) -> datetime:
    """Return the moment when a span has passed; the end of the calendar where that lies beyond it.

    Clocks of registries, dates of publishers and `until: 9999-12-31` may be anything.
    """
    try:
        return moment + span
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)


def day(moment: datetime) -> str:
    """Return the day of a moment: `18 Nov 2026`."""
    return f"{moment.day} {moment:%b %Y}"

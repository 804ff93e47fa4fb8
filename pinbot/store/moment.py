"""Times as text that sorts: UTC, always 27 characters, with microseconds and `Z` (RFC 3339).

Text of one width in one zone compares as the times do, in every database and every collation, and a person can read it.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

_FORM = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def utc(at: datetime) -> datetime:
    """Return a time in UTC; one that lies beyond the calendar there becomes its first or last moment."""
    try:
        return at.astimezone(UTC)
    except OverflowError:
        return _FIRST if at.year == 1 else _LAST


def written(at: datetime) -> str:
    """Return `2026-11-21T14:40:16.000000Z`."""
    return utc(at).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def read(text: object) -> datetime:
    """Return the time that `written` wrote. Raises ValueError for anything else."""
    if not isinstance(text, str) or not _FORM.fullmatch(text):
        raise ValueError("a time is written as 2026-11-21T14:40:16.000000Z")
    return datetime.fromisoformat(text)

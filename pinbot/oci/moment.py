"""Times as images have them: RFC 3339 (https://www.rfc-editor.org/rfc/rfc3339#section-5.6), in UTC."""

from __future__ import annotations

from datetime import UTC, datetime


def moment(text: str | None) -> datetime | None:
    """Return the time that a text says, which is UTC where it names no zone; None where it says none."""
    try:
        found = datetime.fromisoformat(text) if text else None
        if found is None or found.tzinfo is None:
            return found and found.replace(tzinfo=UTC)
        return found.astimezone(UTC)
    except (ValueError, OverflowError):  # the first and last hours of the calendar lie outside of it elsewhere
        return None

"""The clock of whoever answers: a date of HTTP, or nothing, whatever stands there."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pinbot.net.origin import Origin
from pinbot.net.response import Response

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def _date(text: str) -> datetime | None:
    return Response(Origin.parse("https://registry.example"), "", 200, {"date": text}, b"").date


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Sat, 21 Nov 2026 12:00:00 GMT", id="as it should be"),
        pytest.param("Saturday, 21-Nov-26 12:00:00 GMT", id="as it was"),
        pytest.param("Sat, 21 Nov 2026 12:00:00 -0000", id="without a zone"),
        pytest.param("Sat, 21 Nov 2026 14:00:00 +0200", id="with a zone"),
    ],
)
def test_a_date_is_read_whatever_the_zone_of_this_machine(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert _date(text) == NOON
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("soon", id="a word"),
        pytest.param("Mon, 01 Jan 99999 00:00:00 GMT", id="a year beyond the calendar"),
        pytest.param(f"Mon, 01 Jan {'9' * 5000} 00:00:00 GMT", id="a year of five thousand digits"),
        pytest.param("Fri, 31 Dec 9999 23:59:59 -0100", id="a zone that leads beyond the calendar"),
        pytest.param("Mon, 01 Jan 2026 00:00:00 +99999999999999", id="a zone of years"),
        pytest.param("Mon, 32 Jan 2026 00:00:00 GMT", id="a day that is none"),
        pytest.param("a " * 50_000, id="many words"),
    ],
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert _date(text) is None

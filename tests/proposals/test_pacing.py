"""When pull requests may be opened and updated: windows, rhythm, limits."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinbot.planning.patch import Patch
from pinbot.proposals.pacing import Count, last_opened, may_open, may_update
from pinbot.proposals.proposal import Proposal
from pinbot.proposals.style import Limits, Style
from pinbot.proposals.window import Window
from tests.proposals.examples import NOW, bump, pin, refresh
from tests.proposals.scenes import BRANCH, OPENED, pull

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = Window((0, 1, 2, 3, 4), time(9), time(17), BERLIN)
NIGHT = Window((4,), time(22), time(6), BERLIN)
WEEK = timedelta(days=7)


def at(text: str) -> datetime:
    """Read a time of Berlin."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def proposal(*changes: object, exempt: bool = False) -> Proposal:
    patch = Patch("Dockerfile", "a", "b", tuple(changes))  # type: ignore[arg-type] # changes, given by name
    return Proposal("refresh", BRANCH, "main", "", "", "", (patch,), exempt=exempt)


REFRESHES = proposal(refresh("nginx:1.27"))
PINS = proposal(pin("nginx:1.27"))


@pytest.mark.parametrize(
    ("window", "moment", "opens"),
    [
        pytest.param(OFFICE, "2026-11-20 09:00", None, id="at its first minute"),
        pytest.param(OFFICE, "2026-11-20 16:59:59", None, id="in its last second"),
        pytest.param(OFFICE, "2026-11-20 17:00", "2026-11-23 09:00", id="closed for the weekend"),
        pytest.param(OFFICE, "2026-11-21 12:00", "2026-11-23 09:00", id="a saturday"),
        pytest.param(OFFICE, "2026-11-20 08:59", "2026-11-20 09:00", id="a minute before"),
        pytest.param(NIGHT, "2026-11-20 22:00", None, id="friday night"),
        pytest.param(NIGHT, "2026-11-21 05:59", None, id="past midnight it is friday's still"),
        pytest.param(NIGHT, "2026-11-21 06:00", "2026-11-27 22:00", id="saturday morning"),
        pytest.param(NIGHT, "2026-11-20 05:00", "2026-11-20 22:00", id="friday's early morning is thursday's"),
        pytest.param(Window((5,), zone=BERLIN), "2026-11-21 00:00", None, id="a whole day"),
        pytest.param(Window((5,), zone=BERLIN), "2026-11-22 00:00", "2026-11-28 00:00", id="the day after"),
        pytest.param(
            Window((6,), time(2, 15), time(2, 45), BERLIN), "2027-03-28 00:00", "2027-04-04 02:15", id="an hour skipped"
        ),
    ],
)
def test_a_window_opens_on_its_days_by_the_clock_of_its_zone(window: Window, moment: str, opens: str | None) -> None:
    assert window.is_open(at(moment)) is (opens is None)
    refused = may_update(PINS, Style(window=window), at(moment))
    assert (refused.until if refused else None) == (at(opens) if opens else None)


def test_a_window_without_days_never_opens() -> None:
    refused = may_open(PINS, Style(window=Window(())), NOW, Count())
    assert refused
    assert refused.until is None


@given(
    st.frozensets(st.integers(0, 6), min_size=1),
    st.times(),
    st.times(),
    st.integers(0, 2 * 366 * 24 * 60).map(lambda minutes: NOW + timedelta(minutes=minutes)),
    st.sampled_from(["UTC", "Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns"]),
)
def test_where_a_window_is_closed_it_is_open_when_it_says_it_opens(
    days: frozenset[int], start: time, end: time, now: datetime, zone: str
) -> None:
    window = Window(tuple(days), start, end, ZoneInfo(zone))
    opens = window.opens(now)
    assert opens is None or (opens > now and window.is_open(opens))
    assert opens is not None or len(days) == 1  # a window of minutes, on the one day on which the clock skips them


@pytest.mark.parametrize(
    ("wanted", "since", "until"),
    [
        pytest.param(REFRESHES, None, None, id="the first one"),
        pytest.param(REFRESHES, timedelta(days=6), timedelta(days=1), id="within the week"),
        pytest.param(REFRESHES, WEEK, None, id="a week later"),
        pytest.param(PINS, timedelta(hours=1), None, id="pins do not wait"),
        pytest.param(proposal(refresh("a"), bump("b", "1", "2")), timedelta(0), None, id="nor do versions"),
        pytest.param(
            proposal(refresh("a:1"), exempt=True), timedelta(hours=1), None, id="nor does what the settings ask for now"
        ),
    ],
)
def test_refreshes_come_once_a_week(wanted: Proposal, since: timedelta | None, until: timedelta | None) -> None:
    last = NOW - since if since is not None else None
    refused = may_open(wanted, Style(), NOW, Count(), last)
    assert (refused.until if refused else None) == (NOW + until if until is not None else None)
    assert may_update(wanted, Style(), NOW) is None


def test_the_last_one_is_the_latest_of_ours_from_that_branch() -> None:
    others = [pull(branch="pinbot/pin"), pull(by_us=False), pull(in_repository=False)]
    assert last_opened(others, BRANCH) is None
    assert last_opened([*others, pull()], BRANCH) == OPENED


@pytest.mark.parametrize(
    ("limits", "count", "said"),
    [
        pytest.param(Limits(), Count(2, 29), None, id="one more of each"),
        pytest.param(Limits(), Count(3, 0), "in one repository (3)", id="three are open here"),
        pytest.param(Limits(), Count(0, 30), "in one run (30)", id="thirty were opened"),
        pytest.param(Limits(None, None), Count(900, 900), None, id="no limits"),
        pytest.param(Limits(0, 0), Count(), "in one repository (0)", id="none at all"),
    ],
)
def test_there_are_not_more_than_the_limits(limits: Limits, count: Count, said: str | None) -> None:
    refused = may_open(PINS, Style(limits=limits), NOW, count)
    assert (refused is None) if said is None else (refused is not None and said in refused.reason)


def test_what_rescues_waits_for_nothing() -> None:
    style = Style(limits=Limits(0, 0), window=Window(()))
    assert may_open(proposal(refresh("a"), exempt=True), style, NOW, Count(9, 99), NOW) is None
    assert may_update(proposal(refresh("a"), exempt=True), style, NOW) is None

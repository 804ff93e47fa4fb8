"""Whether a pull request may be opened or updated now: else a sentence why not, and until when.

Nothing here remembers anything: when the last one was opened, and how many are open, is what the forge says.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pinbot.proposals.proposal import Proposal
from pinbot.proposals.pull import PullRequest
from pinbot.proposals.style import Limits, Style
from pinbot.proposals.window import Window

_REFRESHES = {"refresh", "replace"}


@dataclass(frozen=True, slots=True)
class NotNow:
    """Why something is not done now; `until` is when it may be at the earliest, None where no time says so."""

    reason: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """How many pull requests there are, exempt ones aside: open in this repository, and opened by this run."""

    open_here: int = 0
    new_in_run: int = 0


def may_open(
    proposal: Proposal, style: Style, now: datetime, count: Count, last_opened: datetime | None = None
) -> NotNow | None:
    """Say why a pull request is not to be opened at `now`; None where it may be.

    `last_opened` is when the latest from the same branch was opened, whatever became of it; None where there was none.
    """
    if proposal.exempt:
        return None
    return (
        _too_many(style.limits, count)
        or _too_soon(proposal, style.refresh_every, last_opened, now)
        or _outside(style.window, now)
    )


def may_update(proposal: Proposal, style: Style, now: datetime) -> NotNow | None:
    """Say why an open pull request is not to be updated at `now`; None where it may be."""
    return None if proposal.exempt else _outside(style.window, now)


def last_opened(pulls: Iterable[PullRequest], branch: str) -> datetime | None:
    """Return when the latest of our pull requests from a branch was opened; None where there was none."""
    return max((p.opened for p in pulls if p.branch == branch and p.by_us and p.in_repository), default=None)


def _outside(window: Window | None, now: datetime) -> NotNow | None:
    if window is None or window.is_open(now):
        return None
    return NotNow(f"pull requests are wanted {window}", window.opens(now))


def _too_soon(proposal: Proposal, every: timedelta, last: datetime | None, now: datetime) -> NotNow | None:
    if last is None or now >= last + every or not _only_refreshes(proposal):
        return None
    rhythm = "a day" if every == timedelta(days=1) else f"{every.days} days" if every.days else str(every)
    reason = f"the last one with refreshes was opened on {last.astimezone(UTC):%Y-%m-%d}, the next comes {rhythm} later"
    return NotNow(reason, last + every)


def _only_refreshes(proposal: Proposal) -> bool:
    return all(change.kind in _REFRESHES for change in proposal.changes)


def _too_many(limits: Limits, count: Count) -> NotNow | None:
    if limits.per_repository is not None and count.open_here >= limits.per_repository:
        return NotNow(f"the limit of open pull requests in one repository ({limits.per_repository}) is reached")
    if limits.per_run is not None and count.new_in_run >= limits.per_run:
        return NotNow(f"the limit of new pull requests in one run ({limits.per_run}) is reached")
    return None

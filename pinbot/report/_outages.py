"""What many references missed for one cause, a registry that does not answer, told once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import TypeVar

from pinbot.report._columns import Look
from pinbot.report._page import count
from pinbot.report._rows import printable
from pinbot.source.finding import Finding

T = TypeVar("T")

# Of what a registry as a whole says, or does not say; `404` and the like are about one reference.
_OF_THE_REGISTRY = frozenset(
    {"429", "5xx", "blocked", "broken", "dns", "not-a-registry", "pull-limit", "refused", "settings", "timeout", "tls"}
)
_LEFT_ALONE = "left-alone"

Cause = tuple[str, str]
"""A registry, and how it failed."""


def causes(misses: Sequence[tuple[Finding, str | None]]) -> list[Cause | None]:
    """Return for each miss, a finding and the status of its lookup, what it shares with others; None for its own.

    A registry is left alone for what it did before, so those belong together.
    """
    found = [_cause(finding, status) for finding, status in misses]
    known: defaultdict[str, Counter[Cause]] = defaultdict(Counter)
    for cause in found:
        if cause is not None and cause[1] != _LEFT_ALONE:
            known[cause[0]][cause] += 1
    return [
        known[cause[0]].most_common(1)[0][0] if cause and cause[1] == _LEFT_ALONE and known[cause[0]] else cause
        for cause in found
    ]


def told_once(items: Sequence[T], miss: Callable[[T], tuple[Finding, str | None]], look: Look) -> list[tuple[T, str]]:
    """Return the items to show, each with words on how many others it stands for; all of them with --verbose."""
    if look.verbose:
        return [(item, "") for item in items]
    misses = [miss(item) for item in items]
    shared = causes(misses)
    number = Counter(cause for cause in shared if cause)
    first: dict[Cause, int] = {}
    for n, (cause, (_, status)) in enumerate(zip(shared, misses, strict=True)):
        if cause is not None and status == cause[1]:
            first.setdefault(cause, n)
    shown = []
    for n, (item, cause) in enumerate(zip(items, shared, strict=True)):
        if cause is None:
            shown.append((item, ""))
        elif first[cause] == n:
            shown.append((item, others(number[cause] - 1, cause[0])))
    return shown


def others(number: int, registry: str) -> str:
    """Return words on how many more references missed for the same cause."""
    return f"; so for {count(number, 'more reference')} of {printable(registry)}" if number else ""


def _cause(finding: Finding, status: str | None) -> Cause | None:
    if finding.reference is None or (status not in _OF_THE_REGISTRY and status != _LEFT_ALONE):
        return None
    return finding.reference.registry, status

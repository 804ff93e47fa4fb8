"""What all forms of a report share: the status of a finding, and text that is safe to print."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from pinbot.formats._scan import Scanned
from pinbot.planning.outcome import NO_TAG
from pinbot.planning.result import Survey, Update
from pinbot.source.finding import Aside, Finding, Writable

STATUSES = ("pinned", "unpinned", "digest-only", "local", "variable", "ignored", "invalid")
OUTCOMES = (
    "updated",
    "current",
    "held",
    "refused",
    "lookup-failed",
    "variable",
    "local",
    "ignored",
    "invalid",
)
# Control characters, and those that turn the direction of text: file names and references are hostile.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def status(finding: Finding) -> str:
    """Return the word for the state of a finding (contract, `scan`)."""
    match finding.standing:
        case Aside(status=status):
            return status
        case _ if finding.reference is None or finding.reference.digest is None:
            return "unpinned"
        case _:
            return "pinned" if finding.reference.tag else "digest-only"


def reason(finding: Finding) -> str | None:
    """Return why a finding is neither pinned nor unpinned."""
    if isinstance(finding.standing, Aside):
        return finding.standing.reason
    return NO_TAG if status(finding) == "digest-only" else None


def why_not(finding: Finding) -> str | None:
    """Return why pinbot would not change a finding; None where it would, if its registry has something to change."""
    return None if isinstance(finding.standing, Writable) else finding.standing.reason


def barren(file: Scanned) -> str:
    """Say that formats looked into a file and found nothing."""
    if file.known:
        return f"read as {', '.join(file.formats)}: no image reference stands in it"
    return "words that images stand beside are in it, and no format finds a reference there"


def count_statuses(survey: Survey) -> dict[str, int]:
    """Return how many findings have each status, all statuses named."""
    counted = Counter(status(f) for f in survey.findings)
    return {name: counted[name] for name in STATUSES}


def count_outcomes(update: Update) -> dict[str, int]:
    """Return how many findings had each outcome, all outcomes named."""
    counted: Counter[str] = Counter(k.outcome for k in update.kept)
    return {name: len(update.changes) if name == "updated" else counted[name] for name in OUTCOMES}


def files_with(findings: Iterable[Finding]) -> int:
    """Return in how many files these findings stand."""
    return len({f.path for f in findings})


def place(finding: Finding, below: str = "") -> str:
    """Return `path:line`, which editors and terminals open; the path begins with `below`."""
    return f"{printable(below + finding.path)}:{finding.position.line}"


def printable(text: str) -> str:
    """Return `text` with everything that a terminal might obey written as an escape."""
    return _UNPRINTABLE.sub(lambda m: m[0].encode("unicode_escape").decode("ascii"), text)

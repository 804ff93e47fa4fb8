"""Short words for results, to print."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from pinbot.oci.reference import Reference
from pinbot.planning.outcome import Change, Kept
from pinbot.planning.patch import Patch
from pinbot.planning.policy import ChangeKind
from pinbot.planning.problem import Problem, Unchecked
from pinbot.planning.result import Check, Context, Survey, Update
from pinbot.source.finding import Finding, Skip
from pinbot.source.suspect import Suspect
from pinbot.source.text import SourceFile

NOW = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)
CONTEXT = Context("0.1", None, "sha256:0", NOW)
# Sets colours, turns text round, hides, ends the line, rings: what names in a hostile repository do.
HOSTILE = "\x1b[31m\u202e\u200b\n\r\x07\x9b\udcff"


def survey(findings: Sequence[Finding] = (), skips: Sequence[Skip] = (), suspects: Sequence[Suspect] = ()) -> Survey:
    """Return a survey whose files hold just these findings."""
    files = {f.path: SourceFile(f.path, f.text) for f in findings}
    return Survey(files, tuple(findings), tuple(skips), tuple(suspects))


def change(finding: Finding, new: str, kind: ChangeKind = "pin", reason: str = "") -> Change:
    """Return a change of a finding to the reference `new`."""
    assert finding.reference is not None
    return Change(kind, finding, finding.reference, Reference.parse(new), reason)


def update(items: Sequence[Change | Kept], suspects: Sequence[Suspect] = ()) -> Update:
    """Return an update whose survey holds the findings of these items, in this order."""
    changes = tuple(i for i in items if isinstance(i, Change))
    kept = tuple(i for i in items if isinstance(i, Kept))
    return Update(survey([i.finding for i in items], suspects=suspects), changes, kept, ())


def check(findings: Sequence[Finding], problems: Sequence[Problem] = (), unchecked: Sequence[Unchecked] = ()) -> Check:
    """Return a check of findings."""
    return Check(survey(findings), tuple(findings), tuple(problems), tuple(unchecked))


def patch(before: str, after: str, path: str = "Dockerfile") -> Patch:
    """Return a patch of one file."""
    return Patch(path, before, after, ())

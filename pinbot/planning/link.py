"""Joins what one file defines and another uses, and applies what files and folders say of themselves.

The part of scanning that needs the whole repository; what a single file yields stays independent of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from pinbot.formats._scan import Scanned
from pinbot.planning.relations import Relations
from pinbot.planning.set_aside import set_aside
from pinbot.source.directive import Ignore, Malformed
from pinbot.source.finding import Aside, Finding, Fixed, Skip, Writable


def link(
    scanned: Iterable[Scanned], today: date, everything: bool = False
) -> tuple[tuple[Finding, ...], tuple[Skip, ...]]:
    """Return the findings and skips of a repository.

    `everything` keeps vendored, generated and test data as it is instead of setting it aside as `ignored`.
    """
    scanned = tuple(scanned)
    relations = Relations(relation for file in scanned for relation in file.relations)
    findings = tuple(
        _settled(relations.applied(finding), file, today, everything) for file in scanned for finding in file.findings
    )
    return findings, tuple(skip for file in scanned for skip in file.skips)


def _settled(finding: Finding, file: Scanned, today: date, everything: bool) -> Finding:
    """Set a finding aside as `ignored` where a remark or its place says so."""
    if isinstance(finding.standing, Aside) and finding.standing.status in {"local", "variable"}:
        return finding
    reason = _remark(finding, file, today) or (
        None if everything else set_aside(finding.path, generated=file.generated)
    )
    if reason is None:
        return _doubtful(finding)
    return replace(finding, standing=Aside("ignored", reason, finding.reference))


def _remark(finding: Finding, file: Scanned, today: date) -> str | None:
    remarks = [d for d in (*finding.directives, file.ignored) if isinstance(d, Ignore) and d.holds(today)]
    return next((r.reason or "a pinbot: ignore remark" for r in remarks), None)


def _doubtful(finding: Finding) -> Finding:
    """Leave a reference alone whose remark cannot be understood: it may have meant to forbid the change."""
    remark = next((d for d in finding.directives if isinstance(d, Malformed)), None)
    if remark is None or not isinstance(finding.standing, Writable):
        return finding
    return replace(finding, standing=Fixed(finding.standing.reference, f"{remark.problem}; correct or remove it"))

"""Joins what one file defines and another uses, and applies what files and folders say of themselves.

The part of scanning that needs the whole repository; what a single file yields stays independent of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from pinbot.formats._scan import Scanned
from pinbot.planning.policy import set_aside
from pinbot.source.directive import Ignore, Malformed
from pinbot.source.finding import Aside, BuildContext, Finding, Fixed, Skip, Writable


def link(
    scanned: Iterable[Scanned], today: date, everything: bool = False
) -> tuple[tuple[Finding, ...], tuple[Skip, ...]]:
    """Return the findings and skips of a repository.

    `everything` keeps vendored, generated and test data as it is instead of setting it aside as `ignored`.
    """
    scanned = tuple(scanned)
    builds = _builds(scanned)
    findings = tuple(
        _settled(_within_builds(finding, builds.get(file.path, ())), file, today, everything)
        for file in scanned
        for finding in file.findings
    )
    return findings, tuple(skip for file in scanned for skip in file.skips)


def _builds(scanned: Iterable[Scanned]) -> Mapping[str, Sequence[BuildContext]]:
    builds: dict[str, list[BuildContext]] = defaultdict(list)
    for file in scanned:
        for build in file.relations:
            if isinstance(build, BuildContext) and (build.contexts or build.arguments):
                builds[build.dockerfile].append(build)
    return builds


def _within_builds(finding: Finding, builds: Iterable[BuildContext]) -> Finding:
    """Apply what the builds that use this Dockerfile say about its names and arguments."""
    for build in builds:
        finding = build.applied(finding)
    return finding


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

"""Joins what one file defines and another uses, and applies what files and folders say of themselves.

The part of scanning that needs the whole repository; what a single file yields stays independent of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from pinbot.formats._scan import Scanned
from pinbot.planning.policy import IgnorePolicy
from pinbot.planning.relations import Relations
from pinbot.planning.set_aside import set_aside
from pinbot.source.directive import Ignore, Malformed
from pinbot.source.finding import Aside, Finding, Fixed, Idle, Lapse, Skip, Writable

_ANY_REMARK = IgnorePolicy()


def link(
    scanned: Iterable[Scanned], today: date, everything: bool = False, ignores: IgnorePolicy = _ANY_REMARK
) -> tuple[tuple[Finding, ...], tuple[Skip, ...]]:
    """Return the findings and skips of a repository.

    `everything` keeps vendored, generated and test data as it is instead of setting it aside as `ignored`. `ignores`
    says which remarks count.
    """
    scanned = tuple(scanned)
    relations = Relations(relation for file in scanned for relation in file.relations)
    remarks = _Remarks(today, ignores)
    findings = tuple(
        _settled(relations.applied(finding), file, remarks, everything) for file in scanned for finding in file.findings
    )
    return findings, tuple(skip for file in scanned for skip in file.skips)


def idle(
    scanned: Iterable[Scanned], today: date, everything: bool = False, ignores: IgnorePolicy = _ANY_REMARK
) -> tuple[Idle, ...]:
    """Return the digests of a repository that nothing consumes, as far as that is sure; the rest is as in `link`."""
    scanned = tuple(scanned)
    files, remarks = Counter(name for file in scanned for name in file.formats), _Remarks(today, ignores)
    return tuple(
        one
        for file in scanned
        if everything or set_aside(file.path, generated=file.generated) is None
        for one in file.idle
        if remarks.reason(one, file) is None and (one.alone_of is None or files[one.alone_of] == 1)
    )


@dataclass(frozen=True, slots=True)
class _Remarks:
    """Which ignore remarks count, and why the others do not."""

    today: date
    policy: IgnorePolicy

    def reason(self, finding: Finding | Idle, file: Scanned) -> str | None:
        """Say why a finding is to be ignored, None where no remark that counts says so."""
        counting = (r for r, name in _ignores(finding, file) if self._objection(r, name) is None)
        return next((r.reason or "a pinbot: ignore remark" for r in counting), None)

    def lapsed(self, finding: Finding, file: Scanned) -> tuple[Lapse, ...]:
        """Say of each remark that does not count why."""
        objections = (self._objection(remark, name) for remark, name in _ignores(finding, file))
        return tuple(dict.fromkeys(objection for objection in objections if objection))

    def _objection(self, remark: Ignore, name: str) -> Lapse | None:
        if remark.tool:
            return None
        if self.policy.forbidden:
            return Lapse(f"the settings do not permit a `{name}` remark", expired=False)
        if self.policy.reason_required and not remark.reason:
            return Lapse(f'the settings ask for a reason="…" in a `{name}` remark', expired=False)
        if self.policy.until_required and remark.until is None:
            return Lapse(f"the settings ask for an until=… in a `{name}` remark", expired=False)
        if not remark.holds(self.today):
            return Lapse(f"the `{name}` remark expired: it was to count until {remark.until}", expired=True)
        return None


def _ignores(finding: Finding | Idle, file: Scanned) -> Iterator[tuple[Ignore, str]]:
    """Yield the ignore remarks about a finding, those of its line first, each with what it is called."""
    yield from ((one, "pinbot: ignore") for one in finding.directives if isinstance(one, Ignore))
    if file.ignored:
        yield file.ignored, "pinbot: ignore-file"


def _settled(finding: Finding, file: Scanned, remarks: _Remarks, everything: bool) -> Finding:
    """Set a finding aside as `ignored` where a remark or its place says so."""
    if isinstance(finding.standing, Aside) and finding.standing.status in {"local", "variable"}:
        return finding
    reason = None if everything else set_aside(finding.path, generated=file.generated)
    remark = remarks.reason(finding, file)
    if reason is None and (lapsed := remarks.lapsed(finding, file)):
        finding = replace(finding, lapsed=lapsed)
    if reason is None and remark is None:
        return _doubtful(finding)
    return replace(finding, standing=Aside("ignored", remark or reason or "", finding.reference))


def _doubtful(finding: Finding) -> Finding:
    """Leave a reference alone whose remark cannot be understood: it may have meant to forbid the change."""
    remark = next((d for d in finding.directives if isinstance(d, Malformed)), None)
    if remark is None or not isinstance(finding.standing, Writable):
        return finding
    return replace(finding, standing=Fixed(finding.standing.reference, f"{remark.problem}; correct or remove it"))

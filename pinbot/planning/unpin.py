"""The way back: which digests can be taken out, so that their tags stand alone again (`pin --remove`)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from pinbot.planning.outcome import Change, Kept, Plan
from pinbot.planning.patch import Texts, cut
from pinbot.source.finding import Aside, Finding, Fixed, Writable

_UNPINNED = "there is no digest to remove"
_NO_TAG = "a digest without a tag: nothing would remain but the name, which means latest"
_IN_COMMENT = "its tag stands in a comment only: nothing would remain but the name, which means latest"
_APART = "the digest cannot be taken out without more than itself; remove it by hand"


def unpin(findings: Iterable[Finding], texts: Texts) -> Plan:
    """Return what becomes of each finding when digests are removed; `texts` are those of the files, by path."""
    decisions = [_decision(finding, texts) for finding in findings]
    return Plan(
        changes=tuple(d for d in decisions if isinstance(d, Change)),
        kept=tuple(d for d in decisions if isinstance(d, Kept)),
    )


def _decision(finding: Finding, texts: Texts) -> Change | Kept:
    match finding.standing:
        case Aside(status=status, reason=reason):
            return Kept(finding, status, reason)
        case Writable(reference=reference) | Fixed(reference=reference) if reference.digest is None:
            return Kept(finding, "current", _UNPINNED)
        case Writable(reference=reference) | Fixed(reference=reference) if reference.tag is None:
            return Kept(finding, "refused", _NO_TAG)
        case Fixed(reason=reason):
            return Kept(finding, "refused", reason)
        case Writable(reference=reference, digest=digest) as standing:
            refusal = _refusal(standing, texts[digest.path or finding.path])
            if refusal:
                return Kept(finding, "refused", refusal)
            return Change("remove", finding, reference, replace(reference, digest=None))


def _refusal(standing: Writable, text: str) -> str | None:
    """Say why a digest cannot be taken out of the text of its file; None where it can."""
    reference, span = standing.reference, cut(standing.digest, text)
    if span is None:
        return _APART
    # A bare digest may have its tag in a comment behind it: `postgres@sha256:… # 16.7`.
    named = standing.tag is None and text.endswith(reference.name, 0, span.start)
    return _IN_COMMENT if named and not text.endswith(f":{reference.tag}", 0, span.start) else None

"""The gate: what is wrong with the references of a repository, as errors and notes (contract, `check`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from pinbot.oci.digest import Digest
from pinbot.oci.reference import Reference
from pinbot.oci.resolution import Alive, Answer, Barred, Content, Dead, Facts, Failed, Head, Served
from pinbot.planning.children import pinned_child
from pinbot.source.finding import Aside, Finding, Fixed, Writable

Rule = Literal["unpinned", "invalid", "dead-digest", "outdated"]
Level = Literal["error", "note"]

PIN_IT = "run `pinbot pin`, or mark the line with `# pinbot: ignore`"
_PIN_BY_HAND = "where pinbot cannot write it, pin it by hand, or mark the line with `# pinbot: ignore`"
LEVELS: dict[Rule, Level] = {"unpinned": "error", "invalid": "error", "dead-digest": "error", "outdated": "note"}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a finding, and how to mend it."""

    rule: Rule
    finding: Finding
    message: str
    remedy: str

    @property
    def level(self) -> Level:
        """`error` fails the check, `note` does not."""
        return LEVELS[self.rule]


@dataclass(frozen=True, slots=True)
class Unchecked:
    """A finding whose digest could not be looked up, and why."""

    finding: Finding
    reason: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found."""

    problems: tuple[Problem, ...]
    unchecked: tuple[Unchecked, ...]


def judge(findings: Iterable[Finding], facts: Facts) -> Verdict:
    """Return what is wrong with each finding; without facts (offline) only what the files themselves show."""
    judged = [item for f in findings for item in _judged(f, facts)]
    return Verdict(
        problems=tuple(p for p in judged if isinstance(p, Problem)),
        unchecked=tuple(u for u in judged if isinstance(u, Unchecked)),
    )


def added(findings: Iterable[Finding], before: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings that a change added or touched, given those of the same files before it.

    A reference that only moved within its file is not touched; one whose value changed elsewhere (an ARG) is.
    """
    known = Counter(_identity(f) for f in before)
    new = []
    for finding in findings:
        if known[_identity(finding)]:
            known[_identity(finding)] -= 1
        else:
            new.append(finding)
    return tuple(new)


def _identity(finding: Finding) -> tuple[str, str, str | None]:
    return finding.path, finding.text, str(finding.reference) if finding.reference else None


def _judged(finding: Finding, facts: Facts) -> Iterable[Problem | Unchecked]:
    match finding.standing:
        case Aside(status="invalid", reason=reason):
            yield Problem("invalid", finding, reason, "correct the reference, or the line that builds it")
        case Aside():
            return
        case Writable(reference=reference) | Fixed(reference=reference) if reference.digest is None:
            yield _unpinned(finding)
        case Writable(reference=reference) | Fixed(reference=reference):
            yield from _pinned(finding, reference, facts)


def _unpinned(finding: Finding) -> Problem:
    if isinstance(finding.standing, Fixed):
        message = f"it has no digest, and pinbot cannot write one here: {finding.standing.reason}"
        return Problem("unpinned", finding, message, _PIN_BY_HAND)
    message = f"{finding.text} has no digest: whoever pushes the tag decides what runs"
    return Problem("unpinned", finding, message, PIN_IT)


def _pinned(finding: Finding, reference: Reference, facts: Facts) -> Iterable[Problem | Unchecked]:
    head = _answer_for_tag(reference, facts)
    assert reference.digest is not None
    match facts.get(Alive(reference.registry, reference.path, reference.digest)):
        case Dead(reason=reason):
            yield Problem("dead-digest", finding, reason, "run `pinbot bump` to replace it")
        case Failed(reason=reason) | Barred(reason=reason):
            yield Unchecked(finding, reason)
        case _ if isinstance(head, Failed | Barred):
            yield Unchecked(finding, head.reason)
        case _ if isinstance(head, Served) and _moved_on(reference.digest, head.digest):
            if pinned_child(reference, facts.get(Content(reference.registry, reference.path, head.digest))):
                return  # a pin of one platform, as alive as the index that holds it
            message = f"{reference.tag} now names {head.digest.algorithm}:{head.digest.short}…"
            yield Problem("outdated", finding, message, "run `pinbot bump`")


def _moved_on(pinned: Digest, now: Digest) -> bool:
    """Whether a tag has left a digest; two algorithms name the same bytes differently, which tells nothing."""
    return now != pinned and now.algorithm == pinned.algorithm


def _answer_for_tag(reference: Reference, facts: Facts) -> Answer | None:
    if reference.tag is None:
        return None
    return facts.get(Head(reference.registry, reference.path, reference.tag))

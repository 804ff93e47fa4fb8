"""The decision: what each finding becomes, and why; and which facts are still missing to decide it.

`missing` and `decide` read the same facts in the same order, so that a question is only asked when the
decision depends on it. The rules are semantics "3. Digests".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pinbot.oci.digest import Digest
from pinbot.oci.manifest import Descriptor, Index, Manifest
from pinbot.oci.reference import Reference
from pinbot.oci.resolution import Alive, Barred, Content, Dead, Facts, Failed, Head, Question, Served
from pinbot.planning.policy import ChangeKind, Terms
from pinbot.source.finding import Aside, Finding, Fixed, Writable

Outcome = Literal["current", "held", "refused", "lookup-failed", "variable", "local", "ignored", "invalid"]

NO_TAG = "a digest without a tag: nothing says which tag it should follow"


@dataclass(frozen=True, slots=True)
class Intent:
    """What a run may do: `pin` adds digests where there are none, `refresh` renews those that are there."""

    pin: bool
    refresh: bool


@dataclass(frozen=True, slots=True)
class Change:
    """A finding whose reference becomes `new`; `reason` says more than the kind does, or is empty."""

    kind: ChangeKind
    finding: Finding
    old: Reference
    new: Reference
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """A finding that stays as it is: the outcome, why, and for `held` until when.

    `status` is what the registry answered for `lookup-failed`.
    """

    finding: Finding
    outcome: Outcome
    reason: str
    until: datetime | None = None
    status: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Every finding in exactly one of two places."""

    changes: tuple[Change, ...] = ()
    kept: tuple[Kept, ...] = ()


def missing(findings: Iterable[Finding], facts: Facts, intent: Intent, terms: Terms) -> frozenset[Question]:
    """Return the questions whose answers the decision waits for; empty when everything can be decided.

    Asking goes in rounds: the answers of one round may raise questions for the next (three at most).
    """
    del terms
    questions = (_next_question(f, facts, intent) for f in findings)
    return frozenset(q for q in questions if q is not None)


def decide(findings: Iterable[Finding], facts: Facts, intent: Intent, terms: Terms) -> Plan:
    """Return what becomes of each finding; `facts` must answer all that `missing` asks."""
    del terms
    decisions = [_decision(f, facts, intent) for f in findings]
    return Plan(
        changes=tuple(d for d in decisions if isinstance(d, Change)),
        kept=tuple(d for d in decisions if isinstance(d, Kept)),
    )


def pinned_child(reference: Reference, content: object) -> Descriptor | None:
    """Return the image of an index that `reference` pins; None where `content` is no index, or does not hold it."""
    children = content.manifests if isinstance(content, Index) else ()
    return next((child for child in children if child.digest == reference.digest), None)


def _next_question(finding: Finding, facts: Facts, intent: Intent) -> Question | None:
    match finding.standing:
        case Aside() | Fixed(reference=Reference(digest=None)):
            return None
        case Writable(reference=reference) | Fixed(reference=reference):
            return next((q for q in _questions(reference, facts, intent) if q not in facts), None)


def _questions(reference: Reference, facts: Facts, intent: Intent) -> Iterable[Question]:
    """Yield what must be known about a reference, in order; a later question may depend on earlier answers."""
    if not (intent.refresh if reference.digest else intent.pin):
        return
    tag = reference.effective_tag
    if tag is not None:
        head = Head(reference.registry, reference.path, tag)
        yield head
        served = facts.get(head)
        if reference.digest is None or isinstance(served, Barred) or _is_same(served, reference.digest):
            return
    else:
        served = None
    if reference.digest is None:
        return
    alive = Alive(reference.registry, reference.path, reference.digest)
    yield alive
    if _may_be_child(facts.get(alive), served):
        assert isinstance(served, Served)
        yield Content(reference.registry, reference.path, served.digest)


def _is_same(served: object, digest: Digest) -> bool:
    return isinstance(served, Served) and served.digest == digest


def _may_be_child(old: object, new: object) -> bool:
    """Whether a single image is pinned where the tag is now an index."""
    return isinstance(old, Served) and not old.is_index and isinstance(new, Served) and new.is_index


def _decision(finding: Finding, facts: Facts, intent: Intent) -> Change | Kept:
    match finding.standing:
        case Aside(status=status, reason=reason):
            return Kept(finding, status, reason)
        case Fixed(reference=Reference(digest=None), reason=reason):
            return Kept(finding, "refused", reason)
        case Fixed(reference=reference, reason=reason):
            decision = _refresh(finding, reference, facts, intent)
            return Kept(finding, "refused", reason) if isinstance(decision, Change) else decision
        case Writable(reference=reference) if reference.digest is None:
            return _pin(finding, reference, facts, intent)
        case Writable(reference=reference):
            return _refresh(finding, reference, facts, intent)


def _pin(finding: Finding, reference: Reference, facts: Facts, intent: Intent) -> Change | Kept:
    if not intent.pin:
        return Kept(finding, "ignored", "not pinned yet, and only pinned references are refreshed")
    match facts[Head(reference.registry, reference.path, reference.effective_tag or "")]:
        case Served(digest=digest):
            return Change("pin", finding, reference, reference.pinned_to(digest))
        case answer:
            return _no_digest(finding, answer)


def _refresh(finding: Finding, reference: Reference, facts: Facts, intent: Intent) -> Change | Kept:
    assert reference.digest is not None
    if not intent.refresh:
        return Kept(finding, "current", "pinned" if reference.tag else NO_TAG)
    alive = facts.get(Alive(reference.registry, reference.path, reference.digest))
    if reference.tag is None:
        return _untagged(finding, alive)
    now = facts[Head(reference.registry, reference.path, reference.tag)]
    if not isinstance(now, Served):
        return _no_new_digest(finding, alive, now)
    if now.digest == reference.digest:
        return Kept(finding, "current", f"{reference.tag} still names this digest")
    if isinstance(alive, Dead):
        return Change("replace", finding, reference, reference.pinned_to(now.digest), alive.reason)
    if _may_be_child(alive, now):
        return _child(finding, reference, facts[Content(reference.registry, reference.path, now.digest)])
    if isinstance(alive, Failed) and now.is_index:
        # What the old digest is cannot be told, so a pin of one platform might silently become an index.
        return Kept(
            finding, "lookup-failed", f"the pinned digest could not be looked at: {alive.reason}", status=alive.status
        )
    if now.digest.algorithm != reference.digest.algorithm:
        reason = (
            f"pinned by {reference.digest.algorithm}, and the registry names {reference.tag} by {now.digest.algorithm}:"
            " whether both are one image cannot be told; remove the digest to pin what the tag names now"
        )
        return Kept(finding, "refused", reason)
    return Change("refresh", finding, reference, reference.pinned_to(now.digest))


def _untagged(finding: Finding, alive: object) -> Kept:
    match alive:
        case Dead(reason=reason):
            return Kept(finding, "refused", f"{reason}, and without a tag nothing says what should replace it")
        case Failed(status=status, reason=reason):
            return Kept(finding, "lookup-failed", reason, status=status)
        case _:
            return Kept(finding, "current", NO_TAG)


def _no_new_digest(finding: Finding, alive: object, answer: object) -> Kept:
    """The tag has no digest to move to; say so, and say it when the old digest is gone as well."""
    kept = _no_digest(finding, answer)
    if isinstance(alive, Dead):
        return Kept(
            finding,
            kept.outcome,
            f"{alive.reason}, and the tag has nothing to replace it: {kept.reason}",
            status=kept.status,
        )
    return kept


def _no_digest(finding: Finding, answer: object) -> Kept:
    match answer:
        case Failed(status=status, reason=reason):
            return Kept(finding, "lookup-failed", reason, status=status)
        case Barred(reason=reason):
            return Kept(finding, "refused", reason)
        case _:
            raise TypeError(f"a head cannot be answered with {answer!r}")


def _child(finding: Finding, reference: Reference, content: object) -> Kept:
    """A single image is pinned where the tag is an index: keep it when it is proven to be a child, else refuse."""
    match content:
        case Index():
            child = pinned_child(reference, content)
            if child is not None:
                return Kept(
                    finding, "current", f"pins one image of the present index ({child.platform or 'no platform'})"
                )
            return Kept(
                finding,
                "refused",
                f"pins a single image, but {reference.tag} is now an index and does not contain it,"
                " so its platform cannot be proven; remove the digest to pin the index",
            )
        case Manifest():
            # The type in the header and the content disagree: what the tag is cannot be told.
            return Kept(finding, "refused", f"the registry calls {reference.tag} an index, and serves a single image")
        case _:
            kept = _no_digest(finding, content)
            return Kept(finding, kept.outcome, f"the index could not be read: {kept.reason}", status=kept.status)

"""The evidence for changes that were decided: what is still to be asked for it, and what the answers say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

from pinbot.oci.digest import Digest
from pinbot.oci.resolution import Facts, Question
from pinbot.planning.evidence import Evidence, gather
from pinbot.planning.known import Known, unanswered
from pinbot.planning.outcome import Change
from pinbot.planning.policy import Policy

# The digests before and after; there is none before a first pin.
Pair = tuple[Digest | None, Digest]


def pair(change: Change) -> Pair | None:
    """Return the digests that are to be compared; None for a change that brings no other image."""
    old, new = change.old.digest, change.new.digest
    return None if new is None or old == new else (old, new)


def missing(changes: Iterable[tuple[Change, Policy]], facts: Facts) -> frozenset[Question]:
    """Return the questions about what changes bring that are open still; each change with the policy that it is by."""
    return unanswered(partial(_gathered, facts, *one) for one in _pairs(changes).values())


def evidence(changes: Iterable[tuple[Change, Policy]], facts: Facts) -> Mapping[Pair, Evidence]:
    """Return what changed, by the digests before and after; `facts` must answer all that `missing` asks."""
    return {digests: _gathered(facts, *one) for digests, one in _pairs(changes).items()}


def _pairs(changes: Iterable[tuple[Change, Policy]]) -> dict[Pair, tuple[Change, Policy]]:
    """Return the first change of each pair: what two images are to each other does not depend on where they stand."""
    found: dict[Pair, tuple[Change, Policy]] = {}
    for change, policy in changes:
        if (digests := pair(change)) is not None:
            found.setdefault(digests, (change, policy))
    return found


def _gathered(facts: Facts, change: Change, policy: Policy) -> Evidence:
    known = Known(facts, change.old, mirrored=policy.mirrors.of(change.old))
    line = (change.finding.platform,) if change.finding.platform else ()
    digests = pair(change)
    assert digests is not None
    return gather(known, *digests, policy.of(change.finding, change.kind).platforms or line)

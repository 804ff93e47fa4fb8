"""The evidence for changes that were decided: what is still to be asked for it, and what the answers say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import chain

from pinbot.oci.digest import Digest
from pinbot.oci.platform import Platform
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
    return unanswered(partial(_gathered, facts, some) for some in _pairs(changes).values())


def evidence(changes: Iterable[tuple[Change, Policy]], facts: Facts) -> Mapping[Pair, Evidence]:
    """Return what changed, by the digests before and after; `facts` must answer all that `missing` asks."""
    return {digests: _gathered(facts, some) for digests, some in _pairs(changes).items()}


def _pairs(changes: Iterable[tuple[Change, Policy]]) -> dict[Pair, list[tuple[Change, Policy]]]:
    found: dict[Pair, list[tuple[Change, Policy]]] = {}
    for change, policy in changes:
        if (digests := pair(change)) is not None:
            found.setdefault(digests, []).append((change, policy))
    return found


def _gathered(facts: Facts, changes: Sequence[tuple[Change, Policy]]) -> Evidence:
    """Return the evidence for all changes of one pair, by the platforms that count at any of their places."""
    change, policy = changes[0]
    known = Known(facts, change.old, mirrored=policy.mirrors.of(change.old))
    digests = pair(change)
    assert digests is not None
    declared = [_declared(*one) for one in changes]
    # Where one place counts all platforms, all count.
    return gather(known, *digests, dict.fromkeys(chain.from_iterable(declared)) if all(declared) else ())


def _declared(change: Change, policy: Policy) -> Sequence[Platform]:
    line = (change.finding.platform,) if change.finding.platform else ()
    return policy.of(change.finding, change.kind).platforms or line

"""Tag and digest of different images, where that is proven (semantics "5. Time and trust", pin lint).

A pipeline fails by this, so nothing is guessed: an old pin whose history nobody knows is no mismatch.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from pinbot.oci.history import Memory
from pinbot.oci.manifest import Index
from pinbot.oci.resolution import Facts, ImageConfig, Served
from pinbot.planning.known import Known
from pinbot.planning.problem import Item, Pin, Problem
from pinbot.planning.versions import exclude_each_other
from pinbot.source.finding import Finding

# How long the ledger must have watched a tag before what it never saw means something.
WATCHED = timedelta(days=30)
# A digest that many files hold is asked for under a few of their names.
_ASKED = 3


def of_another_repository(pin: Pin, facts: Facts) -> Iterator[Problem]:
    """Yield the mismatch of a dead digest that another repository of the same files serves. Raises Unanswered."""
    others = [f for f in pin.elsewhere if _is_another_image(pin, f)][:_ASKED]
    for finding in others:
        assert finding.reference is not None and finding.reference.digest is not None
        if isinstance(Known(facts, finding.reference).alive(finding.reference.digest), Served):
            name = f"{finding.reference.registry}/{finding.reference.path}"
            yield pin.problem(
                "mismatch",
                f"the digest is one of {name}, which serves it ({finding.path}:{finding.position.line} has it); "
                f"{pin.reference.registry}/{pin.reference.path} does not",
                "correct the name, or remove the digest and run `pinbot pin`",
            )
            return


def of_another_version(pin: Pin, known: Known) -> str | None:
    """Return the tag that the digest belongs to, where it excludes the one beside it; None where nothing proves so."""
    tag, digest = pin.reference.tag, pin.reference.digest
    assert tag is not None and digest is not None
    memory = known.memory()
    if memory.of(tag).has_had(digest):
        return None
    named = {other for other, now in pin.heads.items() if now == digest}
    named |= {other for other, history in memory.tags.items() if history.has_had(digest)}
    return min((other for other in named if exclude_each_other(tag, other)), default=None)


def never_had(pin: Pin, known: Known) -> Iterator[Item]:
    """Yield a note for a digest that the ledger could not have missed, and never saw the tag name."""
    tag, digest = pin.reference.tag, pin.reference.digest
    assert tag is not None and digest is not None
    since = _watched_in_vain(pin, known.memory())
    if since is None:
        return
    content = known.content(digest)
    manifest = content.images[0].digest if isinstance(content, Index) and content.images else digest
    config = known.config(manifest)
    # What was built before the watch began may have been the tag's before it, too.
    if isinstance(config, ImageConfig) and config.created is not None and config.created > since:
        yield pin.problem(
            "unknown-digest",
            f"the ledger has watched {tag} since {since:%Y-%m-%d} and never saw it name this digest, "
            f"which was built on {config.created:%Y-%m-%d}",
            "find out where the digest came from, or remove it and run `pinbot pin`",
        )


def _watched_in_vain(pin: Pin, memory: Memory) -> datetime | None:
    """Return since when the tag was seen without the digest that files held beside it; None where not for long."""
    assert pin.reference.tag is not None and pin.reference.digest is not None
    history = memory.of(pin.reference.tag)
    held = [s for s in history.sightings if s.source == "file" and s.digest == pin.reference.digest]
    seen = history.seen
    if not held or not seen or history.first_seen(pin.reference.digest) is not None:
        return None
    begin = max(seen[0].first, min(s.first for s in held))
    end = min(max(s.last for s in seen), max(s.last for s in held))
    return seen[0].first if end - begin >= WATCHED else None


def _is_another_image(pin: Pin, finding: Finding) -> bool:
    """Whether a finding is of another image, not of a mirror: those have the last part of the path in common."""
    reference = finding.reference
    return reference is not None and reference.path.rpartition("/")[2] != pin.reference.path.rpartition("/")[2]

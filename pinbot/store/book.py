"""A whole ledger as values: the histories of tags and the facts of digests, and how two of them become one."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import itemgetter

from pinbot.oci.digest import Digest
from pinbot.oci.history import History, Observation, Sighting, Source
from pinbot.oci.reference import Reference
from pinbot.store import facts
from pinbot.store.facts import Kind, Known

Tag = tuple[str, str, str]
"""Registry, repository and tag."""
Histories = dict[Tag, History]


@dataclass(slots=True)
class Book:
    """All that a ledger holds."""

    histories: Histories = field(default_factory=dict)
    facts: dict[tuple[Digest, Kind], Known] = field(default_factory=dict)


def is_real(tag: Tag) -> bool:
    """Whether registry, repository and tag are those that a reference has, in their one spelling."""
    registry, path, name = tag
    read = Reference.parse_or_none(f"{registry}/{path}:{name}")
    return read is not None and (read.registry, read.path, read.tag, read.digest) == (*tag, None)


def merged(one: Book, other: Book) -> Book:
    """Return what both know; the same whichever comes first, and no more when they are merged again."""
    histories = {
        tag: merged_history(one.histories.get(tag, History()), other.histories.get(tag, History()))
        for tag in one.histories.keys() | other.histories.keys()
    }
    known = {key: merged_fact(one.facts.get(key), other.facts.get(key)) for key in one.facts.keys() | other.facts}
    return Book(histories, {key: fact for key, fact in known.items() if fact is not None})


def merged_fact(one: Known | None, other: Known | None) -> Known | None:
    """Return the fact of a digest; of two that differ, though they cannot, the same whichever comes first."""
    both = [fact for fact in (one, other) if fact is not None]
    return min(both, key=lambda fact: facts.text_of(facts.written(fact)), default=None)


def merged_history(one: History, other: History) -> History:
    """Return the history of a tag that two ledgers watched.

    Where one holds all that the other does, it is the result. Otherwise the two ends of every stretch are observed
    anew in their order: a stretch in which the other ledger saw another digest is parted there.
    """
    if set(one.sightings) == set(other.sightings):
        # Two that were seen at one time may have been told in either order.
        return min(one, other, key=lambda history: [(str(s.digest), s.source) for s in history.sightings])
    for more, less in ((one, other), (other, one)):
        if set(less.sightings) <= set(more.sightings):
            return more
    return observed_anew((*one.sightings, *other.sightings))


def observed_anew(sightings: Collection[Sighting]) -> History:
    """Return the history that the ends of these stretches make when they are observed in their order."""
    points = {(at, s.digest, s.source) for s in sightings for at in (s.first, s.last)}
    return History().observed(
        *(Observation("", "", "", digest, at, source) for at, digest, source in _in_order(points))
    )


def _in_order(points: Collection[tuple[datetime, Digest, Source]]) -> Iterator[tuple[datetime, Digest, Source]]:
    """Yield by time. Of two digests at one time the one that was there before comes first: the other replaced it."""
    before: Digest | None = None
    for at, group in groupby(sorted(points, key=lambda p: (p[0], str(p[1]), p[2])), key=itemgetter(0)):
        for _, digest, source in sorted(group, key=lambda p: (p[1] != before, str(p[1]), p[2])):
            yield at, digest, source
            before = digest if source == "seen" else before

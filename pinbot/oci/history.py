"""What a tag has named, and when: the ledger's facts about it, and what follows from them.

The clock of every cooldown (semantics "5. Time and trust"). Pure: a store keeps these values, and lets `observed`
say how a new observation changes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from pinbot.oci.digest import Digest

Source = Literal["seen", "pushed", "file"]


@dataclass(frozen=True, slots=True)
class Sighting:
    """A stretch of time in which a tag named a digest, as far as was seen.

    `source` says who knows: `seen` (the registry answered so to us), `pushed` (the registry says when it was pushed,
    for an image that was seen for the first time), `file` (a repository had the pair pinned).
    """

    digest: Digest
    first: datetime
    last: datetime
    source: Source = "seen"


@dataclass(frozen=True, slots=True)
class Observation:
    """A tag named a digest at this time, says the source."""

    registry: str
    path: str
    tag: str
    digest: Digest
    at: datetime
    source: Source = "seen"


@dataclass(frozen=True, slots=True)
class History:
    """The sightings of one tag, in the order of their first times, and of one time in the order of being told.

    A tag that returns to a digest begins a new sighting of it, so that stretches `seen` never overlap: each begins
    where the one before it has ended, or later.
    """

    sightings: tuple[Sighting, ...] = ()

    def first_seen(self, digest: Digest) -> Sighting | None:
        """Return the earliest sighting of a digest that counts for its age; a file's word never does."""
        known = [s for s in self.sightings if s.digest == digest and s.source != "file"]
        return min(known, key=lambda s: s.first, default=None)

    def first_known(self, digest: Digest) -> datetime | None:
        """Return when a digest was first known to belong to the tag, by whatever source; for its place in the order."""
        seen = self.first_seen(digest)
        known = [s.first for s in self.sightings if s.digest == digest and s.source == "file"]
        return seen.first if seen else min(known, default=None)

    @property
    def seen(self) -> tuple[Sighting, ...]:
        """The sightings by the registry's own answers."""
        return tuple(s for s in self.sightings if s.source == "seen")

    @property
    def present(self) -> Sighting | None:
        """The latest sighting by the registry's own answers."""
        return self.seen[-1] if self.seen else None

    def has_had(self, digest: Digest) -> bool:
        """Whether the registry was ever seen to serve this digest for the tag."""
        return any(s.digest == digest for s in self.seen)

    @property
    def returned(self) -> datetime | None:
        """Since when the tag names a digest again that it had had and left; None where it names a new one."""
        present = self.present
        if present is None or not any(s.digest == present.digest and s is not present for s in self.seen):
            return None
        return present.first

    @property
    def retracted(self) -> frozenset[Digest]:
        """The digests from which the tag went back to an earlier one; they are what their publisher took away."""
        seen = self.seen
        last, before = dict[Digest, int](), list[int | None]()
        for place, sighting in enumerate(seen):
            before.append(last.get(sighting.digest))
            last[sighting.digest] = place
        taken_back = set[Digest]()
        # How far back the tag went by any of its later returns; a flapping tag has thousands of them.
        reach = len(seen)
        for place in reversed(range(len(seen))):
            if reach < place:
                taken_back.add(seen[place].digest)
            back = before[place]
            reach = reach if back is None else min(reach, back)
        return frozenset(taken_back) - {seen[-1].digest} if seen else frozenset()

    def left(self, digest: Digest) -> datetime | None:
        """Return when the tag was first seen without the digest after it had had it; None where it was not seen to."""
        mine = [s.first for s in self.seen if s.digest == digest] or [
            s.first for s in self.sightings if s.digest == digest
        ]
        if not mine:
            return None
        return min((s.first for s in self.seen if s.first >= max(mine) and s.digest != digest), default=None)

    def observed(self, *observations: Observation) -> History:
        """Return the history with more observations, in their order.

        Time never runs backward within it: what comes after a sighting is not dated before it, whatever the clock says.
        """
        sightings = list(self.sightings)
        present = max((n for n, s in enumerate(sightings) if s.source == "seen"), default=None)
        told = {(s.digest, s.source): n for n, s in reversed([*enumerate(sightings)]) if s.source != "seen"}
        for one in observations:
            if one.source == "seen":
                at = one.at if present is None else max(one.at, sightings[present].last)
                same = None if present is None or sightings[present].digest != one.digest else present
            else:
                at, same = one.at, told.get((one.digest, one.source))
            if same is not None:
                sightings[same] = replace(sightings[same], last=max(sightings[same].last, at))
                continue
            if one.source == "seen":
                present = len(sightings)
            else:
                told[one.digest, one.source] = len(sightings)
            sightings.append(Sighting(one.digest, at, at, one.source))
        return History(tuple(sorted(sightings, key=lambda s: s.first)))


@dataclass(frozen=True, slots=True)
class Memory:
    """All that a ledger knows of one repository: the histories of its tags; none for a tag never seen."""

    tags: Mapping[str, History] = field(default_factory=dict)

    def of(self, tag: str) -> History:
        """Return the history of a tag, an empty one where nothing is known."""
        return self.tags.get(tag, _NOTHING)


_NOTHING = History()

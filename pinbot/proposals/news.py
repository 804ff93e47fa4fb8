"""What is known of a change beside the change: since when there is the new image, and which versions the two are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pinbot.oci.digest import Digest
from pinbot.oci.history import History, Memory
from pinbot.oci.mirrors import Mirrors
from pinbot.oci.precise import more_precise
from pinbot.oci.reference import Reference
from pinbot.oci.tags import is_tag, kind, parse
from pinbot.planning.evidence import Evidence
from pinbot.planning.images import Image
from pinbot.planning.outcome import Change
from pinbot.planning.reviewed import Pair, pair

# A version is what stands in a label, and a label may hold anything.
_LONGEST_VERSION = 40


@dataclass(frozen=True, slots=True)
class News:
    """What is known of the image that a change takes.

    `since` is when its tag was first seen to name it; `pushed` is whether the registry said so and not our own eyes.
    `left` is when it was first seen without the old digest. `versions` are those of the old image and of the new one,
    where both are known and differ; `is_major` is whether they differ in their first number, and `may_be_major` whether
    nobody says that they do not. `evidence` is what changed between the two, where that was looked up.
    """

    since: datetime | None = None
    pushed: bool = False
    versions: tuple[str, str] | None = None
    is_major: bool = False
    may_be_major: bool = False
    left: datetime | None = None
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What ledgers and registries have told: the memory of each repository, and versions by the digest of the image.

    `memories` are by registry and path, as the answers to `Remembered` are; `versions` are of any source. `evidence` is
    by the digests before and after.
    """

    memories: Mapping[tuple[str, str], Memory] = field(default_factory=dict)
    versions: Mapping[Digest, str] = field(default_factory=dict)
    mirrors: Mirrors = field(default_factory=Mirrors)
    evidence: Mapping[Pair, Evidence] = field(default_factory=dict)

    def of(self, change: Change) -> News:
        """Return what is known of a change."""
        tag, digest = change.new.effective_tag, change.new.digest
        history = self._memory(change.new).of(tag) if tag else History()
        first = history.first_seen(digest) if digest else None
        digests = pair(change)
        evidence = self.evidence.get(digests) if digests else None
        images = (evidence.old, evidence.new) if evidence else (None, None)
        before = self._version(change.old, images[0])
        after = self._version(change.new, images[1], believed=_speaks(change, images[0]))
        known = (before, after) if before and after and before != after else None
        return News(
            since=first.first if first else None,
            pushed=bool(first and first.source == "pushed"),
            versions=known,
            is_major=_is_major(*known) if known else change.kind == "major",
            may_be_major=_may_be_major(change, (before, after), images),
            left=history.left(change.old.digest) if change.old.digest else None,
            evidence=evidence,
        )

    def _memory(self, reference: Reference) -> Memory:
        place = self.mirrors.asked(reference)
        return self.memories.get((place.registry, place.path)) or Memory()

    def _version(self, reference: Reference, image: Image | None, *, believed: bool = False) -> str | None:
        """Return the version of a pinned image: what it is told to be, or the most precise tag that has named it.

        `believed` is whether its label counts whatever the tag says.
        """
        if reference.digest is None:
            return None
        said = self.versions.get(reference.digest, "").strip() or _labelled(reference, image, believed)
        if said:
            # What is written as a tag can be written into a title: letters, digits, dots and dashes.
            return said if len(said) <= _LONGEST_VERSION and is_tag(said.replace("+", "-")) else None
        names = {tag for tag, seen in self._memory(reference).tags.items() if seen.has_had(reference.digest)}
        finer = more_precise(reference.effective_tag or "", names)
        version = parse(finer[0]) if finer else None
        return version.text.removesuffix(version.suffix) if version else None


def _labelled(reference: Reference, image: Image | None, believed: bool = False) -> str:
    """Return the version of an image's label, where its tag does not speak against that; else nothing.

    Images that are built on others inherit their labels, and then it is the version of a distribution.
    """
    said = image.labels.version if image else ""
    tag, label = parse(reference.effective_tag or ""), parse(said)
    if label is None or (tag is not None and not believed and label.numbers[: len(tag.numbers)] != tag.numbers):
        return ""
    return said


def _speaks(change: Change, old: Image | None) -> bool:
    """Whether the label of the old image fits its tag: then the new one's was not inherited, whatever it says."""
    is_same = change.old.tag == change.new.tag and parse(change.old.effective_tag or "") is not None
    return is_same and bool(_labelled(change.old, old))


def _may_be_major(change: Change, versions: tuple[str | None, str | None], images: Sequence[Image | None]) -> bool:
    """Whether a tag that says no version stays, and nobody says of both images which they are."""
    if change.kind not in {"refresh", "replace"} or parse(change.new.effective_tag or "") is not None:
        return False
    old, new = (parse(version or "") for version in versions)
    is_told = old is not None and new is not None and old.scheme == new.scheme == "version"
    labels = [image.labels.version for image in images if image]
    is_same = len(labels) == 2 and labels[0] == labels[1] != ""
    return change.new.digest != change.old.digest and not (is_told or is_same)


def _is_major(before: str, after: str) -> bool:
    old, new = parse(before), parse(after)
    return old is not None and new is not None and kind(old, new) == "major"

"""Two references beside each other: which digests they mean, and what changed between them (the verb `diff`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pinbot.oci.digest import Digest
from pinbot.oci.manifest import Index, Manifest
from pinbot.oci.platform import Platform
from pinbot.oci.reference import Reference
from pinbot.oci.resolution import Facts, ImageConfig, Question, Served
from pinbot.planning.evidence import Evidence, gather
from pinbot.planning.images import Image
from pinbot.planning.known import Known, awaited

# A publisher may list thousands of platforms.
_SHOWN = 12
_ALGORITHMS = ("sha256:", "sha512:")


@dataclass(frozen=True, slots=True)
class Side:
    """One of two references; `digest` is what it means, None where that cannot be said.

    `error` says why nothing is known of the image.
    """

    reference: Reference
    digest: Digest | None = None
    media_type: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Sides:
    """Two references; `evidence` is None where both mean one digest, or there is an error."""

    old: Side
    new: Side
    evidence: Evidence | None = None

    @property
    def errors(self) -> tuple[str, ...]:
        """What could not be looked up, each sentence once."""
        images = (self.evidence.old, self.evidence.new) if self.evidence else ()
        return tuple(dict.fromkeys((*self._of_sides, *(one for image in images if image for one in _unread(image)))))

    @property
    def differ(self) -> bool | None:
        """Whether they mean two digests; None where that cannot be said."""
        if self.old.digest is None or self.new.digest is None:
            return None
        return self.old.digest != self.new.digest

    @property
    def _of_sides(self) -> tuple[str, ...]:
        return tuple(side.error for side in (self.old, self.new) if side.error)


def beside(old: Reference, text: str) -> Reference:
    """Read a reference that may be short: `:1.28`, `sha256:…` and `@sha256:…` are of the repository of `old`.

    Raises InvalidReference.
    """
    short = f"@{text}" if text.startswith(_ALGORITHMS) else text
    return Reference.parse(f"{old.name}{short}" if short.startswith((":", "@")) else text)


def missing(old: Reference, new: Reference, platform: Platform | None, facts: Facts) -> frozenset[Question]:
    """Return the questions that are still open; none when `sides` can say all there is to say."""
    return awaited(lambda: sides(old, new, platform, facts))


def sides(old: Reference, new: Reference, platform: Platform | None, facts: Facts) -> Sides:
    """Return two references beside each other, by one platform or by the usual one that both are for.

    Raises Unanswered, as `missing` says.
    """
    first, second = Known(facts, old), Known(facts, new)
    first.need(*(of.head_question(tag) for of, tag in ((first, _tag(old)), (second, _tag(new))) if tag))
    before, after = _digest(first, old), _digest(second, new)
    if before.digest is None or after.digest is None or before.digest == after.digest:
        return Sides(before, after)
    first.need(first.content_question(before.digest), second.content_question(after.digest))
    before, after = _content(first, before, platform), _content(second, after, platform)
    if before.error or after.error or before.digest is None or after.digest is None:
        return Sides(before, after)
    wanted = platform or _platform(first, before) or _platform(second, after)
    return Sides(before, after, gather(second, before.digest, after.digest, [wanted] if wanted else [], first))


def _tag(reference: Reference) -> str | None:
    """A written digest is the reference's meaning; its tag is for people."""
    return None if reference.digest else reference.effective_tag


def _digest(known: Known, reference: Reference) -> Side:
    tag = _tag(reference)
    if tag is None:
        return Side(reference, reference.digest)
    served = known.head(tag)
    if isinstance(served, Served):
        return Side(reference, served.digest, served.media_type)
    return Side(reference, error=served.reason)


def _content(known: Known, side: Side, platform: Platform | None) -> Side:
    """Return a side with what its digest is, and why it cannot be compared where it cannot."""
    assert side.digest is not None
    content = known.content(side.digest)
    if not isinstance(content, Manifest | Index):
        return Side(side.reference, side.digest, side.media_type, content.reason)
    error = _lacks(known, side, content, platform) if platform else None
    return Side(side.reference, side.digest, content.media_type, error)


def _lacks(known: Known, side: Side, content: Manifest | Index, platform: Platform) -> str | None:
    """Say that an image is not for the platform that is asked for."""
    if isinstance(content, Index):
        there: Sequence[Platform] = [child.platform.normal() for child in content.images if child.platform]
    else:
        one = _platform(known, side)
        there = [one] if one else [platform]
    if platform.normal() in there:
        return None
    others = ", ".join(map(str, there[:_SHOWN])) or "none that it names"
    return f"{side.reference}: it is not for {platform}, but for {others}"


def _unread(image: Image) -> list[str]:
    """Return what could not be looked up, without what is wrong with what was."""
    said = image.statements.problems if image.statements else ()
    return [one for one in image.problems if one not in said]


def _platform(known: Known, side: Side) -> Platform | None:
    """Return the platform of a single image; None where it is an index, or does not say."""
    assert side.digest is not None
    if isinstance(known.content(side.digest), Index):
        return None
    config = known.config(side.digest)
    return config.platform.normal() if isinstance(config, ImageConfig) else None

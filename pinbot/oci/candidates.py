"""Which tags of a repository may follow the current one, and of every other tag why it may not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

from pinbot.oci._sequence import leading, outliers
from pinbot.oci.tags import Kind, OrderKey, TagVersion, compatible, is_tag, kind, order_key, parse

Level = Literal["digest", "patch", "minor", "major"]

_RANKS: dict[Level, int] = {"digest": 0, "patch": 1, "minor": 2, "major": 3}


def _refuses_nothing(_tag: str) -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a tag may move: up to `level`, with `follow_suffix` the numbers of the variant too.

    `refused` tells why the settings do not let a tag be taken, None where they do.
    """

    level: Level = "digest"
    follow_suffix: bool = False
    refused: Callable[[str], str | None] = _refuses_nothing


@dataclass(frozen=True, slots=True)
class Candidate:
    """A tag of the repository, seen from the current one.

    `kind` is how large the step would be, None where the two cannot be compared; `verdict` is None where the tag may be
    taken, else why not; with a `doubt` it may be taken as far as the list shows, but is held for that reason.
    """

    tag: str
    kind: Kind | None
    verdict: str | None
    doubt: str | None = None


class _Comparable(NamedTuple):
    version: TagVersion
    key: OrderKey


def candidates(current: str, tags: Iterable[str], limits: Limits) -> tuple[Candidate, ...]:
    """Judge every tag of a repository: first those that may be taken, newest first, then all others.

    Of the others those that can be compared come first, newest first, then the rest by reason and name. Each tag of
    `tags` is there once; the order and the repeats of the list say nothing. What is older than `current`, or as old,
    may never be taken. A prerelease may go on to a release, and to newer prereleases as long as no release may be
    taken that is older than these: who waited for 1.3.0 gets it rather than the first candidate of 1.4.0.
    """
    names = dict.fromkeys(tags)
    now = parse(current)
    if now is None:
        return tuple(Candidate(tag, None, _without_version(tag, current)) for tag in sorted(names))
    sequence = _Sequence(now, limits.follow_suffix, is_short=_is_short(now, names))
    others = [other for tag in names if (other := sequence.take(tag)) is not None]
    newer = sorted(sequence.newer().within(limits), key=lambda one: one.verdict is not None)
    return (*newer, *sequence.not_newer(), *sorted(others, key=lambda one: (one.verdict or "", one.tag)))


def successors(current: str, tags: tuple[str, ...], limits: Limits) -> tuple[Candidate, ...]:
    """Return those of `candidates` that may be taken, with their doubts, without a closer look at most others.

    Real repositories have up to a hundred thousand tags, of which a few are of the scheme and variant in use.
    """
    now = parse(current)
    if now is None or limits.level == "digest":
        return ()
    return tuple(one for one in _alike(now, tags, limits.follow_suffix).within(limits) if one.verdict is None)


# Each round of questions looks at the same lists again, and so does each reference to the same repository.
@lru_cache(maxsize=4)
def _alike(current: TagVersion, tags: tuple[str, ...], follow_suffix: bool) -> _Newer:
    names = dict.fromkeys(tags)
    sequence = _Sequence(current, follow_suffix, is_short=_is_short(current, names))
    for tag in filter(_screen(current, follow_suffix), names):
        sequence.take(tag)
    return sequence.newer()


def _screen(current: TagVersion, follow_suffix: bool) -> Callable[[str], bool]:
    """Return whether a tag may be compatible with `current`, by its outline alone; never False for one that is.

    Where nothing but a variant stands behind the numbers, the same must stand there, and as many numbers before it.
    """
    head, tail = current.prefix + current.v, current.suffix
    dots = len(current.numbers) - 1

    def is_alike(tag: str) -> bool:
        if not (tag.startswith(head) and tag.endswith(tail)):
            return False
        numbers = tag[len(head) : len(tag) - len(tail)]
        return numbers.count(".") == dots and numbers.replace(".", "").isdigit()

    is_plain = current.form in {"", "~"} and not current.prerelease and is_alike(current.text)
    return is_alike if is_plain and not follow_suffix else lambda tag: tag.startswith(head)


class _Newer(NamedTuple):
    """The newer tags of a sequence, the newest last, how large the step to each is, and what is far outside."""

    versions: list[TagVersion]
    steps: list[Kind]
    far: Mapping[int, str]

    def within(self, limits: Limits) -> list[Candidate]:
        """Return them within these limits, the newest first."""
        released: TagVersion | None = None
        found = []
        for version, step in zip(self.versions, self.steps, strict=True):
            verdict = _refusal(version, step, limits)
            if verdict is None and version.prerelease and released:
                verdict = f"a prerelease, and {released.text} is released"
            doubt = self.far.get(leading(version)) if verdict is None else None
            if verdict is None and doubt is None and not version.prerelease:
                released = released or version
            found.append(Candidate(version.text, step, verdict, doubt))
        found.reverse()
        return found


class _Sequence:
    """The tags that can be compared with the current one; each is taken in once."""

    def __init__(self, current: TagVersion, follow_suffix: bool, *, is_short: bool) -> None:
        self._current, self._now, self._is_short = current, order_key(current), is_short
        self._follow_suffix = follow_suffix
        self._comparable: list[_Comparable] = []

    def take(self, tag: str) -> Candidate | None:
        """Take a tag in; one that cannot be compared is returned, with the reason."""
        version = parse(tag)
        if version is None:
            return Candidate(tag, None, _no_version(tag))
        reason = compatible(self._current, version, follow_suffix=self._follow_suffix)
        if reason is not None:
            return Candidate(tag, None, reason)
        self._comparable.append(_Comparable(version, order_key(version)))
        return None

    def newer(self) -> _Newer:
        """Return what is newer; all tags are taken in by now."""
        newer = sorted((one for one in self._comparable if one.key > self._now), key=_place)
        far = outliers(self._current, (one.version for one in self._comparable))
        return _Newer([version for version, _ in newer], [self._step(version) for version, _ in newer], far)

    def not_newer(self) -> list[Candidate]:
        """Return what is as old or older, the newest first."""
        rest = sorted((one for one in self._comparable if one.key <= self._now), key=_place, reverse=True)
        return [Candidate(v.text, self._step(v) if key != self._now else None, self._age(v, key)) for v, key in rest]

    def _age(self, version: TagVersion, key: OrderKey) -> str:
        text = self._current.text
        if version.text == text:
            return "the current tag"
        return f"the same version as {text}" if key == self._now else f"older than {text}"

    def _step(self, version: TagVersion) -> Kind:
        is_major = self._is_short and version.numbers != self._current.numbers
        return "major" if is_major else kind(self._current, version)


def _place(one: _Comparable) -> tuple[OrderKey, str]:
    return one.key, one.version.text


def _refusal(version: TagVersion, step: Kind, limits: Limits) -> str | None:
    if _RANKS[step] > _RANKS[limits.level]:
        return f"beyond level {limits.level}" + (f": a {step} step" if limits.level != "digest" else "")
    return limits.refused(version.text)


def _is_short(current: TagVersion, names: Iterable[str]) -> bool:
    """Whether the one number of `current` is short for a longer version: `20` is, where there is a `20.11`.

    Then the scheme has more numbers than one, and the first of them tells the major version.
    """
    if current.scheme != "number" or current.build:
        return False
    head = re.match(f"{re.escape(current.prefix)}{current.v}[0-9]+", current.text)
    longer = re.compile(re.escape(head[0] if head else current.text) + r"\.[0-9]")
    return any(longer.match(name) for name in names)


def _without_version(tag: str, current: str) -> str:
    return "the current tag" if tag == current else f"{current} says no version to compare with"


def _no_version(tag: str) -> str:
    return "no version" if is_tag(tag) else "no tag can be called that"

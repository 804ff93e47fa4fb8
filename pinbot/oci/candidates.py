"""Which tags of a repository may follow the current one, and of every other tag why it may not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
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
    comparable, others = _divide(now, names, limits)
    return (*_judge(now, comparable, limits, is_short=_is_short(now, names)), *others)


def _divide(current: TagVersion, names: Iterable[str], limits: Limits) -> tuple[list[_Comparable], list[Candidate]]:
    """Part what can be compared with `current` from what cannot; of the latter, equal reasons stand together."""
    comparable, others = [], []
    for tag in names:
        version = parse(tag)
        reason = compatible(current, version, follow_suffix=limits.follow_suffix) if version else _no_version(tag)
        if version is None or reason is not None:
            others.append(Candidate(tag, None, reason))
        else:
            comparable.append(_Comparable(version, order_key(version)))
    return comparable, sorted(others, key=lambda candidate: (candidate.verdict or "", candidate.tag))


def _judge(current: TagVersion, comparable: list[_Comparable], limits: Limits, *, is_short: bool) -> list[Candidate]:
    """Return the comparable tags with their verdicts: those that may be taken first, newest first in each part."""
    now, far = order_key(current), outliers(current, (one.version for one in comparable))
    released: TagVersion | None = None
    found = []
    for version, key in sorted(comparable, key=lambda one: (one.key, one.version.text)):
        step = _step(current, version, is_short=is_short)
        verdict = _not_newer(current, now, version, key) or _refusal(version, step, limits)
        if verdict is None and version.prerelease and released:
            verdict = f"a prerelease, and {released.text} is released"
        doubt = far.get(leading(version)) if verdict is None else None
        if verdict is None and doubt is None and not version.prerelease:
            released = released or version
        found.append(Candidate(version.text, step if key != now else None, verdict, doubt))
    found.reverse()
    return sorted(found, key=lambda candidate: candidate.verdict is not None)


def _not_newer(current: TagVersion, now: OrderKey, version: TagVersion, key: OrderKey) -> str | None:
    if version.text == current.text:
        return "the current tag"
    if key == now:
        return f"the same version as {current.text}"
    return f"older than {current.text}" if key < now else None


def _refusal(version: TagVersion, step: Kind, limits: Limits) -> str | None:
    if _RANKS[step] > _RANKS[limits.level]:
        return f"beyond level {limits.level}" + (f": a {step} step" if limits.level != "digest" else "")
    return limits.refused(version.text)


def _step(current: TagVersion, version: TagVersion, *, is_short: bool) -> Kind:
    return "major" if is_short and version.numbers != current.numbers else kind(current, version)


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

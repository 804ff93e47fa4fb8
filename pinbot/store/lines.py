"""The ledger as JSON lines: to move it, to merge it, and to keep it in a git ref. docs/ledger.md has the form.

The same ledger is always the same bytes, and one more sighting changes one line. A text is read whole or not at all.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Self, get_args

from pinbot.errors import InvalidDigest, StoreError
from pinbot.oci.digest import Digest
from pinbot.oci.history import History, Memory, Observation, Sighting, Source
from pinbot.oci.resolution import Config, Content, Facts, Question, Remembered
from pinbot.store import facts, moment
from pinbot.store.book import Book, Histories, Tag, is_real, merged, observed_anew
from pinbot.store.facts import Kind, Known

SCHEMA = "pinbot.ledger/1"
# The clocks of two machines differ by minutes. A sighting further ahead would date all that is seen after it into the
# future as well, since time does not run backward within a history, and nothing would ever be old enough.
MOST_AHEAD = timedelta(days=1)
_SOURCES: tuple[Source, ...] = get_args(Source)
_SIGHTING = {"kind", "registry", "repository", "tag", "digest", "source", "first", "last"}


def dumped(book: Book) -> bytes:
    """Return a ledger as JSON lines."""
    return "".join(f"{facts.text_of(line)}\n" for line in _lines(book)).encode("ascii")


def loaded(data: bytes, now: datetime) -> Book:
    """Return the ledger that JSON lines hold; nothing in it may be more than a day later than `now`.

    Raises StoreError, with the number of the line (from 1), for the first one that is not as it should be.
    """
    lines = data.split(b"\n")
    if _value(lines[0], 1) != {"schema": SCHEMA}:
        raise StoreError(f'Line 1 is not {{"schema":"{SCHEMA}"}}: this is no ledger, or one of another pinbot.')
    sightings: defaultdict[Tag, list[Sighting]] = defaultdict(list)
    known: dict[tuple[Digest, Kind], Known] = {}
    for number, line in enumerate(lines[1:], 2):
        if not line.strip():
            continue
        value = _value(line, number)
        try:
            if value.get("kind") == "sighting":
                tag, sighting = _sighting(value, moment.utc(now) + MOST_AHEAD)
                sightings[tag].append(sighting)
            else:
                fact, digest, kind = _fact(value)
                if kind is not None:
                    known[digest, kind] = fact
        except (ValueError, InvalidDigest) as error:
            raise StoreError(f"Line {number} is not one of a ledger: {error}.") from error
    return Book({tag: _history(found) for tag, found in sightings.items()}, known)


class LinesLedger:
    """A ledger in memory, from bytes and back to bytes; what a git ref holds, or what an export is."""

    def __init__(self, book: Book | None = None) -> None:
        self.book = book or Book()

    @classmethod
    def loads(cls, data: bytes, now: datetime) -> Self:
        """Return the ledger that `dumps` wrote. Raises StoreError, as `loaded` does."""
        return cls(loaded(data, now))

    def known(self, questions: Collection[Question]) -> Facts:
        """Return answers from earlier runs."""
        memories = _memories(self.book.histories)
        answers: dict[Question, Any] = {}
        for question in questions:
            if isinstance(question, Remembered):
                answers[question] = memories.get((question.registry, question.path), Memory())
            elif isinstance(question, Content | Config):
                for kind in facts.kinds_for(question):
                    if fact := self.book.facts.get((question.digest, kind)):
                        answers[question] = fact
        return answers

    def record(self, observations: Collection[Observation], answers: Facts) -> None:
        """Remember what tags named, and what digests hold."""
        for one in observations:
            tag = one.registry, one.path, one.tag
            self.book.histories[tag] = self.book.histories.get(tag, History()).observed(one)
        for question, answer in answers.items():
            kind = facts.kind_of(answer)
            if kind in facts.kinds_for(question) and isinstance(question, Content | Config) and kind is not None:
                self.book.facts[question.digest, kind] = answer  # type: ignore[assignment] # its kind says what it is

    def merge(self, other: Book) -> None:
        """Take in what another ledger knows."""
        self.book = merged(self.book, other)

    def dumps(self) -> bytes:
        """Return it as JSON lines."""
        return dumped(self.book)


def _memories(histories: Histories) -> dict[tuple[str, str], Memory]:
    tags: defaultdict[tuple[str, str], dict[str, History]] = defaultdict(dict)
    for (registry, path, tag), history in histories.items():
        tags[registry, path][tag] = history
    return {repository: Memory(found) for repository, found in tags.items()}


def _lines(book: Book) -> Iterator[Mapping[str, Any]]:
    yield {"schema": SCHEMA}
    for (registry, path, tag), history in sorted(book.histories.items(), key=lambda item: item[0]):
        for one in history.sightings:
            yield {
                "kind": "sighting",
                "registry": registry,
                "repository": path,
                "tag": tag,
                "digest": str(one.digest),
                "source": one.source,
                "first": moment.written(one.first),
                "last": moment.written(one.last),
            }
    for (digest, kind), fact in sorted(book.facts.items(), key=lambda item: (str(item[0][0]), item[0][1])):
        if len(facts.text_of(body := facts.written(fact))) <= facts.MOST_CHARACTERS:
            yield {"kind": kind, "of": str(digest), "facts": body}


def _value(line: bytes, number: int) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise StoreError(f"Line {number} is not a JSON object.")
    return value


def _sighting(value: Mapping[str, Any], latest: datetime) -> tuple[Tag, Sighting]:
    if value.keys() != _SIGHTING:
        raise ValueError(f"a sighting has {', '.join(sorted(_SIGHTING))}, and nothing else")
    tag = _tag(value)
    digest = Digest.parse(_text(value, "digest"))
    source = next((s for s in _SOURCES if s == value["source"]), None)
    if source is None:
        raise ValueError(f"its source is one of {', '.join(_SOURCES)}")
    first, last = moment.read(value["first"]), moment.read(value["last"])
    if first > last:
        raise ValueError("it ends before it begins")
    if last > latest:
        raise ValueError("it lies in the future")
    return tag, Sighting(digest, first, last, source)


def _tag(value: Mapping[str, Any]) -> Tag:
    tag = _text(value, "registry"), _text(value, "repository"), _text(value, "tag")
    if not is_real(tag):
        raise ValueError("registry, repository and tag are not those of a reference")
    return tag


def _fact(value: Mapping[str, Any]) -> tuple[Known, Digest, Kind | None]:
    """Return a fact, what it is about and its kind: None for one of an old kind, which is of no use."""
    told = value.get("kind")
    kind = next((k for k in get_args(Kind) if k == told), None)
    is_kind = kind is not None or (isinstance(told, str) and told in facts.OLD_KINDS)
    if not is_kind or value.keys() != {"kind", "of", "facts"} or not isinstance(value["facts"], dict):
        raise ValueError("it is neither a sighting nor a manifest, index or config with `of` and `facts`")
    digest = Digest.parse(_text(value, "of"))
    return facts.read(told, digest, value["facts"]), digest, kind


def _text(value: Mapping[str, Any], key: str) -> str:
    if not isinstance(value[key], str):
        raise ValueError(f"{key} is text")  # noqa: TRY004 # one kind of error for whatever is wrong in a line
    return str(value[key])


def _history(sightings: list[Sighting]) -> History:
    """Return the sightings of a tag as its history; what an honest ledger wrote is kept as it is."""
    ordered = sorted(sightings, key=lambda s: s.first)
    seen = [s for s in ordered if s.source == "seen"]
    told = [(s.digest, s.source) for s in ordered if s.source != "seen"]
    honest = all(a.last <= b.first for a, b in pairwise(seen)) and len(told) == len(set(told))
    return History(tuple(ordered)) if honest else observed_anew(sightings)

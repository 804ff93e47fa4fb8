"""One file, from bytes to findings: who claims it, whether it can be read at all, and what each format finds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from pinbot.formats._base import Companions, Format
from pinbot.formats._claims import Claims
from pinbot.source.directive import Directive, Ignore, directives, ignores_file
from pinbot.source.finding import Finding, Idle, Relation, Skip, Yield
from pinbot.source.text import SourceFile, Span, decode

# Minified JSON manifests have long lines, but no person reviews a line of this length.
MAX_LINE_BYTES = 512 * 1024

_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_CONFLICT = tuple(re.compile(mark, re.MULTILINE) for mark in (rb"^<<<<<<< ", rb"^=======\r?$", rb"^>>>>>>> "))
# Only in a comment (in JSON: a string): a Dockerfile may well write such a line into the code that it generates.
_GENERATED = re.compile(
    rb"""^(?:\xef\xbb\xbf)?[ \t{]*(?:#|//|/[*]|<!--|").*(?:Code generated .*DO NOT EDIT|(?<!\w)@generated\b)""",
    re.MULTILINE,
)
_HEAD_BYTES = 2048


@dataclass(frozen=True, slots=True)
class Scanned:
    """What one file yielded, and to which formats.

    `formats` are the names of those that had a reason of their own to look into it; where `known`, of those that know
    it by its path. `read` are the other files that they looked into, `generated` and `ignored` what the file says of
    itself as a whole.
    """

    path: str
    findings: tuple[Finding, ...] = ()
    skips: tuple[Skip, ...] = ()
    relations: tuple[Relation, ...] = ()
    idle: tuple[Idle, ...] = ()
    formats: tuple[str, ...] = ()
    known: bool = False
    read: frozenset[str] = frozenset()
    generated: bool = False
    ignored: Ignore | None = None


def scan_file(path: str, data: bytes, claims: Claims, companions: Companions) -> Scanned | None:
    """Return what the formats find in one file, None where no format has a reason to look into it.

    Never raises for what the file holds: bytes that cannot be read as a format are a Skip with the reason.
    """
    claimed = claims.of(path)
    if reason := _not_text(data) if claimed else None:
        named = [f for f in claimed if not f.is_everywhere]
        return Scanned(path, skips=(Skip(path, reason),), formats=_names(named)) if named else None
    wanted = claims.words.reasons(claimed, data)
    if not wanted:
        return None
    if reason := _unreadable(data, min(f.max_bytes for f in wanted)):
        return Scanned(path, skips=(Skip(path, reason),), formats=_names(wanted))
    file, read = SourceFile(path, decode(data)), set[str]()

    def companion(other: str) -> SourceFile | None:
        read.add(other)
        return companions(other)

    yields = list(_merged(f.scan(file, companion) for f in wanted if not f.fallback))
    for fallback in (f for f in wanted if f.fallback):
        if _is_unknown(claimed, yields):
            yields = list(_merged([iter(yields), fallback.scan(file, companion)]))
    findings = [y for y in yields if isinstance(y, Finding)]
    return Scanned(
        path,
        findings=_with_directives(file, findings),
        skips=tuple(y for y in yields if isinstance(y, Skip)),
        relations=tuple(y for y in yields if not isinstance(y, Finding | Skip | Idle)),
        idle=tuple(y for y in yields if isinstance(y, Idle) and not _is_found(y, findings)),
        formats=_names([f for f in wanted if f.knows_by_path] or wanted),
        known=any(f.knows_by_path for f in wanted),
        read=frozenset(read),
        generated=bool(_GENERATED.search(data[:_HEAD_BYTES])),
        ignored=ignores_file(file.text),
    )


def _is_found(idle: Idle, findings: Iterable[Finding]) -> bool:
    """Whether some format found a reference in the value: a person may have marked the line."""
    spans = (span for f in findings for span in (f.span, *(s.span for s in f.slots if s.path in {None, idle.path})))
    return any(span.start < idle.span.stop and idle.span.start < span.stop for span in spans)


def _is_unknown(claimed: Sequence[Format], yields: Sequence[Yield]) -> bool:
    """Whether no format knows a file by its path, and none found anything but what a person marked."""
    marked = {f.name for f in claimed if f.is_everywhere}
    return not any(f.knows_by_path for f in claimed) and all(
        isinstance(y, Finding) and y.format in marked for y in yields
    )


def _names(formats: Iterable[Format]) -> tuple[str, ...]:
    return tuple(f.name for f in formats if not (f.is_everywhere or f.fallback))


def _not_text(data: bytes) -> str | None:
    """Say why these bytes are no text that could be searched for anything, None where they are."""
    if data.startswith(_UTF16):
        return "the file is UTF-16; save it as UTF-8 to have its references pinned"
    return "the file holds NUL bytes, so it is not text" if b"\0" in data else None


def _unreadable(data: bytes, max_bytes: int) -> str | None:
    """Say why this text is not read, None where it is."""
    if len(data) > max_bytes:
        return f"the file has {len(data):,} bytes, more than the {max_bytes:,} that are read"
    if len(data) > MAX_LINE_BYTES and max(map(len, data.split(b"\n"))) > MAX_LINE_BYTES:
        return f"a line is longer than {MAX_LINE_BYTES:,} bytes"
    if b"<<<<<<< " in data and _in_conflict(data):
        return "the file holds the markers of an unfinished merge (<<<<<<<, =======, >>>>>>>)"
    return None


def _in_conflict(data: bytes) -> bool:
    """Whether the three markers of a merge conflict stand in the data, in their order."""
    at = 0
    for mark in _CONFLICT:
        found = mark.search(data, at)
        if found is None:
            return False
        at = found.end()
    return True


def _merged(scans: Iterable[Iterator[Yield]]) -> Iterator[Yield]:
    """Yield what the formats find, in their order; of findings at one place those of the first format stay.

    One format may find several references at one place: a matrix gives it several values.
    """
    taken, said = set[Span](), set[object]()
    for scan in scans:
        places = set[Span]()
        for item in scan:
            # Two formats that cannot read one file say so in the same words; an anchor leads to one place twice.
            once = (item.span, item.reference) if isinstance(item, Finding) else item
            if once in said or (isinstance(item, Finding) and item.span in taken):
                continue
            said.add(once)
            if isinstance(item, Finding):
                places.add(item.span)
            yield item
        taken |= places


def _with_directives(file: SourceFile, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    if "pinbot:" not in file.text and "$imagepolicy" not in file.text:
        return tuple(findings)
    return tuple(replace(f, directives=(*f.directives, *_directives(file, f.position.line))) for f in findings)


def _directives(file: SourceFile, line: int) -> tuple[Directive, ...]:
    before = file.line_text(line - 1) if line > 1 else ""
    return directives(before, file.line_text(line))

"""One file, from bytes to findings: who claims it, whether it can be read at all, and what each format finds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from pinbot.formats._base import Companions, Format
from pinbot.source.directive import Directive, Ignore, directives, ignores_file
from pinbot.source.finding import BuildContext, Finding, Skip, Yield
from pinbot.source.text import SourceFile, decode

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
    """What one file yielded. `generated` and `ignored` are what the file says of itself as a whole."""

    path: str
    findings: tuple[Finding, ...] = ()
    skips: tuple[Skip, ...] = ()
    contexts: tuple[BuildContext, ...] = ()
    generated: bool = False
    ignored: Ignore | None = None


def claiming(path: str, formats: Sequence[Format]) -> tuple[Format, ...]:
    """Return the formats that would look into a file of that path."""
    return tuple(f for f in formats if f.claims(path))


def scan_file(path: str, data: bytes, formats: Sequence[Format], companions: Companions) -> Scanned | None:
    """Return what the formats find in one file, None where no format has a reason to look into it.

    Never raises for what the file holds: bytes that cannot be read as a format are a Skip with the reason.
    """
    claimed = claiming(path, formats)
    if not claimed:
        return None
    if reason := _not_text(data):
        return Scanned(path, skips=(Skip(path, reason),))
    wanted = [f for f in claimed if all(needle in data for needle in f.needles)]
    if not wanted:
        return None
    if reason := _unreadable(data, min(f.max_bytes for f in wanted)):
        return Scanned(path, skips=(Skip(path, reason),))
    file = SourceFile(path, decode(data))
    yields = list(_merged(f.scan(file, companions) for f in wanted))
    return Scanned(
        path,
        findings=_with_directives(file, [y for y in yields if isinstance(y, Finding)]),
        skips=tuple(y for y in yields if isinstance(y, Skip)),
        contexts=tuple(y for y in yields if isinstance(y, BuildContext)),
        generated=bool(_GENERATED.search(data[:_HEAD_BYTES])),
        ignored=ignores_file(file.text),
    )


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
    """Yield everything once, in the order of the formats; of two findings at one place the first stays."""
    seen = set()
    for scan in scans:
        for item in scan:
            # Two formats that cannot read one file say so in the same words.
            once = item.span if isinstance(item, Finding) else item
            if once not in seen:
                seen.add(once)
                yield item


def _with_directives(file: SourceFile, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    if "pinbot:" not in file.text and "$imagepolicy" not in file.text:
        return tuple(findings)
    return tuple(replace(f, directives=(*f.directives, *_directives(file, f.position.line))) for f in findings)


def _directives(file: SourceFile, line: int) -> tuple[Directive, ...]:
    before = file.line_text(line - 1) if line > 1 else ""
    return directives(before, file.line_text(line))

"""What the formats made of one line of a file, and what the repository made of that (`scan --explain PATH:LINE`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pinbot.formats._base import Companions, Format, Needle
from pinbot.formats._claims import Claims
from pinbot.formats._needles import is_foreign, lacking
from pinbot.formats._scan import scan_file
from pinbot.source.finding import Finding, Skip
from pinbot.source.text import SourceFile, Span, decode

_LAST = "is asked only about files that no other format knows, and in which none finds anything"


@dataclass(frozen=True, slots=True)
class Look:
    """What one format made of the line: the references on it, or a sentence on why there are none.

    `looked` is false where it had no reason to look into the file.
    """

    format: str
    findings: tuple[Finding, ...]
    remark: str
    looked: bool = True


@dataclass(frozen=True, slots=True)
class Explanation:
    """A line, the formats that looked at it, and the references on it as they stand within the whole repository."""

    path: str
    line: int
    text: str
    looks: tuple[Look, ...]
    findings: tuple[Finding, ...]


def explain(
    path: str, line: int, data: bytes, claims: Claims, companions: Companions, findings: Sequence[Finding]
) -> Explanation:
    """Return what each format that claims the file made of a line (from 1); `findings` are those of the repository."""
    file, whole = SourceFile(path, decode(data)), scan_file(path, data, claims, companions)
    heard = {f.format for f in whole.findings} if whole else set[str]()
    looks = tuple(
        Look(one.name, (), _LAST, looked=False)
        if one.fallback and one.name not in heard
        else _look(one, file, data, line, companions)
        for one in claims.of(path)
    )
    here = tuple(f for f in findings if _touches(f, file, line))
    return Explanation(path, line, file.line_text(line), looks, here)


def _look(one: Format, file: SourceFile, data: bytes, line: int, companions: Companions) -> Look:
    if is_foreign(one, data, {}):
        begins = _quoted(one.never)
        return Look(one.name, (), f"did not look into the file: a line begins with {begins}", looked=False)
    absent = lacking(one, data, {})
    if absent is not None:
        return Look(one.name, (), f"did not look into the file: {_quoted(absent)} stands nowhere in it", looked=False)
    scanned = scan_file(file.path, data, Claims((one,)), companions)
    if scanned is None:
        return Look(one.name, (), "did not look into the file: it is not text", looked=False)
    here = tuple(f for f in scanned.findings if _touches(f, file, line))
    if here:
        return Look(one.name, here, "")
    skip = next((s for s in scanned.skips if s.span is None or line in _lines(file, s.span)), None)
    return Look(one.name, (), skip.reason if isinstance(skip, Skip) else _elsewhere(len(scanned.findings)))


def _quoted(needle: Needle) -> str:
    return " or ".join(f"`{one.decode()}`" for one in ([needle] if isinstance(needle, bytes) else needle))


def _elsewhere(number: int) -> str:
    if not number:
        return "looked into the file, and saw no image reference in it"
    return f"sees no image reference on this line, and {number} on others"


def _touches(finding: Finding, file: SourceFile, line: int) -> bool:
    """Whether a reference stands on a line, or its tag or digest does."""
    return any(line in _lines(file, span) for span in _spans(finding, file.path))


def _spans(finding: Finding, path: str) -> Iterator[Span]:
    if finding.path == path:
        yield finding.span
    for slot in finding.slots:
        if (slot.path or finding.path) == path:
            yield slot.span


def _lines(file: SourceFile, span: Span) -> range:
    return range(file.position(span.start).line, file.position(span.stop).line + 1)

"""What every page for a person is made of: rows that begin with a place, words in their colours, sections below."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from pinbot.oci.reference import Reference
from pinbot.report import _rows
from pinbot.report._columns import Cell, Look, Row, prose
from pinbot.source.finding import Finding, Skip

STYLES = {
    "updated": "green",
    "pinned": "green",
    "unpinned": "yellow",
    "held": "yellow",
    "refused": "yellow",
    "note": "cyan",
    "lookup-failed": "red",
    "unchecked": "red",
    "invalid": "red",
    "error": "red",
}
_SHOWN = 5
_LONG_DIGEST = re.compile(r"(sha\d+:[0-9a-f]{12})[0-9a-f]{20,}")


def page(look: Look, shown: str, *sections: Iterable[str]) -> str:
    """Return a page: what is shown, and unless only that is wanted the sections below it."""
    told = () if look.quiet else sections
    parts = [shown, *(prose((line for line in section if line), look) for section in told)]
    return "\n".join(part for part in parts if part)


def row(look: Look, finding: Finding, *cells: str | Cell, note: str) -> Row:
    """Return a row that begins with the place of a finding, and ends with a note about it."""
    return Row((_rows.place(finding, look.below), *cells), _rows.printable(_short(note, finding.reference)))


def word(word: str) -> Cell:
    """Return a word that stands for a state, in its colour."""
    return Cell(word, STYLES.get(word, ""))


def image(finding: Finding) -> str:
    """Return what a finding names, without its digest."""
    return name(finding.reference) if finding.reference else _rows.printable(finding.text)


def name(reference: Reference) -> str:
    """The name and tag as a person says them; the digest has a column of its own."""
    return f"{reference.name}:{reference.tag}" if reference.tag else reference.name


def skipped(skips: Sequence[Skip], look: Look) -> list[str]:
    """Return the lines that name the files that were not read, and why."""
    if not skips:
        return []
    lines = [f"  {_rows.printable(look.below + s.path)}: {_rows.printable(_without_path(s))}" for s in skips]
    # A file of several documents may have more than one stretch that cannot be read.
    files = count(len({s.path for s in skips}), "file was", "files were")
    return [f"{files} not read{' completely' if any(s.span for s in skips) else ''}:", *cut(lines, look)]


def count(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def cut(lines: list[str], look: Look) -> list[str]:
    """Return the lines, the first few of many unless all are wanted."""
    if look.verbose or len(lines) <= _SHOWN:
        return lines
    return [*lines[:_SHOWN], f"  … and {len(lines) - _SHOWN} more (--verbose lists them)"]


def _without_path(skip: Skip) -> str:
    return skip.reason.removeprefix(f"{skip.path}: ")


def _short(note: str, reference: Reference | None) -> str:
    """Leave out what the row says already; and 64 digits say no more to a person than the first 12 do."""
    if reference is not None:
        note = re.sub(rf"^{re.escape(f'{reference.registry}/{reference.path}')}[^ /]*: ", "", note)
    return brief(note)


def brief(text: str) -> str:
    """Return text with its digests cut to what a person compares."""
    return _LONG_DIGEST.sub(r"\1…", text)

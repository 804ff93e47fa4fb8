"""What doctor found for a person: each registry, forge and the rest with its lines, a remedy below each problem."""

from __future__ import annotations

from collections.abc import Iterator

from pinbot.diagnosis.facts import RegistryFacts
from pinbot.diagnosis.finding import Check, Diagnosis, Level, Subject
from pinbot.report import _rows
from pinbot.report._columns import Cell, Look, Row, prose, styled, table

_STYLES: dict[Level, str] = {"ok": "green", "note": "yellow", "problem": "red"}


def doctor(diagnosis: Diagnosis, look: Look) -> str:
    """Return a table for each subject, and the sum of all; quiet: what is not ok alone."""
    parts = [part for subject in diagnosis.subjects if (part := _subject(subject, look))]
    if not look.quiet:
        parts.append(prose([_sum(diagnosis)], look))
    return "\n".join(parts)


def _subject(one: Subject, look: Look) -> str:
    rows = [row for check in one.checks if not (look.quiet and check.level == "ok") for row in _rows_of(check)]
    if not rows:
        return ""
    title = styled(f"{one.kind} {_rows.printable(one.name)}{_beside(one)}", "bold", look)
    head, *lines = table(("", "", ""), rows, look).splitlines(keepends=True)
    return f"{title}\n{''.join(lines) if not head.strip() else head + ''.join(lines)}"


def _beside(one: Subject) -> str:
    if not isinstance(one.facts, RegistryFacts):
        return ""
    count = one.facts.references
    told = [f"{count} reference{'' if count == 1 else 's'}"] if count else []
    told += ["in the settings"] if one.facts.is_in_settings else []
    return f" ({', '.join(told)})" if told else ""


def _rows_of(check: Check) -> Iterator[Row]:
    cells = (Cell(f"  {check.level}", _STYLES[check.level]), check.what)
    yield Row(cells, _rows.printable(check.text))
    if check.remedy is not None:
        yield Row(("", ""), _rows.printable(f"→ {check.remedy}"))


def _sum(diagnosis: Diagnosis) -> str:
    problems, notes = diagnosis.count("problem"), diagnosis.count("note")
    told = f"{problems} problem{'' if problems == 1 else 's'}" if problems else "No problems"
    noted = f", {notes} note{'' if notes == 1 else 's'}" if notes else ""
    return f"{told}{noted}; {diagnosis.count('ok')} checks are fine."

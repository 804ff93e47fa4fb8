"""Results for a person: a table of what matters, one summary line, and what one would want to know next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pinbot.oci.reference import DEFAULT_TAG, Reference
from pinbot.planning.inspect import Inspection
from pinbot.planning.plan import Change, Kept
from pinbot.planning.result import Check, Survey, Update
from pinbot.report import _rows
from pinbot.report._columns import Cell, Look, Row, columns, styled
from pinbot.source.finding import Finding, Skip

_STYLES = {
    "updated": "green",
    "pinned": "green",
    "refreshed": "green",
    "replaced": "green",
    "unpinned": "yellow",
    "held": "yellow",
    "refused": "yellow",
    "note": "cyan",
    "lookup-failed": "red",
    "invalid": "red",
    "error": "red",
}
_DONE = {"pin": "pinned", "refresh": "refreshed", "replace": "replaced"}
# Outcomes that a person did not cause on purpose; the others are counted, and listed with --verbose.
_NOTEWORTHY = {"held", "refused", "lookup-failed", "invalid"}
_SHOWN = 5


def scan(survey: Survey, look: Look) -> str:
    """Return every reference with its state, the suspects, the skipped files, and the counts."""
    shown = [f for f in survey.findings if look.verbose or _rows.status(f) not in {"local", "ignored"}]
    rows = [(_rows.place(f), _image(f), _word(_rows.status(f)), _rows.printable(_rows.reason(f) or "")) for f in shown]
    counts = [f"{n} {status}" for status, n in _rows.count_statuses(survey).items() if n]
    return _page(
        look,
        columns(("place", "image", "state", "reason"), rows, look),
        _suspects(survey, look),
        _skipped(survey.skips, look),
        [f"{_total(survey)}: {', '.join(counts)}." if counts else "No image references found."],
    )


def update(result: Update, look: Look, written: bool) -> str:
    """Return what changed (or would, unless `written`), what did not and why, and the counts."""
    kept = [k for k in result.kept if look.verbose or k.outcome in _NOTEWORTHY]
    rows = [row for _, row in sorted([*_numbered(result, result.changes), *_numbered(result, kept)])]
    return _page(
        look,
        columns(("place", "image", "change", "outcome"), rows, look),
        _skipped(result.survey.skips, look),
        [_summary(result, written), *_next(result, written)],
    )


def check(result: Check, look: Look) -> str:
    """Return the problems with their remedies, what could not be checked, and the counts."""
    rows: list[Row] = [
        (_rows.place(p.finding), _word(p.level), p.rule, _rows.printable(f"{p.message}; {p.remedy}"))
        for p in result.problems
    ]
    rows += [
        (_rows.place(u.finding), Cell("unchecked", "red"), "", _rows.printable(u.reason)) for u in result.unchecked
    ]
    errors = sum(p.level == "error" for p in result.problems)
    notes = len(result.problems) - errors
    summary = f"{_count(len(result.judged), 'reference')} checked: {_count(errors, 'error')}, {_count(notes, 'note')}"
    unchecked = f"{_count(len(result.unchecked), 'reference')} could not be looked up" if result.unchecked else ""
    return _page(
        look,
        columns(("place", "level", "rule", "what and how to mend it"), rows, look),
        _skipped(result.survey.skips, look),
        [f"{summary}{f'; {unchecked}' if unchecked else ''}."],
    )


def resolve(inspections: Sequence[Inspection], look: Look) -> str:
    """Return a paragraph for each reference: what it names now."""
    return "\n".join("".join(_paragraph(i, look)) for i in inspections)


def _paragraph(inspection: Inspection, look: Look) -> Iterator[str]:
    yield styled(_rows.printable(inspection.text), "bold", look)
    pairs = [
        ("digest", str(inspection.digest) if inspection.digest else None),
        ("kind", inspection.media_type),
        ("platforms", ", ".join(map(str, inspection.platforms)) or None),
        ("created", inspection.created.strftime("%Y-%m-%d %H:%M UTC") if inspection.created else None),
        ("error", inspection.error),
    ]
    for name, value in pairs:
        if value:
            yield styled(f"  {name:<10} {_rows.printable(value)}", _STYLES.get(name, ""), look)


def _numbered(result: Update, items: Iterable[Change | Kept]) -> Iterator[tuple[int, Row]]:
    """Yield the rows with their place in the survey, so that changes and the rest stand in the order of the files."""
    order = {id(f): n for n, f in enumerate(result.survey.findings)}
    for item in items:
        yield order[id(item.finding)], _changed(item) if isinstance(item, Change) else _unchanged(item)


def _changed(change: Change) -> Row:
    assert change.new.digest is not None
    old = change.old.digest.short if change.old.digest else "-"
    moved = f"{old} → {change.new.digest.short}"
    return _rows.place(change.finding), _name(change.new), moved, _word(_DONE[change.kind], change.reason)


def _unchanged(kept: Kept) -> Row:
    digest = kept.finding.reference.digest if kept.finding.reference else None
    shown = digest.short if digest else ""
    return _rows.place(kept.finding), _image(kept.finding), shown, _word(kept.outcome, kept.reason)


def _image(finding: Finding) -> str:
    return _name(finding.reference) if finding.reference else _rows.printable(finding.text)


def _name(reference: Reference) -> str:
    """The name and tag as a person says them; the digest has a column of its own."""
    return f"{reference.name}:{reference.tag}" if reference.tag else reference.name


def _summary(result: Update, written: bool) -> str:
    counts = _rows.count_outcomes(result)
    done = [
        f"{n} {'' if written else 'to be '}{word}"
        for kind, word in _DONE.items()
        if (n := sum(c.kind == kind for c in result.changes))
    ]
    rest = [f"{n} {outcome}" for outcome, n in counts.items() if n and outcome != "updated"]
    parts = (*done, *rest)
    return f"{_total(result.survey)}: {', '.join(parts)}." if parts else "No image references found."


def _total(survey: Survey) -> str:
    files = _count(_rows.files_with(survey.findings), "file")
    return f"{_count(len(survey.findings), 'reference')} in {files}"


def _next(result: Update, written: bool) -> Iterator[str]:
    """Yield what one would want to know after the summary."""
    latest = sum(c.new.tag == DEFAULT_TAG for c in result.changes)
    if latest:
        follow = _count(latest, "reference follows", "references follow")
        yield f"{follow} latest: name a version to choose when it changes."
    if any(c.kind != "pin" for c in result.changes):
        yield "Refreshed digests were taken at once, without a cooldown: look at what changed before you merge."
    if result.changes and not written:
        yield "Nothing was written."
    hidden = sum(k.outcome not in _NOTEWORTHY for k in result.kept)
    if hidden and not result.changes:
        yield "Nothing to change." if hidden == len(result.kept) else ""


def _suspects(survey: Survey, look: Look) -> list[str]:
    if not survey.suspects:
        return []
    commands = _count(len(survey.suspects), "command names", "commands name")
    head = f"{commands} an image without a digest (listed, never edited):"
    lines = [f"  {_rows.printable(s.path)}:{s.line}  {_rows.printable(s.text)}" for s in survey.suspects]
    return [head, *_cut(lines, look)]


def _skipped(skips: Sequence[Skip], look: Look) -> list[str]:
    if not skips:
        return []
    lines = [f"  {_rows.printable(s.path)}: {_rows.printable(_without_path(s))}" for s in skips]
    return [f"{_count(len(skips), 'file was', 'files were')} not read:", *_cut(lines, look)]


def _without_path(skip: Skip) -> str:
    return skip.reason.removeprefix(f"{skip.path}: ")


def _cut(lines: list[str], look: Look) -> list[str]:
    if look.verbose or len(lines) <= _SHOWN:
        return lines
    return [*lines[:_SHOWN], f"  … and {len(lines) - _SHOWN} more (--verbose lists them)"]


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def _word(word: str, rest: str = "") -> Cell:
    return Cell(word, _STYLES.get(word, ""), f": {_rows.printable(rest)}" if rest else "")


def _page(look: Look, table: str, *sections: list[str]) -> str:
    told = () if look.quiet else sections
    parts = [table, *("".join(f"{line}\n" for line in section if line) for section in told)]
    return "\n".join(part for part in parts if part)

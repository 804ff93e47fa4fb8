"""Results for a person: a table of what matters, one summary line, and what one would want to know next."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from pinbot.oci.reference import DEFAULT_TAG, Reference
from pinbot.planning.explain import Explanation
from pinbot.planning.inspect import Inspection
from pinbot.planning.lint import PIN_IT, Problem
from pinbot.planning.outcome import Change, Kept
from pinbot.planning.result import Check, Survey, Update
from pinbot.report import _rows
from pinbot.report._columns import Cell, Look, Row, prose, styled, table
from pinbot.source.finding import Finding, Skip

_STYLES = {
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
_DONE = {"pin": "pinned", "refresh": "refreshed", "replace": "replaced", "remove": "unpinned"}
# Outcomes that a person did not cause on purpose; the others are counted, and listed with --verbose.
_NOTEWORTHY = {"held", "refused", "lookup-failed", "invalid"}
_ON_PURPOSE = {"local", "ignored"}
_SHOWN = 5
_LONG_DIGEST = re.compile(r"(sha\d+:[0-9a-f]{12})[0-9a-f]{20,}")


def scan(survey: Survey, look: Look) -> str:
    """Return every reference with its state, the suspects, the skipped files, and the counts."""
    shown = [f for f in survey.findings if look.verbose or _rows.status(f) not in _ON_PURPOSE]
    rows = [_row(look, f, _image(f), _word(_rows.status(f)), note=_rows.reason(f) or "") for f in shown]
    counts = [f"{n} {status}" for status, n in _rows.count_statuses(survey).items() if n]
    summary = f"{_total(survey)}: {', '.join(counts)}." if counts else "No image references found."
    return _page(
        look,
        table(("place", "image", "state", "reason"), rows, look),
        _suspects(survey, look),
        _skipped(survey.skips, look),
        [summary, _hidden(len(survey.findings) - len(shown))],
    )


def explain(explanation: Explanation, look: Look) -> str:
    """Return a line of a file, what each format made of it, and what becomes of the references on it."""
    place = f"{_rows.printable(look.below + explanation.path)}:{explanation.line}"
    rows = [_seen(k.format, f, "") for k in explanation.looks for f in k.findings]
    rows += [
        Row((k.format, "-", "-", "-"), k.remark)
        for k in explanation.looks
        if not k.findings and (k.looked or look.verbose)
    ]
    rows += [_seen("in all", f, "pinbot may change it") for f in explanation.findings]
    return _page(
        look,
        f"{styled(place, 'bold', look)}  {_rows.printable(explanation.text.strip())}\n",
        [table(("format", "place", "image", "state", "remark"), rows, look).rstrip("\n")],
        [_unlooked(explanation, look)],
    )


def _unlooked(explanation: Explanation, look: Look) -> str:
    """Name the formats that had no reason to look into the file."""
    names = [k.format for k in explanation.looks if not k.looked]
    if not any(k.looked for k in explanation.looks):
        return "No format had a reason to look into this file; `# pinbot: image` on a line says that it names an image."
    if look.verbose or not names:
        return ""
    return f"Had no reason to look into it (--verbose tells why): {', '.join(names)}."


def _seen(format_name: str, finding: Finding, otherwise: str) -> Row:
    cells = (format_name, _rows.printable(finding.where), _image(finding), _word(_rows.status(finding)))
    return Row(cells, _rows.printable(_rows.why_not(finding) or otherwise))


def update(result: Update, look: Look, written: bool, listed: bool = True) -> str:
    """Return what changed (or would, unless `written`), what did not and why, and the counts.

    Without `listed` the changes are only counted: they are shown in another form already.
    """
    kept = [k for k in result.kept if look.verbose or k.outcome in _NOTEWORTHY]
    order = {id(f): n for n, f in enumerate(result.survey.findings)}
    items: list[Change | Kept] = [*(result.changes if listed else ()), *kept]
    shown = sorted(items, key=lambda item: order[id(item.finding)])
    rows = [_changed(i, look, written) if isinstance(i, Change) else _unchanged(i, look) for i in shown]
    return _page(
        look,
        table(("place", "image", "change", "outcome", "reason"), rows, look),
        _skipped(result.survey.skips, look),
        [_summary(result, written), *_next(result, written, len(result.kept) - len(kept))],
    )


def check(result: Check, look: Look) -> str:
    """Return the problems, what could not be checked, how to mend what is wrong, and the counts."""
    rows = [_row(look, p.finding, _image(p.finding), _word(p.level), p.rule, note=_message(p)) for p in result.problems]
    rows += [_row(look, u.finding, _image(u.finding), _word("unchecked"), "", note=u.reason) for u in result.unchecked]
    errors = sum(p.level == "error" for p in result.problems)
    summary = f"{_count(len(result.judged), 'reference')} checked: {_count(errors, 'error')}, "
    summary += _count(len(result.problems) - errors, "note")
    if result.unchecked:
        summary += f"; {_count(len(result.unchecked), 'reference')} could not be looked up"
    return _page(
        look,
        table(("place", "image", "level", "rule", "what is wrong"), rows, look),
        [f"{rule}: {remedy}" for rule, remedy in sorted({(p.rule, p.remedy) for p in result.problems})],
        _skipped(result.survey.skips, look),
        [f"{summary}."],
    )


def resolve(inspections: Sequence[Inspection], look: Look) -> str:
    """Return a paragraph for each reference: what it names now."""
    return "\n".join("".join(f"{line}\n" for line in _paragraph(i, look)) for i in inspections)


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


def _row(look: Look, finding: Finding, *cells: str | Cell, note: str) -> Row:
    return Row((_rows.place(finding, look.below), *cells), _rows.printable(_short(note, finding.reference)))


def _short(note: str, reference: Reference | None) -> str:
    """Leave out what the row says already; and 64 digits say no more to a person than the first 12 do."""
    if reference is not None:
        note = re.sub(rf"^{re.escape(f'{reference.registry}/{reference.path}')}[^ /]*: ", "", note)
    return _LONG_DIGEST.sub(r"\1…", note)


def _changed(change: Change, look: Look, written: bool) -> Row:
    old, new = (one.digest.short if one.digest else "-" for one in (change.old, change.new))
    done = Cell(f"{'' if written else 'to be '}{_DONE[change.kind]}", "green")
    return _row(look, change.finding, _name(change.new), f"{old} → {new}", done, note=change.reason)


def _unchanged(kept: Kept, look: Look) -> Row:
    digest = kept.finding.reference.digest if kept.finding.reference else None
    cells = (_image(kept.finding), digest.short if digest else "", _word(kept.outcome))
    return _row(look, kept.finding, *cells, note=kept.reason)


def _message(problem: Problem) -> str:
    """What the rule's name does not say already."""
    return "" if problem.remedy == PIN_IT else problem.message


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


def _next(result: Update, written: bool, hidden: int) -> Iterator[str]:
    """Yield what one would want to know after the summary."""
    latest = sum(c.new.tag == DEFAULT_TAG and c.kind != "remove" for c in result.changes)
    if latest:
        follow = _count(latest, "reference follows", "references follow")
        yield f"{follow} latest: name a version to choose when it changes."
    if any(c.kind not in {"pin", "remove"} for c in result.changes):
        taken = "were taken" if written else "would be taken"
        yield f"New digests {taken} at once, without a cooldown: look at what changed before you merge."
    if result.survey.suspects:
        commands = _count(len(result.survey.suspects), "command names", "commands name")
        yield f"{commands} an image without a digest, and pinbot edits no commands: see `pinbot scan`."
    yield _hidden(hidden)
    if result.changes and not written:
        yield "Nothing was written."
    if result.kept and not result.changes and all(k.outcome not in _NOTEWORTHY for k in result.kept):
        yield "Nothing to change."


def _hidden(number: int) -> str:
    return f"Not listed: {_count(number, 'reference')}; --verbose lists all." if number else ""


def _suspects(survey: Survey, look: Look) -> list[str]:
    if not survey.suspects:
        return []
    commands = _count(len(survey.suspects), "command names", "commands name")
    head = f"{commands} an image without a digest (listed, never edited):"
    lines = [f"  {_rows.printable(look.below + s.path)}:{s.line}  {_rows.printable(s.text)}" for s in survey.suspects]
    return [head, *_cut(lines, look)]


def _skipped(skips: Sequence[Skip], look: Look) -> list[str]:
    if not skips:
        return []
    lines = [f"  {_rows.printable(look.below + s.path)}: {_rows.printable(_without_path(s))}" for s in skips]
    # A file of several documents may have more than one stretch that cannot be read.
    files = _count(len({s.path for s in skips}), "file was", "files were")
    return [f"{files} not read{' completely' if any(s.span for s in skips) else ''}:", *_cut(lines, look)]


def _without_path(skip: Skip) -> str:
    return skip.reason.removeprefix(f"{skip.path}: ")


def _cut(lines: list[str], look: Look) -> list[str]:
    if look.verbose or len(lines) <= _SHOWN:
        return lines
    return [*lines[:_SHOWN], f"  … and {len(lines) - _SHOWN} more (--verbose lists them)"]


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def _word(word: str) -> Cell:
    return Cell(word, _STYLES.get(word, ""))


def _page(look: Look, shown: str, *sections: Iterable[str]) -> str:
    told = () if look.quiet else sections
    parts = [shown, *(prose((line for line in section if line), look) for section in told)]
    return "\n".join(part for part in parts if part)

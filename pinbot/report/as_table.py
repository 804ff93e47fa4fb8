"""Results for a person: a table of what matters, one summary line, and what one would want to know next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pinbot.oci.reference import DEFAULT_TAG
from pinbot.planning.outcome import Change, Kept
from pinbot.report import _rows
from pinbot.report._columns import Cell, Look, Row, styled, table
from pinbot.report._outages import told_once
from pinbot.report._page import STYLES
from pinbot.report._page import count as _count
from pinbot.report._page import cut as _cut
from pinbot.report._page import image as _image
from pinbot.report._page import name as _name
from pinbot.report._page import page as _page
from pinbot.report._page import row as _row
from pinbot.report._page import skipped as _skipped
from pinbot.report._page import word as _word
from pinbot.source.finding import Finding

# `scan` needs little of all this, and starting is a feature.
if TYPE_CHECKING:
    from pinbot.planning.explain import Explanation
    from pinbot.planning.inspect import Inspection
    from pinbot.planning.result import Survey, Update

__all__ = ["explain", "resolve", "scan", "update"]

_DONE = {
    "pin": "pinned",
    "refresh": "refreshed",
    "patch": "moved (patch)",
    "minor": "moved (minor)",
    "major": "moved (major)",
    "replace": "replaced",
    "remove": "unpinned",
}
# Outcomes that a person did not cause on purpose; the others are counted, and listed with --verbose.
_NOTEWORTHY = {"held", "refused", "lookup-failed", "invalid"}
_ON_PURPOSE = {"local", "ignored"}


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
    noteworthy = [k for k in result.kept if look.verbose or k.outcome in _NOTEWORTHY]
    told = told_once(noteworthy, lambda k: (k.finding, k.status if k.outcome == "lookup-failed" else None), look)
    kept, others = [k for k, _ in told], {id(k.finding): words for k, words in told}
    order = {id(f): n for n, f in enumerate(result.survey.findings)}
    items: list[Change | Kept] = [*(result.changes if listed else ()), *kept]
    shown = sorted(items, key=lambda item: order[id(item.finding)])
    rows = [
        _changed(i, look, written) if isinstance(i, Change) else _unchanged(i, look, others[id(i.finding)])
        for i in shown
    ]
    return _page(
        look,
        table(("place", "image", "change", "outcome", "reason"), rows, look),
        _skipped(result.survey.skips, look),
        [_summary(result, written), *_next(result, written, len(result.kept) - len(kept))],
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
            yield styled(f"  {name:<10} {_rows.printable(value)}", STYLES.get(name, ""), look)


def _changed(change: Change, look: Look, written: bool) -> Row:
    old, new = (one.digest.short if one.digest else "-" for one in (change.old, change.new))
    done = Cell(f"{'' if written else 'to be '}{_DONE[change.kind]}", "green")
    return _row(look, change.finding, _renamed(change), f"{old} → {new}", done, note=change.reason)


def _renamed(change: Change) -> str:
    """The name and tag, and the old ones before them where a tag moved."""
    moved = change.old.tag is not None and change.old.tag != change.new.tag
    return f"{_name(change.old)} → {change.new.tag}" if moved else _name(change.new)


def _unchanged(kept: Kept, look: Look, others: str) -> Row:
    digest = kept.finding.reference.digest if kept.finding.reference else None
    cells = (_image(kept.finding), digest.short if digest else "", _word(kept.outcome))
    until = f"; until {kept.until:%Y-%m-%d %H:%M} UTC" if kept.until else ""
    return _row(look, kept.finding, *cells, note=f"{kept.reason}{until}{others}")


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
    if result.at_once:
        new, taken = _count(result.at_once, "new digest"), "taken" if written else "to be taken"
        yield f"{new} {taken} at once, without a cooldown (--cooldown 3d waits): look at what changed before you merge."
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

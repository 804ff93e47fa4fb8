"""A pass over repositories for a person: a line for each pull request that matters, what failed, and the counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from pinbot.planning.diff import diff
from pinbot.planning.outcome import Kept
from pinbot.proposals.action import Leave
from pinbot.proposals.result import Deed, Sweep, Visit
from pinbot.report import _deeds, _rows
from pinbot.report._columns import Cell, Look, Row, styled, table
from pinbot.report._page import count, cut, page

_STYLES = {"failed": "red", "left": "dim", "passed over": "dim", "observe": "dim"}
_NOTEWORTHY = {"held", "refused", "lookup-failed", "invalid"}


def sweep(result: Sweep, look: Look) -> str:
    """Return what became of each repository: one line where nothing was to be done, one for each pull request else."""
    rows = [row for visit in result.visits for row in _visit(visit, look)]
    return page(
        look,
        table(("repository", "pull request", "what", "why"), rows, look),
        _waiting(result, look),
        _misses(result, look),
        _summary(result),
    )


def pages(result: Sweep, look: Look) -> str:
    """Return each pull request as it would look: its title, its text, and what it changes."""
    parts: list[str] = []
    for visit in result.visits:
        for deed in visit.deeds:
            proposal = _deeds.proposal(deed.action)
            if proposal is None or isinstance(deed.action, Leave):
                continue
            head = f"{_deeds.state(deed)}: {visit.repository.name}, {proposal.branch} → {proposal.base}"
            parts += [
                styled(_rows.printable(head), "dim", look),
                styled(_rows.printable(proposal.title), "bold", look),
                "",
                *map(_rows.printable, proposal.body.splitlines()),
                "",
                *map(_rows.printable, diff(proposal.patches).splitlines()),
                "",
            ]
    return "".join(f"{line}\n" for line in parts)


def diffs(result: Sweep) -> str:
    """Return what each pull request would change, as unified diffs, each below a line that says of which it is."""
    parts = [
        f"# {_rows.printable(visit.repository.name)}: {proposal.branch} → {proposal.base}\n{diff(proposal.patches)}"
        for visit in result.visits
        for deed in visit.deeds
        if (proposal := _deeds.proposal(deed.action)) and not isinstance(deed.action, Leave)
    ]
    return "".join(parts)


def _visit(visit: Visit, look: Look) -> Iterator[Row]:
    name = _rows.printable(visit.repository.name)
    deeds = [deed for deed in visit.deeds if look.verbose or not deed.is_idle]
    for deed in deeds:
        state = _deeds.state(deed)
        note = deed.error or _deeds.reason(deed.action)
        style = _STYLES.get(state, "yellow" if state.startswith("would") else "green")
        yield Row((name, _rows.printable(_about(deed)), Cell(state, style)), _rows.printable(_with_url(note, deed)))
    if not deeds and (visit.error or visit.passed_over or look.verbose):
        state = _deeds.standing(visit)
        why = visit.error or visit.passed_over or f"{count(visit.references, 'reference')}, nothing to do"
        yield Row((name, "-", Cell(state, _STYLES.get(state, ""))), _rows.printable(why))


def _about(deed: Deed) -> str:
    pull = _deeds.pull(deed.action)
    number = f"#{pull.number} " if pull and pull.number else ""
    return f"{number}{_deeds.title(deed.action) or _deeds.branch(deed.action)}"


def _with_url(note: str, deed: Deed) -> str:
    return "; ".join(filter(None, (note, deed.url)))


def _waiting(result: Sweep, look: Look) -> Sequence[str]:
    """Count what is held, refused or could not be looked up, by repository; with --verbose say each."""
    lines: list[str] = []
    for visit in result.visits:
        kept = [one for one in visit.kept if one.outcome in _NOTEWORTHY]
        if not kept:
            continue
        counts = Counter(one.outcome for one in kept)
        lines.append(f"  {_rows.printable(visit.repository.name)}: {', '.join(f'{n} {w}' for w, n in counts.items())}")
        if look.verbose:
            lines += [f"    {_kept(one)}" for one in kept]
    if not lines:
        return ()
    return ["References that wait, or were left for a reason (--verbose says why):", *cut(lines, look)]


def _kept(kept: Kept) -> str:
    until = f" (until {kept.until:%Y-%m-%d %H:%M} UTC)" if kept.until else ""
    return f"{_rows.place(kept.finding)}: {kept.outcome}: {_rows.printable(kept.reason)}{until}"


def _misses(result: Sweep, look: Look) -> Sequence[str]:
    lines = [
        f"  {_rows.printable(visit.repository.name)}: {_rows.printable(path)}: {_rows.printable(why)}"
        for visit in result.visits
        for path, why in visit.skipped_files
    ]
    return [f"{count(len(lines), 'file was', 'files were')} not read:", *cut(lines, look)] if lines else ()


def _summary(result: Sweep) -> Iterator[str]:
    words = Counter(_deeds.state(deed) for visit in result.visits for deed in visit.deeds if not deed.is_idle)
    failed = sum(visit.error is not None for visit in result.visits)
    parts = [f"{number} {what}" for what, number in words.items() if what != "left"]
    if failed:
        parts.append(f"{count(failed, 'repository', 'repositories')} failed")
    unknown = sum(kept.outcome == "lookup-failed" for visit in result.visits for kept in visit.kept)
    if unknown:
        parts.append(f"{count(unknown, 'reference')} could not be looked up")
    found = sum(visit.references for visit in result.visits)
    total = f"{count(len(result.visits), 'repository', 'repositories')}, {count(found, 'reference')}"
    yield f"{total}: {', '.join(parts) or 'everything is as it should be'}."
    if any(visit.mode == "observe" and any(not d.is_idle for d in visit.deeds) for visit in result.visits):
        yield "Nothing was written where it says `would`: the settings do not grant `propose` there, or --dry-run."
    if result.paced.total_seconds() >= 1:
        yield f"At the pace that the forge asks for, the writes take {round(result.paced.total_seconds())} s."
    if result.error:
        yield f"The pass ended early: {result.error}"

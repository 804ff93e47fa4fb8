"""A pass over repositories for a person: a line for each pull request that matters, what failed, and the counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from pinbot.planning.diff import diff
from pinbot.planning.outcome import Kept
from pinbot.proposals.action import Disarm, Leave
from pinbot.proposals.proposal import Dressing, Proposal
from pinbot.proposals.repository import Repository
from pinbot.proposals.result import Board, Deed, Sweep, Visit
from pinbot.report import _deeds, _rows
from pinbot.report._columns import Cell, Look, Row, styled, table
from pinbot.report._drawn import drawn
from pinbot.report._outages import causes
from pinbot.report._page import brief, count, cut, page

_STYLES = {"failed": "red", "left": "dim", "passed over": "dim", "observe": "dim"}
_WAITING = ("held", "refused", "invalid")
_LOOKUP_FAILED = "lookup-failed"
_NAMED = 5  # repositories of which the same is to be said
_MISSES = 20  # distinct ones; the same image is missed in many repositories for one reason


def sweep(result: Sweep, look: Look, *, dry: bool = False) -> str:
    """Return what became of each repository: one line for each pull request about which there is something to say.

    `dry` is whether the pass was not to write anything, whatever the settings grant.
    """
    rows = [row for visit in result.visits for row in _visit(visit, look)]
    return page(
        look,
        table(("repository", "pull request", "what", "why"), rows, look),
        _misses(result, look),
        _waiting(result, look),
        _unread(result, look),
        _boards(result, look),
        _summary(result, look, dry),
    )


def pages(result: Sweep, look: Look) -> str:
    """Return each pull request as it would look: its title, its text, and what it changes."""
    return "".join(_whole_page(visit, deed, look) for visit in result.visits for deed in visit.deeds)


def diffs(parts: Iterable[tuple[Repository, Proposal]], look: Look) -> str:
    """Return what pull requests change, as unified diffs, each below a line that says of which it is.

    Where the look has no width (a pipe) lone surrogates stand for bytes that are not UTF-8, as in the patches.
    """
    text = "".join(f"# {_headed(repository, proposal)}\n{diff(proposal.patches)}" for repository, proposal in parts)
    return text if look.width is None else drawn(text, look)


def proposed(result: Sweep) -> list[tuple[Repository, Proposal]]:
    """Return what was, or would be, opened or updated, with the repository of each."""
    return [
        (visit.repository, proposal)
        for visit in result.visits
        for deed in visit.deeds
        if (proposal := _deeds.proposal(deed.action)) and not isinstance(deed.action, Disarm | Leave)
    ]


def _whole_page(visit: Visit, deed: Deed, look: Look) -> str:
    proposal = _deeds.proposal(deed.action)
    if proposal is None or isinstance(deed.action, Disarm | Leave):
        return ""
    pull = _deeds.pull(deed.action)
    number = f"#{pull.number}, " if pull and pull.number else ""
    head = f"{_deeds.state(deed)}: {number}{_headed(visit.repository, proposal)}"
    lines = [
        styled(f"== {head} ==", "dim", look),
        styled(_rows.printable(proposal.title), "bold", look),
        *_dressed(proposal.dressing),
        "",
        *map(_rows.printable, proposal.body.rstrip().splitlines()),
        "",
    ]
    return "".join(f"{line}\n" for line in lines) + f"{drawn(diff(proposal.patches), look)}\n"


def _headed(repository: Repository, proposal: Proposal) -> str:
    return _rows.printable(f"{repository.name}: {proposal.branch} → {proposal.base}")


def _dressed(dressing: Dressing) -> Iterator[str]:
    parts = (
        ("labels", ", ".join(dressing.labels)),
        ("reviewers", ", ".join(dressing.reviewers)),
        ("assignees", ", ".join(dressing.assignees)),
        ("milestone", dressing.milestone or ""),
    )
    said = [f"{name}: {_rows.printable(text)}" for name, text in parts if text]
    if said or dressing.is_draft:
        yield "; ".join([*(["draft"] if dressing.is_draft else []), *said])


def _visit(visit: Visit, look: Look) -> Iterator[Row]:
    name = _rows.printable(visit.repository.name)
    deeds = [deed for deed in visit.deeds if look.verbose or not _deeds.is_settled(deed)]
    for deed in deeds:
        state = _deeds.state(deed)
        note = deed.error or "; ".join(filter(None, (_deeds.reason(deed.action), *deed.warnings)))
        style = _STYLES.get(state, "yellow" if state.startswith("would") else "green")
        yield Row((name, _rows.printable(_about(deed)), Cell(state, style)), _rows.printable(_with_url(note, deed)))
    if (board := visit.board) is not None and (look.verbose or _is_news(board)):
        state = _deeds.board_state(board)
        style = _STYLES.get(state, "yellow" if state.startswith("would") else "green")
        note = "; ".join(filter(None, (board.error or board.reason, board.url)))
        yield Row((name, "dashboard", Cell(state, style)), _rows.printable(note))
    if visit.error or (not deeds and look.verbose):
        state = _deeds.standing(visit)
        why = visit.error or visit.passed_over or f"{count(visit.references, 'reference')}, nothing to do"
        yield Row((name, "-", Cell(state, _STYLES.get(state, ""))), _rows.printable(why))


def _is_news(board: Board) -> bool:
    """Whether people hear of a dashboard that did not ask for it: of a new one, and one that failed."""
    return board.error is not None or (board.action == "open" and board.done)


def _about(deed: Deed) -> str:
    pull = _deeds.pull(deed.action)
    number = f"#{pull.number} " if pull and pull.number else ""
    return f"{number}{_deeds.title(deed.action) or _deeds.branch(deed.action)}"


def _with_url(note: str, deed: Deed) -> str:
    return "; ".join(filter(None, (note, deed.url)))


def _misses(result: Sweep, look: Look) -> Sequence[str]:
    """Name what could not be looked up, each reason once, with its places: all of them with --verbose."""
    misses = [(visit, one) for visit in result.visits for one in visit.kept if one.outcome == _LOOKUP_FAILED]
    places: dict[object, tuple[str, list[str]]] = {}
    for (visit, one), cause in zip(misses, causes([(one.finding, one.status) for _, one in misses]), strict=True):
        _, found = places.setdefault(cause or one.reason, (one.reason, []))
        found.append(f"{visit.repository.name} {_rows.place(one.finding)}")
    lines: list[str] = []
    for reason, found in places.values():
        shown = found if look.verbose or len(found) <= 1 else [found[0], f"and {len(found) - 1} more"]
        lines += [f"  {_rows.printable(brief(reason))}", *(f"    {_rows.printable(where)}" for where in shown)]
        if not look.verbose and len(lines) > 2 * _MISSES:
            lines.append(f"  … and more: {count(len(places), 'image')} in all (--verbose lists them)")
            break
    return ["Not looked up; the next run asks again:", *lines] if lines else ()


def _waiting(result: Sweep, look: Look) -> Sequence[str]:
    """Count what is held, refused or invalid, by repository; with --verbose say each."""
    lines: list[str] = []
    for visit in result.visits:
        kept = [one for one in visit.kept if one.outcome in _WAITING]
        if not kept:
            continue
        counts = Counter(one.outcome for one in kept)
        lines.append(f"  {_rows.printable(visit.repository.name)}: {', '.join(f'{n} {w}' for w, n in counts.items())}")
        if look.verbose:
            lines += [f"    {_kept(one)}" for one in kept]
    if not lines:
        return ()
    hint = "" if look.verbose else " (--verbose says why)"
    return [f"References that wait, or were left for a reason{hint}:", *cut(lines, look)]


def _kept(kept: Kept) -> str:
    until = f" (until {kept.until:%Y-%m-%d %H:%M} UTC)" if kept.until else ""
    return f"{_rows.place(kept.finding)}: {kept.outcome}: {_rows.printable(brief(kept.reason))}{until}"


def _unread(result: Sweep, look: Look) -> Sequence[str]:
    lines = [
        f"  {_rows.printable(visit.repository.name)}: {_rows.printable(path)}: {_rows.printable(why)}"
        for visit in result.visits
        for path, why in visit.skipped_files
    ]
    return [f"{count(len(lines), 'file was', 'files were')} not read:", *cut(lines, look)] if lines else ()


def _boards(result: Sweep, look: Look) -> Sequence[str]:
    """Say where a dashboard is wanted and cannot be, once for each reason; those that people closed with --verbose."""
    without: dict[str, list[str]] = {}
    for visit in result.visits:
        if visit.board and visit.board.reason and (look.verbose or not visit.board.url):
            without.setdefault(visit.board.reason, []).append(visit.repository.name)
    lines = [f"  {_rows.printable(f'{reason}: {_some(names, look)}')}" for reason, names in without.items()]
    return ["No dashboard is written:", *lines] if lines else ()


def _some(names: Sequence[str], look: Look) -> str:
    shown = names if look.verbose else names[:_NAMED]
    return ", ".join(shown) + (f" and {len(names) - len(shown)} more" if len(names) > len(shown) else "")


def _summary(result: Sweep, look: Look, dry: bool) -> Iterator[str]:
    found = sum(visit.references for visit in result.visits)
    total = f"{count(len(result.visits), 'repository', 'repositories')}, {count(found, 'reference')}"
    parts = list(_parts(result)) or ([] if result.error else ["everything is as it should be"])
    yield f"{total}: {', '.join(parts)}." if parts else f"{total}."
    yield from _unwritten(result, dry)
    if result.paced.total_seconds() >= 1:
        yield f"At the pace that the forge asks for, these writes take {_long(result.paced)}."
    if result.error:
        yield f"The pass ended early: {_rows.printable(result.error)}"
    shown = sum(not visit.error and not any(not _deeds.is_settled(d) for d in visit.deeds) for visit in result.visits)
    if shown and not look.verbose:
        yield f"Not listed: {count(shown, 'repository', 'repositories')} without anything to do; --verbose lists all."


def _parts(result: Sweep) -> Iterator[str]:
    words = Counter(_deeds.state(d) for visit in result.visits for d in visit.deeds if not _deeds.is_settled(d))
    for word, number in words.items():
        yield f"{number} {word.replace('would ', 'to ')}"
    for number, what in (
        (sum(visit.error is not None for visit in result.visits), "failed"),
        (sum(visit.passed_over is not None for visit in result.visits), "passed over"),
    ):
        if number:
            yield f"{count(number, 'repository', 'repositories')} {what}"
    missed = sum(one.outcome == _LOOKUP_FAILED for visit in result.visits for one in visit.kept)
    if missed:
        yield f"{missed} not looked up"


def _unwritten(result: Sweep, dry: bool) -> Iterator[str]:
    """Say why nothing was written where there was something to write."""
    if dry:
        yield "Nothing was written: this pass only shows what it would do."
        return
    observed = sum(visit.mode == "observe" and any(not deed.is_idle for deed in visit.deeds) for visit in result.visits)
    if observed:
        where = count(observed, "repository is", "repositories are")
        yield f"{where} only observed, not written to: `propose` in the settings grants pull requests."


def _long(span: timedelta) -> str:
    minutes, seconds = divmod(round(span.total_seconds()), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"

"""What a dashboard shows of a repository: its references by what became of them, and its pull requests."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass, field

from pinbot.planning.outcome import Change, Kept
from pinbot.proposals.action import Close, Disarm, Finish, Leave, Open, Prune, Update
from pinbot.proposals.dashboard import Counts, Line, Part
from pinbot.proposals.grouping import image
from pinbot.proposals.proposal import Proposal
from pinbot.proposals.pull import PullRequest
from pinbot.proposals.result import Deed
from pinbot.proposals.wishes import LOOKUPS, Verb, Wishes
from pinbot.source.finding import Finding

Lifts = Callable[[Kept], bool]
_PLACES = {
    "current": "current",
    "held": "held",
    "refused": "refused",
    "invalid": "refused",
    "lookup-failed": "missed",
}
# An age, as the reasons of what waits have it: it grows with every run, and until when is said beside it.
_AGE = re.compile(r"\b(?:pushed|first seen) (?:less than a minute|[0-9]{1,9} (?:minute|hour|day)s?) ago, ")
_UNANSWERED = "asked for, and done once everything that it needs can be looked up"
_MERGES = "merges itself when everything is green"


@dataclass(frozen=True, slots=True)
class State:
    """Where a repository stands: what is wanted, what was left, and what was done about its pull requests.

    `lifts` says of what is held or refused whether asking for its image would change that. `unmet` is what was asked
    for and could not be done: its boxes stay checked.
    """

    changes: tuple[Change, ...]
    kept: tuple[Kept, ...]
    deeds: tuple[Deed, ...]
    lifts: Lifts = lambda _kept: False
    unmet: Wishes = field(default_factory=Wishes)


def counts(state: State) -> Counts:
    """Return how many references there are of each kind."""
    found = Counter(_PLACES.get(kept.outcome, "left") for kept in state.kept)
    return Counts(offered=len(state.changes), **found)


def parts(state: State) -> tuple[Part, ...]:
    """Return the lists of a dashboard."""
    there, waiting, failed = _pulls(state)
    held = tuple(_kept(state, "held"))
    refused = (*_kept(state, "refused"), *_kept(state, "invalid"))
    missed = tuple(_kept(state, "lookup-failed"))
    boxes = {line.ask for line in (*there, *waiting, *failed)}
    again = (_again(state), *_unanswered(state, boxes)) if missed else ()
    return (
        Part("Open pull requests", there, "Check a box to have one rebuilt on its base.", 12_000),
        Part("Pull requests that wait", waiting, "Check a box to have it now, whatever limits and windows say.", 9_000),
        Part("Pull requests that failed", failed, "Check a box to have it tried again, whatever limits say.", 6_000),
        Part("Held", held, "Check a box to have everything that there is for an image, at once.", 12_000),
        Part("Refused", refused, "Check a box to have it after all.", 9_000),
        Part("Not looked up", (*again, *missed), room=9_000),
    )


def unmet(asked: Wishes, deeds: Sequence[Deed], kept: Sequence[Kept], prefix: str) -> Wishes:
    """Return what was asked for and could not be done: it failed, or nobody answered.

    `prefix` begins our branches: as long as not everything could be looked up, one that is not there may come yet.
    """
    failed = [proposal for deed in deeds if deed.error and (proposal := _proposal(deed))]
    branches = {proposal.branch for proposal in failed}
    images = {image(change.old) for proposal in failed for change in proposal.changes}
    missed = [one.finding.reference for one in kept if one.outcome == "lookup-failed"]
    if missed:
        settled = {_branch(deed) for deed in deeds if not (isinstance(deed.action, Leave) and deed.action.is_unsure)}
        branches |= {branch for branch in asked.branches - settled if branch.startswith(prefix)}
    images |= {image(reference) for reference in missed if reference}
    return Wishes(asked.rebase & branches, asked.open & branches, asked.now & images, asked.retry & branches)


def _branch(deed: Deed) -> str:
    match deed.action:
        case Prune(branch=branch):
            return branch
        case Leave(pull=None, proposal=Proposal() as wanted) | Open(proposal=wanted):
            return wanted.branch
        case Leave(pull=None):
            return ""
        case _:
            assert deed.action.pull is not None
            return deed.action.pull.branch


def _pulls(state: State) -> tuple[tuple[Line, ...], tuple[Line, ...], tuple[Line, ...]]:
    """Return those that are open, those that wait to be, and those about which something failed."""
    there: list[Line] = []
    waiting: list[Line] = []
    failed: list[Line] = []
    for deed in state.deeds:
        if deed.error:
            failed.append(_failed(deed, state.unmet))
        elif isinstance(deed.action, Leave) and deed.action.pull is None:
            waiting.append(_waiting(deed.action))
        elif (line := _there(deed, state.unmet)) is not None:
            there.append(line)
    return tuple(there), tuple(waiting), tuple(failed)


def _there(deed: Deed, asked: Wishes) -> Line | None:
    """Return the line of one that is open by now; whatever was done in this run, the next says the same.

    So the title is the one that it has: what it is to be called may depend on what is not asked for every time.
    """
    match deed.action:
        case Open(proposal=wanted) | Update(proposal=wanted) | Finish(proposal=wanted):
            merges = wanted.merges_itself and not deed.warnings
            return _open(wanted.title, wanted.branch, deed.url, merges, asked)
        case Disarm(pull=pull, comment=None):
            return _open(pull.title, pull.branch, pull.url, False, asked)
        case Leave(pull=PullRequest() as pull, proposal=Proposal() as wanted, waits=True):
            return Line(pull.title, deed.action.reason, pull.url, ask=("open", wanted.branch))
        case Disarm(pull=pull) | Leave(pull=PullRequest() as pull, comment=str()):
            return _alone(pull, "somebody else's commits are on its branch")
        case Leave(pull=PullRequest() as pull, proposal=Proposal() as wanted):
            if pull.by_us and any(commit.claimed_fingerprint == wanted.fingerprint for commit in pull.commits):
                return _open(pull.title, pull.branch, pull.url, pull.merges_itself, asked)
            return _alone(pull, deed.action.reason)
        case Leave(pull=PullRequest(by_us=True) as pull):
            return _alone(pull, deed.action.reason)
        case _:
            return None


def _open(title: str, branch: str, url: str, merges: bool, asked: Wishes) -> Line:
    ask: tuple[Verb, str] = ("rebase", branch)
    return Line(title, _MERGES if merges else "", url, ask=ask, is_asked=asked.asks(*ask))


def _alone(pull: PullRequest, why: str) -> Line:
    return Line(pull.title, f"left alone: {why}", pull.url)


def _waiting(action: Leave) -> Line:
    assert action.proposal is not None
    ask: tuple[Verb, str] | None = ("open", action.proposal.branch) if action.waits else None
    return Line(action.proposal.title, action.reason, ask=ask)


def _failed(deed: Deed, asked: Wishes) -> Line:
    wanted, why = _proposal(deed), deed.error or ""
    if wanted is None:
        return Line(_title(deed), why, deed.url, is_quoted=True)
    again: tuple[tuple[Verb, str], ...] = (
        *(("now", image(change.old)) for change in wanted.changes),
        *((verb, wanted.branch) for verb in ("rebase", "open")),
    )
    usual: tuple[Verb, str] = ("retry", wanted.branch)
    ask = next((one for one in again if asked.asks(*one)), usual)
    return Line(wanted.title, why, deed.url, ask=ask, is_asked=asked.asks(*ask), is_quoted=True)


def _proposal(deed: Deed) -> Proposal | None:
    return None if isinstance(deed.action, Close | Prune) else deed.action.proposal


def _title(deed: Deed) -> str:
    match deed.action:
        case Prune(branch=branch):
            return branch
        case Close(pull=pull) | Disarm(pull=pull) | Leave(pull=PullRequest() as pull):
            return pull.title
        case _:
            return ""


def _kept(state: State, outcome: str) -> Iterator[Line]:
    """Yield what is held or refused, each image and reason once, with its places."""
    found: dict[object, list[Kept]] = {}
    for one in state.kept:
        if one.outcome == outcome:
            found.setdefault((_name(one.finding), _ageless(one.reason), one.until, state.lifts(one)), []).append(one)
    for first, *others in found.values():
        yield _kept_line(state, first, others)


def _kept_line(state: State, kept: Kept, others: Sequence[Kept]) -> Line:
    reference = kept.finding.reference
    asked: tuple[Verb, str] | None = ("now", image(reference)) if reference else None
    is_asked = asked is not None and state.unmet.asks(*asked)
    return Line(
        _name(kept.finding),
        _ageless(kept.reason),
        places=tuple(f"{one.finding.path}:{one.finding.position.line}" for one in (kept, *others)),
        until=kept.until,
        ask=asked if is_asked or state.lifts(kept) else None,
        is_asked=is_asked,
        is_image=True,
        # What a registry says is quoted: it could be a sentence that sounds like ours.
        is_quoted=kept.outcome in {"lookup-failed", "invalid"},
    )


def _ageless(reason: str) -> str:
    return _AGE.sub("", reason)


def _again(state: State) -> Line:
    return Line("Look all of these up again.", ask=("retry", LOOKUPS), is_asked=state.unmet.asks("retry", LOOKUPS))


def _unanswered(state: State, shown: Container[object]) -> Iterator[Line]:
    """Yield what was asked for of branches that have no box elsewhere: so it is not lost until it can be decided."""
    verbs: tuple[Verb, ...] = ("rebase", "open", "retry")
    for ask in sorted((branch, verb) for verb in verbs for branch in getattr(state.unmet, verb)):
        branch, verb = ask
        if (verb, branch) not in shown and branch != LOOKUPS:
            yield Line(branch, _UNANSWERED, ask=(verb, branch), is_asked=True)


def _name(finding: Finding) -> str:
    reference = finding.reference
    return f"{reference.name}:{reference.tag}" if reference and reference.tag else finding.text

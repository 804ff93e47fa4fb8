"""The dashboard of a repository: what it shows, and the one write that it takes, the last of a visit.

What was asked for there is unchecked by that write and by nothing else, so a run that dies before it leaves all boxes
as they were, and the next does again what is then done already.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from pinbot.errors import ForgeBusy, ForgeError, ForgeForbids
from pinbot.oci.resolution import Facts
from pinbot.planning import plan as plans
from pinbot.planning.outcome import Kept
from pinbot.planning.policy import Terms
from pinbot.proposals.dashboard import dashboard
from pinbot.proposals.result import Board, Deed
from pinbot.proposals.rivals import is_rival
from pinbot.proposals.shown import State, counts, parts, unmet
from pinbot.source.finding import Finding
from pinbot.sweep.answers import INTENT, Answers
from pinbot.sweep.decision import Decision
from pinbot.sweep.look import Branch, Look
from pinbot.sweep.tools import Order, Ration, Tools

_CLOSED = "somebody closed it; it is written to again once it is reopened"
_CHANGED = "somebody has changed it in this moment; the next run reads that"
_ANY = ("**",)  # every image: only those are looked at that somebody could ask for
_LIFTED = {"held", "refused"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a visit came to: what was decided, from which answers, and what was done."""

    decision: Decision
    known: Answers
    deeds: tuple[Deed, ...]


def written(tools: Tools, order: Order, look: Look, outcome: Outcome, ration: Ration) -> Board | None:
    """Write the dashboard where one is wanted and not as it should be; None where none is."""
    repository, standing, issue = look.repository, look.standing, look.standing.issue
    is_wanted = tools.forge.has_issues and order.is_meant is None and order.style.dashboards.on(repository)
    if not is_wanted or (issue is None and not (outcome.decision.changes or outcome.decision.kept)):
        return None
    if issue is not None and not issue.is_open:
        return Board(issue.url, reason=_CLOSED)
    if standing.no_issues:
        return Board(reason=standing.no_issues)
    state = _state(order, look, outcome)
    text = dashboard(counts(state), parts(state), repository.url)
    if issue is not None and issue.body.rstrip() == text.rstrip():
        return Board(issue.url)
    board = Board(issue.url if issue else "", "update" if issue else "open")
    if look.mode == "observe":
        return board
    if ration.busy is not None:
        return replace(board, error=str(ration.busy))
    return _written(tools, order, look, text, board, ration)


def _state(order: Order, look: Look, outcome: Outcome) -> State:
    decision, facts = outcome.decision, outcome.known.facts
    has_rivals = any(is_rival(pull, order.style.branch_prefix) for pull in look.standing.pulls)
    lifted = {n for branch in look.branches for n in _lifted(branch, decision.kept, facts, has_rivals)}
    left = unmet(look.wishes, outcome.deeds, decision.kept, order.style.branch_prefix)
    return State(decision.changes, decision.kept, outcome.deeds, lambda kept: id(kept.finding) in lifted, left)


def _written(tools: Tools, order: Order, look: Look, text: str, board: Board, ration: Ration) -> Board:
    before = look.standing.issue
    title = before.title if before else order.style.dashboards.title
    try:
        tools.failpoint("before-dashboard")
        issue = tools.forge.write_issue(look.repository, before, title, text)
        tools.failpoint("after-dashboard")
    except ForgeBusy as busy:
        ration.busy = busy
        return replace(board, error=str(busy))
    except ForgeForbids as error:
        return replace(board, action="leave", reason=str(error))
    except ForgeError as error:
        return replace(board, error=str(error))
    if before is not None and issue.body.rstrip() == before.body.rstrip():
        return Board(issue.url)  # a forge may keep a text otherwise than it was told
    if before is not None and issue.body.rstrip() != text.rstrip():
        return Board(issue.url, reason=_CHANGED)
    return replace(board, url=issue.url, done=True)


def _lifted(branch: Branch, kept: Iterable[Kept], facts: Facts, has_rivals: bool) -> set[int]:
    """Return the findings (their ids) that would be changed if their images were asked for, as `--now` does.

    What still would have to be looked up for that is looked up when somebody asks, so a box is offered.
    """
    here = {id(finding) for finding in branch.seen.findings}
    left = [one for one in kept if one.outcome in _LIFTED and one.finding.reference and id(one.finding) in here]
    policy = branch.terms.policy
    urgent = replace(branch.terms, policy=replace(policy, asked=replace(policy.asked, now=_ANY)))
    # Another bot's pull request holds what would be a change as it is.
    held = [one.finding for one in left if has_rivals and one.outcome == "held"]
    rivals = _changed(held, facts, branch.terms)
    return _changed([one.finding for one in left], facts, urgent, unknown=True) - rivals


def _changed(findings: Sequence[Finding], facts: Facts, terms: Terms, *, unknown: bool = False) -> set[int]:
    """Return which of these the plan changes; with `unknown`, also those for which more would have to be known."""
    open_questions = plans.waiting(findings, facts, INTENT, terms)
    is_known = [not questions for questions in open_questions]
    decided = [finding for finding, known in zip(findings, is_known, strict=True) if known]
    found = {id(change.finding) for change in plans.decide(decided, facts, INTENT, terms).changes}
    if unknown:
        found |= {id(finding) for finding, known in zip(findings, is_known, strict=True) if not known}
    return found

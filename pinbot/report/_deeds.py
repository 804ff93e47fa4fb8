"""What all forms of a report on a pass share: the words for what was, or would be, done about a pull request."""

from __future__ import annotations

from pinbot.proposals.action import Action, Close, Disarm, Finish, Leave, Open, Prune, Update
from pinbot.proposals.proposal import Proposal
from pinbot.proposals.pull import PullRequest
from pinbot.proposals.result import Board, Deed, Visit

WORDS = ("open", "update", "finish", "close", "prune", "disarm", "leave")


def word(action: Action) -> str:
    """Return the word for an action, as JSON has it."""
    return type(action).__name__.lower()


def proposal(action: Action) -> Proposal | None:
    """Return the pull request as it should be, where one should."""
    return None if isinstance(action, Close | Prune) else action.proposal


def pull(action: Action) -> PullRequest | None:
    """Return the pull request that is there, where one is."""
    return None if isinstance(action, Open | Prune) else action.pull


def branch(action: Action) -> str:
    """Return the branch that an action is about."""
    if isinstance(action, Prune):
        return action.branch
    wanted, there = proposal(action), pull(action)
    return wanted.branch if wanted else there.branch if there else ""


def title(action: Action) -> str:
    """Return the title that a pull request has, or is to have."""
    wanted, there = proposal(action), pull(action)
    return wanted.title if wanted else there.title if there else ""


def reason(action: Action) -> str:
    """Return why something is done, or is not."""
    match action:
        case Finish():
            return "the run that opened it did not come to its end"
        case Prune():
            return "no open pull request is from this branch"
        case Open(reason=said) | Update(reason=said) | Close(reason=said) | Disarm(reason=said) | Leave(reason=said):
            return said


def state(deed: Deed) -> str:
    """Return the word for a deed: `opened`, `would open`, `failed`, `left`."""
    if deed.error:
        return "failed"
    if isinstance(deed.action, Leave):
        return "left"
    done, would = _TENSES[word(deed.action)]
    return done if deed.done else f"would {would}"


def board_state(board: Board) -> str:
    """Return the word for what became of a dashboard."""
    if board.error:
        return "failed"
    if board.action == "leave":
        return "left"
    done, would = _TENSES[board.action]
    return done if board.done else f"would {would}"


def is_settled(deed: Deed) -> bool:
    """Return whether nobody needs to hear of it: what should be there is there, or nothing should."""
    action = deed.action
    if not isinstance(action, Leave) or not deed.is_idle:
        return False
    wanted, there = action.proposal, action.pull
    return wanted is None or (
        there is not None and any(one.claimed_fingerprint == wanted.fingerprint for one in there.commits)
    )


_TENSES = {
    "open": ("opened", "open"),
    "update": ("updated", "update"),
    "finish": ("finished", "finish"),
    "close": ("closed", "close"),
    "prune": ("branch deleted", "delete branch"),
    "disarm": ("merging stopped", "stop merging"),
}


def standing(visit: Visit) -> str:
    """Return in a few words what a repository came to."""
    if visit.error:
        return "failed"
    if visit.passed_over:
        return "passed over"
    return visit.mode

"""A pass over repositories as JSON, `pinbot.sweep/1`: docs/sweep.md has the form."""

from __future__ import annotations

from pinbot.planning.diff import diff
from pinbot.planning.result import Context
from pinbot.proposals.proposal import Proposal
from pinbot.proposals.result import Board, Deed, Sweep, Visit
from pinbot.report import _deeds, _objects
from pinbot.report._objects import Object


def sweep(result: Sweep, context: Context, *, with_diffs: bool = False) -> str:
    """Return `pinbot.sweep/1`; with diffs, what each pull request changes is in it as a unified diff."""
    return _objects.dumped(
        {
            "schema": "pinbot.sweep/1",
            "repositories": [_visit(visit, with_diffs) for visit in result.visits],
            "error": result.error,
            "context": _objects.context(context),
            "summary": _summary(result),
        }
    )


def _visit(visit: Visit, with_diffs: bool) -> Object:
    return {
        "repository": visit.repository.name,
        "id": visit.repository.id,
        "mode": visit.mode,
        "passed_over": visit.passed_over,
        "error": visit.error,
        "pull_requests": [_deed(deed, with_diffs) for deed in visit.deeds],
        "changes": [_objects.change(change) for change in visit.changes],
        "outcomes": [_objects.outcome(one) for one in visit.kept],
        "skipped_files": [{"path": path, "reason": why} for path, why in visit.skipped_files],
        "dashboard": _board(visit.board) if visit.board else None,
    }


def _board(board: Board) -> Object:
    return {
        "action": board.action,
        "done": board.done,
        "error": board.error,
        "reason": board.reason,
        "url": board.url or None,
    }


def _deed(deed: Deed, with_diffs: bool) -> Object:
    pull, proposal = _deeds.pull(deed.action), _deeds.proposal(deed.action)
    return {
        "action": _deeds.word(deed.action),
        "done": deed.done,
        "error": deed.error,
        "reason": _deeds.reason(deed.action) or None,
        "branch": _deeds.branch(deed.action),
        "title": _deeds.title(deed.action) or None,
        "number": pull.number if pull else None,
        "url": deed.url or None,
        "warnings": list(deed.warnings),
        "proposal": _proposal(proposal, with_diffs) if proposal else None,
    }


def _proposal(proposal: Proposal, with_diffs: bool) -> Object:
    return {
        "group": proposal.key,
        "base": proposal.base,
        "title": proposal.title,
        "body": proposal.body,
        "fingerprint": proposal.fingerprint,
        "labels": list(proposal.dressing.labels),
        "reviewers": list(proposal.dressing.reviewers),
        "assignees": list(proposal.dressing.assignees),
        "milestone": proposal.dressing.milestone,
        "draft": proposal.dressing.is_draft,
        "auto_merge": proposal.merges_itself,
        "changes": [_objects.change(change) for change in proposal.changes],
        **({"diff": diff(proposal.patches)} if with_diffs else {}),
    }


def _summary(result: Sweep) -> Object:
    done = [deed for visit in result.visits for deed in visit.deeds if deed.done]
    return {
        "repositories": len(result.visits),
        "failed": sum(visit.error is not None for visit in result.visits),
        "passed_over": sum(visit.passed_over is not None for visit in result.visits),
        "references": sum(visit.references for visit in result.visits),
        **{name: sum(_deeds.word(deed.action) == name for deed in done) for name in _deeds.WORDS if name != "leave"},
        "started": _objects.time(result.started),
        "finished": _objects.time(result.finished),
        "paced_seconds": round(result.paced.total_seconds()),
    }

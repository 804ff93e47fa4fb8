"""What changed in the images of the pull requests that are opened or updated now; of no others anybody is asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial

from pinbot import rounds
from pinbot.planning import reviewed
from pinbot.planning.outcome import Change
from pinbot.planning.policy import Policy
from pinbot.ports import Doors
from pinbot.proposals.action import Action, Finish, Open, Update
from pinbot.proposals.drafts import Draft
from pinbot.sweep.answers import Answers


def explained(doors: Doors, actions: Sequence[Action], drafts: Iterable[Draft], known: Answers) -> list[Action]:
    """Return the actions with proposals that say what changed; `drafts` are what the proposals were made of.

    What the registries say of digests holds for ever, so the ledger keeps it. Nothing that decisions may need of a pull
    limit is spent on texts.
    """
    by_branch = {draft.branch: draft for draft in drafts}
    written = [by_branch[a.proposal.branch] for a in actions if isinstance(a, Open | Update | Finish)]
    changes: list[tuple[Change, Policy]] = [(c, draft.policy) for draft in written for c in draft.group.changes]
    if not changes:
        return list(actions)
    whom = replace(doors, resolver=doors.spare or doors.resolver)
    facts = rounds.answered(whom, partial(reviewed.missing, changes), known.facts)
    doors.ledger.record((), {question: answer for question, answer in facts.items() if question not in known.facts})
    told = replace(known.told, evidence=reviewed.evidence(changes, facts))

    def one(action: Action) -> Action:
        if isinstance(action, Open | Update | Finish):
            draft = by_branch[action.proposal.branch]
            return replace(action, proposal=draft.explained(action.proposal, told))
        return action

    return list(map(one, actions))

"""What a repository should have as pull requests.

What people have declined is known only from closed pull requests, which forges tell of by their branches, and these
follow from the decision: the branches that would be opened, and those where the same was or could have been offered by
an emergency or under other settings. So it is made again with what was declined, until no other branch turns up.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from pinbot import run
from pinbot.errors import ForgeBusy, ForgeError, SourceError
from pinbot.planning import plan as plans
from pinbot.planning.declined import Declined
from pinbot.planning.outcome import Change, Kept
from pinbot.planning.result import Update
from pinbot.proposals import rivals
from pinbot.proposals.branches import branch as named
from pinbot.proposals.branches import within
from pinbot.proposals.declined import declined, token
from pinbot.proposals.drafts import Destination, Draft, Drafts, Proof, drafts
from pinbot.proposals.grouping import emergencies, everywhere, image
from pinbot.proposals.owners import PLACES
from pinbot.proposals.proposal import Proposal
from pinbot.proposals.pull import PullRequest
from pinbot.proposals.style import CODEOWNERS
from pinbot.source.text import decode
from pinbot.sweep.answers import INTENT, Answers, answered_again
from pinbot.sweep.look import Branch, Look, ours
from pinbot.sweep.tools import Order, Tools

# Each round asks about branches that the one before did not have; more than two need a person who closes while we look.
_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Decision:
    """What is wanted in a repository, and what was left, over all its base branches.

    `closed` are the closed pull requests of the branches on which something is to be changed, and of `related` ones:
    those from which the changes that are not open yet may have been offered before. `drafts` are what the proposals
    were made of.
    """

    proposals: tuple[Proposal, ...] = ()
    changes: tuple[Change, ...] = ()
    kept: tuple[Kept, ...] = ()
    closed: tuple[PullRequest, ...] = ()
    drafts: tuple[Draft, ...] = ()
    related: frozenset[str] = frozenset()

    @property
    def is_uncertain(self) -> bool:
        """Whether something could not be looked up."""
        return any(kept.outcome == "lookup-failed" for kept in self.kept)


def decide(tools: Tools, order: Order, look: Look, known: Answers) -> Decision:
    """Return what is wanted in a repository. Raises PinbotError where the forge does not say what that needs."""
    return _Deciding(tools, order, look).decision(known)


class _Deciding:
    def __init__(self, tools: Tools, order: Order, look: Look) -> None:
        self._tools, self._order, self._look = tools, order, look
        self._style, self._forge, self._repository = order.style, tools.forge, look.repository
        self._again = {branch.name: run.rescan(branch.scope) for branch in look.branches}
        self._claims: tuple[rivals.Claim, ...] | None = None

    def decision(self, known: Answers) -> Decision:
        closed: dict[int, PullRequest] = {}
        asked: set[str] = set()
        refused = self._declined(())
        decision = self._decided(known, refused)
        for _ in range(_ROUNDS):
            unknown = decision.related - asked
            if not unknown:
                break
            asked |= unknown
            closed |= {p.number: p for p in self._forge.closed(self._repository, sorted(unknown))}
            now_refused = self._declined(closed.values())
            if now_refused != refused:
                refused = now_refused
                again = answered_again(self._tools.doors, self._look.branches, known, refused)
                decision = self._decided(again, refused)
        return replace(decision, closed=tuple(closed.values()))

    def _declined(self, closed: Iterable[PullRequest]) -> dict[str, Declined]:
        """Return what was declined, by base branch."""
        pulls = (*closed, *self._look.standing.pulls)
        names = [branch.name for branch in self._look.branches]
        return {name: declined(p for p in pulls if self._within(p.branch, name) is not None) for name in names}

    def _within(self, branch: str, base: str) -> str | None:
        return within(branch, self._style.branch_prefix, self._repository.named_base(base))

    def _is_open(self, proposal: Proposal) -> bool:
        """Whether an open pull request has just this content: then nothing in it was declined, and nobody is asked."""
        return any(
            pull.branch == proposal.branch
            and pull.in_repository
            and any(commit.fingerprint == proposal.fingerprint for commit in pull.commits)
            for pull in self._look.standing.pulls
        )

    def _decided(self, known: Answers, refused: Mapping[str, Declined]) -> Decision:
        found = [self._of_branch(branch, known, refused[branch.name]) for branch in self._look.branches]
        related = [
            self._related(branch, one.proposals) for branch, (one, _) in zip(self._look.branches, found, strict=True)
        ]
        return Decision(
            tuple(proposal for one, _ in found for proposal in one.proposals),
            tuple(change for one, _ in found for proposal in one.proposals for change in proposal.changes),
            tuple(kept for one, update in found for kept in (*update.kept, *one.refused)),
            drafts=tuple(draft for one, _ in found for draft in one.drafts),
            related=frozenset().union(*related),
        )

    def _related(self, branch: Branch, proposals: Iterable[Proposal]) -> frozenset[str]:
        """Return the branches from which what is not open yet may have been offered."""
        new = [proposal for proposal in proposals if not self._is_open(proposal)]
        changes = [change for proposal in new for change in proposal.changes]
        keys = everywhere(changes, branch.terms.policy, self._repository.named_base(branch.name))
        return frozenset({p.branch for p in new} | {named(self._style.branch_prefix, key) for key in keys})

    def _of_branch(self, branch: Branch, known: Answers, refused: Declined) -> tuple[Drafts, Update]:
        terms, seen = replace(branch.terms, declined=refused), branch.seen
        plan = plans.decide(seen.findings, known.facts, INTENT, terms)
        update = Update(seen, plan.changes, plan.kept, ())  # each group is proved on its own
        update = rivals.yielding(update, self._rivals()) if update.changes else update
        proof = Proof({path: file.text for path, file in seen.files.items()}, self._again[branch.name], seen.readers)
        owners, merges = self._owners(branch), self._forge.has_merging
        to = Destination(self._repository, branch.name, owners, self._forge.dialect, merges)
        is_urgent = self._urgency(update.changes, terms.hurried, to.named_base)
        return drafts(update, proof, terms.policy, self._style, to, known.told, is_urgent), update

    def _urgency(
        self, changes: Iterable[Change], hurried: Collection[str], base: str | None
    ) -> Callable[[Change], bool]:
        """Return which changes come on their own: those of a pass about images, this one or one that is open still.

        An image that is asked for on the dashboard is as good as such a pass.

        Where nothing of what that has offered is to be had any more, what follows it belongs there too.
        """
        if self._order.is_meant is not None:
            return lambda _change: True
        prefix = self._style.branch_prefix
        there = {pull.branch for pull in ours(self._look.standing, prefix)}
        alive = {image(change.old) for change in changes if token(change) in hurried}

        def follows(change: Change) -> bool:
            if change.kind == "pin" or image(change.old) in alive:
                return False
            return not there.isdisjoint(named(prefix, key) for key in emergencies(change.old, base))

        asked = self._look.wishes.now
        return lambda change: token(change) in hurried or image(change.old) in asked or follows(change)

    def _owners(self, branch: Branch) -> Mapping[str, str]:
        """Return the CODEOWNERS that there are, where reviewers come from them."""
        if CODEOWNERS not in self._style.reviewers:
            return {}
        known = frozenset(branch.checkout.paths())
        texts: dict[str, str] = {}
        for path in known.intersection(PLACES[self._forge.dialect]):
            with suppress(SourceError):  # one that is none to read (a pointer of LFS) names nobody
                texts[path] = decode(branch.checkout.read(path))
        return texts

    def _rivals(self) -> Sequence[rivals.Claim]:
        """Return what other bots claim; their diffs are asked for once, and only where something is to be changed."""
        if self._claims is None:
            pulls = rivals.rivals(self._look.standing.pulls, self._style.branch_prefix)
            self._claims = tuple(rivals.claim(p, self._diff(p)) for p in pulls)
        return self._claims

    def _diff(self, pull: PullRequest) -> str:
        try:
            return self._forge.diff(self._repository, pull)
        except ForgeBusy:
            raise
        except ForgeError:
            if pull.in_repository:
                raise
            return ""  # anybody can open one from a fork that takes a forge too long

"""One repository, from what its files hold to its pull requests.

What people have declined is known only from the closed pull requests of the branches that would be opened, and these
follow from the decision. So it is made again with what was declined, until no other branch turns up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from pinbot import rounds, run
from pinbot.errors import ForgeBusy, PinbotError
from pinbot.oci.history import History, Memory, Observation
from pinbot.oci.resolution import Facts, Remembered
from pinbot.planning.declined import Declined
from pinbot.planning.observations import observations
from pinbot.planning.outcome import Change, Intent, Kept
from pinbot.planning.plan import waiting
from pinbot.planning.policy import Terms
from pinbot.planning.result import Update
from pinbot.ports import Doors
from pinbot.proposals import rivals
from pinbot.proposals.action import Action, Leave, Open
from pinbot.proposals.action import Update as Renew
from pinbot.proposals.declined import declined
from pinbot.proposals.drafts import Drafts, Proof, drafts
from pinbot.proposals.drafts import Scene as Stage
from pinbot.proposals.news import Told
from pinbot.proposals.owners import PLACES
from pinbot.proposals.pacing import Count, NotNow, last_opened, may_open, may_update
from pinbot.proposals.proposal import Proposal
from pinbot.proposals.pull import Commit, PullRequest
from pinbot.proposals.reconcile import Scene, reconcile
from pinbot.proposals.result import Deed, Visit
from pinbot.proposals.style import CODEOWNERS
from pinbot.rounds import Part
from pinbot.source.text import decode
from pinbot.sweep.deeds import Hand, url_of
from pinbot.sweep.look import Branch, Look
from pinbot.sweep.tools import Order, Tools

INTENT = Intent(pin=True, refresh=True)
# Each round asks about branches that the one before did not have; more than two need a person who closes while we look.
_ROUNDS = 4


@dataclass
class Ration:
    """How many new pull requests the run has opened; the one thing that its repositories share."""

    opened: int = 0


def answered(doors: Doors, looks: Iterable[Look], facts: Facts, now: datetime) -> Facts:
    """Return `facts` with all that the decisions about these repositories need, each question asked once for all."""
    branches = [branch for one in looks for branch in one.branches]
    findings = [finding for branch in branches for finding in branch.seen.findings]
    found = rounds.settled(doors, [_part(branch, branch.terms) for branch in branches], facts)
    # Texts say since when an image is known, whether a decision had to know that or not.
    images = dict.fromkeys(Remembered(f.reference.registry, f.reference.path) for f in findings if f.reference)
    found = {**found, **doors.ledger.known([question for question in images if question not in found])}
    new = {question: answer for question, answer in found.items() if question not in facts}
    doors.ledger.record(observations(findings, new, now), new)
    return found


def visit(tools: Tools, order: Order, look: Look, facts: Facts, ration: Ration) -> Visit:
    """Decide about a repository, and do what is to be done. Raises ForgeBusy: then nobody may be asked any more."""
    try:
        return _Visiting(tools, order, look, ration).visit(facts)
    except ForgeBusy:
        raise
    except PinbotError as error:
        return Visit(look.repository, look.mode, error=str(error))


@dataclass(frozen=True, slots=True)
class _Decision:
    """What is wanted in a repository, and what was left, over all its base branches."""

    proposals: tuple[Proposal, ...] = ()
    changes: tuple[Change, ...] = ()
    kept: tuple[Kept, ...] = ()

    @property
    def is_uncertain(self) -> bool:
        return any(kept.outcome == "lookup-failed" for kept in self.kept)


class _Visiting:
    def __init__(self, tools: Tools, order: Order, look: Look, ration: Ration) -> None:
        self._tools, self._order, self._look, self._ration = tools, order, look, ration
        self._style, self._forge, self._repository = order.style, tools.forge, look.repository
        self._claims: tuple[rivals.Claim, ...] | None = None
        self._ours: dict[str, bool] = {}

    def visit(self, facts: Facts) -> Visit:
        decision, closed = self._decision(facts)
        actions = self._actions(decision, closed)
        return Visit(
            self._repository,
            self._look.mode,
            self._deeds(actions),
            decision.changes,
            decision.kept,
            tuple((skip.path, skip.reason) for branch in self._look.branches for skip in branch.seen.skips),
        )

    def _decision(self, facts: Facts) -> tuple[_Decision, Sequence[PullRequest]]:
        """Decide, and return as well the closed pull requests of the branches on which something is to be changed."""
        closed: dict[int, PullRequest] = {}
        asked: set[str] = set()
        refused = Declined()
        decision = self._decided(facts, refused)
        for _ in range(_ROUNDS):
            unknown = {p.branch for p in decision.proposals if not self._is_open(p)} - asked
            if not unknown:
                break
            asked |= unknown
            closed |= {p.number: p for p in self._forge.closed(self._repository, sorted(unknown))}
            now_refused = declined([*closed.values(), *self._look.standing.pulls])
            if now_refused != refused:
                refused = now_refused
                decision = self._decided(self._answered(facts, refused), refused)
        return decision, tuple(closed.values())

    def _is_open(self, proposal: Proposal) -> bool:
        """Whether an open pull request has just this content: then nothing in it was declined, and nobody is asked."""
        return any(
            pull.branch == proposal.branch
            and pull.in_repository
            and any(commit.fingerprint == proposal.fingerprint for commit in pull.commits)
            for pull in self._look.standing.pulls
        )

    def _answered(self, facts: Facts, refused: Declined) -> Facts:
        parts = [_part(branch, replace(branch.terms, declined=refused)) for branch in self._look.branches]
        return rounds.settled(self._tools.doors, parts, facts)

    def _decided(self, facts: Facts, refused: Declined) -> _Decision:
        found = [self._of_branch(branch, facts, refused) for branch in self._look.branches]
        return _Decision(
            tuple(proposal for one, _ in found for proposal in one.proposals),
            tuple(change for one, _ in found for proposal in one.proposals for change in proposal.changes),
            tuple(kept for one, update in found for kept in (*update.kept, *one.refused)),
        )

    def _of_branch(self, branch: Branch, facts: Facts, refused: Declined) -> tuple[Drafts, Update]:
        terms = replace(branch.terms, declined=refused)
        update = run.decided(self._order.scope, branch.seen, facts, INTENT, terms)
        update = rivals.yielding(update, self._rivals()) if update.changes else update
        seen = branch.seen
        proof = Proof(
            {path: file.text for path, file in seen.files.items()}, run.rescan(self._order.scope), seen.readers
        )
        stage = Stage(self._repository, branch.name, self._owners(branch), self._forge.dialect)
        told = _told(facts, observations(branch.seen.findings, facts, self._order.now))
        return drafts(update, proof, terms.policy, self._style, stage, told), update

    def _owners(self, branch: Branch) -> Mapping[str, str]:
        """Return the CODEOWNERS that there are, where reviewers come from them."""
        if CODEOWNERS not in self._style.reviewers:
            return {}
        places = [path for path in PLACES[self._forge.dialect] if path in set(branch.checkout.paths())]
        return {path: decode(branch.checkout.read(path)) for path in places}

    def _rivals(self) -> tuple[rivals.Claim, ...]:
        """Return what other bots claim; their diffs are asked for once, and only where something is to be changed."""
        if self._claims is None:
            pulls = [p for p in self._look.standing.pulls if rivals.is_rival(p, self._style.branch_prefix)]
            self._claims = tuple(rivals.claim(p, self._forge.diff(self._repository, p)) for p in pulls)
        return self._claims

    def _actions(self, decision: _Decision, closed: Sequence[PullRequest]) -> list[Action]:
        pulls = self._look.standing.pulls
        scene = Scene(pulls, self._branches(decision), self._style.branch_prefix, self._is_ours, decision.is_uncertain)
        count = Count(sum(_counts(pull, scene.prefix) for pull in pulls), 0)
        actions: list[Action] = []
        for action in reconcile(decision.proposals, scene):
            held = self._not_now(action, count, (*closed, *pulls))
            if held is not None and isinstance(action, Open | Renew):
                pull = action.pull if isinstance(action, Renew) else None
                actions.append(Leave(_waits(held), pull, action.proposal))
                continue
            if isinstance(action, Open) and not action.proposal.exempt:
                count = replace(count, open_here=count.open_here + 1)
                self._ration.opened += 1
            actions.append(action)
        return actions

    def _not_now(self, action: Action, count: Count, pulls: Iterable[PullRequest]) -> NotNow | None:
        match action:
            case Open(proposal=proposal):
                latest = last_opened(pulls, proposal.branch)
                counted = replace(count, new_in_run=self._ration.opened)
                return may_open(proposal, self._style, self._order.now, counted, latest)
            case Renew(proposal=proposal):
                return may_update(proposal, self._style, self._order.now)
            case _:
                return None

    def _standing_for(self, branches: Mapping[str, Commit], decision: _Decision) -> tuple[PullRequest, ...]:
        """Return what stands for pull requests where a remote has none: each branch of ours."""
        bases = {proposal.branch: proposal.base for proposal in decision.proposals}
        usual = self._repository.default_branch
        return tuple(
            PullRequest(0, "", "open", name, bases.get(name, usual), name, "", "", True, True, (tip,), self._order.now)
            for name, tip in branches.items()
        )

    def _branches(self, decision: _Decision) -> Mapping[str, Commit]:
        """Return the tips of our branches; they are asked for only where a pull request is to be opened from one."""
        standing = self._look.standing
        if standing.branches is not None or not self._forge.pushes:
            return standing.branches or {}
        if not self._forge.has_pull_requests:
            return self._look.branches[0].checkout.branches(self._style.branch_prefix)
        known = {pull.branch for pull in standing.pulls if pull.in_repository}
        if all(proposal.branch in known for proposal in decision.proposals):
            return {}
        return self._look.branches[0].checkout.branches(self._style.branch_prefix)

    def _is_ours(self, commit: Commit) -> bool:
        """Whether a commit is ours: its message says so, and its tree or, after a rebase, its patch proves it."""
        if commit.sha not in self._ours:
            self._ours[commit.sha] = commit.fingerprint is not None or (
                commit.claimed_fingerprint is not None
                and self._look.branches[0].checkout.fingerprint(commit.sha) == commit.claimed_fingerprint
            )
        return self._ours[commit.sha]

    def _deeds(self, actions: Iterable[Action]) -> tuple[Deed, ...]:
        if self._look.mode == "observe":
            return tuple(Deed(action, url=url_of(action)) for action in actions)
        checkouts = {branch.name: branch.checkout for branch in self._look.branches}
        hand = Hand(self._forge, self._repository, checkouts, self._style.sign_off, self._tools.failpoint)
        return tuple(hand.carry_out(action) for action in actions)


def _part(branch: Branch, terms: Terms) -> Part:
    return Part(branch.seen.findings, partial(waiting, intent=INTENT, terms=terms))


def _told(facts: Facts, observed: Iterable[Observation]) -> Told:
    """Return what the ledger knew before this run, and what this run has seen."""
    memories: dict[tuple[str, str], dict[str, History]] = {}
    for question, answer in facts.items():
        if isinstance(question, Remembered) and isinstance(answer, Memory):
            memories[question.registry, question.path] = dict(answer.tags)
    for one in observed:
        tags = memories.setdefault((one.registry, one.path), {})
        tags[one.tag] = tags.get(one.tag, History()).observed(one)
    return Told({image: Memory(tags) for image, tags in memories.items()})


def _counts(pull: PullRequest, prefix: str) -> bool:
    return pull.by_us and pull.in_repository and pull.branch.startswith(prefix)


def _waits(held: NotNow) -> str:
    return held.reason if held.until is None else f"{held.reason}; not before {held.until:%Y-%m-%d %H:%M} UTC"

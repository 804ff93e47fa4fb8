"""One repository, from what is wanted there to its pull requests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pinbot.errors import ForgeBusy, PinbotError
from pinbot.proposals.action import Action, Disarm, Leave, Open, Update
from pinbot.proposals.pacing import Count, NotNow, last_opened, may_open, may_update
from pinbot.proposals.pull import Commit
from pinbot.proposals.reconcile import UNRULED, Scene, reconcile
from pinbot.proposals.result import Deed, Visit
from pinbot.sweep.answers import Answers
from pinbot.sweep.board import Outcome, written
from pinbot.sweep.decision import Decision, decide
from pinbot.sweep.deeds import Hand, url_of
from pinbot.sweep.explaining import explained
from pinbot.sweep.look import Look, bug_in
from pinbot.sweep.tools import Order, Ration, Tools


def visit(tools: Tools, order: Order, look: Look, known: Answers, ration: Ration) -> Visit:
    """Decide about a repository, and do what is to be done. Raises ForgeBusy where nothing could be decided."""
    try:
        decision = decide(tools, order, look, known)
        actions = _Choosing(tools, order, look, decision, ration).actions()
        if look.mode == "propose" or order.explains:
            actions = explained(tools.doors, actions, decision.drafts, known)
        deeds = _deeds(tools, order, look, actions, ration)
        board = written(tools, order, look, Outcome(decision, known, deeds), ration)
        ration.opened += sum(_is_new(deed) for deed in deeds) if _is_granted(order, look) else 0
    except ForgeBusy:
        raise
    except PinbotError as error:
        return Visit(look.repository, look.mode, error=str(error))
    except Exception as bug:  # noqa: BLE001 # of ours, and the next repository is not to pay for it
        return Visit(look.repository, look.mode, error=bug_in(bug))
    skips = tuple((skip.path, skip.reason) for branch in look.branches for skip in branch.seen.skips)
    return Visit(look.repository, look.mode, deeds, decision.changes, decision.kept, skips, board=board)


class _Choosing:
    """From what is wanted and what is there to what is done now."""

    def __init__(self, tools: Tools, order: Order, look: Look, decision: Decision, ration: Ration) -> None:
        self._tools, self._order, self._look, self._decision, self._ration = tools, order, look, decision, ration
        self._style, self._first = order.style, look.branches[0].checkout
        self._ours: dict[str, bool] = {}

    def actions(self) -> list[Action]:
        scene = self._scene()
        exempt = {proposal.branch for proposal in self._decision.proposals if proposal.exempt}
        ours = [p for p in scene.pulls if p.by_us and p.in_repository and p.branch.startswith(scene.prefix)]
        count = Count(sum(pull.branch not in exempt for pull in ours), self._ration.opened)
        actions: list[Action] = []
        for action in reconcile(self._decision.proposals, scene):
            held = self._not_now(action, count)
            if held is not None and isinstance(action, Open | Update):
                actions.append(_left(action, held))
                continue
            if isinstance(action, Open) and not action.proposal.exempt:
                count = Count(count.open_here + 1, count.new_in_run + 1)
            actions.append(action)
        return actions

    def _not_now(self, action: Action, count: Count) -> NotNow | None:
        if isinstance(action, Open | Update) and action.proposal.branch in self._look.wishes.branches:
            return None
        match action:
            case Open(proposal=proposal):
                latest = last_opened((*self._decision.closed, *self._look.standing.pulls), proposal.branch)
                return may_open(proposal, self._style, self._order.now, count, latest)
            case Update(proposal=proposal):
                return may_update(proposal, self._style, self._order.now)
            case _:
                return None

    def _scene(self) -> Scene:
        branches, prefix = self._branches(), self._style.branch_prefix
        pulls = self._look.standing.pulls
        if self._order.is_meant is not None:
            wanted = {proposal.branch for proposal in self._decision.proposals}
            pulls = tuple(pull for pull in pulls if pull.branch in wanted)
            branches = {name: tip for name, tip in branches.items() if name in wanted}
        return Scene(pulls, branches, prefix, self._is_ours, self._decision.is_uncertain, self._rebase())

    def _rebase(self) -> dict[str, str]:
        """Return the branches that are asked to be rebuilt, with the heads of their bases."""
        heads, asked = {b.name: b.checkout.head for b in self._look.branches}, self._look.wishes.rebase
        return {p.branch: heads[p.base] for p in self._decision.proposals if p.branch in asked}

    def _branches(self) -> Mapping[str, Commit]:
        """Return the tips of our branches; git is asked for them only where a pull request is to be opened from one."""
        standing, forge = self._look.standing, self._tools.forge
        if standing.branches is not None or not forge.pushes:
            return standing.branches or {}
        known = {pull.branch for pull in standing.pulls if pull.in_repository}
        if all(proposal.branch in known for proposal in self._decision.proposals):
            return {}
        return self._first.branches(self._style.branch_prefix)

    def _is_ours(self, commit: Commit) -> bool:
        """Whether a commit is ours: its message says so, and its tree or, after a rebase, its patch proves it.

        Where a remote tells of nothing but tips, one that was rebased may stand on somebody else's work.
        """
        if not self._tools.forge.has_pull_requests:
            return commit.fingerprint is not None
        if commit.sha not in self._ours:
            claimed = commit.claimed_fingerprint
            self._ours[commit.sha] = commit.fingerprint is not None or (
                claimed is not None and self._first.fingerprint(commit.sha) == claimed
            )
        return self._ours[commit.sha]


def _deeds(tools: Tools, order: Order, look: Look, actions: Iterable[Action], ration: Ration) -> tuple[Deed, ...]:
    if look.mode == "observe":
        return tuple(Deed(action, url=url_of(action)) for action in actions)
    checkouts = {branch.name: branch.checkout for branch in look.branches}
    hand = Hand(tools.forge, look.repository, checkouts, order.style.sign_off, tools.failpoint, tools.committer)
    return tuple(_deed(hand, action, ration) for action in actions)


def _deed(hand: Hand, action: Action, ration: Ration) -> Deed:
    if ration.busy is None:
        try:
            return hand.carry_out(action)
        except ForgeBusy as busy:
            ration.busy = busy
    return Deed(action, error=str(ration.busy), url=url_of(action))


def _is_granted(order: Order, look: Look) -> bool:
    """Whether what is opened here is counted; in a dry run too, so that it shows what would be done."""
    return order.style.grants.to(look.repository) is not None


def _is_new(deed: Deed) -> bool:
    return isinstance(deed.action, Open) and not deed.action.proposal.exempt and deed.error is None


def _left(action: Open | Update, held: NotNow) -> Leave | Disarm:
    """Leave it for now; what it would become is no reason to let what is there merge itself against the rules."""
    if isinstance(action, Open):
        return Leave(_waits(held), None, action.proposal, waits=True)
    if action.pull.merging_by_us and not action.proposal.may_merge:
        return Disarm(action.pull, f"{UNRULED}; {_waits(held)}", action.proposal)
    return Leave(_waits(held), action.pull, action.proposal, waits=True)


def _waits(held: NotNow) -> str:
    return held.reason if held.until is None else f"{held.reason}; not before {held.until:%Y-%m-%d %H:%M} UTC"

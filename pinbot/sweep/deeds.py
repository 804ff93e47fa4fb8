"""Carrying out the actions of one repository, so that a run that dies at any point is made good by the next.

    what is written                  if the run dies behind it, the next one finds
    commit (in the cache)            nothing: it makes the very same commit again
    push of a new branch             a branch of ours and no pull request: opens it
    opening                          a pull request that says that it is not finished: finishes it
    taking back that it merges       other content on the branch, or nothing left to do: goes on
    text of a newer one              other content on the branch: writes both again
    push of newer content            what should be there, or what says that it is not finished: finishes it
    telling it to merge itself       a pull request that says that it is not finished: tells it again, finishes it
    marking as withdrawn             what nobody wants: does all of it again
    deletion of the branch           a pull request without one, if it is open still: closes it
    text of the dashboard            a dashboard that says what was done: nothing is asked for there any more

So the text is written before the content when a pull request is updated, and after it when it is opened. One that is to
merge itself says until the end that it is not finished; one that is not to any more is told so before anything else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from pinbot.errors import BranchMoved, ForgeBusy, ForgeError, PinbotError, PushRefused
from pinbot.ports import Checkout, Forge
from pinbot.proposals.action import Action, Close, Disarm, Finish, Leave, Open, Prune, Update
from pinbot.proposals.proposal import Dressing, Proposal
from pinbot.proposals.pull import PENDING, PullRequest
from pinbot.proposals.repository import Repository
from pinbot.proposals.result import Deed
from pinbot.source.text import encode
from pinbot.sweep.tools import Committer

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Hand:
    """What carries out actions in one repository; `checkouts` are by base branch, `committer` as in Tools."""

    forge: Forge
    repository: Repository
    checkouts: Mapping[str, Checkout]
    sign_off: str | None = None
    failpoint: Callable[[str], None] = lambda _name: None
    committer: Committer | None = None

    def carry_out(self, action: Action) -> Deed:
        """Do what is to be done; what fails is said and stops nothing else.

        Raises ForgeBusy, as then the forge is not to be asked any more.
        """
        said: list[str] = []
        try:
            return Deed(action, done=True, url=self._done(action, said), warnings=tuple(said))
        except ForgeBusy:
            raise
        except PinbotError as error:
            return Deed(action, error=_told(error), url=url_of(action), warnings=tuple(said))

    def _done(self, action: Action, said: list[str]) -> str:
        match action:
            case Open():
                return self._open(action, said)
            case Update(pull=pull, proposal=proposal):
                self._update(pull, proposal, said)
            case Finish(pull=pull, proposal=proposal):
                self._finish(pull, proposal, said)
            case Close():
                self._close(action)
            case Prune(branch=branch, tip=tip):
                self._delete(branch, tip)
            case Disarm(pull=pull, comment=comment):
                self._disarm(pull)
                self._comment(pull, comment)
            case Leave(pull=PullRequest() as pull, comment=comment):
                self._comment(pull, comment)
            case Leave():
                pass
        return url_of(action)

    def _open(self, action: Open, said: list[str]) -> str:
        proposal = action.proposal
        head = action.tip if action.is_pushed else self._push(proposal, action.tip)
        merges = self._merges(proposal, said)
        written = replace(proposal, is_pending=merges)
        pull = self._write("open", lambda: self.forge.open(self.repository, written))
        if merges and pull.by_us:
            self._arm(pull, head, said)
            self._edit(pull, proposal)
        return pull.url

    def _update(self, pull: PullRequest, proposal: Proposal, said: list[str]) -> None:
        if not proposal.merges_itself and self.forge.has_merging:
            # Somebody may have pressed the button since the forge was asked where this stands, an hour ago perhaps.
            self._disarm(replace(pull, merges_itself=True))
        merges = self._merges(proposal, said)
        self._edit(pull, replace(proposal, is_pending=merges))
        head = self._push(proposal, pull.head.sha if pull.head else None)
        if merges:
            self._arm(pull, head, said)
            # What people have taken off since it was opened stays off.
            rest = proposal if pull.is_pending else replace(proposal, dressing=Dressing())
            body = f"{proposal.body}\n\n{PENDING}"
            self._edit(replace(pull, title=proposal.title, body=body, base=proposal.base), rest)

    def _finish(self, pull: PullRequest, proposal: Proposal, said: list[str]) -> None:
        if not proposal.merges_itself:
            self._disarm(pull)
        elif self._merges(proposal, said):
            self._arm(pull, pull.head.sha if pull.head else None, said)
        self._edit(pull, proposal)

    def _merges(self, proposal: Proposal, said: list[str]) -> bool:
        if proposal.merges_itself and not self.forge.has_merging:
            said.append("it does not merge itself: nothing there does that")
        return proposal.merges_itself and self.forge.has_merging

    def _arm(self, pull: PullRequest, head: str | None, said: list[str]) -> None:
        """Let the forge merge it when it is green; where that is refused, people have to, and are told why."""
        try:
            self._write("merge", lambda: self.forge.merge_when_green(self.repository, pull, head or ""))
        except ForgeBusy:
            raise
        except ForgeError as error:
            said.append(str(error))

    def _disarm(self, pull: PullRequest) -> None:
        """Take that back, whoever said so: they meant what was there."""
        if pull.merges_itself:
            self._write("stop-merging", lambda: self.forge.stop_merging(self.repository, pull))

    def _edit(self, pull: PullRequest, proposal: Proposal) -> None:
        self._write("edit", lambda: self.forge.edit(self.repository, pull, proposal))

    def _comment(self, pull: PullRequest, comment: str | None) -> None:
        if comment is not None:
            self._write("comment", lambda: self.forge.comment(self.repository, pull, comment))

    def _push(self, proposal: Proposal, tip: str | None) -> str | None:
        """Let the branch have the content, and return its commit; None where nothing is pushed."""
        if not self.forge.pushes:
            return None
        checkout = self.checkouts[proposal.base]
        files = {p.path: (encode(p.before), encode(p.after)) for p in proposal.patches}
        tree = checkout.tree(files)
        message = proposal.signed(tree, self.sign_off)
        if self.committer is not None:
            new = {path: after for path, (_, after) in files.items()}
            ask = partial(self.committer, self.repository, proposal.branch, checkout.head, message, new, tip)
            return self._write("push", ask)
        commit = checkout.commit(tree, message)
        if commit != tip:
            self._write("push", lambda: checkout.push(proposal.branch, commit, tip, self.forge.route(proposal)))
        return commit

    def _close(self, action: Close) -> None:
        pull, refused = action.pull, None
        self._disarm(pull)
        self._write("withdraw", lambda: self.forge.withdraw(self.repository, pull, action.reason))
        if action.delete_branch and pull.head and self.forge.pushes:
            try:
                self._delete(pull.branch, pull.head.sha)
            except PushRefused as error:
                refused = error  # a rule keeps branches; that nobody wants the pull request is as true
        self._write("close", lambda: self.forge.close(self.repository, pull))
        if refused is not None:
            raise refused

    def _delete(self, branch: str, tip: str) -> None:
        checkout = next(iter(self.checkouts.values()))
        self._write("delete", lambda: checkout.delete(branch, tip))

    def _write(self, name: str, write: Callable[[], T]) -> T:
        self.failpoint(f"before-{name}")
        result = write()
        self.failpoint(f"after-{name}")
        return result


def url_of(action: Action) -> str:
    """Return the address of the pull request that an action is about; empty where there is none."""
    match action:
        case Update(pull=pull) | Finish(pull=pull) | Close(pull=pull) | Disarm(pull=pull):
            return pull.url
        case Leave(pull=PullRequest() as pull):
            return pull.url
        case _:
            return ""


def _told(error: PinbotError) -> str:
    if isinstance(error, BranchMoved):
        return f"{error}; somebody else has pushed to it in this moment, and the next run looks at it again"
    return str(error)

"""Carrying out the actions of one repository, so that a run that dies at any point is made good by the next.

    what is written                  if the run dies behind it, the next one finds
    commit (in the cache)            nothing: it makes the very same commit again
    push of a new branch             a branch of ours and no pull request: opens it
    opening                          a pull request that says that it is not finished: finishes it
    text of a newer one              other content on the branch: writes both again
    push of newer content            what should be there
    marking as withdrawn             what nobody wants: does all of it again
    deletion of the branch           a pull request without one, if it is open still: closes it

So the text is written before the content when a pull request is updated, and after it when it is opened.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from pinbot.errors import BranchMoved, ForgeBusy, PinbotError, PushRefused
from pinbot.ports import Checkout, Forge
from pinbot.proposals.action import Action, Close, Finish, Leave, Open, Prune, Update
from pinbot.proposals.proposal import Proposal
from pinbot.proposals.pull import PullRequest
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
        try:
            return Deed(action, done=True, url=self._done(action))
        except ForgeBusy:
            raise
        except PinbotError as error:
            return Deed(action, error=_told(error), url=url_of(action))

    def _done(self, action: Action) -> str:
        match action:
            case Open(proposal=proposal, tip=tip, is_pushed=is_pushed):
                if not is_pushed:
                    self._push(proposal, tip)
                return self._write("open", lambda: self.forge.open(self.repository, proposal)).url
            case Update(pull=pull, proposal=proposal):
                self._write("edit", lambda: self.forge.edit(self.repository, pull, proposal))
                self._push(proposal, pull.head.sha if pull.head else None)
            case Finish(pull=pull, proposal=proposal):
                self._write("edit", lambda: self.forge.edit(self.repository, pull, proposal))
            case Close():
                self._close(action)
            case Prune(branch=branch, tip=tip):
                self._delete(branch, tip)
            case Leave(pull=PullRequest() as pull, comment=str(comment)):
                self._write("comment", lambda: self.forge.comment(self.repository, pull, comment))
            case Leave():
                pass
        return url_of(action)

    def _push(self, proposal: Proposal, tip: str | None) -> None:
        if not self.forge.pushes:
            return
        checkout = self.checkouts[proposal.base]
        files = {p.path: (encode(p.before), encode(p.after)) for p in proposal.patches}
        tree = checkout.tree(files)
        message = proposal.signed(tree, self.sign_off)
        if self.committer is not None:
            new = {path: after for path, (_, after) in files.items()}
            ask = partial(self.committer, self.repository, proposal.branch, checkout.head, message, new, tip)
            self._write("push", ask)
            return
        commit = checkout.commit(tree, message)
        if commit != tip:
            self._write("push", lambda: checkout.push(proposal.branch, commit, tip, self.forge.route(proposal)))

    def _close(self, action: Close) -> None:
        pull, refused = action.pull, None
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
        case Update(pull=pull) | Finish(pull=pull) | Close(pull=pull) | Leave(pull=PullRequest() as pull):
            return pull.url
        case _:
            return ""


def _told(error: PinbotError) -> str:
    if isinstance(error, BranchMoved):
        return f"{error}; somebody else has pushed to it in this moment, and the next run looks at it again"
    return str(error)

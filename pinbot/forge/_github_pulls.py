"""Pull requests written: opened once whatever happens, edited, closed, commented on, and read as a diff.

https://docs.github.com/en/rest/pulls/pulls and https://docs.github.com/en/rest/issues/issues.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pinbot.errors import AnswerTooLarge, ForgeError
from pinbot.forge._base import Warn
from pinbot.forge._github_account import Account
from pinbot.forge._github_answer import Invalid, Unclear
from pinbot.forge._github_dressing import Dresser
from pinbot.forge._github_read import dig, entries, login_of, pull_of_rest
from pinbot.forge._words import clip, mark
from pinbot.proposals.proposal import Proposal
from pinbot.proposals.pull import PENDING, WITHDRAWN, PullRequest
from pinbot.proposals.repository import Repository

_BODY = 65_536
# For the marks, so that the text is the same with and without them.
_ROOM = 200
_TITLE = 256
_DIFF = "application/vnd.github.diff"
# What was written may take a moment to be told of.
_LOOK_AFTER_SECONDS = (0.0, 2.0, 5.0)


@dataclass(frozen=True, slots=True)
class Pulls:
    """Writes for one account; `warn` is told what could not be had and is no reason to stop."""

    account: Account
    warn: Warn

    def open(self, repository: Repository, proposal: Proposal) -> PullRequest:
        """Open a pull request, or return the one from its branch that is there. Raises ForgeError."""
        pull = self._opened(repository, proposal)
        if pull.is_pending and pull.by_us and not (proposal.is_pending or proposal.dressing.is_bare):
            words = {"body": _body(proposal)}
            self._dresser(repository, pull).dress(proposal.dressing, words, may_have_some=False)
            pull = replace(pull, body=words["body"])
        return pull

    def edit(self, repository: Repository, pull: PullRequest, proposal: Proposal) -> None:
        """Give it the text of a proposal, and what is pending; nothing is written where nothing changes."""
        words = {"title": _title(proposal), "body": _body(proposal, proposal.is_pending)}
        if pull.is_pending and pull.by_us and not (proposal.is_pending or proposal.dressing.is_bare):
            self._dresser(repository, pull).dress(proposal.dressing, words, may_have_some=True)
            words = {}
        changes = {k: v for k, v in words.items() if v != {"title": pull.title, "body": pull.body.rstrip()}[k]}
        if proposal.base != pull.base:
            changes["base"] = proposal.base
        if changes:
            self._patch(repository, pull, changes)

    def withdraw(self, repository: Repository, pull: PullRequest, reason: str) -> None:
        """Say why it is going to be closed, and mark it as closed by us; what is not open stays as it is."""
        self.comment(repository, pull, reason)
        now = self._now(repository, pull)
        if now.state == "open" and not now.is_withdrawn:
            self._patch(repository, pull, {"body": f"{clip(now.body.rstrip(), _BODY - _ROOM)}\n\n{WITHDRAWN}"})

    def close(self, repository: Repository, pull: PullRequest) -> None:
        """Close it; GitHub has done that by itself where its branch was deleted."""
        self._patch(repository, pull, {"state": "closed"})

    def comment(self, repository: Repository, pull: PullRequest, words: str) -> None:
        """Say something, unless a comment with its mark is there."""
        marked = f"{clip(words, _BODY - _ROOM)}\n\n{mark(words)}"
        if self._was_said(repository, pull, marked):
            return
        path = self.account.path(repository, f"issues/{pull.number}/comments")
        try:
            self.account.api.write("POST", path, {"body": marked}, scope=self.account.scope([repository]))
        except Unclear:
            if not self._was_said(repository, pull, marked):
                raise

    def diff(self, repository: Repository, pull: PullRequest) -> str:
        """Return what it changes; empty where GitHub finds that too long."""
        path = self.account.path(repository, f"pulls/{pull.number}")
        try:
            return self.account.api.get_text(path, _DIFF, scope=self.account.scope([repository]))
        except Invalid:
            return ""
        except ForgeError as error:
            if isinstance(error.__cause__, AnswerTooLarge):
                return ""
            raise

    def _opened(self, repository: Repository, proposal: Proposal) -> PullRequest:
        is_pending = proposal.is_pending or not proposal.dressing.is_bare
        body: dict[str, object] = {
            "title": _title(proposal),
            "head": proposal.branch,
            "base": proposal.base,
            "body": _body(proposal, is_pending),
            "draft": proposal.dressing.is_draft,
        }
        scope = self.account.scope([repository])
        try:
            data = self.account.api.write("POST", self.account.path(repository, "pulls"), body, scope=scope)
        except Unclear:
            if (found := self._look_after(repository, proposal.branch)) is None:
                raise
            return found
        except Invalid as error:
            found = self._existing(repository, proposal.branch) if "already exists" in error.said.lower() else None
            if found is None:
                raise ForgeError(f"no pull request can be opened from {proposal.branch!r}: {error}") from error
            return found
        return replace(pull_of_rest(data, login_of(dig(data, "user")), self.account.page(repository)), by_us=True)

    def _look_after(self, repository: Repository, branch: str) -> PullRequest | None:
        for pause in _LOOK_AFTER_SECONDS:
            self.account.api.world.sleep(pause)
            if (found := self._existing(repository, branch)) is not None:
                return found
        return None

    def _existing(self, repository: Repository, branch: str) -> PullRequest | None:
        """Return the open pull request from a branch of the repository itself."""
        owner = repository.name.partition("/")[0]
        asked = {"state": "open", "head": f"{owner}:{branch}"}
        scope = self.account.scope([repository])
        for page in self.account.api.pages(self.account.path(repository, "pulls"), asked, scope=scope):
            for data in entries(page):
                pull = pull_of_rest(data, self.account.login, self.account.page(repository))
                if pull.branch == branch and pull.in_repository:
                    return pull
        return None

    def _patch(self, repository: Repository, pull: PullRequest, changes: Mapping[str, str]) -> None:
        path, scope = self.account.path(repository, f"pulls/{pull.number}"), self.account.scope([repository])
        try:
            self.account.api.write("PATCH", path, dict(changes), scope=scope)
        except Unclear:
            now = self._now(repository, pull)
            state = "open" if now.state == "open" else "closed"
            there = {"title": now.title, "body": now.body.rstrip(), "base": now.base, "state": state}
            if any(there[key] != value for key, value in changes.items()):
                raise

    def _now(self, repository: Repository, pull: PullRequest) -> PullRequest:
        path, scope = self.account.path(repository, f"pulls/{pull.number}"), self.account.scope([repository])
        return pull_of_rest(self.account.api.get(path, scope=scope), "", self.account.page(repository))

    def _was_said(self, repository: Repository, pull: PullRequest, marked: str) -> bool:
        hidden = marked.rpartition("\n")[2]
        path, scope = self.account.path(repository, f"issues/{pull.number}/comments"), self.account.scope([repository])
        pages = self.account.api.pages(path, scope=scope)
        return any(hidden in str(dig(one, "body")) for page in pages for one in entries(page))

    def _dresser(self, repository: Repository, pull: PullRequest) -> Dresser:
        return Dresser(self.account, self.warn, repository, pull)


def _title(proposal: Proposal) -> str:
    return " ".join(proposal.title.split())[:_TITLE].rstrip()


def _body(proposal: Proposal, is_pending: bool = False) -> str:
    text = proposal.body.replace("\r\n", "\n").replace(PENDING, "").replace(WITHDRAWN, "")
    return clip(text, _BODY - _ROOM).rstrip() + (f"\n\n{PENDING}" if is_pending else "")

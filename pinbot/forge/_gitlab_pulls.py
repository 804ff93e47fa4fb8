"""Merge requests written: opened once whatever happens, edited, closed, commented on, and read as a diff.

https://docs.gitlab.com/api/merge_requests/ and https://docs.gitlab.com/api/notes/#merge-requests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from pinbot.errors import ForgeError, ForgeForbids
from pinbot.forge._gitlab_account import Account, path_of
from pinbot.forge._gitlab_dressing import Habits, Wardrobe
from pinbot.forge._gitlab_values import DRAFT, plain, pull_of
from pinbot.forge._json import Object
from pinbot.forge._rest import NotThere, Refused, TooLong, Unanswered
from pinbot.forge._words import clip, mark
from pinbot.proposals.issue import Issue
from pinbot.proposals.proposal import Proposal
from pinbot.proposals.pull import PENDING, WITHDRAWN, PullRequest
from pinbot.proposals.repository import Repository

# The column of the title; a longer one is refused.
_TITLE = 255
# GitLab takes a million characters; nobody reads them.
_BODY = 60_000
# What was written may take a moment to be told of, where a replica of the database is asked.
_LOOK_AFTER_SECONDS = (0.0, 2.0, 5.0)


@dataclass(frozen=True, slots=True)
class Pulls:
    """Writes for one account."""

    account: Account
    wardrobe: Wardrobe
    habits: Habits

    def open(self, repository: Repository, proposal: Proposal) -> PullRequest:
        """Open one with all that it is to have, in one write; or return the one that is there. Raises ForgeError."""
        dress = self.wardrobe.fields(repository, proposal.dressing)
        fields: dict[str, object] = {
            "source_branch": proposal.branch,
            "target_branch": proposal.base,
            "title": _title(proposal.title, proposal.dressing.is_draft),
            "description": _body(proposal),
        }
        path = f"{path_of(repository)}/merge_requests"
        try:
            found = self.account.api.write("POST", path, fields | self.habits.fields() | dress).object()
        except (Unanswered, Refused) as error:
            return self._found(repository, proposal, error)
        except ForgeForbids as error:
            raise self._forbidden(repository, error) from error
        self.wardrobe.compare(repository, dress, found)
        return self._read(found)

    def edit(self, repository: Repository, pull: PullRequest, proposal: Proposal) -> None:
        """Give it the text and the base of a proposal; nothing is written where nothing changes."""
        wanted = {
            "title": _title(proposal.title, pull.is_draft),
            "description": _body(proposal),
            "target_branch": proposal.base,
        }
        now = {"title": _title(pull.title, pull.is_draft), "description": pull.body, "target_branch": pull.base}
        if changed := {name: value for name, value in wanted.items() if value.rstrip() != now[name].rstrip()}:
            self.put(repository, pull, changed)

    def withdraw(self, repository: Repository, pull: PullRequest, reason: str) -> None:
        """Say why it is going to be closed, once, and mark it as closed by us; what is not open stays as it is."""
        self.comment(repository, pull, reason)
        now = self._read(self.look(repository, pull))
        if now.state == "open" and not now.is_withdrawn:
            self.put(repository, pull, {"description": f"{clip(now.body.rstrip(), _BODY)}\n\n{WITHDRAWN}"})

    def close(self, repository: Repository, pull: PullRequest) -> None:
        """Close it; one that is closed or merged by now stays so."""
        try:
            self.account.api.write("PUT", path_of(repository, pull), {"state_event": "close"})
        except (Unanswered, Refused):
            if self._read(self.look(repository, pull)).state == "open":
                raise

    def comment(self, repository: Repository, pull: PullRequest, text: str) -> None:
        """Say something, unless this account said it there before."""
        if self._has_said(repository, pull, text):
            return
        body = f"{clip(plain(text), _BODY)}\n\n{mark(text)}"
        try:
            self.account.api.write("POST", f"{path_of(repository, pull)}/notes", {"body": body})
        except Unanswered:
            if not self._has_said(repository, pull, text):
                raise

    def diff(self, repository: Repository, pull: PullRequest) -> str:
        """Return what it changes, as a unified diff; empty where GitLab leaves out some of it for its length."""
        texts: list[str] = []
        try:
            for page in self.account.api.pages(f"{path_of(repository, pull)}/diffs"):
                if any(one.flag("too_large") or one.flag("collapsed") for one in page):
                    return ""
                texts += map(_unified, page)
        except TooLong:
            return ""
        return "".join(texts)

    def look(self, repository: Repository, one: PullRequest | Issue) -> Object:
        """Return a merge request or an issue as the REST API has it now. Raises ForgeError."""
        return self.account.api.get(path_of(repository, one)).object()

    def put(self, repository: Repository, one: PullRequest | Issue, fields: Mapping[str, str]) -> None:
        """Change something; an answer that does not come is looked for. Raises ForgeError."""
        try:
            self.account.api.write("PUT", path_of(repository, one), fields)
        except Unanswered:
            found = self.look(repository, one)
            if any(found.text(name).rstrip() != value.rstrip() for name, value in fields.items()):
                raise

    def look_after(self, look: Callable[[], PullRequest | Issue | None]) -> PullRequest | Issue | None:
        """Look a few times, with pauses, for what may have been made."""
        for pause in _LOOK_AFTER_SECONDS:
            self.account.api.world.sleep(pause)
            if (found := look()) is not None:
                return found
        return None

    def _read(self, found: Object) -> PullRequest:
        return pull_of(found, self.account.number)

    def _found(self, repository: Repository, proposal: Proposal, error: Unanswered | Refused) -> PullRequest:
        """Return the merge request that is open from a branch; raise `error` where there is none."""
        if isinstance(error, Refused) and error.status not in {400, 409, 422}:
            raise error
        if isinstance(error, Unanswered):
            found = self.look_after(lambda: self._open_from(repository, proposal))
        else:
            found = self._open_from(repository, proposal)
        if not isinstance(found, PullRequest):
            raise error
        return found

    def _open_from(self, repository: Repository, proposal: Proposal) -> PullRequest | None:
        """Return the open merge request from a branch of the project itself to that base; ours before others'."""
        query = {
            "state": "opened", "scope": "all", "source_branch": proposal.branch, "target_branch": proposal.base,
        }  # fmt: skip
        pages = self.account.api.pages(f"{path_of(repository)}/merge_requests", query)
        found = (self._read(one) for page in pages for one in page)
        fitting = (p for p in found if p.in_repository and (p.branch, p.base) == (proposal.branch, proposal.base))
        return min(fitting, key=lambda pull: (not pull.by_us, pull.number), default=None)

    def _forbidden(self, repository: Repository, error: ForgeForbids) -> ForgeError:
        """Return what a refusal means: GitLab says nothing of why."""
        if isinstance(error, NotThere):
            return error
        try:
            now = self.account.api.get(path_of(repository)).object()
            if now.flag("archived"):
                return ForgeForbids(f"{repository.name}: it is archived, so nothing can be written to it")
            if now.text("merge_requests_access_level") == "disabled":
                return ForgeForbids(f"{repository.name}: merge requests are switched off there")
        except ForgeError:
            return error
        return error

    def _has_said(self, repository: Repository, pull: PullRequest, text: str) -> bool:
        remark, me = mark(text), self.account.number
        pages = self.account.api.pages(f"{path_of(repository, pull)}/notes")
        notes: Iterator[Object] = (note for page in pages for note in page)
        return any(note.child("author").number("id") == me and remark in note.text("body") for note in notes)


def _unified(found: Object) -> str:
    """Return one file of a diff as git writes it."""
    old, new = _quoted(f"a/{found.text('old_path')}"), _quoted(f"b/{found.text('new_path')}")
    before = "/dev/null" if found.flag("new_file") else old
    after = "/dev/null" if found.flag("deleted_file") else new
    text = found.text("diff")
    body = f"--- {before}\n+++ {after}\n{text}" if text else ""
    return f"diff --git {old} {new}\n{body}" + ("" if not body or body.endswith("\n") else "\n")


def _quoted(path: str) -> str:
    """Return a path on a line of its own, whatever is in it."""
    if path.isprintable() and '"' not in path and "\\" not in path:
        return path
    octal = "".join(
        chr(b) if 32 <= b < 127 and b not in b'"\\' else f"\\{b:03o}" for b in path.encode("utf-8", "surrogateescape")
    )
    return f'"{octal}"'


def _body(proposal: Proposal) -> str:
    return clip(plain(proposal.body), _BODY) + (f"\n\n{PENDING}" if proposal.is_pending else "")


def _title(title: str, is_draft: bool) -> str:
    whole = " ".join(f"{DRAFT if is_draft else ''}{title}".split())
    return whole if len(whole) <= _TITLE else f"{whole[: _TITLE - 1]}…"

"""Gitea and Forgejo, by their REST API: https://codeberg.org/api/swagger, https://docs.gitea.com/api.

There is no batch: what many repositories have in common comes in lists of fifty, and the rest costs a request each.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Self

from pinbot.diagnosis.facts import ForgeFacts
from pinbot.errors import ForgeError, ForgeForbids
from pinbot.forge._base import About, Address, Owner, World, chooser
from pinbot.forge._gitea_checkup import checkup
from pinbot.forge._gitea_dressing import Wardrobe
from pinbot.forge._gitea_issues import Issues
from pinbot.forge._gitea_listing import Listing
from pinbot.forge._gitea_merging import Merging
from pinbot.forge._gitea_standing import Lookout
from pinbot.forge._gitea_values import WIP, pull_of
from pinbot.forge._json import Object
from pinbot.forge._pace import Pace, Pacer
from pinbot.forge._rest import NotThere, Refused, Rest, TooLong, Unanswered, segment
from pinbot.forge._words import clip, mark
from pinbot.net.client import Client
from pinbot.net.credential import Credential
from pinbot.proposals.issue import Issue
from pinbot.proposals.owners import Dialect
from pinbot.proposals.proposal import Proposal
from pinbot.proposals.pull import PENDING, WITHDRAWN, PullRequest
from pinbot.proposals.repository import Repository, Selection, Standing, Unreachable
from pinbot.proposals.route import Route
from pinbot.secret import Secret

FORGE = About("gitea", "Gitea and Forgejo")

_API = "/api/v1"
# The column of the title; longer ones are refused or cut, as the version has it.
_TITLE = 255
_BODY, _DIFF_BYTES = 60_000, 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Text:
    title: str
    body: str


class Gitea:
    """The forge at `url` (`https://codeberg.org`, with or without `/api/v1`), asked with a token by one account.

    The repositories of `owners` are listed, or those that `selection` names. `prefix` begins the branches whose pull
    requests are ours to look into; `dashboards` is whether dashboards are looked for. `client` is this forge's own and
    closed with it. `warnings` are sentences for the user. Use it as a context manager, or call `close_connections`.
    Raises UsageError, AddressRefused.
    """

    pushes = True
    has_pull_requests = True
    has_issues = True
    has_merging = True
    dialect: Dialect = "gitea"

    def __init__(
        self,
        url: str,
        token: Secret,
        client: Client,
        *,
        owners: Sequence[Owner] = (),
        selection: Selection | None = None,
        prefix: str = "pinbot/",
        dashboards: bool = False,
        pace: Pace | None = None,
        world: World | None = None,
    ) -> None:
        self.warnings: list[str] = []
        world = world or World()
        self._site = url.rstrip("/").removesuffix(_API)
        self._token = token
        self._rest = Rest(self._site + _API, token, client, Pacer(world.clock, world.sleep, pace or Pace()), world)
        selection = selection or Selection()
        self._counts = chooser(selection)
        self._lookout = Lookout(self._rest, prefix, world.clock, dashboards)
        self._issues, self._merging = Issues(self._rest, self._lookout), Merging(self._rest, self._lookout, world.sleep)
        self._listing = Listing(self._rest, self._lookout, tuple(owners), selection, self._warn)
        self._wardrobe = Wardrobe(self._rest, self._warn)

    def remote(self, repository: Repository) -> Address:
        """Return where git finds a repository: at this forge, whatever its answers call it."""
        login = Credential.basic(self._rest.origin, "pinbot", self._token).value
        return Address(f"{self._site}/{repository.name}.git", login)

    def checkup(self, facts: ForgeFacts) -> ForgeFacts:
        """Return the facts with what the API tells of us: one request. Raises nothing."""
        return checkup(self._rest, facts)

    @property
    def writes(self) -> int:
        """How many writes there were until now."""
        return self._rest.written

    def repositories(self) -> Iterable[Repository]:
        """Yield what the settings select: the named ones, else those of the owners, by their age.

        A page is asked for when the one before it has been used up, so that what it says is recent.
        """
        self._wardrobe.forget()
        known: set[str] = set()
        for repository in self._listing.repositories():
            if repository.id not in known and self._counts(repository):
                known.add(repository.id)
                yield repository

    def standings(self, repositories: Sequence[Repository]) -> Mapping[str, Standing | Unreachable]:
        """Return where each stands, by its id: one request for each, one more where pull requests are open, and one
        for each of ours that has changed. Raises ForgeError where this account cannot ask at all.
        """
        return self._rest.run(self._lookout.standings(repositories))

    def closed(self, repository: Repository, branches: Collection[str]) -> Sequence[PullRequest]:
        """Return our pull requests from these branches that are not open any more, the latest of each first."""
        return self._rest.run(self._lookout.closed(repository, frozenset(branches))) if branches else ()

    def diff(self, repository: Repository, pull: PullRequest) -> str:
        """Return what a pull request changes; empty where that is more than 4 MiB."""
        with suppress(TooLong):
            answer = self._rest.run(self._rest.get(f"{_path(repository)}/pulls/{pull.number}.diff", limit=_DIFF_BYTES))
            return answer.body.decode("utf-8", "surrogateescape")
        return ""

    def route(self, proposal: Proposal) -> Route:  # noqa: ARG002 (the same for all)
        """Return the branch itself: what is pushed there is opened by its API."""
        return Route()

    def open(self, repository: Repository, proposal: Proposal) -> PullRequest:
        """Open a pull request from a branch that is there, or return the one that is open from it to the same base.

        One write; two more where reviews are asked for.
        """
        self._lookout.forget(repository)
        dress = self._wardrobe.dress(repository, proposal.dressing, self._login())
        text = _text(proposal, proposal.dressing.is_draft, dress.is_late or proposal.is_pending)
        fields = {"head": proposal.branch, "base": proposal.base, "title": text.title, "body": text.body}
        try:
            found = self._rest.write("POST", f"{_path(repository)}/pulls", fields | dress.fields()).object()
        except Unanswered as error:
            return self._finished(repository, self._found(repository, proposal, error), proposal)
        except NotThere as error:
            raise self._missing(repository, proposal, error) from error
        except Refused as error:
            if error.status != 409:
                raise
            return self._found(repository, proposal, error)
        return self._finished(repository, self._pull(found), proposal)

    def edit(self, repository: Repository, pull: PullRequest, proposal: Proposal) -> None:
        """Give a pull request its text and base, and reviewers while it is pending; a person says if it is a draft.

        One write, none where nothing changes.
        """
        self._lookout.forget(repository)
        is_late = proposal.is_pending or (pull.is_pending and not self._are_asked(repository, pull, proposal))
        text = _text(proposal, pull.is_draft, is_late)
        fields = {"title": text.title, "body": text.body, "base": proposal.base}
        now = {"title": _title(pull.title, pull.is_draft), "body": pull.body, "base": pull.base}
        if changed := {name: value for name, value in fields.items() if value != now[name]}:
            self._patch(repository, pull, changed)

    def withdraw(self, repository: Repository, pull: PullRequest, reason: str) -> None:
        """Say why it is going to be closed, once, and mark it as closed by us."""
        self.comment(repository, pull, reason)
        if pull.is_withdrawn:
            return
        now = self._look(repository, pull)
        if now.text("state") == "open":  # one that a person closed in this moment stays theirs
            self._patch(repository, pull, {"body": f"{clip(now.text('body'), _BODY)}\n\n{WITHDRAWN}"})

    def close(self, repository: Repository, pull: PullRequest) -> None:
        """Close it; one that is closed or merged by now stays so."""
        self._lookout.forget(repository)
        try:
            self._patch(repository, pull, {"state": "closed"})
        except Refused:
            if self._look(repository, pull).text("state") == "open":
                raise

    def comment(self, repository: Repository, pull: PullRequest, text: str) -> None:
        """Say something, unless this account said it there before."""
        self._lookout.forget(repository)
        if self._has_said(repository, pull, text):
            return
        path = f"{_path(repository)}/issues/{pull.number}/comments"
        try:
            self._rest.write("POST", path, {"body": f"{clip(text, _BODY)}\n\n{mark(text)}"})
        except Unanswered:
            if not self._has_said(repository, pull, text):
                raise

    def merge_when_green(self, repository: Repository, pull: PullRequest, head: str) -> None:
        """Let it be merged when the checks have succeeded that its base requires: two questions and a write."""
        self._lookout.forget(repository)
        self._merging.ask(repository, pull, head)

    def stop_merging(self, repository: Repository, pull: PullRequest) -> None:
        """Take that back: one write."""
        self._merging.stop(repository, pull)

    def write_issue(self, repository: Repository, issue: Issue | None, title: str, body: str) -> Issue:
        """Open the dashboard, or give it that text: one question, and one write; neither where nothing changes."""
        return self._issues.write(repository, issue, title, body)

    def close_connections(self) -> None:
        """Close all connections; nothing can be asked any more."""
        self._rest.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close_connections()

    def _login(self) -> str:
        return self._rest.run(self._lookout.account()).login

    def _pull(self, found: Object) -> PullRequest:
        return pull_of(found, self._rest.run(self._lookout.account()).number)

    def _finished(self, repository: Repository, pull: PullRequest, proposal: Proposal) -> PullRequest:
        """Ask for reviews and take the remark away that this is still to be done; return the pull request as it is."""
        is_due = pull.is_pending and pull.by_us and not proposal.is_pending
        if not (is_due and self._are_asked(repository, pull, proposal)):
            return pull
        body = _text(proposal, is_draft=False).body
        self._patch(repository, pull, {"body": body})
        return replace(pull, body=body)

    def _are_asked(self, repository: Repository, pull: PullRequest, proposal: Proposal) -> bool:
        """Ask the reviewers, and return whether that is certain: if not, the pull request stays pending."""
        try:
            self._wardrobe.ask_for_reviews(repository, pull.number, proposal.dressing, self._login())
        except Unanswered as error:
            self._warn(f"{repository.name}#{pull.number}: reviews are asked for in the next run: {error}")
            return False
        return True

    def _patch(self, repository: Repository, pull: PullRequest, fields: Mapping[str, str]) -> None:
        try:
            self._rest.write("PATCH", f"{_path(repository)}/pulls/{pull.number}", fields)
        except Unanswered:
            found = self._look(repository, pull)
            seen = {name: found.text(name) for name in fields} | {"base": found.child("base").text("ref")}
            if any(seen[name] != wanted for name, wanted in fields.items()):
                raise

    def _look(self, repository: Repository, pull: PullRequest) -> Object:
        return self._rest.run(self._rest.get(f"{_path(repository)}/pulls/{pull.number}")).object()

    def _found(self, repository: Repository, proposal: Proposal, error: ForgeError) -> PullRequest:
        """Return the pull request that is open from a branch; raise `error` where there is none."""
        found = self._rest.run(self._lookout.open_from(repository, proposal.branch, proposal.base))
        if found is None:
            raise error
        return found

    def _missing(self, repository: Repository, proposal: Proposal, error: NotThere) -> ForgeError:
        """Return what a 404 means: the repository is gone, or one of the branches."""
        try:
            self._rest.run(self._rest.get(_path(repository)))
        except ForgeForbids:
            return error
        return ForgeError(
            f"{repository.name}: no pull request from {proposal.branch} to {proposal.base}: one of them is not there"
        )

    def _has_said(self, repository: Repository, pull: PullRequest, text: str) -> bool:
        answer = self._rest.run(self._rest.get(f"{_path(repository)}/issues/{pull.number}/comments"))
        login, remark = self._login(), mark(text)
        return any(c.child("user").text("login") == login and remark in c.text("body") for c in answer.objects())

    def _warn(self, sentence: str) -> None:
        if sentence not in self.warnings:
            self.warnings.append(sentence)


def _text(proposal: Proposal, is_draft: bool, is_pending: bool = False) -> _Text:
    return _Text(
        _title(proposal.title, is_draft), clip(proposal.body, _BODY) + (f"\n\n{PENDING}" if is_pending else "")
    )


def _title(title: str, is_draft: bool) -> str:
    whole = f"{WIP if is_draft else ''}{title}"
    return whole if len(whole) <= _TITLE else f"{whole[: _TITLE - 1]}…"


def _path(repository: Repository) -> str:
    return f"/repos/{segment(repository.name, keep='/')}"

"""GitLab, at gitlab.com and on servers of one's own: https://docs.gitlab.com/api/rest/, https://docs.gitlab.com/api/graphql/."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from pinbot.diagnosis.facts import ForgeFacts
from pinbot.errors import ForgeForbids, UsageError
from pinbot.forge._base import About, Address, Owner, Warn, World, chooser
from pinbot.forge._gitlab_account import Account, segment
from pinbot.forge._gitlab_api import Api
from pinbot.forge._gitlab_checkup import checkup
from pinbot.forge._gitlab_dressing import Habits, Wardrobe
from pinbot.forge._gitlab_issues import Issues
from pinbot.forge._gitlab_merging import Merging
from pinbot.forge._gitlab_pulls import Pulls
from pinbot.forge._gitlab_session import TokenKind, Wired
from pinbot.forge._gitlab_survey import Survey
from pinbot.forge._gitlab_values import is_project_name, project_of
from pinbot.forge._line import Wire
from pinbot.forge._pace import Pace, Pacer
from pinbot.net.credential import Credential
from pinbot.net.retry import RetryPolicy
from pinbot.proposals.issue import Issue
from pinbot.proposals.owners import Dialect
from pinbot.proposals.proposal import Proposal
from pinbot.proposals.pull import PullRequest
from pinbot.proposals.repository import Repository, Selection, Standing, Unreachable
from pinbot.proposals.route import Route
from pinbot.secret import Secret

FORGE = About("gitlab", "GitLab", "https://gitlab.com/api/v4")

__all__ = ["FORGE", "GitLab", "Habits", "Options", "TokenKind", "Wire"]

_API = "/api/v4"
# Tokens of CI jobs begin so: https://docs.gitlab.com/security/tokens/#token-prefixes
_OF_A_JOB = "glcbt-"
_INSTEAD = (
    "a CI job token cannot ask GraphQL, list projects or open merge requests"
    " (https://docs.gitlab.com/ci/jobs/ci_job_token/#job-token-access); use a project or group access token with the"
    " scope `api`, or the forge `git` with `flow: merge-request`, for which a job token that may push suffices"
)
_KINDS = {"group": "/groups/{}/projects", "user": "/users/{}/projects"}


@dataclass(frozen=True, slots=True)
class Options:
    """How a GitLab is used.

    `url` is that of the site, also below a path, with or without `/api/v4`. `kind` is how the token is shown. `owners`
    are groups (`platform/images`) and users; `subgroups` is whether a group has what is in the groups below it.
    `prefix` begins the branches whose merge requests are ours to look into; `dashboards` is whether the issue of a
    project is looked for. `warn` is told, in a sentence, of labels, people and the like that could not be had.
    """

    token: Secret
    url: str = "https://gitlab.com"
    kind: TokenKind = "access"
    owners: tuple[Owner, ...] = ()
    subgroups: bool = True
    selection: Selection = field(default_factory=Selection)
    prefix: str = "pinbot/"
    habits: Habits = field(default_factory=Habits)
    dashboards: bool = False
    wire: Wire = field(default_factory=Wire)
    pace: Pace = field(default_factory=Pace)
    world: World = field(default_factory=World)
    warn: Warn = lambda _what: None
    retries: RetryPolicy = field(default_factory=RetryPolicy)


class GitLab:
    """A forge. What it raises is a ForgeError, and no secret is in it. Several threads may use it; its requests go out
    one after the other. Use it as a context manager, or call `close_connections`.

    Raises UsageError for settings that cannot be used, AddressRefused for an address that may not be asked.
    """

    pushes = True
    has_pull_requests = True
    has_issues = True
    has_merging = True
    dialect: Dialect = "gitlab"

    def __init__(self, options: Options) -> None:
        self._site = options.url.rstrip("/").removesuffix(_API)
        if options.token.reveal().startswith(_OF_A_JOB):
            raise UsageError(f"{self._site}: {_INSTEAD}")
        if odd := [owner.kind for owner in options.owners if owner.kind not in _KINDS]:
            raise UsageError(f"{self._site}: {odd[0]!r} is nothing that GitLab has; say group or user")
        self._options = options
        world = options.world
        self._wired = Wired(self._site, options.token, options.kind, options.wire, world)
        self._pacer = Pacer(world.clock, world.sleep, options.pace)
        self._api = Api(self._wired, (options.token.reveal(),), self._pacer, world, options.retries)
        self._account = Account(self._api)
        self._counts = chooser(options.selection)
        self._survey = Survey(self._account, options.prefix, options.dashboards)
        self._wardrobe = Wardrobe(self._account, options.warn)
        self._pulls = Pulls(self._account, self._wardrobe, options.habits)
        self._merging = Merging(self._pulls)
        self._issues = Issues(self._pulls, self._survey)

    def repositories(self) -> Iterable[Repository]:
        """Yield what the settings select: the named ones, else those of groups and users; a request for a hundred.

        A page is asked for when the one before it has been used up, so that what it says is recent.
        """
        self._wardrobe.forget()
        known: set[str] = set()
        for repository in self._named() if self._options.selection.names else self._owned():
            if repository.id not in known and self._counts(repository):
                known.add(repository.id)
                yield repository

    def standings(self, repositories: Sequence[Repository]) -> Mapping[str, Standing | Unreachable]:
        """Return where each stands, by its id: one request for fifty, and one or two for each merge request of ours
        whose commits are not proved by that. Raises ForgeError where this account cannot ask at all.
        """
        return self._survey.standings(repositories)

    def closed(self, repository: Repository, branches: Collection[str]) -> Sequence[PullRequest]:
        """Return ours from these branches that are not open any more, the latest of each first: a request for fifty."""
        return self._survey.closed(repository, sorted(branches)) if branches else ()

    def diff(self, repository: Repository, pull: PullRequest) -> str:
        """Return what it changes, as a unified diff; empty where GitLab finds that too long."""
        return self._pulls.diff(repository, pull)

    def route(self, proposal: Proposal) -> Route:  # noqa: ARG002 (the same for all)
        """Return the branch itself: what is pushed there is opened by its API."""
        return Route()

    def open(self, repository: Repository, proposal: Proposal) -> PullRequest:
        """Open a merge request with all that it is to have, or return the one that is there: one write."""
        return self._pulls.open(repository, proposal)

    def edit(self, repository: Repository, pull: PullRequest, proposal: Proposal) -> None:
        """Give it the text and base of a proposal: one write, none where nothing changes."""
        self._pulls.edit(repository, pull, proposal)

    def withdraw(self, repository: Repository, pull: PullRequest, reason: str) -> None:
        """Say why it is going to be closed, and mark it: two writes."""
        self._pulls.withdraw(repository, pull, reason)

    def close(self, repository: Repository, pull: PullRequest) -> None:
        """Close it: one write."""
        self._pulls.close(repository, pull)

    def comment(self, repository: Repository, pull: PullRequest, text: str) -> None:
        """Say something, unless that was said before: one write."""
        self._pulls.comment(repository, pull, text)

    def write_issue(self, repository: Repository, issue: Issue | None, title: str, body: str) -> Issue:
        """Open the dashboard, or give it that text: one question, and one write; neither where nothing changes."""
        return self._issues.write(repository, issue, title, body)

    def merge_when_green(self, repository: Repository, pull: PullRequest, head: str) -> None:
        """Let GitLab merge it once its pipeline has succeeded and its rules are met, while `head` is its commit.

        Raises ForgeForbids where no pipeline checks it, or the project does not allow it; ForgeError.
        """
        self._merging.start(repository, pull, head)

    def stop_merging(self, repository: Repository, pull: PullRequest) -> None:
        """Take that back; one where nothing is to be taken back is fine."""
        self._merging.stop(repository, pull)

    def remote(self, repository: Repository) -> Address:
        """Return where git finds a project: at this GitLab, whatever its answers call it."""
        login = Credential.basic(self._wired.origin, "oauth2", self._options.token).value
        return Address(f"{self._site}/{repository.name}.git", login)

    def checkup(self, facts: ForgeFacts) -> ForgeFacts:
        """Return the facts with what the API tells of us and of the token: two requests. Raises nothing."""
        return checkup(self._account, facts)

    @property
    def writes(self) -> int:
        """How many writes there were until now."""
        return self._pacer.written

    def close_connections(self) -> None:
        """Close all connections."""
        self._wired.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close_connections()

    def _named(self) -> Iterator[Repository]:
        for name in dict.fromkeys(self._options.selection.names):
            if not is_project_name(name):
                self._options.warn(f"{name}: not a project; they are named group/project")
                continue
            try:
                yield project_of(self._api.get(f"/projects/{segment(name)}").object())
            except ForgeForbids as error:
                self._options.warn(str(error))

    def _owned(self) -> Iterator[Repository]:
        query: dict[str, object] = {"order_by": "id", "sort": "asc"}
        of_groups = {"include_subgroups": str(self._options.subgroups).lower(), "with_shared": "false"}
        for owner in self._options.owners:
            asked = query | of_groups if owner.kind == "group" else query
            for page in self._api.pages(_KINDS[owner.kind].format(segment(owner.name)), asked):
                yield from map(project_of, page)

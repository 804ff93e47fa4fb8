"""GitHub, at github.com and on servers of one's own: https://docs.github.com/en/rest, https://docs.github.com/en/graphql."""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from pinbot.diagnosis.facts import ForgeFacts
from pinbot.errors import ForgeError, UsageError
from pinbot.forge import _github_listing as listing
from pinbot.forge._base import About, Owner, Warn, World
from pinbot.forge._github_account import Account
from pinbot.forge._github_api import Api
from pinbot.forge._github_checkup import checkup
from pinbot.forge._github_commit import Committer
from pinbot.forge._github_connection import open_requester
from pinbot.forge._github_issues import Issues
from pinbot.forge._github_merging import Merging
from pinbot.forge._github_pulls import Pulls
from pinbot.forge._github_read import is_name, web_of
from pinbot.forge._github_survey import Survey
from pinbot.forge._github_tokens import App, AppTokens, GivenToken
from pinbot.forge._line import Wire
from pinbot.forge._pace import Pace, Pacer
from pinbot.git_process.remote import Remote
from pinbot.net.origin import Origin
from pinbot.net.retry import RetryPolicy
from pinbot.proposals.issue import Issue
from pinbot.proposals.owners import Dialect
from pinbot.proposals.proposal import Proposal
from pinbot.proposals.pull import PullRequest
from pinbot.proposals.repository import Repository, Selection, Standing, Unreachable
from pinbot.proposals.route import Route
from pinbot.secret import Secret

FORGE = About("github", "GitHub", "https://api.github.com")

__all__ = ["FORGE", "App", "GitHub", "Options", "Wire"]


@dataclass(frozen=True, slots=True)
class Options:
    """How GitHub is used.

    `account` is a token or an App; `base_url` is that of the API, `https://host/api/v3` on a server of one's own.
    `prefix` is what the branches of pinbot begin with: pull requests from others may be told of in brief, without
    text and commits. `dashboards` is whether dashboards are looked for. `pace` may be `UNPACED`, for a server of one's
    own. `warn` is told, in a sentence, of labels, reviewers and the like that could not be had.
    """

    account: Secret | App
    base_url: str = "https://api.github.com"
    owner: Owner = field(default_factory=Owner)
    selection: Selection = field(default_factory=Selection)
    prefix: str = "pinbot/"
    dashboards: bool = False
    wire: Wire = field(default_factory=Wire)
    pace: Pace = field(default_factory=Pace)
    world: World = field(default_factory=World)
    warn: Warn = lambda _what: None
    retries: RetryPolicy = field(default_factory=RetryPolicy)


class GitHub:
    """A forge. What it raises is a ForgeError, and no secret is in it. Several threads may use it; its requests
    go out one after the other, as GitHub wants it.

    Raises UsageError for settings that cannot be used, AddressRefused for an address that may not be asked.
    """

    pushes = True
    has_pull_requests = True
    has_issues = True
    has_merging = True
    dialect: Dialect = "github"

    def __init__(self, options: Options) -> None:
        if not options.selection.names and not options.owner.name and options.owner.kind != "installation":
            raise UsageError(
                "say whose repositories are meant: an organisation, a user, an installation, or their names"
            )
        self._options = options
        world = options.world
        tokens = self._tokens(options)
        requester = open_requester(options.base_url, options.wire, world)
        self._pacer = Pacer(world.clock, world.sleep, options.pace)
        api = Api(requester, tokens, self._pacer, world, options.retries)
        if isinstance(tokens, AppTokens):
            tokens.minter = api
        self._account = Account(api, web_of(options.base_url))
        self._survey = Survey(self._account, options.prefix, options.dashboards)
        self._pulls = Pulls(self._account, options.warn)
        self._issues, self._merging = Issues(self._account), Merging(self._account)

    def repositories(self) -> Iterator[Repository]:
        """Yield the repositories that the settings select: one request for a hundred."""
        return listing.repositories(self._account, self._options.owner, self._options.selection)

    def standings(self, repositories: Sequence[Repository]) -> Mapping[str, Standing | Unreachable]:
        """Return where each stands: one request for a hundred, and one for a hundred of our open pull requests."""
        return self._survey.standings(repositories)

    def closed(self, repository: Repository, branches: Collection[str]) -> Sequence[PullRequest]:
        """Return ours from these branches that are not open any more, the latest of each first: a request for fifty."""
        return self._survey.closed(repository, branches)

    def diff(self, repository: Repository, pull: PullRequest) -> str:
        """Return what it changes, as a unified diff; empty where GitHub finds that too long."""
        return self._pulls.diff(repository, pull)

    def route(self, proposal: Proposal) -> Route:  # noqa: ARG002 (the same for all)
        """Return the branch itself: what is pushed there is opened by its API."""
        return Route()

    def open(self, repository: Repository, proposal: Proposal) -> PullRequest:
        """Open a pull request, or return the one that is there: one write, with reviewers, labels and so on 2 to 4."""
        return self._pulls.open(repository, proposal)

    def edit(self, repository: Repository, pull: PullRequest, proposal: Proposal) -> None:
        """Give it the text of a proposal, and what is pending: no write where nothing changes, else 1 to 4."""
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

    def merge_when_green(self, repository: Repository, pull: PullRequest, head: str) -> None:
        """Let GitHub merge it when it is green: one question, and one write where nobody had asked."""
        self._merging.ask(repository, pull, head)

    def stop_merging(self, repository: Repository, pull: PullRequest) -> None:
        """Take that back: one question, and one write where there is something to take back."""
        self._merging.stop(repository, pull)

    def write_issue(self, repository: Repository, issue: Issue | None, title: str, body: str) -> Issue:
        """Open the dashboard, or give it that text: one question, and one write; neither where nothing changes."""
        return self._issues.write(repository, issue, title, body)

    def commit_on_branch(
        self,
        repository: Repository,
        branch: str,
        parent: str,
        message: str,
        files: Mapping[str, bytes],
        tip: str | None = None,
    ) -> str:
        """Let GitHub make the commit, so that it shows as verified; return its name.

        `files` is the new content by path. `tip` is what the branch is now, None where it is not there. Modes cannot be
        given: a file keeps its own, and symbolic links must not be among the files. One write for a new branch,
        two for another. Raises
        BranchMoved, ForgeForbids (workflow files without the permission), ForgeError.
        """
        return Committer(self._account, repository).commit(branch, parent, message, files, tip)

    def remote(self, repository: Repository) -> Remote:
        """Return where git finds a repository, and its header: of an App, a token for this repository alone.

        The address is built from the base URL and the name, never taken from an answer. Raises ForgeError.
        """
        if not is_name(repository.name):
            raise ForgeError(f"{repository.name[:100]!r} is not the name of a repository at GitHub")
        pair = f"x-access-token:{self._account.token(repository).reveal()}"
        basic = base64.b64encode(pair.encode()).decode()
        origin, wire = Origin.parse(self._account.web), self._options.wire
        proxy = wire.proxies.server_for(origin)
        return Remote(
            f"{self._account.web}/{repository.name}.git",
            Secret(f"Basic {basic}"),
            ca_file=wire.ca_file,
            proxy=proxy.url if proxy else None,
            plain_http=origin.is_loopback,
        )

    def checkup(self, facts: ForgeFacts) -> ForgeFacts:
        """Return the facts with what the API tells of itself and of us: 2 requests, of an App 4. Raises nothing."""
        return checkup(self._account, facts, self._options.dashboards)

    @property
    def writes(self) -> int:
        """How many writes there were until now."""
        return self._pacer.written

    def close_connections(self) -> None:
        """Close all connections."""
        self._account.api.requester.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close_connections()

    def _tokens(self, options: Options) -> GivenToken | AppTokens:
        if isinstance(options.account, App):
            return AppTokens(options.account, options.world, _home(options), writes_issues=options.dashboards)
        return GivenToken(options.account)


def _home(options: Options) -> str:
    """Return the path below which GitHub tells where an App is installed; empty where nothing says whose it is."""
    if options.owner.name:
        return f"/{'users' if options.owner.kind == 'user' else 'orgs'}/{options.owner.name}"
    return next((f"/repos/{name}" for name in options.selection.names if is_name(name)), "")

"""Where the repositories of a Gitea stand, in as few requests as it permits.

A list of repositories has the number of open pull requests of each, so that one without costs a single request: the
list of its branches. The answers have no ETag.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from pinbot.errors import ForgeBusy, ForgeError, ForgeForbids
from pinbot.forge._gitea_values import Listed, armed_by, branch_of, commit_of, issue_of, listed_of, pull_of
from pinbot.forge._json import Object
from pinbot.forge._rest import NotThere, Rest, segment, together
from pinbot.proposals.issue import DASHBOARD, Issue
from pinbot.proposals.pull import Commit, PullRequest
from pinbot.proposals.repository import Repository, Standing, Unreachable

_AT_ONCE = 8
# A list is as good as the answer to a question of its own while a batch of repositories is worked on.
_FRESH_SECONDS = 300.0
# Of older ones nobody knows any more why they were closed.
_MOST_CLOSED, _MOST_LOOKED_THROUGH = 100, 2000
_MOST_COMMITS = 250
# What a process that goes on for months remembers of the commits of pull requests.
_MOST_REMEMBERED = 10_000
_NO_ISSUES = "issues are disabled there"


@dataclass(frozen=True, slots=True)
class Account:
    """The account that the token is of."""

    number: int
    login: str


class Lookout:
    """Asks, and remembers what holds: who we are, what lists said a moment ago, which commits a pull request had.

    With `dashboards` the issue is looked for in which each repository is shown where it stands.
    """

    def __init__(self, rest: Rest, prefix: str, clock: Callable[[], float], dashboards: bool = False) -> None:
        self._rest = rest
        self._dashboards = dashboards
        self._prefix = prefix
        self._clock = clock
        self._account: Account | None = None
        self._seen: dict[str, tuple[float, Listed]] = {}
        self._commits: dict[tuple[str, int, str, str], tuple[Commit, ...]] = {}

    def forget(self, repository: Repository) -> None:
        """Do not believe what a list said of a repository that is written to."""
        self._seen.pop(repository.id, None)

    async def account(self) -> Account:
        """Return who we are; asked once."""
        if self._account is None:
            found = (await self._rest.get("/user")).object()
            self._account = Account(found.number("id"), found.text("login"))
        return self._account

    async def look(self, path: str) -> Listed:
        """Return the repository at a path."""
        return self._remember((await self._rest.get(path)).object())

    async def listed(self, path: str) -> AsyncIterator[list[Repository]]:
        """Yield the pages of a list of repositories."""
        async for page in self._rest.pages(path):
            yield [self._remember(found).repository for found in page]

    async def turn(self, pages: AsyncIterator[list[Repository]]) -> list[Repository]:
        """Return the next page; an empty one after the last."""
        return await anext(pages, [])

    async def standings(self, repositories: Sequence[Repository]) -> Mapping[str, Standing | Unreachable]:
        """Return where each stands, by its id."""
        await self.account()
        busy: list[ForgeBusy] = []

        async def stand(repository: Repository) -> Standing | Unreachable:
            if busy:
                return Unreachable(repository, str(busy[0]))
            try:
                return await self._standing(repository)
            except ForgeBusy as error:
                busy.append(error)
                return Unreachable(repository, str(error))
            except ForgeError as error:
                return Unreachable(repository, str(error))

        found = await together(_AT_ONCE, map(stand, repositories))
        return {repository.id: one for repository, one in zip(repositories, found, strict=True)}

    async def open_from(self, repository: Repository, branch: str, base: str) -> PullRequest | None:
        """Return the open pull request from a branch of the repository itself to that base; ours before others'."""
        account = (await self.account()).number
        found = [pull_of(p, account) for p in await self._pulls(repository, "open") if branch_of(p) == branch]
        fitting = (pull for pull in found if pull.in_repository and pull.base == base)
        return min(fitting, key=lambda pull: (not pull.by_us, pull.number), default=None)

    async def dashboard(self, repository: Repository) -> Issue | None:
        """Return the oldest issue of ours that is a dashboard."""
        me = await self.account()
        asked = {"type": "issues", "state": "all", "created_by": me.login}
        found = [
            issue_of(issue)
            for issue in await self._rest.all(f"{_path(repository)}/issues", asked)
            if issue.child("user").number("id") == me.number and DASHBOARD in issue.text("body")
        ]
        return min(found, key=lambda issue: issue.number, default=None)

    async def closed(self, repository: Repository, branches: frozenset[str]) -> Sequence[PullRequest]:
        """Return our pull requests from these branches that are not open, the latest first.

        Commits, a request for each, are told of those that say what people refused, or took back since.
        """
        me = await self.account()
        query = {"state": "closed", "sort": "recentupdate", "poster": me.login}
        found: list[PullRequest] = []
        seen = 0
        # Forgejo before 10 and Gitea before 1.24 pass over `poster`, so everybody's are read there.
        async for page in self._rest.pages(f"{_path(repository)}/pulls", query):
            pulls = (pull_of(p, me.number) for p in page if branch_of(p) in branches)
            found += [pull for pull in pulls if pull.by_us and pull.in_repository]
            seen += len(page)
            if len(found) >= _MOST_CLOSED or seen >= _MOST_LOOKED_THROUGH:
                break
        ours = sorted(found, key=lambda p: p.number, reverse=True)
        refusals = [p.closed or p.opened for p in ours if p.state == "closed" and not p.is_withdrawn]
        since = min(refusals, default=None)
        return [
            replace(p, commits=await self._pull_commits(repository, p.number))
            if since and not p.is_withdrawn and (p.closed or p.opened) >= since
            else p
            for p in ours
        ]

    def _remember(self, found: Object) -> Listed:
        listed = listed_of(found)
        self._seen[listed.repository.id] = (self._clock(), listed)
        return listed

    async def _now(self, repository: Repository) -> Listed:
        """Return a repository as it is: as a list just said, or asked by its number, which no renaming changes."""
        when, listed = self._seen.get(repository.id, (float("-inf"), None))
        if listed is not None and self._clock() - when <= _FRESH_SECONDS:
            return listed
        return await self.look(f"/repositories/{segment(repository.id)}")

    async def _standing(self, repository: Repository) -> Standing:
        listed = await self._now(repository)
        if listed.repository.is_archived or listed.repository.is_empty:
            return Standing(listed.repository)
        try:
            standing = await self._look_into(listed)
        except NotThere:
            standing = None
        if standing is not None:
            return standing
        # Renamed, or with another default branch, or without any, since the list was made.
        self.forget(repository)
        listed = await self._now(repository)
        known = listed.repository
        return (await self._look_into(listed)) or Standing(known)

    async def _look_into(self, listed: Listed) -> Standing | None:
        """Return where a repository stands, None where it has no such default branch."""
        repository = listed.repository
        found = await self._pulls(repository, "open") if listed.open_pulls else []
        tips = await self._tips(repository)
        head = tips.get(repository.default_branch) if tips is not None else await self._tip(repository)
        if head is None:
            return None
        account = (await self.account()).number
        pulls = [await self._pull(repository, p, account) for p in found]
        branches = await self._ours(repository, tips, pulls) if tips is not None else None
        issue, no_issues = await self._issue(listed)
        pulls.sort(key=lambda p: p.number)
        return Standing(repository, head, tuple(pulls), branches, issue, no_issues)

    async def _issue(self, listed: Listed) -> tuple[Issue | None, str]:
        """Return the dashboard, and why there can be none."""
        if not self._dashboards:
            return None, ""
        if not listed.has_issues:
            return None, _NO_ISSUES
        try:
            return await self.dashboard(listed.repository), ""
        except ForgeForbids as error:
            return None, f"the dashboard cannot be looked for: {error}"

    async def _pulls(self, repository: Repository, state: str) -> list[Object]:
        return await self._rest.all(f"{_path(repository)}/pulls", {"state": state})

    async def _tips(self, repository: Repository) -> dict[str, str] | None:
        """Return the tips of all branches by their names; None where they are more than a page holds."""
        found, is_whole = await self._rest.first(f"{_path(repository)}/branches")
        return {branch.text("name"): branch.child("commit").text("id") for branch in found} if is_whole else None

    async def _tip(self, repository: Repository) -> str | None:
        branch = segment(repository.default_branch, keep="/")
        answer = await self._rest.get(f"{_path(repository)}/branches/{branch}")
        return answer.object().child("commit").text("id") or None

    async def _pull(self, repository: Repository, found: Object, account: int) -> PullRequest:
        """Return an open pull request, with its commits if it is ours."""
        pull = pull_of(found, account)
        if not (pull.by_us and pull.in_repository and pull.branch.startswith(self._prefix)):
            return pull
        if pull.conflicts:
            # While a forge still checks it, it is called not mergeable as well; that is over by the second look.
            again = (await self._rest.get(f"{_path(repository)}/pulls/{pull.number}")).object()
            pull = pull_of(again, account)
        shas = found.child("head").text("sha"), found.child("base").text("sha")
        key = (repository.id, pull.number, *shas)
        if key not in self._commits:
            if len(self._commits) >= _MOST_REMEMBERED:
                self._commits.clear()
            self._commits[key] = await self._pull_commits(repository, pull.number)
        armed = await self.armed(repository, pull.number)
        commits = self._commits[key]
        return replace(pull, commits=commits, merges_itself=armed is not None, merging_by_us=armed == account)

    async def armed(self, repository: Repository, number: int) -> int | None:
        """Return who told the forge to merge it when it is green; a pull request itself does not tell that."""
        try:
            return armed_by(await self._rest.all(f"{_path(repository)}/issues/{number}/timeline"))
        except NotThere:
            return None  # before Gitea 1.17, which is the first that merges by itself

    async def _pull_commits(self, repository: Repository, number: int) -> tuple[Commit, ...]:
        path, query = f"{_path(repository)}/pulls/{number}/commits", {"files": "false"}
        found: list[Object] = []
        async for page in self._rest.pages(path, query):
            found += page
            if len(found) >= _MOST_COMMITS:
                break
        # The newest comes first, as in git's log.
        return tuple(commit_of(commit) for commit in reversed(found))

    async def _ours(
        self, repository: Repository, tips: Mapping[str, str], pulls: Sequence[PullRequest]
    ) -> dict[str, Commit]:
        """Return the tips of our branches; most are the heads of pull requests that are known by now."""
        heads = {pull.head.sha: pull.head for pull in pulls if pull.head}
        ours = {name: sha for name, sha in sorted(tips.items()) if name.startswith(self._prefix)}
        return {name: heads.get(sha) or await self._commit(repository, sha) for name, sha in ours.items()}

    async def _commit(self, repository: Repository, sha: str) -> Commit:
        return commit_of((await self._rest.get(f"{_path(repository)}/git/commits/{segment(sha)}")).object())


def _path(repository: Repository) -> str:
    return f"/repos/{segment(repository.name, keep='/')}"

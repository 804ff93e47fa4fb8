"""Where repositories stand, and which of our pull requests were closed: few requests for many of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from pinbot.errors import ForgeBusy, ForgeError, ForgeForbids
from pinbot.forge import _github_queries as queries
from pinbot.forge._github_account import Account, batches, reasons_by_index
from pinbot.forge._github_issues import Issues
from pinbot.forge._github_listing import UNKNOWN
from pinbot.forge._github_read import dig, entries, issue_of, number, pull_of, repository_of, sha_of, text
from pinbot.forge._words import shown
from pinbot.proposals.issue import DASHBOARD, Issue
from pinbot.proposals.pull import PullRequest
from pinbot.proposals.repository import Repository, Standing, Unreachable

_BATCH = 100
# So many repositories are asked for everything in one request; see `_github_queries` for what it costs.
_FEW = 10
_COMMITS, _MORE_COMMITS = 20, 100
_BRANCHES_AT_ONCE = 50
_MOST_PAGES = 20
_GONE = "it is not there, or this account may not see it"
_NO_ISSUES = "issues are disabled there"
_NO_RIGHT = "the dashboard cannot be looked for ({}): it needs the permission Issues (write)"

Node = dict[str, object]


@dataclass(frozen=True, slots=True)
class Survey:
    """Reads for one account; pull requests whose branches begin with `prefix` are read in full.

    With `dashboards` the issue is looked for in which each repository is shown where it stands.
    """

    account: Account
    prefix: str
    dashboards: bool = False

    def standings(self, repositories: Sequence[Repository]) -> dict[str, Standing | Unreachable]:
        """Return where each stands, by its id. Raises ForgeError where there is no answer for any."""
        found: dict[str, Standing | Unreachable] = {
            r.id: Unreachable(r, _GONE) for r in repositories if r.id.startswith(UNKNOWN)
        }
        asked = [r for r in repositories if r.id not in found]
        for at in range(0, len(asked), _BATCH):
            found |= self._batch(asked[at : at + _BATCH])
        return found

    def closed(self, repository: Repository, branches: Collection[str]) -> tuple[PullRequest, ...]:
        """Return what we opened from these branches of the repository and is not open, the latest of each first."""
        return tuple(chain.from_iterable(self._closed(repository, b) for b in batches(branches, _BRANCHES_AT_ONCE)))

    def _batch(self, asked: Sequence[Repository]) -> dict[str, Standing | Unreachable]:
        try:
            return self._answered(asked)
        except (ForgeBusy, ForgeForbids):
            raise
        except ForgeError as error:
            # GitHub ends a request that takes it too long, and half of it is often answered.
            if len(asked) == 1:
                return {asked[0].id: Unreachable(asked[0], str(error))}
            half = len(asked) // 2
            return self._batch(asked[:half]) | self._batch(asked[half:])

    def _answered(self, asked: Sequence[Repository]) -> dict[str, Standing | Unreachable]:
        is_whole = len(asked) <= _FEW
        data, errors, no_issues = self._asked(asked, is_whole)
        viewer, reasons = self.account.saw(data), reasons_by_index(errors, "nodes")
        nodes = dig(data, "nodes")
        if not isinstance(nodes, list) or len(nodes) != len(asked):
            raise ForgeError("GitHub did not answer for every repository that was asked for")
        pulls = {i: self._pulls(node, asked[i]) for i, node in enumerate(nodes) if isinstance(node, dict) and node}
        self._complete(list(chain.from_iterable(pulls.values())), is_whole, asked)
        found: dict[str, Standing | Unreachable] = {}
        for i, (repository, node) in enumerate(zip(asked, nodes, strict=True)):
            try:
                standing = self._standing(repository, node, reasons.get(i), pulls.get(i, []), viewer)
                found[repository.id] = self._with_issue(standing, node, no_issues) if self.dashboards else standing
            except ForgeError as error:
                found[repository.id] = Unreachable(repository, str(error))
        return found

    def _standing(
        self, asked: Repository, node: object, reason: str | None, pulls: list[Node], viewer: str
    ) -> Standing | Unreachable:
        # An answer with a part missing is no answer: what is not told would be opened again.
        if reason is not None or not isinstance(node, dict) or not node:
            return Unreachable(asked, shown(reason) if reason else _GONE)
        if dig(node, "isDisabled") is True:
            return Unreachable(asked, "GitHub has disabled it")
        if dig(node, "isLocked") is True:
            return Unreachable(asked, "it is locked, as while it is moved")
        self.account.note(asked.id, dig(node, "databaseId"))
        now = replace(repository_of(node, self.account.web), id=asked.id)
        head = sha_of(node, "defaultBranchRef", "target", "oid") if dig(node, "defaultBranchRef") is not None else None
        page = self.account.page(now)
        return Standing(now, head, tuple(pull_of(pull, viewer, page) for pull in pulls))

    def _asked(self, asked: Sequence[Repository], is_whole: bool) -> tuple[Node, list[Node], str]:
        """Return the answer with its errors, and why issues could not be asked for."""
        scope, ids = self.account.scope(asked), [r.id for r in asked]
        refused: str | None = None
        if self.dashboards:
            variables = {"ids": ids, "login": self.account.login}
            data, errors = self.account.api.query(queries.standings(is_whole, True), variables, scope=scope)
            refused = next((str(e.get("message", "")) for e in errors if _is_about_issues(e)), None)
            if refused is None:
                return data, errors, ""
        # Without issues there is no dashboard, and all else goes on.
        data, errors = self.account.api.query(queries.standings(is_whole), {"ids": ids}, scope=scope)
        return data, errors, _NO_RIGHT.format(shown(refused)) if refused is not None else ""

    def _with_issue(self, standing: Standing | Unreachable, node: object, no_issues: str) -> Standing | Unreachable:
        if isinstance(standing, Unreachable):
            return standing
        if no_issues or dig(node, "hasIssuesEnabled") is not True:
            return replace(standing, no_issues=no_issues or _NO_ISSUES)
        repository = standing.repository
        issue = self._issue(repository, dig(node, "issues"))
        if issue is None and self.account.login.endswith("[bot]"):
            # By which of its names GraphQL knows an App as an author is written nowhere; REST takes this one.
            issue = Issues(self.account).found(repository)
        return replace(standing, issue=issue)

    def _issue(self, repository: Repository, page: object) -> Issue | None:
        """Return the oldest issue of ours that is a dashboard."""
        for _ in range(_MOST_PAGES):
            for node in entries(page, "nodes"):
                if dig(node, "viewerDidAuthor") is True and DASHBOARD in str(dig(node, "body")):
                    return issue_of(node, self.account.page(repository))
            if dig(page, "pageInfo", "hasNextPage") is not True:
                return None
            after = text(page, "pageInfo", "endCursor")
            variables = {"id": repository.id, "login": self.account.login, "after": after}
            data, _ = self.account.api.query(queries.MORE_ISSUES, variables, scope=self.account.scope([repository]))
            page = dig(data, "node", "issues")
        raise ForgeError(
            f"{repository.name}: {self.account.login} has opened too many issues there to find the dashboard among"
            " them; use an account for pinbot alone"
        )

    def _pulls(self, node: Node, repository: Repository) -> list[Node]:
        """Return all open pull requests of a repository, those beyond the first page in brief."""
        listed = entries(node, "pullRequests", "nodes")
        info, asked = dig(node, "pullRequests", "pageInfo"), 0
        while dig(info, "hasNextPage") is True and asked < _MOST_PAGES:
            variables = {"id": text(node, "id"), "after": text(info, "endCursor")}
            data, _ = self.account.api.query(queries.MORE_PULLS, variables, scope=self.account.scope([repository]))
            listed += entries(data, "node", "pullRequests", "nodes")
            info, asked = dig(data, "node", "pullRequests", "pageInfo"), asked + 1
        return listed

    def _complete(self, pulls: Sequence[Node], is_whole: bool, asked: Sequence[Repository]) -> None:
        """Add to the pull requests that may be ours what was not asked for at once."""
        ours = [p for p in pulls if self._may_be_ours(p)]
        brief = [p for p in ours if "commits" not in p]
        assert is_whole or len(brief) == len(ours), "nothing is in full that was asked for in brief"
        self._detail(brief, _COMMITS, asked)
        long = [p for p in ours if number(p, "commits", "totalCount") > _COMMITS]
        self._detail(long, _MORE_COMMITS, asked)

    def _detail(self, pulls: Sequence[Node], commits: int, asked: Sequence[Repository]) -> None:
        by_id = {text(p, "id"): p for p in pulls}
        size = _BATCH * _COMMITS // commits
        for batch in batches(by_id, size):
            scope = self.account.scope(asked)
            data, _ = self.account.api.query(queries.details(commits), {"ids": batch}, scope=scope)
            for node in entries(data, "nodes"):
                if node and (known := by_id.get(text(node, "id"))) is not None:
                    known |= node
        if any("commits" not in p for p in pulls):
            raise ForgeError("GitHub did not tell of the commits of a pull request")

    def _may_be_ours(self, pull: Node) -> bool:
        return dig(pull, "isCrossRepository") is False and text(pull, "headRefName").startswith(self.prefix)

    def _closed(self, repository: Repository, branches: Sequence[str]) -> Iterator[PullRequest]:
        scope = self.account.scope([repository])
        variables = {"id": repository.id, **{f"b{i}": branch for i, branch in enumerate(branches)}}
        data, errors = self.account.api.query(queries.closed(len(branches)), variables, scope=scope)
        viewer = self.account.saw(data)
        node = dig(data, "node")
        if errors or not isinstance(node, dict):
            reason = shown(str(errors[0].get("message", ""))) if errors else _GONE
            raise ForgeError(f"{repository.name}: its closed pull requests cannot be read: {reason}")
        page = self.account.page(repository)
        ours = [
            pull
            for i, branch in enumerate(branches)
            for pull in self._of_branch(repository, branch, dig(node, f"b{i}"))
            if (read := pull_of(pull, viewer, page)).by_us and read.in_repository
        ]
        # Under a commit of a person, or a merge of the base, is what we offered.
        self._detail([pull for pull in ours if not _is_by_us(pull_of(pull, viewer, page))], _COMMITS, [repository])
        yield from (pull_of(pull, viewer, page) for pull in ours)

    def _of_branch(self, repository: Repository, branch: str, page: object) -> Iterator[Node]:
        """Yield what is closed of a branch: of thousands, those of others too, the latest."""
        for _ in range(_MOST_PAGES):
            yield from entries(page, "nodes")
            if dig(page, "pageInfo", "hasNextPage") is not True:
                return
            after = text(page, "pageInfo", "endCursor")
            variables = {"id": repository.id, "branch": branch, "after": after}
            data, _ = self.account.api.query(queries.MORE_CLOSED, variables, scope=self.account.scope([repository]))
            page = dig(data, "node", "b0")


def _is_by_us(pull: PullRequest) -> bool:
    return pull.head is not None and pull.head.claimed_fingerprint is not None


def _is_about_issues(error: Node) -> bool:
    path = error.get("path")
    return isinstance(path, list) and "issues" in path

"""Where the projects of a GitLab stand, and which of our merge requests were closed: few requests for many of them.

The default branch is told with `tree.lastCommit`, which is the last commit that changed a file: where its tip changed
none (a merge of what was up to date), that is an older commit with the very same files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pinbot.errors import ForgeBusy, ForgeError, ForgeForbids
from pinbot.forge import _gitlab_queries as queries
from pinbot.forge._commit_name import is_name, tree_name
from pinbot.forge._gitlab_account import Account, path_of
from pinbot.forge._gitlab_values import (
    claims_tree,
    commit_of,
    entries_of,
    iid_of,
    is_project_name,
    issue_of,
    number_of,
    proved,
    pull_of,
    pull_of_graph,
)
from pinbot.forge._json import Object
from pinbot.forge._rest import Refused
from pinbot.forge._words import shown
from pinbot.proposals.issue import DASHBOARD, Issue
from pinbot.proposals.pull import Commit, PullRequest
from pinbot.proposals.repository import Repository, Standing, Unreachable

_GONE = "it is not there, or this account may not see it"
_MOST_PAGES = 40
_MOST_COMMITS = 250
_MOST_TREE_PAGES = 10
# What a process that goes on for months remembers of the commits of merge requests.
_MOST_REMEMBERED = 10_000
# After so many projects in a row that could not even be told of alone, it is not the length of the question.
_MOST_ALONE = 3
# What versions before 17 answer where a field is asked for that they do not have.
_NO_FIELD = "doesn't exist on type"

Variables = Mapping[str, object]


@dataclass(slots=True)
class Survey:
    """Reads for one account; merge requests whose branches begin with `prefix` are read in full.

    `dashboards` is whether the issue of a project is looked for.
    """

    account: Account
    prefix: str
    dashboards: bool = False
    _whole: bool = True
    _failed_alone: int = 0
    _commits: dict[tuple[str, str, str], tuple[Commit, ...]] = field(default_factory=dict)

    def standings(self, repositories: Sequence[Repository]) -> dict[str, Standing | Unreachable]:
        """Return where each stands, by its id. Raises ForgeError where there is no answer for any."""
        found: dict[str, Standing | Unreachable] = {}
        for at in range(0, len(repositories), queries.PROJECTS):
            found |= self._batch(repositories[at : at + queries.PROJECTS])
        return found

    def closed(self, repository: Repository, branches: Sequence[str]) -> list[PullRequest]:
        """Return what we opened from these branches of the project and is not open, the latest first.

        Commits are asked for of those that say what people refused, or took back since.
        """
        variables: dict[str, object] = {"branches": branches, "me": self.account.login}
        me = self.account.number
        pairs = [(pull_of_graph(n, me), n) for n in self._list(repository, lambda: self._closed_text, variables)]
        ours = [(p, n) for p, n in pairs if p.by_us and p.in_repository and p.state != "open" and p.branch in branches]
        ours.sort(key=lambda pair: pair[0].number, reverse=True)
        since = min((p.closed or p.opened for p, _ in ours if p.state == "closed" and not p.is_withdrawn), default=None)
        return [
            replace(p, commits=self._commits_of(repository, n, n))
            if since and not p.is_withdrawn and (p.closed or p.opened) >= since
            else p
            for p, n in ours
        ]

    @property
    def _closed_text(self) -> str:
        return queries.closed(whole=self._whole)

    def _batch(self, asked: Sequence[Repository]) -> dict[str, Standing | Unreachable]:
        try:
            return self._answered(asked)
        except (ForgeBusy, ForgeForbids):
            raise
        except ForgeError as error:
            # GitLab ends a question that takes it 30 s, and half of it is often answered.
            self._failed_alone += len(asked) == 1
            if len(asked) == 1 or self._failed_alone >= _MOST_ALONE:
                return {one.id: Unreachable(one, str(error)) for one in asked}
            half = len(asked) // 2
            return self._batch(asked[:half]) | self._batch(asked[half:])

    def _answered(self, asked: Sequence[Repository]) -> dict[str, Standing | Unreachable]:
        variables = {"ids": [f"gid://gitlab/Project/{r.id}" for r in asked], "me": self.account.login}
        data, errors = self._ask(lambda: queries.standings(whole=self._whole, issues=self.dashboards), variables)
        nodes = {str(number_of(node)): node for node in data.child("projects").children("nodes")}
        if errors:
            # A part of the answer is missing, and what is not told would be opened again.
            raise ForgeError(f"GitLab could not answer for all that was asked: {shown('; '.join(errors))}")
        self._failed_alone = 0
        return {r.id: self._standing(r, nodes.get(r.id)) for r in asked}

    def _standing(self, asked: Repository, node: Object | None) -> Standing | Unreachable:
        try:
            return Unreachable(asked, _GONE) if node is None else self._told(asked, node)
        except ForgeBusy:
            raise
        except ForgeError as error:
            return Unreachable(asked, str(error))

    def _told(self, asked: Repository, node: Object) -> Standing | Unreachable:
        inner, name = node.child("repository"), node.text("fullPath")
        if not is_project_name(name):
            raise node.odd("fullPath")
        now = replace(
            asked,
            name=name,
            url=node.text("webUrl"),
            default_branch=inner.text("rootRef") or asked.default_branch,
            is_archived=node.flag("archived"),
            is_empty=inner.flag("empty"),
        )
        if now.is_archived:
            return Standing(now)
        if not inner.fields:
            return Unreachable(now, "this account may not read its code; it needs the role Developer")
        if now.is_empty:
            return Standing(now)
        if not node.flag("mergeRequestsEnabled"):
            return Unreachable(now, "merge requests are switched off there")
        if not isinstance(node.child("all").fields.get("nodes"), list):
            raise node.odd("mergeRequests")  # it is not told which there are, and that is not none
        head = inner.child("tree").child("lastCommit").text("sha")
        if head and not is_name(head):
            raise node.odd("sha")
        standing = Standing(now, head or None, self._pulls(now, node))
        return self._with_issue(standing, node) if self.dashboards else standing

    def _pulls(self, now: Repository, node: Object) -> tuple[PullRequest, ...]:
        told = {iid_of(one): one for one in node.child("ours").children("nodes")}
        found = [*node.child("all").children("nodes"), *self._further(now, node.child("all"))]
        return tuple(sorted((self._pull(now, one, told) for one in found), key=lambda pull: pull.number))

    def _further(self, now: Repository, first: Object) -> Iterator[Object]:
        page = first.child("pageInfo")
        if page.flag("hasNextPage"):
            yield from self._list(now, queries.more_pulls, {"after": page.text("endCursor")})

    def _pull(self, now: Repository, found: Object, told: Mapping[int, Object]) -> PullRequest:
        pull = pull_of_graph(found, self.account.number)
        if not (pull.by_us and pull.in_repository and pull.branch.startswith(self.prefix)):
            return pull
        if pull.conflicts is None:
            # GitLab looks for conflicts when somebody asks for the merge request by its number.
            looked = pull_of(self.account.api.get(path_of(now, pull)).object(), self.account.number)
            pull = replace(pull, conflicts=looked.conflicts)
        return replace(pull, commits=self._commits_of(now, found, told.get(pull.number)))

    def _commits_of(self, now: Repository, found: Object, told: Object | None) -> tuple[Commit, ...]:
        """Return the commits of a merge request: proved by what was told of them, or asked for."""
        head, since = found.text("diffHeadSha"), told.child("diffRefs").text("baseSha") if told else ""
        key = (now.id, since, head)
        if key not in self._commits:
            if len(self._commits) >= _MOST_REMEMBERED:
                self._commits.clear()
            one = proved(Object(found.what, {**told.fields, **found.fields})) if told else None
            self._commits[key] = (one,) if one else self._asked(now, since or found.text("targetBranch"), head)
        return self._commits[key]

    def _asked(self, now: Repository, since: str, head: str) -> tuple[Commit, ...]:
        if not is_name(head):
            return ()
        found: list[Object] = []
        path = f"{path_of(now)}/repository/commits"
        for page in self.account.api.pages(path, {"ref_name": f"{since}..{head}"}):
            found += page
            if len(found) >= _MOST_COMMITS:
                break
        # The newest comes first, as in git's log.
        return tuple(self._with_tree(now, commit_of(one)) for one in reversed(found))

    def _with_tree(self, now: Repository, commit: Commit) -> Commit:
        """Return a commit with its tree where it says which that is: of a signed one, the entries prove it."""
        if not claims_tree(commit):
            return commit
        entries: list[tuple[str, str, str]] = []
        pages = self.account.api.pages(f"{path_of(now)}/repository/tree", {"ref": commit.sha})
        for number, page in enumerate(pages, 1):
            entries += entries_of(page)
            if number >= _MOST_TREE_PAGES:
                break
        try:
            return replace(commit, tree=tree_name(entries, len(commit.sha)))
        except ValueError:
            return commit

    def _with_issue(self, standing: Standing, node: Object) -> Standing:
        if not (node.flag("issuesEnabled") and node.fields.get("issues")):
            return replace(standing, no_issues="issues are disabled there, or this account may not see them")
        return replace(standing, issue=self._issue(standing.repository, node.child("issues")))

    def _issue(self, now: Repository, first: Object) -> Issue | None:
        if (found := _oldest(issue_of(one, iid_of(one)) for one in first.children("nodes"))) is not None:
            return found
        return self.dashboard(now) if first.child("pageInfo").flag("hasNextPage") else None

    def dashboard(self, now: Repository) -> Issue | None:
        """Look for the dashboard among all issues of our account. Raises ForgeError."""
        query = {"author_id": self.account.number, "scope": "all", "order_by": "created_at", "sort": "asc"}
        for page in self.account.api.pages(f"{path_of(now)}/issues", query):
            if (found := _oldest(issue_of(one, one.number("iid")) for one in page)) is not None:
                return found
        return None

    def _list(self, now: Repository, text: queries.Text, variables: Variables) -> Iterator[Object]:
        """Yield the merge requests `all` of one project, page after page."""
        after = variables.get("after")
        for _ in range(_MOST_PAGES):
            asked = {**variables, "ids": [f"gid://gitlab/Project/{now.id}"], "after": after}
            data, errors = self._ask(text, asked)
            nodes = data.child("projects").children("nodes")
            if errors or not nodes:
                raise ForgeError(f"{now.name}: its merge requests cannot be read: {shown('; '.join(errors)) or _GONE}")
            listed = nodes[0].child("all")
            yield from listed.children("nodes")
            page = listed.child("pageInfo")
            if not page.flag("hasNextPage"):
                return
            after = page.text("endCursor")
        raise ForgeError(f"{now.name}: the list of its merge requests does not come to an end")

    def _ask(self, text: queries.Text, variables: Variables) -> tuple[Object, list[str]]:
        """Ask, and once more in the words of an older version where this one knows fewer fields."""
        try:
            return self.account.api.graph(text(), variables)
        except Refused as error:
            if not self._whole or _NO_FIELD not in str(error):
                raise
            self._whole = False
            return self.account.api.graph(text(), variables)


def _oldest(issues: Iterator[Issue]) -> Issue | None:
    return next((issue for issue in issues if DASHBOARD in issue.body), None)

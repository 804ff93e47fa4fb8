"""A forge and its git in memory, with everything that people do there: the same protocols, no disk, no network.

`history` has every state of the pull requests that ever was, so that a test can say what never happened.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from pinbot.errors import (
    BranchMoved,
    EmptyRepository,
    FileChanged,
    ForgeBusy,
    ForgeError,
    ForgeForbids,
    PushRefused,
    UnreadableFile,
)
from pinbot.proposals.issue import DASHBOARD, Issue
from pinbot.proposals.owners import Dialect
from pinbot.proposals.proposal import Proposal, fingerprint
from pinbot.proposals.pull import PENDING, WITHDRAWN, Commit, PullRequest
from pinbot.proposals.repository import Repository, Standing, Unreachable
from pinbot.proposals.route import Route

Files = Mapping[str, bytes]
US = "pinbot[bot]"


@dataclass
class MemoryRepository:
    """A repository: the trees and commits that there are, the tips of its branches, its pull requests and issues.

    `is_guarded` is whether its base asks for something that is not there yet, so that merging can wait for it.
    """

    id: str
    name: str
    default_branch: str = "main"
    is_archived: bool = False
    topics: tuple[str, ...] = ()
    trees: dict[str, Files] = field(default_factory=dict)
    commits: dict[str, Commit] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    pulls: dict[int, PullRequest] = field(default_factory=dict)
    comments: list[tuple[int, str]] = field(default_factory=list)
    protected: set[str] = field(default_factory=set)
    issues: dict[int, Issue] = field(default_factory=dict)
    has_issues: bool = True
    is_guarded: bool = True
    now: datetime = datetime(2026, 11, 1, tzinfo=UTC)

    def moment(self) -> datetime:
        """Return the time of what happens now: each thing a minute after the one before."""
        self.now += timedelta(minutes=1)
        return self.now

    def tree(self, files: Files) -> str:
        name = _name(b"".join(f"{path}\0".encode() + data for path, data in sorted(files.items())))
        self.trees[name] = dict(files)
        return name

    def commit(self, tree: str, parents: Sequence[str], message: str, author: str) -> Commit:
        sha = _name("\0".join([tree, *parents, message, author]).encode())
        self.commits[sha] = Commit(sha, tree, tuple(parents), message, author)
        return self.commits[sha]

    def files(self, branch: str) -> Files:
        return self.trees[self.commits[self.branches[branch]].tree]

    def person_commits(self, branch: str, files: Files, message: str = "By hand\n") -> Commit:
        """Let a person commit to a branch; the files that are named replace those that were there."""
        tip = self.branches.get(branch)
        before = self.trees[self.commits[tip].tree] if tip else {}
        commit = self.commit(self.tree({**before, **files}), [tip] if tip else [], message, "Jane")
        self.branches[branch] = commit.sha
        return commit

    def person_merges(self, number: int) -> None:
        """Merge a pull request into its base, as far as its files go, and delete its branch."""
        pull = self.seen(self.pulls[number])
        before, after = self.trees[self.commits[pull.commits[0].parents[0]].tree], self.files(pull.branch)
        changed = {path: data for path, data in after.items() if before.get(path) != data}
        self.person_commits(pull.base, changed, f"Merge #{number}\n")
        self.pulls[number] = replace(pull, state="merged", closed=self.moment(), merges_itself=False)
        del self.branches[pull.branch]

    def person_merges_base(self, number: int) -> None:
        """Merge the base into the branch of a pull request, as the button of a forge does."""
        pull = self.pulls[number]
        ours, base = self.branches[pull.branch], self.branches[pull.base]
        files = {**self.trees[self.commits[base].tree], **self.trees[self.commits[ours].tree]}
        self.branches[pull.branch] = self.commit(self.tree(files), [ours, base], "Merge main\n", "Jane").sha

    def person_closes(self, number: int, *, deletes: bool = True) -> None:
        """Close a pull request unmerged."""
        pull = self.seen(self.pulls[number])
        self.pulls[number] = replace(pull, state="closed", closed=self.moment())
        if deletes:
            del self.branches[pull.branch]

    def person_arms(self, number: int) -> None:
        """Let the forge merge a pull request when it is green, by a button of the forge."""
        self.pulls[number] = replace(self.pulls[number], merges_itself=True, merging_by_us=False)

    def person_checks(self, *markers: str) -> None:
        """Check boxes of the dashboard, by their hidden markers."""
        (issue,) = self.issues.values()
        body = issue.body
        for marker in markers:
            box = f"- [ ] <!-- pinbot:{marker} -->"
            assert box in body, f"{box} is not in:\n{body}"
            body = body.replace(box, f"- [x] <!-- pinbot:{marker} -->")
        self.issues[issue.number] = replace(issue, body=body)

    @property
    def dashboard(self) -> str:
        """The text of the one issue that is there."""
        (issue,) = self.issues.values()
        return issue.body

    def person_opens(self, branch: str, author: str = "jane", *, in_repository: bool = True) -> PullRequest:
        """Open a pull request from a branch, or from one of that name in a fork."""
        return self.opened(branch, self.default_branch, branch, "", author, in_repository)

    def opened(
        self, branch: str, base: str, title: str, body: str, author: str = US, in_repository: bool = True
    ) -> PullRequest:
        number = len(self.pulls) + 1
        url = f"https://forge.example/{self.name}/pull/{number}"
        at = self.moment()
        self.pulls[number] = PullRequest(
            number, url, "open", branch, base, title, body, author, author == US, in_repository, (), at
        )
        return self.pulls[number]

    def seen(self, pull: PullRequest) -> PullRequest:
        """Return a pull request as the forge tells of it now: one that is open, with the commits of its branch."""
        if pull.state != "open" or not pull.in_repository or pull.branch not in self.branches:
            return pull
        based = self._reachable(self.branches[pull.base])
        commits = [c for sha in self._reachable(self.branches[pull.branch]) if sha not in based for c in [sha]]
        return replace(pull, commits=tuple(self.commits[sha] for sha in reversed(commits)))

    def _reachable(self, sha: str) -> list[str]:
        found: dict[str, None] = {}
        pending = [sha]
        while pending:
            one = pending.pop(0)
            if one not in found:
                found[one] = None
                pending += self.commits[one].parents
        return list(found)


class MemoryCheckout:
    """The files of a branch; a commit goes straight into the repository, as a fetch and a push of git do."""

    def __init__(self, repository: MemoryRepository, branch: str) -> None:
        self._repository, self._branch = repository, branch
        self.head = repository.branches[branch]
        self._files = repository.files(branch)

    def paths(self) -> Sequence[str]:
        return sorted(self._files)

    def missed(self) -> Sequence[tuple[str, str]]:
        return ()

    def want(self, paths: Collection[str]) -> None:
        pass

    def read(self, path: str) -> bytes:
        if path not in self._files:
            raise UnreadableFile(f"{path}: no such file")
        return self._files[path]

    def write(self, path: str, before: bytes, after: bytes) -> None:
        raise UnreadableFile(f"{path}: nothing is written here")

    def branches(self, prefix: str) -> Mapping[str, Commit]:
        known = self._repository.branches.items()
        return {name: self._repository.commits[sha] for name, sha in known if name.startswith(prefix)}

    def fingerprint(self, commit: str) -> str | None:
        found = self._repository.commits[commit]
        if len(found.parents) != 1:
            return None
        before = self._repository.trees[self._repository.commits[found.parents[0]].tree]
        after = self._repository.trees[found.tree]
        changed = [path for path in {*before, *after} if before.get(path) != after.get(path)]
        return fingerprint((p, before.get(p, b"").decode(), after.get(p, b"").decode()) for p in changed)

    def tree(self, files: Mapping[str, tuple[bytes, bytes]]) -> str:
        for path, (before, _) in files.items():
            if self.read(path) != before:
                raise FileChanged(f"{path}: changed since it was read")
        return self._repository.tree({**self._files, **{path: after for path, (_, after) in files.items()}})

    def commit(self, tree: str, message: str) -> str:
        return self._repository.commit(tree, [self.head], message, "pinbot").sha

    def push(self, branch: str, commit: str, tip: str | None, route: Route | None = None) -> None:
        if self._repository.branches.get(branch) != tip:
            raise BranchMoved(f"{branch}: the branch has moved")
        if branch in self._repository.protected:
            raise PushRefused(f"{branch}: protected branch")
        self._repository.branches[branch] = commit

    def delete(self, branch: str, tip: str) -> None:
        if self._repository.branches.get(branch, tip) != tip:
            raise BranchMoved(f"{branch}: the branch has moved")
        if branch in self._repository.protected:
            raise PushRefused(f"{branch}: protected branch")
        self._repository.branches.pop(branch, None)


class MemoryForge:
    """All repositories; `calls` are those of the protocol, by name, and `writes` how many changed something.

    `busy_after` is how many writes a run may make before the forge has had enough; of the `undiffable` pull requests
    it tells no diff.
    """

    pushes = True
    has_pull_requests = True
    has_issues = True
    has_merging = True
    dialect: Dialect = "github"

    def __init__(self, *repositories: MemoryRepository) -> None:
        self.held = {repository.id: repository for repository in repositories}
        self.calls: list[str] = []
        self.writes = 0
        self.busy_after: int | None = None
        self.undiffable: set[int] = set()
        self.history: list[Mapping[str, Collection[PullRequest]]] = []

    def repositories(self) -> Iterator[Repository]:
        yield from map(_told, self.held.values())

    def standings(self, repositories: Sequence[Repository]) -> Mapping[str, Standing | Unreachable]:
        self.calls.append("standings")
        return {one.id: self._standing(one) for one in repositories}

    def closed(self, repository: Repository, branches: Collection[str]) -> Sequence[PullRequest]:
        self.calls.append("closed")
        pulls = reversed(self.held[repository.id].pulls.values())
        return [p for p in pulls if p.state != "open" and p.by_us and p.branch in branches]

    def diff(self, repository: Repository, pull: PullRequest) -> str:
        self.calls.append("diff")
        if pull.number in self.undiffable:
            raise ForgeError(f"#{pull.number}: no diff")
        held = self.held[repository.id]
        if not pull.in_repository:
            return ""
        before, after = held.files(pull.base), held.files(pull.branch)
        return "".join(_hunks(p, before[p], after.get(p, b"")) for p in before if before[p] != after.get(p))

    def route(self, proposal: Proposal) -> Route:
        return Route()

    def open(self, repository: Repository, proposal: Proposal) -> PullRequest:
        self._wrote("open")
        held = self.held[repository.id]
        if proposal.branch not in held.branches:
            raise ForgeForbids(f"{proposal.branch}: no such branch")
        for pull in held.pulls.values():
            if (pull.state, pull.branch, pull.base) == ("open", proposal.branch, proposal.base) and pull.in_repository:
                return pull
        opened = held.opened(proposal.branch, proposal.base, proposal.title, _text(proposal))
        self._remember()
        return opened

    def edit(self, repository: Repository, pull: PullRequest, proposal: Proposal) -> None:
        self._wrote("edit")
        held = self.held[repository.id]
        now = replace(held.pulls[pull.number], title=proposal.title, body=_text(proposal), base=proposal.base)
        held.pulls[pull.number] = now
        self._remember()

    def withdraw(self, repository: Repository, pull: PullRequest, reason: str) -> None:
        self.comment(repository, pull, reason)
        held = self.held[repository.id]
        if WITHDRAWN not in held.pulls[pull.number].body:
            self._wrote("withdraw")
            body = f"{held.pulls[pull.number].body}\n{WITHDRAWN}"
            held.pulls[pull.number] = replace(held.pulls[pull.number], body=body)

    def close(self, repository: Repository, pull: PullRequest) -> None:
        self._wrote("close")
        held = self.held[repository.id]
        seen = held.seen(held.pulls[pull.number])
        held.pulls[pull.number] = replace(seen, state="closed", closed=held.moment(), merges_itself=False)
        self._remember()

    def comment(self, repository: Repository, pull: PullRequest, text: str) -> None:
        held = self.held[repository.id]
        if (pull.number, text) not in held.comments:
            self._wrote("comment")
            held.comments.append((pull.number, text))

    def merge_when_green(self, repository: Repository, pull: PullRequest, head: str) -> None:
        held = self.held[repository.id]
        now = held.pulls[pull.number]
        if held.branches[now.branch] != head:
            raise ForgeError(f"#{pull.number}: its head is another commit")
        if not held.is_guarded:
            raise ForgeForbids(f"#{pull.number}: nothing is asked for, so it would be merged at once")
        if not now.merges_itself:
            self._wrote("merge_when_green")
            held.pulls[pull.number] = replace(now, merges_itself=True, merging_by_us=True)
            self._remember()

    def stop_merging(self, repository: Repository, pull: PullRequest) -> None:
        held = self.held[repository.id]
        if held.pulls[pull.number].merges_itself:
            self._wrote("stop_merging")
            held.pulls[pull.number] = replace(held.pulls[pull.number], merges_itself=False, merging_by_us=False)
            self._remember()

    def write_issue(self, repository: Repository, issue: Issue | None, title: str, body: str) -> Issue:
        held = self.held[repository.id]
        if not held.has_issues:
            raise ForgeForbids(f"{repository.name}: issues are disabled")
        if issue is None:
            if (there := _dashboard(held)) is not None:
                return there
            self._wrote("write_issue")
            number = len(held.issues) + 1
            url = f"https://forge.example/{held.name}/issues/{number}"
            held.issues[number] = Issue(number, url, title, body)
            return held.issues[number]
        now = held.issues[issue.number]
        if now.is_as(issue) and (now.title, now.body) != (title, body):
            self._wrote("write_issue")
            held.issues[issue.number] = replace(now, title=now.title_for(issue, title), body=body)
        return held.issues[issue.number]

    def _standing(self, repository: Repository) -> Standing | Unreachable:
        held = self.held.get(repository.id)
        if held is None:
            return Unreachable(repository, f"{repository.name}: not found")
        pulls = tuple(held.seen(p) for p in held.pulls.values() if p.state == "open")
        why = "" if held.has_issues else "issues are disabled"
        return Standing(_told(held), held.branches.get(held.default_branch), pulls, None, _dashboard(held), why)

    def _wrote(self, name: str) -> None:
        self.calls.append(name)
        if self.busy_after is not None and self.writes >= self.busy_after:
            raise ForgeBusy("enough")
        self.writes += 1

    def _remember(self) -> None:
        self.history.append({r.name: list(r.pulls.values()) for r in self.held.values()})


class MemoryCheckouts:
    """Opens the repositories of a MemoryForge; `opened` are their names, in order."""

    def __init__(self, forge: MemoryForge) -> None:
        self._forge = forge
        self.opened: list[str] = []

    def open(self, repository: Repository, branch: str, head: str | None) -> MemoryCheckout:
        held = self._forge.held[repository.id]
        if branch not in held.branches:
            raise EmptyRepository(f"{repository.name}: {branch} has no commit")
        self.opened.append(repository.name)
        return MemoryCheckout(held, branch)


def repository(name: str, files: Files, **more: object) -> MemoryRepository:
    """Return a repository whose default branch has these files."""
    made = MemoryRepository(f"id-{name}", name, **more)  # type: ignore[arg-type] # the fields, by name
    if files:
        made.person_commits(made.default_branch, files, "Begin\n")
    return made


def _dashboard(held: MemoryRepository) -> Issue | None:
    return next((issue for issue in held.issues.values() if DASHBOARD in issue.body), None)


def _text(proposal: Proposal) -> str:
    return proposal.body.replace(PENDING, "") + (f"\n\n{PENDING}" if proposal.is_pending else "")


def _told(held: MemoryRepository) -> Repository:
    is_empty = held.default_branch not in held.branches
    url = f"https://forge.example/{held.name}"
    return Repository(held.id, held.name, held.default_branch, held.topics, held.is_archived, False, is_empty, url)


def _hunks(path: str, before: bytes, after: bytes) -> str:
    from difflib import unified_diff

    lines: Iterable[str] = unified_diff(
        before.decode().splitlines(keepends=True), after.decode().splitlines(keepends=True), f"a/{path}", f"b/{path}"
    )
    return "".join(lines)


def _name(data: bytes) -> str:
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()

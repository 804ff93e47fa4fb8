"""The contract's stage for GitLab."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pinbot.forge._base import Owner, World
from pinbot.forge._pace import UNPACED
from pinbot.forge.gitlab import GitLab, Options
from pinbot.net.retry import RetryPolicy
from pinbot.proposals.proposal import Dressing, Proposal
from pinbot.proposals.repository import Repository
from pinbot.secret import Secret
from tests.fakes import faults
from tests.fakes.bare import Bare, Who
from tests.fakes.gitlab.forge import FakeGitLab
from tests.fakes.gitlab.state import Project, Pull
from tests.fakes.server import Fault, Reply, Seen
from tests.forges.stage import BEFORE
from tests.net.world import NOW

PERSON = Who("Ada", "ada@example.com")


class OnGitLab:
    """A GitLab before our fake."""

    def __init__(self, fake: FakeGitLab, **options: Any) -> None:
        self.fake = fake
        self.server = fake.server
        self.us, self.secret = fake.bot.username, fake.token
        self.warnings: list[str] = []
        self.time = 1000.0
        given: dict[str, Any] = {
            "url": fake.site,
            "owners": (Owner("group", "acme"),),
            "pace": UNPACED,
            "world": World(lambda: self.time, self._sleep, lambda: NOW),
            "warn": self.warnings.append,
            "retries": RetryPolicy(tries=3),
            **options,
        }
        self.forge = GitLab(Options(Secret(fake.token), **given))

    def _sleep(self, seconds: float) -> None:
        self.time += seconds

    def close(self) -> None:
        self.forge.close_connections()

    def add(
        self,
        name: str,
        archived: bool = False,
        fork: bool = False,
        topics: Sequence[str] = (),
        namespace: str = "acme",
    ) -> Repository:
        more: dict[str, Any] = {"topics": tuple(topics), "is_archived": archived, "fork_of": 1 if fork else None}
        project = self.fake.project(name, namespace, **more)
        project.git.commit("main", {"Dockerfile": BEFORE}, "first\n", [])
        project.ci = "running"
        project.members += [self.fake.state.user("ada"), self.fake.bot]
        url = f"{self.fake.site}/{project.path}"
        return Repository(str(project.id), project.path, "main", tuple(topics), archived, fork, url=url)

    def push(self, repository: Repository, wanted: Proposal, base: str = "main") -> str:
        git = self.git(repository)
        tree = git.tree({patch.path: patch.after for patch in wanted.patches})
        return git.commit(wanted.branch, tree, wanted.signed(tree), [git.branches()[base]])

    def person_pushes(self, repository: Repository, branch: str) -> str:
        git = self.git(repository)
        return git.commit(branch, {"Dockerfile": "FROM scratch\n"}, "mine\n", [git.branches()[branch]], PERSON)

    def base_moves(self, repository: Repository, text: str) -> str:
        git = self.git(repository)
        return git.commit("main", {"Dockerfile": text}, "moved\n", [git.branches()["main"]], PERSON)

    def opened_by(self, repository: Repository, login: str, branch: str, from_fork: bool = False) -> int:
        repo, author = self.repo(repository), self.fake.state.user(login)
        if not from_fork:
            return self.fake.pull(repo, branch, "main", author).number
        fork = self.fake.project(repo.name, login, fork_of=repo.id)
        fork.git.git("fetch", "-q", str(repo.git.path), "main:refs/heads/main", "-f")
        fork.git.commit(branch, {"Dockerfile": "FROM evil\n"}, "evil\n", [fork.git.branches()["main"]], PERSON)
        return self.fake.pull(repo, branch, "main", author, source=fork).number

    def ended(self, repository: Repository, number: int, merged: bool = False) -> None:
        self.fake.end(self.pull(repository, number), self.fake.state.user("ada"), merged)

    def open_pulls(self, repository: Repository) -> list[tuple[int, str]]:
        return sorted((pull.number, pull.branch) for pull in self.fake.state.pulls_of(self.repo(repository)))

    def text(self, repository: Repository, number: int) -> tuple[str, str]:
        pull = self.pull(repository, number)
        return pull.title, pull.body

    def dress(self, repository: Repository, number: int) -> Dressing:
        pull, project = self.pull(repository, number), self.repo(repository)
        return Dressing(
            labels=tuple(pull.labels),
            reviewers=tuple(user.username for user in pull.reviewers),
            assignees=tuple(user.username for user in pull.assignees),
            milestone=next((title for title, n in project.milestones.items() if n == pull.milestone), None),
            is_draft=pull.title.startswith("Draft: "),
        )

    def said(self, repository: Repository, number: int) -> list[str]:
        return [comment.body for comment in self.pull(repository, number).notes]

    def issues(self, repository: Repository) -> list[tuple[int, str, str]]:
        found = (issue for issue in self.fake.state.issues if issue.project is self.repo(repository))
        return [(issue.number, issue.title, issue.body) for issue in found]

    def issue_by(self, repository: Repository, login: str, body: str) -> int:
        return self.fake.issue(self.repo(repository), self.fake.state.user(login), "theirs", body).number

    def issue_becomes(
        self, repository: Repository, number: int, body: str | None = None, closed: bool = False, title: str = ""
    ) -> None:
        issue = next(one for one in self.fake.state.issues if one.number == number)
        issue.title = title or issue.title
        issue.body, issue.state = issue.body if body is None else body, "closed" if closed else issue.state

    def without_issues(self, repository: Repository) -> None:
        self.repo(repository).has_issues = False

    def unguarded(self, repository: Repository) -> None:
        self.repo(repository).ci = None

    def armed_by(self, repository: Repository, number: int, login: str) -> None:
        self.pull(repository, number).merging = self.fake.state.user(login)

    def rename(self, repository: Repository, name: str) -> None:
        self.fake.move(self.repo(repository), f"acme/{name}")

    def rename_branch(self, repository: Repository, name: str) -> None:
        repo = self.repo(repository)
        repo.git.keep(f"refs/heads/{name}", repo.git.branches()[repo.default_branch])
        repo.git.delete(repo.default_branch)
        repo.default_branch = name

    def archive(self, repository: Repository) -> None:
        self.repo(repository).is_archived = True

    def remove(self, repository: Repository) -> None:
        del self.fake.state.projects[int(repository.id)]

    def on_write(self, fault: Fault) -> None:
        def bent(seen: Seen, reply: Reply) -> Reply:
            return reply if is_read(seen) else fault(seen, reply)

        self.server.faults.append(bent)

    def on_read(self, fault: Fault) -> None:
        def bent(seen: Seen, reply: Reply) -> Reply:
            return fault(seen, reply) if is_read(seen) else reply

        self.server.faults.append(bent)

    def limit(self, seconds: int, times: int, writes: bool) -> None:
        fault = faults.times(times, faults.status(429, Retry_After=str(seconds)))
        self.fake.gates.append(lambda seen: fault(seen, Reply()) if writes != is_read(seen) else Reply())

    def repo(self, repository: Repository) -> Project:
        """Return what the fake has of a repository."""
        return self.fake.state.projects[int(repository.id)]

    def git(self, repository: Repository) -> Bare:
        """Return the git repository."""
        return self.repo(repository).git

    def pull(self, repository: Repository, number: int) -> Pull:
        """Return what the fake has of a pull request."""
        return next(p for p in self.fake.state.pulls if p.number == number and p.project is self.repo(repository))


def is_read(seen: Seen) -> bool:
    """Return whether a request changes nothing."""
    return seen.method == "GET" or seen.path.endswith("/api/graphql")


@contextmanager
def on_gitlab(folder: Path, dashboards: bool = True) -> Iterator[OnGitLab]:
    """Open the stage."""
    with FakeGitLab(folder) as fake:
        stage = OnGitLab(fake, dashboards=dashboards)
        try:
            yield stage
        finally:
            stage.close()

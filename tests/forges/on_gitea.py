"""The contract's stage for Gitea and Forgejo."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pinbot.forge._base import Owner, World
from pinbot.forge._pace import UNPACED
from pinbot.forge.gitea import Gitea
from pinbot.net.client import Client
from pinbot.proposals.proposal import Dressing, Proposal
from pinbot.proposals.repository import Repository, Selection
from pinbot.secret import Secret
from tests.fakes import faults
from tests.fakes.bare import Bare, Who
from tests.fakes.gitea.forge import FakeGitea
from tests.fakes.gitea.state import Pull, Repo, Ticket
from tests.fakes.server import Fault, Reply, Seen
from tests.forges.stage import BEFORE
from tests.net.world import NOW, Time, patient

PERSON = Who("Ada", "ada@example.com")


class OnGitea:
    """A Gitea before our fake."""

    def __init__(self, fake: FakeGitea, selection: Selection | None = None, dashboards: bool = False) -> None:
        self.fake = fake
        self.server = fake.server
        self.us, self.secret = fake.bot.login, fake.token
        self.time = Time()
        self.forge = Gitea(
            fake.server.url,
            Secret(fake.token),
            Client(world=patient(self.time), deadline_seconds=5),
            owners=[Owner("organisation", "acme")],
            selection=selection,
            dashboards=dashboards,
            pace=UNPACED,
            world=World(self.time.clock, lambda _: None, lambda: NOW),
        )

    def close(self) -> None:
        self.forge.close_connections()

    def add(self, name: str, archived: bool = False, fork: bool = False, topics: Sequence[str] = ()) -> Repository:
        repo = self.fake.repo(name, topics=tuple(topics), is_archived=archived, fork_of=1 if fork else None)
        repo.git.commit("main", {"Dockerfile": BEFORE}, "first\n", [])
        repo.members += [self.fake.state.user("ada"), self.fake.bot]
        return Repository(
            str(repo.id), repo.full_name, "main", tuple(topics), archived, fork, url=f"{self.server.url}/acme/{name}"
        )

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
        fork = self.fake.repo(repo.name, owner=login, fork_of=repo.id)
        fork.git.git("fetch", "-q", str(repo.git.path), "main:refs/heads/main", "-f")
        fork.git.commit(branch, {"Dockerfile": "FROM evil\n"}, "evil\n", [fork.git.branches()["main"]], PERSON)
        return self.fake.pull(repo, branch, "main", author, head_repo=fork).number

    def ended(self, repository: Repository, number: int, merged: bool = False) -> None:
        self.fake.end(self.pull(repository, number), self.fake.state.user("ada"), merged)

    def open_pulls(self, repository: Repository) -> list[tuple[int, str]]:
        return sorted((pull.number, pull.branch) for pull in self.fake.state.pulls_of(self.repo(repository)))

    def text(self, repository: Repository, number: int) -> tuple[str, str]:
        pull = self.pull(repository, number)
        return pull.title, pull.body

    def dress(self, repository: Repository, number: int) -> Dressing:
        pull, repo = self.pull(repository, number), self.repo(repository)
        labels = {**self.fake.state.org_labels.get("acme", {}), **repo.labels}
        return Dressing(
            labels=tuple(name for name, n in labels.items() if n in pull.labels),
            reviewers=(*(user.login for user in pull.reviewers), *(f"acme/{team}" for team in pull.teams)),
            assignees=tuple(user.login for user in pull.assignees),
            milestone=next((title for title, n in repo.milestones.items() if n == pull.milestone), None),
            is_draft=pull.title.startswith("WIP: "),
        )

    def said(self, repository: Repository, number: int) -> list[str]:
        return [comment.body for comment in self.pull(repository, number).comments]

    def issues(self, repository: Repository) -> list[tuple[int, str, str]]:
        return [(ticket.number, ticket.title, ticket.body) for ticket in self.repo(repository).tickets]

    def issue_by(self, repository: Repository, login: str, body: str) -> int:
        number = self.fake.state.next()
        self.repo(repository).tickets.append(Ticket(number, self.fake.state.user(login), "theirs", body))
        return number

    def issue_becomes(
        self, repository: Repository, number: int, body: str | None = None, closed: bool = False, title: str = ""
    ) -> None:
        ticket = next(one for one in self.repo(repository).tickets if one.number == number)
        ticket.title = title or ticket.title
        ticket.body, ticket.state = ticket.body if body is None else body, "closed" if closed else ticket.state

    def without_issues(self, repository: Repository) -> None:
        self.repo(repository).has_issues = False

    def unguarded(self, repository: Repository) -> None:
        self.repo(repository).checks = ()

    def armed_by(self, repository: Repository, number: int, login: str) -> None:
        pull, user = self.pull(repository, number), self.fake.state.user(login)
        pull.merging = user
        pull.events.append(("pull_scheduled_merge", user))

    def rename(self, repository: Repository, name: str) -> None:
        self.fake.rename(self.repo(repository), name)

    def rename_branch(self, repository: Repository, name: str) -> None:
        repo = self.repo(repository)
        repo.git.keep(f"refs/heads/{name}", repo.git.branches()[repo.default_branch])
        repo.git.delete(repo.default_branch)
        repo.default_branch = name

    def archive(self, repository: Repository) -> None:
        self.repo(repository).is_archived = True

    def remove(self, repository: Repository) -> None:
        del self.fake.state.repos[int(repository.id)]

    def on_write(self, fault: Fault) -> None:
        def bent(seen: Seen, reply: Reply) -> Reply:
            return reply if seen.method == "GET" else fault(seen, reply)

        self.server.faults.append(bent)

    def on_read(self, fault: Fault) -> None:
        def bent(seen: Seen, reply: Reply) -> Reply:
            return fault(seen, reply) if seen.method == "GET" else reply

        self.server.faults.append(bent)

    def limit(self, seconds: int, times: int, writes: bool) -> None:
        fault = faults.times(times, faults.status(429, Retry_After=str(seconds)))
        self.fake.gates.append(lambda seen: fault(seen, Reply()) if writes == (seen.method != "GET") else Reply())

    def repo(self, repository: Repository) -> Repo:
        """Return what the fake has of a repository."""
        return self.fake.state.repos[int(repository.id)]

    def git(self, repository: Repository) -> Bare:
        """Return the git repository."""
        return self.repo(repository).git

    def pull(self, repository: Repository, number: int) -> Pull:
        """Return what the fake has of a pull request."""
        return next(p for p in self.fake.state.pulls if p.number == number and p.repo is self.repo(repository))


@contextmanager
def on_gitea(folder: Path, dashboards: bool = True) -> Iterator[OnGitea]:
    """Open the stage."""
    with FakeGitea(folder) as fake:
        stage = OnGitea(fake, dashboards=dashboards)
        try:
            yield stage
        finally:
            stage.close()

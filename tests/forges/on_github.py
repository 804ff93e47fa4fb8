"""The contract's stage for GitHub."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from pinbot.forge._base import Owner, World
from pinbot.forge._pace import UNPACED
from pinbot.forge.github import GitHub, Options
from pinbot.proposals.proposal import Dressing, Proposal
from pinbot.proposals.repository import Repository
from pinbot.secret import Secret
from tests.fakes.canary import canary
from tests.fakes.github.heads import MemoryHeads
from tests.fakes.github.server import Fault as Refusal
from tests.fakes.github.server import GitHubServer, is_write
from tests.fakes.github.state import Actor, Hub, Pull, Repo, Ticket
from tests.fakes.server import Fault, Reply, Seen
from tests.forge.hubs import Time
from tests.forges.stage import BEFORE


class OnGitHub:
    """A GitHub before our fake."""

    def __init__(self, fake: GitHubServer, time: Time) -> None:
        self.fake, self.hub, self.server = fake, fake.hub, fake.server
        self.us, self.secret = "pinner", canary("github")
        self.hub.tokens[self.secret] = Actor(self.us)
        self.server.may_see.add(self.secret)
        world = World(time.clock, time.sleep, time.now)
        options = Options(Secret(self.secret), fake.url, Owner("organisation", "acme"), pace=UNPACED, world=world)
        self.forge = GitHub(replace(options, dashboards=True))

    def close(self) -> None:
        self.forge.close_connections()

    def add(self, name: str, archived: bool = False, fork: bool = False, topics: Sequence[str] = ()) -> Repository:
        heads = MemoryHeads()
        heads.move("main", heads.make(None, {"Dockerfile": BEFORE.encode()}, "first\n"))
        repo = self.hub.add(
            f"acme/{name}",
            heads,
            topics=tuple(topics),
            is_archived=archived,
            is_fork=fork,
            collaborators=("ada", "bob", self.us),
        )
        url = f"{self.server.url}/acme/{name}"
        return Repository(repo.id, repo.name, "main", tuple(topics), archived, fork, url=url)

    def push(self, repository: Repository, wanted: Proposal, base: str = "main") -> str:
        heads = self.heads(repository)
        files = {patch.path: patch.after.encode() for patch in wanted.patches}
        message = wanted.signed(heads.tree(heads.branches[base], files))
        return self._moved(repository, wanted.branch, heads.make(heads.branches[base], files, message, "pinbot"))

    def person_pushes(self, repository: Repository, branch: str) -> str:
        heads = self.heads(repository)
        files = {"Dockerfile": b"FROM scratch\n"}
        return self._moved(repository, branch, heads.make(heads.branches[branch], files, "mine\n", "Ada"))

    def base_moves(self, repository: Repository, text: str) -> str:
        heads = self.heads(repository)
        made = heads.make(heads.branches["main"], {"Dockerfile": text.encode()}, "moved\n", "Ada")
        return self._moved(repository, "main", made)

    def opened_by(self, repository: Repository, login: str, branch: str, from_fork: bool = False) -> int:
        repo, heads = self.repo(repository), self.heads(repository)
        if not from_fork:
            return self.hub.open(repo, Actor(login), branch, "main", "theirs", "text").number
        made = heads.make(heads.branches["main"], {"Dockerfile": b"FROM evil\n"}, "evil\n", login)
        pull = self.hub.open(repo, Actor(login), branch, "main", "theirs", "text", from_fork=77, head=made)
        pull.commits = [made]
        return pull.number

    def ended(self, repository: Repository, number: int, merged: bool = False) -> None:
        self.hub.refresh(self.repo(repository))
        self.hub.close(self.repo(repository), self.pull(repository, number), "MERGED" if merged else "CLOSED", "ada")

    def open_pulls(self, repository: Repository) -> list[tuple[int, str]]:
        return [(p.number, p.branch) for p in self.repo(repository).pulls if p.state == "OPEN"]

    def text(self, repository: Repository, number: int) -> tuple[str, str]:
        pull = self.pull(repository, number)
        return pull.title, pull.body

    def dress(self, repository: Repository, number: int) -> Dressing:
        pull = self.pull(repository, number)
        reviewers = tuple(
            name if name in self.repo(repository).collaborators else f"acme/{name}" for name in pull.reviewers
        )
        return Dressing(tuple(pull.labels), reviewers, tuple(pull.assignees), pull.milestone, pull.is_draft)

    def said(self, repository: Repository, number: int) -> list[str]:
        return [text for _, text in self.pull(repository, number).comments]

    def issues(self, repository: Repository) -> list[tuple[int, str, str]]:
        return [(ticket.number, ticket.title, ticket.body) for ticket in self.repo(repository).tickets]

    def issue_by(self, repository: Repository, login: str, body: str) -> int:
        repo = self.repo(repository)
        repo.tickets.append(Ticket(repo.next(), "theirs", body, Actor(login)))
        return repo.tickets[-1].number

    def issue_becomes(
        self, repository: Repository, number: int, body: str | None = None, closed: bool = False, title: str = ""
    ) -> None:
        ticket = self.repo(repository).ticket(number)
        ticket.title = title or ticket.title
        ticket.body, ticket.state = ticket.body if body is None else body, "CLOSED" if closed else ticket.state

    def without_issues(self, repository: Repository) -> None:
        self.repo(repository).has_issues = False

    def unguarded(self, repository: Repository) -> None:
        self.repo(repository).is_guarded = False

    def armed_by(self, repository: Repository, number: int, login: str) -> None:
        self.pull(repository, number).merged_by = Actor(login)

    def rename(self, repository: Repository, name: str) -> None:
        self.hub.rename(self.repo(repository), f"acme/{name}")

    def rename_branch(self, repository: Repository, name: str) -> None:
        repo, heads = self.repo(repository), self.heads(repository)
        heads.move(name, heads.branches[repo.default_branch])
        heads.move(repo.default_branch, None)
        repo.default_branch = name

    def archive(self, repository: Repository) -> None:
        self.repo(repository).is_archived = True

    def remove(self, repository: Repository) -> None:
        self.repo(repository).is_gone = True

    def on_write(self, fault: Fault) -> None:
        self._bend(fault, writes=True)

    def on_read(self, fault: Fault) -> None:
        self._bend(fault, writes=False)

    def limit(self, seconds: int, times: int, writes: bool) -> None:
        told = {"Retry-After": str(seconds)}
        refusal = Refusal(status=429, headers=told, times=times, only=lambda asked: is_write(asked) == writes)
        self.fake.faults.append(refusal)

    def repo(self, repository: Repository) -> Repo:
        """Return what the fake has of a repository."""
        return next(r for r in self.hub.repos if r.id == repository.id)

    def heads(self, repository: Repository) -> MemoryHeads:
        """Return its branches."""
        heads = self.repo(repository).heads
        assert isinstance(heads, MemoryHeads)
        return heads

    def pull(self, repository: Repository, number: int) -> Pull:
        """Return what the fake has of a pull request."""
        return self.repo(repository).pull(number)

    def _moved(self, repository: Repository, branch: str, commit: str) -> str:
        self.heads(repository).move(branch, commit)
        return commit

    def _bend(self, fault: Fault, writes: bool) -> None:
        def bent(seen: Seen, reply: Reply) -> Reply:
            is_question = seen.method == "GET" or b'"query": "query' in seen.body
            return reply if is_question == writes else fault(seen, reply)

        self.server.faults.append(bent)


@contextmanager
def on_github(_folder: Path) -> Iterator[OnGitHub]:
    """Open the stage; all that is said in it must be as GitHub describes it."""
    time = Time()
    with GitHubServer(Hub(time.now)) as fake:
        stage = OnGitHub(fake, time)
        try:
            yield stage
        finally:
            stage.close()
    assert fake.violations == []
    assert fake.hub.most_open_at_once() <= 1

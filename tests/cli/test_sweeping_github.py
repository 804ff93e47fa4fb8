"""`pinbot sweep` as a user runs it: a process, git over HTTP, and a GitHub that keeps its history."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.conftest import Place
from tests.fakes.bare import Bare
from tests.fakes.github.heads import DiskHeads
from tests.fakes.github.server import Fault, GitHubServer
from tests.fakes.github.state import Actor, Repo
from tests.process import Outcome

TOKEN = "ghp_0123456789abcdefABCDEF"
FILES = {"Dockerfile": "FROM nginx:1.27\n", "compose.yaml": "services:\n  cache:\n    image: redis:7\n"}


@dataclass(frozen=True)
class Sweeping:
    """A place, a GitHub with the repository acme/api, and the command."""

    place: Place
    hub: GitHubServer
    repo: Repo
    bare: Bare

    def sweep(self, *arguments: str) -> Outcome:
        """Run it."""
        return self.place.pinbot("sweep", *arguments, GITHUB_TOKEN=TOKEN)

    def open_pulls(self) -> list[str]:
        """Return the branches with an open pull request."""
        self.hub.hub.refresh(self.repo)
        return [p.branch for p in self.repo.pulls if p.state == "OPEN"]


@pytest.fixture(params=["git", "api"], name="at")
def _at(request: pytest.FixtureRequest, place: Place, tmp_path: Path) -> Iterator[Sweeping]:
    with GitHubServer() as hub:
        hub.hub.tokens[TOKEN] = Actor("pinner")
        bare = Bare.create(tmp_path / "api.git")
        bare.git("config", "uploadpack.allowFilter", "true")
        bare.git("config", "uploadpack.allowAnySHA1InWant", "true")
        bare.git("config", "http.receivepack", "true")
        bare.commit("main", FILES, "Begin\n", [])
        repo = hub.hub.add("acme/api", DiskHeads(bare.path))
        settings = place.home / "s.yaml"
        settings.write_text(
            f"{settings.read_text()}cache: {tmp_path / 'cache'}\n"
            "forges:\n"
            "  - github:\n"
            f"      url: {hub.url}\n"
            "      token: {env: GITHUB_TOKEN}\n"
            "      organisations: [acme]\n"
            f"      commits: {request.param}\n"
            "      paced: false\n"
            "pull-requests:\n  mode: propose\n  labels: [images]\n"
        )
        yield Sweeping(place, hub, repo, bare)
    assert hub.violations == []
    assert hub.hub.most_open_at_once() <= 1


def test_a_sweep_opens_what_it_should_and_the_next_one_leaves_it(at: Sweeping) -> None:
    first = at.sweep()
    assert first.code == 0, first.stderr
    (branch,) = at.open_pulls()
    (pull,) = at.repo.pulls
    assert pull.labels == ["images"]
    changed = at.bare.git("show", f"{branch}:Dockerfile")
    assert changed.startswith("FROM nginx:1.27@sha256:")
    writes, asked = len(at.hub.writes()), at.hub.count()
    second = at.sweep()
    assert second.code == 0, second.stderr
    assert len(at.hub.writes()) == writes
    assert at.hub.count() - asked == 2
    assert TOKEN not in first.stdout + first.stderr + second.stdout + second.stderr


@pytest.mark.parametrize("verb", ["POST", "PATCH"])
def test_a_lost_answer_leaves_one_pull_request(at: Sweeping, verb: str) -> None:
    at.hub.faults.append(Fault(verb, "/repos/acme/api/", None, after=True))
    at.sweep()
    assert at.sweep().code == 0
    assert len(at.open_pulls()) == 1
    assert at.repo.pulls[0].labels == ["images"]


def test_a_person_who_closes_it_is_heard(at: Sweeping) -> None:
    at.sweep()
    at.hub.hub.close(at.repo, at.repo.pulls[0], "CLOSED", "ann")
    assert at.sweep().code == 0
    assert at.open_pulls() == []

"""The command as a user runs it: a process, in a folder of its own, against a registry that stands for Docker Hub."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import process
from tests.fakes.registry import FakeRegistry
from tests.process import Outcome


@dataclass(frozen=True)
class Place:
    """A folder to run pinbot in, with the registry that answers for docker.io there."""

    folder: Path
    registry: FakeRegistry
    home: Path

    def write(self, name: str, text: str) -> Path:
        """Write a file of the folder, bytes as given."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
        return path

    def read(self, name: str) -> str:
        """Return the text of a file of the folder, bytes as they are."""
        return (self.folder / name).read_bytes().decode()

    def pinbot(self, *arguments: str, stdin: str = "", **environ: str) -> Outcome:
        """Run `pinbot` here."""
        env = {"PINBOT_CONFIG": str(self.home / "s.yaml"), **environ}
        return process.pinbot(*arguments, home=self.home, env=env, stdin=stdin, cwd=self.folder)

    def git(self, *arguments: str) -> None:
        """Run git here."""
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"]
        subprocess.run(["git", *identity, *arguments], cwd=self.folder, check=True, capture_output=True)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """An empty folder, and a Docker Hub with nginx, python and redis."""
    folder, home = tmp_path / "repo", tmp_path / "home"
    folder.mkdir()
    home.mkdir()
    with FakeRegistry() as registry:
        for name, tag in (("nginx", "1.27"), ("nginx", "latest"), ("python", "3.12-slim"), ("redis", "7")):
            registry.push_image(f"library/{name}", [tag], ["linux/amd64", "linux/arm64/v8"], content_seed=tag)
        (home / "s.yaml").write_text(f"registries:\n  docker.io:\n    endpoint: {registry.url}\n")
        yield Place(folder, registry, home)

"""The command as a user runs it: a process, in a folder of its own, against a registry that stands for Docker Hub."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.registry import FakeRegistry


@dataclass(frozen=True)
class Finished:
    """A process that has ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)


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

    def pinbot(self, *arguments: str, stdin: str | None = None, **environ: str) -> Finished:
        """Run `pinbot` here."""
        done = subprocess.run(
            [sys.executable, "-m", "pinbot", *arguments],
            cwd=self.folder,
            env={
                "HOME": str(self.home),
                "PATH": "/usr/bin:/bin",
                "PINBOT_CONFIG": str(self.home / "s.yaml"),
                **environ,
            },
            input=stdin.encode() if stdin is not None else b"",
            capture_output=True,
            timeout=60,
            check=False,
        )
        return Finished(done.returncode, done.stdout.decode(), done.stderr.decode())

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

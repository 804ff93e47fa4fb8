"""Bare git repositories on disk for the fakes of forges: real commits, written with plumbing."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Self

_WHEN = "1795262400 +0000"  # 2026-11-21T12:00:00Z
_SEALED = {
    "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C", "PATH": os.environ["PATH"],
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Who:
    """A person in a commit."""

    name: str = "pinbot"
    email: str = "pinbot@example.com"
    when: str = _WHEN


@dataclass(frozen=True, slots=True)
class Read:
    """A commit as git has it; dates are `seconds offset`."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Who
    committer: Who
    message: str


class Bare:
    """A bare repository below `path`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def create(cls, path: Path, branch: str = "main", object_format: str = "sha1") -> Self:
        """Return a new one without commits."""
        made = cls(path)
        path.mkdir(parents=True)
        made.git(
            "init", "-q", "--bare", "--template=", f"--initial-branch={branch}", f"--object-format={object_format}"
        )
        return made

    def git(self, *words: str, input: bytes = b"", **environment: str) -> str:  # noqa: A002 (subprocess's own word)
        """Run git and return what it says. Raises CalledProcessError."""
        done = subprocess.run(
            ["git", *words], cwd=self.path, input=input, env={**_SEALED, **environment}, check=True, capture_output=True
        )
        return done.stdout.decode("utf-8", "surrogateescape")

    def tree(self, files: Mapping[str, str]) -> str:
        """Return the name of a tree with these files at its top."""
        lines = []
        for name, text in files.items():
            blob = self.git("hash-object", "-w", "--stdin", input=text.encode()).strip()
            lines.append(f"100644 blob {blob}\t{name}\n")
        return self.git("mktree", input="".join(lines).encode()).strip()

    def commit(
        self, branch: str, files: Mapping[str, str] | str, message: str, parents: Sequence[str], who: Who | None = None
    ) -> str:
        """Let a branch be a new commit with these files (or this tree), and return its name."""
        who = who or Who()
        tree = files if isinstance(files, str) else self.tree(files)
        environment = {
            f"GIT_{role}_{part}": value
            for role in ("AUTHOR", "COMMITTER")
            for part, value in (("NAME", who.name), ("EMAIL", who.email), ("DATE", who.when))
        }
        flags = [word for parent in parents for word in ("-p", parent)]
        sha = self.git("commit-tree", tree, *flags, "-F", "-", input=message.encode(), **environment).strip()
        self.git("update-ref", f"refs/heads/{branch}", sha)
        return sha

    def branches(self) -> dict[str, str]:
        """Return the tips of the branches by their names, in the order of these."""
        # Read from the files: a fake asks for them with every request, and a process for each would be all it does.
        found: dict[str, str] = {}
        packed = self.path / "packed-refs"
        for line in packed.read_text().splitlines() if packed.exists() else ():
            sha, _, ref = line.partition(" ")
            if ref.startswith("refs/heads/") and not line.startswith(("#", "^")):
                found[ref.removeprefix("refs/heads/")] = sha
        top = self.path / "refs" / "heads"
        for file in top.rglob("*"):
            if file.is_file() and file.suffix != ".lock":
                found[file.relative_to(top).as_posix()] = file.read_text().strip()
        return dict(sorted(found.items()))

    def delete(self, branch: str) -> None:
        """Delete a branch."""
        self.git("update-ref", "-d", f"refs/heads/{branch}")

    def keep(self, ref: str, sha: str) -> None:
        """Let a ref be a commit, as forges do for each pull request."""
        self.git("update-ref", ref, sha)

    def read(self, sha: str) -> Read:
        """Return a commit."""
        return _read(self.path, sha)

    def between(self, base: str, head: str) -> list[str]:
        """Return the commits of `head` that `base` does not have, the newest first."""
        return list(_between(self.path, base, head))

    def merge_base(self, base: str, head: str) -> str:
        """Return where two commits parted; empty where they have nothing in common."""
        return _merge_base(self.path, base, head)

    def merges(self, base: str, head: str) -> bool:
        """Return whether two commits can be merged without a person."""
        return _merges(self.path, base, head)

    def diff(self, base: str, head: str) -> str:
        """Return what `head` changes since it parted from `base`."""
        return self.git("diff", f"{base}...{head}")


# What follows from the names of commits holds for ever.


@cache
def _between(path: Path, base: str, head: str) -> tuple[str, ...]:
    return tuple(Bare(path).git("rev-list", "--topo-order", head, f"^{base}").split())


@cache
def _merge_base(path: Path, base: str, head: str) -> str:
    try:
        return Bare(path).git("merge-base", base, head).strip()
    except subprocess.CalledProcessError:
        return ""


@cache
def _merges(path: Path, base: str, head: str) -> bool:
    try:
        Bare(path).git("merge-tree", "--write-tree", base, head)
    except subprocess.CalledProcessError:
        return False
    return True


@cache
def _read(path: Path, sha: str) -> Read:
    text = Bare(path).git("cat-file", "commit", sha)
    head, _, message = text.partition("\n\n")
    fields = [line.split(" ", 1) for line in head.split("\n") if not line.startswith(" ")]
    people = {key: _who(value) for key, value in fields if key in {"author", "committer"}}
    parents = tuple(value for key, value in fields if key == "parent")
    return Read(sha, dict(fields)["tree"], parents, people["author"], people["committer"], message)


def _who(line: str) -> Who:
    name, _, rest = line.partition(" <")
    email, _, when = rest.partition("> ")
    return Who(name, email, when)

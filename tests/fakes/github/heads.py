"""The branches and commits of a repository of the stand-in: in memory, or in a bare repository on disk."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import unified_diff
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class Made:
    """A commit."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    message: str
    author: str


class Heads(Protocol):
    """What a forge asks of git."""

    def tip(self, branch: str) -> str | None:
        """Return the commit of a branch; None where it is not there."""

    def move(self, branch: str, sha: str | None) -> None:
        """Let a branch be a commit; None deletes it."""

    def commit(self, sha: str) -> Made:
        """Return a commit. Raises KeyError where it is not there."""

    def between(self, base: str, head: str) -> list[str]:
        """Return the commits that `head` has and `base` has not, the oldest first."""

    def make(self, parent: str, files: Mapping[str, bytes], message: str, author: str) -> str:
        """Return a commit on top of another, with other content in some files."""

    def diff(self, base: str, head: str) -> str:
        """Return what changes from where they part to `head`."""

    def merges(self, base: str, head: str) -> bool:
        """Return whether they can be merged without a person."""


@dataclass
class MemoryHeads:
    """Commits without a git: names are digests of what they hold."""

    branches: dict[str, str] = field(default_factory=dict)
    commits: dict[str, Made] = field(default_factory=dict)
    files: dict[str, dict[str, bytes]] = field(default_factory=dict)

    def tip(self, branch: str) -> str | None:
        """Return the commit of a branch."""
        return self.branches.get(branch)

    def move(self, branch: str, sha: str | None) -> None:
        """Let a branch be a commit."""
        if sha is None:
            self.branches.pop(branch, None)
        else:
            self.branches[branch] = self.commits[sha].sha

    def commit(self, sha: str) -> Made:
        """Return a commit."""
        return self.commits[sha]

    def between(self, base: str, head: str) -> list[str]:
        """Return the commits that `head` has and `base` has not, the oldest first."""
        there, found, todo = self._reach(base), [], [head]
        while todo:
            sha = todo.pop()
            if sha not in there and sha not in found:
                found.append(sha)
                todo += self.commits[sha].parents
        return found[::-1]

    def make(self, parent: str | None, files: Mapping[str, bytes], message: str, author: str = "somebody") -> str:
        """Return a commit on top of another, or a first one."""
        whole = {**(self.files[parent] if parent else {}), **files}
        tree = _tree(whole)
        parents = (parent,) if parent else ()
        sha = hashlib.sha1(repr((tree, parents, message, author)).encode()).hexdigest()
        self.commits[sha], self.files[sha] = Made(sha, tree, parents, message, author), whole
        return sha

    def merge(self, first: str, second: str, message: str, author: str = "somebody") -> str:
        """Return a merge of two commits, with the files of both."""
        made = self.commits[self.make(first, self.files[second], message, author)]
        sha = hashlib.sha1(repr((made.sha, second)).encode()).hexdigest()
        self.commits[sha] = Made(sha, made.tree, (first, second), message, author)
        self.files[sha] = self.files[made.sha]
        return sha

    def diff(self, base: str, head: str) -> str:
        """Return what changes from where they part to `head`."""
        old, new = self.files[self._parting(base, head)], self.files[head]
        told = []
        for path in sorted({*old, *new}):
            before, after = (f.get(path, b"").decode().splitlines() for f in (old, new))
            told += [
                f"diff --git a/{path} b/{path}",
                *unified_diff(before, after, f"a/{path}", f"b/{path}", lineterm=""),
            ]
        return "\n".join(told) + "\n"

    def merges(self, base: str, head: str) -> bool:
        """Return whether no file was changed on both sides, and in two ways."""
        parted, ours, theirs = (self.files[sha] for sha in (self._parting(base, head), base, head))
        changed = {path for path in {*parted, *ours} if parted.get(path) != ours.get(path)}
        return all(theirs.get(path) in {parted.get(path), ours.get(path)} for path in changed)

    def tree(self, parent: str, files: Mapping[str, bytes]) -> str:
        """Return the name of the tree that `make` would make."""
        return _tree({**self.files[parent], **files})

    def _parting(self, base: str, head: str) -> str:
        there, sha = self._reach(base), head
        while sha not in there:
            sha = self.commits[sha].parents[0]
        return sha

    def _reach(self, sha: str) -> set[str]:
        found: set[str] = set()
        todo = [sha]
        while todo:
            one = todo.pop()
            if one not in found:
                found.add(one)
                todo += self.commits[one].parents
        return found


def _tree(files: Mapping[str, bytes]) -> str:
    return hashlib.sha1(repr(sorted(files.items())).encode()).hexdigest()


@dataclass(frozen=True)
class DiskHeads:
    """A bare repository, asked with git; what follows from the names of commits, once only."""

    folder: Path
    _known: dict[tuple[str, ...], str] = field(default_factory=dict, compare=False)

    def tip(self, branch: str) -> str | None:
        """Return the commit of a branch."""
        # Read from the files: a forge asks for it with every request.
        ref = f"refs/heads/{branch}"
        try:
            return (self.folder / ref).read_text().strip()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            packed = self.folder / "packed-refs"
            lines = packed.read_text().splitlines() if packed.exists() else []
            return next((line.partition(" ")[0] for line in lines if line.endswith(f" {ref}")), None)

    def move(self, branch: str, sha: str | None) -> None:
        """Let a branch be a commit."""
        if sha is None:
            self._git("update-ref", "-d", f"refs/heads/{branch}")
        else:
            self._git("update-ref", f"refs/heads/{branch}", sha)

    def commit(self, sha: str) -> Made:
        """Return a commit."""
        told = self._once("show", "--no-patch", "--format=%H%x00%T%x00%P%x00%an%x00%B", sha)
        if not told:
            raise KeyError(sha)
        name, tree, parents, author, message = told.split("\0", 4)
        return Made(name, tree, tuple(parents.split()), message, author)

    def between(self, base: str, head: str) -> list[str]:
        """Return the commits that `head` has and `base` has not, the oldest first."""
        return self._once("rev-list", "--reverse", "--topo-order", f"{base}..{head}").split()

    def make(self, parent: str, files: Mapping[str, bytes], message: str, author: str = "somebody") -> str:
        """Return a commit on top of another; modes stay."""
        tree = self._git("rev-parse", f"{parent}^{{tree}}")
        index = self.folder / "made.index"
        environ = {"GIT_INDEX_FILE": str(index)}
        self._git("read-tree", tree, environ=environ)
        for path, content in files.items():
            blob = self._git("hash-object", "-w", "--stdin", stdin=content)
            mode = (self._git("ls-files", "-s", path, environ=environ) or "100644").split()[0]
            self._git("update-index", "--add", "--cacheinfo", f"{mode},{blob},{path}", environ=environ)
        tree = self._git("write-tree", environ=environ)
        index.unlink()
        who = {f"GIT_{role}_{key}": author for role in ("AUTHOR", "COMMITTER") for key in ("NAME", "EMAIL")}
        return self._git("commit-tree", tree, "-p", parent, environ=who, stdin=message.encode())

    def diff(self, base: str, head: str) -> str:
        """Return what changes from where they part to `head`."""
        return self._git("diff", f"{base}...{head}") + "\n"

    def merges(self, base: str, head: str) -> bool:
        """Return whether they can be merged without a person."""
        return self._once("merge-tree", "--write-tree", base, head) != ""

    def _once(self, *arguments: str) -> str:
        if not self._known.get(arguments):
            self._known[arguments] = self._git(*arguments, check=False)
        return self._known[arguments]

    def _git(
        self, *arguments: str, check: bool = True, stdin: bytes = b"", environ: Mapping[str, str] | None = None
    ) -> str:
        sealed = {"PATH": "/usr/bin:/bin", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
        done = subprocess.run(
            ["git", "-C", str(self.folder), *arguments],
            input=stdin,
            capture_output=True,
            check=False,
            env={**sealed, **(environ or {})},
        )
        if check and done.returncode:
            raise RuntimeError(f"git {arguments[0]}: {done.stderr.decode()}")
        return done.stdout.decode().strip("\n") if not done.returncode else ""

"""git as a sealed process: argument lists, nothing of the user's configuration, nothing that runs or fetches.

A cloned repository may carry configuration that makes git run commands (reliability research T16 to T21), so
only commands that read objects and the index are used, hooks and monitors are switched off, and no protocol
is allowed. GitPython is used for its process handling alone: `Git.execute` with lists.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from pinbot.errors import GitError

_OPTIONS = (
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "core.attributesFile=/dev/null",
    # Nothing in the configuration of the repository runs any more, so its owner does not matter: in a CI
    # container the checkout usually belongs to somebody else.
    "-c",
    "safe.directory=*",
)
_ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_COUNT": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "LC_ALL": "C",
}
# `git rev-parse --local-env-vars`: inside a hook, git says with these which repository and index are meant. Ours is
# the folder's own. GitPython can set variables and not take them away, so env(1) does.
_OF_ANOTHER_REPOSITORY = (
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_CONFIG_PARAMETERS",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
)
_GIT = ("env", *(word for name in _OF_ANOTHER_REPOSITORY for word in ("-u", name)), "git")
_MAX_URL = 2048
_NOT_FOUND = 127  # env(1), as the shell
_SYMLINK, _GITLINK = "120000", "160000"


@dataclass(frozen=True, slots=True)
class Tracked:
    """A file that git tracks, by its path below the folder that was asked about."""

    path: str
    is_symlink: bool


def tracked_files(folder: str) -> tuple[Tracked, ...]:
    """Return what git tracks below `folder`, submodules left out, in the order of the index.

    Raises GitError where `folder` is in no checkout, or git cannot be run.
    """
    listing = _run(folder, ["ls-files", "--stage", "-z"]).decode("utf-8", "surrogateescape")
    tracked: dict[str, Tracked] = {}
    for entry in filter(None, listing.split("\0")):
        mode_and_object, _, path = entry.partition("\t")
        mode = mode_and_object.split(" ", 1)[0]
        if mode != _GITLINK:
            tracked[path] = Tracked(path, mode == _SYMLINK)  # an unmerged path has up to three entries
    return tuple(tracked.values())


def head_commit(folder: str) -> str | None:
    """Return the commit that is checked out, None before the first one or outside of a checkout."""
    try:
        return _commit(folder, "HEAD")
    except GitError:
        return None


def origin_url(folder: str) -> str | None:
    """Return where the checkout says that it comes from; a word of the checkout's own, good for comparing only."""
    try:
        url = _run(folder, ["config", "--local", "--no-includes", "--get", "remote.origin.url"])
    except GitError:
        return None
    return url[:_MAX_URL].decode("utf-8", "replace").strip() or None


def fork_point(folder: str, revision: str) -> str:
    """Return the commit from which the checked-out work departs from `revision`.

    That is their merge base, or `revision` itself where there is none to be found (a shallow clone).
    Raises GitError for an unknown revision.
    """
    try:
        commit = _commit(folder, revision)
    except GitError as error:
        raise GitError(f"{revision!r} is no commit of this repository; fetch it first ({error})") from error
    try:
        return _run(folder, ["merge-base", commit, "HEAD"]).decode("ascii").strip() or commit
    except GitError:
        return commit


def files_at(folder: str, commit: str, paths: Sequence[str]) -> Mapping[str, bytes]:
    """Return the content that each of `paths` (below `folder`) had in `commit`; those it did not have are left out."""
    # A question ends with a line end, before which git drops a carriage return (-z came with git 2.38 only).
    askable = [path for path in paths if "\n" not in path and not path.endswith("\r")]
    with tempfile.TemporaryFile() as questions:
        questions.write(b"".join(f"{commit}:./{path}\n".encode("utf-8", "surrogateescape") for path in askable))
        questions.seek(0)
        return _batch(_run(folder, ["cat-file", "--batch"], questions), askable)


def _batch(answer: bytes, paths: Sequence[str]) -> dict[str, bytes]:
    """Read the answer of `cat-file --batch`: `<object> <type> <size>`, the bytes and a line end, or `… missing`."""
    contents: dict[str, bytes] = {}
    at = 0
    for path in paths:
        stop = answer.index(b"\n", at)
        fields = answer[at:stop].rsplit(b" ", 2)
        at = stop + 1
        if len(fields) != 3 or not fields[2].isdigit():
            continue
        size = int(fields[2])
        if fields[1] == b"blob":
            contents[path] = answer[at : at + size]
        at += size + 1
    return contents


def _commit(folder: str, revision: str) -> str:
    asked = ["rev-parse", "--quiet", "--verify", "--end-of-options", f"{revision}^{{commit}}"]
    return _run(folder, asked).decode("ascii").strip()


def _run(folder: str, arguments: Sequence[str], istream: BinaryIO | None = None) -> bytes:
    try:
        from git.cmd import Git
        from git.exc import GitCommandError, GitCommandNotFound
    except ImportError as error:  # GitPython says it this way when there is no git
        raise GitError("git is not installed, or not on the PATH") from error
    try:
        # -C, since GitPython stays where it is when it cannot enter the folder, and git would read another one.
        _, output, _ = Git().execute(
            [*_GIT, "-C", folder, *_OPTIONS, *arguments],
            istream=istream,
            with_extended_output=True,
            stdout_as_string=False,
            strip_newline_in_stdout=False,
            env=_ENVIRONMENT,
            shell=False,
        )
    except GitCommandNotFound as error:
        raise GitError("git is not installed, or not on the PATH") from error
    except GitCommandError as error:
        if error.status == _NOT_FOUND:
            raise GitError("git is not installed, or not on the PATH") from error
        raise GitError(f"git {arguments[0]} failed in {folder}: {_complaint(error.stderr)}") from error
    return output


def _complaint(stderr: str) -> str:
    lines = [line.strip().strip("'") for line in str(stderr).splitlines()]
    plain = next((line for line in lines if line.startswith(("fatal:", "error:"))), " ".join(lines)[:200])
    return plain or "it gives no reason"

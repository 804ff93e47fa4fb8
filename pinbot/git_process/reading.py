"""What a checkout on this machine holds, read with commands that look at objects and the index alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pinbot.errors import GitError
from pinbot.git_process.process import Call, call, complaint

_MAX_URL = 2048
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
    questions = b"".join(f"{commit}:./{path}\n".encode("utf-8", "surrogateescape") for path in askable)
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


def _run(folder: str, arguments: Sequence[str], stdin: bytes = b"") -> bytes:
    done = call(Call(arguments, folder, stdin))
    output = done.read()
    if done.status:
        raise GitError(f"git {arguments[0]} failed in {folder}: {complaint(done.complaint)}")
    return output

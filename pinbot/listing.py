"""Which files of a folder count: in a git checkout the tracked ones, elsewhere all but `.git`."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from pinbot.errors import GitError


def files_below(folder: Path, missed: Callable[[str, str], None]) -> Iterator[tuple[bool, str]]:
    """Yield the files that count, each with whether it is a link.

    In a checkout those are the tracked ones, elsewhere all but `.git`; `missed` is told of folders that cannot be read.
    """
    if in_checkout(folder):
        from pinbot.git_process import tracked_files

        with contextlib.suppress(GitError):  # git is not installed, or `.git` is no repository: then all files count
            tracked, top = tracked_files(str(folder)), str(folder)
            yield from ((t.is_symlink, t.path) for t in tracked if _is_there(f"{top}/{t.path}"))
            return
    yield from _walk(str(folder), missed)


def _is_there(path: str) -> bool:
    """Whether a tracked file was not deleted; one that may not be looked at is there, and reading it says why not."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def in_checkout(folder: Path) -> bool:
    """Whether a folder lies in what looks like a git checkout; found out without git, which takes longer."""
    return top_of(folder.absolute()) is not None


def top_of(folder: Path) -> Path | None:
    """Return the top of the git checkout in which an absolute path lies; None where there is none."""
    # lexists, unlike Path's exists, has an answer for a folder that may not be searched.
    return next((parent for parent in (folder, *folder.parents) if os.path.lexists(parent / ".git")), None)


def _walk(top: str, missed: Callable[[str, str], None]) -> Iterator[tuple[bool, str]]:
    pending = [(top, "")]
    while pending:
        folder, prefix = pending.pop()
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if not entry.is_dir(follow_symlinks=False):
                        yield entry.is_symlink(), f"{prefix}{entry.name}"
                    elif entry.name != ".git":
                        pending.append((entry.path, f"{prefix}{entry.name}/"))
        except FileNotFoundError:
            continue  # it has vanished since
        except OSError as error:
            missed(prefix.rstrip("/") or ".", f"the folder cannot be read: {error.strerror}")

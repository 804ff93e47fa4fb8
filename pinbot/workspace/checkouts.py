"""Opens repositories of a forge: one mirror for each remote, below one cache folder."""

from __future__ import annotations

import contextlib
import os
import threading
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pinbot.git_process.answers import OtherFormat
from pinbot.git_process.bare import Bare
from pinbot.git_process.identity import Identity, Signing
from pinbot.git_process.names import checked_ref
from pinbot.git_process.objects import FILE, Entry
from pinbot.git_process.remote import Remote
from pinbot.git_process.trees import replaced
from pinbot.proposals.repository import Repository
from pinbot.workspace.checkout import Committing, GitCheckout
from pinbot.workspace.mirror import Mirror, remove_folder, take

CALL_SECONDS = 600.0  # for one fetch or push; a slow one is given up earlier (git's http.lowSpeedTime)
_FORGOTTEN_SECONDS = 60 * 24 * 3600  # mirrors that no run asked for in 60 days are removed


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that a ref of a remote keeps, and the commit that it names: what `write_ref` expects to replace."""

    tip: str
    data: bytes


class GitCheckouts:
    """Opens repositories at the remotes that `remote_of` names, with a mirror of each below `folder`.

    `remote_of` is asked again before each use of a remote, and may answer with a fresh credential: it should be quick.
    Commits are by `author`, signed where `signing` says with what. A call that asks a remote may take `seconds`.
    What it opens may be used in several threads, each checkout in one at a time.
    """

    def __init__(
        self,
        folder: Path,
        remote_of: Callable[[Repository], Remote],
        author: Identity,
        signing: Signing | None = None,
        seconds: float = CALL_SECONDS,
    ) -> None:
        self._folder = folder
        self._remote_of = remote_of
        self._author = author
        self._signing = signing
        self._seconds = seconds
        self._mirrors: weakref.WeakValueDictionary[str, Mirror] = weakref.WeakValueDictionary()
        self._mutex = threading.Lock()
        _forget(folder)

    def open(self, repository: Repository, branch: str, head: str | None) -> GitCheckout:
        """Return the files of a branch; `head` is its tip where that is known, and then nothing known is fetched again.

        Raises GitError; EmptyRepository where the branch has no commit.
        """
        mirror = self._mirror(repository)
        tip, listing = mirror.base(branch, head)
        by = Committing(self._author, self._signing, lambda: mirror.renew(self._remote_of(repository)))
        return GitCheckout(mirror, branch, tip, listing, by)

    def default_branch(self, repository: Repository) -> tuple[str, str] | None:
        """Return the default branch of a remote and its tip; None where it has no commit. Raises GitError."""
        return self._mirror(repository).bare.remote_head()

    def read_ref(self, repository: Repository, ref: str, path: str) -> KeptFile | None:
        """Return a file at the top of the commit that a ref of the remote names; None where there is no such ref.

        A commit without that file keeps an empty one. Raises GitError.
        """
        mirror, ours = self._mirror(repository), "refs/pinbot/kept"
        now = mirror.bare.remote_tip(checked_ref(ref))
        if now is None:
            return None
        if mirror.bare.ref(ours) != now:
            mirror.fetch((f"+{ref}:{ours}",), what="")
        tip = mirror.bare.ref(ours) or now
        entry = mirror.bare.listing(tip).get(path)
        if entry is None:
            return KeptFile(tip, b"")
        found = mirror.bare.contents([entry.name])
        with found.file:
            return KeptFile(tip, found.get(entry.name))

    def write_ref(self, repository: Repository, ref: str, path: str, data: bytes, expected: str | None) -> str:
        """Let a ref of the remote name a commit with that one file, and return the commit.

        `expected` is the commit that it names now, None where it is not there. The commit has no parent, so that the
        repository does not grow. Raises BranchMoved where the ref names another, PushRefused, GitError.
        """
        mirror = self._mirror(repository)
        try:
            return self._write_ref(mirror.bare, checked_ref(ref), path, data, expected)
        except OtherFormat:
            mirror.begin_anew_in_the_other_format()
            return self._write_ref(mirror.bare, ref, path, data, expected)

    def _write_ref(self, bare: Bare, ref: str, path: str, data: bytes, expected: str | None) -> str:
        (name,) = bare.write_blobs([data])
        file = {path: Entry(FILE, name)}
        tree = bare.write_trees(replaced(file, file, name))
        who = Identity(self._author.name, self._author.email, int(time.time()))
        commit = bare.write_commit(tree, None, f"Update {path}\n", who, None)
        bare.push(ref, commit, expected)
        return commit

    def _mirror(self, repository: Repository) -> Mirror:
        remote = self._remote_of(repository)
        with self._mutex:
            mirror = self._mirrors.get(remote.url)
            if mirror is None:
                mirror = self._mirrors[remote.url] = Mirror(self._folder, remote, self._seconds)
        mirror.renew(remote)
        return mirror


def _forget(folder: Path) -> None:
    """Remove the mirrors that nobody asked for in a long time. Their lock files stay: somebody may be opening one."""
    oldest = time.time() - _FORGOTTEN_SECONDS
    with contextlib.suppress(OSError):
        for lock in folder.glob("*.lock"):
            place = lock.with_suffix("")
            if lock.stat().st_mtime < oldest and place.exists():
                descriptor = take(place)
                if descriptor is not None:
                    remove_folder(place)
                    os.close(descriptor)

"""The bare repository of one remote in the cache folder: locked, and thrown away when anything is wrong with it.

Nothing in it is worth keeping: what is half done (a killed run), damaged or piled up is fetched anew.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import stat
import threading
import weakref
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path

from pinbot.errors import EmptyRepository, GitError
from pinbot.git_process.answers import Damaged, OtherFilter, OtherFormat, Unaskable
from pinbot.git_process.bare import Bare, Contents
from pinbot.git_process.names import branch_ref
from pinbot.git_process.objects import Entry, RawCommit
from pinbot.git_process.process import Unfinished, on_disk
from pinbot.git_process.remote import Remote

# Each changed head adds two packs or so. Some hundred slow git down; fetching anew takes a second.
_MAX_PACKS = 100
_SLOTS = 16
_BLOBLESS, _SMALL = "blob:none", "blob:limit=131072"
_WHOLE = "pinbot-whole"  # a file that says: this remote gives no object by its name, so everything is fetched

Listing = dict[str, Entry]


class Mirror:
    """A mirror of a remote, ours alone while this object lives: other processes get another folder.

    `folder` is the cache folder. A call of git that asks the remote may take `seconds`.
    """

    def __init__(self, folder: Path, remote: Remote, seconds: float) -> None:
        self._mutex = threading.RLock()
        with on_disk(folder):
            self._lock, place = _locked(folder, remote)
        self._unlock = weakref.finalize(self, os.close, self._lock)
        self.bare = Bare(place, remote, seconds, self._lock)
        self._prepare()

    def renew(self, remote: Remote) -> None:
        """Ask the same remote with other credentials from now on: those of before have ended, or will soon."""
        with self._mutex:
            if remote.url == self.bare.remote.url and remote != self.bare.remote:
                self.bare = replace(self.bare, remote=remote)

    def base(self, branch: str, head: str | None) -> tuple[str, Listing]:
        """Return the tip of a branch, and all that its tree holds; nothing is asked where `head` is here already.

        Raises GitError, EmptyRepository.
        """
        ref, ours = branch_ref(branch), _ours("base", branch)
        with self._mutex:
            self._prepare()
            try:
                self._catch_up(ref, ours, head)
                return self._listed(ours)
            except Damaged:
                self._anew()
                self._fetch(ref, ours)
                return self._listed(ours)

    def contents(self, names: Collection[str], branch: str, head: str) -> list[Contents]:
        """Return objects of a commit that `base` gave; those that are not here are fetched at once. Raises GitError."""
        with self._mutex:
            try:
                found = [self.bare.contents(names)]
            except Damaged:
                self._again(branch, head)
                found = [self.bare.contents(names)]
            if missing := [name for name in names if name not in found[0].places]:
                self._fetch_objects(missing, branch, head)
                found.append(self.bare.contents(missing))
            if any(name not in found[-1].places for name in missing):
                raise GitError(f"{self.bare.remote.shown}: the remote lacks files of its own commit {head}")
            return found

    def fetch(self, refspecs: Collection[str], what: str, depth: int = 1) -> None:
        """Fetch commits beside those of `base`. Raises GitError, EmptyRepository where a ref is not there."""
        with self._mutex:
            self._prepare()
            try:
                with self._busy():
                    self.bare.fetch(tuple(refspecs), what, depth)
            except (Damaged, OtherFormat) as error:
                self._anew(other_format=isinstance(error, OtherFormat))
                with self._busy():
                    self.bare.fetch(tuple(refspecs), what, depth)

    def commits(self, names: Collection[str]) -> dict[str, RawCommit]:
        """Return commits; those that are not here are fetched at once, without what they hold. Raises GitError."""
        with self._mutex:
            known = self.bare.commits(names)
            if missing := [name for name in names if name not in known]:
                self.fetch(missing, what="tree:0")
                known |= self.bare.commits(missing)
            if any(name not in known for name in missing):
                raise GitError(f"{self.bare.remote.shown}: the remote lacks a commit that its branches have")
            return known

    def begin_anew_in_the_other_format(self) -> None:
        """Throw everything away, and name objects by the other algorithm from now on."""
        with self._mutex:
            self._anew(other_format=True)

    def _catch_up(self, ref: str, ours: str, head: str | None) -> None:
        have = self.bare.ref(ours)
        if have and head is None:
            head = self.bare.remote_tip(ref)
            if head is None:
                raise EmptyRepository(f"{self.bare.remote.shown}: no such branch, or nothing in it yet")
        if have is None or have != head:
            self._fetch(ref, ours)

    def _listed(self, ours: str) -> tuple[str, Listing]:
        commit = self.bare.ref(ours)
        if commit is None:
            raise Damaged(f"{self.bare.remote.shown}: the fetched commit is not there")
        return commit, self.bare.listing(commit)

    def _fetch(self, ref: str, ours: str) -> None:
        known = self.bare.ref(ours)
        try:
            if known and self._what:
                self._fetch_news(f"+{ref}:{ours}", known)
                return
            with self._busy():
                self.bare.fetch((f"+{ref}:{ours}",), self._what, known=known)
        except OtherFormat:
            self._anew(other_format=True)
            with self._busy():
                self.bare.fetch((f"+{ref}:{ours}",), self._what)

    def _fetch_news(self, refspec: str, known: str) -> None:
        """Fetch what changed since a commit that is here, small files with it: most likely they are read at once."""
        try:
            with self._busy():
                self.bare.fetch((refspec,), _SMALL, known=known)
        except OtherFilter:
            with self._busy():
                self.bare.fetch((refspec,), _BLOBLESS, known=known)

    def _fetch_objects(self, names: Collection[str], branch: str, head: str) -> None:
        if not self._what:
            self._again(branch, head)
            return
        try:
            with self._busy():
                self.bare.fetch_objects(names)
        except Unaskable:
            self._again(branch, head, whole=True)

    def _again(self, branch: str, head: str, whole: bool = False) -> None:
        """Fetch a commit into an empty mirror. Raises GitError where the branch has left it, and it is not given."""
        is_whole = whole or not self._what
        self._anew()
        if is_whole:
            with on_disk(self.bare.folder):
                (self.bare.folder / _WHOLE).touch()
        ours = _ours("base", branch)
        self._fetch(branch_ref(branch), ours)
        if self.bare.ref(ours) != head:
            with self._busy():
                self.bare.fetch((f"+{head}:{ours}",), self._what)

    @property
    def _what(self) -> str:
        return "" if (self.bare.folder / _WHOLE).exists() else _BLOBLESS

    @contextlib.contextmanager
    def _busy(self) -> Iterator[None]:
        """Note in the lock file that git is at work; whoever finds the note later throws the mirror away."""
        self._note(b"busy")
        try:
            yield
        except Unfinished:
            raise
        except GitError:
            self._note(b"")
            raise
        self._note(b"")

    def _note(self, what: bytes) -> None:
        with on_disk(self.bare.folder):
            os.pwrite(self._lock, what, 0)
            os.ftruncate(self._lock, len(what))

    def _prepare(self) -> None:
        if os.fstat(self._lock).st_size or not _is_fit(self.bare.folder):
            self._anew()

    def _anew(self, other_format: bool = False) -> None:
        """Throw everything away and begin with an empty repository: by SHA-1, or by the other algorithm than now."""
        sha256 = other_format and not self.bare.is_sha256
        self._note(b"busy")
        remove_folder(self.bare.folder)
        self.bare.create(sha256)
        self._note(b"")


def _ours(kind: str, name: str) -> str:
    """Return the ref under which we keep one of the remote's: no name of theirs is a path here."""
    return f"refs/pinbot/{kind}/{hashlib.sha256(name.encode('utf-8', 'surrogateescape')).hexdigest()[:32]}"


def _locked(folder: Path, remote: Remote) -> tuple[int, Path]:
    """Return a locked descriptor, and the folder that goes with it; an empty lock file says that all is well there."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _refuse_others(folder)
    url = remote.url
    readable = re.sub(r"[^A-Za-z0-9_-]+", "-", url.partition("://")[2] or url).strip("-")[-60:]
    name = f"{readable}-{hashlib.sha256(url.encode()).hexdigest()[:16]}"
    for slot in range(_SLOTS):
        place = folder / (f"{name}.{slot}" if slot else name)
        descriptor = take(place)
        if descriptor is not None:
            os.utime(descriptor)
            return descriptor, place
    raise GitError(f"{remote.shown}: {_SLOTS} other runs are at work on it in {folder}")


def _refuse_others(folder: Path) -> None:
    """Raise GitError for a cache folder in which others may put a repository whose configuration git would obey."""
    found = folder.stat()
    if found.st_uid not in {os.geteuid(), 0}:
        raise GitError(f"{folder}: it belongs to another user; name a folder of your own in the settings: `cache`")
    if found.st_mode & stat.S_IWOTH and not found.st_mode & stat.S_ISVTX:
        raise GitError(f"{folder}: everybody may write to it; name a folder of your own in the settings: `cache`")


def take(place: Path) -> int | None:
    """Lock a mirror, and return the descriptor; None where another process or object has it. Raises GitError."""
    try:
        descriptor = os.open(f"{place}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise GitError(f"{place}.lock: it cannot be opened: {error.strerror}") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def _is_fit(folder: Path) -> bool:
    """Whether a folder is a mirror that nobody else can have written to, and is not too slow by now."""
    try:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o022:
            return False
        with os.scandir(folder / "objects" / "pack") as packs:
            return (folder / "HEAD").exists() and sum(entry.name.endswith(".pack") for entry in packs) <= _MAX_PACKS
    except OSError:
        return False


def remove_folder(folder: Path) -> None:
    """Remove a folder and all that is in it; links are removed, not followed. Raises GitError."""
    try:
        with contextlib.suppress(FileNotFoundError):
            if folder.is_symlink():
                folder.unlink()
            else:
                shutil.rmtree(folder)
    except OSError as error:
        raise GitError(f"{folder}: it cannot be removed: {error.strerror}") from error

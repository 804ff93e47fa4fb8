"""A repository as a commit of its remote has it: files out of the object store, a branch with changed ones back."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from pinbot.errors import FileChanged, GitError, PushRefused, UnreadableFile
from pinbot.git_process.answers import Damaged
from pinbot.git_process.bare import Contents
from pinbot.git_process.identity import Identity, Signing
from pinbot.git_process.names import branch_ref, checked_ref
from pinbot.git_process.objects import (
    EXECUTABLE,
    FILE,
    GITLINK,
    SYMLINK,
    TREE,
    Entry,
    RawCommit,
    blob_name,
    is_object_name,
)
from pinbot.git_process.trees import replaced
from pinbot.proposals.proposal import fingerprint
from pinbot.proposals.pull import Commit
from pinbot.proposals.route import Route
from pinbot.source.text import decode
from pinbot.workspace.mirror import Mirror
from pinbot.workspace.paths import objection

# As for files of this machine (see pinbot.files): larger ones are no manifests.
MAX_BYTES = 64 * 1024 * 1024
# So little is kept in memory instead of a file of its own, of which a process may have a thousand or so.
_SMALL_BYTES = 1024 * 1024
# A commit that changes more files is none of ours, and what it changes is not looked into.
_MAX_CHANGED = 2000
_LFS = b"version https://git-lfs.github.com/spec/"
_MAX_LFS_BYTES = 1024
_FILES = {FILE, EXECUTABLE, "100664"}


@dataclass(frozen=True, slots=True)
class Committing:
    """Who commits, with which key; `renew` is called before anything is asked long after the checkout was opened."""

    author: Identity
    signing: Signing | None = None
    renew: Callable[[], None] = lambda: None


class GitCheckout:
    """The files of `head`, the tip of `branch` when it was opened (a Checkout of pinbot.ports)."""

    def __init__(
        self,
        mirror: Mirror,
        branch: str,
        head: str,
        listing: dict[str, Entry],
        by: Committing,
    ) -> None:
        """Take what `Mirror.base` gave; `renew` gives the mirror credentials that are still good."""
        self._mirror = mirror
        self._branch = branch
        self._head = head
        self._listing = listing
        self._by = by
        self._missed: list[tuple[str, str]] = []
        self._paths = tuple(path for path, entry in sorted(listing.items()) if self._counts(path, entry))
        self._small: dict[str, bytes] = {}
        self._large: dict[str, Contents] = {}
        self._files = ExitStack()
        weakref.finalize(self, self._files.close)

    @property
    def head(self) -> str:
        """The object name of the commit whose files these are."""
        return self._head

    def paths(self) -> Sequence[str]:
        """Return the paths of its regular files, sorted: neither links nor submodules."""
        return self._paths

    def missed(self) -> Sequence[tuple[str, str]]:
        """Return the submodules, and what has a path that is not looked at, each with the reason."""
        return tuple(self._missed)

    def want(self, paths: Collection[str]) -> None:
        """Get these files from the remote, as far as they are not here, in one fetch. Raises GitError."""
        entries = (self._listing.get(path) for path in paths)
        names = {e.name for e in entries if e and e.mode in _FILES and not self._has(e.name)}
        if names:
            self._load(sorted(names))

    def read(self, path: str) -> bytes:
        """Return the bytes of a file. Raises UnreadableFile; GitError where it must be fetched and cannot be."""
        entry = self._listing.get(path)
        if entry is None or entry.mode in {TREE, GITLINK} or objection(path):
            raise UnreadableFile(f"{path}: no such file among those that count")
        if entry.mode == SYMLINK:
            raise UnreadableFile(f"{path}: a link; it is not followed")
        self.want([path])
        if self._is_too_large(entry.name):
            raise UnreadableFile(f"{path}: more than the {MAX_BYTES:,} bytes that are read")
        data = self._bytes(entry.name)
        if data.startswith(_LFS) and len(data) <= _MAX_LFS_BYTES:
            raise UnreadableFile(f"{path}: a Git LFS pointer; the file itself is not in the repository")
        return data

    def write(self, path: str, before: bytes, after: bytes) -> None:
        """Raise UnreadableFile: there is no work tree."""
        del before, after
        raise UnreadableFile(f"{path}: a commit of a remote is not written to")

    def branches(self, prefix: str) -> Mapping[str, Commit]:
        """Return the tips of the remote's branches whose names begin with `prefix`, as they are now.

        Raises GitError.
        """
        self._by.renew()
        heads, below = "refs/heads/", branch_ref(f"{prefix}x")[:-1]
        tips = {ref.removeprefix(heads): name for ref, name in self._mirror.bare.remote_refs(below).items()}
        commits = self._mirror.commits(frozenset(tips.values()))
        return {branch: _told(commits[name]) for branch, name in sorted(tips.items())}

    def fingerprint(self, commit: str) -> str | None:
        """Return the fingerprint (see `pinbot.proposals.proposal`) of what a commit changes; None for a merge.

        Raises GitError.
        """
        if not is_object_name(commit):
            raise GitError(f"{commit[:80]!r}: not the name of a commit")
        self._by.renew()
        try:
            found = self._changes(commit)  # a commit of ours may be here as a whole
        except Damaged:
            self._by.renew()
            self._mirror.fetch((commit,), what="blob:none", depth=2)
            found = self._changes(commit)
        return None if found is None else self._fingerprint(found)

    def tree(self, files: Mapping[str, tuple[bytes, bytes]]) -> str:
        """Write the tree of `head` with other content in some files, and return its name; modes stay.

        `files` has the content before and after by path. Raises FileChanged where the content before is another.
        """
        for path, (before, _) in files.items():
            entry = self._listing.get(path)
            if entry is None or entry.mode not in _FILES or entry.name != blob_name(before, self._head):
                raise FileChanged(f"{path}: not what {self._head[:12]} has; nothing was written")
        bare = self._mirror.bare
        names = bare.write_blobs([after for _, after in files.values()])
        changed = {path: Entry(self._listing[path].mode, name) for path, name in zip(files, names, strict=True)}
        return bare.write_trees(replaced(self._listing, changed, self._head))

    def commit(self, tree: str, message: str) -> str:
        """Return a commit of that tree on top of `head`, at the time of `head`.

        The same tree and message make the same commit, any time, unless GPG signs it.
        """
        bare = self._mirror.bare
        when = self._mirror.commits([self._head])[self._head].committed
        who = Identity(self._by.author.name, self._by.author.email, when)
        return bare.write_commit(tree, self._head, message, who, self._by.signing)

    def push(self, branch: str, commit: str, tip: str | None, route: Route | None = None) -> None:
        """Let the remote's branch be `commit`, if its tip still is `tip` (None: if it is not there).

        The options of `route` go with it; where it has a ref, that is pushed to instead, without a lease. Raises
        BranchMoved where the tip is another, PushRefused where the remote does not take it, GitError.
        """
        if not is_object_name(commit) or not (tip is None or is_object_name(tip)):
            raise GitError("a push needs the whole names of commits")
        self._by.renew()
        way = route or Route()
        if way.ref is None:
            self._mirror.bare.push(branch_ref(branch), commit, tip, way.options)
            return
        try:
            self._mirror.bare.offer(checked_ref(way.ref), commit, way.options)
        except PushRefused as error:
            if not way.is_no_failure(str(error)):
                raise

    def delete(self, branch: str, tip: str) -> None:
        """Delete the remote's branch, if its tip still is `tip`; one that is gone is fine. Raises as `push` does."""
        if not is_object_name(tip):
            raise GitError("a deletion needs the whole name of a commit")
        self._by.renew()
        self._mirror.bare.push(branch_ref(branch), None, tip)

    def _counts(self, path: str, entry: Entry) -> bool:
        if entry.mode in {TREE, SYMLINK}:
            return False
        if reason := objection(path):
            self._missed.append((path, f"not looked at: {reason}"))
        elif entry.mode == GITLINK:
            self._missed.append((path, "a submodule; its files belong to another repository"))
        else:
            return True
        return False

    def _has(self, name: str) -> bool:
        return name in self._small or name in self._large

    def _is_too_large(self, name: str) -> bool:
        return name in self._large and self._large[name].places[name][1] > MAX_BYTES

    def _bytes(self, name: str) -> bytes:
        return self._small[name] if name in self._small else self._large[name].get(name)

    def _load(self, names: Collection[str]) -> None:
        for found in self._mirror.contents(names, self._branch, self._head):
            if sum(size for _, size in found.places.values()) <= _SMALL_BYTES:
                with found.file:
                    self._small |= {name: found.get(name) for name in found.places}
            else:
                self._files.enter_context(found.file)
                self._large |= dict.fromkeys(found.places, found)

    def _changes(self, commit: str) -> list[tuple[Entry, Entry, str]] | None:
        bare = self._mirror.bare
        known = bare.commits([commit])
        if commit not in known:
            raise Damaged(f"{commit}: not here")
        parents = known[commit].parents
        if len(parents) > 1:
            return None
        return bare.changes(parents[0] if parents else None, commit)

    def _fingerprint(self, changes: Sequence[tuple[Entry, Entry, str]]) -> str:
        """Return the fingerprint of changes; anything that no patch of ours does makes it another one."""
        if len(changes) > _MAX_CHANGED:
            return fingerprint((path, old.name, new.name) for old, new, path in changes)
        blobs = {e.name for old, new, _ in changes for e in (old, new) if e.mode in _FILES and not self._has(e.name)}
        if blobs:
            self._load(sorted(blobs))
        if any(self._is_too_large(name) for name in blobs):
            return fingerprint((path, old.name, new.name) for old, new, path in changes)
        return fingerprint(
            (path if old.mode == new.mode else f"{path}\0{old.mode} {new.mode}", self._text(old), self._text(new))
            for old, new, path in changes
        )

    def _text(self, entry: Entry) -> str:
        return decode(self._bytes(entry.name)) if entry.mode in _FILES else entry.name


def _told(raw: RawCommit) -> Commit:
    return Commit(raw.name, raw.tree, raw.parents, raw.message, raw.author)

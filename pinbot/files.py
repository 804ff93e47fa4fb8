"""Files on this machine as a Workspace: tracked files in, whole rewrites out (the one-shot command).

A file is replaced at once or not at all: the new bytes go into a temporary file of the same folder, are
flushed to the disk and renamed over the old ones, and only if those are still what was read.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pinbot.errors import AlreadyRead, FileChanged, UnreadableFile
from pinbot.listing import files_below

# Larger files are no manifests; reading stops before they fill the memory.
MAX_BYTES = 64 * 1024 * 1024
_CAREFULLY = os.O_NONBLOCK | os.O_NOFOLLOW


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a file lies: `root` is the real path of the folder that it must not leave.

    `alone` says that it was given as a file: then its neighbours may be read too, in a folder only what was listed.
    """

    root: Path
    path: str
    is_link: bool = False
    alone: bool = False


class LocalFiles:
    """The files below some folders, and single files, under the paths by which they are reported.

    With one folder, paths are relative to it; otherwise they begin with the target as it was given.
    """

    def __init__(self, targets: Sequence[str]) -> None:
        """Take folders and files. Raises UnreadableFile for a target that does not exist."""
        self._places: dict[str, _Place] = {}
        self._folders: list[Path] = []
        self._names: dict[str, str] = {}  # real path → the path under which it was read first
        self._real_folders: dict[str, str] = {}
        self._missed: list[tuple[str, str]] = []
        alone = len(targets) == 1
        for target in targets:
            if os.path.isdir(target):  # noqa: PTH112 # unlike Path's, it has an answer for every name
                self._folders.append(Path(target))
                self._add_folder(Path(target), "" if alone else _label(target))
            elif os.path.lexists(target):
                self._add_file(Path(target), _label(target))
            else:
                raise UnreadableFile(f"{target}: no such file or folder")

    @property
    def folder(self) -> Path | None:
        """The first folder among the targets, None where only files were given."""
        return self._folders[0] if self._folders else None

    def paths(self) -> Sequence[str]:
        """Return the paths of the files, in the order of the targets, sorted within each, links last."""
        return tuple(self._places)

    def missed(self) -> Sequence[tuple[str, str]]:
        """Return the folders that could not be looked into, each with the reason."""
        return tuple(self._missed)

    def want(self, paths: Collection[str]) -> None:
        """Do nothing: the files are here."""

    def read(self, path: str) -> bytes:
        """Return the bytes of a file; a link is followed only inside its folder.

        Raises AlreadyRead for a link to a file that was read before, UnreadableFile.
        """
        place = self._places.get(path) or self._neighbour(path)
        real = self._real(path, place)
        name = self._names.setdefault(real, path)
        if place.is_link and name != path:
            raise AlreadyRead(f"{path}: a link to {name}, which is read already")
        try:
            return _content(path, real)
        except OSError as error:
            raise UnreadableFile(f"{path}: it cannot be read: {error.strerror}") from error

    def at_top(self, path: str) -> bytes | None:
        """Return a file below the first folder, or the current one where only files were given; None if there is none.

        It need not be among those that count. A link is followed only inside that folder. Raises UnreadableFile.
        """
        root = Path(os.path.realpath(self.folder or Path.cwd()))
        place = _Place(root, str(root / path))
        if not os.path.lexists(place.path):
            return None
        try:
            return _content(path, str(_inside(path, place)))
        except OSError as error:
            raise UnreadableFile(f"{path}: it cannot be read: {error.strerror}") from error

    def write(self, path: str, before: bytes, after: bytes) -> None:
        """Replace the file that holds `before`, with its mode kept.

        Raises FileChanged when it holds something else by now, UnreadableFile when it cannot be written.
        """
        real = _inside(path, self._places.get(path) or self._neighbour(path))
        try:
            with _open_folder(real.parent) as folder:
                _replace(path, folder, real, before, after)
        except OSError as error:
            raise UnreadableFile(f"{path}: it cannot be written: {error.strerror}; it stays as it was") from error

    def contents_before(self, revision: str, paths: Collection[str]) -> dict[str, bytes]:
        """Return what the files held where the checked-out work departs from `revision`; new files are left out.

        A link stands for the file that it leads to now: git keeps of it only where it led.
        Raises GitError outside of a checkout and for an unknown revision.
        """
        from pinbot.git_process import files_at, fork_point

        by_root: dict[Path, dict[str, str]] = {}
        for path in paths:
            place = self._places.get(path) or self._neighbour(path)
            with contextlib.suppress(UnreadableFile):  # a link that leads out by now: as if it were new
                file = _inside(path, place) if place.is_link else Path(place.path)
                by_root.setdefault(place.root, {})[path] = file.relative_to(place.root).as_posix()
        contents: dict[str, bytes] = {}
        for root, names in by_root.items():
            found = files_at(str(root), fork_point(str(root), revision), tuple(dict.fromkeys(names.values())))
            contents |= {path: found[name] for path, name in names.items() if name in found}
        return contents

    def _real(self, path: str, place: _Place) -> str:
        """Return the real path of a file to read; the way to it is resolved once for each folder.

        A link that takes the file's place afterwards is not followed when it is opened.
        """
        if place.is_link:
            return str(_inside(path, place))
        folder, _, name = place.path.rpartition("/")
        if folder not in self._real_folders:
            self._real_folders[folder] = str(_inside(path, replace(place, path=folder or "/")))
        return f"{self._real_folders[folder]}/{name}"

    def _add_folder(self, folder: Path, label: str) -> None:
        root = Path(os.path.realpath(folder))
        top = f"{str(root).rstrip('/')}/"
        # Links come last, so that a file is read under its own name where it has one.
        lead = f"{label}/" if label and label != "." else ""
        for is_link, relative in sorted(files_below(folder, lambda path, why: self._missed.append((lead + path, why)))):
            self._places.setdefault(lead + relative, _Place(root, f"{top}{relative}", is_link))

    def _add_file(self, path: Path, label: str) -> None:
        root = Path(os.path.realpath(path.parent))
        self._places.setdefault(label, _Place(root, str(root / path.name), path.is_symlink(), alone=True))

    def _neighbour(self, path: str) -> _Place:
        """Return a file beside one that was given as a file, such as the `.env` of a compose file."""
        folder, _, name = path.rpartition("/")
        for known, place in self._places.items():
            if place.alone and known.rpartition("/")[0] == folder:
                return _Place(place.root, str(place.root / name))
        raise UnreadableFile(f"{path}: no such file among those that count")


def _label(target: str) -> str:
    path = Path(os.path.normpath(target))
    if path.is_absolute():
        with contextlib.suppress(ValueError):
            path = path.relative_to(Path.cwd())
    return path.as_posix()


def _inside(path: str, place: _Place) -> Path:
    """Return the real path of a file, with its links followed. Raises UnreadableFile where they leave the root."""
    try:
        real = Path(os.path.realpath(place.path, strict=True))
    except OSError as error:
        if os.path.islink(place.path):  # noqa: PTH114 # unlike Path's, it has an answer for every name
            raise UnreadableFile(f"{path}: a link that leads nowhere, or in a circle") from error
        raise UnreadableFile(f"{path}: it cannot be read: {error.strerror}") from error
    if not real.is_relative_to(place.root):
        raise UnreadableFile(f"{path}: a link that leaves the folder; it is not followed")
    return real


def _content(path: str, real: str) -> bytes:
    """Return the bytes of a file, up to the size that it has when it is opened."""
    # Without a file object: making one takes longer than reading a small file.
    # O_NONBLOCK: opening a pipe that nobody writes to would wait for ever. O_NOFOLLOW: a link may have been put there
    # since the path was resolved.
    descriptor = os.open(real, os.O_RDONLY | os.O_CLOEXEC | _CAREFULLY)
    try:
        missing = _size(path, os.fstat(descriptor))
        content = chunk = os.read(descriptor, missing)
        while chunk and len(content) < missing:
            chunk = os.read(descriptor, missing - len(content))
            content += chunk
        return content
    finally:
        os.close(descriptor)


def _size(path: str, status: os.stat_result) -> int:
    """Return how many bytes a file has. Raises UnreadableFile for what is no file, or too large a one."""
    if not stat.S_ISREG(status.st_mode):
        raise UnreadableFile(f"{path}: not a regular file")
    if status.st_size > MAX_BYTES:
        raise UnreadableFile(f"{path}: {status.st_size:,} bytes, more than the {MAX_BYTES:,} that are read")
    return status.st_size


@contextlib.contextmanager
def _open_folder(folder: Path) -> Iterator[int]:
    """Hold on to a folder, so that nobody can put a link in its place between the check and the rename."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _replace(path: str, folder: int, real: Path, before: bytes, after: bytes) -> None:
    status = _unchanged(path, folder, real.name, before)
    # Not of the file's own name, which may be as long as names can be, and by which a copy that a killed run left
    # behind would count as one more Dockerfile.
    temporary = f".pinbot-{secrets.token_hex(8)}"
    try:
        _write_new(folder, temporary, after, status)
        _unchanged(path, folder, real.name, before)
        os.rename(temporary, real.name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary, dir_fd=folder)
        raise
    with contextlib.suppress(OSError):  # the file is replaced by now; some network file systems cannot flush folders
        os.fsync(folder)


def _unchanged(path: str, folder: int, name: str, before: bytes) -> os.stat_result:
    descriptor = os.open(name, os.O_RDONLY | _CAREFULLY, dir_fd=folder)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or file.read(len(before) + 1) != before:
            raise FileChanged(f"{path}: it changed since it was read; it stays as it is, run pinbot again")
    return status


def _write_new(folder: int, name: str, content: bytes, like: os.stat_result) -> None:
    descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600, dir_fd=folder)
    with os.fdopen(descriptor, "wb") as file:
        ours = os.fstat(descriptor)
        # Only root may give files away, and others only to groups of their own; the mode matters more.
        if ours.st_gid != like.st_gid:
            with contextlib.suppress(PermissionError):
                os.fchown(descriptor, -1, like.st_gid)
        if ours.st_uid != like.st_uid:
            with contextlib.suppress(PermissionError):
                os.fchown(descriptor, like.st_uid, -1)
        os.fchmod(descriptor, stat.S_IMODE(like.st_mode))
        file.write(content)
        file.flush()
        os.fsync(descriptor)


class OneText:
    """A single text as a Workspace: standard input in, `result` out."""

    def __init__(self, path: str, content: bytes) -> None:
        """Take the text and the path that tells its format."""
        self._path = path
        self.result = content

    def paths(self) -> Sequence[str]:
        """Return the one path."""
        return (self._path,)

    def missed(self) -> Sequence[tuple[str, str]]:
        """Return nothing: there are no folders."""
        return ()

    def want(self, paths: Collection[str]) -> None:
        """Do nothing: the text is here."""

    def read(self, path: str) -> bytes:
        """Return the text. Raises UnreadableFile for any other path."""
        if path != self._path:
            raise UnreadableFile(f"{path}: standard input has no other files")
        return self.result

    def write(self, path: str, before: bytes, after: bytes) -> None:
        """Keep `after` as the result."""
        if path != self._path or before != self.result:
            raise FileChanged(f"{path}: not the text that was read")
        self.result = after

"""git's objects as bytes: listings of trees, commits, answers of `cat-file --batch`, and how objects get their names.

https://git-scm.com/docs/git-cat-file#_batch_output, https://git-scm.com/book/en/v2/Git-Internals-Git-Objects.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from pinbot.errors import GitError

TREE, SYMLINK, GITLINK, FILE, EXECUTABLE = "040000", "120000", "160000", "100644", "100755"
_NAME = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


@dataclass(frozen=True, slots=True)
class Entry:
    """What a tree has at a path: a mode (six octal digits) and the name of an object."""

    mode: str
    name: str


@dataclass(frozen=True, slots=True)
class RawCommit:
    """A commit as it is written; the name of its author and the time of its committer (seconds since 1970)."""

    name: str
    tree: str
    parents: tuple[str, ...]
    author: str
    committed: int
    message: str


def is_object_name(text: str) -> bool:
    """Whether a text is the whole name of an object, SHA-1 or SHA-256."""
    return _NAME.fullmatch(text) is not None


def read_listing(listing: bytes, limit: int) -> dict[str, Entry]:
    """Read `ls-tree -r -t -z`: what stands at each path, trees among them.

    Raises GitError above `limit` entries, and where two stand at one path.
    """
    entries: dict[str, Entry] = {}
    count = listing.count(b"\0")
    if count > limit:
        raise GitError(f"the repository has more than {limit:,} files and folders, too many to look at")
    for line in listing.decode("utf-8", "surrogateescape").split("\0"):
        if line:
            # `<mode> <type> <object>TAB<path>`
            fields, _, path = line.partition("\t")
            mode, _, name = fields.split(" ")
            entries[path] = Entry(mode, name)
    if len(entries) != count:
        raise GitError("a folder of the repository has two entries of one name; git itself would not take it")
    return entries


def read_batch(answer: BinaryIO, names: Iterable[str]) -> Iterator[tuple[str, int, int]]:
    """Read `cat-file --batch`: yield the name, offset and size of each object that is there; others are passed over."""
    at = 0
    for name in names:
        answer.seek(at)
        header = answer.readline()
        at += len(header)
        fields = header.split()
        if len(fields) == 3 and fields[2].isdigit():
            size = int(fields[2])
            yield name, at, size
            at += size + 1


def read_commit(name: str, data: bytes) -> RawCommit:
    """Read a commit. Raises GitError for what is none."""
    head, _, message = data.decode("utf-8", "replace").partition("\n\n")
    lines = [line.partition(" ") for line in head.split("\n")]
    trees = [value for key, _, value in lines if key == "tree"]
    parents = tuple(value for key, _, value in lines if key == "parent")
    people = {key: value for key, _, value in lines if key in {"author", "committer"}}
    if not trees or not all(map(is_object_name, (*trees, *parents))):
        raise GitError(f"{name}: not a commit")
    author = people.get("author", "").partition("<")[0].strip()
    return RawCommit(name, trees[0], parents, author, _seconds(people.get("committer", "")), message)


def _seconds(person: str) -> int:
    """Return the time in `Name <address> seconds zone`; 0 where there is none that a calendar has."""
    found = re.search(r"> ([0-9]{1,10}) [+-][0-9]+$", person)
    return int(found[1]) if found else 0


def blob_name(content: bytes, like: str) -> str:
    """Return the name of a blob, by the algorithm of another name."""
    return _object_name("blob", content, like)


def tree_name(entries: Mapping[str, Entry], like: str) -> str:
    """Return the name of the tree with these entries (by their names, without `/`), by the algorithm of another."""
    ordered = sorted(entries.items(), key=lambda item: _bytes(item[0]) + (b"/" if item[1].mode == TREE else b""))
    written = (_bytes(f"{e.mode.lstrip('0')} {n}\0") + bytes.fromhex(e.name) for n, e in ordered)
    return _object_name("tree", b"".join(written), like)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _object_name(kind: str, content: bytes, like: str) -> str:
    header = f"{kind} {len(content)}\0".encode()
    if len(like) == 64:
        return hashlib.sha256(header + content).hexdigest()
    return hashlib.sha1(header + content, usedforsecurity=False).hexdigest()

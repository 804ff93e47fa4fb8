"""The name of a commit follows from its content, so it proves which tree a commit has.

Gitea and Forgejo give the commit's own name where the tree's should stand (`services/convert/git_commit.go`, ToCommit;
still so in Forgejo 12) and GitLab none, so the tree that a commit of ours claims is proved instead.
https://git-scm.com/book/en/v2/Git-Internals-Git-Objects#_object_storage
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pinbot.proposals.pull import TREE

_NAME = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_CLAIM = re.compile(rf"^{TREE}: ([0-9a-f]{{40,64}})$", re.MULTILINE)
_PAYLOAD_TREE = re.compile(r"tree ([0-9a-f]{40}(?:[0-9a-f]{24})?)\n")


@dataclass(frozen=True, slots=True)
class Person:
    """Who made a commit and when: `date` is ISO 8601 with its offset, as forges write it."""

    name: str
    email: str
    date: str

    def line(self) -> str:
        """Return it as it stands in a commit: `Name <address> seconds offset`. Raises ValueError for a bad date."""
        moment = datetime.fromisoformat(self.date)
        offset = moment.strftime("%z")
        if not re.fullmatch(r"[+-][0-9]{4}", offset):
            raise ValueError("git knows offsets of hours and minutes")
        return f"{self.name} <{self.email}> {int(moment.timestamp())} {offset}"


def is_name(text: str) -> bool:
    """Return whether a text is the name of an object: SHA-1 or SHA-256."""
    return _NAME.fullmatch(text) is not None


def commit_name(
    tree: str, parents: Sequence[str], author: Person, committer: Person, message: str, length: int = 40
) -> str:
    """Return the name of the commit with this content; `length` is 40 (SHA-1) or 64 (SHA-256).

    Raises ValueError for a date that git cannot write.
    """
    lines = [f"tree {tree}", *(f"parent {p}" for p in parents)]
    lines += [f"author {author.line()}", f"committer {committer.line()}", "", message]
    content = "\n".join(lines).encode("utf-8", "surrogateescape")
    return _hashed(b"commit", content, length)


def names_tree(message: str) -> bool:
    """Whether a message names the tree of its commit, as ours do."""
    return _CLAIM.search(message) is not None


def proved_tree(sha: str, parents: Sequence[str], author: Person, committer: Person, message: str) -> str:
    """Return the tree that a message claims, where the name of the commit proves it; else nothing."""
    for claimed in _CLAIM.findall(message)[-1:]:
        try:
            if commit_name(claimed, parents, author, committer, message, len(sha)) == sha:
                return str(claimed)
        except (ValueError, OverflowError):
            pass
    return ""


def tree_name(entries: Iterable[tuple[str, str, str]], length: int = 40) -> str:
    """Return the name of the tree with these entries, each its mode (octal), its name and the name of its object.

    Raises ValueError for what git cannot write.
    """
    lines = []
    for mode, name, sha in entries:
        data, plain = name.encode("utf-8", "surrogateescape"), mode.lstrip("0")
        # git sorts a folder as if its name ended with a slash
        lines.append((data + (b"/" if plain == "40000" else b""), b"%s %s\0" % (plain.encode(), data), sha))
    content = b"".join(line + bytes.fromhex(sha) for _, line, sha in sorted(lines))
    return _hashed(b"tree", content, length)


def tree_of_payload(payload: str) -> str | None:
    """Return the tree that the signed content of a commit begins with."""
    found = _PAYLOAD_TREE.match(payload)
    return found[1] if found else None


def _hashed(kind: bytes, content: bytes, length: int) -> str:
    whole = b"%s %d\0%s" % (kind, len(content), content)
    return hashlib.sha256(whole).hexdigest() if length == 64 else hashlib.sha1(whole, usedforsecurity=False).hexdigest()

"""Which paths of a tree are taken for files: none that could mean another place on some machine.

Git itself refuses most of them when it checks out (`verify_path`: https://github.com/git/git/blob/master/read-cache.c);
nothing is checked out here, but a path ends up in messages, diffs and on the machines of those who merge.
"""

from __future__ import annotations

import re

# Letters that HFS+ passes over: `.g\u200cit` is `.git` there.
_IGNORED = re.compile("[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")
_UNPRINTED = re.compile(r"[\x00-\x1f\x7f]")
_GIT = re.compile(r"(?:\.git|git~[0-9]+)[. ]*(?::.*)?", re.IGNORECASE)


def objection(path: str) -> str | None:
    """Return why a path is not looked at; None for a good one."""
    if _UNPRINTED.search(path):
        return "a control character is in its name"
    parts = path.split("/")
    if any(part in {"", ".", ".."} for part in parts):
        return "its path leads out of the repository"
    if any(_GIT.fullmatch(_IGNORED.sub("", part)) for part in re.split(r"[/\\]", path)):
        return "its path leads into .git on some machine"
    return None

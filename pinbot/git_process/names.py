"""Which names of branches are handed to git: those of git-check-ref-format, and of them only what nothing misreads.

https://git-scm.com/docs/git-check-ref-format. Stricter: no leading `-`, which some program takes for an option.
"""

from __future__ import annotations

import re

from pinbot.errors import GitError

_MAX_BYTES = 1000
# White space, control characters, and what means something in a refspec or a pattern.
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f~^:?*\[\\\ud800-\udfff]|\.\.|@\{|//")


def branch_ref(branch: str) -> str:
    """Return the full name of a branch (`refs/heads/…`). Raises GitError for a name that no branch may have."""
    if not _is_ref(branch) or branch.startswith("-") or branch in {"@", "HEAD"}:
        raise GitError(f"{branch[:80]!r}: not the name of a branch")
    return f"refs/heads/{branch}"


def checked_ref(ref: str) -> str:
    """Return a full name such as `refs/pinbot/ledger`. Raises GitError for one that no ref may have."""
    if not ref.startswith("refs/") or not _is_ref(ref):
        raise GitError(f"{ref[:80]!r}: not the name of a ref")
    return ref


def _is_ref(name: str) -> bool:
    if not name or len(name) > _MAX_BYTES or _FORBIDDEN.search(name) or name.endswith((".", "/")):
        return False
    return all(part and not part.startswith(".") and not part.endswith(".lock") for part in name.split("/"))

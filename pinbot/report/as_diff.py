"""Patches as a unified diff that `git apply` and `patch -p1` take."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pinbot.planning.patch import Patch

_CONTEXT_LINES = 3
_LINES = re.compile(r"[^\n]*\n|[^\n]+")


def diff(patches: Iterable[Patch]) -> str:
    """Return the unified diff of all patches, with three lines of context; empty when there are none."""
    return "".join(line for patch in patches for line in _file(patch))


def _file(patch: Patch) -> Iterator[str]:
    import difflib

    # difflib's own line splitting takes form feeds and U+2028 for line ends; git does not.
    before, after = _LINES.findall(patch.before), _LINES.findall(patch.after)
    yield f"diff --git a/{patch.path} b/{patch.path}\n"
    for line in difflib.unified_diff(before, after, f"a/{patch.path}", f"b/{patch.path}", n=_CONTEXT_LINES):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"

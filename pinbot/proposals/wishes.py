"""What people ask for on a dashboard: boxes that are checked, each with a hidden marker that says what it is for.

    - [x] <!-- pinbot:rebase=pinbot/refresh --> ...

Whoever may edit the issue may write anything into it, so that only these lines are read. A name counts only where it is
that of a branch or an image that is there now: it is compared with those, and nothing else is done with it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, get_args
from urllib.parse import quote, unquote

Verb = Literal["rebase", "open", "now", "retry"]
"""Rebuild an open pull request on its base; open or update one that waits; do not wait for an image; try again."""

LOOKUPS = "lookups"
_VERBS: tuple[Verb, ...] = get_args(Verb)
_BOX = re.compile(r"^- \[[xX]\] <!-- pinbot:([a-z]{1,20})=([!-~]{1,1000}) -->", re.MULTILINE)
# More than a text of ours has room for; the rest of a longer one is nobody's wish.
_LONGEST = 70_000


@dataclass(frozen=True, slots=True)
class Wishes:
    """The names for each verb: of branches, of images for `now`, and LOOKUPS or a branch for `retry`."""

    rebase: frozenset[str] = frozenset()
    open: frozenset[str] = frozenset()
    now: frozenset[str] = frozenset()
    retry: frozenset[str] = frozenset()

    @property
    def branches(self) -> frozenset[str]:
        """The branches whose pull requests do not wait for limits and windows."""
        return self.rebase | self.open | self.retry

    def asks(self, verb: Verb, name: str) -> bool:
        """Whether that is asked for."""
        found: frozenset[str] = getattr(self, verb)
        return name in found


def wishes(text: str) -> Wishes:
    """Return what is asked for in the text of a dashboard."""
    found: dict[str, set[str]] = {verb: set() for verb in _VERBS}
    for verb, name in _BOX.findall(text[:_LONGEST]):
        if verb in found:
            found[verb].add(unquote(name))
    return Wishes(**{verb: frozenset(names) for verb, names in found.items()})


def box(verb: Verb, name: str, *, is_checked: bool = False) -> str:
    """Return a box for a list; within a comment of HTML no two dashes may stand together."""
    safe = quote(name, safe="/:@", errors="replace").replace("--", "-%2D")
    return f"[{'x' if is_checked else ' '}] <!-- pinbot:{verb}={safe} -->"

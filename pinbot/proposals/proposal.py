"""A pull request as it should be: what it changes, and what it says."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from pinbot.planning.outcome import Change
from pinbot.planning.patch import Patch
from pinbot.proposals.pull import COVERS, FINGERPRINT, TREE

# So many lines at one place are looked at to see how a text goes on.
_NEAR = 16


@dataclass(frozen=True, slots=True)
class Dressing:
    """What a pull request gets beside its text: whatever of it a forge knows. `reviewers` may name `org/team`s."""

    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    milestone: str | None = None
    is_draft: bool = False

    @property
    def is_bare(self) -> bool:
        """Whether nothing is to be set beside the text."""
        return not (self.labels or self.reviewers or self.assignees or self.milestone)


@dataclass(frozen=True, slots=True)
class Proposal:
    """One pull request that should be open.

    `key` names the group, and `branch` follows from it: never from a digest, so that a newer one updates what is open.
    `message` is the commit's, without trailers. `fingerprint` tells the patches apart, and nothing else. `covers` is
    what closing it refuses. `exempt` ones (dead digests) do not wait for limits, windows or their week.
    `may_merge` is whether the rules let it merge itself, `merges_itself` whether the forge is to do that as soon as
    everything is green: what rules and evidence say of all its changes. With `is_pending` its text is
    written with PENDING: there are more writes to come, and what stands beside the text may come with the last.
    """

    key: str
    branch: str
    base: str
    title: str
    body: str
    message: str
    patches: tuple[Patch, ...] = field(repr=False)
    covers: tuple[str, ...] = ()
    dressing: Dressing = Dressing()
    exempt: bool = False
    may_merge: bool = False
    merges_itself: bool = False
    is_pending: bool = False

    @property
    def fingerprint(self) -> str:
        """A digest of the patches, whatever stands around them: the removed and added lines of each file."""
        return fingerprint((p.path, p.before, p.after) for p in self.patches)

    @property
    def changes(self) -> tuple[Change, ...]:
        """All that it changes."""
        return tuple(change for patch in self.patches for change in patch.changes)

    def signed(self, tree: str, sign_off: str | None = None) -> str:
        """Return the whole message of the commit whose tree is `tree`; `sign_off` is `Name <address>`."""
        trailers = [f"{FINGERPRINT}: {self.fingerprint}", f"{TREE}: {tree}"]
        if self.covers:
            trailers.append(f"{COVERS}: {' '.join(self.covers)}")
        if sign_off:
            trailers.append(f"Signed-off-by: {sign_off}")
        return f"{self.message.rstrip()}\n\n" + "\n".join(trailers) + "\n"


def fingerprint(files: Iterable[tuple[str, str, str]]) -> str:
    """Return a digest (64 hex digits) of what changes in files, each with its path, text before and after.

    Only the lines that go and come count, not where they stand: other changes of the file leave it as it is.
    """
    told = hashlib.sha256()
    for path, before, after in sorted(files):
        told.update(f"{path}\0".encode("utf-8", "surrogateescape"))
        for sign, line in _changed(before.split("\n"), after.split("\n")):
            told.update(f"{sign}{line}\0".encode("utf-8", "surrogateescape"))
    return told.hexdigest()


def _changed(before: list[str], after: list[str]) -> list[tuple[str, str]]:
    if len(before) == len(after):
        pairs = [(a, b) for a, b in zip(before, after, strict=True) if a != b]
        return [one for a, b in pairs for one in (("-", a), ("+", b))]
    changed: list[tuple[str, str]] = []
    i = j = 0
    while i < len(before) or j < len(after):
        if i < len(before) and j < len(after) and before[i] == after[j]:
            i, j = i + 1, j + 1
            continue
        gone, come = _until_alike(before, i, after, j)
        changed += [*(("-", line) for line in before[i : i + gone]), *(("+", line) for line in after[j : j + come])]
        i, j = i + gone, j + come
    return changed


def _until_alike(before: list[str], i: int, after: list[str], j: int) -> tuple[int, int]:
    """Return how many lines go and come until both texts go on alike; all of them where that is far away.

    The usual ways to compare texts take hours for a hostile one; ours changes one line here and there.
    """
    for both in range(1, 2 * _NEAR):
        for gone in range(max(0, both - _NEAR), min(both, _NEAR) + 1):
            a, b = i + gone, j + both - gone
            if a < len(before) and b < len(after) and before[a] == after[b]:
                return gone, both - gone
    return len(before) - i, len(after) - j

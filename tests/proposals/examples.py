"""Short words for changes and groups of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from zlib import crc32

from pinbot.oci.digest import Digest
from pinbot.oci.reference import Reference
from pinbot.planning.outcome import Change, Kept, Outcome
from pinbot.planning.policy import ChangeKind, Policy
from pinbot.proposals.grouping import Group, grouped
from pinbot.proposals.news import News
from pinbot.proposals.style import Grouping
from pinbot.source.finding import Finding, Slot, Writable
from pinbot.source.text import Position, Span

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
A, B, C = (Digest.of(name.encode()) for name in "abc")
NO_NEWS = News()


def found(text: str, path: str = "Dockerfile", line: int = 1, *, in_file: str | None = None, at: int = 0) -> Finding:
    """Return a finding of a reference; its digest stands in `in_file` where that is another, at the offset `at`.

    Different references stand at different places, whatever is said of their lines.
    """
    reference = Reference.parse(text)
    start = at or crc32(f"{text} {line}".encode())
    slot = Slot(Span(start, start), path=in_file)
    return Finding(path, "table", "image", Span(start, start), Position(line, 1), text, Writable(reference, slot))


def change(old: str, new: str, kind: ChangeKind, path: str = "Dockerfile", line: int = 1, reason: str = "") -> Change:
    """Return a change of one reference to another."""
    return Change(kind, found(old, path, line), Reference.parse(old), Reference.parse(new), reason)


def pin(image: str, path: str = "Dockerfile", line: int = 1, *, in_file: str | None = None, at: int = 0) -> Change:
    """Return a first pin."""
    old = Reference.parse(image)
    return Change("pin", found(image, path, line, in_file=in_file, at=at), old, old.pinned_to(A))


def refresh(image: str, path: str = "Dockerfile", line: int = 1, reason: str = "") -> Change:
    """Return a refresh, from A to B."""
    return change(f"{image}@{A}", f"{image}@{B}", "refresh", path, line, reason)


def dead(image: str, path: str = "Dockerfile", line: int = 1) -> Change:
    """Return the replacement of a dead digest."""
    old, new = Reference.parse(f"{image}@{A}"), Reference.parse(f"{image}@{B}")
    return Change("replace", found(str(old), path, line), old, new, "gone", rescues=True)


def bump(image: str, old: str, new: str, kind: ChangeKind = "minor", path: str = "Dockerfile", line: int = 1) -> Change:
    """Return a move from one tag to another."""
    return change(f"{image}:{old}@{A}", f"{image}:{new}@{B}", kind, path, line)


def kept(text: str, outcome: Outcome, reason: str, until: datetime | None = None, path: str = "Dockerfile") -> Kept:
    """Return a reference that stays as it is."""
    return Kept(found(text, path), outcome, reason, until)


def groups(*changes: Change, grouping: Grouping = "default", policy: Policy | None = None) -> tuple[Group, ...]:
    """Return the groups of some changes."""
    return grouped(changes, policy or Policy(), grouping)


def group(*changes: Change, grouping: Grouping = "default") -> Group:
    """Return the one group that some changes are in."""
    (only,) = groups(*changes, grouping=grouping)
    return only


def keys(found: Sequence[Group]) -> dict[str, list[str]]:
    """Return the references that each group changes, by its key."""
    return {one.key(): [str(c.old).partition("@")[0] for c in one.changes] for one in found}

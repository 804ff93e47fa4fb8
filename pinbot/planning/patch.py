"""From changes to patches: edits in their files, each proved by scanning the result before anything is written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

from pinbot.errors import StaleEdit
from pinbot.oci.reference import Reference
from pinbot.planning.plan import Change, Kept
from pinbot.source.finding import Aside, Finding, Slot, Writable
from pinbot.source.text import Edit, splice

Texts = Mapping[str, str]
"""The text of each file of the repository that matters here, by its path."""
Rescan = Callable[[str, Texts], tuple[Finding, ...]]
"""Scans one file of `Texts` again, in the light of the others."""


@dataclass(frozen=True, slots=True)
class Patch:
    """One file, before and after, with the changes that made the difference."""

    path: str
    before: str = field(repr=False)
    after: str = field(repr=False)
    changes: tuple[Change, ...]


def patches(changes: Iterable[Change], texts: Texts, rescan: Rescan) -> tuple[tuple[Patch, ...], tuple[Kept, ...]]:
    """Return the patches for `changes`, and a refusal for each change that could not be proved.

    A patch is proved when scanning its result finds the very same references, the changed ones as intended and
    all others as they were: in their places, of their kinds, through the same variables, for the same platforms.
    """
    wanted = list(changes)
    refused: list[Kept] = []
    while True:
        after, failed = _attempt(wanted, texts, rescan)
        if not failed:
            return _patches(wanted, texts, after), tuple(refused)
        refused += [Kept(c.finding, "refused", failed[c.finding.path]) for c in wanted if c.finding.path in failed]
        wanted = [c for c in wanted if c.finding.path not in failed]


def edits(change: Change) -> dict[str, list[Edit]]:
    """Return the edits that a change needs, by the path of the file they belong to."""
    standing = change.finding.standing
    assert isinstance(standing, Writable)
    slots: list[tuple[Slot, str | None, str | None]] = []
    if standing.tag:
        slots.append((standing.tag, change.old.tag, change.new.tag))
    slots.append((standing.digest, _text(change.old), _text(change.new)))
    result: dict[str, list[Edit]] = defaultdict(list)
    for slot, old, new in slots:
        if old != new:
            edit = Edit(slot.span, old or "", f"{new}" if old else f"{slot.lead}{new}{slot.tail}")
            _add(result[slot.path or change.finding.path], edit)
    return dict(result)


def _text(reference: Reference) -> str | None:
    return str(reference.digest) if reference.digest else None


def _add(present: list[Edit], edit: Edit) -> None:
    """Add an edit; two insertions at one place (a tag, then its digest) become one."""
    if present and present[-1].span == edit.span:
        edit = Edit(edit.span, edit.old, present.pop().new + edit.new)
    present.append(edit)


def _attempt(changes: Collection[Change], texts: Texts, rescan: Rescan) -> tuple[dict[str, str], dict[str, str]]:
    """Return the texts after the changes, and for each file that cannot be proved the reason."""
    planned: dict[str, list[Edit]] = defaultdict(list)
    expected: dict[str, dict[Finding, Reference]] = defaultdict(dict)
    for change in changes:
        expected[change.finding.path][change.finding] = change.new
        for path, some in edits(change).items():
            planned[path] += some
    after, failed = dict(texts), dict[str, str]()
    for path, some in planned.items():
        try:
            after[path] = splice(texts[path], some)
        except StaleEdit as error:
            failed |= {c.finding.path: f"the change cannot be written: {error}" for c in changes if path in edits(c)}
    if not failed:
        failed = {p: why for p, new in expected.items() if (why := _unproved(p, new, texts, after, rescan))}
    return after, failed


def _unproved(path: str, new: Mapping[Finding, Reference], texts: Texts, after: Texts, rescan: Rescan) -> str | None:
    before, found = rescan(path, texts), rescan(path, after)
    intended = {(f.where, f.span): reference for f, reference in new.items()}
    want = [_essence(f, intended.get((f.where, f.span), f.reference)) for f in before]
    if want == [_essence(f, f.reference) for f in found]:
        return None
    return "the changed file would not read as intended, so it stays as it is"


def _essence(finding: Finding, reference: Reference | None) -> tuple[object, ...]:
    """Return what must be equal before and after: all but the text, and where it stands."""
    standing = finding.standing
    kind = standing.status if isinstance(standing, Aside) else type(standing)
    return finding.where, kind, str(reference) if reference else None, finding.variables, finding.platform


def _patches(changes: Iterable[Change], texts: Texts, after: Texts) -> tuple[Patch, ...]:
    by_file: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        for path in edits(change):
            by_file[path].append(change)
    return tuple(Patch(path, texts[path], after[path], tuple(some)) for path, some in sorted(by_file.items()))

"""From changes to patches: edits in their files, each proved by scanning the result before anything is written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pinbot.errors import StaleEdit
from pinbot.oci.reference import Reference
from pinbot.planning.outcome import Change, Kept
from pinbot.source.finding import Aside, Finding, Fixed, Slot, Writable
from pinbot.source.text import Edit, Span, splice

Texts = Mapping[str, str]
"""The text of each file of the repository that matters here, by its path."""
Readers = Mapping[str, Collection[str]]
"""Who looks into each file beside its own formats: the paths of compose files, by the path of their `.env`."""
Rescan = Callable[[str, Texts], tuple[Finding, ...]]
"""Scans one file of `Texts` again, in the light of the others."""


@dataclass(frozen=True, slots=True)
class Patch:
    """One file, before and after, with the changes that made the difference."""

    path: str
    before: str = field(repr=False)
    after: str = field(repr=False)
    changes: tuple[Change, ...]


def patches(
    changes: Iterable[Change], texts: Texts, rescan: Rescan, readers: Readers
) -> tuple[tuple[Patch, ...], tuple[Kept, ...]]:
    """Return the patches for `changes`, and a refusal for each change that could not be proved.

    A patch is proved when scanning its result finds the very same references, the changed ones as intended and
    all others as they were: in their places, of their kinds, through the same variables, for the same platforms.
    What reads a changed file is scanned again as well.
    """
    wanted = [_Planned(change, _edits(change, texts)) for change in changes]
    refused: list[Kept] = []
    while True:
        after, failed = _attempt(wanted, texts, rescan, readers)
        if not failed:
            return _patches(wanted, texts, after), tuple(refused)
        refused += [Kept(p.change.finding, "refused", failed[id(p.change)]) for p in wanted if id(p.change) in failed]
        wanted = [p for p in wanted if id(p.change) not in failed]


@dataclass(frozen=True, slots=True)
class _Planned:
    """A change with the edits that it needs, by the path of the file they belong to."""

    change: Change
    edits: Mapping[str, Sequence[Edit]]


def cut(slot: Slot, text: str) -> Span | None:
    """Return what to take out of the text of its file so that a digest is gone; None where nothing can be.

    That is the digest with the `@` before it, or with its key.
    """
    at = slot.span.start - 1
    return slot.cut or (Span(at, slot.span.stop) if at >= 0 and text[at] == "@" and not slot.bare else None)


def _edits(change: Change, texts: Texts) -> dict[str, list[Edit]]:
    """Return the edits that a change needs, by the path of the file they belong to."""
    standing = change.finding.standing
    assert isinstance(standing, Writable)
    if change.kind == "remove":
        path = standing.digest.path or change.finding.path
        span = cut(standing.digest, texts[path]) or standing.digest.span
        return {path: [Edit(span, texts[path][span.start : span.stop], "")]}
    slots: list[tuple[Slot, str | None, str | None]] = []
    if standing.name:
        slots.append((standing.name, change.old.name, change.new.name))
    if standing.tag:
        slots.append((standing.tag, change.old.tag, change.new.tag))
    bare = standing.digest.bare
    slots.append((standing.digest, _text(change.old, bare), _text(change.new, bare)))
    result: dict[str, list[Edit]] = defaultdict(list)
    for slot, old, new in slots:
        if old != new:
            edit = Edit(slot.span, old or "", f"{new}" if old else f"{slot.lead}{new}{slot.tail}")
            _add(result[slot.path or change.finding.path], edit)
    return dict(result)


def _text(reference: Reference, bare: bool) -> str | None:
    digest = reference.digest
    return None if digest is None else digest.hex if bare else str(digest)


def _add(present: list[Edit], edit: Edit) -> None:
    """Add an edit; two insertions at one place (a tag, then its digest) become one."""
    if present and present[-1].span == edit.span:
        edit = Edit(edit.span, edit.old, present.pop().new + edit.new)
    present.append(edit)


def _attempt(
    wanted: Collection[_Planned], texts: Texts, rescan: Rescan, readers: Readers
) -> tuple[dict[str, str], dict[int, str]]:
    """Return the texts after the changes, and for each change that cannot be proved, by its id, the reason."""
    if shared := _shared(wanted):
        return {}, shared
    planned: dict[str, list[Edit]] = defaultdict(list)
    touching: dict[str, list[Change]] = defaultdict(list)
    for one in wanted:
        touching[one.change.finding.path].append(one.change)
        for path, some in one.edits.items():
            planned[path] += some
            for near in {path, *readers.get(path, ())} - {one.change.finding.path}:
                touching[near].append(one.change)
    after, failed = dict(texts), dict[str, str]()
    for path, some in planned.items():
        try:
            after[path] = splice(texts[path], some)
        except StaleEdit as error:
            failed[path] = f"the change cannot be written: {error}"
    if not failed:
        failed = {p: why for p, some in touching.items() if (why := _unproved(p, some, texts, after, rescan))}
    return after, {id(change): why for path, why in failed.items() for change in touching[path]}


def _shared(planned: Iterable[_Planned]) -> dict[int, str]:
    """Return, by their ids, the changes that want different things at one place: an anchor put it into several."""
    wanted: dict[tuple[str, Span], list[tuple[str, Change]]] = defaultdict(list)
    for one in planned:
        for path, some in one.edits.items():
            for edit in some:
                wanted[path, edit.span].append((edit.new, one.change))
    clashes = [some for some in wanted.values() if len({new for new, _ in some}) > 1]
    return {
        id(change): f"the value also ends {next(c.old for _, c in clash if c is not change)}, and holds one digest only"
        for clash in clashes
        for _, change in clash
    }


def _unproved(path: str, changes: Iterable[Change], texts: Texts, after: Texts, rescan: Rescan) -> str | None:
    intended = {(c.finding.where, c.finding.span): c for c in changes if c.finding.path == path}
    want = [_intended(f, intended.get((f.where, f.span))) for f in rescan(path, texts)]
    have = rescan(path, after)
    if len(want) == len(have) and all(_essence(f) in some for f, some in zip(have, want, strict=True)):
        return None
    return "the changed file would not read as intended, so it stays as it is"


_Essence = tuple[object, ...]


def _essence(finding: Finding) -> _Essence:
    """Return what must be equal before and after: all but the text, and where it stands."""
    standing, reference = finding.standing, finding.reference
    kind = standing.status if isinstance(standing, Aside) else type(standing)
    return finding.where, kind, str(reference) if reference else None, finding.variables, finding.platform


def _intended(finding: Finding, change: Change | None) -> tuple[_Essence, ...]:
    """Return what a finding may be once it is changed; what its own file refused may be another's to allow."""
    if change is None:
        return (_essence(finding),)
    # Where a digest was taken out, there may be no place for one: in a chart only another file may allow it.
    kinds = (Writable, Fixed) if change.kind == "remove" else (Writable,)
    return tuple((finding.where, kind, str(change.new), finding.variables, finding.platform) for kind in kinds)


def _patches(planned: Iterable[_Planned], texts: Texts, after: Texts) -> tuple[Patch, ...]:
    by_file: dict[str, list[Change]] = defaultdict(list)
    for one in planned:
        for path in one.edits:
            by_file[path].append(one.change)
    return tuple(Patch(path, texts[path], after[path], tuple(some)) for path, some in sorted(by_file.items()))

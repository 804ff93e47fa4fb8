"""The text of a pull request: a table that is read in ten seconds, then everything else, folded.

Forges take 65,536 characters (GitHub); what does not fit is counted, and rows are left out whole. Dates are days, never
ages, so that the text stays true for as long as the pull request is open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from pinbot.oci.digest import Digest
from pinbot.planning.outcome import Change, Kept
from pinbot.planning.spans import day
from pinbot.proposals._markdown import clean, code, folded, prose, row, table
from pinbot.proposals.grouping import Group
from pinbot.proposals.news import News
from pinbot.source.finding import Finding

LONGEST = 60_000
# Rows that are shown without a click, and places that are named in one of them.
_SHOWN, _PLACES = 15, 3
_NAME, _PATH = 160, 160
# How much of the room the whole lists may take: the first is what the pull request does.
_ROOM = (26_000, 18_000, 12_000)
_TOLD = {"held": "held", "refused": "refused", "lookup-failed": "not looked up", "invalid": "invalid"}
_HEADS = ("Image", "Change", "From", "To", "New since", "Where")
_VERSIONS = {"patch", "minor", "major"}
_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class _Line:
    """The changes that say the same, at different places."""

    change: Change
    findings: tuple[Finding, ...]


def body(group: Group, kept: Iterable[Kept], news: Callable[[Change], News], home: str = "") -> str:
    """Return the text for a group; `kept` are the references of the repository that stay as they are, of any reason.

    `home` is the URL of the repository: its pull requests are the only places that the text links to.
    """
    lines = _lines(group.changes)
    told = [one for one in kept if one.outcome in _TOLD]
    parts = [
        _opening(group),
        *_fitted(_HEADS, lines, lambda line: _line_row(line, news(line.change)), _ROOM[0]),
        *_fitted(("Place", "Before", "After"), group.changes, _place_row, _ROOM[1], "Every place"),
        *_fitted(
            ("Place", "Image", "What", "Why"), told, lambda one: _kept_row(one, home), _ROOM[2], _kept_summary(told)
        ),
        "---",
        _closing(group),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _lines(changes: Iterable[Change]) -> list[_Line]:
    alike: dict[tuple[str, str, str, str], list[Change]] = {}
    for change in changes:
        alike.setdefault((str(change.old), str(change.new), change.kind, change.reason), []).append(change)
    return [_Line(some[0], tuple(c.finding for c in some)) for some in alike.values()]


def _opening(group: Group) -> str:
    images = len({(c.old.registry, c.old.path, c.old.effective_tag) for c in group.changes})
    lines = f"{_count(len(group.changes), 'reference')} to {_count(images, 'image')}"
    is_new = any(change.new.digest != change.old.digest for change in group.changes)
    does = {
        "dead": f"{lines}: the registry does not serve their digests any more, so whatever needs them fails.",
        "pin": f"Adds digests to {lines}. The tags stay, so that newer digests can be proposed.",
        "refresh": f"Renews {lines}, whose tags name other digests by now.",
    }
    said = does.get(group.kind, f"Changes {lines}.")
    if not is_new:
        said = f"Writes better names for {lines}; the digests stay."
    if any(change.rescues for change in group.changes) and group.kind != "dead":
        said += " Some digests are not served any more, so whatever needs them fails."
    if not group.workflows:
        return said
    return said + (" All of them stand in workflows, or with one that does." if len(group.changes) > 1 else "")


def _fitted(
    heads: tuple[str, ...], items: Sequence[_Item], made: Callable[[_Item], str], room: int, summary: str = ""
) -> Iterator[str]:
    """Yield a table with as many rows as there is room for, and the count of the others.

    With a summary all of it is folded, without one the rows that follow the first.
    """
    if not items:
        return
    fitting = _within(map(made, items), room)
    if summary:
        yield folded(summary, table(heads, fitting))
    else:
        yield table(heads, fitting[:_SHOWN])
        if more := fitting[_SHOWN:]:
            yield folded(f"{len(more)} more", table(heads, more))
    if left_out := len(items) - len(fitting):
        yield f"… and {left_out} more, for which there is no room here."


def _within(rows: Iterable[str], room: int) -> list[str]:
    fitting: list[str] = []
    for one in rows:
        room -= len(one) + 1
        if room < 0:
            break
        fitting.append(one)
    return fitting


def _line_row(line: _Line, news: News) -> str:
    change = line.change
    name = f"{change.old.name}:{change.old.effective_tag}" if change.old.effective_tag else change.old.name
    places = [code(_place(finding), _PATH) for finding in line.findings[:_PLACES]]
    if len(line.findings) > _PLACES:
        places.append(f"and {len(line.findings) - _PLACES} more")
    return row(code(name, _NAME), _what(change, news), *_from_to(change, news), _since(news), ", ".join(places))


def _what(change: Change, news: News) -> str:
    """Say of which kind a change is, and the reason where that says more."""
    kind = {"replace": "replaced" if change.rescues else "better name", "pin": "first pin"}.get(
        change.kind, change.kind
    )
    major = "**major version**" if news.is_major and change.kind != "major" else ""
    kind = f"**{kind}**" if change.kind == "major" or change.rescues else kind
    return "; ".join(part for part in (kind, major, prose(change.reason)) if part)


def _from_to(change: Change, news: News) -> tuple[str, str]:
    """Return what differs, in short: tags where they differ, versions where they are known, digests."""
    before, after = (_short(reference.digest) for reference in (change.old, change.new))
    versions = news.versions or ("", "")
    tags = (change.old.tag or "", change.new.tag or "") if change.new.tag != change.old.tag else ("", "")
    names = (change.old.name, change.new.name) if change.new.name != change.old.name else ("", "")
    digests = (before, after) if before != after else ("", "")
    sides = [*zip(names, tags, versions, digests, strict=True)] if any((*names, *tags, *versions, *digests)) else []
    first, second = (" ".join(code(part, _NAME) for part in side if part) or "-" for side in sides or (("",), ("",)))
    return first, second


def _since(news: News) -> str:
    if news.since is None:
        return "-"
    return f"{day(news.since.astimezone(UTC))}{' (pushed)' if news.pushed else ''}"


def _place_row(change: Change) -> str:
    return row(code(_place(change.finding), _PATH), code(str(change.old), 420), code(str(change.new), 420))


def _kept_row(kept: Kept, home: str) -> str:
    reference = kept.finding.reference
    shown = f"{reference.name}:{reference.tag}" if reference and reference.tag else kept.finding.text
    until = f"; until {_moment(kept.until)}" if kept.until else ""
    # What a registry says is quoted: it could be a sentence that sounds like ours.
    why = code(kept.reason, 300) if kept.outcome in {"lookup-failed", "invalid"} else prose(kept.reason, home)
    return row(code(_place(kept.finding), _PATH), code(shown, _NAME), _TOLD[kept.outcome], f"{why}{until}")


def _kept_summary(told: Sequence[Kept]) -> str:
    counts = [(word, sum(kept.outcome == outcome for kept in told)) for outcome, word in _TOLD.items()]
    named = ", ".join(f"{number} {word}" for word, number in counts if number)
    return f"Not changed in this repository: {named}"


def _closing(group: Group) -> str:
    """Say what made this, what closing it means, and how to have none of it."""
    return (
        "Made by pinbot, which pins container images to digests and keeps them fresh. It updates this pull request "
        "until that is merged or closed; once somebody else pushes to the branch, pinbot leaves it alone. "
        f"{_refusal(group)} To have that after all, reopen it, or run pinbot with `--now IMAGE`. To have a line left "
        "alone for good, write `# pinbot: ignore` on it or above it."
    )


def _refusal(group: Group) -> str:
    """Say what closing it without merging refuses (see `declined`)."""
    taken = [change for change in group.changes if change.kind in {"refresh", "replace"}]
    kinds = {change.kind for change in group.changes}
    parts = [
        *(["to pin these references"] if "pin" in kinds else []),
        *(["these versions"] if kinds & _VERSIONS else []),
        *(["these digests"] if any(c.new.digest != c.old.digest for c in taken) else []),
        *(["these names"] if any(c.new.digest == c.old.digest for c in taken) else []),
    ]
    refused = f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else "".join(parts)
    newer = "; newer ones are still proposed" if {"these versions", "these digests"} & {*parts} else ""
    return f"Closing it without merging refuses {refused or 'this'}{newer}."


def _place(finding: Finding) -> str:
    # The end of a path says more than its begin, and the line must not be cut.
    path = clean(finding.path, 2_000)
    shown = path if len(path) < _PATH - 12 else f"…{path[-(_PATH - 13) :]}"
    return f"{shown}:{finding.position.line}"


def _short(digest: Digest | None) -> str:
    return digest.short if digest else ""


def _moment(moment: datetime) -> str:
    utc = moment.astimezone(UTC)
    return f"{day(utc)}, {utc:%H:%M} UTC"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"

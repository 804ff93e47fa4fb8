"""The text of a pull request: a line and a table that are read in ten seconds, then everything else, folded.

Forges take 65,536 characters (GitHub); what does not fit is counted, and rows are left out whole. Dates are days, never
ages, so that the text stays true for as long as the pull request is open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime

from pinbot.planning.evidence import Evidence
from pinbot.planning.outcome import Change, Kept
from pinbot.planning.spans import day
from pinbot.proposals._markdown import code, prose
from pinbot.proposals._tables import fitted, within
from pinbot.proposals.closing import closing
from pinbot.proposals.concerns import concerns
from pinbot.proposals.details import PIN_HEADS, details, pin_cells, summary
from pinbot.proposals.grouping import Group
from pinbot.proposals.news import News
from pinbot.proposals.rows import ALWAYS, HEADS, NAME, PATH, Line, cells, date, lines, newer, place, tagged

LONGEST = 60_000
# How much of the room the lists may take, in characters: what changes, what changed inside, where, and what stays.
_ROOM, _DETAILS, _PLACES, _KEPT = 17_000, 16_000, 11_000, 8_000
# And what must not be overlooked: how many lines, and how much of the room.
_ALERTS, _ALERT = 8, 4_000
_TOLD = {"held": "held", "refused": "refused", "lookup-failed": "not looked up", "invalid": "invalid"}
NewsOf = Callable[[Change], News]


def body(
    group: Group,
    kept: Iterable[Kept],
    news: NewsOf,
    home: str = "",
    *,
    settings: str = "",
    merging: str = "",
) -> str:
    """Return the text for a group; `kept` are the references of the repository that stay as they are, of any reason.

    `home` is the URL of the repository: beside it, only comparisons of revisions at well-known forges are linked to.
    `settings` and `merging` are sentences of ours: which settings applied, and whether it merges by itself.
    """
    seen = lines(group.changes)
    told = [one for one in kept if one.outcome in _TOLD]
    parts = [
        _opening(group, seen, news),
        _alert(seen, news),
        *fitted(HEADS, [cells(line, news(line.change)) for line in seen], _ROOM, always=ALWAYS),
        *_details(seen, news),
        *fitted(("Place", "Before", "After"), [*map(_place_row, group.changes)], _PLACES, "Every place"),
        *fitted(("Place", "Image", "What", "Why"), [_kept_row(one, home) for one in told], _KEPT, _kept_summary(told)),
        prose(merging),
        "---",
        closing(group, settings),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _opening(group: Group, seen: Sequence[Line], news: NewsOf) -> str:
    """Say all of it in one line: what it does, and what that brings."""
    does = _one(seen[0], news) if len(seen) == 1 and group.kind in {"refresh", "bump"} else ""
    brings = _brings(seen, news)
    return " ".join(part for part in (does or _does(group), brings) if part)


def _one(line: Line, news: NewsOf) -> str:
    """Say of one image what happens to it; nothing where it is not another image."""
    change, known = line.change, news(line.change)
    where = f" at {len(line.findings)} places" if len(line.findings) > 1 else ""
    if change.rescues or change.new.digest == change.old.digest:
        return ""
    if change.kind in {"patch", "minor", "major"}:
        tags = f"from {code(change.old.effective_tag or '')} to {code(change.new.tag or '')}"
        return f"Moves {code(change.old.name, NAME)}{where} {tags}, a {change.kind} version."
    if change.kind != "refresh":
        return ""
    made = known.evidence.new.created if known.evidence else None
    word = "built" if any(one.loud for one in concerns(change, known)) else "rebuilt"
    when = f"{word} on {date(made)}" if made else f"moved on {date(known.since)}" if known.since else "moved"
    days = newer(known.evidence) if known.evidence else ""
    return f"Renews {code(tagged(change), NAME)}{where}, {when}{f' ({days} than the pin)' if days else ''}."


def _brings(seen: Sequence[Line], news: NewsOf) -> str:
    found = [one for line in seen if (one := news(line.change).evidence) and one.old and one.old.config]
    if len(seen) == 1 and found:
        what = summary(found[0])
        return f"{what[:1].upper()}{what[1:]}."
    diffs = [diff for one in found if (diff := one.packages) is not None]
    changed = sum(map(len, diffs))
    parts = [
        *([f"{_count(changed, 'package')} changed in {_count(len(diffs), 'image')}"] if diffs else []),
        *([f"the settings of {_count(number, 'image')} changed"] if (number := sum(map(_differs, found))) else []),
    ]
    return f"{'; '.join(parts)[:1].upper()}{'; '.join(parts)[1:]}." if parts else ""


def _differs(found: Evidence) -> bool:
    return bool(found.settings)


def _does(group: Group) -> str:
    images = len({(c.old.registry, c.old.path, c.old.effective_tag) for c in group.changes})
    lines = f"{_count(len(group.changes), 'reference')} to {_count(images, 'image')}"
    is_new = any(change.new.digest != change.old.digest for change in group.changes)
    digests, them = ("their digests", "them") if images > 1 else ("its digest", "it")
    tags = "tags name" if images > 1 else "tag names"
    does = {
        "dead": f"{lines}: the registry does not serve {digests} any more, so whatever needs {them} fails.",
        "pin": f"Adds digests to {lines}. The tags stay, so that newer digests can be proposed.",
        "refresh": f"Renews {lines}, whose {tags} other digests by now.",
    }
    said = does.get(group.kind, f"Changes {lines}.")
    if not is_new:
        said = f"Writes better names for {lines}; the digests stay."
    if any(change.rescues for change in group.changes) and group.kind != "dead":
        said += " Some digests are not served any more, so whatever needs them fails."
    if not group.workflows:
        return said
    return said + (" All of them stand in workflows, or with one that does." if len(group.changes) > 1 else "")


def _alert(seen: Sequence[Line], news: NewsOf) -> str:
    """Return what must not be overlooked, as the box that forges draw for warnings."""
    said = [
        f"> - {code(tagged(line.change), NAME)} {prose(one.sentence)}."
        for line in seen
        for one in concerns(line.change, news(line.change))
        if one.loud
    ]
    shown = within(said[:_ALERTS], _ALERT)
    more = [f"> - and {len(said) - len(shown)} more, marked in the table."] if len(said) > len(shown) else []
    return "\n".join(("> [!WARNING]", *shown, *more)) if said else ""


def _details(seen: Sequence[Line], news: NewsOf) -> Iterator[str]:
    """Yield what changed in each image, as far as there is room."""
    told = [text for line in seen if (text := details(line, news(line.change)))]
    fitting = within(told, _DETAILS)
    yield from fitting
    pins = [row for line in seen if (row := pin_cells(line, news(line.change)))]
    room = _DETAILS - sum(map(len, fitting))
    yield from fitted(PIN_HEADS, pins, room, "What is known of the images", always=1)
    if left_out := len(told) - len(fitting):
        yield f"… and what changed in {left_out} more, for which there is no room here."


def _place_row(change: Change) -> tuple[str, ...]:
    return code(place(change.finding), PATH), code(str(change.old), 420), code(str(change.new), 420)


def _kept_row(kept: Kept, home: str) -> tuple[str, ...]:
    reference = kept.finding.reference
    shown = f"{reference.name}:{reference.tag}" if reference and reference.tag else kept.finding.text
    until = f"; until {_moment(kept.until)}" if kept.until else ""
    # What a registry says is quoted: it could be a sentence that sounds like ours.
    why = code(kept.reason, 300) if kept.outcome in {"lookup-failed", "invalid"} else prose(kept.reason, home)
    return code(place(kept.finding), PATH), code(shown, NAME), _TOLD[kept.outcome], f"{why}{until}"


def _kept_summary(told: Sequence[Kept]) -> str:
    counts = [(word, sum(kept.outcome == outcome for kept in told)) for outcome, word in _TOLD.items()]
    named = ", ".join(f"{number} {word}" for word, number in counts if number)
    return f"Not changed in this repository: {named}"


def _moment(moment: datetime) -> str:
    utc = moment.astimezone(UTC)
    return f"{day(utc)}, {utc:%H:%M} UTC"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"

"""One line of the first table of a pull request: an image, where it stands, and what changes, in ten seconds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from pinbot.oci.digest import Digest
from pinbot.planning.evidence import Evidence
from pinbot.planning.outcome import Change
from pinbot.planning.packages import PackageDiff
from pinbot.planning.spans import day
from pinbot.proposals._markdown import clean, code, prose
from pinbot.proposals._tables import NOTHING
from pinbot.proposals.concerns import assurances, concerns
from pinbot.proposals.news import News
from pinbot.source.finding import Finding

HEADS = ("Image", "Where", "Change", "Age", "Size", "Packages", "Trust")
# The columns that say something of every change.
ALWAYS = 3
NAME, PATH = 160, 160
# Places that are named in one row.
_PLACES = 3
_UNITS = ("B", "kB", "MB", "GB", "TB")


@dataclass(frozen=True, slots=True)
class Line:
    """The changes that say the same, at different places."""

    change: Change
    findings: tuple[Finding, ...]


def lines(changes: Iterable[Change]) -> list[Line]:
    """Return the changes, those together that say the same."""
    alike: dict[tuple[str, str, str, str], list[Change]] = {}
    for change in changes:
        alike.setdefault((str(change.old), str(change.new), change.kind, change.reason), []).append(change)
    return [Line(some[0], tuple(c.finding for c in some)) for some in alike.values()]


def cells(line: Line, news: News) -> tuple[str, ...]:
    """Return what stands under HEADS."""
    places = [code(place(finding), PATH) for finding in line.findings[:_PLACES]]
    if len(line.findings) > _PLACES:
        places.append(f"and {len(line.findings) - _PLACES} more")
    change, found = line.change, news.evidence
    return (
        code(tagged(change), NAME),
        ", ".join(places),
        _change(change, news),
        _age(news),
        _size(found) if found else NOTHING,
        packages(found.packages) if found and found.packages is not None else NOTHING,
        ", ".join((*(f"**{one.mark}**" for one in concerns(change, news)), *assurances(news))) or NOTHING,
    )


def tagged(change: Change) -> str:
    """Return the name of an image with its tag, as it is before the change."""
    tag = change.old.effective_tag
    return f"{change.old.name}:{tag}" if tag else change.old.name


def place(finding: Finding) -> str:
    """Return a path and a line, which are not for Markdown yet; of a long path the end says more than the begin."""
    path = clean(finding.path, 2_000)
    shown = path if len(path) < PATH - 12 else f"…{path[-(PATH - 13) :]}"
    return f"{shown}:{finding.position.line}"


def packages(diff: PackageDiff) -> str:
    """Return how many packages changed, in words."""
    counts = ((len(diff.changed), "changed"), (len(diff.added), "added"), (len(diff.removed), "removed"))
    return ", ".join(f"{number} {word}" for number, word in counts if number) or "the same"


def size(number: int) -> str:
    """Return a number of bytes as registries give it: `51.2 MB`, in powers of a thousand."""
    return _in_unit(number, _unit(number))


def growth(old: int, new: int) -> str:
    """Return by how much a size differs, in the unit of the new one; empty where that rounds to nothing."""
    by = _in_unit(abs(new - old), _unit(new))
    return f"{'+' if new > old else '−'}{by}" if any(digit in by for digit in "123456789") else ""


def _unit(number: int) -> int:
    return min((len(str(number)) - 1) // 3, len(_UNITS) - 1)


def _in_unit(number: int, unit: int) -> str:
    return f"{number / 1000**unit:.1f} {_UNITS[unit]}" if unit else f"{number} B"


def _change(change: Change, news: News) -> str:
    """Say of which kind a change is, from what to what, and the reason where that says more."""
    kinds = {"replace": "replaced" if change.rescues else "better name", "pin": "first pin"}
    kind = kinds.get(change.kind, change.kind)
    kind = f"**{kind}**" if change.kind == "major" or change.rescues else kind
    before, after = from_to(change, news)
    arrow = f"{before} → {after}" if before else after
    # Which digest is gone stands before it, and in full below.
    place = f"{change.old.registry}/{change.old.path}@{change.old.digest}: "
    return "; ".join(part for part in (f"{kind} {arrow}".strip(), prose(change.reason.removeprefix(place))) if part)


def from_to(change: Change, news: News) -> tuple[str, str]:
    """Return what differs, in short: names and tags where they differ, versions where they are known, digests."""
    before, after = (_short(reference.digest) for reference in (change.old, change.new))
    tags = (change.old.tag or "", change.new.tag or "") if change.new.tag != change.old.tag else ("", "")
    versions = ("", "") if any(tags) else news.versions or ("", "")
    names = (change.old.name, change.new.name) if change.new.name != change.old.name else ("", "")
    digests = (before, after) if before != after else ("", "")
    sides = zip(names, tags, versions, digests, strict=True)
    first, second = (" ".join(code(part, NAME) for part in side if part) for side in sides)
    return first, second


def _age(news: News) -> str:
    """Return when the new image was built, or at least since when its tag names it."""
    found = news.evidence
    if found is None or found.new.created is None:
        return seen(news.since, news.pushed)
    made = f"built {date(found.new.created)}"
    days = newer(found)
    return f"{made}, {days}" if days else made


def newer(found: Evidence) -> str:
    """Return by how many days an image is newer than the old one; empty where it is not, or nobody knows."""
    if found.old is None or found.old.created is None or found.new.created is None:
        return ""
    days = (found.new.created - found.old.created).days
    return f"{days} day{'' if days == 1 else 's'} newer" if days > 0 else ""


def seen(since: datetime | None, pushed: bool = False) -> str:
    """Return since when a tag names an image."""
    if since is None:
        return NOTHING
    return f"{'pushed' if pushed else 'seen'} {date(since)}"


def date(moment: datetime) -> str:
    """Return the day of a moment, in UTC."""
    return day(moment.astimezone(UTC))


def _size(found: Evidence) -> str:
    """Return the size for the platform that was looked into."""
    for platform, old, new in found.sizes:
        if new is not None and platform == found.new.platform:
            by = growth(old, new) if old is not None else ""
            return f"{size(new)} ({by})" if by else size(new)
    return NOTHING


def _short(digest: Digest | None) -> str:
    return digest.short if digest else ""

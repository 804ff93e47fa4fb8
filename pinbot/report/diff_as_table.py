"""Two images beside each other for a person: what stands out, then what changed, then the packages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from pinbot.oci.platform import Platform
from pinbot.oci.statement import Provenance
from pinbot.planning.evidence import Evidence
from pinbot.planning.images import Image
from pinbot.planning.labels import normal
from pinbot.planning.packages import PackageDiff
from pinbot.planning.settings_diff import SettingChange
from pinbot.planning.sides import Side, Sides
from pinbot.planning.spans import day
from pinbot.proposals._markdown import clean
from pinbot.proposals.concerns import of_images
from pinbot.proposals.rows import growth, newer, packages, size
from pinbot.report._columns import Cell, Look, Row, prose, styled, table, width
from pinbot.report._page import page
from pinbot.report._rows import printable

# A value of a registry may be a page long. What takes more than two lines says no more to a person.
_VALUE, _LONG_VALUE = 150, 2_000
_PACKAGES, _PLATFORMS = 25, 6
_NOTHING, _SAME = "-", "the same"
_COMMIT = re.compile(r"^([0-9a-f]{12})[0-9a-f]+$")
_GAP = "  "
# In a pipe nothing is fitted to a width; a longer value pushes its own line out of line.
_WIDEST_IN_A_PIPE = 40

_Fact = tuple[str, str, str | Cell]


def diff(found: Sides, look: Look) -> str:
    """Return what there is to say of two references."""
    title = styled(f"{_name(found.old)} → {_name(found.new)}", "bold", look)
    evidence = found.evidence
    if found.differ is False:
        return f"{title}\nBoth are {found.new.digest}: one image.\n"
    if evidence is None:
        return f"{title}\n{prose((styled(printable(error), 'red', look) for error in found.errors), look)}"
    shown = [*_facts(found, evidence, look)]
    parts = [f"{title}\n{_concerns(found, evidence, look)}", _beside(shown, look), _packages(evidence.packages, look)]
    return page(look, "\n".join(part for part in parts if part), _remarks(found, evidence, look))


def _name(side: Side) -> str:
    return printable(str(side.reference))


def _concerns(found: Sides, evidence: Evidence, look: Look) -> str:
    name = found.new.reference.tag or (found.new.digest.short if found.new.digest else "")
    told = (f"{one.mark}: {name} {one.sentence.replace('`', '')}." for one in of_images(evidence))
    lines = prose(map(printable, told), look).splitlines()
    return "".join(f"{styled(line, 'red', look)}\n" for line in lines)


def _facts(found: Sides, evidence: Evidence, look: Look) -> Iterator[_Fact]:
    old, new = evidence.old, evidence.new
    assert old is not None
    yield "digest", _digest(found.old, look), _digest(found.new, look)
    if old.created or new.created:
        by = newer(evidence)
        yield "built", _day(old.created), f"{_day(new.created)}{f' ({by})' if by else ''}"
    yield from _labels(old, new, look)
    yield from _shape(evidence)
    yield from (_setting(one, evidence, look) for one in evidence.settings or ())
    yield from _builders(old, new, look)


def _setting(one: SettingChange, evidence: Evidence, look: Look) -> _Fact:
    was, now = _value(one.old, look), _value(one.new, look)
    if one.is_set:
        return one.name, f"{was} (gone)" if was else "", f"{now} (added)" if now else ""
    if one.name == "user" and evidence.becomes_root:
        return one.name, was or _NOTHING, Cell(now or "root", "red")
    return one.name, was or _NOTHING, now or _NOTHING


def _digest(side: Side, look: Look) -> str:
    if side.digest is None:
        return _NOTHING
    return str(side.digest) if look.verbose else side.digest.short


def _labels(old: Image, new: Image, look: Look) -> Iterator[_Fact]:
    for name in ("version", "source", "revision"):
        before, after = getattr(old.labels, name), getattr(new.labels, name)
        yield from _pair(name, before, after, normal(before) == normal(after), look)
    before, after = _base(old), _base(new)
    yield from _pair("base image", before, after, before == after, look)


def _base(image: Image) -> str:
    digest = image.labels.base_digest.rpartition(":")[2][:12]
    return " ".join(part for part in (image.labels.base_name, digest) if part)


def _shape(evidence: Evidence) -> Iterator[_Fact]:
    if looked := evidence.looked_into:
        before, after = (_os_and_architecture(one) if one else _NOTHING for one in looked)
        yield "looked into", before, _SAME if before == after else after
    if evidence.added or evidence.gone:
        changed = [(_named(evidence.added), "added"), (_named(evidence.gone), "gone")]
        told = ", ".join(f"{names} {word}" for names, word in changed if names)
        yield "platforms", _count(evidence.old), f"{_count(evidence.new)}: {told}"
    for platform, old, new in evidence.sizes:
        by = growth(old, new) if old is not None and new is not None else ""
        after = _NOTHING if new is None else f"{size(new)}{f' ({by})' if by else ''}"
        yield f"size {_os_and_architecture(platform)}", _NOTHING if old is None else size(old), after
    if (layers := evidence.layers) is not None:
        base = "the same" if layers.same_base else "another"
        yield "layers", str(layers.old), f"{layers.new}, {layers.kept} kept, on {base} base"


def _builders(old: Image, new: Image, look: Look) -> Iterator[_Fact]:
    before, after = (
        one.statements.provenance or Provenance() if one.statements else Provenance() for one in (old, new)
    )
    for name, field in (("built by", "builder"), ("built from", "source"), ("at revision", "revision")):
        was, now = getattr(before, field), getattr(after, field)
        yield from _pair(name, was, now, was == now, look)


def _pair(name: str, old: str, new: str, same: bool, look: Look) -> Iterator[_Fact]:
    if old or new:
        before, after = (_value(_COMMIT.sub(r"\1", one), look) or _NOTHING for one in (old, new))
        yield name, before, _SAME if same else after


def _value(text: str, look: Look) -> str:
    return printable(clean(text, _LONG_VALUE if look.verbose else _VALUE))


def _count(image: Image | None) -> str:
    return str(len(image.platforms)) if image else _NOTHING


def _named(some: Sequence[Platform]) -> str:
    shown = ", ".join(map(_os_and_architecture, some[:_PLATFORMS]))
    return f"{shown} and {len(some) - _PLATFORMS} more" if len(some) > _PLATFORMS else shown


def _os_and_architecture(platform: Platform) -> str:
    return printable(clean(str(platform), 40))


def _day(moment: datetime | None) -> str:
    return day(moment.astimezone(UTC)) if moment else _NOTHING


def _beside(facts: list[_Fact], look: Look) -> str:
    """Return the facts in three columns; where two values have no room beside each other they have a line each."""
    rows = [(name, Cell(old), new if isinstance(new, Cell) else Cell(new)) for name, old, new in facts]
    first = max(width(name) for name, _, _ in rows)
    room = _WIDEST_IN_A_PIPE if look.width is None else (look.width - first - 2 * len(_GAP)) // 2
    second = max((width(old.text) for _, old, _ in rows if width(old.text) <= room), default=0)
    left = room if look.width is None else look.width - first - second - 2 * len(_GAP)
    lines: list[str] = []
    for name, old, new in rows:
        lead = styled(name, "dim", look) + " " * (first - width(name)) + _GAP
        if new.text == _SAME and width(old.text) > second:
            lines.append(f"{lead}{old.text} (the same)")
        elif look.width is None or (width(old.text) <= second and width(new.text) <= left):
            gap = " " * max(0, second - width(old.text)) + _GAP
            lines.append(f"{lead}{old.text}{gap}{styled(new.text, new.style, look)}")
        else:
            shown = [(f"− {old.text}", "red")] if old.text else []
            shown += [(f"+ {new.text}", "green")] if new.text else []
            for line, style in shown:
                lines.append(f"{lead}{styled(line, style, look)}")
                lead = " " * first + _GAP
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _packages(diff: PackageDiff | None, look: Look) -> str:
    if diff is None:
        return ""
    head = styled(f"Packages: {packages(diff)}.", "bold", look) + "\n"
    rows = [Row((_cell(one.name), one.kind, _cell(one.old), _cell(one.new))) for one in diff.changed]
    rows += [Row((_cell(one.name), one.kind, _NOTHING, Cell(_cell(one.version), "green"))) for one in diff.added]
    rows += [Row((_cell(one.name), one.kind, Cell(_cell(one.version), "red"), _NOTHING)) for one in diff.removed]
    shown = rows if look.verbose else rows[:_PACKAGES]
    more = f"… and {len(rows) - len(shown)} more (--verbose lists them)\n" if len(rows) > len(shown) else ""
    return head + table(("package", "kind", "old", "new", ""), shown, look) + more


def _cell(text: str) -> str:
    return printable(clean(text, 60)) or _NOTHING


def _remarks(found: Sides, evidence: Evidence, look: Look) -> Iterator[str]:
    old, new = evidence.old, evidence.new
    if evidence.comparison:
        yield f"Commits: {evidence.comparison}"
    if lacking := [_name(side) for side, one in ((found.old, old), (found.new, new)) if one and _has_no_list(one)]:
        yield f"Packages cannot be compared: {' and '.join(lacking)} {_comes(lacking)} without a list of them (SBOM)."
    if old and old.platform != new.platform:
        sides = " and ".join(
            _os_and_architecture(one.platform) if one.platform else "an unknown one" for one in (old, new)
        )
        yield f"They are for two platforms, {sides}, so what is inside is not compared."
    for problem in evidence.problems[: None if look.verbose else 5]:
        yield f"Note: {printable(problem)}"


def _has_no_list(image: Image) -> bool:
    return image.statements is not None and image.statements.packages is None


def _comes(names: list[str]) -> str:
    return "comes" if len(names) == 1 else "come"

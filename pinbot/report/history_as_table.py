"""The ledger's answer for a person: the stretches of a tag, a repository's tags in brief, or where a digest was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby

from pinbot.oci.history import History
from pinbot.planning.past import Past, Stretch
from pinbot.report import _rows
from pinbot.report._columns import Look, Row, prose, table


def history(past: Past, look: Look) -> str:
    """Return the table, and what there is to say of it."""
    if not past.stretches:
        where = f" in the ledger {_rows.printable(past.ledger)}" if past.ledger else "; there is no ledger"
        return "".join(prose([f"Nothing has been seen of {_rows.printable(past.text)}{where}."], look))
    if past.is_brief:
        return table(("tag", "now", "digests", "first seen", "last seen", "note"), list(_tags(past)), look)
    heads = ("tag", "digest", "first", "last", "source", "what it is")
    shown = table(heads, [_row(one, past, look) for one in past.stretches], look)
    if look.quiet or past.ledger is None:
        return shown
    return "\n".join([shown, prose([f"Times are in UTC. The ledger is {_rows.printable(past.ledger)}."], look)])


def _row(one: Stretch, past: Past, look: Look) -> Row:
    seen = one.sighting
    digest = str(seen.digest) if look.verbose else seen.digest.short
    tag = f"{one.registry}/{one.path}:{one.tag}" if _is_wide(past.stretches) else one.tag
    cells = (_rows.printable(tag), digest, _time(seen.first), _time(seen.last), seen.source)
    return Row(cells, _rows.printable(_note(one)))


def _is_wide(stretches: Sequence[Stretch]) -> bool:
    """Whether tags of several repositories stand together."""
    return len({(one.registry, one.path) for one in stretches}) > 1


def _note(one: Stretch) -> str:
    parts = [", ".join(map(str, one.platforms)), f"created {_time(one.created)}" if one.created else ""]
    return "; ".join(part for part in parts if part)


def _tags(past: Past) -> Iterator[Row]:
    for tag, group in groupby(past.stretches, key=lambda one: one.tag):
        sightings = [one.sighting for one in group]
        present = History(tuple(reversed(sightings))).present
        now = present.digest.short if present else "-"
        first, last = min(s.first for s in sightings), max(s.last for s in sightings)
        digests = str(len({s.digest for s in sightings}))
        yield Row((_rows.printable(tag), now, digests, _time(first), _time(last)))


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(sep=" ", timespec="minutes").removesuffix("+00:00")

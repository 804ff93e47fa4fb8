"""A tag that has left its pinned digest: since when, for too long, and by a rebuild or by something worse."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from pinbot.oci.digest import Digest
from pinbot.oci.history import History
from pinbot.oci.resolution import Served
from pinbot.planning.case import Case
from pinbot.planning.children import Origin, origin_of_pin
from pinbot.planning.known import Known
from pinbot.planning.outcome import Intent
from pinbot.planning.platforms import compare
from pinbot.planning.problem import Pin, Problem
from pinbot.planning.rebuilds import Rebuild
from pinbot.planning.rebuilt import collided, rebuild

_BUMP = "run `pinbot bump`"
_WAIT = "keep the digest until the publisher has said why the tag moved"


def moved(pin: Pin, known: Known, head: Served, old: object) -> Iterator[Problem]:
    """Yield what it means that the tag names another digest now, and `old` is the pinned one. Raises Unanswered."""
    tag, pinned = pin.reference.tag, pin.reference.digest
    assert tag is not None and pinned is not None
    history = known.history(tag)
    evidence = _evidence(pin, known, head, old)
    message = f"{tag} now names {head.digest.algorithm}:{head.digest.short}…"
    origin = origin_of(pin, known, head, old)
    named = origin.index if origin else pinned
    if evidence and evidence.verdict == "replaced":
        yield pin.problem("replaced-tag", f"{message}: {evidence.reason}; {_since(pin, history, named)}", _WAIT)
        return
    told = f"; {evidence.verdict}: {evidence.reason}" if evidence else ""
    lag, left = pin.gate.max_lag, history.left(named)
    if lag is None or left is None or pin.gate.terms.now - left <= lag:
        yield pin.problem("outdated", f"{message}; {_since(pin, history, named)}{told}", _BUMP)
    elif _is_same(pin, known, head, old):
        text = f"{message}; {_since(pin, history, named)}, and the images that count are the same in both"
        yield pin.problem("outdated", text, "nothing needs to be done: `pinbot bump` leaves it")
    else:
        text = f"{message}, and left the pinned digest {_days(pin, history, named)}"
        yield pin.problem("stale", f"{text}, longer than the {_length(lag)} allowed{told}", _BUMP)


def origin_of(pin: Pin, known: Known, head: Served, old: object) -> Origin | None:
    """Return the index that a pin of one image is from; None where it is none, or nothing proves it."""
    if not head.is_index or not isinstance(old, Served) or old.is_index:
        return None
    return origin_of_pin(_case(pin, known), head)


def _is_same(pin: Pin, known: Known, head: Served, old: object) -> bool:
    """Whether a newer index holds the same images, so that `bump` changes nothing."""
    if not isinstance(old, Served) or not old.is_index:
        return False
    return compare(known, old, head, pin.gate.terms.policy.of(pin.finding, "refresh").platforms).same


def _case(pin: Pin, known: Known) -> Case:
    return Case(pin.finding, pin.reference, known, Intent(pin=False, refresh=True), pin.gate.terms)


def _evidence(pin: Pin, known: Known, head: Served, old: object) -> Rebuild | None:
    """Judge the move of a tag that should not move, as `bump` would; None for one that moves by its nature."""
    case = _case(pin, known)
    if other := collided(case, pin.reference.tag or "", head.digest):
        return Rebuild("replaced", f"that is the image of {other}, which was another one before")
    return rebuild(case, old, head) if isinstance(old, Served) else None


def _length(lag: timedelta) -> str:
    hours = lag // timedelta(hours=1)
    number, unit = (hours // 24, "day") if hours % 24 == 0 else (hours, "hour")
    return f"{number} {unit}{'' if number == 1 else 's'}"


def _since(pin: Pin, history: History, pinned: Digest) -> str:
    left, present = history.left(pinned), history.present
    if left is not None:
        return f"it left the pinned digest {_days(pin, history, pinned)}"
    if present is not None and present.digest == pinned:
        return f"it still named the pinned digest on {present.last:%Y-%m-%d}, says the ledger"
    return "the ledger does not know since when"


def _days(pin: Pin, history: History, pinned: Digest) -> str:
    """Say when the tag left a digest; where only files had the pair, it had left at the latest by then."""
    left = history.left(pinned)
    assert left is not None
    days = (pin.gate.terms.now - left).days
    word = "by" if history.has_had(pinned) else "at the latest by"
    ago = "today" if days < 1 else f"{days} {'day' if days == 1 else 'days'} ago"
    return f"{word} {left:%Y-%m-%d} ({ago}, says the ledger)"

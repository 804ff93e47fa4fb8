"""The copy of a pinned image at a mirror: whether it is served, and whether the mirror is behind (see `mirrors`)."""

from __future__ import annotations

from collections.abc import Iterator

from pinbot.oci.resolution import Barred, Dead, Failed, Served
from pinbot.planning.known import Known
from pinbot.planning.mirrors import lag
from pinbot.planning.problem import Item, Pin

_FETCH = "have the mirror fetch it"


def judged(pin: Pin, known: Known, head: Served | Barred | Failed | None, original: object) -> Iterator[Item]:
    """Yield what is wrong with the copy of a pinned reference; `original` is whether the digest itself is served.

    What is written by the mirror's name is pulled from there, so where it is gone it is an error. Raises Unanswered.
    """
    place, digest = pin.mirrored, pin.reference.digest
    if place is None or digest is None:
        return
    if place.mirror.mode == "resolve":
        if isinstance(head, Served) and (said := lag(known, pin.reference.tag or "", pin.gate.terms.now)):
            yield pin.problem("stale-mirror", said, _FETCH)
        return
    answer = known.alive_at_mirror(digest)
    is_missing = isinstance(answer, Dead) or (isinstance(answer, Failed) and answer.status == "404")
    upstream = f"; {place.upstream} does" if isinstance(original, Served) else ""
    message = f"{place.copy} does not serve {digest.algorithm}:{digest.short}… (404){upstream}"
    if place.is_alias and isinstance(answer, Dead):
        yield pin.problem("dead-digest", message, f"{_FETCH}, or pin what it has")
    elif is_missing and not place.is_alias:
        yield pin.problem("stale-mirror", message, _FETCH)
    elif isinstance(answer, Failed | Barred):
        yield pin.unchecked(answer, "whether the mirror serves it could not be looked up: ")

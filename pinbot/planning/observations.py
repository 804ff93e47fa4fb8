"""What a run saw, as the ledger is to remember it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from pinbot.oci.history import Observation
from pinbot.oci.mirrors import Mirrors
from pinbot.oci.resolution import Facts, Head, PushDate, Pushed, Served
from pinbot.source.finding import Aside, Finding

_NO_MIRRORS = Mirrors()


def observations(
    findings: Iterable[Finding], facts: Facts, now: datetime, mirrors: Mirrors = _NO_MIRRORS
) -> tuple[Observation, ...]:
    """Return what the registries answered about tags, and which pairs of tag and digest the files hold.

    What a file holds is remembered by the name under which its tags are asked for: of a mirrored image, one of its two.

    A sighting is dated by the later of two clocks, this machine's and the registry's: a date that is too late may only
    delay a change, one that is too early could release it.
    """
    return tuple(dict.fromkeys((*_held(findings, now, mirrors), *_seen(facts, now))))


def _seen(facts: Facts, now: datetime) -> Iterator[Observation]:
    for question, answer in facts.items():
        match question, answer:
            case Head(registry, path, tag), Served(digest=digest) as served:
                yield Observation(registry, path, tag, digest, max(now, served.clock(now)))
            case Pushed(registry, path, tag), PushDate(at=at, digest=digest):
                yield Observation(registry, path, tag, digest, at, "pushed")
            case _:
                pass


def _held(findings: Iterable[Finding], now: datetime, mirrors: Mirrors) -> Iterator[Observation]:
    for finding in findings:
        reference = finding.reference
        if isinstance(finding.standing, Aside) or reference is None:
            continue
        if reference.tag is not None and reference.digest is not None:
            place = mirrors.asked(reference)
            yield Observation(place.registry, place.path, reference.tag, reference.digest, now, "file")

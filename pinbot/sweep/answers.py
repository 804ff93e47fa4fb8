"""What the registries and the ledger say, asked once for all repositories of a batch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from pinbot import rounds
from pinbot.oci.history import History, Memory, Observation
from pinbot.oci.mirrors import Mirrors
from pinbot.oci.resolution import Facts, Remembered
from pinbot.planning.declined import Declined
from pinbot.planning.observations import observations
from pinbot.planning.outcome import Intent
from pinbot.planning.plan import waiting
from pinbot.ports import Doors
from pinbot.proposals.news import Told
from pinbot.sweep.look import Branch, Look

INTENT = Intent(pin=True, refresh=True)


@dataclass(frozen=True, slots=True)
class Answers:
    """All that is known by now: the facts, and what texts tell of them."""

    facts: Facts = field(default_factory=dict)
    told: Told = field(default_factory=Told)


def answered(doors: Doors, looks: Iterable[Look], known: Answers, now: datetime) -> Answers:
    """Return all that the decisions about these repositories need, each question asked once for all."""
    branches = [branch for one in looks for branch in one.branches]
    findings = [finding for branch in branches for finding in branch.seen.findings]
    found = rounds.settled(doors, [_part(branch, Declined()) for branch in branches], known.facts)
    # Texts say since when an image is known, whether a decision had to know that or not.
    mirrors = next((branch.terms.policy.mirrors for branch in branches), Mirrors())
    places = (mirrors.asked(f.reference) for f in findings if f.reference)
    images = dict.fromkeys(Remembered(place.registry, place.path) for place in places)
    found = {**found, **doors.ledger.known([question for question in images if question not in found])}
    new = {question: answer for question, answer in found.items() if question not in known.facts}
    seen = observations(findings, new, now, mirrors)
    doors.ledger.record(seen, new)
    return Answers(found, replace(_told(known.told, new, seen), mirrors=mirrors))


def answered_again(
    doors: Doors, branches: Iterable[Branch], known: Answers, refused: Mapping[str, Declined]
) -> Answers:
    """Return what the same decisions need beside that, now that something was declined, by the names of branches."""
    found = rounds.settled(doors, [_part(branch, refused[branch.name]) for branch in branches], known.facts)
    return replace(known, facts=found)


def _part(branch: Branch, refused: Declined) -> rounds.Part:
    terms = replace(branch.terms, declined=refused)
    return rounds.Part(branch.seen.findings, partial(waiting, intent=INTENT, terms=terms))


def _told(before: Told, new: Facts, observed: Iterable[Observation]) -> Told:
    """Return what the ledger knew before this run, and what this run has seen."""
    memories: dict[tuple[str, str], Mapping[str, History]] = {i: memory.tags for i, memory in before.memories.items()}
    for question, answer in new.items():
        if isinstance(question, Remembered) and isinstance(answer, Memory):
            memories[question.registry, question.path] = answer.tags
    for one in observed:
        tags = memories.get((one.registry, one.path), {})
        memories[one.registry, one.path] = {**tags, one.tag: tags.get(one.tag, History()).observed(one)}
    return Told({image: Memory(tags) for image, tags in memories.items()})

"""Asking in rounds: pure code says which questions are open, the ledger and the registries answer them, and so on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pinbot.ports import Doors

if TYPE_CHECKING:
    from pinbot.oci.resolution import Answer, Facts, Question
    from pinbot.source.finding import Finding


@dataclass(frozen=True, slots=True)
class Part:
    """Some findings, and what tells of each of them the questions that it waits for; none where it can be decided."""

    findings: Sequence[Finding]
    waiting: Callable[[Sequence[Finding], Facts], Sequence[Collection[Question]]]


def answered(doors: Doors, missing_from: Callable[[Facts], Collection[Question]], facts: Facts | None = None) -> Facts:
    """Ask until nothing is missing any more: the answers of one round may raise the questions of the next.

    `facts` are those that are known already; they are among those that are returned.
    """
    found: dict[Question, Answer] = dict(facts or {})
    while asked := missing_from(found):
        found |= doors.ledger.known(asked)
        if unknown := [q for q in asked if q not in found]:
            found |= doors.resolver.answer(unknown)
    return found


def settled(doors: Doors, parts: Sequence[Part], facts: Facts | None = None) -> Facts:
    """Ask as `answered` does, and look again only at the findings that the last round left waiting for answers.

    In the end at all of them, since what was asked for one may change what another needs.
    """
    left = list(parts)
    is_whole = True

    def look(parts: Sequence[Part], facts: Facts) -> tuple[set[Question], list[Part]]:
        questions: set[Question] = set()
        waiting: list[Part] = []
        for part in parts:
            open_ = part.waiting(part.findings, facts)
            if still := [finding for finding, some in zip(part.findings, open_, strict=True) if some]:
                waiting.append(Part(still, part.waiting))
                questions.update(*open_)
        return questions, waiting

    def missing(facts: Facts) -> Collection[Question]:
        nonlocal left, is_whole
        questions, waiting = look(left, facts)
        if not questions and not is_whole:
            questions, waiting = look(parts, facts)
        left, is_whole = waiting, False
        return questions

    return answered(doors, missing, facts)

"""What `check` found, for a person: a line for each problem, and once for each remedy what to do."""

from __future__ import annotations

from pinbot.planning.problem import PIN_IT, Problem
from pinbot.planning.result import Check
from pinbot.report._columns import Look, table
from pinbot.report._outages import told_once
from pinbot.report._page import count, image, page, row, skipped, word


def check(result: Check, look: Look) -> str:
    """Return the problems, what could not be checked, how to mend what is wrong, and the counts."""
    rows = [row(look, p.finding, image(p.finding), word(p.level), p.rule, note=_message(p)) for p in result.problems]
    rows += [
        row(look, u.finding, image(u.finding), word("unchecked"), "", note=f"{u.reason}{others}")
        for u, others in told_once(result.unchecked, lambda u: (u.finding, u.status), look)
    ]
    errors = sum(p.level == "error" for p in result.problems)
    summary = f"{count(len(result.judged), 'reference')} checked: {count(errors, 'error')}, "
    summary += count(len(result.problems) - errors, "note")
    if result.unchecked:
        summary += f"; {count(len(result.unchecked), 'reference')} could not be looked up"
    return page(
        look,
        table(("place", "image", "level", "rule", "what is wrong"), rows, look),
        [f"{rule}: {remedy}" for rule, remedy in sorted({(p.rule, p.remedy) for p in result.problems})],
        skipped(result.survey.skips, look),
        [f"{summary}."],
    )


def _message(problem: Problem) -> str:
    """What the rule's name does not say already."""
    return "" if problem.remedy == PIN_IT else problem.message

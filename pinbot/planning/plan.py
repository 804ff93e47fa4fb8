"""The decision: what each finding becomes, and why; and which facts are still missing to decide it.

Each decision is written once, in the modules beside this one; asking for a fact that is not there ends it, and it is
made again when it is (see `known`). The rules are semantics "3. Digests" to "5. Time and trust".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from functools import partial

from pinbot.oci.reference import Reference
from pinbot.oci.resolution import Facts, Question, Served
from pinbot.planning import moves
from pinbot.planning.case import Case
from pinbot.planning.known import Heads, Known, awaited
from pinbot.planning.mirrors import mirrored, rewrites, rewritten, the_mirrors_own, unmirrored
from pinbot.planning.names import made_precise, qualified, restored
from pinbot.planning.outcome import NO_TAG, Change, Intent, Kept, Outcome, Plan
from pinbot.planning.policy import ChangeKind, Terms
from pinbot.planning.refresh import refresh
from pinbot.planning.result import Choice
from pinbot.planning.spans import later
from pinbot.planning.values import KINDS
from pinbot.source.finding import Aside, Finding, Fixed, Writable


def missing(findings: Iterable[Finding], facts: Facts, intent: Intent, terms: Terms) -> frozenset[Question]:
    """Return the questions whose answers the decisions wait for; empty when everything can be decided.

    Asking goes in rounds: the answers of one round may raise questions for the next.
    """
    return frozenset(question for questions in waiting(findings, facts, intent, terms) for question in questions)


def waiting(findings: Iterable[Finding], facts: Facts, intent: Intent, terms: Terms) -> tuple[frozenset[Question], ...]:
    """Return of each finding the questions whose answers its decision waits for, as `missing` does of all."""
    heads = Heads(facts)
    return tuple(awaited(partial(_decision, f, facts, heads, intent, terms)) for f in findings)


def decide(findings: Iterable[Finding], facts: Facts, intent: Intent, terms: Terms) -> Plan:
    """Return what becomes of each finding; `facts` must answer all that `missing` asks."""
    heads = Heads(facts)
    decisions = [_decision(f, facts, heads, intent, terms) for f in findings]
    return Plan(
        changes=tuple(d for d in decisions if isinstance(d, Change)),
        kept=tuple(d for d in decisions if isinstance(d, Kept)),
    )


def is_at_once(change: Change, terms: Terms) -> bool:
    """Whether a change takes a digest that is new to the file, and nothing would have made it wait."""
    if change.kind == "pin" or change.old.digest == change.new.digest:
        return False
    return not terms.policy.of(change.finding, change.kind).cooldown


def choice(finding: Finding, facts: Facts, intent: Intent, terms: Terms) -> Choice:
    """Return what becomes of a finding, with all tags that it could have; `facts` as in `decide`."""
    heads = Heads(facts)
    decision = _decision(finding, facts, heads, intent, terms)
    if not isinstance(finding.standing, Writable):
        return Choice(finding, decision, ())
    reference = finding.standing.reference
    case = _case(finding, reference, facts, heads, intent, terms)
    is_left = isinstance(decision, Kept) and decision.outcome == "ignored"
    if is_left or _barred(case) or _only_pins(case):
        return Choice(finding, decision, ())
    return Choice(finding, decision, _moved(case, explained=True).seen)


def _decision(finding: Finding, facts: Facts, heads: Heads, intent: Intent, terms: Terms) -> Change | Kept:
    match finding.standing:
        case Aside(status=status, reason=reason):
            return Kept(finding, status, reason)
        case Fixed(reference=reference) | Writable(reference=reference):
            case = _case(finding, reference, facts, heads, intent, terms)
    if (barred := _barred(case)) is not None:
        return barred
    if isinstance(finding.standing, Writable):
        return _without_denied(case, mirrored(case, _rewritten(case, _at_rest(case))))
    if reference.digest is None:
        return case.kept("refused", finding.standing.reason)
    decision = refresh(case) if intent.refresh else _left(case)
    return case.kept("refused", finding.standing.reason) if isinstance(decision, Change) else decision


def _case(finding: Finding, reference: Reference, facts: Facts, heads: Heads, intent: Intent, terms: Terms) -> Case:
    known = Known(facts, reference, heads, terms.policy.mirrors.of(reference))
    return Case(finding, reference, known, intent, terms)


def _without_denied(case: Case, decision: Change | Kept) -> Change | Kept:
    """Write a denied digest under no better name either, and never call one current that stays."""
    denial = case.terms.policy.denial(decision.new if isinstance(decision, Change) else case.reference)
    if denial is None:
        return decision
    if isinstance(decision, Change):
        return case.kept("refused", denial)
    outcome: Outcome = "refused" if decision.outcome == "current" else decision.outcome
    return replace(decision, outcome=outcome, reason=f"{denial}; {decision.reason}")


def _barred(case: Case) -> Kept | None:
    """Return why the settings forbid to touch a reference at all, before anybody is asked about it."""
    if all(case.values(kind).mode == "ignore" for kind in (None, *KINDS)):
        return case.kept("ignored", "the settings ignore it; `pinbot check --explain PATH:LINE` says which rule")
    return _waiting(case, None)


def _waiting(case: Case, kind: ChangeKind | None) -> Kept | None:
    """Return until which day the settings hold changes of a kind; with None, all changes."""
    day = case.values(kind).until
    if day is None or case.terms.today > day:
        return None
    until = later(datetime.combine(day, time(), UTC), timedelta(days=1))
    what = f"changes of the kind {kind}" if kind else "it"
    return case.kept("held", f"the settings hold {what} to the end of {day}", until=until)


# A better name (`latest` is 1.27.3) may be one that can move, a newer tag one that has a better name, and beside a new
# digest another tag may be in order; no more steps than these are needed, each to a newer or a more precise tag.
_STEPS = 4


def _at_rest(case: Case) -> Change | Kept:
    """Decide as often as it takes until the next run would change nothing: all its steps are one change."""
    decision = _permitted(case, _wanted(case))
    for _ in range(_STEPS):
        if not isinstance(decision, Change) or decision.new.tag is None or not case.intent.refresh:
            break
        further = _permitted(case, _onward(replace(case, reference=decision.new)))
        if isinstance(further, Kept):
            break
        reason = "; ".join(filter(None, (decision.reason, further.reason)))
        kind = decision.kind if further.kind == "replace" else further.kind
        decision = case.change(kind, further.new, reason, rescues=decision.rescues)
    return decision


def _onward(case: Case) -> Change | Kept:
    """Return what the next run would make of a reference that this one changes; its digest is as new as may be."""
    if _only_pins(case):
        return _left(case)
    return _named(case, made_precise(case, _moved(case).change or _left(case)))


def _wanted(case: Case) -> Change | Kept:
    """Return what would become of a reference that can be written, if nobody had only asked to watch it."""
    if case.reference.digest is None and not case.intent.pin:
        return case.kept("ignored", "not pinned yet, and only pinned references are refreshed")
    if (declined := case.declined_pin) is not None:
        return case.kept("refused", declined)
    if not case.intent.refresh or _only_pins(case):
        return _named(case, _pin(case)) if case.reference.digest is None else _left(case)
    if case.reference.digest is not None and case.reference.tag is None:
        return _named(case, restored(case, refresh(case)))
    search = _moved(case)
    if search.change is not None:
        return _named(case, search.change)
    stays = _pin(case) if case.reference.digest is None else refresh(case)
    return _named(case, _with_what_waits(made_precise(case, stays), search.kept))


def _named(case: Case, decision: Change | Kept) -> Change | Kept:
    """Write the name in full, where the settings ask for that, and do not ask for the mirror's."""
    return decision if rewrites(case) else qualified(case, decision)


def _rewritten(case: Case, decision: Change | Kept) -> Change | Kept:
    """Write the mirror's name in the end: all that is decided before goes by the name that stands there."""
    if not case.intent.refresh and isinstance(decision, Kept):
        return decision
    by_mirror = rewritten(case, decision)
    return by_mirror if isinstance(decision, Change) else _permitted(case, by_mirror)


def _only_pins(case: Case) -> bool:
    """Whether the settings let digests be added, and nothing else be done to any of them."""
    return all(case.values(kind).mode in {"ignore", "pin"} for kind in KINDS if kind != "pin")


def _left(case: Case) -> Kept:
    return case.kept("current", "pinned" if case.reference.tag else NO_TAG)


def _moved(case: Case, *, explained: bool = False) -> moves.Search:
    standing = case.finding.standing
    if not isinstance(standing, Writable) or standing.tag is None or case.reference.tag is None:
        return moves.Search()
    return moves.search(case, explained=explained)


def _with_what_waits(stays: Change | Kept, waiting: Kept | None) -> Change | Kept:
    """Say beside what becomes of a reference which newer tag it did not get; instead of it, where nothing becomes."""
    if waiting is None:
        return stays
    if isinstance(stays, Change):
        return replace(stays, reason="; ".join(filter(None, (stays.reason, waiting.reason))))
    return waiting if stays.outcome == "current" else stays


def _pin(case: Case) -> Change | Kept:
    reference = case.reference
    head = case.known.head(reference.effective_tag or "")
    if not isinstance(head, Served):
        return case.without_answer(head)
    new: Reference = reference.pinned_to(head.digest)
    if denial := case.denial(new):
        return case.kept("refused", denial)
    lag = unmirrored(case, head.digest)
    return the_mirrors_own(case, head, lag) if lag else case.change("pin", new)


def _permitted(case: Case, decision: Change | Kept) -> Change | Kept:
    """Turn a change into a remark where the settings do not let changes of its kind be made, or not yet."""
    if isinstance(decision, Kept):
        return decision
    mode = case.values(decision.kind).mode
    if mode == "ignore":
        return case.kept("ignored", f"the settings ignore changes of the kind {decision.kind}")
    if mode == "watch":
        return case.kept("held", f"only watched, say the settings; it would become {decision.new}")
    if mode == "pin" and decision.kind != "pin":
        return case.kept("current", f"the settings allow no {decision.kind}, only that a digest is added")
    return _waiting(case, decision.kind) or decision

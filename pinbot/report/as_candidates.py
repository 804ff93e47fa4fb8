"""Which tags a reference could move to, and why each was taken or not (`bump --explain PATH:LINE`)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from pinbot.oci.candidates import Candidate
from pinbot.oci.tags import parse
from pinbot.planning.outcome import Change, Kept
from pinbot.planning.policy import Policy
from pinbot.planning.result import Choice
from pinbot.planning.values import KINDS
from pinbot.report._columns import Cell, Look, Row, prose, styled, table
from pinbot.report._page import brief
from pinbot.report._rows import place, printable

_HEADS = ("tag", "change", "verdict", "why not")
_NONE = "No image reference that pinbot may move stands on this line; `pinbot scan --explain` says what stands there."
# Tags of other variants and schemes fill screens; what is comparable is what one asks about.
_SHOWN = 40


def as_table(choices: Sequence[Choice], policy: Policy, look: Look) -> str:
    """Return for each reference what becomes of it, and the tags that were compared with its own."""
    pages = [page for choice in choices for page in _pages(choice, policy, look)] or [prose([_NONE], look)]
    return "\n".join(page for page in pages if page)


def _pages(choice: Choice, policy: Policy, look: Look) -> Iterator[str]:
    finding = choice.finding
    text = finding.text if look.verbose else brief(finding.text)
    yield f"{styled(printable(text), 'bold', look)}  {place(finding, look.below)}\n"
    becomes = _becomes(choice)
    yield prose([printable(becomes if look.verbose else brief(becomes)), *_no_tags(choice, policy)], look)
    comparable = [c for c in choice.tags if c.kind is not None]
    shown = comparable if look.verbose else comparable[:_SHOWN]
    yield table(_HEADS, [_row(c, choice) for c in shown], look)
    others = [c for c in choice.tags if c.kind is None]
    if look.verbose:
        yield table(
            ("other tag", "why not"), [Row((printable(c.tag),), printable(c.verdict or "")) for c in others], look
        )
        return
    left = [f"{len(comparable) - len(shown)} more comparable tags"] if len(comparable) > len(shown) else []
    left += [f"{reason} ({number})" for reason, number in Counter(_short(c) for c in others).most_common()]
    yield prose([f"Not listed (--verbose lists all): {'; '.join(map(printable, left))}."] if left else [], look)


def _short(candidate: Candidate) -> str:
    """Return a reason without what differs from tag to tag."""
    return (candidate.verdict or "").partition(" (")[0]


def _becomes(choice: Choice) -> str:
    match choice.decision:
        case Change(kind=kind, new=new, reason=reason):
            return f"{kind}: it becomes {new}{f' ({reason})' if reason else ''}"
        case kept:
            until = f"; until {kept.until:%Y-%m-%d %H:%M} UTC" if kept.until else ""
            return f"{kept.outcome}: {kept.reason}{until}."


def _no_tags(choice: Choice, policy: Policy) -> Iterator[str]:
    """Say why no tags are listed, where the decision does not say it."""
    reference, decision = choice.finding.reference, choice.decision
    if choice.tags or reference is None or (isinstance(decision, Kept) and decision.outcome not in _MAY_MOVE):
        return
    if policy.of(choice.finding).mode == "pin":
        yield "Its mode is pin, so nothing but a first digest is written."
        return
    levels = {policy.of(choice.finding, kind).level for kind in (None, *KINDS)}
    if levels == {"digest"}:
        yield "Its level is digest, so the tag stays, and other tags were not asked for."
    elif reference.tag is None or parse(reference.tag) is None:
        yield f"{printable(reference.tag or 'no tag')} says no version, so there is nothing to compare tags with."


_MAY_MOVE = {"current", "held"}


def _row(candidate: Candidate, choice: Choice) -> Row:
    word = Cell("taken", "green") if _is_taken(candidate, choice) else Cell("not taken", "dim")
    return Row((printable(candidate.tag), candidate.kind or "", word), printable(candidate.verdict or ""))


def _is_taken(candidate: Candidate, choice: Choice) -> bool:
    decision = choice.decision
    return candidate.verdict is None and isinstance(decision, Change) and decision.new.tag == candidate.tag


def as_json(choices: Sequence[Choice]) -> str:
    """Return `pinbot.candidates/1`."""
    return json.dumps({"schema": "pinbot.candidates/1", "references": [_choice(c) for c in choices]}, indent=1) + "\n"


def _choice(choice: Choice) -> dict[str, Any]:
    finding, decision = choice.finding, choice.decision
    return {
        "path": finding.path,
        "line": finding.position.line,
        "column": finding.position.column,
        "text": finding.text,
        "outcome": "updated" if isinstance(decision, Change) else decision.outcome,
        "kind": decision.kind if isinstance(decision, Change) else None,
        "new": str(decision.new) if isinstance(decision, Change) else None,
        "reason": decision.reason or None,
        "candidates": [
            {"tag": c.tag, "kind": c.kind, "taken": _is_taken(c, choice), "verdict": c.verdict} for c in choice.tags
        ],
    }

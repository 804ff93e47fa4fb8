"""What settings say of the references on a line, and where each value comes from (`check --explain PATH:LINE`)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from pinbot.planning.explain import Explanation
from pinbot.planning.narrowing import told
from pinbot.planning.policy import Origin, Policy
from pinbot.planning.rules import Setting
from pinbot.planning.values import field_of, shown
from pinbot.report._columns import Cell, Look, Row, prose, styled, table
from pinbot.report._page import brief
from pinbot.report._rows import place, printable, status, why_not
from pinbot.source.finding import Finding

_HEADS = ("key", "value", "from", "remark")
_FOLDER = re.compile(r"(?<![^ ])/[^:]*/(?=[^/:]+:\d+)")
_NONE = "No image reference stands on this line; `pinbot scan --explain` says what the formats make of it."


def as_table(explanation: Explanation, policy: Policy, look: Look) -> str:
    """Return each reference on the line, with each key, its value, and where that comes from."""
    where = f"{printable(look.below + explanation.path)}:{explanation.line}"
    pages = [f"{styled(where, 'bold', look)}  {printable(explanation.text.strip())}\n"]
    for finding in explanation.findings:
        named = finding.text if look.verbose else brief(finding.text)
        pages.append(f"{styled(printable(named), 'bold', look)}  {place(finding, look.below)}\n")
        pages.append(table(_HEADS, [_row(origin, look) for origin in policy.explain(finding)], look))
        pages.append(prose(map(printable, _remarks(finding, policy)), look))
    pages += [] if explanation.findings else [prose([_NONE], look)]
    return "\n".join(page for page in pages if page)


def _row(origin: Origin, look: Look) -> Row:
    key = f"{origin.key} ({origin.kind})" if origin.kind else origin.key
    style = "dim" if origin.source == "default" else ""
    notes = [told(field_of(origin.key), origin.narrowed.value)] if origin.narrowed else []
    notes += [f"not {printable(shown(o.value))} of {_source(o.source, look)}" for o in origin.overruled]
    cells = (
        key,
        Cell(printable(shown(origin.value)), "" if style else "cyan"),
        Cell(_source(origin.source, look), style),
    )
    return Row(cells, "; ".join(map(printable, notes)))


def _source(source: str, look: Look) -> str:
    """Return where a value comes from; a person knows the folder of his own settings."""
    return printable(source if look.verbose else _FOLDER.sub("", source))


def _remarks(finding: Finding, policy: Policy) -> Iterator[str]:
    """Yield what else the settings say of a reference."""
    why = why_not(finding)
    if why:
        yield f"{status(finding)}: {why}."
    for reason in (_denial(finding, policy), _distrust(finding, policy)):
        if reason:
            yield f"{reason}."


def as_json(explanation: Explanation, policy: Policy) -> str:
    """Return `pinbot.policy/1`."""
    document = {
        "schema": "pinbot.policy/1",
        "path": explanation.path,
        "line": explanation.line,
        "text": explanation.text,
        "references": [_reference(finding, policy) for finding in explanation.findings],
    }
    return json.dumps(document, indent=1) + "\n"


def _reference(finding: Finding, policy: Policy) -> dict[str, Any]:
    reference = finding.reference
    return {
        "path": finding.path,
        "line": finding.position.line,
        "column": finding.position.column,
        "text": finding.text,
        "reference": reference.canonical if reference else None,
        "status": status(finding),
        "reason": why_not(finding),
        "own": policy.is_own(reference) if reference else None,
        "denied": _denial(finding, policy),
        "distrusted": _distrust(finding, policy),
        "values": [_origin(origin) for origin in policy.explain(finding)],
    }


def _origin(origin: Origin) -> dict[str, Any]:
    return {
        "key": origin.key,
        "kind": origin.kind,
        "value": _value(origin.value),
        "source": origin.source,
        "narrowed_from": _setting(origin.narrowed) if origin.narrowed else None,
        "overruled": [_setting(setting) for setting in origin.overruled],
    }


def _setting(setting: Setting) -> dict[str, Any]:
    return {"value": _value(setting.value), "source": setting.source}


def _value(value: object) -> object:
    """Return a value in JSON's own types where it has them, else as the settings would write it."""
    match value:
        case None | bool():
            return value
        case tuple():
            return [str(item) for item in value]
        case _:
            return shown(value)


def _denial(finding: Finding, policy: Policy) -> str | None:
    return policy.denial(finding.reference) if finding.reference else None


def _distrust(finding: Finding, policy: Policy) -> str | None:
    return policy.distrust(finding.reference) if finding.reference else None

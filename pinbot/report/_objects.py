"""The objects that several forms of JSON share, as the contract fixes them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from pinbot.planning.outcome import Change, Kept
from pinbot.planning.result import Context
from pinbot.source.finding import Finding

Object = dict[str, Any]


def dumped(value: object) -> str:
    """Return a value as the text of a file."""
    # ASCII throughout: file names need not be Unicode, and lone surrogates can only be written as escapes.
    return json.dumps(value, indent=1) + "\n"


def context(context: Context) -> Object:
    """Return what a result depends on beside the files."""
    return {
        "version": context.version,
        "commit": context.commit,
        "settings": context.settings,
        "time": time(context.time),
    }


def time(moment: datetime) -> str:
    """Return a moment as in RFC 3339, in UTC and to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def place(finding: Finding) -> Object:
    """Return where a finding stands."""
    return {"path": finding.path, "line": finding.position.line, "column": finding.position.column}


def change(change: Change) -> Object:
    """Return a change."""
    return {
        **place(change.finding),
        "format": change.finding.format,
        "kind": change.kind,
        "old": str(change.old),
        "new": str(change.new),
        "registry": change.new.registry,
        "repository": change.new.path,
        **({"reason": change.reason} if change.reason else {}),
    }


def outcome(kept: Kept) -> Object:
    """Return why a reference stays as it is."""
    return {
        **place(kept.finding),
        "text": kept.finding.text,
        "outcome": kept.outcome,
        "reason": kept.reason,
        "until": time(kept.until) if kept.until else None,
        **({"status": kept.status} if kept.status else {}),
    }

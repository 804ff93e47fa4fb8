"""The end of the text of a pull request: what made it, by which settings, and how to have something else."""

from __future__ import annotations

from collections.abc import Iterable

from pinbot.planning.outcome import Change
from pinbot.planning.policy import Policy
from pinbot.planning.values import FIELDS, Values, key_of, shown
from pinbot.proposals._markdown import code
from pinbot.proposals.grouping import Group
from pinbot.proposals.rows import PATH, place

_VERSIONS = {"patch", "minor", "major"}
# What is said even where it is the default: it decides what comes next, and when.
_ALWAYS = ("level", "cooldown", "settle")
# What has its own place in the text, or says nothing of how it came about.
_ELSEWHERE = {"mode", "group", "labels", "auto_merge", "verify"}


def settings(changes: Iterable[Change], policy: Policy) -> str:
    """Return which settings applied, as a sentence in Markdown: three always, others where they are not the default."""
    some = list(changes)
    values = list(dict.fromkeys(policy.of(change.finding, change.kind) for change in some))
    said = [text for name in FIELDS if (text := _setting(name, values))]
    where = code(f"pinbot check --explain {place(some[0].finding)}", PATH)
    return f"Settings that applied: {', '.join(said)}; {where} says where each comes from."


def _setting(name: str, values: Iterable[Values]) -> str:
    found = list(dict.fromkeys(shown(getattr(one, name)) for one in values))
    is_usual = name not in _ALWAYS and found == [shown(getattr(Values(), name))]
    if name in _ELSEWHERE or is_usual:
        return ""
    return f"{key_of(name)} {' or '.join(code(one, 80) for one in found)}"


def closing(group: Group, settings: str = "") -> str:
    """Say what made this, what closing it means, and how to have none of it; `settings` is Markdown."""
    return "\n\n".join(part for part in (_made(group), settings) if part)


def _made(group: Group) -> str:
    return (
        "Made by pinbot, which pins container images to digests and keeps them fresh. It updates this pull request "
        "until that is merged or closed; once somebody else pushes to the branch, pinbot leaves it alone. "
        f"{_refusal(group)} To have that after all, reopen it, or run pinbot with `--now IMAGE`. To have a line left "
        "alone for good, write `# pinbot: ignore` on it or above it."
    )


def _refusal(group: Group) -> str:
    """Say what closing it without merging refuses (see `declined`)."""
    taken = [change for change in group.changes if change.kind in {"refresh", "replace"}]
    kinds = {change.kind for change in group.changes}
    parts = [
        *(["to pin these references"] if "pin" in kinds else []),
        *(["these versions"] if kinds & _VERSIONS else []),
        *(["these digests"] if any(c.new.digest != c.old.digest for c in taken) else []),
        *(["these names"] if any(c.new.digest == c.old.digest for c in taken) else []),
    ]
    refused = f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else "".join(parts)
    newer = "; newer ones are still proposed" if {"these versions", "these digests"} & {*parts} else ""
    return f"Closing it without merging refuses {refused or 'this'}{newer}."

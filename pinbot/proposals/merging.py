"""Which pull requests a forge may merge by itself: what the rules allow, and the evidence does not speak against.

Never what nobody could judge without looking: an unverified rebuild, a dead digest that was replaced in a hurry, a
major version behind a tag that stays, and nothing in workflows (semantics "5. Time and trust", "6. Pull requests").
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from pinbot.planning.outcome import Change
from pinbot.planning.policy import Policy
from pinbot.proposals.concerns import concerns, unlooked
from pinbot.proposals.grouping import Group, written
from pinbot.proposals.news import News
from pinbot.proposals.style import Style

# Checks that run in what a change brings say nothing of it, and have secrets: on GitHub, Gitea, Forgejo, and GitLab.
_FORMATS = frozenset({"github-actions", "gitlab-ci"})
_PIPELINES = re.compile(r"\.(?:github|gitea|forgejo)/(?:workflows|actions)/|(?:.*/)?[^/]*\.?gitlab-ci\.ya?ml$")
_HURRIED = "it did not wait for its cooldown"


def is_asked(group: Group, policy: Policy) -> bool:
    """Whether the rules want every change of a group to be merged by itself."""
    return all(policy.of(change.finding, change.kind).auto_merge for change in group.changes)


def objection(
    group: Group, policy: Policy, style: Style, news: Callable[[Change], News], *, can_merge: bool = True
) -> str | None:
    """Say why a group whose merging `is_asked` must be merged by a person; None where it need not.

    `can_merge` is whether the forge merges anything by itself.
    """
    return next(_objections(group, policy, style, news, can_merge), None)


def _objections(
    group: Group, policy: Policy, style: Style, news: Callable[[Change], News], can_merge: bool
) -> Iterator[str]:
    if not can_merge:
        yield "this forge merges nothing by itself"
    if group.workflows or any(map(_runs_checks, group.changes)):
        yield "it changes workflows"
    if style.draft:
        yield "it is a draft"
    if group.kind == "now" or any(policy.is_urgent(change.old) for change in group.changes):
        yield _HURRIED
    for change in group.changes:
        known = news(change)
        named = f"`{change.old.name}`"
        found = concerns(change, known)
        if found:
            yield f"{named} {found[0].sentence}"
        is_new = change.kind != "pin" and change.new.digest != change.old.digest
        if is_new and (reason := unlooked(known.evidence)):
            yield f"{named}: {reason}"
        if is_new and known.may_be_major:
            yield f"{named} may have crossed a major version, as neither its tag nor both images say which they are"


def _runs_checks(change: Change) -> bool:
    """Whether a change is written into what checks run by, or is of an image that they run in."""
    return change.finding.format in _FORMATS or any(map(_PIPELINES.match, written(change)))

"""Which changes come in one pull request, and what that is called (semantics "6. Pull requests").

Dead digests are always on their own, and so is what touches workflows, as another permission is needed for that.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Literal

from pinbot.oci.reference import DEFAULT_REGISTRY, Reference
from pinbot.planning.outcome import Change
from pinbot.planning.policy import Policy
from pinbot.proposals import branches
from pinbot.proposals.style import GROUPINGS, Grouping
from pinbot.source.finding import Writable

Kind = Literal["dead", "now", "pin", "refresh", "bump", "unpin", "directory", "registry", "all", "named"]

WORKFLOWS = ".github/workflows/"
_VERSIONS = {"patch", "minor", "major"}
# In this order pull requests are opened where there may not be many: what is broken, then what is easy to judge.
_ORDER: tuple[Kind, ...] = ("dead", "now", "pin", "refresh", "bump", "all", "directory", "registry", "named", "unpin")
_OWN: dict[str, Kind] = {"pin": "pin", "refresh": "refresh", "replace": "refresh", "remove": "unpin"}
_WORDS: dict[Kind, str] = {"directory": "dir", "named": "group"}


@dataclass(frozen=True, slots=True)
class Group:
    """Changes that come in one pull request.

    `subject` is what they have in common: the image, the directory ("" for the root), the registry, the name of the
    group. `workflows` is whether they are in the part that touches GitHub's workflows.
    """

    kind: Kind
    subject: str
    workflows: bool
    changes: tuple[Change, ...]

    def key(self, base: str | None = None) -> str:
        """Return the name that tells it from the other groups; `base` is the branch it is for, if not the default."""
        words: list[str] = [_WORDS.get(self.kind, self.kind), *([self.subject] if self.subject else [])]
        if self.workflows:
            words[0] = f"workflows-{words[0]}"
        return branches.key(*words, base=base)

    def without(self, findings: Collection[int]) -> Group:
        """Return the group without the changes of these findings, by their ids."""
        return replace(self, changes=tuple(c for c in self.changes if id(c.finding) not in findings))


def grouped(
    changes: Iterable[Change],
    policy: Policy,
    grouping: Grouping = "default",
    is_urgent: Callable[[Change], bool] = lambda _change: False,
) -> tuple[Group, ...]:
    """Return the groups, those first that should be open first, with their changes in the order given.

    What is urgent comes on its own, by image: somebody wants that one image, everywhere and now.

    Changes that are written at one place (two readers of a variable) are in one group, as they cannot be told apart.
    """
    members: dict[tuple[Kind, str, bool], list[Change]] = {}
    listed = tuple(changes)
    for together in _at_one_place(listed):
        kind, subject = min((_group(change, policy, grouping, is_urgent) for change in together), key=_rank)
        members.setdefault((kind, subject, any(map(touches_workflows, together))), []).extend(together)
    order = {id(change): number for number, change in enumerate(listed)}
    found = [
        Group(kind, subject, workflows, tuple(sorted(some, key=lambda c: order[id(c)])))
        for (kind, subject, workflows), some in members.items()
    ]
    return tuple(sorted(found, key=lambda g: (*_rank((g.kind, g.subject)), g.workflows)))


def everywhere(changes: Sequence[Change], policy: Policy, base: str | None) -> frozenset[str]:
    """Return the keys of all groups in which these may have been offered: by an emergency, by other settings."""
    found = (grouped(changes, policy, grouping) for grouping in GROUPINGS)
    urgent = grouped(changes, policy, is_urgent=lambda _change: True)
    return frozenset(group.key(base) for group in (*chain.from_iterable(found), *urgent))


def is_emergency(branch: str, prefix: str, base: str | None) -> bool:
    """Whether a branch is that of an emergency, for this base."""
    return (branches.within(branch, prefix, base) or "").startswith(("now-", "workflows-now-"))


def emergencies(reference: Reference, base: str | None) -> frozenset[str]:
    """Return the keys that the emergencies of an image have, for this base."""
    return frozenset(Group("now", image(reference), workflows, ()).key(base) for workflows in (False, True))


def touches_workflows(change: Change) -> bool:
    """Whether a change is written into a workflow of GitHub's, for which an app needs a permission of its own."""
    return any(path.startswith(WORKFLOWS) for path in written(change))


def written(change: Change) -> tuple[str, ...]:
    """Return the paths of the files that a change is written into, each once."""
    return tuple(dict.fromkeys(path for path, _ in _places(change)))


def image(reference: Reference) -> str:
    """Return the name of an image as people say it: `nginx`, `grafana/grafana`, `ghcr.io/acme/api`."""
    if reference.registry != DEFAULT_REGISTRY:
        return f"{reference.registry}/{reference.path}"
    return reference.path.removeprefix("library/")


def _group(change: Change, policy: Policy, grouping: Grouping, is_urgent: Callable[[Change], bool]) -> tuple[Kind, str]:
    if is_urgent(change):
        return "now", image(change.old)
    if change.kind == "replace" and change.rescues:
        return "dead", ""
    if name := policy.of(change.finding, change.kind).group:
        return "named", name
    match grouping:
        case "all":
            return "all", ""
        case "directory":
            return "directory", change.finding.path.rpartition("/")[0]
        case "registry":
            return "registry", change.old.registry
        case "default":
            return ("bump", image(change.old)) if change.kind in _VERSIONS else (_OWN[change.kind], "")


def _rank(group: tuple[Kind, str]) -> tuple[int, str]:
    kind, subject = group
    return _ORDER.index(kind), subject


def _at_one_place(changes: Sequence[Change]) -> list[list[Change]]:
    """Return the changes in lists, those together that share a place, directly or through others."""
    nearest = list(range(len(changes)))

    def first(number: int) -> int:
        while nearest[number] != number:
            nearest[number] = number = nearest[nearest[number]]
        return number

    seen: dict[tuple[str, int], int] = {}
    for number, change in enumerate(changes):
        for place in _places(change):
            one, other = sorted((first(number), first(seen.setdefault(place, number))))
            nearest[other] = one
    lists: dict[int, list[Change]] = {}
    for number, change in enumerate(changes):
        lists.setdefault(first(number), []).append(change)
    return list(lists.values())


def _places(change: Change) -> tuple[tuple[str, int], ...]:
    """Return where a change is written: paths, and offsets in their files."""
    standing = change.finding.standing
    if not isinstance(standing, Writable):
        return ((change.finding.path, change.finding.span.start),)
    slots = (standing.digest, standing.tag, standing.name)
    places = [(slot.path or change.finding.path, slot.span.start) for slot in slots if slot is not None]
    return tuple(dict.fromkeys(places))

"""From what a run decided to the pull requests that should be open: groups, proved one by one, with their texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pinbot.planning.outcome import Change, Kept
from pinbot.planning.patch import Patch, Readers, Rescan, Texts, patches
from pinbot.planning.policy import Policy
from pinbot.planning.result import Update
from pinbot.proposals.body import body
from pinbot.proposals.branches import branch
from pinbot.proposals.declined import covers
from pinbot.proposals.grouping import Group, grouped
from pinbot.proposals.message import message
from pinbot.proposals.news import Told
from pinbot.proposals.owners import Dialect, owners
from pinbot.proposals.proposal import Dressing, Proposal
from pinbot.proposals.repository import Repository
from pinbot.proposals.style import CODEOWNERS, Style
from pinbot.proposals.title import fields, said, subject, title


@dataclass(frozen=True, slots=True)
class Proof:
    """What the patches of a group are proved with: the texts of the files, and how to read one of them again."""

    texts: Texts
    rescan: Rescan
    readers: Readers


@dataclass(frozen=True, slots=True)
class Destination:
    """Where pull requests would be opened: the repository and the branch that they are for.

    `codeowners` are the texts of such files by path, of this dialect; they are read where the style asks for owners.
    """

    repository: Repository
    base: str
    codeowners: Mapping[str, str] = field(default_factory=dict)
    dialect: Dialect = "github"

    @property
    def named_base(self) -> str | None:
        """The base, where it is not the default branch."""
        return self.repository.named_base(self.base)


@dataclass(frozen=True, slots=True)
class Drafts:
    """The pull requests that should be open, in the order in which they matter, and what could not be put into one."""

    proposals: tuple[Proposal, ...]
    refused: tuple[Kept, ...] = ()


def drafts(
    update: Update,
    proof: Proof,
    policy: Policy,
    style: Style,
    destination: Destination,
    told: Told,
    is_urgent: Callable[[Change], bool] = lambda _change: False,
) -> Drafts:
    """Return what should be offered to a repository for one of its branches; what is urgent comes on its own.

    A change that cannot be proved in its group is refused with the reason, and stops no other.
    """
    proved = [_proved(group, proof) for group in grouped(update.changes, policy, style.groups, is_urgent)]
    refused = tuple(kept for _, _, some in proved for kept in some)
    kept = (*update.kept, *refused)
    return Drafts(
        tuple(_proposal(group, done, kept, policy, style, destination, told) for group, done, _ in proved if done),
        refused,
    )


def _proved(group: Group, proof: Proof) -> tuple[Group, tuple[Patch, ...], tuple[Kept, ...]]:
    """Return what is left of a group, with its patches, and what could not be proved."""
    done, refused = patches(group.changes, proof.texts, proof.rescan, proof.readers)
    gone = {id(kept.finding) for kept in refused}
    return group.without(gone), done, refused


def _proposal(
    group: Group,
    done: tuple[Patch, ...],
    kept: Sequence[Kept],
    policy: Policy,
    style: Style,
    destination: Destination,
    told: Told,
) -> Proposal:
    base, name = destination.named_base, destination.repository.name
    key, text = group.key(base), subject(said(group, told.of), style, base)
    return Proposal(
        key=key,
        branch=branch(style.branch_prefix, key),
        base=destination.base,
        title=title(group, told.of, style, name, base),
        body=body(group, kept, told.of, destination.repository.url),
        message=message(style.message, fields(group, text, style, name, base), group.changes),
        patches=done,
        covers=covers(group.changes),
        dressing=_dressing(group.changes, [patch.path for patch in done], policy, style, destination),
        exempt=any(change.rescues or policy.is_urgent(change.old) for change in group.changes),
        may_merge=not group.workflows and all(policy.of(c.finding, c.kind).auto_merge for c in group.changes),
    )


def _dressing(
    changes: Iterable[Change], paths: Sequence[str], policy: Policy, style: Style, destination: Destination
) -> Dressing:
    """Return what stands beside the text: the labels of the settings, and those of the rules for these changes."""
    ruled = sorted({label for change in changes for label in policy.of(change.finding, change.kind).labels})
    named = [name for name in style.reviewers if name != CODEOWNERS]
    found = owners(destination.codeowners, paths, destination.dialect) if CODEOWNERS in style.reviewers else ()
    return Dressing(
        labels=tuple(dict.fromkeys((*style.labels, *ruled))),
        reviewers=tuple(dict.fromkeys((*named, *found))),
        assignees=style.assignees,
        milestone=style.milestone,
        is_draft=style.draft,
    )

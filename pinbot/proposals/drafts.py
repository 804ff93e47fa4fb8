"""From what a run decided to the pull requests that should be open: groups, proved one by one, with their texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pinbot.planning.outcome import Change, Kept
from pinbot.planning.patch import Patch, Readers, Rescan, Texts, patches
from pinbot.planning.policy import Policy
from pinbot.planning.result import Update
from pinbot.proposals.body import body
from pinbot.proposals.branches import branch
from pinbot.proposals.closing import settings
from pinbot.proposals.declined import covers
from pinbot.proposals.grouping import Group, grouped
from pinbot.proposals.merging import is_asked, objection
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
    `merges_itself` is whether the forge merges what is green by itself.
    """

    repository: Repository
    base: str
    codeowners: Mapping[str, str] = field(default_factory=dict)
    dialect: Dialect = "github"
    merges_itself: bool = False

    @property
    def named_base(self) -> str | None:
        """The base, where it is not the default branch."""
        return self.repository.named_base(self.base)


@dataclass(frozen=True, slots=True)
class Draft:
    """A group that was proved, with everything that its texts are made of.

    `kept` are the references of the repository that stay as they are.
    """

    group: Group
    patches: tuple[Patch, ...]
    kept: tuple[Kept, ...]
    policy: Policy
    style: Style
    destination: Destination

    @property
    def branch(self) -> str:
        """The branch of its pull request."""
        return branch(self.style.branch_prefix, self.group.key(self.destination.named_base))

    def explained(self, proposal: Proposal, told: Told) -> Proposal:
        """Return its proposal with texts that say what is known by now of what changed, and whether it merges itself.

        The commit stays as it is: its message does not depend on what a registry says in this hour.
        """
        merges_itself, merging = self._merging(told)
        base = self.destination.named_base
        return replace(
            proposal,
            title=title(self.group, told.of, self.style, self.destination.repository.name, base),
            body=self._body(told, merging),
            merges_itself=merges_itself,
        )

    def proposal(self, told: Told) -> Proposal:
        """Return the pull request, before anybody has asked what changed."""
        group, style, destination = self.group, self.style, self.destination
        base, name = destination.named_base, destination.repository.name
        key, text = group.key(base), subject(said(group, told.of), style, base)
        return Proposal(
            key=key,
            branch=self.branch,
            base=destination.base,
            title=title(group, told.of, style, name, base),
            body=self._body(told),
            message=message(style.message, fields(group, text, style, name, base), group.changes),
            patches=self.patches,
            covers=covers(group.changes),
            dressing=_dressing(group.changes, [patch.path for patch in self.patches], self.policy, style, destination),
            exempt=any(change.rescues or self.policy.is_urgent(change.old) for change in group.changes),
            may_merge=not group.workflows and is_asked(group, self.policy),
        )

    def _body(self, told: Told, merging: str = "") -> str:
        home, used = self.destination.repository.url, settings(self.group.changes, self.policy)
        return body(self.group, self.kept, told.of, home, settings=used, merging=merging)

    def _merging(self, told: Told) -> tuple[bool, str]:
        """Return whether it merges by itself, and a sentence on that where the rules ask for it."""
        if not is_asked(self.group, self.policy):
            return False, ""
        against = objection(self.group, self.policy, self.style, told.of, can_merge=self.destination.merges_itself)
        if against is not None:
            return False, f"The rules let this merge by itself, but a person has to do it: {against}."
        return True, "The rules let this merge by itself, as soon as the checks of the forge are green."


@dataclass(frozen=True, slots=True)
class Drafts:
    """The pull requests that should be open, in the order in which they matter, and what could not be put into one.

    `drafts` are what each of the proposals was made of.
    """

    proposals: tuple[Proposal, ...]
    refused: tuple[Kept, ...] = ()
    drafts: tuple[Draft, ...] = ()


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
    made = tuple(Draft(group, done, kept, policy, style, destination) for group, done, _ in proved if done)
    return Drafts(tuple(one.proposal(told) for one in made), refused, made)


def _proved(group: Group, proof: Proof) -> tuple[Group, tuple[Patch, ...], tuple[Kept, ...]]:
    """Return what is left of a group, with its patches, and what could not be proved."""
    done, refused = patches(group.changes, proof.texts, proof.rescan, proof.readers)
    gone = {id(kept.finding) for kept in refused}
    return group.without(gone), done, refused


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

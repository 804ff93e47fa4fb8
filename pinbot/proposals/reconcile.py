"""The one truth table of pull requests: what should be open against what is (semantics "6. Pull requests").

| on the forge                                       | wanted                | otherwise               |
| -------------------------------------------------- | --------------------- | ----------------------- |
| nothing                                            | open                  |                         |
| a branch of ours and no pull request               | open from it          | delete the branch       |
| a branch of ours that is not as it was left        | leave, say so         | leave                   |
| ours, the same content                             | leave                 | close, delete branch    |
| ours, the same content, in conflict with its base  | rebuild on the base   | close, delete branch    |
| ours, the same content, base merged in by a person | leave                 | close, delete branch    |
| ours, the same content, somebody asks for a rebuild| rebuild on the base   | close, delete branch    |
| ours, the same content, a run died while opening   | finish                | close, delete branch    |
| ours, other content or another base                | update                | close, delete branch    |
| ours, with somebody else's commits                 | leave, say so there   | leave, say so there     |
| opened by somebody else from our branch            | leave, say so         | leave                   |
| a second one of ours from the same branch          | close the later one   | close                   |
| from a fork, whatever its branch is called         | as if it were not     | as if it were not       |
| ours, merging itself, and the rules say no by now  | take that back        | close, delete branch    |
| ours, merging itself, with somebody else's commits | take that back, say so| take that back, say so  |

Only what pinbot itself has told the forge to merge is taken back where nothing else is to be done: a person who says so
means what is there. That one is to merge itself is found out when it is opened, updated or finished, and never else.

Where references could not be looked up, nothing is closed and nothing loses a change: nobody knows whether it is
wanted. The forge is the truth: nothing here depends on what earlier runs remember.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from pinbot.proposals.action import Action, Close, Disarm, Finish, Leave, Open, Prune, Update
from pinbot.proposals.proposal import Proposal
from pinbot.proposals.pull import Commit, PullRequest

IsOurs = Callable[[Commit], bool]
UNRULED = "the settings do not let it merge itself any more"


def _told_by_itself(commit: Commit) -> bool:
    return commit.fingerprint is not None


@dataclass(frozen=True, slots=True)
class Scene:
    """What there is: the open pull requests, and the tips of branches with our prefix, by name.

    `is_ours` tells whether pinbot made a commit, and nobody changed it since. `uncertain` says that some references
    could not be looked up. `rebase` are the branches to be rebuilt as somebody asked, with the heads of their bases.
    """

    pulls: tuple[PullRequest, ...] = ()
    branches: Mapping[str, Commit] = field(default_factory=dict)
    prefix: str = "pinbot/"
    is_ours: IsOurs = _told_by_itself
    uncertain: bool = False
    rebase: Mapping[str, str] = field(default_factory=dict)


def reconcile(wanted: Iterable[Proposal], scene: Scene) -> tuple[Action, ...]:
    """Return what is to be done, first for each of the wanted, in their order, then for what nobody wants."""
    ours = _by_branch(scene)
    drafts = tuple(wanted)
    actions: list[Action] = [_wanted(draft, ours.get(draft.branch, []), scene) for draft in drafts]
    branches = {draft.branch for draft in drafts}
    for branch, pulls in ours.items():
        actions += _second(pulls[1:])
        if branch not in branches:
            actions.append(_unwanted(pulls[0], scene))
    return (*actions, *_orphans(scene, {*branches, *ours}))


def foreign(pull: PullRequest, is_ours: IsOurs) -> Commit | None:
    """Return a commit of somebody else that is on a branch; a merge of the base into it is none."""
    listed = {commit.sha for commit in pull.commits}
    for commit in pull.commits:
        # What a merge brings from the base is not among the commits; what it brings from elsewhere is. Where the commit
        # that it was made on is not told of, that could be anybody's.
        first, *others = commit.parents or ("",)
        merges_base = bool(others) and first in listed and not listed.intersection(others)
        if not (merges_base or is_ours(commit)):
            return commit
    return None


def last_of_ours(pull: PullRequest, is_ours: IsOurs) -> Commit | None:
    """Return the latest commit of ours on the branch of a pull request."""
    return next((commit for commit in reversed(pull.commits) if is_ours(commit)), None)


def _by_branch(scene: Scene) -> dict[str, list[PullRequest]]:
    """Return the pull requests from our branches, whoever opened them; first ours, then the older."""
    found: dict[str, list[PullRequest]] = {}
    for pull in sorted(scene.pulls, key=lambda p: (not p.by_us, p.number)):
        if pull.in_repository and pull.branch.startswith(scene.prefix):
            found.setdefault(pull.branch, []).append(pull)
    return found


def _wanted(draft: Proposal, pulls: list[PullRequest], scene: Scene) -> Action:
    if not pulls:
        return _opened(draft, scene)
    pull = pulls[0]
    if not pull.by_us:
        return Leave(f"{pull.author} opened #{pull.number} from this branch", pull, draft)
    if (stranger := foreign(pull, scene.is_ours)) is not None:
        return _taken_over(pull, stranger, draft)
    mine = last_of_ours(pull, scene.is_ours)
    if mine is None or pull.head is None:
        return Update(pull, draft, "its branch holds nothing of pinbot's")
    if mine.claimed_fingerprint == draft.fingerprint:
        return _same(pull, draft, scene)
    if scene.uncertain and not mine.covers <= set(draft.covers):
        why = "not everything could be looked up, and without that it would lose a change"
        return Leave(why, pull, draft, is_unsure=True)
    return Update(pull, draft, "something newer is to be had, or something is not wanted any more")


def _same(pull: PullRequest, draft: Proposal, scene: Scene) -> Action:
    if pull.conflicts:
        return Update(pull, draft, "its base has changed, and it no longer merges: rebuilt on the new base")
    if pull.base != draft.base:
        return Update(pull, draft, f"it belongs on {draft.base}, not on {pull.base}")
    if _is_to_be_rebuilt(pull, draft, scene):
        return Update(pull, draft, "somebody asked to have it rebuilt on its base")
    if pull.is_pending or pull.is_withdrawn:
        return Finish(pull, draft)
    if pull.merging_by_us and not draft.may_merge:
        return Disarm(pull, UNRULED, draft)
    return Leave("as it should be", pull, draft)


def _is_to_be_rebuilt(pull: PullRequest, draft: Proposal, scene: Scene) -> bool:
    """Whether that is asked for, and it does not stand on its base alone."""
    head = scene.rebase.get(draft.branch)
    return head is not None and [commit.parents for commit in pull.commits] != [(head,)]


def _opened(draft: Proposal, scene: Scene) -> Action:
    tip = scene.branches.get(draft.branch)
    if tip is None:
        return Open(draft)
    if not _is_alone(tip):
        whose = f" (by {tip.author})" if tip.author else ""
        what = "and was moved since" if tip.claimed_fingerprint else f"with a commit that is not pinbot's{whose}"
        return Leave(f"the branch {draft.branch} is there {what}; it can be deleted by hand", None, draft)
    return Open(draft, tip.sha, "the branch is there already", tip.claimed_fingerprint == draft.fingerprint)


def _is_alone(tip: Commit) -> bool:
    """Whether a branch of which only the tip is known holds that alone: one that was moved may stand on anything."""
    return tip.fingerprint is not None


def _taken_over(pull: PullRequest, stranger: Commit, draft: Proposal | None = None) -> Leave | Disarm:
    reason = f"a commit by {stranger.author or 'somebody else'} is on its branch"
    said = (
        "There are commits on this branch that are not pinbot's, so pinbot leaves it alone: it will neither update nor "
        "close this pull request. To have it maintained again, remove those commits, or close it and delete the "
        "branch."
    )
    if pull.merging_by_us:
        return Disarm(pull, f"{reason}, which nobody has looked at", draft, said)
    return Leave(reason, pull, draft, said)


def _second(pulls: Iterable[PullRequest]) -> Iterator[Action]:
    for pull in pulls:
        if pull.by_us:
            yield Close(pull, "There is another pull request from this branch.", delete_branch=False)


def _unwanted(pull: PullRequest, scene: Scene) -> Action:
    if not pull.by_us:
        return Leave(f"{pull.author} opened it", pull)
    if (stranger := foreign(pull, scene.is_ours)) is not None:
        return _taken_over(pull, stranger)
    if scene.uncertain:
        why = "not everything could be looked up, so nobody knows whether it is still wanted"
        return Leave(why, pull, is_unsure=True)
    return Close(
        pull,
        "Nothing of this is to be changed any more: it was done in another way, is held or refused by now, or its "
        "references are gone.",
    )


def _orphans(scene: Scene, kept: set[str]) -> Iterator[Action]:
    if scene.uncertain:
        return
    for branch, tip in sorted(scene.branches.items()):
        if branch not in kept and _is_alone(tip):
            yield Prune(branch, tip.sha)

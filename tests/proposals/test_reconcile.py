"""The truth table of pull requests, a row each (semantics "6. Pull requests")."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pinbot.proposals.action import Action, Close, Disarm, Finish, Leave, Open, Prune, Update
from pinbot.proposals.proposal import Proposal
from pinbot.proposals.pull import PENDING, PullRequest
from pinbot.proposals.reconcile import Scene, reconcile
from tests.proposals.scenes import BRANCH, changed_since, draft, merge_of_base, our_commit, pull, their_commit

WANTED = draft()
SAME = our_commit(WANTED)
OTHER = our_commit(draft("older"))

ROWS = [
    pytest.param(Scene(), Open(WANTED), id="nothing open"),
    pytest.param(Scene(pulls=(pull(SAME),)), "as it should be", id="the same is open"),
    pytest.param(Scene(pulls=(pull(OTHER),)), Update, id="other content is open"),
    pytest.param(
        Scene(pulls=(pull(SAME, their_commit()),)), "a commit by Jane is on its branch", id="a person's commit on top"
    ),
    pytest.param(
        Scene(pulls=(pull(OTHER, their_commit()),)),
        "a commit by Jane is on its branch",
        id="a person's commit on top of other content",
    ),
    pytest.param(
        Scene(pulls=(pull(changed_since(SAME)),)), "a commit by pinbot is on its branch", id="a person amended ours"
    ),
    pytest.param(Scene(pulls=(pull(SAME, merge_of_base()),)), "as it should be", id="a person merged the base into it"),
    pytest.param(
        Scene(pulls=(pull(OTHER, merge_of_base()),)), Update, id="a person merged the base into other content"
    ),
    pytest.param(
        Scene(pulls=(pull(SAME, their_commit("b2", "x"), merge_of_base()),)),
        "a commit by Jane is on its branch",
        id="a person merged a branch of their own into it",
    ),
    pytest.param(Scene(pulls=(pull(SAME, conflicts=True),)), Update, id="in conflict with its base"),
    pytest.param(Scene(pulls=(pull(SAME, base="master"),)), Update, id="the default branch was renamed"),
    pytest.param(Scene(pulls=(pull(SAME, body=f"Text.\n{PENDING}"),)), Finish, id="the run that opened it died"),
    pytest.param(Scene(pulls=(pull(SAME, by_us=False),)), "jane opened #7", id="opened by somebody else from ours"),
    pytest.param(
        Scene(pulls=(pull(SAME, by_us=False, in_repository=False),)),
        Open(WANTED),
        id="a fork has a branch of the same name",
    ),
    pytest.param(
        Scene(branches={BRANCH: SAME}),
        Open(WANTED, "c1", "the branch is there already", is_pushed=True),
        id="the branch was pushed and the run died",
    ),
    pytest.param(
        Scene(branches={BRANCH: OTHER}),
        Open(WANTED, "c1", "the branch is there already"),
        id="the branch of an earlier pull request was left",
    ),
    pytest.param(
        Scene(branches={BRANCH: their_commit()}),
        "the branch pinbot/refresh is there with a commit that is not pinbot's (by Jane)",
        id="a branch of that name is somebody else's",
    ),
    pytest.param(
        Scene(pulls=(pull(our_commit(draft("older", covers=("a", "b")))),), uncertain=True),
        "without that it would lose a change",
        id="it would lose what could not be looked up",
    ),
    pytest.param(
        Scene(pulls=(pull(our_commit(draft("older"))),), uncertain=True),
        Update,
        id="it gains something while something else could not be looked up",
    ),
    pytest.param(Scene(pulls=(pull(),)), Update, id="the forge does not tell of its commits"),
]


@pytest.mark.parametrize(("scene", "expected"), ROWS)
def test_what_is_wanted(scene: Scene, expected: Action | type[Action] | str) -> None:
    action = reconcile([WANTED], scene)[0]
    if isinstance(expected, str):
        assert isinstance(action, Leave)
        assert expected in action.reason
        assert action.proposal is WANTED
    elif isinstance(expected, type):
        assert isinstance(action, expected)
    else:
        assert action == expected


UNWANTED = [
    pytest.param(Scene(), (), id="nothing"),
    pytest.param(Scene(pulls=(pull(SAME),)), Close, id="ours alone"),
    pytest.param(Scene(pulls=(pull(SAME, merge_of_base()),)), Close, id="a person merged the base into it"),
    pytest.param(
        Scene(pulls=(pull(SAME, their_commit()),)), "a commit by Jane is on its branch", id="a person's commits on it"
    ),
    pytest.param(Scene(pulls=(pull(SAME, by_us=False),)), "jane opened it", id="opened by somebody else"),
    pytest.param(Scene(pulls=(pull(SAME, in_repository=False),)), (), id="from a fork"),
    pytest.param(
        Scene(pulls=(pull(SAME, branch="feature"),)), (), id="from a branch that does not have the name of ours"
    ),
    pytest.param(
        Scene(pulls=(pull(SAME),), uncertain=True),
        "nobody knows whether it is still wanted",
        id="not all could be looked up",
    ),
    pytest.param(Scene(branches={BRANCH: SAME}), Prune(BRANCH, "c1"), id="a branch of ours was left"),
    pytest.param(Scene(branches={BRANCH: their_commit()}), (), id="a branch with our prefix is somebody else's"),
    pytest.param(
        Scene(pulls=(pull(SAME, by_us=False),), branches={BRANCH: SAME}),
        "jane opened it",
        id="a branch from which somebody opened one stays",
    ),
    pytest.param(Scene(branches={BRANCH: SAME}, uncertain=True), (), id="a branch stays while nobody knows"),
]


@pytest.mark.parametrize(("scene", "expected"), UNWANTED)
def test_what_nobody_wants(scene: Scene, expected: Action | type[Action] | str | tuple[()]) -> None:
    actions = reconcile([], scene)
    match expected:
        case ():
            assert actions == ()
        case str():
            (action,) = actions
            assert isinstance(action, Leave)
            assert expected in action.reason
        case type():
            (action,) = actions
            assert isinstance(action, expected)
        case _:
            assert actions == (expected,)


def test_a_persons_commit_is_said_at_the_pull_request() -> None:
    for wanted in ([WANTED], []):
        (action,) = reconcile(wanted, Scene(pulls=(pull(SAME, their_commit()),)))
        assert isinstance(action, Leave)
        assert "not pinbot's" in (action.comment or "")


def test_of_two_from_one_branch_the_first_stays_and_the_branch_with_it() -> None:
    first, second = pull(SAME, number=3), pull(SAME, number=9, base="next")
    kept, closed = reconcile([WANTED], Scene(pulls=(second, first)))
    assert isinstance(kept, Leave)
    assert kept.pull == first
    assert closed == Close(second, "There is another pull request from this branch.", delete_branch=False)


def test_a_commit_that_only_looks_like_ours_is_asked_about() -> None:
    rebased = changed_since(SAME)
    scene = Scene(pulls=(pull(rebased),), is_ours=lambda commit: commit.claimed_fingerprint == WANTED.fingerprint)
    (action,) = reconcile([WANTED], scene)
    assert isinstance(action, Leave)
    assert action.reason == "as it should be"


def test_the_fingerprint_is_of_the_patch_and_of_nothing_else() -> None:
    assert WANTED.fingerprint == draft(branch="pinbot/other", base="next").fingerprint
    assert WANTED.fingerprint != draft("newer").fingerprint


def test_every_proposal_has_one_action_in_its_place() -> None:
    drafts: list[Proposal] = [draft(branch=f"pinbot/{name}") for name in "abc"]
    actions = reconcile(drafts, Scene(pulls=(pull(SAME, branch="pinbot/b"), pull(SAME, branch="pinbot/z", number=8))))
    assert [type(action).__name__ for action in actions] == ["Open", "Leave", "Open", "Close"]


def _armed(there: PullRequest, by_us: bool = True) -> PullRequest:
    return replace(there, merges_itself=True, merging_by_us=by_us)


RULED = replace(WANTED, may_merge=True)
MERGING = [
    pytest.param(WANTED, _armed(pull(SAME)), Disarm, id="the rules say no by now"),
    pytest.param(RULED, _armed(pull(SAME)), Leave, id="the rules say yes"),
    pytest.param(RULED, pull(SAME), Leave, id="the rules say yes, and it was not told to"),
    pytest.param(WANTED, _armed(pull(SAME), by_us=False), Leave, id="a person told it to"),
    pytest.param(WANTED, _armed(pull(OTHER)), Update, id="there is something newer"),
    pytest.param(RULED, _armed(pull(SAME, their_commit())), Disarm, id="a person's commit on top"),
    pytest.param(WANTED, _armed(pull(SAME, their_commit()), by_us=False), Leave, id="theirs, and theirs too"),
    pytest.param(WANTED, _armed(pull(SAME, body=PENDING)), Finish, id="the run that opened it died"),
    pytest.param(WANTED, _armed(pull(SAME, conflicts=True)), Update, id="in conflict with its base"),
    pytest.param(None, _armed(pull(SAME)), Close, id="nobody wants it any more"),
    pytest.param(None, _armed(pull(SAME, their_commit())), Disarm, id="unwanted, with a person's commit"),
]


@pytest.mark.parametrize(("wanted", "there", "expected"), MERGING)
def test_what_merges_itself(wanted: Proposal | None, there: PullRequest, expected: type[Action]) -> None:
    (action,) = reconcile([wanted] if wanted else [], Scene(pulls=(there,)))
    assert isinstance(action, expected)
    if isinstance(action, Disarm):
        is_taken_over = len(there.commits) > 1
        assert (action.comment is not None) == is_taken_over
        assert action.proposal is wanted


def test_what_is_uncertain_merges_itself_still() -> None:
    (action,) = reconcile([], Scene(pulls=(_armed(pull(SAME)),), uncertain=True))
    assert isinstance(action, Leave)


ASKED = {BRANCH: "b1"}
REBUILT = [
    pytest.param(pull(SAME), Leave, id="it stands on its base"),
    pytest.param(pull(our_commit(WANTED, parent="b0")), Update, id="its base has moved"),
    pytest.param(pull(SAME, merge_of_base()), Update, id="a person merged the base into it"),
    pytest.param(pull(our_commit(WANTED, parent="b0"), their_commit()), Leave, id="a person's commit is on it"),
    pytest.param(pull(our_commit(WANTED, parent="b0"), by_us=False), Leave, id="somebody else opened it"),
    pytest.param(pull(our_commit(draft("older"), parent="b0")), Update, id="there is something newer anyway"),
]


@pytest.mark.parametrize(("there", "expected"), REBUILT)
def test_what_is_asked_to_be_rebuilt(there: PullRequest, expected: type[Action]) -> None:
    (action,) = reconcile([WANTED], Scene(pulls=(there,), rebase=ASKED))
    assert isinstance(action, expected)


def test_nothing_is_rebuilt_that_nobody_asked_for() -> None:
    (action,) = reconcile(
        [WANTED], Scene(pulls=(pull(our_commit(WANTED, parent="b0")),), rebase={"pinbot/other": "b1"})
    )
    assert isinstance(action, Leave)

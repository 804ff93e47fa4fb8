"""Pull requests that merge themselves: armed last, disarmed first, and made good wherever a run dies between."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from pinbot.planning.patch import Patch
from pinbot.proposals.proposal import Dressing, Proposal
from pinbot.proposals.pull import PENDING, PullRequest
from pinbot.proposals.reconcile import Scene, reconcile
from pinbot.proposals.repository import Repository, Standing
from pinbot.proposals.result import Deed
from pinbot.sweep.deeds import Hand
from tests.fakes.forge import MemoryCheckouts, MemoryForge, MemoryRepository, repository
from tests.sweeps.passing import Killed

BEFORE = "FROM nginx:1.27\n"
Fail = Callable[[str], None]


def _proposal(digest: str, *, merges: bool, **more: object) -> Proposal:
    patch = Patch("Dockerfile", BEFORE, f"FROM nginx:1.27@{digest}\n", ())
    made = Proposal("pin", "pinbot/pin", "main", f"Pin to {digest}", f"To {digest}.", "m", (patch,))
    return replace(made, may_merge=merges, merges_itself=merges, **more)  # type: ignore[arg-type] # by name


class World:
    """A repository, and what is wanted there; `run` is what a pass does about that."""

    def __init__(self) -> None:
        self.held: MemoryRepository = repository("acme/api", {"Dockerfile": BEFORE.encode()})
        self.forge = MemoryForge(self.held)
        self.wanted: list[Proposal] = [_proposal("a", merges=True)]

    def run(self, failpoint: Fail = lambda _name: None) -> list[Deed]:
        (listed,) = self.forge.repositories()
        standing = self.forge.standings([listed])[listed.id]
        assert isinstance(standing, Standing)
        checkout = MemoryCheckouts(self.forge).open(listed, "main", None)
        hand = Hand(self.forge, listed, {"main": checkout}, failpoint=failpoint)
        self.forge.writes = 0
        scene = Scene(standing.pulls, checkout.branches("pinbot/"))
        return [hand.carry_out(action) for action in reconcile(self.wanted, scene)]

    @property
    def pull(self) -> PullRequest:
        """The first pull request."""
        return self.held.seen(self.held.pulls[1])


class Hearing(MemoryForge):
    """A forge that remembers what was to stand beside the texts."""

    def __init__(self, *repositories: MemoryRepository) -> None:
        super().__init__(*repositories)
        self.dressings: list[Dressing] = []

    def edit(self, repository: Repository, pull: PullRequest, proposal: Proposal) -> None:
        self.dressings.append(proposal.dressing)
        super().edit(repository, pull, proposal)


def test_is_told_to_merge_itself_when_it_is_opened() -> None:
    world = World()
    (deed,) = world.run()
    assert (world.pull.merges_itself, world.pull.is_pending, world.pull.body) == (True, False, "To a.")
    assert deed.warnings == ()
    world.run()
    assert world.forge.writes == 0


def test_says_until_then_that_it_is_not_finished() -> None:
    world = World()
    seen: list[tuple[str, bool]] = []

    def look(name: str) -> None:
        seen.append((name, bool(world.held.pulls) and world.pull.is_pending))

    world.run(look)
    assert ("before-merge", True) in seen
    assert ("after-merge", True) in seen
    assert seen[-1] == ("after-edit", False)


def test_newer_content_that_may_merge_itself_is_told_again() -> None:
    world = World()
    world.run()
    world.wanted = [_proposal("b", merges=True)]
    names: list[str] = []
    world.run(names.append)
    assert (world.pull.merges_itself, world.pull.body) == (True, "To b.")
    assert names.index("after-push") < names.index("before-merge") < names.index("after-edit", 2)


def test_newer_content_that_may_not_is_taken_back_before_it_is_pushed() -> None:
    world = World()
    world.run()
    world.wanted = [_proposal("b", merges=False)]
    names: list[str] = []
    world.run(names.append)
    assert names[:2] == ["before-stop-merging", "after-stop-merging"]
    assert not world.pull.merges_itself


def test_nothing_is_pushed_where_it_cannot_be_taken_back() -> None:
    world = World()
    world.run()
    tip = world.held.branches["pinbot/pin"]
    world.wanted = [_proposal("b", merges=False)]
    world.forge.busy_after = 0
    with pytest.raises(Exception, match="enough"):
        world.run()
    assert world.held.branches["pinbot/pin"] == tip


def test_what_a_person_told_to_merge_is_taken_back_before_other_content_comes() -> None:
    world = World()
    world.wanted = [_proposal("a", merges=False)]
    world.run()
    world.held.person_arms(1)
    world.run()
    assert world.pull.merges_itself
    world.wanted = [_proposal("b", merges=False)]
    world.run()
    assert not world.pull.merges_itself


def test_what_a_person_told_to_merge_while_the_pass_was_at_work_is_taken_back_as_well() -> None:
    world = World()
    world.wanted = [_proposal("a", merges=False)]
    world.run()
    world.wanted = [_proposal("b", merges=False)]

    def pressed(name: str) -> None:
        if name == "before-stop-merging":
            world.held.person_arms(1)

    (deed,) = world.run(pressed)
    assert deed.error is None
    assert not world.pull.merges_itself


def test_settings_that_say_no_by_now_are_obeyed_where_nothing_else_is_to_be_done() -> None:
    world = World()
    world.run()
    world.wanted = [_proposal("a", merges=False)]
    (deed,) = world.run()
    assert (world.pull.merges_itself, world.pull.state) == (False, "open")
    assert deed.done
    world.run()
    assert world.forge.writes == 0


def test_a_persons_commit_does_not_merge_itself() -> None:
    world = World()
    world.run()
    world.held.person_commits("pinbot/pin", {"README": b"mine\n"})
    world.run()
    assert not world.pull.merges_itself
    assert len(world.held.comments) == 1
    world.run()
    assert world.forge.writes == 0


def test_a_refusal_is_told_and_fails_nothing() -> None:
    world = World()
    world.held.is_guarded = False
    (deed,) = world.run()
    assert deed.done
    assert deed.error is None
    assert "merged at once" in deed.warnings[0]
    assert (world.pull.merges_itself, world.pull.is_pending, world.pull.state) == (False, False, "open")
    world.run()
    assert world.forge.writes == 0


def test_what_nobody_wants_is_taken_back_before_it_is_closed() -> None:
    world = World()
    world.run()
    world.wanted = []
    names: list[str] = []
    world.run(names.append)
    assert names[0] == "before-stop-merging"
    assert world.pull.state == "closed"


def test_what_people_have_taken_off_stays_off() -> None:
    world = World()
    world.forge = forge = Hearing(world.held)
    world.wanted = [_proposal("a", merges=True, dressing=Dressing(labels=("images",)))]
    world.run()
    assert forge.dressings[-1].labels == ("images",)
    world.wanted = [_proposal("b", merges=True, dressing=Dressing(labels=("images",)))]
    world.run()
    assert forge.dressings[-1] == Dressing()


def _opens(_world: World) -> None:
    """It is opened."""


def _renews(world: World) -> None:
    """Newer content comes, which merges itself as well."""
    world.run()
    world.wanted = [_proposal("b", merges=True)]


def _renews_without(world: World) -> None:
    """Newer content comes, which does not."""
    world.run()
    world.wanted = [_proposal("b", merges=False)]


def _loses(world: World) -> None:
    """The settings say no by now."""
    world.run()
    world.wanted = [_proposal("a", merges=False)]


def _taken_over(world: World) -> None:
    """A person works on it."""
    world.run()
    world.held.person_commits("pinbot/pin", {"README": b"mine\n"})


def _closes(world: World) -> None:
    """Nobody wants it any more."""
    world.run()
    world.wanted = []


FLOWS: Sequence[Callable[[World], None]] = (_opens, _renews, _renews_without, _loses, _taken_over, _closes)


@pytest.mark.parametrize("flow", [pytest.param(flow, id=(flow.__doc__ or "").strip(".\n ")) for flow in FLOWS])
def test_a_killed_run_is_made_good_by_the_next(flow: Callable[[World], None]) -> None:
    unharmed = _begun(flow)
    points: list[str] = []
    unharmed.run(points.append)
    for number in range(len(points)):
        world = _begun(flow)
        left = [number + 1]

        def dies(name: str, world: World = world, left: list[int] = left) -> None:
            _is_safe(world)
            left[0] -= 1
            if not left[0]:
                raise Killed(name)

        with pytest.raises(Killed):
            world.run(dies)
        world.run()
        assert _state(world) == _state(unharmed), f"killed at {points[number]}"
        world.run()
        assert world.forge.writes == 0, f"not at rest after {points[number]}"


def _begun(flow: Callable[[World], None]) -> World:
    world = World()
    flow(world)
    return world


def _state(world: World) -> object:
    pulls = [replace(pull, closed=None) for pull in world.held.pulls.values()]
    return pulls, world.held.branches, sorted(world.held.comments)


def _is_safe(world: World) -> None:
    """Content that may not merge itself never stands on a branch that does."""
    for pull in world.held.pulls.values():
        if pull.state == "open" and pull.merges_itself:
            content = world.held.files(pull.branch)["Dockerfile"].decode()
            allowed = [p.patches[0].after for p in (*world.wanted, _proposal("a", merges=True)) if p.merges_itself]
            assert content in allowed
            assert PENDING not in content

"""Everything that a pass may have to write, as what leads to it; and runs that are killed in the middle of that."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from tests.live.site import When
from tests.live.world import Run, World

Flow = Callable[[World], None]
How = Literal["a point of its own", "before a write is done", "after a write was done"]
HOWS: tuple[How, ...] = ("a point of its own", "before a write is done", "after a write was done")
_MERGES = "rules:\n  - match: {kind: pin}\n    set: {auto-merge: true}\n"
_WORKFLOW = "on: push\njobs:\n  test:\n    runs-on: x\n    container: {}\n    steps: []\n"


def new(world: World) -> None:
    """A new pull request with labels, reviewers and a milestone."""
    world.style += "  labels: [images]\n  reviewers: [ann, acme/images]\n  assignees: [bob]\n  milestone: Next\n"
    _begin(world)
    world.held["api"].repo.milestones.append("Next")


def two_groups(world: World) -> None:
    """Two pull requests in one repository, and one in another."""
    _begin(world)
    workflow = _WORKFLOW.format(f"{world.owner}/nginx:1.27").encode()
    world.person_commits("api", {".github/workflows/ci.yml": workflow})
    world.add("web", {"Dockerfile": world.dockerfile("nginx:1.27")})


def update(world: World) -> None:
    """Newer content for an open pull request, with labels."""
    world.style += "  labels: [images]\n"
    _begin(world)
    world.sweep()
    world.image("nginx", "1.27", "b")


def conflict(world: World) -> None:
    """A pull request in conflict with its base is rebuilt."""
    _begin(world)
    world.sweep()
    world.person_commits("api", {"Dockerfile": b"# new\n" + world.dockerfile("nginx:1.27") + b"RUN true\n"})


def close(world: World) -> None:
    """A pull request that nobody wants any more."""
    _begin(world)
    world.sweep()
    world.person_commits("api", {"Dockerfile": b"FROM scratch\n"})


def comment(world: World) -> None:
    """A person has taken over, and is told."""
    _begin(world)
    world.sweep()
    world.person_commits("api", {"README": b"mine\n"}, "pinbot/pin")
    world.image("nginx", "1.27", "b")


def left_branch(world: World) -> None:
    """A branch is left of a pull request that a person closed, while another is to be opened from it."""
    _begin(world)
    world.sweep()
    world.person_closes("api", 1, deletes=False)
    world.person_commits("api", {"other/Dockerfile": world.dockerfile("nginx:1.27")})


def new_by_api(world: World) -> None:
    """A new pull request whose commit the forge makes."""
    world.commits_by_api()
    new(world)


def update_by_api(world: World) -> None:
    """Newer content for an open pull request, in a commit that the forge makes."""
    world.commits_by_api()
    update(world)


def dashboard(world: World) -> None:
    """Somebody asks on the dashboard for an image that waits."""
    world.style += "  dashboard: true\n"
    world.more = "defaults: {cooldown: 3d}\n"
    _begin(world)
    world.sweep()
    world.person_merges("api", 1)
    world.image("nginx", "1.27", "b")
    world.sweep()
    world.person_checks("api", f"now={world.owner}/nginx")


def merging(world: World) -> None:
    """A new pull request that is to merge itself, with labels."""
    world.style += "  labels: [images]\n"
    world.more += _MERGES
    _begin(world)


def merging_still(world: World) -> None:
    """Newer content for one that merges itself, which does so as well."""
    merging(world)
    world.sweep()
    world.image("nginx", "1.27", "b")


def merging_no_more(world: World) -> None:
    """Newer content for one that merges itself, which must not."""
    before = world.more
    merging_still(world)
    world.more = before


FLOWS: tuple[Flow, ...] = (
    new, two_groups, update, conflict, close, comment, left_branch, new_by_api, update_by_api, dashboard, merging,
    merging_still, merging_no_more,
)  # fmt: skip


def _begin(world: World) -> None:
    world.image("nginx", "1.27", "a")
    world.add("api", {"Dockerfile": world.dockerfile("nginx:1.27"), "README": b"Hello\n"})


def name_of(flow: Flow) -> str:
    """Return what a test is called."""
    return (flow.__doc__ or "").strip(".\n ").lower()


@dataclass(frozen=True)
class Killed:
    """A run that was killed at the `number`th chance (from 1) of its kind."""

    how: How
    number: int
    run: Run


def killed_runs(world: World, how: How) -> Iterator[Killed]:
    """Yield runs that are killed at the first chance, the second, and so on; before each the world is as it was."""
    kept = world.keep()
    number = 0
    while True:
        number += 1
        world.back(kept)
        run = _killed_at(world, how, number)
        world.site.reaper.expects(0)
        if not run.is_killed:
            return
        yield Killed(how, number, run)


def _killed_at(world: World, how: How, number: int) -> Run:
    if how == "a point of its own":
        return world.sweep(env={"PINBOT_FAILPOINT": f"any:{number}"})
    when: When = "before" if how == "before a write is done" else "after"
    world.site.reaper.expects(number, when)
    return world.sweep()


def check(world: World, flow: Flow, how: How) -> int:
    """Kill runs of a flow in one way, wherever they can be; return how many times.

    Each time the next run must end where one that was not killed does, and another must have nothing to write.
    """
    flow(world)
    kept = world.keep()
    unharmed = world.sweep()
    assert unharmed.outcome.code == 0, unharmed.outcome.stderr
    wanted = world.state()
    world.back(kept)
    times = 0
    for killed in killed_runs(world, how):
        where = f"killed at {killed.number}: {how}"
        run = world.sweep()
        assert run.outcome.code == 0, f"{where}: {run.errors} {run.outcome.stderr}"
        assert world.state() == wanted, where
        rest = world.sweep()
        assert (rest.writes, rest.pushes) == (0, 0), f"{where}: not at rest: {rest.does}"
        assert world.most_open() <= 1, where
        times += 1
    return times

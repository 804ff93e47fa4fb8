"""Runs that are killed at every point where something is written: the next one ends as if they had not been.

Flows and points are exhaustive: each flow is run once to count its points, and then killed at each of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest

from pinbot.planning.policy import Values
from pinbot.proposals.style import Dashboards
from tests.fakes.forge import repository
from tests.sweeps.passing import Killed, Passing

Flow = Callable[[Passing], None]


def _nothing(world: Passing) -> None:
    """A first pull request."""


def _two(world: Passing) -> None:
    """Two pull requests in one repository."""
    world.values = Values(level="minor")
    text = f"FROM nginx:1.27@{world.registry.shelf.tags['1.27']}\nFROM nginx:1.27 AS other\n"
    world.repository.person_commits("main", {"Dockerfile": text.encode()})
    world.registry.push("1.28", "z")


def _newer(world: Passing) -> None:
    """A pull request that is open gets newer content."""
    world.sweep()
    world.repository.person_merges(1)
    world.registry.push("1.27", "b")
    world.sweep()
    world.registry.push("1.27", "c")


def _unwanted(world: Passing) -> None:
    """A pull request is closed."""
    world.sweep()
    world.repository.person_commits("main", {"Dockerfile": b"FROM scratch\n"})


def _taken_over(world: Passing) -> None:
    """A person works on a pull request, and is told once what that means."""
    world.sweep()
    world.repository.person_commits("pinbot/pin", {"README": b"mine\n"})
    world.registry.push("1.27", "b")


def _left_behind(world: Passing) -> None:
    """A branch is left of a pull request that a person closed, while another is to be opened."""
    world.sweep()
    world.repository.person_closes(1, deletes=False)
    world.repository.person_commits("main", {"other/Dockerfile": b"FROM nginx:1.27\n"})


def _asked_for(world: Passing) -> None:
    """Somebody asks for an image that waits."""
    world.values = Values(cooldown=timedelta(days=3))
    world.sweep()
    world.repository.person_merges(1)
    world.registry.push("1.27", "b")
    world.sweep()
    world.repository.person_checks("now=nginx")


def _rebuilt(world: Passing) -> None:
    """Somebody asks to have a pull request rebuilt on its base."""
    world.sweep()
    world.repository.person_commits("main", {"README": b"words\n"})
    world.sweep()
    world.repository.person_checks("rebase=pinbot/pin")


FLOWS: list[Flow] = [_nothing, _two, _newer, _unwanted, _taken_over, _left_behind]
ASKING: list[Flow] = [_asked_for, _rebuilt]
ALL = [
    *((flow, False, (flow.__doc__ or "").strip(".\n ")) for flow in FLOWS),
    *((flow, True, f"{(flow.__doc__ or '').strip('. ')}, with a dashboard") for flow in (*FLOWS, *ASKING)),
]


def _world(flow: Flow, dashboard: bool) -> Passing:
    world = Passing(repository("acme/api", {"Dockerfile": b"FROM nginx:1.27\n"}))
    world.allow(dashboards=Dashboards(everywhere=dashboard))
    world.registry.push("1.27", "a")
    flow(world)
    return world


def _points(flow: Flow, dashboard: bool) -> list[str]:
    """Return the names of all points that a run of this flow passes."""
    points: list[str] = []
    _world(flow, dashboard).sweep(points.append)
    return points


def _state(world: Passing) -> object:
    """Return all of the forge that a person can see."""
    held = world.repository
    pulls = [(p.number, p.state, p.branch, p.base, p.title, p.body) for p in held.pulls.values()]
    return pulls, held.branches, sorted(held.comments), held.issues


@pytest.mark.parametrize(("flow", "dashboard"), [pytest.param(flow, board, id=name) for flow, board, name in ALL])
def test_a_killed_run_is_made_good_by_the_next(flow: Flow, dashboard: bool) -> None:
    unharmed = _world(flow, dashboard)
    unharmed.sweep()
    points = _points(flow, dashboard)
    assert len(points) >= 2
    for number in range(len(points)):
        world = _world(flow, dashboard)
        passed: list[str] = []

        def dies(name: str, passed: list[str] = passed, number: int = number) -> None:
            passed.append(name)
            if len(passed) > number:
                raise Killed(name)

        with pytest.raises(Killed):
            world.sweep(dies)
        world.sweep()
        assert _state(world) == _state(unharmed), f"killed at {points[number]}"
        assert _most_open(world) <= 1
        world.sweep()
        assert world.forge.writes == 0, f"not at rest after {points[number]}"


def _most_open(world: Passing) -> int:
    """Return how many pull requests were ever open from one branch at the same time."""
    counts = [
        Counter((pull.branch, pull.base) for pull in pulls if pull.state == "open")
        for moment in world.forge.history
        for pulls in moment.values()
    ]
    return max((count for counted in counts for count in counted.values()), default=0)


def test_every_kind_of_write_is_among_the_points() -> None:
    names = {name for flow, dashboard, _ in ALL for name in _points(flow, dashboard)}
    assert names == {f"{when}-{what}" for when in ("before", "after") for what in _WRITES}


_WRITES = ("push", "open", "edit", "withdraw", "close", "delete", "comment", "dashboard", "stop-merging")

"""kill -9 of `pinbot sweep` in the middle of what it writes, on real git: the next run ends as if nothing had happened.

tests/long/test_every_kill.py does it in every flow and in every way.
"""

from __future__ import annotations

import pytest

from tests.live.flows import (
    Flow,
    How,
    check,
    close,
    dashboard,
    merging,
    merging_no_more,
    name_of,
    new,
    two_groups,
    update,
    update_by_api,
)
from tests.live.world import World

_CHOSEN: list[tuple[Flow, How, int]] = [
    (new, "after a write was done", 4),
    (two_groups, "a point of its own", 12),
    (update, "before a write is done", 2),
    (close, "after a write was done", 4),
    (update_by_api, "after a write was done", 3),
    (dashboard, "after a write was done", 3),
    (merging, "after a write was done", 4),
    (merging_no_more, "a point of its own", 6),
]


@pytest.mark.parametrize(
    ("flow", "how", "times"), [pytest.param(*row, id=f"{name_of(row[0])}, {row[1]}") for row in _CHOSEN]
)
def test_a_killed_run_is_made_good_by_the_next(world: World, flow: Flow, how: How, times: int) -> None:
    assert check(world, flow, how) == times


def test_git_may_still_push_for_a_killed_run_while_the_next_one_is_at_work(world: World) -> None:
    world.image("nginx", "1.27", "a")
    api = world.add("api", {"Dockerfile": world.dockerfile("nginx:1.27")})
    api.git.hook("pre-receive", "sleep 2")
    world.site.reaper.expects(1, "within")
    assert world.sweep(waits=False).is_killed
    world.site.reaper.expects(0)
    run = world.sweep()
    assert run.outcome.code == 0, run.errors
    assert [pull.branch for pull in api.open] == ["pinbot/pin"]
    world.quiet()

"""kill -9 of `pinbot sweep` wherever it writes, in every flow: `python -m pytest tests/long/test_every_kill.py`.

A run is killed at each failpoint of its own, and by the servers at each of its writes, before that is done and after it
was done. It takes some five minutes; tests/live/test_kills.py has the short version.
"""

from __future__ import annotations

import pytest

from tests.live.flows import FLOWS, HOWS, Flow, How, check, name_of
from tests.live.world import World


@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize("flow", [pytest.param(flow, id=name_of(flow)) for flow in FLOWS])
def test_a_killed_run_is_made_good_by_the_next(world: World, flow: Flow, how: How) -> None:
    assert check(world, flow, how) >= 1

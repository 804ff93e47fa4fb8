"""Whole passes under a rule that lets changes merge by themselves: what the evidence says decides whether they do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from pinbot.oci.resolution import Runtime
from pinbot.planning.policy import Asked, Values
from pinbot.proposals.style import Style
from tests.fakes.forge import repository
from tests.sweeps.passing import PROPOSE, Passing, does

PREFIX = "org.opencontainers.image."
LABELS = {f"{PREFIX}source": "https://github.com/acme/web", f"{PREFIX}version": "1.27.3"}
MADE = datetime(2026, 10, 1, tzinfo=UTC)
WORKFLOW = b"jobs:\n  a:\n    runs-on: x\n    container: nginx:1.27\n"


def passing(files: Mapping[str, bytes] | None = None, tag: str = "1.27", **style: object) -> Passing:
    """Return a repository in which one image is pinned, under a rule for everything."""
    given = files or {"Dockerfile": f"FROM nginx:{tag}\n".encode()}
    world = Passing(repository("acme/api", given), values=Values(auto_merge=True))
    world.style = Style(grants=PROPOSE, refresh_every=timedelta(), **style)  # type: ignore[arg-type] # by name
    world.registry.push(tag, "a", created=MADE, labels=LABELS)
    return world


def refreshed(world: Passing, labels: Mapping[str, str] = LABELS, tag: str = "1.27", user: str = "") -> None:
    """Merge the first pin, let the image be rebuilt, and run."""
    world.sweep()
    world.repository.person_merges(1)
    world.pass_by(days=3)
    digest = world.registry.push(tag, "b", created=MADE + timedelta(days=3), labels=labels)
    config = world.registry.shelf.configs
    if user:
        before = next(iter(config))
        object.__setattr__(config[before], "runtime", Runtime(user="nonroot"))
        object.__setattr__(config[digest], "runtime", Runtime(user=user))
    world.sweep()


def test_a_first_pin_and_a_rebuild_of_one_source_merge_by_themselves() -> None:
    world = passing()
    world.sweep()
    assert world.open[0].merges_itself
    assert "as soon as the checks of the forge are green" in world.open[0].body
    again = passing()
    refreshed(again)
    assert [pull.merges_itself for pull in again.open] == [True]
    again.sweep()
    assert again.forge.writes == 0


@pytest.mark.parametrize(
    ("tag", "labels", "user", "says"),
    [
        pytest.param("1.27.3", {}, "", "a full version that was pushed again", id="an unverified rebuild"),
        pytest.param("1.27", {**LABELS, f"{PREFIX}source": "https://x.y/z"}, "", "says that it is from", id="source"),
        pytest.param("1.27", LABELS, "root", "is run by root now", id="what becomes root"),
    ],
)  # fmt: skip
def test_what_the_evidence_speaks_against_waits_for_a_person(
    tag: str, labels: Mapping[str, str], user: str, says: str
) -> None:
    world = passing(tag=tag)
    refreshed(world, labels, tag, user)
    (pull,) = world.open
    assert not pull.merges_itself
    assert "but a person has to do it" in pull.body
    assert says in pull.body.partition("but a person has to do it")[2]


def test_a_full_version_that_was_rebuilt_merges_by_itself() -> None:
    world = passing(tag="1.27.3")
    refreshed(world, tag="1.27.3")
    assert [pull.merges_itself for pull in world.open] == [True]


def test_workflows_drafts_and_what_is_asked_for_now_wait_for_a_person() -> None:
    in_workflows = passing({".github/workflows/ci.yml": WORKFLOW})
    in_workflows.sweep()
    drafts = passing(draft=True)
    drafts.sweep()
    hurried = passing()
    hurried.asked = Asked(now=("nginx",))
    hurried.is_meant = lambda _reference: True
    hurried.sweep()
    for world in (in_workflows, drafts, hurried):
        assert [pull.merges_itself for pull in world.open] == [False]


def test_what_became_worse_is_disarmed_before_it_is_pushed() -> None:
    world = passing(tag="1.27.3")
    refreshed(world, tag="1.27.3")
    assert world.open[0].merges_itself
    world.pass_by(days=3)
    world.registry.push("1.27.3", "c", labels={f"{PREFIX}source": LABELS[f"{PREFIX}source"]})
    visit = world.visit()
    assert does(visit) == ["update pinbot/refresh"]
    assert not world.open[0].merges_itself
    calls = world.forge.calls
    assert calls.index("stop_merging") < calls.index("edit")
    assert "but a person has to do it" in world.open[0].body

"""Dashboards, and pull requests that merge themselves, as the command writes them at a GitHub."""

from __future__ import annotations

import pytest

from tests.live.world import Held, World


@pytest.fixture
def api(world: World) -> Held:
    """A repository with an image that is not pinned, and a dashboard."""
    world.style += "  dashboard: true\n"
    world.more = "defaults: {cooldown: 3d}\n"
    world.image("nginx", "1.27", "a")
    return world.add("api", {"Dockerfile": world.dockerfile("nginx:1.27")})


def board(held: Held) -> str:
    """Return the text of the dashboard."""
    (ticket,) = held.repo.tickets
    return ticket.body


def test_a_dashboard_is_opened_and_then_comes_with_what_is_asked_anyway(world: World, api: Held) -> None:
    run = world.sweep()
    assert run.outcome.code == 0, run.outcome.stderr
    assert run.visits["api"]["dashboard"]["action"] == "open"
    assert "Open pull requests" in board(api)
    again = world.quiet()
    assert again.api == 2  # the list, and where everything stands
    assert again.visits["api"]["dashboard"]["action"] == "leave"


def test_an_image_that_waits_is_opened_when_somebody_asks(world: World, api: Held) -> None:
    world.sweep()
    world.person_merges("api", 1)
    world.image("nginx", "1.27", "b")
    assert world.sweep().does == {"api": []}
    assert "1 held" in board(api)
    world.person_checks("api", f"now={world.owner}/nginx")
    (asked,) = world.sweep().does["api"]
    assert asked.startswith("open pinbot/now-")
    assert "[x]" not in board(api)
    world.quiet()


def test_a_table_tells_of_a_new_dashboard_and_no_more(world: World, api: Held) -> None:
    first = world.sweep(form="")
    assert " dashboard " in first.outcome.stdout
    assert f"/api/issues/{api.repo.tickets[0].number}" in first.outcome.stdout
    assert " dashboard " not in world.sweep(form="").outcome.stdout


def test_a_dry_run_opens_none(world: World, api: Held) -> None:
    run = world.sweep("--dry-run")
    assert run.visits["api"]["dashboard"]["done"] is False
    assert api.repo.tickets == []


def test_a_repository_without_issues_is_said_and_fails_nothing(world: World, api: Held) -> None:
    api.repo.has_issues = False
    run = world.sweep(form="")
    assert run.outcome.code == 0
    assert "issues are disabled there" in run.outcome.stdout
    assert len(api.open) == 1


def test_what_rules_let_merge_itself_is_told_so(world: World, api: Held) -> None:
    world.more += "rules:\n  - match: {kind: pin}\n    set: {auto-merge: true}\n"
    run = world.sweep()
    assert run.outcome.code == 0, run.outcome.stderr
    (deed,) = run.visits["api"]["pull_requests"]
    assert deed["proposal"]["auto_merge"] is True, deed
    (pull,) = api.open
    assert pull.merged_by is not None
    assert "being opened" not in pull.body
    assert "merges itself when everything is green" in board(api)
    world.quiet()
    world.more = "defaults: {cooldown: 3d}\n"
    assert world.sweep().does == {"api": ["disarm pinbot/pin"]}
    assert pull.merged_by is None
    world.quiet()


def test_where_nothing_guards_the_base_a_person_has_to_merge(world: World, api: Held) -> None:
    api.repo.is_guarded = False
    world.more += "rules:\n  - match: {kind: pin}\n    set: {auto-merge: true}\n"
    run = world.sweep()
    assert run.outcome.code == 0, run.outcome.stderr
    (deed,) = run.visits["api"]["pull_requests"]
    (warning,) = deed["warnings"]
    assert "GitHub has nothing to wait for" in warning
    assert [pull.state for pull in api.repo.pulls] == ["OPEN"]
    world.quiet()

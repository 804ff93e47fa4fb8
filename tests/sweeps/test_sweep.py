"""Pass after pass over repositories, with what people do in between: what is open in the end, and what it took."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pinbot.oci.resolution import Attested, Config, Content
from pinbot.planning.policy import Asked, Values
from pinbot.proposals.action import Leave
from pinbot.proposals.style import Limits
from tests.fakes.forge import repository
from tests.sweeps.passing import Passing, does


@pytest.fixture
def world() -> Passing:
    """One repository whose Dockerfile names one image; two versions of it are there."""
    world = Passing(repository("acme/api", {"Dockerfile": b"FROM nginx:1.27\nRUN true\n"}))
    world.registry.push("1.27", "a")
    return world


def pinned(world: Passing) -> None:
    """Let the first pin be opened and merged."""
    world.sweep()
    world.repository.person_merges(1)


def test_a_first_pin_is_opened_once_and_then_left(world: Passing) -> None:
    visit = world.visit()
    assert does(visit) == ["open pinbot/pin"]
    digest = world.registry.shelf.tags["1.27"]
    assert world.text("pinbot/pin") == f"FROM nginx:1.27@{digest}\nRUN true\n"
    assert world.text("main") == "FROM nginx:1.27\nRUN true\n"
    assert world.open[0].title == "Pin nginx:1.27"
    again = world.visit()
    assert does(again) == ["leave pinbot/pin"]
    assert world.forge.writes == 0


def test_nothing_is_written_in_mode_observe(world: Passing) -> None:
    world.write = False
    visit = world.visit()
    assert does(visit) == ["open pinbot/pin"]
    assert [deed.done for deed in visit.deeds] == [False]
    assert world.forge.writes == 0
    assert list(world.repository.branches) == ["main"]


def test_a_newer_digest_updates_the_pull_request_that_is_open(world: Passing) -> None:
    pinned(world)
    world.registry.push("1.27", "b")
    assert does(world.visit()) == ["open pinbot/refresh"]
    number = world.open[0].number
    newest = world.registry.push("1.27", "c")
    world.pass_by(days=1)
    assert does(world.visit()) == ["update pinbot/refresh"]
    assert [pull.number for pull in world.open] == [number]
    assert str(newest) in world.text("pinbot/refresh")
    assert newest.short in world.open[0].body


def test_what_is_merged_is_done(world: Passing) -> None:
    pinned(world)
    assert does(world.visit()) == []
    assert world.open == []


def test_a_first_pin_that_was_closed_is_not_offered_again(world: Passing) -> None:
    world.sweep()
    world.repository.person_closes(1)
    visit = world.visit()
    assert does(visit) == []
    assert "pull request #1" in visit.kept[0].reason


def test_what_was_declined_stays_declined_while_something_else_of_its_group_is_open(world: Passing) -> None:
    world.sweep()
    world.repository.person_closes(1)
    world.repository.person_commits("main", {"other/Dockerfile": b"FROM nginx:1.27\n"})
    assert does(world.visit()) == ["open pinbot/pin"]
    for _ in range(2):
        assert does(world.visit()) == ["leave pinbot/pin"]
    assert world.text("pinbot/pin") == "FROM nginx:1.27\nRUN true\n"


def test_a_refresh_that_was_closed_refuses_that_digest_alone(world: Passing) -> None:
    pinned(world)
    world.registry.push("1.27", "b")
    world.sweep()
    world.repository.person_closes(2)
    assert does(world.visit()) == []
    world.pass_by(days=8)
    newer = world.registry.push("1.27", "c")
    assert does(world.visit()) == ["open pinbot/refresh"]
    assert str(newer) in world.text("pinbot/refresh")


def test_a_version_that_was_closed_is_passed_over(world: Passing) -> None:
    world.values = Values(level="minor")
    pinned(world)
    world.registry.push("1.28", "b")
    assert does(world.visit()) == ["open pinbot/bump-nginx"]
    world.repository.person_closes(2)
    assert does(world.visit()) == []
    world.registry.push("1.29", "c")
    assert does(world.visit()) == ["open pinbot/bump-nginx"]
    assert "1.29@" in world.text("pinbot/bump-nginx")


def test_a_persons_commit_is_left_alone_and_said_once(world: Passing) -> None:
    world.sweep()
    world.repository.person_commits("pinbot/pin", {"README": b"mine\n"})
    world.registry.push("1.27", "b")
    assert does(world.visit()) == ["leave pinbot/pin"]
    assert len(world.repository.comments) == 1
    before = world.repository.branches["pinbot/pin"]
    world.sweep()
    assert len(world.repository.comments) == 1
    assert world.repository.branches["pinbot/pin"] == before


def test_a_merge_of_the_base_is_no_persons_edit(world: Passing) -> None:
    world.sweep()
    world.repository.person_commits("main", {"README": b"new\n"})
    world.repository.person_merges_base(1)
    assert does(world.visit()) == ["leave pinbot/pin"]
    assert world.repository.comments == []
    world.registry.push("1.27", "b")
    assert does(world.visit()) == ["update pinbot/pin"]


def test_what_is_not_wanted_any_more_is_closed_and_may_be_wanted_again(world: Passing) -> None:
    world.sweep()
    world.repository.person_commits("main", {"Dockerfile": b"FROM scratch\n"})
    assert does(world.visit()) == ["close pinbot/pin"]
    assert world.open == []
    assert "pinbot/pin" not in world.repository.branches
    assert len(world.repository.comments) == 1
    # That was no refusal of anybody's.
    world.repository.person_commits("main", {"Dockerfile": b"FROM nginx:1.27\n"})
    assert does(world.visit()) == ["open pinbot/pin"]


def test_a_branch_of_that_name_that_is_not_ours_is_left(world: Passing) -> None:
    world.repository.person_commits("pinbot/pin", {"x": b"1"})
    visit = world.visit()
    assert does(visit) == ["leave pinbot/pin"]
    assert "not pinbot's" in _reason(visit.deeds[0].action)


def test_a_protected_branch_is_said_and_stops_nothing_else(world: Passing) -> None:
    other = repository("acme/web", {"Dockerfile": b"FROM nginx:1.27\n"})
    world.forge.held[other.id] = other
    world.repository.protected.add("pinbot/pin")
    first, second = world.sweep().visits
    assert "protected branch" in (first.deeds[0].error or "")
    assert second.deeds[0].done


def test_a_change_of_the_same_line_by_another_bot_is_held_with_a_link(world: Passing) -> None:
    world.repository.branches["renovate/nginx"] = world.repository.branches["main"]
    world.repository.person_commits("renovate/nginx", {"Dockerfile": b"FROM nginx:1.28\nRUN true\n"})
    pull = world.repository.person_opens("renovate/nginx", "renovate[bot]")
    visit = world.visit()
    assert does(visit) == []
    assert pull.url in visit.kept[0].reason
    assert visit.kept[0].outcome == "held"
    world.repository.person_closes(pull.number)
    assert does(world.visit()) == ["open pinbot/pin"]


def test_a_repository_that_fails_stops_no_other(world: Passing) -> None:
    gone = repository("acme/empty", {})
    archived = repository("acme/old", {"Dockerfile": b"FROM nginx:1.27\n"}, is_archived=True)
    world.forge.held = {gone.id: gone, archived.id: archived} | world.forge.held
    visits = world.sweep().visits
    assert [visit.passed_over for visit in visits] == ["empty", "archived", None]
    assert visits[2].deeds[0].done


def test_each_image_is_asked_once_for_all_repositories(world: Passing) -> None:
    for number in range(5):
        other = repository(f"acme/{number}", {"Dockerfile": b"FROM nginx:1.27\n"})
        world.forge.held[other.id] = other
    world.sweep()
    assert [type(q).__name__ for q in world.registry.shelf.asked] == ["Head", "Content", "Config"]
    assert world.forge.calls.count("standings") == 1


def test_limits_hold_and_the_rest_follows(world: Passing) -> None:
    for number in range(4):
        other = repository(f"acme/{number}", {"Dockerfile": b"FROM nginx:1.27\n"})
        world.forge.held[other.id] = other
    world.allow(limits=Limits(3, 2))
    assert [does(visit) for visit in world.sweep().visits] == [["open pinbot/pin"]] * 2 + [["leave pinbot/pin"]] * 3
    assert [does(visit)[0] for visit in world.sweep().visits] == ["leave pinbot/pin"] * 2 + ["open pinbot/pin"] * 2 + [
        "leave pinbot/pin"
    ]


def test_refreshes_come_once_a_week(world: Passing) -> None:
    pinned(world)
    world.registry.push("1.27", "b")
    world.sweep()
    world.repository.person_merges(2)
    world.pass_by(days=1)
    world.registry.push("1.27", "c")
    visit = world.visit()
    assert does(visit) == ["leave pinbot/refresh"]
    assert "not before" in _reason(visit.deeds[0].action)


def test_a_dead_digest_waits_for_nothing(world: Passing) -> None:
    pinned(world)
    world.allow(limits=Limits(0, 0))
    old = world.registry.shelf.tags["1.27"]
    world.registry.push("1.27", "b")
    world.registry.delete(old)
    assert does(world.visit()) == ["open pinbot/dead"]


def test_what_could_not_be_looked_up_closes_nothing(world: Passing) -> None:
    world.sweep()
    del world.registry.shelf.tags["1.27"]
    visit = world.visit()
    assert does(visit) == ["leave pinbot/pin"]
    assert visit.is_incomplete


def test_the_cooldown_of_an_unattended_run_holds_and_says_until_when(world: Passing) -> None:
    pinned(world)
    world.values = Values(cooldown=timedelta(days=3))
    world.pass_by(days=10)
    world.sweep()
    world.registry.push("1.27", "b")
    visit = world.visit()
    assert does(visit) == []
    assert visit.kept[0].until == world.registry.now + timedelta(days=3)
    world.asked = Asked(now=("nginx",))
    assert does(world.visit()) == ["open pinbot/refresh"]


def test_workflows_are_apart() -> None:
    workflow = b"jobs:\n  a:\n    runs-on: x\n    container: nginx:1.27\n"
    world = Passing(repository("acme/api", {"Dockerfile": b"FROM nginx:1.27\n", ".github/workflows/ci.yml": workflow}))
    world.registry.push("1.27", "a")
    assert does(world.visit()) == ["open pinbot/pin", "open pinbot/workflows-pin"]


def test_the_default_branch_is_renamed(world: Passing) -> None:
    world.sweep()
    world.repository.branches["trunk"] = world.repository.branches.pop("main")
    world.repository.default_branch = "trunk"
    world.repository.pulls[1] = world.repository.opened("pinbot/pin", "trunk", "Pin nginx:1.27", "")
    del world.repository.pulls[2]
    assert does(world.visit()) == ["leave pinbot/pin"]


def test_a_renamed_repository_is_the_same(world: Passing) -> None:
    world.sweep()
    world.repository.name = "acme/new-name"
    assert does(world.visit()) == ["leave pinbot/pin"]


def _reason(action: object) -> str:
    assert isinstance(action, Leave)
    return action.reason


def test_an_emergency_is_about_one_image_and_touches_nothing_else(world: Passing) -> None:
    world.repository.person_commits("main", {"db/Dockerfile": b"FROM nginx:1.26\n"})
    world.registry.push("1.26", "z")
    world.sweep()
    world.repository.person_merges(1)
    world.values = Values(cooldown=timedelta(days=3))
    world.pass_by(days=9)
    world.sweep()
    newest, _ = world.registry.push("1.27", "b"), world.registry.push("1.26", "y")
    world.asked = Asked(now=("nginx:1.27",))
    world.is_meant = lambda reference: reference.tag == "1.27"
    visit = world.visit()
    assert does(visit) == ["open pinbot/now-nginx"]
    assert str(newest) in world.text("pinbot/now-nginx")
    # The next ordinary pass leaves it, and does not propose the same again.
    world.asked, world.is_meant = Asked(), None
    assert does(world.visit()) == ["leave pinbot/now-nginx"]
    world.pass_by(days=4)
    assert sorted(does(world.visit())) == ["leave pinbot/now-nginx", "open pinbot/refresh"]
    assert str(newest) not in world.text("pinbot/refresh")
    assert does(world.visit()) == ["leave pinbot/now-nginx", "leave pinbot/refresh"]


def test_a_remote_without_pull_requests_has_branches_that_stand_for_them(world: Passing) -> None:
    world.forge.has_pull_requests = False
    assert does(world.visit()) == ["open pinbot/pin"]
    world.repository.pulls.clear()
    before = world.repository.branches["pinbot/pin"]
    world.repository.person_commits("main", {"README": b"1"})
    assert does(world.visit()) == ["leave pinbot/pin"]
    assert world.repository.branches["pinbot/pin"] == before
    world.repository.person_commits("pinbot/pin", {"README": b"2"})
    assert does(world.visit()) == ["leave pinbot/pin"]


def test_a_bug_of_ours_in_one_repository_stops_no_other(world: Passing) -> None:
    other = repository("acme/web", {"Dockerfile": b"FROM nginx:1.27\n"})
    world.forge.held[other.id] = other
    del world.repository.commits[world.repository.branches["main"]]
    first, second = world.sweep().visits
    assert "a bug in pinbot" in (first.error or "")
    assert second.deeds[0].done


def test_what_changed_is_asked_for_what_is_opened_alone(world: Passing) -> None:
    about = (Content, Config, Attested)

    def asked() -> list[str]:
        return [type(q).__name__ for q in world.registry.shelf.asked if isinstance(q, about)]

    world.write = False
    world.sweep()
    assert asked() == []
    world.write = True
    world.sweep()
    assert asked() == ["Content", "Config"]
    world.sweep()
    assert asked() == []
    world.repository.person_merges(1)
    world.registry.push("1.27", "b", created=world.registry.now)
    world.sweep()
    assert asked() == ["Content", "Config"]  # of the new image: what the ledger knows of the old one holds for ever
    assert "| built | - | " in world.open[0].body
    world.sweep()
    assert asked() == []


def test_a_registry_that_says_nothing_of_an_image_keeps_no_pull_request_from_being_opened(world: Passing) -> None:
    world.registry.shelf.configs.clear()
    assert does(world.visit()) == ["open pinbot/pin"]
    assert "| Image | Not looked up |" in world.open[0].body

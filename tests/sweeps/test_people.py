"""What people, settings and other repositories do between passes, and what must not come of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pinbot.planning.policy import Asked, Values
from pinbot.proposals.style import Grants, Limits
from tests.fakes.forge import MemoryRepository, repository
from tests.sweeps.passing import Passing, does

WORKFLOW = b"jobs:\n  a:\n    runs-on: x\n    container: nginx:1.27\n"
CI = ".github/workflows/ci.yml"


@pytest.fixture
def world() -> Passing:
    """One repository whose Dockerfile names one image; two versions of it are there."""
    world = Passing(repository("acme/api", {"Dockerfile": b"FROM nginx:1.27\nRUN true\n"}))
    world.registry.push("1.27", "a")
    return world


def pinned(world: Passing) -> None:
    """Let the first pins be opened and merged."""
    world.sweep()
    for pull in world.open:
        world.repository.person_merges(pull.number)


def beside(world: Passing, *names: str) -> list[MemoryRepository]:
    """Add repositories with the same Dockerfile, before the first one."""
    others = [repository(name, {"Dockerfile": b"FROM nginx:1.27\n"}) for name in names]
    world.forge.held = {one.id: one for one in others} | world.forge.held
    return others


def test_repositories_that_are_only_observed_do_not_use_up_the_limit_of_a_run(world: Passing) -> None:
    beside(world, *(f"other/{number}" for number in range(3)))
    world.allow(grants=Grants(repositories=("acme/*",)), limits=Limits(3, 2))
    *_, last = world.sweep().visits
    assert (does(last), [deed.done for deed in last.deeds]) == (["open pinbot/pin"], [True])


def test_the_limit_of_a_run_is_one_for_all_forges(world: Passing) -> None:
    beside(world, "acme/0", "acme/1")
    world.allow(limits=Limits(3, 2))
    result = world.sweep(opened=1)
    assert [does(visit) for visit in result.visits] == [["open pinbot/pin"], ["leave pinbot/pin"], ["leave pinbot/pin"]]
    assert result.opened == 2


def test_the_order_of_repositories_and_files_changes_nothing() -> None:
    files = {f"{name}/Dockerfile": f"FROM {name}:1\nFROM redis:7\n".encode() for name in ("nginx", "caddy", "httpd")}
    found = []
    for order in (1, -1):
        repositories = [repository(f"acme/{n}", dict(list(files.items())[::order])) for n in range(3)][::order]
        world = Passing(*repositories)
        for tag in ("1", "7"):
            world.registry.push(tag, f"content {tag}")
        world.sweep()
        held = sorted(world.forge.held.values(), key=lambda one: one.name)
        told = [(p.branch, p.title, p.body.replace(one.name, "x")) for one in held for p in one.pulls.values()]
        found.append((told, [dict(one.branches) for one in held]))
    assert found[0] == found[1]


def test_a_pull_request_is_closed_though_its_branch_may_not_be_deleted(world: Passing) -> None:
    world.sweep()
    world.repository.person_commits("main", {"Dockerfile": b"FROM scratch\n"})
    world.repository.protected.add("pinbot/pin")
    (deed,) = world.visit().deeds
    assert "protected branch" in (deed.error or "")
    assert world.open == []


def test_a_forge_that_has_had_enough_is_not_asked_any_more(world: Passing) -> None:
    beside(world, "acme/0", "acme/1")
    world.forge.busy_after = 1
    result = world.sweep()
    assert result.error == "enough"
    assert [[deed.error for deed in visit.deeds] for visit in result.visits] == [[None], ["enough"]]
    *_, last = world.forge.held.values()
    assert list(last.branches) == ["main"]
    world.forge.busy_after = None
    assert [does(visit)[0] for visit in world.sweep().visits] == [
        "leave pinbot/pin",
        "open pinbot/pin",
        "open pinbot/pin",
    ]


def test_what_could_not_be_opened_does_not_use_up_the_limit_of_a_run(world: Passing) -> None:
    for one in beside(world, "acme/0", "acme/1"):
        one.protected.add("pinbot/pin")
    world.allow(limits=Limits(3, 2))
    *_, last = world.sweep().visits
    assert (does(last), [deed.done for deed in last.deeds]) == (["open pinbot/pin"], [True])


def test_a_base_branch_that_a_repository_lacks_stops_no_other(world: Passing) -> None:
    world.allow(bases=("main", "release"))
    assert does(world.visit()) == ["open pinbot/pin"]


def test_what_was_declined_in_an_emergency_is_not_offered_by_the_ordinary_pass(world: Passing) -> None:
    pinned(world)
    world.registry.push("1.27", "b")
    world.asked, world.is_meant = Asked(now=("nginx",)), lambda _one: True
    assert does(world.visit()) == ["open pinbot/now-nginx"]
    world.repository.person_closes(2)
    world.asked, world.is_meant = Asked(), None
    assert does(world.visit()) == []


def test_what_was_declined_is_not_offered_in_a_pass_about_one_image(world: Passing) -> None:
    pinned(world)
    world.registry.push("1.27", "b")
    world.sweep()
    world.repository.person_closes(2)
    world.is_meant = lambda _one: True
    assert does(world.visit()) == []
    world.asked = Asked(now=("nginx",))
    assert does(world.visit()) == ["open pinbot/now-nginx"]


@pytest.mark.parametrize("groups", ["all", "directory", "registry"])
def test_what_was_declined_stays_declined_when_the_settings_group_in_another_way(world: Passing, groups: str) -> None:
    world.sweep()
    world.repository.person_closes(1)
    world.allow(groups=groups)
    assert does(world.visit()) == []
    world.allow(groups="default")
    assert does(world.visit()) == []


def test_an_emergency_in_a_workflow_is_left_open_by_the_ordinary_pass() -> None:
    world = Passing(repository("acme/api", {CI: WORKFLOW}))
    world.registry.push("1.27", "a")
    pinned(world)
    world.values = Values(cooldown=timedelta(days=3))
    world.pass_by(days=9)
    world.sweep()
    world.registry.push("1.27", "b")
    world.asked, world.is_meant = Asked(now=("nginx",)), lambda _one: True
    assert does(world.visit()) == ["open pinbot/workflows-now-nginx"]
    world.asked, world.is_meant = Asked(), None
    assert does(world.visit()) == ["leave pinbot/workflows-now-nginx"]


def test_a_newer_digest_updates_the_pull_request_of_an_emergency(world: Passing) -> None:
    pinned(world)
    world.registry.push("1.27", "b")
    world.asked, world.is_meant = Asked(now=("nginx",)), lambda _one: True
    assert does(world.visit()) == ["open pinbot/now-nginx"]
    world.asked, world.is_meant = Asked(), None
    newest = world.registry.push("1.27", "c")
    assert does(world.visit()) == ["update pinbot/now-nginx"]
    assert str(newest) in world.text("pinbot/now-nginx")
    assert does(world.visit()) == ["leave pinbot/now-nginx"]
    world.repository.person_merges(2)
    assert does(world.visit()) == []


def test_an_emergency_on_another_base_is_left_open_by_the_ordinary_pass(world: Passing) -> None:
    world.repository.branches["release"] = world.repository.branches["main"]
    world.allow(bases=("main", "release"))
    pinned(world)
    world.values = Values(cooldown=timedelta(days=3))
    world.pass_by(days=9)
    world.sweep()
    world.registry.push("1.27", "b")
    world.asked, world.is_meant = Asked(now=("nginx",)), lambda _one: True
    opened = does(world.visit())
    assert len(opened) == 2
    world.asked, world.is_meant = Asked(), None
    assert does(world.visit()) == [one.replace("open", "leave") for one in opened]


@pytest.mark.parametrize("closed", [0, 1], ids=["the first base", "the second base"])
def test_closing_for_one_base_branch_says_nothing_about_another(world: Passing, closed: int) -> None:
    world.repository.branches["release"] = world.repository.branches["main"]
    world.allow(bases=("main", "release"))
    world.sweep()
    pulls = world.open
    world.repository.person_closes(pulls[closed].number)
    for _ in range(2):
        assert does(world.visit()) == [f"leave {pulls[1 - closed].branch}"]


@pytest.mark.parametrize("closed", [0, 1], ids=["the first", "the second"])
def test_closing_one_of_two_with_the_same_digest_refuses_the_digest(closed: int) -> None:
    world = Passing(repository("acme/api", {"Dockerfile": b"FROM nginx:1.27\n", CI: WORKFLOW}))
    world.registry.push("1.27", "a")
    pinned(world)
    world.registry.push("1.27", "b")
    world.sweep()
    pulls = world.open
    assert [pull.branch for pull in pulls] == ["pinbot/refresh", "pinbot/workflows-refresh"]
    world.pass_by(hours=1)
    world.repository.person_closes(pulls[closed].number)
    world.pass_by(days=8)
    world.sweep()
    assert world.open == []
    assert does(world.visit()) == []


def test_a_branch_without_a_pull_request_is_kept_where_a_persons_commit_is_below_ours(world: Passing) -> None:
    world.sweep()
    held = world.repository
    ours = held.commits[held.branches["pinbot/pin"]]
    held.branches["pinbot/pin"] = held.branches["main"]
    theirs = held.person_commits("pinbot/pin", {"README": b"mine\n"})
    files = {**held.trees[theirs.tree], **held.trees[ours.tree]}
    held.branches["pinbot/pin"] = held.commit(held.tree(files), [theirs.sha], ours.message, "pinbot").sha
    tip = held.branches["pinbot/pin"]
    held.person_closes(1, deletes=False)
    held.person_commits("main", {"Dockerfile": b"FROM scratch\n"})
    assert does(world.visit()) == []
    held.person_commits("main", {"Dockerfile": b"FROM nginx:1.27\n", "b/Dockerfile": b"FROM nginx:1.27\n"})
    assert does(world.visit()) == ["leave pinbot/pin"]
    assert held.branches["pinbot/pin"] == tip


def test_what_a_person_merges_is_kept_where_only_tips_are_known(world: Passing) -> None:
    world.forge.has_pull_requests = False
    world.sweep()
    held = world.repository
    held.person_commits("pinbot/pin", {"README": b"mine\n"})
    held.person_commits("main", {"Makefile": b"all:\n"})
    held.person_merges_base(1)
    held.pulls.clear()
    tip = held.branches["pinbot/pin"]
    world.registry.push("1.27", "b")
    assert does(world.visit()) == ["leave pinbot/pin"]
    assert held.branches["pinbot/pin"] == tip


def test_limits_hold_where_branches_stand_for_pull_requests(world: Passing) -> None:
    world.forge.has_pull_requests = False
    world.repository.person_commits("main", {CI: WORKFLOW})
    world.allow(limits=Limits(1, None))
    assert does(world.visit()) == ["open pinbot/pin", "leave pinbot/workflows-pin"]
    world.repository.pulls.clear()
    assert does(world.visit()) == ["leave pinbot/pin", "leave pinbot/workflows-pin"]
    assert "pinbot/workflows-pin" not in world.repository.branches


def test_a_pull_request_for_a_dead_digest_takes_no_others_place(world: Passing) -> None:
    pinned(world)
    world.allow(limits=Limits(1, None))
    old = world.registry.shelf.tags["1.27"]
    world.registry.push("1.27", "b")
    world.registry.delete(old)
    assert does(world.visit()) == ["open pinbot/dead"]
    world.repository.person_commits("main", {"b/Dockerfile": b"FROM nginx:1.27\n"})
    assert does(world.visit()) == ["leave pinbot/dead", "open pinbot/pin"]
    assert does(world.visit()) == ["leave pinbot/dead", "leave pinbot/pin"]


def test_a_diff_from_a_fork_that_cannot_be_had_stops_nothing(world: Passing) -> None:
    pull = world.repository.person_opens("renovate/nginx", "x[bot]", in_repository=False)
    world.forge.undiffable.add(pull.number)
    assert does(world.visit()) == ["open pinbot/pin"]
    world.repository.pulls[pull.number] = world.repository.opened("renovate/y", "main", "", "", "x[bot]")
    world.forge.undiffable.update(world.repository.pulls)
    assert "no diff" in (world.visit().error or "")

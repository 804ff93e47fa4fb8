"""The dashboard over passes: what it shows, what is obeyed, and that it rests when nothing happens."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from pinbot.planning.policy import Asked, Values
from pinbot.proposals.issue import DASHBOARD
from pinbot.proposals.result import Visit
from pinbot.proposals.style import Dashboards, Grants, Limits
from pinbot.proposals.window import Window
from tests.fakes.forge import MemoryForge, repository
from tests.sweeps.passing import Passing, does

FILE = b"FROM nginx:1.27\nFROM redis:7\n"


def world(content: bytes = FILE, days: int = 3) -> Passing:
    """Return a world with a dashboard, in which new digests wait for so many days."""
    made = Passing(repository("acme/api", {"Dockerfile": content}), values=Values(cooldown=timedelta(days=days)))
    made.allow(dashboards=Dashboards(everywhere=True))
    for tag in ("1.27", "7"):
        made.registry.push(tag, f"first {tag}")
    return made


def rests(made: Passing) -> bool:
    """Whether a pass writes nothing at all, now and later on."""
    for hours in (0, 1, 5, 30):
        made.pass_by(hours=hours)
        made.sweep()
        if made.forge.writes:
            return False
    return True


def held(made: Passing) -> Passing:
    """Merge what pins, and let a new digest of nginx turn up, which waits."""
    made.sweep()
    made.repository.person_merges(1)
    made.registry.push("1.27", "second")
    made.sweep()
    return made


def board(visit: Visit) -> str:
    """Return what became of the dashboard, in a word."""
    assert visit.board is not None
    assert visit.board.error is None
    return f"{visit.board.action} {'done' if visit.board.done else 'not done'}"


# What it shows


def test_a_repository_gets_one_and_it_rests() -> None:
    made = world()
    assert board(made.visit()) == "open done"
    (issue,) = made.repository.issues.values()
    assert issue.title == "Container images"
    assert "**2 references:** 2 to be changed." in issue.body
    assert "- [ ] <!-- pinbot:rebase=pinbot/pin --> Pin 2 images: [pull request 1](" in issue.body
    assert rests(made)
    assert len(made.repository.issues) == 1


def test_what_is_held_is_shown_with_its_end_and_no_age() -> None:
    made = held(world())
    assert "**2 references:** 1 as they should be, 1 held." in made.repository.dashboard
    assert "- [ ] <!-- pinbot:now=nginx --> `nginx:1.27` in `Dockerfile:1`: cooldown 3 days; until" in (
        made.repository.dashboard
    )
    assert "ago" not in made.repository.dashboard
    made.pass_by(days=1)
    made.sweep()
    assert made.forge.writes == 0


def test_what_could_not_be_looked_up_is_shown_with_a_box() -> None:
    made = world(b"FROM nginx:1.27\nFROM gone:1\n")
    made.sweep()
    assert "- [ ] <!-- pinbot:retry=lookups -->" in made.repository.dashboard
    assert "- `gone:1` in `Dockerfile:2`: `" in made.repository.dashboard
    made.repository.person_checks("retry=lookups")
    made.registry.push("1", "here")
    assert board(made.visit()) == "update done"
    assert "[x]" not in made.repository.dashboard
    assert rests(made)


def test_what_waits_for_a_limit_is_shown_with_a_box() -> None:
    made = world(b"FROM nginx:1.27@sha256:" + b"a" * 64 + b"\nFROM redis:7\n")
    made.allow(limits=Limits(0, None))
    made.sweep()
    assert "## Pull requests that wait" in made.repository.dashboard
    assert "- [ ] <!-- pinbot:open=pinbot/pin --> Pin `redis:7`: the limit of open pull requests" in (
        made.repository.dashboard
    )
    assert rests(made)


def test_a_pull_request_with_somebody_elses_commits_has_no_box() -> None:
    made = world()
    made.sweep()
    made.repository.person_commits("pinbot/pin", {"README": b"mine\n"})
    made.sweep()
    assert "rebase=" not in made.repository.dashboard
    assert "left alone: somebody else's commits are on its branch" in made.repository.dashboard
    assert rests(made)


def test_what_the_settings_hold_has_no_box() -> None:
    made = world(days=0)
    held(made)
    made.values = Values(until=made.registry.now.date() + timedelta(days=30))
    made.sweep()
    assert "- `nginx:1.27` in `Dockerfile:1`: the settings hold it to the end of" in made.repository.dashboard
    assert "now=" not in made.repository.dashboard


def test_what_another_bot_offers_has_no_box() -> None:
    made = held(world(days=0))
    made.repository.person_closes(2)
    made.repository.branches["renovate/nginx"] = made.repository.branches["main"]
    made.repository.person_commits("renovate/nginx", {"Dockerfile": b"# theirs\n"})
    made.repository.person_opens("renovate/nginx", "renovate[bot]")
    made.registry.push("1.27", "third")
    made.sweep()
    assert "renovate[bot]" in made.repository.dashboard
    assert "now=" not in made.repository.dashboard


def test_what_somebody_declined_has_a_box() -> None:
    made = world(days=0)
    made.sweep()
    made.repository.person_closes(1)
    made.sweep()
    assert "## Refused" in made.repository.dashboard
    assert "<!-- pinbot:now=nginx -->" in made.repository.dashboard
    made.repository.person_checks("now=nginx")
    assert does(made.visit()) == ["open pinbot/now-nginx"]
    assert "redis" in made.repository.dashboard
    assert rests(made)


# What is asked for


def test_an_image_that_is_asked_for_does_not_wait() -> None:
    made = held(world())
    made.repository.person_checks("now=nginx")
    assert does(made.visit()) == ["open pinbot/now-nginx"]
    assert "[x]" not in made.repository.dashboard
    assert "<!-- pinbot:rebase=pinbot/now-nginx -->" in made.repository.dashboard
    assert rests(made)


def test_asking_for_one_image_asks_for_no_other() -> None:
    made = world()
    made.sweep()
    made.repository.person_merges(1)
    for tag in ("1.27", "7"):
        made.registry.push(tag, f"second {tag}")
    made.sweep()
    made.repository.person_checks("now=redis")
    assert does(made.visit()) == ["open pinbot/now-redis"]
    assert "<!-- pinbot:now=nginx -->" in made.repository.dashboard


def test_asking_waits_for_no_window_and_no_limit() -> None:
    made = held(world())
    tomorrow = (made.registry.now + timedelta(days=1)).weekday()
    made.allow(limits=Limits(0, 0), window=Window((tomorrow,)))
    made.repository.person_checks("now=nginx")
    assert does(made.visit()) == ["open pinbot/now-nginx"]


def test_one_that_waits_is_opened_when_it_is_asked_for() -> None:
    made = world()
    made.allow(limits=Limits(0, 0))
    assert does(made.visit()) == ["leave pinbot/pin"]
    made.repository.person_checks("open=pinbot/pin")
    assert does(made.visit()) == ["open pinbot/pin"]
    assert rests(made)


def test_an_update_that_waits_for_its_window_is_made_when_it_is_asked_for() -> None:
    made = world(days=0)
    made.sweep()
    made.allow(window=Window(((made.registry.now + timedelta(days=1)).weekday(),)))
    made.registry.push("1.27", "second")
    assert does(made.visit()) == ["leave pinbot/pin"]
    made.repository.person_checks("open=pinbot/pin")
    assert does(made.visit()) == ["update pinbot/pin"]


def test_one_that_is_open_is_rebuilt_on_its_base() -> None:
    made = world()
    made.sweep()
    base = made.repository.person_commits("main", {"README": b"words\n"})
    assert does(made.visit()) == ["leave pinbot/pin"]
    made.repository.person_checks("rebase=pinbot/pin")
    assert does(made.visit()) == ["update pinbot/pin"]
    (pull,) = made.open
    assert [commit.parents for commit in pull.commits] == [(base.sha,)]
    assert rests(made)


def test_one_that_stands_on_its_base_already_is_only_unchecked() -> None:
    made = world()
    made.sweep()
    tip = made.repository.branches["pinbot/pin"]
    made.repository.person_checks("rebase=pinbot/pin")
    assert does(made.visit()) == ["leave pinbot/pin"]
    assert made.forge.calls[-1] == "write_issue"
    assert made.repository.branches["pinbot/pin"] == tip
    assert rests(made)


def test_a_persons_work_is_not_rebuilt() -> None:
    made = world()
    made.sweep()
    mine = made.repository.person_commits("pinbot/pin", {"README": b"mine\n"})
    made.repository.person_checks("rebase=pinbot/pin")
    made.sweep()
    assert made.repository.branches["pinbot/pin"] == mine.sha


@pytest.mark.parametrize(
    "line",
    [
        "- [x] <!-- pinbot:rebase=main -->",
        "- [x] <!-- pinbot:open=main -->",
        "- [x] <!-- pinbot:now=* -->",
        "- [x] <!-- pinbot:now=redi* -->",
        "- [x] <!-- pinbot:now=evil/image -->",
        "- [x] <!-- pinbot:retry=main -->",
        "- [x] <!-- pinbot:close=pinbot/pin -->",
    ],
)
def test_what_is_not_there_cannot_be_asked_for(line: str) -> None:
    made = held(world())
    (issue,) = made.repository.issues.values()
    branches = dict(made.repository.branches)
    made.repository.issues[1] = replace(issue, body=f"{issue.body}\n{line}\n")
    assert does(made.visit()) == []
    assert made.repository.branches == branches
    assert made.repository.dashboard == issue.body


def test_what_failed_stays_asked_for() -> None:
    made = held(world())
    made.repository.protected.add("pinbot/now-nginx")
    made.repository.person_checks("now=nginx")
    visit = made.visit()
    assert visit.deeds[0].error is not None
    assert "## Pull requests that failed" in made.repository.dashboard
    assert "- [x] <!-- pinbot:now=nginx -->" in made.repository.dashboard
    made.repository.protected.clear()
    assert does(made.visit()) == ["open pinbot/now-nginx"]
    assert "[x]" not in made.repository.dashboard
    assert rests(made)


def test_what_failed_can_be_tried_again() -> None:
    made = world()
    made.repository.protected.add("pinbot/pin")
    made.sweep()
    assert "- [ ] <!-- pinbot:retry=pinbot/pin -->" in made.repository.dashboard
    made.repository.protected.clear()
    made.allow(limits=Limits(0, 0))
    made.repository.person_checks("retry=pinbot/pin")
    assert does(made.visit()) == ["open pinbot/pin"]


@pytest.mark.parametrize(
    ("ask", "done", "gone"),
    [
        pytest.param("rebase=pinbot/pin", "update pinbot/pin", ("1.27", "7"), id="a rebuild, and nobody answers"),
        pytest.param("rebase=pinbot/pin", "update pinbot/pin", ("7",), id="a rebuild, and one of two is not told"),
        pytest.param("open=pinbot/pin", "open pinbot/pin", ("1.27", "7"), id="one that waits for a limit"),
        pytest.param("retry=pinbot/pin", "open pinbot/pin", ("1.27", "7"), id="one that failed"),
        pytest.param("now=nginx", "open pinbot/now-nginx", ("1.27",), id="an image that waits"),
    ],
)
def test_what_is_asked_for_while_a_registry_is_down_is_not_lost(ask: str, done: str, gone: tuple[str, ...]) -> None:
    made = held(world()) if ask.startswith("now") else world()
    made.repository.protected |= {"pinbot/pin"} if ask.startswith("retry") else set()
    made.allow(limits=Limits(0, 0) if ask.startswith("open") else Limits(None, None))
    made.sweep()
    made.repository.protected.clear()
    made.allow(limits=Limits(0, 0))
    made.repository.person_commits("main", {"README": b"words\n"})
    made.repository.person_checks(ask)
    tags = dict(made.registry.shelf.tags)
    for tag in gone:
        del made.registry.shelf.tags[tag]
    for _ in range(2):
        assert done not in does(made.visit())
        assert f"- [x] <!-- pinbot:{ask} -->" in made.repository.dashboard
    assert made.forge.writes == 0, "it rests while it waits"
    made.registry.shelf.tags.update(tags)
    assert does(made.visit()) == [done]
    assert "[x]" not in made.repository.dashboard


def test_what_cannot_be_ours_is_not_kept_while_a_registry_is_down() -> None:
    made = held(world())
    made.registry.shelf.tags.clear()
    (issue,) = made.repository.issues.values()
    lines = "\n".join(f"- [x] <!-- pinbot:{ask} -->" for ask in ("open=main", "rebase=main", "now=evil", "retry=x"))
    made.repository.issues[1] = replace(issue, body=f"{issue.body}\n{lines}\n")
    made.sweep()
    assert "[x]" not in made.repository.dashboard


def test_a_box_that_is_checked_while_a_pass_runs_is_obeyed_by_the_next() -> None:
    made = held(world())
    made.repository.person_commits("main", {"other/Dockerfile": b"FROM redis:7\n"})

    def checked(name: str) -> None:
        if name == "before-dashboard":
            made.repository.person_checks("now=nginx")

    (visit,) = made.sweep(checked).visits
    assert visit.board is not None
    assert "somebody has changed it in this moment" in (visit.board.reason or "")
    assert "- [x] <!-- pinbot:now=nginx -->" in made.repository.dashboard
    assert "open pinbot/now-nginx" in does(made.visit())
    assert rests(made)


# Where there is none


def test_one_that_somebody_closed_is_left_alone_and_not_read() -> None:
    made = held(world())
    made.repository.person_checks("now=nginx")
    (issue,) = made.repository.issues.values()
    made.repository.issues[1] = replace(issue, is_open=False)
    visit = made.visit()
    assert does(visit) == []
    assert visit.board is not None
    assert visit.board.reason is not None
    assert "closed" in visit.board.reason
    assert made.repository.issues == {1: replace(issue, is_open=False)}
    made.repository.issues[1] = issue
    assert does(made.visit()) == ["open pinbot/now-nginx"]


def test_a_repository_without_issues_fails_nothing() -> None:
    made = world()
    made.repository.has_issues = False
    visit = made.visit()
    assert visit.board is not None
    assert visit.board.reason == "issues are disabled"
    assert not visit.is_incomplete
    assert does(visit) == ["open pinbot/pin"]


def test_a_repository_without_images_gets_none() -> None:
    made = world(b"# nothing\n")
    assert made.visit().board is None
    assert made.repository.issues == {}


def test_one_says_when_the_last_image_is_gone() -> None:
    made = world()
    made.sweep()
    made.repository.person_commits("main", {"Dockerfile": b"# nothing\n"})
    made.sweep()
    assert "No references to container images were found" in made.repository.dashboard
    assert rests(made)


def test_where_only_is_observed_nothing_is_written() -> None:
    made = world()
    made.allow(grants=Grants("observe"))
    assert board(made.visit()) == "open not done"
    made.allow(grants=Grants("propose"))
    made.write = False
    assert board(made.visit()) == "open not done"
    assert made.repository.issues == {}


def test_a_pass_about_some_images_leaves_it_alone() -> None:
    made = held(world())
    made.repository.person_checks("now=nginx")
    made.asked, made.is_meant = Asked(), lambda reference: reference.path.endswith("redis")
    visit = made.visit()
    assert visit.board is None
    assert does(visit) == []
    assert "[x]" in made.repository.dashboard


def test_settings_say_where() -> None:
    made = world()
    for chosen, expected in (
        (Dashboards(), False),
        (Dashboards(repositories=("acme/a*",)), True),
        (Dashboards(repositories=("acme/b*",)), False),
        (Dashboards(topics=("images",)), False),
    ):
        made.allow(dashboards=chosen)
        assert (made.visit().board is not None) == expected


def test_the_title_that_people_gave_it_stays() -> None:
    made = world()
    made.sweep()
    made.repository.issues[1] = replace(made.repository.issues[1], title="Ours")
    made.repository.person_commits("main", {"Dockerfile": b"FROM redis:7\n"})
    made.sweep()
    assert made.repository.issues[1].title == "Ours"


def test_a_forge_that_has_had_enough_leaves_it_for_the_next_run() -> None:
    made = held(world())
    made.repository.person_checks("now=nginx")
    made.forge.busy_after = 1
    made.sweep()
    assert "[x]" in made.repository.dashboard
    made.forge.busy_after = None
    made.sweep()
    assert "[x]" not in made.repository.dashboard
    assert [pull.branch for pull in made.open] == ["pinbot/now-nginx"]
    assert rests(made)


def test_it_is_never_a_second_one() -> None:
    made = world()
    seen: list[int] = []
    forge: MemoryForge = made.forge
    for _ in range(3):
        made.sweep(lambda _name: seen.append(len(made.repository.issues)))
    assert max(seen) == 1
    assert all(DASHBOARD in issue.body for issue in forge.held["id-acme/api"].issues.values())

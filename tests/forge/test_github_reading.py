"""What GitHub tells of repositories and pull requests, and how many requests that takes."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from pinbot.errors import ForgeError, ForgeForbids, UsageError
from pinbot.forge._base import Owner
from pinbot.forge.github import Wire
from pinbot.net.proxy import Proxies
from pinbot.proposals.pull import PENDING
from pinbot.proposals.repository import Repository, Selection, Standing, Unreachable
from tests.fakes.github.server import Fault
from tests.fakes.github.state import Actor, Pull, Repo
from tests.forge.hubs import BRANCH, START, TOKEN, Bench, bench, proposal

US, OTHER = Actor("pinner"), Actor("dependabot[bot]", "Bot")


@pytest.fixture(name="at")
def _at() -> Iterator[Bench]:
    with bench() as made:
        yield made


def _open(at: Bench, branch: str = BRANCH, actor: Actor = US, **more: object) -> Pull:
    at.push(branch)
    return at.hub.open(at.repo, actor, branch, "main", "Pin 1 image", "Pins alpine.\r\n", **more)


def test_a_repository_stands_where_its_default_branch_is(at: Bench) -> None:
    at.repo.topics = ("go",)
    standing = at.standing()
    assert standing.head == at.repo.heads.tip("main")
    assert (standing.repository.name, standing.repository.default_branch) == ("acme/api", "main")
    assert standing.repository.topics == ("go",)
    assert standing.repository.url == f"{at.server.web}/acme/api"
    assert standing.pulls == ()


def test_a_pull_request_is_told_with_its_commits(at: Bench) -> None:
    opened = _open(at)
    (pull,) = at.standing().pulls
    made = at.hub.made(at.repo, opened.head)
    assert (pull.number, pull.branch, pull.base, pull.state) == (1, BRANCH, "main", "open")
    assert (pull.by_us, pull.in_repository, pull.conflicts, pull.is_draft) == (True, True, False, False)
    assert (pull.title, pull.body, pull.opened) == ("Pin 1 image", "Pins alpine.\n", START)
    assert pull.url == f"{at.server.web}/acme/api/pull/1"
    assert pull.head is not None
    assert (pull.head.sha, pull.head.tree, pull.head.parents) == (made.sha, made.tree, made.parents)
    assert (pull.head.message, pull.head.author) == ("Pin alpine\n", "pinbot")


def test_a_pull_request_of_a_fork_is_not_one_of_the_repository(at: Bench) -> None:
    opened = _open(at, actor=Actor("mallory"), from_fork=77, head="f" * 40)
    opened.commits = [at.push("elsewhere")]
    (pull,) = at.standing().pulls
    assert (pull.in_repository, pull.by_us) == (False, False)


def test_the_bot_of_an_app_has_the_name_that_it_has_everywhere(at: Bench) -> None:
    _open(at, "dependabot/docker", OTHER)
    (pull,) = at.standing().pulls
    assert (pull.author, pull.by_us) == ("dependabot[bot]", False)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param({"is_gone": True}, "Could not resolve", id="deleted"),
        pytest.param({"is_disabled": True}, "disabled", id="disabled"),
        pytest.param({"is_locked": True}, "locked", id="locked"),
    ],
)
def test_a_repository_that_cannot_be_reached_says_why_and_stops_no_other(
    at: Bench, change: dict[str, bool], reason: str
) -> None:
    other = at.hub.add("acme/web")
    wanted = [at.repository(), at.repository().__class__(other.id, "acme/web", "main")]
    for key, value in change.items():
        setattr(at.repo, key, value)
    found = at.forge().standings(wanted)
    gone = found[at.repo.id]
    assert isinstance(gone, Unreachable)
    assert reason in gone.reason
    assert isinstance(found[other.id], Standing)


def test_a_repository_is_told_as_it_is_now(at: Bench) -> None:
    asked = at.repository()
    at.hub.rename(at.repo, "acme/renamed")
    at.repo.is_archived, at.repo.default_branch = True, "trunk"
    standing = at.forge().standings([asked])[asked.id]
    assert isinstance(standing, Standing)
    assert (standing.repository.name, standing.repository.is_archived) == ("acme/renamed", True)
    assert (standing.repository.is_empty, standing.head) == (True, None)


def test_a_hundred_repositories_cost_one_request_and_one_for_our_pull_requests(at: Bench) -> None:
    repos = [at.repo, *(at.hub.add(f"acme/r{i:03}") for i in range(249))]
    forge = at.forge()
    listed = list(forge.repositories())
    assert [r.name for r in listed] == [r.name for r in repos]
    assert at.server.count() == 3
    found = forge.standings(listed)
    assert all(isinstance(s, Standing) for s in found.values())
    assert (len(found), at.server.count()) == (250, 6)
    opened = _open(at)
    standing = forge.standings(listed)[at.repo.id]
    assert isinstance(standing, Standing)
    assert [c.sha for c in standing.pulls[0].commits] == [opened.head]
    assert (standing.pulls[0].body, standing.pulls[0].conflicts) == ("Pins alpine.\n", False)
    assert at.server.count() == 10


def test_of_many_repositories_the_pull_requests_of_others_are_told_in_brief(at: Bench) -> None:
    many = [at.repository(), *(at.repository().__class__(at.hub.add(f"acme/r{i}").id, "", "main") for i in range(20))]
    opened = _open(at, "dependabot/docker", OTHER)
    standing = at.forge().standings(many)[at.repo.id]
    assert isinstance(standing, Standing)
    (pull,) = standing.pulls
    assert ([c.sha for c in pull.commits], pull.body, pull.conflicts) == ([opened.head], "", None)
    assert at.server.count() == 1


def test_all_open_pull_requests_are_told_however_many(at: Bench) -> None:
    _open(at)
    for i in range(260):
        _open(at, f"other/{i}", OTHER)
    standing = at.standing()
    assert len(standing.pulls) == 261
    assert next(p for p in standing.pulls if p.branch == BRANCH).commits[0].tree


def test_more_commits_than_usual_are_asked_for(at: Bench) -> None:
    for i in range(30):
        at.push(text=f"FROM alpine:{i}\n")
    at.hub.open(at.repo, US, BRANCH, "main", "Pin", "")
    (pull,) = at.standing().pulls
    assert len(pull.commits) == 30


def test_a_request_that_is_too_much_is_halved(at: Bench) -> None:
    many = [at.repository().__class__(at.hub.add(f"acme/r{i}").id, f"acme/r{i}", "main") for i in range(40)]
    at.server.faults.append(Fault("POST", "/graphql", 502, times=4))
    assert len(at.forge().standings(many)) == 40
    assert at.server.count() == 6


def test_a_part_that_is_missing_is_not_taken_for_nothing(at: Bench) -> None:
    at.hub.tokens[TOKEN] = Actor("pinner", permissions={"metadata": "read"})
    _open(at)
    found = at.forge().standings([at.repository()])[at.repo.id]
    assert isinstance(found, Unreachable)
    assert "not accessible" in found.reason


def test_closed_ones_are_told_the_latest_first_and_none_of_forks(at: Bench) -> None:
    for title in ("first", "second"):
        pull = _open(at)
        pull.title = title
        at.hub.close(at.repo, pull, "CLOSED", "ann")
    merged = _open(at, "pinbot/refresh")
    at.hub.close(at.repo, merged, "MERGED", "ann")
    for i in range(130):
        fork = _open(at, actor=Actor("mallory"), from_fork=77, head="f" * 40)
        at.hub.close(at.repo, fork, "CLOSED", "mallory")
        if i == 7:
            at.hub.close(at.repo, _open(at, actor=Actor("ann")), "CLOSED", "ann")
    found = at.forge().closed(at.repository(), [BRANCH, "pinbot/refresh", "pinbot/none"])
    assert [(p.title, p.state) for p in found] == [
        ("second", "closed"),
        ("first", "closed"),
        ("Pin 1 image", "merged"),
    ]
    assert found[0].head is not None
    assert found[0].head.message == "Pin alpine\n"
    assert found[0].closed == START


def test_all_closed_ones_of_a_branch_are_told(at: Bench) -> None:
    for _ in range(23):
        at.hub.close(at.repo, _open(at), "CLOSED", "ann")
    assert [p.number for p in at.forge().closed(at.repository(), [BRANCH])] == [*range(23, 0, -1)]


def test_what_was_offered_is_told_where_a_person_has_committed_before_closing(at: Bench) -> None:
    pull = _open(at)
    at.push(text="FROM alpine:3.19\n", author="ann")
    assert len(at.pull().commits) == 2
    at.hub.close(at.repo, pull, "CLOSED", "ann")
    (found,) = at.forge().closed(at.repository(), [BRANCH])
    assert [commit.author for commit in found.commits] == ["pinbot", "ann"]


def test_closed_ones_of_many_branches_cost_one_request(at: Bench) -> None:
    at.forge().closed(at.repository(), [f"pinbot/{i}" for i in range(50)])
    assert at.server.count() == 1


def test_names_are_listed_in_their_order_and_one_that_is_not_there_says_so(at: Bench) -> None:
    at.hub.add("other/old", is_archived=True)
    forge = at.forge(owner=Owner(), selection=Selection(names=("other/old", "acme/none", "../etc", "acme/api")))
    listed = list(forge.repositories())
    assert [r.name for r in listed] == ["other/old", "acme/none", "../etc", "acme/api"]
    found = forge.standings(listed)
    assert [isinstance(s, Standing) for s in found.values()] == [False, False, True, True]
    assert at.server.count() == 2


def test_an_owner_that_is_not_there_is_told(at: Bench) -> None:
    with pytest.raises(ForgeForbids, match="nobody is no organisation or user"):
        list(at.forge(owner=Owner("user", "nobody")).repositories())


def test_somebody_must_be_named(at: Bench) -> None:
    with pytest.raises(UsageError, match="whose repositories"):
        at.forge(owner=Owner())


def test_the_diff_of_a_pull_request_is_told_and_one_too_long_is_empty(at: Bench) -> None:
    _open(at)
    pull = at.pull()
    assert "diff --git a/Dockerfile" in at.forge().diff(at.repository(), pull)
    at.server.faults.append(Fault("GET", "/pulls/1", 406))
    assert at.forge().diff(at.repository(), pull) == ""


def test_a_renamed_repository_is_followed(at: Bench) -> None:
    _open(at)
    asked, pull = at.repository(), at.pull()
    at.hub.rename(at.repo, "acme/renamed")
    forge = at.forge()
    assert forge.diff(asked, pull)
    forge.edit(asked, pull, proposal(title="Pin 2 images"))
    assert at.repo.pull(1).title == "Pin 2 images"


def test_a_server_of_ones_own_has_its_api_below_a_path() -> None:
    with bench("/api/v3") as at:
        assert at.standing().repository.url == f"{at.server.web}/acme/api"
        assert {a.path for a in at.server.asked} == {"/api/graphql"}
        at.push()
        at.forge().open(at.repository(), proposal())
        assert at.server.asked[-1].path == "/api/v3/repos/acme/api/pulls"


def test_git_is_led_to_the_repository_with_a_header(at: Bench) -> None:
    remote = at.forge().remote(at.repository())
    assert remote.url == f"{at.server.web}/acme/api.git"
    assert remote.authorization is not None
    assert remote.authorization.reveal().startswith("Basic ")
    assert TOKEN not in repr(remote)
    assert (remote.protocol, remote.proxy) == ("http", None)
    with pytest.raises(ForgeError):
        at.forge().remote(at.repository().__class__("1", "a/b/../c", "main"))


def test_git_goes_through_the_proxy_too(at: Bench) -> None:
    proxies = Proxies.from_environ({"HTTPS_PROXY": "http://me:p%40ss@proxy.example:3128"})
    forge = at.forge(base_url="https://github.example/api/v3", wire=Wire(proxies=proxies))
    remote = forge.remote(at.repository())
    assert (remote.url, remote.protocol) == ("https://github.example/acme/api.git", "https")
    assert remote.proxy is not None
    assert remote.proxy.reveal() == "http://me:p%40ss@proxy.example:3128"


def test_certificates_that_cannot_be_read_are_told(at: Bench) -> None:
    with pytest.raises(UsageError, match=r"ca\.pem"):
        at.forge(wire=Wire("/nowhere/ca.pem"))


def test_several_threads_get_each_their_own_answer(at: Bench) -> None:
    repos = [at.repo, *(at.hub.add(f"acme/r{i}") for i in range(30))]
    forge = at.forge()

    def name(repo: Repo) -> str:
        found = forge.standings([Repository(repo.id, repo.name, "main")])[repo.id]
        return found.repository.name if isinstance(found, Standing) else found.reason

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(name, repos)) == [repo.name for repo in repos]


def test_what_a_crashed_run_left_is_seen(at: Bench) -> None:
    _open(at).body = f"Pins alpine.\n\n{PENDING}"
    assert at.pull().is_pending


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("[" * 200_000, id="nested without end"),
        pytest.param('{"data": {"viewer": {"login": 3}, "nodes": [{}]}}', id="of other types"),
        pytest.param("<html>", id="a page for people"),
        pytest.param('{"data": null}', id="nothing"),
        pytest.param(
            '{"data": {"viewer": {"login": "x"}, "nodes": [{"id": "R", "nameWithOwner": "../x"}]}}', id="a path"
        ),
        pytest.param("1" * 10_000, id="a number without end"),
    ],
)
def test_a_strange_answer_is_told_and_raises_nothing_else(at: Bench, body: str) -> None:
    at.server.faults.append(Fault("POST", "/graphql", 200, body=body, times=9))
    try:
        found = at.forge().standings([at.repository()])
    except ForgeError:
        return
    assert isinstance(found[at.repo.id], Unreachable)

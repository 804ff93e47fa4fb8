"""What is special about Gitea and Forgejo: what each act costs, lists, names that are numbers, and trees."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pinbot.errors import AddressRefused, ForgeBusy, ForgeError, ForgeForbids, UsageError
from pinbot.forge._base import Owner, World
from pinbot.forge._commit_name import Person, commit_name
from pinbot.forge._gitea_values import commit_of, is_repository_name, listed_of, pull_of
from pinbot.forge._json import Object
from pinbot.forge._pace import UNPACED, Pace
from pinbot.forge.gitea import Gitea
from pinbot.net.client import Client
from pinbot.proposals.proposal import Dressing
from pinbot.proposals.pull import TREE
from pinbot.proposals.repository import Repository, Selection, Standing, Unreachable
from pinbot.secret import Secret
from tests.fakes import faults
from tests.fakes.bare import Bare, Who
from tests.fakes.canary import shows_canary
from tests.fakes.gitea.answers import Writer
from tests.fakes.gitea.forge import FakeGitea
from tests.fakes.gitea.state import State
from tests.fakes.server import Reply, Seen
from tests.forges.on_gitea import OnGitea, on_gitea
from tests.forges.stage import wanted
from tests.net.world import Time, patient


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[OnGitea]:
    with on_gitea(tmp_path, dashboards=False) as opened:
        yield opened


def _stand(stage: OnGitea, repository: Repository) -> Standing:
    found = stage.forge.standings([repository])[repository.id]
    assert isinstance(found, Standing)
    return found


def _asked(stage: OnGitea) -> list[str]:
    """Return the requests since the last call, without what stands before and behind."""
    asked = [f"{seen.method} {seen.path.removeprefix('/api/v1')}" for seen in stage.server.log]
    stage.server.log.clear()
    return asked


# What it costs


def test_an_unchanged_repository_costs_one_request(stage: OnGitea) -> None:
    listed = [stage.add(f"r{n}") for n in range(30)]
    list(stage.forge.repositories())
    assert _asked(stage) == ["GET /orgs/acme/repos"]
    stage.forge.standings(listed)
    asked = _asked(stage)
    assert asked[0] == "GET /user"
    assert sorted(asked[1:]) == sorted(f"GET /repos/{r.name}/branches" for r in listed)
    stage.forge.standings(listed)
    assert len(_asked(stage)) == len(listed)


def test_a_dashboard_costs_one_request_more(tmp_path: Path) -> None:
    with on_gitea(tmp_path) as stage:
        listed = [stage.add(f"r{n}") for n in range(3)]
        list(stage.forge.repositories())
        stage.forge.standings(listed)
        _asked(stage)
        stage.forge.standings(listed)
        paths = ("branches", "issues")
        assert sorted(_asked(stage)) == sorted(f"GET /repos/{r.name}/{path}" for r in listed for path in paths)


def test_pull_requests_cost_one_more_and_ours_another_once(stage: OnGitea) -> None:
    api = stage.add("api")
    for branch in ("pinbot/a", "pinbot/b"):
        stage.push(api, wanted(branch=branch))
        stage.forge.open(api, wanted(branch=branch))
    stage.push(api, wanted(branch="feature"))
    stage.opened_by(api, "ada", "feature")
    [listed] = stage.forge.repositories()
    _asked(stage)
    first = _stand(stage, listed)
    assert len(_asked(stage)) == 2 + 2 * 2
    assert _stand(stage, listed) == first
    assert len(_asked(stage)) == 2 + 2  # whether they merge themselves is told by nothing else
    assert [bool(pull.commits) for pull in first.pulls] == [True, True, False]


def test_opening_costs_one_write(stage: OnGitea) -> None:
    api = stage.add("api")
    stage.push(api, wanted())
    stage.forge.standings([api])
    _asked(stage)
    stage.forge.open(api, wanted())
    assert _asked(stage) == ["POST /repos/acme/api/pulls"]


def test_what_was_merged_costs_nothing_where_nobody_has_refused_anything(stage: OnGitea) -> None:
    api = stage.add("api")
    for _ in range(3):
        stage.push(api, wanted())
        stage.ended(api, stage.forge.open(api, wanted()).number, merged=True)
    _asked(stage)
    assert [pull.state for pull in stage.forge.closed(api, [wanted().branch])] == ["merged"] * 3
    assert [line for line in _asked(stage) if "/commits" in line] == []
    stage.push(api, wanted())
    stage.ended(api, stage.forge.open(api, wanted()).number)
    _asked(stage)
    assert stage.forge.closed(api, [wanted().branch])[0].commits
    assert len([line for line in _asked(stage) if "/commits" in line]) < 4


def test_what_others_close_in_forks_hides_nothing_of_ours(stage: OnGitea) -> None:
    api = stage.add("api")
    stage.push(api, wanted())
    ours = stage.forge.open(api, wanted())
    stage.ended(api, ours.number)
    fork = stage.opened_by(api, "ada", wanted().branch, from_fork=True)
    stage.ended(api, fork)
    for number in range(1000, 1150):
        stage.fake.state.pulls.append(replace(stage.pull(api, fork), number=number))
    assert [pull.number for pull in stage.forge.closed(api, [wanted().branch])] == [ours.number]


def test_one_that_a_person_closes_in_this_moment_stays_theirs(stage: OnGitea) -> None:
    api = stage.add("api")
    stage.push(api, wanted())
    pull = stage.forge.open(api, wanted())
    stage.ended(api, pull.number)
    stage.forge.withdraw(api, pull, "Nobody wants it.")
    assert not stage.forge.closed(api, [wanted().branch])[0].is_withdrawn


def test_a_forge_that_wants_to_be_left_alone_for_hours_is_not_waited_for(stage: OnGitea) -> None:
    api = stage.add("api")
    stage.push(api, wanted())
    stage.forge.standings([api])
    stage.limit(2_000_000, times=1, writes=True)
    with pytest.raises(ForgeBusy, match="until 20"):
        stage.forge.open(api, wanted())
    _asked(stage)
    with pytest.raises(ForgeBusy):
        stage.forge.open(api, wanted())
    assert _asked(stage) == []
    stage.time.seconds += 2_000_001
    stage.forge.open(api, wanted())


def test_opening_with_everything_costs_three_writes(stage: OnGitea) -> None:
    api = stage.add("api")
    repo = stage.repo(api)
    repo.labels, repo.milestones, repo.teams = {"docker": 7, "Bot": 8}, {"1.0": 9}, ["Ops"]
    stage.fake.state.org_labels["acme"] = {"security": 10}
    stage.push(api, wanted())
    dressing: dict[str, Any] = {
        "labels": ("docker", "bot", "security"), "reviewers": ("Ada", "acme/ops", "pinbot"), "assignees": ("ada",),
        "milestone": "1.0",
    }  # fmt: skip
    pull = stage.forge.open(api, wanted(**dressing))
    assert [line for line in _asked(stage) if not line.startswith("GET")] == [
        "POST /repos/acme/api/pulls",
        f"POST /repos/acme/api/pulls/{pull.number}/requested_reviewers",
        f"PATCH /repos/acme/api/pulls/{pull.number}",
    ]
    seen = stage.dress(api, pull.number)
    assert set(seen.labels) == {"docker", "Bot", "security"}
    assert replace(seen, labels=()) == Dressing((), ("ada", "acme/Ops"), ("ada",), "1.0")
    assert not pull.is_pending
    assert stage.text(api, pull.number)[1] == "text"
    assert stage.forge.warnings == []
    stage.push(api, wanted(branch="pinbot/b"))
    stage.forge.open(api, wanted(branch="pinbot/b", **dressing))
    assert [line for line in _asked(stage) if line.startswith("GET")] == []


def test_what_is_not_there_is_named_and_left_out(stage: OnGitea) -> None:
    api = stage.add("api")
    stage.push(api, wanted())
    pull = stage.forge.open(
        api, wanted(labels=("docker",), reviewers=("eve", "acme/ops"), assignees=("eve",), milestone="2.0")
    )
    assert stage.dress(api, pull.number) == Dressing()
    assert not pull.is_pending
    assert stage.forge.warnings == [
        "acme/api: there is no label 'docker', so it is left out",
        "acme/api: there is no account that may be among the assignees 'eve', so it is left out",
        "acme/api: there is no open milestone '2.0', so it is left out",
        "acme/api: there is no account that may be among the reviewers 'eve', so it is left out",
        "acme/api: there is no team with access 'acme/ops', so it is left out",
    ]


@pytest.mark.parametrize("lost", [1, 2, 3])
def test_reviews_are_asked_for_in_the_end_whichever_answer_is_lost(stage: OnGitea, lost: int) -> None:
    api = stage.add("api")
    stage.push(api, wanted())
    draft = wanted(reviewers=("ada",))
    stage.on_write(faults.times(lost, faults.reset_after(0)))
    pull = stage.forge.open(api, draft)
    for _ in range(2):
        [seen] = _stand(stage, api).pulls
        if seen.is_pending:
            stage.forge.edit(api, seen, draft)
    [seen] = _stand(stage, api).pulls
    assert (seen.number, seen.is_pending) == (pull.number, False)
    assert stage.dress(api, pull.number).reviewers == ("ada",)


# Lists


def test_a_server_that_gives_fewer_at_once_is_read_to_the_end(tmp_path: Path) -> None:
    with FakeGitea(tmp_path, most=7) as fake:
        stage = OnGitea(fake)
        listed = [stage.add(f"r{n}") for n in range(20)]
        assert list(stage.forge.repositories()) == listed
        for n in range(9):
            stage.push(listed[0], wanted(branch=f"pinbot/{n}"))
            stage.opened_by(listed[0], "pinbot", f"pinbot/{n}")
        stage.time.seconds += 301
        standing = _stand(stage, listed[0])
        assert len(standing.pulls) == 9
        assert (standing.head, standing.branches) == (stage.git(listed[0]).branches()["main"], None)
        stage.close()


def test_a_server_that_does_not_count_is_read_until_nothing_comes(stage: OnGitea) -> None:
    listed = [stage.add(f"r{n}") for n in range(60)]
    stage.server.faults += [faults.header("X-Total-Count", None), faults.header("Link", None)]
    assert list(stage.forge.repositories()) == listed


def test_a_list_without_an_end_is_given_up(stage: OnGitea, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.add("api")
    stage.server.faults.append(faults.header("X-Total-Count", "999999999999999999999"))
    page = json.dumps([Writer(State(), "http://x").repo(stage.fake.state.repos[3])]).encode()
    stage.server.faults.append(faults.body(page))
    repositories = iter(stage.forge.repositories())
    assert next(repositories).name == "acme/api"
    with pytest.raises(ForgeError, match="does not come to an end"):
        next(repositories)


def test_pages_are_asked_for_when_they_are_needed(stage: OnGitea) -> None:
    for n in range(60):
        stage.add(f"r{n}")
    repositories = iter(stage.forge.repositories())
    next(repositories)
    assert _asked(stage) == ["GET /orgs/acme/repos"]
    assert len(list(repositories)) == 59
    assert _asked(stage) == ["GET /orgs/acme/repos"]


def _forge(fake: FakeGitea, url: str = "", token: str = "", **options: object) -> Gitea:
    client = Client(world=patient(), deadline_seconds=5)
    options = {"pace": UNPACED, **options}
    return Gitea(url or fake.server.url, Secret(token or fake.token), client, **options)  # type: ignore[arg-type]  # rows


def test_named_repositories_are_asked_for_by_name(stage: OnGitea) -> None:
    api, old = stage.add("api"), stage.add("old", archived=True)
    stage.add("other")
    names = ("acme/API", "acme/gone", "acme/old", "not a name", "../../user")
    with _forge(stage.fake, selection=Selection(names=names)) as forge:
        assert list(forge.repositories()) == [api, old]
        assert [sentence.split(":")[0] for sentence in forge.warnings[1:]] == ["not a name", "../../user"]
        assert "acme/gone" in forge.warnings[0]
    assert sorted(_asked(stage)) == ["GET /repos/acme/API", "GET /repos/acme/gone", "GET /repos/acme/old"]


def test_lists_what_users_and_organisations_have(stage: OnGitea) -> None:
    ours, adas = stage.add("api"), stage.fake.repo("dots", owner="ada")
    owners = [Owner("user", "ada"), Owner("organisation", "acme"), Owner("organisation", "acme")]
    with _forge(stage.fake, owners=owners) as forge:
        assert [r.id for r in forge.repositories()] == [str(adas.id), ours.id]
    with _forge(stage.fake, owners=[Owner("organisation", "nobody")]) as forge, pytest.raises(ForgeForbids):
        list(forge.repositories())


@pytest.mark.parametrize("end", ["", "/", "/api/v1", "/api/v1/"])
def test_the_address_may_be_the_sites_or_its_apis(stage: OnGitea, end: str) -> None:
    stage.add("api")
    with _forge(stage.fake, stage.server.url + end, owners=[Owner("organisation", "acme")]) as forge:
        [api] = forge.repositories()
        remote = forge.remote(api)
    assert remote.url == f"{stage.server.url}/acme/api.git"
    assert remote.authorization is not None
    assert remote.authorization.reveal().startswith("Basic ")
    assert shows_canary([repr(remote), repr(forge)]) == []


def test_http_is_refused_for_other_machines(stage: OnGitea) -> None:
    with (
        _forge(stage.fake, "http://gitea.example", owners=[Owner("organisation", "acme")]) as forge,
        pytest.raises(ForgeError, match="http is spoken to this machine only"),
    ):
        list(forge.repositories())
    with pytest.raises(AddressRefused):
        _forge(stage.fake, "ftp://gitea.example")


def test_an_installation_is_nothing_here(stage: OnGitea) -> None:
    with pytest.raises(UsageError, match="say organisation or user"):
        _forge(stage.fake, owners=[Owner("installation")])


def test_a_token_that_is_not_accepted_is_told_at_once(stage: OnGitea) -> None:
    api = stage.add("api")
    with _forge(stage.fake, token="expired") as forge, pytest.raises(ForgeForbids, match="has it expired"):
        forge.standings([api])
    assert _asked(stage) == ["GET /user"]


# Where repositories stand


def test_branches_of_ours_without_a_pull_request_are_told(stage: OnGitea) -> None:
    api = stage.add("api")
    sha = stage.push(api, wanted())
    found = _stand(stage, api).branches
    assert found is not None
    assert {name: (commit.sha, commit.fingerprint) for name, commit in found.items()} == {
        "pinbot/all": (sha, wanted().fingerprint)
    }


def test_more_branches_than_a_page_are_not_told(stage: OnGitea) -> None:
    api = stage.add("api")
    head = stage.git(api).branches()["main"]
    for n in range(60):
        stage.git(api).keep(f"refs/heads/a{n:02}", head)
    standing = _stand(stage, api)
    assert (standing.head, standing.branches) == (head, None)


def test_an_emptied_repository_has_no_head(stage: OnGitea) -> None:
    api = stage.add("api")
    list(stage.forge.repositories())
    stage.git(api).delete("main")
    standing = _stand(stage, api)
    assert (standing.repository.is_empty, standing.head) == (True, None)


def test_a_list_is_not_believed_for_ever(stage: OnGitea) -> None:
    api = stage.add("api")
    list(stage.forge.repositories())
    stage.archive(api)
    assert not _stand(stage, api).repository.is_archived
    stage.time.seconds += 301
    assert _stand(stage, api).repository.is_archived


def test_one_broken_repository_stops_no_other(stage: OnGitea) -> None:
    listed = [stage.add(f"r{n}") for n in range(5)]
    stage.server.faults.append(faults.on("/acme/r2/", faults.status(500)))
    found = stage.forge.standings(listed)
    assert [isinstance(found[r.id], Unreachable) for r in listed] == [False, False, True, False, False]


def test_nulls_in_a_list_are_passed_over(stage: OnGitea) -> None:
    api = stage.add("api")
    stage.push(api, wanted())
    stage.forge.open(api, wanted())

    def with_null(_seen: Seen, reply: Reply) -> Reply:
        assert isinstance(reply.body, bytes)
        return replace(reply, body=b"[null," + reply.body[1:])

    stage.server.faults.append(faults.on("/pulls?", with_null))
    assert len(_stand(stage, api).pulls) == 1


def test_what_a_person_made_ready_stays_so(stage: OnGitea) -> None:
    api = stage.add("api")
    stage.push(api, wanted())
    pull = stage.forge.open(api, wanted(is_draft=True))
    stage.pull(api, pull.number).title = "Pin 1 image"
    [seen] = _stand(stage, api).pulls
    stage.forge.edit(api, seen, wanted(title="Pin 2 images", is_draft=True))
    assert stage.text(api, pull.number)[0] == "Pin 2 images"
    stage.pull(api, pull.number).title = "[WIP] x"
    [seen] = _stand(stage, api).pulls
    stage.forge.edit(api, seen, wanted(title="Pin 3 images"))
    assert stage.text(api, pull.number)[0] == "WIP: Pin 3 images"


def test_an_edit_changes_the_base(stage: OnGitea) -> None:
    api = stage.add("api")
    stage.push(api, wanted())
    pull = stage.forge.open(api, wanted())
    stage.git(api).keep("refs/heads/stable", stage.git(api).branches()["main"])
    stage.forge.edit(api, pull, wanted(base="stable"))
    assert stage.pull(api, pull.number).base == "stable"


def test_a_long_title_and_text_are_cut(stage: OnGitea) -> None:
    api = stage.add("api")
    stage.push(api, wanted())
    pull = stage.forge.open(api, wanted(title="t" * 300, body="line\n" * 30_000, reviewers=("ada",)))
    title, body = stage.text(api, pull.number)
    assert len(title) == 255
    assert len(body) <= 60_000


def test_a_diff_is_told_as_it_is(stage: OnGitea) -> None:
    api = stage.add("api")
    stage.push(api, wanted())
    lines = stage.forge.diff(api, stage.forge.open(api, wanted())).splitlines()
    assert f"+FROM python:3.12@sha256:{'a' * 64}" in lines
    assert "-FROM python:3.12" in lines


def test_a_branch_that_is_not_there_is_told_by_name(stage: OnGitea) -> None:
    with pytest.raises(ForgeError, match="no pull request from pinbot/all to main: one of them is not there"):
        stage.forge.open(stage.add("api"), wanted())


def test_a_diff_that_is_too_long_is_not_told(stage: OnGitea) -> None:
    api = stage.add("api")
    stage.push(api, wanted())
    pull = stage.forge.open(api, wanted())
    stage.server.faults.append(faults.on(".diff", faults.infinite()))
    assert stage.forge.diff(api, pull) == ""


def test_writes_keep_their_pace(stage: OnGitea) -> None:
    time, slept = Time(), list[float]()

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        time.seconds += seconds

    api = stage.add("api")
    stage.push(api, wanted())
    with _forge(stage.fake, pace=Pace(2.0, ()), world=World(time.clock, sleep)) as forge:
        pull = forge.open(api, wanted())
        forge.edit(api, pull, wanted(title="x"))
        forge.standings([api])
        forge.comment(api, pull, "x")
        assert slept == [2.0, 2.0]
        assert forge.writes == 3


def test_threads_take_turns(stage: OnGitea) -> None:
    time, slept = Time(), list[float]()

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        time.seconds += seconds

    listed = [stage.add(f"r{n}") for n in range(8)]
    for repository in listed:
        stage.push(repository, wanted())
    with (
        _forge(stage.fake, pace=Pace(2.0, ()), world=World(time.clock, sleep)) as forge,
        ThreadPoolExecutor(8) as pool,
    ):
        opened = list(pool.map(lambda repository: forge.open(repository, wanted()), listed))
        assert [stage.open_pulls(r)[0][0] for r in listed] == [pull.number for pull in opened]
        assert slept == [2.0] * 7


# Values


def _object(**fields: object) -> Object:
    return Object("it", fields)


CONFLICTS = [
    pytest.param({"mergeable": True}, False, id="it merges"),
    pytest.param({"mergeable": False, "merge_base": "b1"}, False, id="its base has not moved: it is still looked at"),
    pytest.param({"mergeable": False, "merge_base": "b0"}, True, id="its base has moved"),
    pytest.param({"mergeable": False, "merge_base": "b0", "draft": True}, None, id="a draft never merges"),
    pytest.param({"mergeable": False, "merge_base": "b0", "state": "closed"}, None, id="a closed one never merges"),
]


@pytest.mark.parametrize(("fields", "conflicts"), CONFLICTS)
def test_reads_whether_it_conflicts(fields: dict[str, object], conflicts: bool | None) -> None:
    found = {
        "number": 1, "created_at": "2026-11-21T12:00:00+01:00", "state": "open", "base": {"ref": "main", "sha": "b1"},
        **fields,
    }  # fmt: skip
    assert pull_of(_object(**found), 1).conflicts is conflicts


def test_a_draft_is_known_by_its_title_where_servers_say_no_more() -> None:
    found = {"number": 1, "created_at": "2026-11-21T12:00:00Z", "state": "open", "base": {"ref": "main", "sha": "b1"}}
    told = {"WIP: x": (True, "x"), "[wip] x": (True, "x"), "x WIP: y": (False, "x WIP: y")}
    seen = {title: pull_of(_object(**found, title=title), 1) for title in told}
    assert {title: (pull.is_draft, pull.title) for title, pull in seen.items()} == told


NAMES = {
    "acme/api": True, "a.b/c_d-e": True, "acme/.github": True, "acme": False, "a/b/c": False, "../x": False,
    "a/..": False, "a/.": False, "./a": False, "a/b\n": False, "a/b?x": False, "a/%2e": False, "": False, "ä/b": False,
}  # fmt: skip


@pytest.mark.parametrize(("name", "is_one"), NAMES.items(), ids=repr)
def test_knows_names_of_repositories(name: str, is_one: bool) -> None:
    assert is_repository_name(name) is is_one
    if not is_one:
        with pytest.raises(ForgeError):
            listed_of(_object(id=1, full_name=name))


@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
@pytest.mark.parametrize(
    "who",
    [
        pytest.param(Who(), id="ours"),
        pytest.param(Who("Ä Ö", "a@b.example", "1700000000 -0930"), id="a half hour west"),
        pytest.param(Who(when="100000000 +1400"), id="long ago"),
    ],
)
def test_the_tree_of_a_commit_is_proved(tmp_path: Path, object_format: str, who: Who) -> None:
    git = Bare.create(tmp_path / "x.git", object_format=object_format)
    tree = git.tree({"a": "1\n"})
    parent = git.commit("main", tree, "first\n", [])
    git.commit("main", tree, f"title\n\nbody — ü\n\n{TREE}: {tree}\n", [parent, parent], who)
    read = git.read(git.branches()["main"])
    told = Writer(State(), "x").commit(read)
    assert told["commit"]["tree"]["sha"] == read.sha
    commit = commit_of(Object("it", told))
    assert (commit.sha, commit.tree, commit.parents) == (read.sha, tree, read.parents)


def _amended(told: dict[str, dict[str, object]]) -> None:
    told["commit"]["message"] = str(told["commit"]["message"]).replace("title", "other")


def _signed(told: dict[str, dict[str, object]]) -> None:
    told["commit"]["verification"] = {"payload": f"tree {'b' * 40}\nparent …"}


def _honest(told: dict[str, dict[str, object]]) -> None:
    told["commit"]["tree"] = {"sha": "c" * 40}


def _bad_date(told: dict[str, dict[str, object]]) -> None:
    told["commit"]["author"] = {"name": "a", "email": "b", "date": "yesterday"}


TREES: list[tuple[str, Callable[[dict[str, dict[str, object]]], None], str]] = [
    ("another message", _amended, ""),
    ("a signed one says it itself", _signed, "b" * 40),
    ("a server that tells the tree", _honest, "c" * 40),
    ("a date that git cannot have written", _bad_date, ""),
]


@pytest.mark.parametrize(("change", "tree"), [row[1:] for row in TREES], ids=[row[0] for row in TREES])
def test_a_tree_that_is_not_proved_is_not_told(
    tmp_path: Path, change: Callable[[dict[str, dict[str, object]]], None], tree: str
) -> None:
    git = Bare.create(tmp_path / "x.git")
    own = git.tree({"a": "1\n"})
    told = Writer(State(), "x").commit(git.read(git.commit("main", own, f"title\n\n{TREE}: {own}\n", [])))
    change(told)
    assert commit_of(Object("it", told)).tree == tree


def test_a_commit_has_the_name_that_git_gives_it() -> None:
    linus = Person("Linus Torvalds", "torvalds@ppc970.osdl.org", "2005-04-16T15:20:36-07:00")
    message = (
        "Linux-2.6.12-rc2\n\nInitial git repository build. I'm not bothering with the full history,\n"
        'even though we have it. We can create a separate "historical" git\n'
        "archive of that later if we want to, and in the meantime it's about\n"
        "3.2GB when imported into git - space that would just make the early\n"
        "git days unnecessarily complicated, when we don't have a lot of good\n"
        "infrastructure for it.\n\nLet it rip!\n"
    )
    tree = "0bba044c4ce775e45a88a51686b5d9f90697ea9d"
    assert commit_name(tree, (), linus, linus, message) == "1da177e4c3f41524e886b7f1b8a0c1fc7321cac2"


HOSTILE: list[dict[str, object]] = [
    {}, {"number": -1}, {"number": True}, {"number": 1, "created_at": "never"}, {"number": 1, "created_at": 5},
    {"number": 1, "created_at": "2026-11-21T12:00:00Z", "base": []},
    {"number": 1, "created_at": "2026-11-21T12:00:00Z", "base": {"ref": 3}},
    {"number": 1, "created_at": "2026-11-21T12:00:00Z", "base": {"ref": "main"}, "head": "x"},
    {"number": 1, "created_at": "2026-11-21T12:00:00Z", "base": {"ref": "main"}, "user": [1]},
    {"number": 1, "created_at": "9999-12-31T23:59:59-23:59", "base": {"ref": "main"}},
]  # fmt: skip


@pytest.mark.parametrize("fields", HOSTILE, ids=str)
def test_a_pull_request_that_is_none_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ForgeError):
        pull_of(_object(**fields), 1)

"""What is special about GitLab: groups in groups, what each act costs, people as numbers, quick actions, auto-merge."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme

from pinbot.errors import AddressRefused, ForgeBusy, ForgeError, ForgeForbids, UsageError
from pinbot.forge import _gitlab_queries as queries
from pinbot.forge._base import Owner, World
from pinbot.forge._commit_name import tree_name
from pinbot.forge._gitlab_values import is_project_name, plain
from pinbot.forge._pace import UNPACED
from pinbot.forge.gitlab import GitLab, Habits, Options, Wire
from pinbot.net.retry import RetryPolicy
from pinbot.proposals.issue import DASHBOARD, Issue
from pinbot.proposals.proposal import Dressing
from pinbot.proposals.pull import PullRequest
from pinbot.proposals.repository import Repository, Selection, Standing, Unreachable
from pinbot.secret import Secret
from tests.fakes import faults
from tests.fakes.bare import Bare, Who
from tests.fakes.canary import carries, shows_canary
from tests.fakes.gitlab.forge import FakeGitLab
from tests.fakes.server import Reply, Seen, Server
from tests.forges.on_gitlab import OnGitLab, on_gitlab
from tests.forges.stage import wanted
from tests.net.world import NOW


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[OnGitLab]:
    with on_gitlab(tmp_path, dashboards=False) as opened:
        yield opened


@pytest.fixture
def api(stage: OnGitLab) -> Repository:
    return stage.add("api")


def _stand(stage: OnGitLab, repository: Repository) -> Standing:
    found = stage.forge.standings([repository])[repository.id]
    assert isinstance(found, Standing)
    return found


def _opened(stage: OnGitLab, repository: Repository, **dressing: object) -> PullRequest:
    stage.push(repository, wanted(**dressing))  # type: ignore[arg-type]  # rows of tables
    return stage.forge.open(repository, wanted(**dressing))  # type: ignore[arg-type]  # as above


def _asked(stage: OnGitLab) -> list[str]:
    """Return the requests since the last call, without what stands before and behind."""
    asked = [f"{seen.method} {seen.path.removeprefix('/api/v4').removeprefix('/api')}" for seen in stage.server.log]
    stage.server.log.clear()
    return asked


# What it costs


def test_a_hundred_projects_that_have_not_changed_cost_two_requests(stage: OnGitLab) -> None:
    added = [stage.add(f"r{n:03}") for n in range(100)]
    for repository in added[:20]:
        _opened(stage, repository)
    _asked(stage)
    listed = list(stage.forge.repositories())
    assert _asked(stage) == ["GET /groups/acme/projects"] * 1
    found = stage.forge.standings(listed)
    assert _asked(stage) == ["POST /graphql"] * 2
    assert sum(len(one.pulls) for one in found.values() if isinstance(one, Standing)) == 20
    assert all(p.head and p.head.fingerprint for s in found.values() if isinstance(s, Standing) for p in s.pulls)


def test_opening_costs_one_write_whatever_it_is_to_have(stage: OnGitLab, api: Repository) -> None:
    project = stage.repo(api)
    project.labels[:] = ["containers"]
    project.milestones["2.0"] = 77
    dressing: dict[str, Any] = {"labels": ("Containers",), "reviewers": ("Ada", "pinbot"), "assignees": ("ada",)}
    stage.push(api, wanted())
    pull = stage.forge.open(api, wanted(**dressing, milestone="2.0", is_draft=True))
    assert stage.forge.writes == 1
    opening = f"POST /projects/{api.id}/merge_requests"
    assert [one for one in _asked(stage) if not one.startswith("GET")] == [opening]
    assert stage.dress(api, pull.number) == Dressing(("containers",), ("ada",), ("ada",), "2.0", is_draft=True)
    assert stage.warnings == []
    stage.push(api, wanted(branch="pinbot/b"))
    stage.forge.open(api, wanted(branch="pinbot/b", **dressing))
    assert _asked(stage) == [opening], "people and labels are asked for once"


def test_a_commit_that_is_not_proved_by_the_survey_is_asked_for(stage: OnGitLab, api: Repository) -> None:
    pull = _opened(stage, api)
    stage.person_pushes(api, "pinbot/all")
    _asked(stage)
    _stand(stage, api)
    path = f"GET /projects/{api.id}"
    assert _asked(stage)[1:] == [f"{path}/merge_requests/{pull.number}", f"{path}/repository/commits"]
    _stand(stage, api)
    assert _asked(stage) == ["POST /graphql"], "what a commit is never changes"


def test_the_questions_stay_well_below_the_limits_of_cost_and_length() -> None:
    from graphql import parse

    from tests.fakes.gitlab import graph

    def cost(text: str) -> float:
        (operation,) = parse(text).definitions
        return graph._cost(operation.selection_set)  # type: ignore[attr-defined]  # it is an operation

    whole = queries.standings(whole=True, issues=True)
    assert cost(whole) < 0.6 * graph.MOST_COST
    assert max(map(len, (whole, queries.closed(whole=True)))) < 10_000


def test_a_server_that_finds_the_question_too_long_is_asked_for_fewer(stage: OnGitLab) -> None:
    added = [stage.add(f"r{n}") for n in range(8)]
    stage.forge.standings(added)
    _asked(stage)

    def slow(seen: Seen) -> Reply:
        return Reply(504) if len(json.loads(seen.body or b"{}").get("variables", {}).get("ids", ())) > 3 else Reply()

    stage.fake.gates.append(slow)
    found = stage.forge.standings(added)
    assert all(isinstance(one, Standing) for one in found.values())


def test_an_older_version_is_asked_in_its_own_words(stage: OnGitLab, api: Repository) -> None:
    stage.fake.lacks = ["committerName", "closedAt"]
    pull = _opened(stage, api)
    _asked(stage)
    [seen] = _stand(stage, api).pulls
    assert seen.head is not None
    assert seen.head.fingerprint == wanted().fingerprint
    assert _asked(stage) == ["POST /graphql", "POST /graphql", f"GET /projects/{api.id}/repository/commits"]
    stage.ended(api, pull.number)
    [closed] = stage.forge.closed(api, ["pinbot/all"])
    assert closed.closed is not None
    assert closed.head is not None
    assert closed.head.covers == {"c1"}
    assert _asked(stage) == ["POST /graphql"]


def test_what_was_merged_costs_no_commits_where_nobody_has_refused_anything(stage: OnGitLab, api: Repository) -> None:
    stage.ended(api, _opened(stage, api).number, merged=True)
    _asked(stage)
    [found] = stage.forge.closed(api, ["pinbot/all"])
    assert (found.state, found.commits) == ("merged", ())
    assert _asked(stage) == ["POST /graphql"]


# Groups in groups


def test_a_group_has_what_is_in_the_groups_below_it(stage: OnGitLab) -> None:
    top, inner = stage.add("top"), stage.add("inner", namespace="acme/platform/images")
    listed = list(stage.forge.repositories())
    assert listed == [top, inner]
    assert inner.name == "acme/platform/images/inner"
    found = stage.forge.standings(listed)
    assert [isinstance(one, Standing) and one.repository.name for one in found.values()] == [top.name, inner.name]
    assert stage.forge.remote(inner).url == f"{stage.fake.site}/acme/platform/images/inner.git"


def test_the_groups_below_may_be_left_out(tmp_path: Path) -> None:
    with FakeGitLab(tmp_path) as fake:
        stage = OnGitLab(fake, subgroups=False)
        top, _ = stage.add("top"), stage.add("inner", namespace="acme/platform")
        assert list(stage.forge.repositories()) == [top]
        stage.close()


def test_a_group_below_another_is_named_by_its_path(tmp_path: Path) -> None:
    with FakeGitLab(tmp_path) as fake:
        fake.state.groups.add("acme/platform")
        fake.state.user("jane")
        stage = OnGitLab(fake, owners=(Owner("group", "acme/platform"), Owner("user", "jane")))
        stage.add("top")
        inner, mine = stage.add("inner", namespace="acme/platform"), stage.add("mine", namespace="jane")
        assert list(stage.forge.repositories()) == [inner, mine]
        assert [one.split("?")[0] for one in _asked(stage)] == [
            "GET /groups/acme%2Fplatform/projects",
            "GET /users/jane/projects",
        ]
        stage.close()


def test_globs_go_over_the_whole_path(tmp_path: Path) -> None:
    selection = Selection(include=("acme/**",), exclude=("acme/*/old-*",))
    with FakeGitLab(tmp_path) as fake:
        stage = OnGitLab(fake, selection=selection)
        stage.add("old-a", namespace="acme/x")
        kept = [stage.add("a", namespace="acme/x/y"), stage.add("old-b")]
        assert list(stage.forge.repositories()) == kept
        stage.close()


def test_named_projects_are_asked_for_by_their_paths_also_where_they_were(tmp_path: Path) -> None:
    names = ("acme/sub/api", "acme/none", "acme", "acme/../x")
    with FakeGitLab(tmp_path) as fake:
        stage = OnGitLab(fake, owners=(), selection=Selection(names=names))
        api = stage.add("api", namespace="acme/sub", archived=True)
        assert list(stage.forge.repositories()) == [api]
        assert len(stage.warnings) == 3
        assert "acme: not a project; they are named group/project" in stage.warnings
        stage.warnings.clear()
        moved = stage.add("moved", namespace="acme/new")
        stage.repo(moved).was.append("acme/none")
        assert _asked(stage)[0] == "GET /projects/acme%2Fsub%2Fapi"
        assert [r.name for r in stage.forge.repositories()] == ["acme/sub/api"], "nobody named where it is now"
        stage.close()


def test_a_project_that_moved_to_another_group_is_the_same(stage: OnGitLab, api: Repository) -> None:
    stage.fake.move(stage.repo(api), "acme/deep/er/engine")
    assert _stand(stage, api).repository == replace(
        api, name="acme/deep/er/engine", url=f"{stage.fake.site}/acme/deep/er/engine"
    )
    pull = _opened(stage, api)
    assert stage.open_pulls(api) == [(pull.number, "pinbot/all")]


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        pytest.param("acme/api", True, id="a project of a group"),
        pytest.param("a/b/c/d/e", True, id="groups in groups"),
        pytest.param("_x/.config", True, id="a dot or a line in front"),
        pytest.param("/".join("a" * 22), True, id="twenty groups deep"),
        pytest.param("/".join("a" * 24), False, id="too deep"),
        pytest.param("acme", False, id="no group"),
        pytest.param("acme/", False, id="nothing behind"),
        pytest.param("acme//api", False, id="nothing between"),
        pytest.param("acme/../api", False, id="a way up"),
        pytest.param("acme/..", False, id="a way up at the end"),
        pytest.param("acme/api\n", False, id="a second line"),
        pytest.param("acme/a b", False, id="a space"),
        pytest.param("-acme/api", False, id="what looks like an option"),
        pytest.param("acme/api?x", False, id="a query"),
    ],
)
def test_knows_paths_of_projects(name: str, is_one: bool) -> None:
    assert is_project_name(name) is is_one


# Where projects stand


def test_a_tip_that_changed_no_file_stands_for_the_commit_with_the_same_files(stage: OnGitLab, api: Repository) -> None:
    git = stage.git(api)
    first = git.branches()["main"]
    git.commit("main", git.read(first).tree, "nothing\n", [first])
    assert _stand(stage, api).head == first


def test_an_empty_project_has_no_head(stage: OnGitLab, tmp_path: Path) -> None:
    empty = stage.fake.project("empty", git=Bare.create(tmp_path / "empty.git"))
    [listed] = stage.forge.repositories()
    assert listed.is_empty
    standing = _stand(stage, listed)
    assert (standing.repository.is_empty, standing.head, standing.pulls) == (True, None, ())
    assert standing.repository.id == str(empty.id)


def test_a_project_without_merge_requests_is_told(stage: OnGitLab, api: Repository) -> None:
    stage.repo(api).has_merge_requests = False
    found = stage.forge.standings([api])[api.id]
    assert isinstance(found, Unreachable)
    assert "switched off" in found.reason
    stage.push(api, wanted())
    with pytest.raises(ForgeForbids, match="switched off"):
        stage.forge.open(api, wanted())


def test_more_merge_requests_than_a_page_are_all_told(stage: OnGitLab, api: Repository) -> None:
    git, ada = stage.git(api), stage.fake.state.user("ada")
    for n in range(queries.PULLS + 3):
        git.commit(f"b{n}", {"Dockerfile": f"FROM x:{n}\n"}, "x\n", [git.branches()["main"]])
        stage.fake.pull(stage.repo(api), f"b{n}", "main", ada)
    pull = _opened(stage, api)
    pulls = _stand(stage, api).pulls
    assert len(pulls) == queries.PULLS + 4
    assert [p.number for p in pulls] == sorted(p.number for p in pulls)
    assert [p.number for p in pulls if p.by_us] == [pull.number]


def test_conflicts_are_looked_for_where_gitlab_has_not(stage: OnGitLab, api: Repository) -> None:
    pull = _opened(stage, api)
    assert _stand(stage, api).pulls[0].conflicts is False
    _asked(stage)
    stage.base_moves(api, "FROM python:3.13\n")
    assert _stand(stage, api).pulls[0].conflicts is True
    assert f"GET /projects/{api.id}/merge_requests/{pull.number}" in _asked(stage)


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"Dockerfile": "FROM x\n"}, id="one file"),
        pytest.param({f"f{n:03}": str(n) for n in range(230)}, id="more files than a page"),
    ],
)
def test_the_tree_of_a_signed_commit_is_proved_by_its_entries(
    stage: OnGitLab, api: Repository, files: dict[str, str]
) -> None:
    git = stage.git(api)
    inner = git.tree({"inner": "x"})
    flat = git.git("ls-tree", git.tree(files)) + f"040000 tree {inner}\tf\n040000 tree {inner}\tf.d\n"
    tree = git.git("mktree", input=flat.encode()).strip()
    unsigned = git.commit("pinbot/all", tree, wanted().signed(tree), [git.branches()["main"]])
    head, _, message = git.git("cat-file", "commit", unsigned).partition("\n\n")
    signed = f"{head}\ngpgsig -----BEGIN SSH SIGNATURE-----\n abc\n -----END SSH SIGNATURE-----\n\n{message}"
    sha = git.git("hash-object", "-t", "commit", "-w", "--stdin", input=signed.encode()).strip()
    git.keep("refs/heads/pinbot/all", sha)
    stage.forge.open(api, wanted())
    [pull] = _stand(stage, api).pulls
    assert pull.head is not None
    assert (pull.head.sha, pull.head.tree, pull.head.fingerprint) == (sha, tree, wanted().fingerprint)


def test_a_commit_that_was_amended_is_not_ours(stage: OnGitLab, api: Repository) -> None:
    _opened(stage, api)
    git = stage.git(api)
    ours = git.read(git.branches()["pinbot/all"])
    git.commit("pinbot/all", {"Dockerfile": "FROM evil\n"}, ours.message, ours.parents)
    [pull] = _stand(stage, api).pulls
    assert pull.head is not None
    assert pull.head.fingerprint is None
    assert pull.head.claimed_fingerprint == wanted().fingerprint


@pytest.mark.parametrize("offset", ["+0000", "+0530", "-1100"])
def test_commits_of_all_time_zones_are_proved(stage: OnGitLab, api: Repository, offset: str) -> None:
    git = stage.git(api)
    tree = git.tree({"Dockerfile": "FROM y\n"})
    who = Who("Zoë", "z@example.com", f"1795262401 {offset}")
    git.commit("pinbot/all", tree, wanted().signed(tree), [git.branches()["main"]], who)
    stage.forge.open(api, wanted())
    [pull] = _stand(stage, api).pulls
    assert pull.head is not None
    assert pull.head.fingerprint == wanted().fingerprint


def test_the_name_of_a_tree_is_that_of_git(tmp_path: Path) -> None:
    git = Bare.create(tmp_path / "t.git", object_format="sha256")
    inner = git.tree({"x": "1"})
    lines = git.git("ls-tree", git.tree({"a": "1", "a.b": "2", "a0": "3"})) + f"040000 tree {inner}\tab\n"
    tree = git.git("mktree", input=lines.encode()).strip()
    entries = [(line.split()[0], line.split("\t")[1], line.split()[2]) for line in lines.splitlines()]
    assert tree_name(reversed(entries), 64) == tree


# Writing


def test_what_is_not_there_is_named_and_left_out(stage: OnGitLab, api: Repository) -> None:
    stage.fake.state.user("eve")
    pull = _opened(
        stage, api, labels=("nope",), reviewers=("ghost", "acme/team", "eve"), assignees=("ada",), milestone="3.0"
    )
    assert stage.dress(api, pull.number) == Dressing(assignees=("ada",))
    assert stage.repo(api).labels == [], "GitLab would have made it"
    for part in ("label 'nope'", "account 'ghost'", "'acme/team' is a group", "milestone '3.0'", "leaves eve out"):
        assert any(part in warning for warning in stage.warnings), part


@pytest.mark.parametrize(
    ("habits", "squash", "removes"),
    [
        pytest.param(Habits(), None, True, id="as the project has it, and the branch goes"),
        pytest.param(Habits(squash=True), True, True, id="one commit"),
        pytest.param(
            Habits(squash=False, remove_source_branch=False), False, False, id="all commits, the branch stays"
        ),
    ],
)
def test_squashing_and_the_branch_are_as_the_settings_say(
    tmp_path: Path, habits: Habits, squash: bool | None, removes: bool
) -> None:
    with FakeGitLab(tmp_path) as fake:
        stage = OnGitLab(fake, habits=habits)
        _opened(stage, stage.add("api"))
        (sent,) = (json.loads(seen.body) for seen in stage.server.log if b"source_branch" in seen.body)
        assert (sent.get("squash"), sent["remove_source_branch"]) == (squash, removes)
        assert "approvals_before_merge" not in sent
        stage.close()


QUICK = "Digests\n/merge\n  /close\n\t/approve\n/usr/bin is a path\ntext /close\n`/label ~x`\r/assign @me\n//x\n/ x"


def test_nothing_that_is_quoted_is_done_as_a_quick_action(stage: OnGitLab, api: Repository) -> None:
    pull = _opened(stage, api)
    stage.forge.edit(api, pull, wanted(body=QUICK))
    stage.forge.comment(api, pull, QUICK)
    stage.forge.write_issue(api, None, "Dashboard", f"{QUICK}\n{DASHBOARD}")
    body = stage.text(api, pull.number)[1]
    assert "\n\\/merge\n  \\/close\n\t\\/approve\n" in body
    assert "text /close" in body
    assert stage.fake.wrong == []


def test_a_text_that_is_all_space_does_not_take_long() -> None:
    for text in ("\n" * 200_000, " " * 200_000, " \n" * 100_000, "/" * 200_000):
        assert plain(text).replace("\\", "") == text


def test_a_long_title_and_text_are_cut(stage: OnGitLab, api: Repository) -> None:
    stage.push(api, wanted())
    pull = stage.forge.open(api, wanted(title="x" * 300, body="line\n" * 20_000, is_draft=True))
    title, body = stage.text(api, pull.number)
    assert (len(title), title[:7], title[-1]) == (255, "Draft: ", "…")
    assert len(body) <= 60_000


def test_what_a_person_made_ready_stays_so(stage: OnGitLab, api: Repository) -> None:
    pull = _opened(stage, api, is_draft=True)
    stage.pull(api, pull.number).title = "Pin 1 image"
    [seen] = _stand(stage, api).pulls
    stage.forge.edit(api, seen, wanted(title="Pin 2 images", is_draft=True))
    assert stage.text(api, pull.number)[0] == "Pin 2 images"


def test_an_edit_changes_the_base(stage: OnGitLab, api: Repository) -> None:
    pull = _opened(stage, api)
    git = stage.git(api)
    git.keep("refs/heads/release", git.branches()["main"])
    stage.forge.edit(api, pull, wanted(base="release"))
    assert stage.pull(api, pull.number).base == "release"


def test_one_that_a_person_closes_in_this_moment_stays_theirs(stage: OnGitLab, api: Repository) -> None:
    pull = _opened(stage, api)
    stage.ended(api, pull.number)
    stage.forge.withdraw(api, pull, "why")
    assert "closed by pinbot" not in stage.text(api, pull.number)[1]


def test_a_diff_is_one_that_git_reads(stage: OnGitLab, api: Repository) -> None:
    text = stage.forge.diff(api, _opened(stage, api))
    assert text.startswith("diff --git a/Dockerfile b/Dockerfile\n--- a/Dockerfile\n+++ b/Dockerfile\n@@ ")
    git = stage.git(api)
    git.keep("refs/heads/other", git.branches()["main"])
    assert "python:3.12@sha256" in text


def test_a_diff_that_gitlab_leaves_out_is_not_told(stage: OnGitLab, api: Repository) -> None:
    git = stage.git(api)
    git.commit("pinbot/all", {"Dockerfile": "FROM x\n" * 50_000}, "long\n", [git.branches()["main"]])
    assert stage.forge.diff(api, stage.forge.open(api, wanted())) == ""


@pytest.mark.parametrize("where", ["https://[x", "//[::1", "http://:99999999/api/v4/x", "\x00", ""])
def test_an_answer_that_leads_nowhere_stops_nothing_else(stage: OnGitLab, api: Repository, where: str) -> None:
    pull = _opened(stage, api)
    stage.fake.gates.append(lambda seen: Reply(301, (("Location", where),)))
    with pytest.raises(ForgeError, match="leads elsewhere"):
        stage.forge.diff(api, pull)


def test_a_gitlab_that_answers_nothing_is_not_asked_about_every_project_alone(stage: OnGitLab, api: Repository) -> None:
    many = [replace(api, id=str(number)) for number in range(1000, 1100)]
    stage.fake.gates.append(lambda seen: Reply(502 if seen.path.endswith("/graphql") else 200))
    found = stage.forge.standings(many)
    assert all(isinstance(one, Unreachable) for one in found.values())
    assert len(found) == 100
    assert sum(seen.path.endswith("/graphql") for seen in stage.server.log) <= 20 * 3, "three tries each"


# Merging by itself


@pytest.mark.parametrize("status", ["created", "pending", "running"])
def test_gitlab_is_told_to_merge_when_the_pipeline_is_green(stage: OnGitLab, api: Repository, status: str) -> None:
    pull = _opened(stage, api)
    head = stage.git(api).branches()["pinbot/all"]
    stage.repo(api).pipelines[head] = status
    for _ in range(2):
        stage.forge.merge_when_green(api, pull, head)
    [seen] = _stand(stage, api).pulls
    assert seen.merges_itself
    assert stage.forge.writes == 2, "one to open, one to merge"
    for _ in range(2):
        stage.forge.stop_merging(api, pull)
    assert not _stand(stage, api).pulls[0].merges_itself
    assert stage.forge.writes == 3


def test_what_is_green_by_now_is_merged(stage: OnGitLab, api: Repository) -> None:
    pull = _opened(stage, api)
    head = stage.git(api).branches()["pinbot/all"]
    stage.repo(api).pipelines[head] = "success"
    stage.forge.merge_when_green(api, pull, head)
    assert stage.pull(api, pull.number).state == "merged"
    stage.forge.merge_when_green(api, pull, head)
    stage.forge.stop_merging(api, pull)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        pytest.param(None, "no pipeline", id="nothing checks it, and GitLab would merge it at once"),
        pytest.param("failed", "'failed'", id="red"),
        pytest.param("canceled", "'canceled'", id="ended by somebody"),
        pytest.param("skipped", "'skipped'", id="nothing ran"),
        pytest.param("manual", "'manual'", id="waits for a person"),
    ],
)
def test_what_nothing_checks_is_never_merged(stage: OnGitLab, api: Repository, status: str | None, said: str) -> None:
    pull = _opened(stage, api)
    head = stage.git(api).branches()["pinbot/all"]
    stage.repo(api).ci = status
    with pytest.raises(ForgeForbids, match=said):
        stage.forge.merge_when_green(api, pull, head)
    assert not [seen for seen in stage.server.log if seen.path.endswith("/merge")]
    assert stage.pull(api, pull.number).state == "opened"


def _merged_result(stage: OnGitLab, api: Repository) -> str:
    """Return the commit of a pipeline of merged results for the head of `pinbot/all` as it is now."""
    git = stage.git(api)
    tips = git.branches()
    return git.commit("result", {"Dockerfile": "FROM x\n"}, "merge\n", [tips["main"], tips["pinbot/all"]])


def test_a_pipeline_of_the_merged_result_checks_it(stage: OnGitLab, api: Repository) -> None:
    pull = _opened(stage, api)
    stage.pull(api, pull.number).result = (_merged_result(stage, api), "running")
    stage.forge.merge_when_green(api, pull, stage.git(api).branches()["pinbot/all"])
    assert stage.pull(api, pull.number).merging


def test_a_pipeline_of_the_merged_result_of_an_older_commit_checks_nothing(stage: OnGitLab, api: Repository) -> None:
    pull = _opened(stage, api)
    stage.pull(api, pull.number).result = (_merged_result(stage, api), "success")
    head = stage.person_pushes(api, "pinbot/all")
    with pytest.raises(ForgeForbids, match="no pipeline"):
        stage.forge.merge_when_green(api, pull, head)
    assert stage.pull(api, pull.number).state == "opened"


def test_a_pipeline_that_is_still_made_is_waited_for(stage: OnGitLab, api: Repository) -> None:
    pull = _opened(stage, api)
    head = stage.git(api).branches()["pinbot/all"]
    looks: list[str] = []
    stage.repo(api).ci = None

    def begins(seen: Seen) -> Reply:
        if seen.method == "GET" and seen.path.endswith(f"/merge_requests/{pull.number}"):
            looks.append(seen.path)
            if len(looks) == 3:
                stage.repo(api).pipelines[head] = "created"
        return Reply()

    stage.fake.gates.append(begins)
    stage.forge.merge_when_green(api, pull, head)
    assert stage.pull(api, pull.number).merging
    assert stage.time == 1007.0


def test_none_is_waited_for_where_nothing_has_changed_for_long(stage: OnGitLab, api: Repository) -> None:
    pull = _opened(stage, api)
    stage.pull(api, pull.number).opened -= timedelta(hours=1)
    stage.repo(api).ci = None
    with pytest.raises(ForgeForbids, match="no pipeline"):
        stage.forge.merge_when_green(api, pull, stage.git(api).branches()["pinbot/all"])
    assert stage.time == 1000.0


def test_a_commit_that_came_since_is_not_merged(stage: OnGitLab, api: Repository) -> None:
    pull = _opened(stage, api)
    head = stage.git(api).branches()["pinbot/all"]
    now = stage.person_pushes(api, "pinbot/all")
    stage.repo(api).pipelines |= {head: "running", now: "running"}
    with pytest.raises(ForgeError, match="another commit"):
        stage.forge.merge_when_green(api, pull, head)
    assert stage.pull(api, pull.number).merging is None


@pytest.mark.parametrize("code", [401, 405, 406, 422])
def test_a_project_that_does_not_allow_it_says_so(stage: OnGitLab, api: Repository, code: int) -> None:
    pull = _opened(stage, api)
    head = stage.git(api).branches()["pinbot/all"]
    stage.repo(api).pipelines[head] = "running"
    stage.repo(api).merger = code
    with pytest.raises(ForgeForbids, match="it does not merge itself: "):
        stage.forge.merge_when_green(api, pull, head)


def test_an_answer_about_merging_that_does_not_come_is_looked_for(stage: OnGitLab, api: Repository) -> None:
    pull = _opened(stage, api)
    head = stage.git(api).branches()["pinbot/all"]
    stage.repo(api).pipelines[head] = "running"
    stage.on_write(faults.reset_after(0))
    stage.forge.merge_when_green(api, pull, head)
    assert stage.pull(api, pull.number).merging
    stage.forge.stop_merging(api, pull)
    assert stage.pull(api, pull.number).merging is None
    assert sum(seen.path.endswith("/merge") for seen in stage.server.log) == 1


# The dashboard


@pytest.fixture
def watcher(tmp_path: Path) -> Iterator[OnGitLab]:
    with FakeGitLab(tmp_path) as fake:
        stage = OnGitLab(fake, dashboards=True)
        yield stage
        stage.close()


def test_the_dashboard_is_opened_once_and_kept(watcher: OnGitLab) -> None:
    api = watcher.add("api")
    assert _stand(watcher, api).issue is None
    made = watcher.forge.write_issue(api, None, "Images", f"text\n\n{DASHBOARD}")
    assert _stand(watcher, api).issue == made
    changed = watcher.forge.write_issue(api, made, "Images", f"more\n\n{DASHBOARD}")
    assert _stand(watcher, api).issue == changed
    assert (changed.number, changed.body) == (made.number, f"more\n\n{DASHBOARD}")
    before = watcher.forge.writes
    watcher.forge.write_issue(api, changed, changed.title, changed.body)
    assert watcher.forge.writes == before


def test_the_oldest_of_ours_is_it_open_or_closed(watcher: OnGitLab) -> None:
    api = watcher.add("api")
    fake, project = watcher.fake, watcher.repo(api)
    fake.issue(project, fake.state.user("ada"), "not ours", DASHBOARD)
    for n in range(queries.ISSUES + 1):
        fake.issue(project, fake.bot, f"another {n}", "text")
    ours = fake.issue(project, fake.bot, "ours", f"x {DASHBOARD}")
    fake.issue(project, fake.bot, "a later one", DASHBOARD)
    ours.state = "closed"
    found = _stand(watcher, api).issue
    assert found == Issue(ours.number, f"{fake.site}/acme/api/-/issues/{ours.number}", "ours", ours.body, is_open=False)


def test_a_dashboard_whose_answer_is_lost_is_found(watcher: OnGitLab) -> None:
    api = watcher.add("api")
    watcher.on_write(faults.times(1, faults.reset_after(0)))
    made = watcher.forge.write_issue(api, None, "Images", DASHBOARD)
    assert [issue.number for issue in watcher.fake.state.issues] == [made.number]


def test_a_project_without_issues_says_so(watcher: OnGitLab) -> None:
    api = watcher.add("api")
    watcher.repo(api).has_issues = False
    assert _stand(watcher, api).issue is None
    with pytest.raises(ForgeForbids):
        watcher.forge.write_issue(api, None, "Images", DASHBOARD)


def test_without_dashboards_no_issue_is_asked_for(stage: OnGitLab, api: Repository) -> None:
    stage.fake.issue(stage.repo(api), stage.fake.bot, "ours", DASHBOARD)
    assert _stand(stage, api).issue is None
    assert b"issues(" not in stage.server.log[-1].body


# Tokens, servers, limits


def test_an_oauth_token_is_shown_as_bearer(tmp_path: Path) -> None:
    with FakeGitLab(tmp_path) as fake:
        fake.header = "authorization"
        stage = OnGitLab(fake, kind="oauth")
        api = stage.add("api")
        _opened(stage, api)
        assert _stand(stage, api).pulls
        assert all("private-token" not in seen.headers for seen in stage.server.log)
        stage.close()


def test_an_access_token_is_shown_as_private_token_and_nowhere_else(stage: OnGitLab, api: Repository) -> None:
    _opened(stage, api)
    assert all(seen.headers["private-token"] == stage.secret for seen in stage.server.log)
    assert not any("authorization" in seen.headers or stage.secret in seen.target for seen in stage.server.log)


def test_a_job_token_is_refused_with_what_to_use_instead() -> None:
    with pytest.raises(UsageError, match=r"CI job token cannot .* `flow: merge-request`") as raised:
        GitLab(Options(Secret("glcbt-64_CANARY-x")))
    assert "CANARY" not in str(raised.value)


@pytest.mark.parametrize("end", ["", "/", "/api/v4", "/api/v4/"])
def test_a_site_may_be_below_a_path(tmp_path: Path, end: str) -> None:
    with FakeGitLab(tmp_path, base="/gitlab") as fake:
        stage = OnGitLab(fake, url=f"{fake.site}{end}")
        api = stage.add("api", namespace="acme/sub")
        pull = _opened(stage, api)
        assert _stand(stage, api).pulls[0].number == pull.number
        assert stage.forge.remote(api).url == f"{fake.server.url}/gitlab/acme/sub/api.git"
        stage.close()


def test_http_is_refused_for_other_machines_unless_the_settings_say_so() -> None:
    with pytest.raises(AddressRefused, match="https"):
        GitLab(Options(Secret("x" * 20), "http://gitlab.example"))
    GitLab(Options(Secret("x" * 20), "http://gitlab.example", wire=Wire(plain_http=True))).close_connections()
    with pytest.raises(AddressRefused):
        GitLab(Options(Secret("x" * 20), "https://169.254.169.254"))


def test_an_installation_is_nothing_here() -> None:
    with pytest.raises(UsageError, match="say group or user"):
        GitLab(Options(Secret("x" * 20), owners=(Owner("installation"),)))


def test_a_ca_of_ones_own_is_trusted_and_no_other(tmp_path: Path) -> None:
    ca, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("127.0.0.1").configure_cert(context)
    ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    honest = Reply(200, (("Content-Type", "application/json"),), b'{"id": 5, "path_with_namespace": "a/b"}')
    with Server(lambda _seen: honest, tls=context) as server:
        options = Options(
            Secret("t" * 20), server.url, selection=Selection(names=("a/b",)), retries=RetryPolicy(tries=1)
        )
        with GitLab(replace(options, wire=Wire(str(tmp_path / "ca.pem")))) as trusting:
            assert [r.name for r in trusting.repositories()] == ["a/b"]
        seen = len(server.log)
        with GitLab(options) as careful, pytest.raises(ForgeError, match="certificate"):
            list(careful.repositories())
        assert len(server.log) == seen


@pytest.mark.parametrize("code", [301, 302, 307, 308])
@pytest.mark.parametrize("where", ["another server", "beside the API", "up"])
def test_nothing_is_followed_to_elsewhere(stage: OnGitLab, api: Repository, code: int, where: str) -> None:
    with Server(lambda _seen: Reply(200, body=b"[]")) as other:
        places = {
            "another server": f"{other.url}/api/v4/user",
            "beside the API": f"{stage.server.url}/users/sign_in",
            "up": f"{stage.server.url}/api/v4/../../x",
        }
        stage.server.faults.append(faults.redirect(places[where], code))
        for act in (lambda: list(stage.forge.repositories()), lambda: stage.forge.diff(api, _pull())):
            with pytest.raises(ForgeError):
                act()
        assert other.log == []
        assert not any(carries(seen, stage.secret) for seen in other.log)


def test_cookies_are_neither_kept_nor_sent(stage: OnGitLab, api: Repository) -> None:
    stage.server.faults.append(faults.header("Set-Cookie", "_gitlab_session=abc; Path=/"))
    _stand(stage, api)
    _stand(stage, api)
    assert not any("cookie" in seen.headers for seen in stage.server.log)


def test_what_the_environment_says_is_not_heard(
    stage: OnGitLab, api: Repository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login evil password evil\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("PYTHON_GITLAB_CFG", "/nowhere")
    assert _stand(stage, api).head
    assert not any("authorization" in seen.headers for seen in stage.server.log)


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Retry-After": "7200"}, id="how long"),
        pytest.param(
            {"RateLimit-Reset": str(int(NOW.timestamp()) + 7200), "RateLimit-Remaining": "0"}, id="until when"
        ),
    ],
)
def test_a_limit_is_told_with_its_end_and_not_run_into_again(
    stage: OnGitLab, api: Repository, headers: dict[str, str]
) -> None:
    told = {name.replace("-", "_"): value for name, value in headers.items()}
    stage.server.faults.append(faults.status(429, b"Retry later", **told))
    with pytest.raises(ForgeBusy) as raised:
        stage.forge.standings([api])
    assert raised.value.until is not None
    assert (raised.value.until - NOW).total_seconds() == 7200
    count = len(stage.server.log)
    with pytest.raises(ForgeBusy):
        stage.forge.open(api, wanted())
    assert len(stage.server.log) == count == 1


def test_a_write_that_was_limited_is_done_once(stage: OnGitLab, api: Repository) -> None:
    stage.push(api, wanted())
    stage.limit(5, times=2, writes=True)
    pull = stage.forge.open(api, wanted())
    assert stage.open_pulls(api) == [(pull.number, "pinbot/all")]
    assert stage.time >= 1010


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'{"message": {"base": ["no %s"], "x": {"y": [1]}}}', id="an object of lists"),
        pytest.param(b'{"message": ["no %s"]}', id="a list"),
        pytest.param(b'{"error": "insufficient_scope", "error_description": "no %s", "scope": "api"}', id="of OAuth"),
        pytest.param(b'{"message": ' + b'{"a":' * 50 + b'"no %s"' + b"}" * 50 + b"}", id="too deep"),
    ],
)
def test_refusals_are_quoted_without_the_token(stage: OnGitLab, api: Repository, body: bytes) -> None:
    stage.server.faults.append(faults.status(400, body.replace(b"%s", stage.secret.encode())))
    with pytest.raises(ForgeError) as raised:
        stage.forge.open(api, wanted())
    assert shows_canary([str(raised.value), repr(raised.value)]) == []
    assert "(400)" in str(raised.value)


def test_a_list_without_an_end_is_given_up(stage: OnGitLab, api: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.server.faults.append(faults.header("X-Next-Page", "2"))
    monkeypatch.setattr("pinbot.forge._gitlab_api._MOST_PAGES", 5)
    with pytest.raises(ForgeError, match="does not come to an end"):
        list(stage.forge.repositories())


def test_a_server_that_gives_fewer_at_once_or_does_not_count_is_read_to_the_end(tmp_path: Path) -> None:
    with FakeGitLab(tmp_path, most=2) as fake:
        stage = OnGitLab(fake)
        added = [stage.add(f"r{n}") for n in range(5)]
        assert list(stage.forge.repositories()) == added
        stage.close()


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda node: node.update(fullPath="../x"), id="a path that is none"),
        pytest.param(lambda node: node["repository"]["tree"]["lastCommit"].update(sha="main"), id="no commit"),
        pytest.param(lambda node: node["all"].update(nodes=[{"iid": "x"}]), id="a merge request that is none"),
        pytest.param(lambda node: node.update(all=[]), id="no list"),
        pytest.param(lambda node: node.update(all=None), id="nothing"),
        pytest.param(lambda node: node.update(repository=None), id="its code is not for us"),
        pytest.param(lambda node: node.update(archived="no"), id="a word for a truth"),
    ],
)
def test_one_broken_project_stops_no_other(stage: OnGitLab, change: Callable[[Any], None]) -> None:
    api, other = stage.add("api"), stage.add("other")

    def bent(seen: Seen, reply: Reply) -> Reply:
        if not seen.path.endswith("/graphql"):
            return reply
        assert isinstance(reply.body, bytes)
        told = json.loads(reply.body)
        for node in told["data"]["projects"]["nodes"]:
            if node["id"].endswith(f"/{api.id}"):
                change(node)
        return replace(reply, body=json.dumps(told).encode())

    stage.server.faults.append(bent)
    found = stage.forge.standings([api, other])
    assert isinstance(found[api.id], Unreachable)
    assert isinstance(found[other.id], Standing)


def test_a_part_that_is_missing_is_no_answer(stage: OnGitLab) -> None:
    """What is not told would be opened again."""
    api, other = stage.add("api"), stage.add("other")

    def bent(seen: Seen, reply: Reply) -> Reply:
        if not seen.path.endswith("/graphql") or f'/{api.id}"'.encode() not in seen.body:
            return reply
        assert isinstance(reply.body, bytes)
        return replace(reply, body=json.dumps({**json.loads(reply.body), "errors": [{"message": "Timeout"}]}).encode())

    stage.server.faults.append(bent)
    found = stage.forge.standings([api, other])
    missing = found[api.id]
    assert isinstance(missing, Unreachable)
    assert "Timeout" in missing.reason
    assert isinstance(found[other.id], Standing)


def test_writes_keep_their_pace(tmp_path: Path) -> None:
    from pinbot.forge._pace import Pace

    with FakeGitLab(tmp_path) as fake:
        slept: list[float] = []
        world = World(lambda: 0.0, slept.append, lambda: NOW)
        stage = OnGitLab(fake, pace=Pace(2.0, ()), world=world)
        api = stage.add("api")
        pull = _opened(stage, api)
        stage.forge.comment(api, pull, "x")
        assert slept == [2.0]
        stage.close()


def test_unpaced_is_at_once(stage: OnGitLab, api: Repository) -> None:
    assert UNPACED.seconds_between == 0
    _opened(stage, api)
    assert stage.time == 1000.0


def _pull() -> PullRequest:
    return PullRequest(1, "", "open", "b", "main", "t", "", "", by_us=True, in_repository=True, commits=(), opened=NOW)

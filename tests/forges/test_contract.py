"""What every forge with pull requests does, whoever makes it (F23-F28, F32-F34; T34-T37; I11-I13)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pinbot.errors import ForgeBusy, ForgeError, ForgeForbids, PinbotError
from pinbot.proposals.issue import DASHBOARD
from pinbot.proposals.proposal import Dressing
from pinbot.proposals.pull import WITHDRAWN, PullRequest
from pinbot.proposals.repository import Repository, Standing, Unreachable
from tests.fakes import faults
from tests.fakes.canary import carries, shows_canary
from tests.fakes.server import Fault, Reply, Server
from tests.forges.on_forgejo import PROGRAM, on_forgejo
from tests.forges.on_gitea import on_gitea
from tests.forges.on_github import on_github
from tests.forges.on_gitlab import on_gitlab
from tests.forges.stage import BEFORE, Make, Stage, wanted

STAGES: dict[str, Make] = {"gitea": on_gitea, "github": on_github, "gitlab": on_gitlab}
if PROGRAM:
    STAGES["forgejo"] = on_forgejo


@pytest.fixture(params=list(STAGES.values()), ids=list(STAGES))
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    with request.param(tmp_path) as opened:
        yield opened


@pytest.fixture
def api(stage: Stage) -> Repository:
    return stage.add("api")


def _stand(stage: Stage, repository: Repository) -> Standing:
    found = stage.forge.standings([repository])[repository.id]
    assert isinstance(found, Standing)
    return found


def _only(stage: Stage, repository: Repository) -> PullRequest:
    [pull] = _stand(stage, repository).pulls
    return pull


def _opened(stage: Stage, repository: Repository) -> PullRequest:
    stage.push(repository, wanted())
    return stage.forge.open(repository, wanted())


# What is there


def test_lists_what_counts_in_a_stable_order(stage: Stage) -> None:
    added = [stage.add("b", topics=["prod"]), stage.add("a")]
    stage.add("old", archived=True)
    stage.add("copy", fork=True)
    listed = list(stage.forge.repositories())
    assert sorted(listed, key=lambda r: r.name) == sorted(added, key=lambda r: r.name)
    assert list(stage.forge.repositories()) == listed


def test_lists_more_than_a_page(stage: Stage) -> None:
    listed = [stage.add(f"r{n:03}") for n in range(53)]
    assert list(stage.forge.repositories()) == listed
    found = stage.forge.standings(listed)
    assert [found[r.id].repository for r in listed] == listed
    assert all(isinstance(one, Standing) and one.head for one in found.values())


def test_a_repository_without_pull_requests_stands_at_its_head(stage: Stage, api: Repository) -> None:
    head = stage.base_moves(api, "FROM x\n")
    standing = _stand(stage, api)
    assert (standing.repository, standing.head, standing.pulls) == (api, head, ())


def test_a_pull_request_of_ours_comes_with_its_commits(stage: Stage, api: Repository) -> None:
    sha = stage.push(api, wanted())
    pull = stage.forge.open(api, wanted())
    seen = _only(stage, api)
    assert (seen.number, seen.branch, seen.base, seen.state) == (pull.number, "pinbot/all", "main", "open")
    assert (seen.title, seen.body, seen.author) == ("Pin 1 image", "text", stage.us)
    assert seen.by_us
    assert seen.in_repository
    assert not seen.is_draft
    assert seen.conflicts in {False, None}
    [commit] = seen.commits
    assert commit.sha == sha
    assert commit.parents == (_stand(stage, api).head,)
    assert commit.fingerprint == wanted().fingerprint
    assert commit.covers == {"c1"}


def test_the_commits_come_oldest_first(stage: Stage, api: Repository) -> None:
    first = stage.push(api, wanted())
    stage.forge.open(api, wanted())
    second = stage.person_pushes(api, "pinbot/all")
    pull = _only(stage, api)
    assert [commit.sha for commit in pull.commits] == [first, second]
    assert [commit.fingerprint is None for commit in pull.commits] == [False, True]
    assert pull.commits[1].author == "Ada"
    assert pull.head == pull.commits[1]


def test_a_conflict_with_the_base_is_seen(stage: Stage, api: Repository) -> None:
    _opened(stage, api)
    stage.base_moves(api, "FROM python:3.13\n")
    assert _only(stage, api).conflicts is True


def test_a_base_that_moved_without_conflict_is_none(stage: Stage, api: Repository) -> None:
    _opened(stage, api)
    stage.base_moves(api, BEFORE)
    assert _only(stage, api).conflicts in {False, None}


def test_a_pull_request_of_somebody_else_is_not_ours(stage: Stage, api: Repository) -> None:
    stage.push(api, wanted())
    number = stage.opened_by(api, "ada", "pinbot/all")
    pull = _only(stage, api)
    assert (pull.number, pull.author, pull.by_us, pull.in_repository) == (number, "ada", False, True)


def test_a_branch_of_a_fork_with_our_name_is_not_in_the_repository(stage: Stage, api: Repository) -> None:
    evil = stage.opened_by(api, "eve", "pinbot/all", from_fork=True)
    pull = _opened(stage, api)
    assert pull.number != evil
    seen = {p.number: p for p in _stand(stage, api).pulls}
    assert not seen[evil].in_repository
    assert not seen[evil].by_us
    assert seen[pull.number].in_repository
    assert seen[pull.number].by_us


def test_what_is_open_is_known_though_a_list_was_older(stage: Stage, api: Repository) -> None:
    [listed] = stage.forge.repositories()
    pull = _opened(stage, listed)
    assert _only(stage, listed).number == pull.number
    stage.forge.close(listed, pull)
    assert _stand(stage, listed).pulls == ()


def test_tells_what_a_pull_request_changes(stage: Stage, api: Repository) -> None:
    text = stage.forge.diff(api, _opened(stage, api))
    assert "a/Dockerfile b/Dockerfile" in text


# Opening


def test_opens_one(stage: Stage, api: Repository) -> None:
    pull = _opened(stage, api)
    assert stage.open_pulls(api) == [(pull.number, "pinbot/all")]
    assert stage.text(api, pull.number) == ("Pin 1 image", "text")
    assert (pull.by_us, pull.state, pull.is_pending, pull.branch) == (True, "open", False, "pinbot/all")
    assert pull.url.startswith(stage.server.url)


def test_opening_twice_gives_the_same(stage: Stage, api: Repository) -> None:
    first = _opened(stage, api)
    again = stage.forge.open(api, wanted(title="another"))
    assert again.number == first.number
    assert stage.open_pulls(api) == [(first.number, "pinbot/all")]


def test_what_somebody_else_opened_from_the_branch_is_returned(stage: Stage, api: Repository) -> None:
    stage.push(api, wanted())
    number = stage.opened_by(api, "ada", "pinbot/all")
    pull = stage.forge.open(api, wanted())
    assert (pull.number, pull.by_us) == (number, False)
    assert stage.open_pulls(api) == [(number, "pinbot/all")]


def test_opens_a_draft(stage: Stage, api: Repository) -> None:
    stage.push(api, wanted())
    pull = stage.forge.open(api, wanted(is_draft=True))
    assert stage.dress(api, pull.number).is_draft
    seen = _only(stage, api)
    assert (seen.is_draft, seen.title) == (True, "Pin 1 image")


def test_opens_none_without_the_branch(stage: Stage, api: Repository) -> None:
    with pytest.raises(ForgeError):
        stage.forge.open(api, wanted())
    assert stage.open_pulls(api) == []


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(faults.reset_after(0), id="the connection is reset"),
        pytest.param(faults.truncated(5), id="the answer is cut"),
        pytest.param(faults.status(502), id="the gateway fails"),
        pytest.param(faults.status(504), id="the gateway does not wait"),
    ],
)
def test_a_pull_request_that_nobody_told_us_of_is_found(stage: Stage, api: Repository, fault: Fault) -> None:
    stage.push(api, wanted())
    stage.on_write(faults.times(1, fault))
    pull = stage.forge.open(api, wanted())
    assert stage.open_pulls(api) == [(pull.number, "pinbot/all")]
    assert not stage.forge.open(api, wanted()).is_pending
    assert stage.open_pulls(api) == [(pull.number, "pinbot/all")]


def test_a_pull_request_that_was_not_opened_is_not_asked_for_again(stage: Stage, api: Repository) -> None:
    stage.push(api, wanted())
    stage.archive(api)  # so that the fake does nothing
    stage.on_write(faults.reset_after(0))
    with pytest.raises(ForgeError):
        stage.forge.open(api, wanted())
    assert len([seen for seen in stage.server.log if seen.method == "POST" and b"pinbot/all" in seen.body]) == 1


# Changing


def test_edits_what_it_says(stage: Stage, api: Repository) -> None:
    pull = _opened(stage, api)
    stage.forge.edit(api, pull, wanted(title="Pin 2 images", body="more"))
    assert stage.text(api, pull.number) == ("Pin 2 images", "more")
    stage.forge.edit(api, pull, wanted(title="Pin 2 images", body="more"))
    assert stage.text(api, pull.number) == ("Pin 2 images", "more")


def test_an_edit_that_changes_nothing_writes_nothing(stage: Stage, api: Repository) -> None:
    _opened(stage, api)
    stage.server.log.clear()
    stage.forge.edit(api, _only(stage, api), wanted())
    assert not [seen for seen in stage.server.log if seen.method in {"PATCH", "PUT"}]


def test_an_edit_that_nobody_told_us_of_is_seen(stage: Stage, api: Repository) -> None:
    pull = _opened(stage, api)
    stage.on_write(faults.times(1, faults.reset_after(0)))
    stage.forge.edit(api, pull, wanted(title="Pin 2 images"))
    assert stage.text(api, pull.number)[0] == "Pin 2 images"


def test_closes_with_the_reason(stage: Stage, api: Repository) -> None:
    pull = _opened(stage, api)
    stage.forge.withdraw(api, pull, "not wanted any more")
    stage.forge.close(api, pull)
    assert stage.open_pulls(api) == []
    assert WITHDRAWN in stage.text(api, pull.number)[1]
    [said] = stage.said(api, pull.number)
    assert said.startswith("not wanted any more")


@pytest.mark.parametrize("lost", [1, 2, 3])
def test_closing_ends_the_same_whichever_answer_is_lost(stage: Stage, api: Repository, lost: int) -> None:
    pull = _opened(stage, api)
    stage.on_write(faults.times(lost, faults.reset_after(0)))
    for _ in range(2):
        stage.forge.withdraw(api, pull, "why")
        stage.forge.close(api, pull)
    assert stage.open_pulls(api) == []
    assert len(stage.said(api, pull.number)) == 1


def test_closing_what_was_merged_is_no_failure(stage: Stage, api: Repository) -> None:
    pull = _opened(stage, api)
    stage.ended(api, pull.number, merged=True)
    stage.forge.close(api, pull)


def test_says_something_once(stage: Stage, api: Repository) -> None:
    pull = _opened(stage, api)
    for text in ("leaving it alone", "leaving it alone", "something else", "leaving it alone"):
        stage.forge.comment(api, pull, text)
    said = stage.said(api, pull.number)
    assert [text.split("\n")[0] for text in said] == ["leaving it alone", "something else"]


# Merging by itself


def test_merges_itself_when_it_is_told_to(stage: Stage, api: Repository) -> None:
    head = stage.push(api, wanted())
    pull = stage.forge.open(api, wanted())
    assert not _only(stage, api).merges_itself
    for _ in range(2):
        stage.forge.merge_when_green(api, pull, head)
        seen = _only(stage, api)
        assert (seen.merges_itself, seen.merging_by_us, seen.state) == (True, True, "open")


def test_what_it_was_told_is_taken_back(stage: Stage, api: Repository) -> None:
    head = stage.push(api, wanted())
    pull = stage.forge.open(api, wanted())
    stage.forge.merge_when_green(api, pull, head)
    for _ in range(2):
        stage.forge.stop_merging(api, pull)
        assert not _only(stage, api).merges_itself
    stage.forge.merge_when_green(api, pull, head)
    assert _only(stage, api).merges_itself


def test_what_somebody_else_told_it_is_seen_as_theirs(stage: Stage, api: Repository) -> None:
    pull = _opened(stage, api)
    stage.armed_by(api, pull.number, "ada")
    seen = _only(stage, api)
    assert (seen.merges_itself, seen.merging_by_us) == (True, False)
    try:
        stage.forge.stop_merging(api, pull)
    except ForgeForbids:  # Gitea and Forgejo let administrators alone take back what others said
        assert _only(stage, api).merges_itself
    else:
        assert not _only(stage, api).merges_itself


def test_what_would_be_merged_at_once_is_not_merged(stage: Stage, api: Repository) -> None:
    head = stage.push(api, wanted())
    pull = stage.forge.open(api, wanted())
    stage.unguarded(api)
    with pytest.raises(ForgeForbids, match="does not merge itself"):
        stage.forge.merge_when_green(api, pull, head)
    seen = _only(stage, api)
    assert (seen.merges_itself, seen.state) == (False, "open")


def test_another_commit_is_not_merged(stage: Stage, api: Repository) -> None:
    head = stage.push(api, wanted())
    pull = stage.forge.open(api, wanted())
    stage.person_pushes(api, "pinbot/all")
    with pytest.raises(ForgeError, match="another commit"):
        stage.forge.merge_when_green(api, pull, head)
    assert not _only(stage, api).merges_itself


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(faults.reset_after(0), id="the connection is reset"),
        pytest.param(faults.status(502), id="the gateway fails"),
    ],
)
def test_merging_ends_the_same_when_an_answer_is_lost(stage: Stage, api: Repository, fault: Fault) -> None:
    head = stage.push(api, wanted())
    pull = stage.forge.open(api, wanted())
    stage.on_write(faults.times(1, fault))
    stage.forge.merge_when_green(api, pull, head)
    assert _only(stage, api).merges_itself
    stage.on_write(faults.times(1, fault))
    stage.forge.stop_merging(api, pull)
    assert not _only(stage, api).merges_itself


def test_what_is_closed_merges_no_more(stage: Stage, api: Repository) -> None:
    head = stage.push(api, wanted())
    pull = stage.forge.open(api, wanted())
    stage.forge.close(api, pull)
    with pytest.raises(ForgeError):
        stage.forge.merge_when_green(api, pull, head)
    stage.forge.stop_merging(api, pull)


@pytest.mark.parametrize(
    "dressing", [Dressing(), Dressing(assignees=("ada",))], ids=["nothing is beside it", "somebody is assigned"]
)
def test_what_is_not_all_done_says_so(stage: Stage, api: Repository, dressing: Dressing) -> None:
    all_of_it = replace(wanted(), dressing=dressing)
    stage.push(api, all_of_it)
    pull = stage.forge.open(api, replace(all_of_it, is_pending=True))
    assert pull.is_pending
    assert _only(stage, api).is_pending
    stage.forge.edit(api, pull, all_of_it)
    assert not _only(stage, api).is_pending
    assert stage.text(api, pull.number) == ("Pin 1 image", "text")
    assert stage.dress(api, pull.number).assignees == all_of_it.dressing.assignees
    stage.forge.edit(api, _only(stage, api), replace(all_of_it, body="more", is_pending=True))
    assert _only(stage, api).is_pending
    stage.forge.edit(api, _only(stage, api), replace(all_of_it, body="more"))
    assert stage.text(api, pull.number) == ("Pin 1 image", "more")


# The dashboard

_BOARD = f"{DASHBOARD}\n\nAll is well."


def test_opens_a_dashboard_once(stage: Stage, api: Repository) -> None:
    assert _stand(stage, api).issue is None
    issue = stage.forge.write_issue(api, None, "Images", _BOARD)
    assert stage.issues(api) == [(issue.number, "Images", _BOARD)]
    assert (issue.title, issue.body, issue.is_open) == ("Images", _BOARD, True)
    assert issue.url.startswith(stage.server.url)
    assert _stand(stage, api).issue == issue
    assert stage.forge.write_issue(api, None, "Images", _BOARD) == issue
    assert len(stage.issues(api)) == 1


def test_a_dashboard_gets_another_text(stage: Stage, api: Repository) -> None:
    issue = stage.forge.write_issue(api, None, "Images", _BOARD)
    after = stage.forge.write_issue(api, issue, "Images here", f"{_BOARD} Or is it?")
    assert stage.issues(api) == [(issue.number, "Images here", f"{_BOARD} Or is it?")]
    assert _stand(stage, api).issue == after


def test_a_dashboard_that_is_as_it_should_be_is_not_written(stage: Stage, api: Repository) -> None:
    stage.forge.write_issue(api, None, "Images", _BOARD)
    issue = _stand(stage, api).issue
    stage.server.log.clear()
    stage.forge.write_issue(api, issue, "Images", _BOARD)
    assert stage.server.log == []


def test_a_box_that_was_checked_since_is_not_written_over(stage: Stage, api: Repository) -> None:
    issue = stage.forge.write_issue(api, None, "Images", _BOARD)
    stage.issue_becomes(api, issue.number, f"{_BOARD} [x]")
    found = stage.forge.write_issue(api, issue, "Images", f"{_BOARD} More.")
    assert found.body == f"{_BOARD} [x]"
    assert stage.issues(api) == [(issue.number, "Images", f"{_BOARD} [x]")]
    stage.forge.write_issue(api, found, "Images", f"{_BOARD} More.")
    assert stage.issues(api) == [(issue.number, "Images", f"{_BOARD} More.")]


def test_a_title_that_somebody_has_given_it_since_stays(stage: Stage, api: Repository) -> None:
    issue = stage.forge.write_issue(api, None, "Images", _BOARD)
    stage.issue_becomes(api, issue.number, title="Ours")
    found = stage.forge.write_issue(api, issue, "Images", f"{_BOARD} More.")
    assert stage.issues(api) == [(issue.number, "Ours", f"{_BOARD} More.")]
    assert (found.title, found.body) == ("Ours", f"{_BOARD} More.")


def test_one_that_somebody_has_closed_since_is_not_written_to(stage: Stage, api: Repository) -> None:
    issue = stage.forge.write_issue(api, None, "Images", _BOARD)
    stage.issue_becomes(api, issue.number, closed=True)
    assert not stage.forge.write_issue(api, issue, "Images", f"{_BOARD} More.").is_open
    assert stage.issues(api) == [(issue.number, "Images", _BOARD)]


def test_a_dashboard_of_somebody_else_is_none(stage: Stage, api: Repository) -> None:
    stage.issue_by(api, "ada", _BOARD)
    assert _stand(stage, api).issue is None
    issue = stage.forge.write_issue(api, None, "Images", _BOARD)
    assert _stand(stage, api).issue == issue
    assert len(stage.issues(api)) == 2


def test_the_oldest_dashboard_is_it_among_many_issues(stage: Stage, api: Repository) -> None:
    for _ in range(3):
        stage.issue_by(api, stage.us, "no dashboard")
    first = stage.issue_by(api, stage.us, _BOARD)
    for _ in range(4):
        stage.issue_by(api, stage.us, _BOARD)
    for at in range(56):
        stage.issue_by(api, stage.us, f"no dashboard {at}")
    found = _stand(stage, api).issue
    assert found is not None
    assert found.number == first


def test_a_dashboard_behind_many_issues_is_found(stage: Stage, api: Repository) -> None:
    for at in range(57):
        stage.issue_by(api, stage.us, f"no dashboard {at}")
    issue = stage.forge.write_issue(api, None, "Images", _BOARD)
    assert _stand(stage, api).issue == issue


def test_a_pull_request_is_no_dashboard(stage: Stage, api: Repository) -> None:
    stage.push(api, wanted(body=_BOARD))
    stage.forge.open(api, wanted(body=_BOARD))
    assert _stand(stage, api).issue is None
    stage.forge.write_issue(api, None, "Images", _BOARD)
    assert len(stage.issues(api)) == 1


def test_a_dashboard_that_was_closed_is_told_as_closed(stage: Stage, api: Repository) -> None:
    issue = stage.forge.write_issue(api, None, "Images", _BOARD)
    stage.issue_becomes(api, issue.number, closed=True)
    found = _stand(stage, api).issue
    assert found is not None
    assert (found.number, found.is_open) == (issue.number, False)
    assert stage.forge.write_issue(api, None, "Images", _BOARD).number == issue.number


def test_a_repository_without_issues_says_so(stage: Stage, api: Repository) -> None:
    other = stage.add("other")
    stage.without_issues(api)
    found = stage.forge.standings([api, other])
    assert isinstance(found[api.id], Standing)
    assert "disabled" in _stand(stage, api).no_issues
    assert _stand(stage, other).no_issues == ""
    with pytest.raises(ForgeForbids, match="issues"):
        stage.forge.write_issue(api, None, "Images", _BOARD)


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(faults.reset_after(0), id="the connection is reset"),
        pytest.param(faults.truncated(5), id="the answer is cut"),
        pytest.param(faults.status(502), id="the gateway fails"),
    ],
)
def test_a_dashboard_that_nobody_told_us_of_is_found(stage: Stage, api: Repository, fault: Fault) -> None:
    stage.on_write(faults.times(1, fault))
    issue = stage.forge.write_issue(api, None, "Images", _BOARD)
    assert stage.issues(api) == [(issue.number, "Images", _BOARD)]
    stage.on_write(faults.times(1, fault))
    stage.forge.write_issue(api, issue, "Images", f"{_BOARD} More.")
    assert stage.issues(api) == [(issue.number, "Images", f"{_BOARD} More.")]


# What was open


def test_finds_what_is_not_open_any_more(stage: Stage, api: Repository) -> None:
    refused = _opened(stage, api)
    stage.ended(api, refused.number)
    stage.push(api, wanted(branch="pinbot/other"))
    other = stage.forge.open(api, wanted(branch="pinbot/other"))
    stage.ended(api, other.number)
    again = stage.forge.open(api, wanted())
    assert again.number != refused.number
    assert stage.forge.closed(api, []) in ((), [])
    assert stage.forge.closed(api, ["pinbot/none"]) in ((), [])
    [found] = stage.forge.closed(api, ["pinbot/all"])
    assert (found.number, found.state, found.by_us) == (refused.number, "closed", True)
    assert found.closed is not None
    assert found.head is not None
    assert found.head.covers == {"c1"}
    stage.ended(api, again.number)
    assert [p.number for p in stage.forge.closed(api, ["pinbot/all"])] == [again.number, refused.number]


def test_what_was_merged_is_told_from_what_was_refused(stage: Stage, api: Repository) -> None:
    pull = _opened(stage, api)
    stage.ended(api, pull.number, merged=True)
    [found] = stage.forge.closed(api, ["pinbot/all"])
    assert (found.number, found.state) == (pull.number, "merged")


def test_what_others_closed_of_their_own_is_not_found(stage: Stage, api: Repository) -> None:
    stage.push(api, wanted())
    stage.ended(api, stage.opened_by(api, "ada", "pinbot/all"))
    stage.ended(api, stage.opened_by(api, "eve", "pinbot/all", from_fork=True))
    found = stage.forge.closed(api, ["pinbot/all"])
    assert [pull for pull in found if pull.by_us or not pull.in_repository] == []


# Repositories that are not what they were


def test_a_renamed_repository_is_the_same(stage: Stage, api: Repository) -> None:
    [listed] = stage.forge.repositories()
    stage.rename(api, "engine")
    assert _stand(stage, listed).repository.id == api.id
    pull = _opened(stage, listed)
    again = stage.forge.open(listed, wanted())
    assert again.number == pull.number
    stage.forge.edit(listed, pull, wanted(title="Pin 2 images"))
    stage.forge.comment(listed, pull, "hello")
    assert stage.text(api, pull.number)[0] == "Pin 2 images"
    assert _stand(stage, listed).repository.name == "acme/engine"


def test_a_renamed_default_branch_is_found(stage: Stage, api: Repository) -> None:
    [listed] = stage.forge.repositories()
    stage.rename_branch(api, "trunk")
    standing = _stand(stage, listed)
    assert (standing.repository.default_branch, standing.head is not None) == ("trunk", True)


def test_an_archived_repository_takes_nothing(stage: Stage, api: Repository) -> None:
    stage.push(api, wanted())
    stage.archive(api)
    assert _stand(stage, api).repository.is_archived
    # Forgejo lets the text of what is open there be edited.
    with pytest.raises(ForgeForbids, match="archived"):
        stage.forge.open(api, wanted())
    assert stage.open_pulls(api) == []


def test_a_repository_that_is_gone_is_told(stage: Stage, api: Repository) -> None:
    other = stage.add("other")
    pull = _opened(stage, api)
    stage.remove(api)
    found = stage.forge.standings([api, other])
    assert isinstance(found[api.id], Unreachable)
    assert isinstance(found[other.id], Standing)
    for act in (
        lambda: stage.forge.open(api, wanted()),
        lambda: stage.forge.edit(api, pull, wanted(title="Pin 2 images")),
        lambda: stage.forge.withdraw(api, pull, "why"),
        lambda: stage.forge.close(api, pull),
    ):
        with pytest.raises(ForgeForbids):
            act()


# Limits and secrets


def test_questions_that_may_not_be_asked_for_long_leave_repositories_unreachable(stage: Stage, api: Repository) -> None:
    others = [api, *(stage.add(f"r{n}") for n in range(20))]
    stage.limit(3600, times=1000, writes=False)
    try:
        found = stage.forge.standings(others)
    except ForgeBusy:
        return
    assert all(isinstance(one, Unreachable) for one in found.values())
    assert len(stage.server.log) < len(others)


def test_a_near_limit_is_waited_for(stage: Stage, api: Repository) -> None:
    stage.push(api, wanted())
    stage.limit(5, times=1, writes=False)
    stage.limit(5, times=1, writes=True)
    assert _stand(stage, api).head
    pull = stage.forge.open(api, wanted())
    assert stage.open_pulls(api) == [(pull.number, "pinbot/all")]


def test_a_far_limit_is_told_with_its_end(stage: Stage, api: Repository) -> None:
    stage.push(api, wanted())
    _stand(stage, api)
    stage.limit(3600, times=1000, writes=True)
    with pytest.raises(ForgeBusy) as raised:
        stage.forge.open(api, wanted())
    assert raised.value.until is not None
    assert stage.open_pulls(api) == []


@pytest.mark.parametrize("code", [400, 401, 403, 404, 422, 423, 451, 500, 503])
def test_no_failure_shows_the_token(stage: Stage, api: Repository, code: int) -> None:
    pull = _opened(stage, api)
    body = b'{"message": "bad token %s", "url": "x"}' % stage.secret.encode()
    stage.server.faults.append(faults.status(code, body))
    texts = [repr(stage.forge)]
    acts = (
        lambda: stage.forge.open(api, wanted()),
        lambda: stage.forge.edit(api, pull, wanted(title="Pin 2 images")),
        lambda: stage.forge.comment(api, pull, "x"),
        lambda: stage.forge.merge_when_green(api, pull, "a" * 40),
        lambda: stage.forge.stop_merging(api, pull),
        lambda: stage.forge.write_issue(api, None, "Images", _BOARD),
        lambda: stage.forge.closed(api, ["pinbot/all"]),
        lambda: list(stage.forge.repositories()),
        lambda: [str(one) for one in stage.forge.standings([api]).values()],
    )
    for act in acts:
        try:
            texts.append(str(act()))
        except PinbotError as error:
            assert isinstance(error, ForgeError)
            texts.append(repr(error) + str(error))
    assert shows_canary(texts) == []
    assert len(texts) == 1 + len(acts)


def test_the_token_goes_to_no_other_server(stage: Stage, api: Repository) -> None:
    pull = _opened(stage, api)
    with Server(lambda _seen: Reply(200, body=b"[]")) as other:
        stage.server.faults.append(faults.redirect(f"{other.url}/x", 307))
        for act in (
            lambda: stage.forge.open(api, wanted(branch="pinbot/b")),
            lambda: stage.forge.edit(api, pull, wanted(title="Pin 2 images")),
            lambda: stage.forge.stop_merging(api, pull),
            lambda: stage.forge.write_issue(api, None, "Images", _BOARD),
            lambda: stage.forge.closed(api, ["pinbot/all"]),
        ):
            with pytest.raises(ForgeError):
                act()
        assert not any(carries(seen, stage.secret) for seen in other.log)
        assert other.log == []


def test_an_endless_answer_is_not_read(stage: Stage, api: Repository) -> None:
    stage.server.faults.append(faults.infinite())
    with pytest.raises(ForgeError):
        list(stage.forge.repositories())
    try:
        found = stage.forge.standings([api])[api.id]
    except ForgeError:
        return
    assert isinstance(found, Unreachable)


def test_answers_that_are_no_answers_are_refused(stage: Stage, api: Repository) -> None:
    for body in (b"", b"[" * 100_000, b"<html>", b'{"id": "x"}', b"3", b'[{"number": "1"}]', b"\xff\xfe"):
        stage.server.faults[:] = [faults.body(body)]
        for act in (
            lambda: list(stage.forge.repositories()),
            lambda: stage.forge.closed(api, ["pinbot/all"]),
            lambda: stage.forge.standings([api])[api.id],
        ):
            try:
                found = act()
            except ForgeError:
                continue
            assert isinstance(found, Unreachable)

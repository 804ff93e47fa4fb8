"""Dashboards and merging at GitHub: what they cost, and which rights they need."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pinbot.diagnosis.facts import Account, ForgeFacts
from pinbot.errors import ForgeError, ForgeForbids
from pinbot.forge._base import Owner
from pinbot.proposals.issue import DASHBOARD
from pinbot.proposals.repository import Standing
from tests.fakes.github.state import Actor, Ticket
from tests.forge.hubs import BRANCH, Bench, bench, proposal
from tests.forge.test_github_account import APP, NARROW, PUBLIC

BOARD = f"{DASHBOARD}\n\nAll is well."
WITH_ISSUES = {**NARROW, "workflows": "write", "issues": "write"}


@pytest.fixture(name="at")
def _at() -> Iterator[Bench]:
    with bench() as made:
        made.hub.app_key = PUBLIC
        made.push()
        yield made


# What they cost


@pytest.mark.parametrize("number", [1, 100], ids=["one", "a hundred"])
def test_dashboards_come_with_the_request_that_is_made_anyway(at: Bench, number: int) -> None:
    for i in range(number - 1):
        at.hub.add(f"acme/r{i}")
    for repo in at.hub.repos:
        repo.tickets.append(Ticket(repo.next(), "Images", BOARD, Actor("pinner")))
    forge = at.forge(dashboards=True)
    listed = list(forge.repositories())
    at.server.asked.clear()
    found = forge.standings(listed)
    assert len(at.server.asked) == 1
    assert all(isinstance(one, Standing) and one.issue for one in found.values())


def test_without_dashboards_no_issue_is_asked_for(at: Bench) -> None:
    at.standing(at.forge())
    assert not any("issues(" in str(asked.body.get("query")) for asked in at.server.asked)


def test_a_dashboard_costs_a_question_and_a_write_and_nothing_where_it_stays(at: Bench) -> None:
    forge = at.forge(dashboards=True)
    issue = forge.write_issue(at.repository(), None, "Images", BOARD)
    at.server.asked.clear()
    issue = forge.write_issue(at.repository(), issue, "Images", f"{BOARD} Or not.")
    assert [asked.verb for asked in at.server.asked] == ["GET", "PATCH"]
    forge.write_issue(at.repository(), issue, "Images", f"{BOARD} Or not.")
    assert len(at.server.asked) == 2


def test_merging_costs_a_question_and_a_write(at: Bench) -> None:
    forge, head = at.forge(), at.repo.heads.tip(BRANCH)
    assert head
    pull = forge.open(at.repository(), proposal())
    at.server.asked.clear()
    forge.merge_when_green(at.repository(), pull, head)
    forge.stop_merging(at.repository(), pull)
    assert len(at.server.asked) == 4
    assert len(at.server.writes()) == 2


# What they need


def test_an_app_asks_for_the_right_to_issues_where_there_are_dashboards(at: Bench) -> None:
    forge = at.forge(account=APP, dashboards=True)
    assert at.standing(forge).no_issues == ""
    assert at.hub.minted[-1]["permissions"] == WITH_ISSUES
    issue = forge.write_issue(at.repository(), None, "Images", BOARD)
    assert at.standing(forge).issue == issue


@pytest.mark.parametrize(
    ("granted", "minted"),
    [
        pytest.param({**NARROW, "workflows": "write"}, {**NARROW, "workflows": "write"}, id="workflows and no issues"),
        pytest.param({**NARROW, "issues": "write"}, {**NARROW, "issues": "write"}, id="issues and no workflows"),
        pytest.param(NARROW, NARROW, id="neither"),
        pytest.param(WITH_ISSUES, WITH_ISSUES, id="both"),
    ],
)
def test_what_an_app_was_not_given_stops_nothing_else(
    at: Bench, granted: dict[str, str], minted: dict[str, str]
) -> None:
    at.hub.installation = granted
    forge = at.forge(account=APP, dashboards=True)
    standing = at.standing(forge)
    assert at.hub.minted[-1]["permissions"] == minted
    assert forge.open(at.repository(), proposal()).number == 1
    assert ("Issues (write)" in standing.no_issues) == ("issues" not in granted)
    if "issues" not in granted:
        with pytest.raises(ForgeForbids, match=r"Issues \(write\)"):
            forge.write_issue(at.repository(), None, "Images", BOARD)


def test_a_token_without_the_right_to_issues_sees_all_else(at: Bench) -> None:
    at.hub.tokens = {token: Actor("pinner", permissions=NARROW) for token in at.hub.tokens}
    standing = at.standing(at.forge(dashboards=True))
    assert "Issues (write)" in standing.no_issues
    assert standing.head


def test_doctor_says_that_an_app_lacks_the_right_to_issues(at: Bench) -> None:
    at.hub.installation = NARROW
    for dashboards, lacking in ((False, ()), (True, ("issues (write)",))):
        forge = at.forge(account=APP, dashboards=dashboards, owner=Owner("organisation", "acme"))
        account = forge.checkup(ForgeFacts("github", "github")).account
        assert isinstance(account, Account)
        assert account.lacking == lacking


# How it merges


@pytest.mark.parametrize(
    ("methods", "expected"),
    [(("MERGE", "SQUASH"), "MERGE"), (("SQUASH", "REBASE"), "SQUASH"), (("REBASE",), "REBASE")],
    ids=["as it did last", "squashed where it may not", "rebased where nothing else is allowed"],
)
def test_it_merges_as_the_repository_does(at: Bench, methods: tuple[str, ...], expected: str) -> None:
    at.repo.methods = methods
    forge, head = at.forge(), at.repo.heads.tip(BRANCH)
    assert head
    forge.merge_when_green(at.repository(), forge.open(at.repository(), proposal()), head)
    (sent,) = [a.body["variables"]["input"] for a in at.server.asked if "mutation Merge" in str(a.body.get("query"))]
    assert (sent["mergeMethod"], sent["expectedHeadOid"]) == (expected, head)


def test_a_repository_that_does_not_allow_it_is_told_with_the_way_out(at: Bench) -> None:
    at.repo.may_merge = False
    forge, head = at.forge(), at.repo.heads.tip(BRANCH)
    assert head
    pull = forge.open(at.repository(), proposal())
    with pytest.raises(ForgeForbids, match="auto-merge is not allowed in the settings of acme/api"):
        forge.merge_when_green(at.repository(), pull, head)


def test_a_push_that_github_has_not_seen_yet_is_waited_for_and_not_for_long(at: Bench) -> None:
    forge = at.forge()
    pull = forge.open(at.repository(), proposal())
    with pytest.raises(ForgeError, match="its head is another commit by now"):
        forge.merge_when_green(at.repository(), pull, "f" * 40)
    assert at.time.passed <= 10
    assert at.pull().merges_itself is False

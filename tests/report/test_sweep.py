"""What a pass over repositories came to, for a person and as JSON: the words for each deed, and nothing hostile."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from pinbot.planning.outcome import Kept
from pinbot.proposals.action import Action, Close, Disarm, Finish, Leave, Open, Prune, Update
from pinbot.proposals.proposal import Dressing
from pinbot.proposals.repository import Repository
from pinbot.proposals.result import Board, Deed, Sweep, Visit
from pinbot.proposals.style import Mode
from pinbot.report import sweep_as_json, sweep_as_table
from pinbot.report._columns import Look
from tests.proposals.examples import kept
from tests.proposals.scenes import draft, our_commit, pull
from tests.report._results import CONTEXT, HOSTILE, NOW

DRAFT = replace(draft(), title="Pin nginx:1.27")
SAME = pull(our_commit(DRAFT))
OTHER = pull(our_commit(draft("older")))
NARROW, VERBOSE = Look(width=80), Look(verbose=True)


def visit(*deeds: Deed, name: str = "acme/api", mode: Mode = "propose", kept: Sequence[Kept] = ()) -> Visit:
    """Return what one repository came to."""
    return Visit(Repository(name, name, "main"), mode, deeds, kept=tuple(kept))


def result(*visits: Visit, error: str | None = None, paced: float = 0) -> Sweep:
    """Return a pass that took a minute."""
    return Sweep(NOW, NOW + timedelta(minutes=1), visits, error, timedelta(seconds=paced))


def rows(sweep: Sweep, look: Look | None = None) -> list[str]:
    """Return the lines of the table, without its heads, each with single spaces."""
    table = sweep_as_table.sweep(sweep, look or Look()).partition("\n\n")[0]
    return [" ".join(line.split()) for line in table.splitlines()[1:]]


@pytest.mark.parametrize(
    ("deed", "row"),
    [
        pytest.param(Deed(Open(DRAFT), done=True, url="https://f/1"), "Pin nginx:1.27 opened https://f/1", id="opened"),
        pytest.param(Deed(Open(DRAFT)), "Pin nginx:1.27 would open", id="would open"),
        pytest.param(Deed(Update(OTHER, DRAFT, "newer"), done=True), "#7 Pin nginx:1.27 updated newer", id="updated"),
        pytest.param(Deed(Update(OTHER, DRAFT, "newer")), "#7 Pin nginx:1.27 would update newer", id="would update"),
        pytest.param(
            Deed(Finish(SAME, DRAFT), done=True),
            "#7 Pin nginx:1.27 finished the run that opened it did not come to its end",
            id="finished",
        ),
        pytest.param(Deed(Close(SAME, "gone"), done=True), "#7 Refresh 1 image closed gone", id="closed"),
        pytest.param(Deed(Disarm(SAME, "why"), done=True), "#7 Refresh 1 image merging stopped why", id="disarmed"),
        pytest.param(Deed(Disarm(SAME, "why")), "#7 Refresh 1 image would stop merging why", id="would disarm"),
        pytest.param(
            Deed(Open(DRAFT), done=True, warnings=("it does not merge itself",)),
            "Pin nginx:1.27 opened it does not merge itself",
            id="opened with a warning",
        ),
        pytest.param(
            Deed(Prune("pinbot/pin", "c1"), done=True),
            "pinbot/pin branch deleted no open pull request is from this branch",
            id="branch deleted",
        ),
        pytest.param(Deed(Open(DRAFT), error="it is protected"), "Pin nginx:1.27 failed it is protected", id="failed"),
        pytest.param(Deed(Leave("the limit", None, DRAFT)), "Pin nginx:1.27 left the limit", id="waits to be opened"),
        pytest.param(Deed(Leave("later", OTHER, DRAFT)), "#7 Pin nginx:1.27 left later", id="waits to be updated"),
        pytest.param(
            Deed(Leave("a commit by jo is on its branch", SAME, DRAFT, "Hello"), done=True),
            "#7 Pin nginx:1.27 left a commit by jo is on its branch",
            id="taken over",
        ),
    ],
)
def test_what_matters_has_a_line_with_the_reason(deed: Deed, row: str) -> None:
    found = rows(result(visit(deed)))
    assert [line.replace(f" {SAME.url}", "").rstrip(";") for line in found] == [f"acme/api {row}"]


@pytest.mark.parametrize(
    "deed",
    [
        pytest.param(Deed(Leave("as it should be", SAME, DRAFT)), id="as it should be"),
        pytest.param(Deed(Leave("jo opened it", SAME)), id="of somebody else"),
    ],
)
def test_what_is_settled_is_counted_and_listed_on_request(deed: Deed) -> None:
    told = sweep_as_table.sweep(result(visit(deed)), Look())
    assert told.splitlines() == [
        "1 repository, 0 references: everything is as it should be.",
        "Not listed: 1 repository without anything to do; --verbose lists all.",
    ]
    assert len(rows(result(visit(deed)), VERBOSE)) == 1


BOARDS = [
    pytest.param(Board("https://f/1", "open", done=True), "dashboard opened https://f/1", id="a new one"),
    pytest.param(Board("https://f/1", "update", error="502"), "dashboard failed 502; https://f/1", id="a failure"),
]


@pytest.mark.parametrize(("board", "row"), BOARDS)
def test_a_dashboard_that_is_news_has_a_line(board: Board, row: str) -> None:
    assert rows(result(replace(visit(), board=board))) == [f"acme/api {row}"]


def test_a_dashboard_that_is_no_news_is_listed_on_request() -> None:
    updated = replace(visit(), board=Board("https://f/1", "update", done=True))
    assert "dashboard" not in sweep_as_table.sweep(result(updated), Look())
    assert "acme/api dashboard updated https://f/1" in rows(result(updated), VERBOSE)
    would = replace(visit(mode="observe"), board=Board(action="open"))
    assert "dashboard" not in sweep_as_table.sweep(result(would), Look())
    assert "acme/api dashboard would open" in rows(result(would), VERBOSE)


def test_why_there_is_no_dashboard_is_told_once() -> None:
    without = [replace(visit(name=f"acme/{n}"), board=Board(reason="issues are disabled there")) for n in range(8)]
    shut = replace(visit(), board=Board("https://f/1", reason="somebody closed it"))
    text = sweep_as_table.sweep(result(*without, shut), Look())
    assert "issues are disabled there: acme/0, acme/1, acme/2, acme/3, acme/4 and 3 more" in text
    assert "closed" not in text
    assert "somebody closed it" in sweep_as_table.sweep(result(shut), VERBOSE)


def test_json_tells_of_a_dashboard_and_of_merging() -> None:
    deeds = (Deed(Open(replace(DRAFT, merges_itself=True)), warnings=("no",)), Deed(Disarm(SAME, "why"), done=True))
    document = json.loads(
        sweep_as_json.sweep(result(replace(visit(*deeds), board=Board("https://f/1", "update"))), CONTEXT)
    )
    (repository,) = document["repositories"]
    assert repository["dashboard"] == {
        "action": "update", "done": False, "error": None, "reason": None, "url": "https://f/1",
    }  # fmt: skip
    opened, disarmed = repository["pull_requests"]
    assert (opened["proposal"]["auto_merge"], opened["warnings"]) == (True, ["no"])
    assert (disarmed["action"], disarmed["number"], disarmed["reason"]) == ("disarm", 7, "why")
    assert document["summary"]["disarm"] == 1


def test_the_counts_tell_what_was_done_from_what_would_be() -> None:
    told = sweep_as_table.sweep(
        result(
            visit(Deed(Open(DRAFT), done=True), Deed(Open(DRAFT), error="no")),
            visit(Deed(Open(DRAFT)), name="acme/b", mode="observe"),
            replace(visit(name="acme/c"), error="no answer"),
            replace(visit(name="acme/d"), passed_over="archived"),
        ),
        Look(),
    )
    assert "4 repositories, 0 references: 1 opened, 1 failed, 1 to open, 1 repository failed, 1 repository p" in told
    assert "1 repository is only observed, not written to: `propose` in the settings grants pull requests." in told


def test_a_dry_run_says_so_instead_of_speaking_of_settings() -> None:
    told = sweep_as_table.sweep(result(visit(Deed(Open(DRAFT)), mode="observe")), Look(), dry=True)
    assert "Nothing was written: this pass only shows what it would do." in told
    assert "propose" not in told


def test_the_pace_and_an_early_end_are_told() -> None:
    told = sweep_as_table.sweep(result(error="acme: the forge is down", paced=125), Look())
    assert "At the pace that the forge asks for, these writes take 2 min 5 s." in told
    assert "The pass ended early: acme: the forge is down" in told
    assert "as it should be" not in told


def test_one_reason_for_many_misses_is_told_once() -> None:
    misses = [
        kept("gone:1", "lookup-failed", "docker.io/library/gone:1: no such tag", path=f"{n}/Dockerfile") for n in "ab"
    ]
    sweep = result(visit(kept=misses), visit(kept=misses, name="acme/b"))
    told = sweep_as_table.sweep(sweep, Look())
    assert "  docker.io/library/gone:1: no such tag\n    acme/api a/Dockerfile:1\n    and 3 more\n" in told
    assert "4 not looked up" in told
    assert "    acme/b b/Dockerfile:1\n" in sweep_as_table.sweep(sweep, VERBOSE)


def test_many_misses_are_cut_and_the_number_of_images_told() -> None:
    misses = [kept(f"gone:{n}", "lookup-failed", f"gone:{n}: no such tag") for n in range(50)]
    told = sweep_as_table.sweep(result(visit(kept=misses)), Look())
    assert "  … and more: 50 images in all (--verbose lists them)" in told
    assert len(told.splitlines()) < 50


def test_what_waits_is_counted_by_repository_and_told_on_request() -> None:
    held = kept("nginx:1.27", "held", "first seen 2 days ago, cooldown 3 days", NOW)
    told = sweep_as_table.sweep(result(visit(kept=[held, held])), Look())
    assert "for a reason (--verbose says why):\n  acme/api: 2 held\n" in told
    told = sweep_as_table.sweep(result(visit(kept=[held])), VERBOSE)
    assert "    Dockerfile:1: held: first seen 2 days ago, cooldown 3 days (until 2026-11-21 12:30 UTC)\n" in told
    assert "--verbose" not in told


def test_nothing_hostile_reaches_a_terminal() -> None:
    proposal = replace(
        DRAFT, title=HOSTILE, body=HOSTILE, branch=HOSTILE, base=HOSTILE, dressing=Dressing((HOSTILE,), (HOSTILE,))
    )
    actions: tuple[Action, ...] = (
        Open(proposal), Update(OTHER, proposal, HOSTILE), Prune(HOSTILE, "c1"), Leave(HOSTILE, None, proposal),
    )  # fmt: skip
    deeds = [Deed(action, error=error) for action in actions for error in (None, HOSTILE)]
    seen = visit(*deeds, name=HOSTILE, kept=[kept("a:1", "lookup-failed", HOSTILE), kept("a:1", "held", HOSTILE)])
    sweep = result(replace(seen, error=HOSTILE, skipped_files=((HOSTILE, HOSTILE),)), error=HOSTILE)
    for text in (
        sweep_as_table.sweep(sweep, VERBOSE),
        sweep_as_table.pages(sweep, NARROW),
        sweep_as_table.diffs(sweep_as_table.proposed(sweep), NARROW),
    ):
        assert not {"\x1b", "\u202e", "\u200b", "\r", "\x07", "\x9b", "\udcff"} & set(text)
    json.loads(sweep_as_json.sweep(sweep, CONTEXT, with_diffs=True))


def test_lines_fit_into_eighty_columns() -> None:
    sweep = result(
        visit(Deed(Update(OTHER, replace(DRAFT, title="Pin 3 images"), "something newer is to be had " * 4)))
    )
    assert max(map(len, sweep_as_table.sweep(sweep, NARROW).splitlines())) <= 80


def test_json_has_every_key_whether_there_is_something_or_not() -> None:
    deeds = (Deed(Open(DRAFT), done=True, url="https://f/1"), Deed(Close(SAME, "gone")), Deed(Prune("pinbot/x", "c")))
    document = json.loads(sweep_as_json.sweep(result(visit(*deeds), paced=90), CONTEXT))
    (repository,) = document["repositories"]
    assert list(repository) == [
        "repository", "id", "mode", "passed_over", "error", "pull_requests", "changes", "outcomes", "skipped_files",
        "dashboard",
    ]  # fmt: skip
    opened, closed, pruned = repository["pull_requests"]
    assert list(opened) == [
        "action", "done", "error", "reason", "branch", "title", "number", "url", "warnings", "proposal",
    ]  # fmt: skip
    assert list(opened["proposal"]) == [
        "group", "base", "title", "body", "fingerprint", "labels", "reviewers", "assignees", "milestone", "draft",
        "auto_merge", "changes",
    ]  # fmt: skip
    assert (opened["action"], opened["done"], opened["number"], opened["url"]) == ("open", True, None, "https://f/1")
    assert (closed["title"], closed["number"], closed["reason"], closed["proposal"]) == (SAME.title, 7, "gone", None)
    assert (pruned["title"], pruned["branch"]) == (None, "pinbot/x")
    assert document["summary"] == {
        "repositories": 1, "failed": 0, "passed_over": 0, "references": 0, "open": 1, "update": 0, "finish": 0,
        "close": 0, "prune": 0, "disarm": 0, "started": "2026-11-21T12:30:00Z", "finished": "2026-11-21T12:31:00Z",
        "paced_seconds": 90,
    }  # fmt: skip

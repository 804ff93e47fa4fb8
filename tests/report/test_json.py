"""JSON: what the contract fixes, for results that are hard to come by."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from pinbot.planning.inspect import Inspection
from pinbot.planning.outcome import Kept
from pinbot.planning.problem import Problem, Unchecked
from pinbot.report import as_json
from pinbot.source.finding import Skip
from pinbot.source.suspect import Suspect
from tests.core.examples import NEW, OLD, aside, found
from tests.report._results import CONTEXT, HOSTILE, change, check, survey, update


def test_a_scan_of_nothing_has_every_key() -> None:
    assert json.loads(as_json.scan(survey(), CONTEXT)) == {
        "schema": "pinbot.scan/1",
        "references": [],
        "skipped_files": [],
        "suspects": [],
        "context": {"version": "0.1", "commit": None, "settings": "sha256:0", "time": "2026-11-21T12:30:00Z"},
        "summary": {"files": 0, "references": 0}
        | dict.fromkeys(("pinned", "unpinned", "digest-only", "local", "variable", "ignored", "invalid"), 0),
    }


def test_every_status_but_two_has_its_reason() -> None:
    texts = ("nginx:1.27", f"nginx:1.27@{OLD}", f"nginx@{OLD}")
    findings = [*(found(t) for t in texts), aside("local"), aside("variable"), aside("ignored"), aside("invalid")]
    references = json.loads(as_json.scan(survey(findings), CONTEXT))["references"]
    assert [(r["status"], r["reason"] is None) for r in references] == [
        ("unpinned", True),
        ("pinned", True),
        ("digest-only", False),
        ("local", False),
        ("variable", False),
        ("ignored", False),
        ("invalid", False),
    ]
    parts = ("registry", "repository", "tag", "digest")
    assert [references[2][p] for p in parts] == ["docker.io", "library/nginx", None, str(OLD)]
    assert [references[3][p] for p in parts] == [None] * 4


def test_what_is_held_says_until_when_and_nothing_else_does() -> None:
    until = datetime(2026, 11, 23, tzinfo=UTC)
    held = Kept(found(f"a:1@{OLD}"), "held", "first seen 2 days ago", until=until)
    missed = Kept(found("b:1"), "lookup-failed", "no such tag", status="404")
    outcomes = json.loads(as_json.update(update([held, missed]), CONTEXT))["outcomes"]
    assert [(o["outcome"], o["until"], o.get("status")) for o in outcomes] == [
        ("held", "2026-11-23T00:00:00Z", None),
        ("lookup-failed", None, "404"),
    ]


def test_an_update_counts_every_outcome_and_carries_a_diff_where_asked() -> None:
    result = update([change(found("a:1"), f"a:1@{NEW}"), Kept(aside("local"), "local", "a stage")])
    told = json.loads(as_json.update(result, CONTEXT, "--- a/x\n"))
    assert (told["summary"]["references"], sum(told["summary"].values())) == (2, 4)
    assert told["diff"] == "--- a/x\n"
    assert "diff" not in json.loads(as_json.update(result, CONTEXT))


def test_a_check_counts_levels() -> None:
    problems = [Problem("invalid", aside("invalid"), "m", "r"), Problem("outdated", found(f"a:1@{OLD}"), "m", "r")]
    unchecked = [Unchecked(found(f"b:1@{OLD}"), "no answer")]
    told = json.loads(as_json.check(check([found("c:1")], problems, unchecked), CONTEXT))
    assert told["summary"] == {"references": 1, "errors": 1, "notes": 1, "unchecked": 1}
    assert told["unchecked"] == [{"path": "a.yml", "line": 1, "text": f"b:1@{OLD}", "reason": "no answer"}]


def test_an_error_leaves_the_rest_null() -> None:
    assert json.loads(as_json.resolve([Inspection("Bad/Name", None, error="no reference")])) == [
        {"reference": "Bad/Name", "error": "no reference", "platforms": []}
        | dict.fromkeys(("canonical", "digest", "media_type", "created"))
    ]


def test_hostile_names_are_ascii_and_come_back_as_they_were() -> None:
    result = survey([found("a:1", path=HOSTILE)], [Skip(HOSTILE, HOSTILE)], [Suspect(HOSTILE, 1, HOSTILE)])
    text = as_json.scan(result, CONTEXT)
    assert text.isascii()
    assert not {"\x1b", "\x07", "\r"} & set(text)
    told = json.loads(text)
    assert [told["references"][0]["path"], *told["suspects"][0].values()] == [HOSTILE, HOSTILE, 1, HOSTILE]

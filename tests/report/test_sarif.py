"""SARIF 2.1.0: what the standard demands, what code scanning needs, and nothing that a hostile name could do.

`MUSTS` is made of https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html, by its sections.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest

from pinbot.planning.checks import CHECKS, Rule
from pinbot.planning.problem import Problem, Unchecked
from pinbot.planning.result import Check, Survey
from pinbot.report import as_sarif
from pinbot.source.finding import Finding, Skip
from pinbot.source.text import SourceFile, Span
from tests.core.examples import NEW, OLD, aside, found, lines
from tests.report._results import CONTEXT, HOSTILE, check, survey

PINNED = found(f"a:1@{OLD}")


def log(result: Check, successful: bool = True, below: str = "") -> Any:
    return json.loads(as_sarif.check(result, CONTEXT, successful, below))["runs"][0]


def problem(finding: Finding, rule: Rule = "outdated", message: str = "it moved") -> Problem:
    return Problem(rule, finding, message, "run it")


def all_rules() -> Check:
    """Return a check that found one of each, could not look at one, and skipped a file."""
    problems = [problem(PINNED, rule.rule) for rule in CHECKS]
    seen = survey([PINNED], [Skip("b.yml", "no text", Span(0, 1)), Skip(HOSTILE, HOSTILE)])
    return Check(seen, seen.findings, tuple(problems), (Unchecked(PINNED, "no answer"),))


def every(run: Any, key: str) -> list[Any]:
    """Return all values under a key, however deep."""
    if isinstance(run, dict):
        return [v for k, v in run.items() if k == key] + [x for v in run.values() for x in every(v, key)]
    return [x for v in run for x in every(v, key)] if isinstance(run, list) else []


def is_message(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("text"), str) and bool(value["text"])


MUSTS: list[tuple[str, Callable[[Any], bool]]] = [
    ("3.14.6 a run has one tool", lambda run: set(run["tool"]) == {"driver"}),
    ("3.19.8 the driver has a name", lambda run: run["tool"]["driver"]["name"] == "pinbot"),
    (
        "3.17.3 the id of the run ends in a slash, as a category does",
        lambda run: run["automationDetails"]["id"][-1] == "/",
    ),
    ("3.14.17 the unit of columns is one of two", lambda run: run["columnKind"] == "utf16CodeUnits"),
    ("3.14.14 base ids are objects", lambda run: all(isinstance(v, dict) for v in run["originalUriBaseIds"].values())),
    (
        "3.49.3 ids of rules are unique",
        lambda run: len({r["id"] for r in run["tool"]["driver"]["rules"]}) == len(CHECKS),
    ),
    ("3.49.9 descriptions are messages", lambda run: all(map(is_message, every(run, "shortDescription")))),
    ("3.49.10 and full ones", lambda run: all(map(is_message, every(run, "fullDescription")))),
    (
        "3.49.13 help has text beside markdown",
        lambda run: all(is_message(h) and h["markdown"] for h in every(run, "help")),
    ),
    (
        "3.50.3 levels are of four",
        lambda run: set(every(run, "level")) <= {"none", "note", "warning", "error"},
    ),
    ("3.27.5 a result names its rule", lambda run: all(r["ruleId"] for r in run["results"])),
    (
        "3.27.6 the index is that of the rule",
        lambda run: all(run["tool"]["driver"]["rules"][r["ruleIndex"]]["id"] == r["ruleId"] for r in run["results"]),
    ),
    ("3.27.11 a result has a message", lambda run: all(is_message(r["message"]) for r in run["results"])),
    (
        "3.27.17 fingerprints are strings",
        lambda run: all(isinstance(v, str) for p in every(run, "partialFingerprints") for v in p.values()),
    ),
    (
        "3.4.3 places are URI references",
        lambda run: all(re.fullmatch(r"[!-~]+", u) and ":" not in u for u in every(run, "uri")),
    ),
    ("3.4.4 base ids exist", lambda run: set(every(run, "uriBaseId")) == set(run["originalUriBaseIds"])),
    ("3.30.5 lines count from 1", lambda run: all(n >= 1 for n in every(run, "startLine") + every(run, "endLine"))),
    (
        "3.30.6 columns count from 1",
        lambda run: all(n >= 1 for n in every(run, "startColumn") + every(run, "endColumn")),
    ),
    ("3.20.14 an invocation says whether it worked", lambda run: run["invocations"][0]["executionSuccessful"] is True),
    (
        "3.20.8 dates are RFC 3339, in UTC",
        lambda run: bool(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", run["invocations"][0]["endTimeUtc"])),
    ),
    (
        "3.58.2 notifications name their descriptor",
        lambda run: all(
            run["tool"]["driver"]["notifications"][n["descriptor"]["index"]]["id"] == n["descriptor"]["id"]
            for n in run["invocations"][0]["toolExecutionNotifications"]
        ),
    ),
    (
        "3.58.5 notifications have messages",
        lambda run: all(is_message(n["message"]) for n in every(run, "toolExecutionNotifications")[0]),
    ),
]


@pytest.mark.parametrize("holds", [pytest.param(holds, id=must) for must, holds in MUSTS])
def test_it_keeps_what_the_standard_demands(holds: Callable[[Any], bool]) -> None:
    assert holds(log(all_rules()))


def test_the_frame_is_that_of_the_standard() -> None:
    told = json.loads(as_sarif.check(check([]), CONTEXT, successful=True))
    assert (told["version"], len(told["runs"]), told["runs"][0]["results"]) == ("2.1.0", 1, [])
    assert told["$schema"].endswith("/sarif-schema-2.1.0.json")


def test_a_result_says_all_that_code_scanning_shows() -> None:
    [result] = log(check([PINNED], [problem(PINNED)]), below="sub/")["results"]
    assert result == {
        "ruleId": "outdated",
        "ruleIndex": [rule.rule for rule in CHECKS].index("outdated"),
        "level": "note",
        "message": {"text": "it moved. What to do: run it."},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "sub/a.yml", "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 76},
                },
                "logicalLocations": [{"fullyQualifiedName": "image"}],
            }
        ],
        "partialFingerprints": {
            "primaryLocationLineHash": "6c15337902b618c7:1",
            "pinbotReference/v1": "6c15337902b618c7:1",
        },
    }


def test_security_rules_have_a_severity_and_the_others_none() -> None:
    for rule in log(all_rules())["tool"]["driver"]["rules"]:
        properties = rule["properties"]
        assert ("security-severity" in properties) == ("security" in properties["tags"])
        assert 0 < float(properties.get("security-severity", 1)) <= 10
        assert len(properties["tags"]) <= 10


def fingerprints(text: str) -> list[str]:
    findings = lines("a.yml", text)
    seen = Survey({"a.yml": SourceFile("a.yml", text)}, findings, (), ())
    run = log(Check(seen, findings, tuple(map(problem, findings)), ()))
    return [r["partialFingerprints"]["primaryLocationLineHash"] for r in run["results"]]


def test_fingerprints_survive_moved_lines_and_refreshed_digests() -> None:
    before = fingerprints(f"image: a:1@{OLD}\nimage: b:1\n")
    assert fingerprints(f"# new\n\nimage:  a:1@{NEW}\nimage: b:1\n") == before


def test_fingerprints_tell_results_apart() -> None:
    assert len(set(fingerprints("image: a:1\nimage: a:2\nimage: b:1\n"))) == 3
    twice = [problem(PINNED), problem(PINNED), problem(PINNED, "latest")]
    told = [r["partialFingerprints"]["pinbotReference/v1"] for r in log(check([PINNED], twice))["results"]]
    assert len(set(told)) == 3


@pytest.mark.parametrize(
    ("text", "region"),
    [
        pytest.param("image: a:1\n", (1, 8, 1, 11), id="plain"),
        pytest.param("\n\r\nimage: a:1", (3, 8, 3, 11), id="further down"),
        pytest.param("image: \U0001f40b:1\n", (1, 8, 1, 12), id="two code units for one character"),
    ],
)
def test_columns_are_utf16_code_units(text: str, region: tuple[int, ...]) -> None:
    findings = lines("a.yml", text)
    seen = Survey({"a.yml": SourceFile("a.yml", text)}, findings, (), ())
    [result] = log(Check(seen, findings, (problem(findings[0]),), ()))["results"]
    assert tuple(result["locations"][0]["physicalLocation"]["region"].values()) == region


def test_a_byte_order_mark_is_no_column() -> None:
    file = SourceFile("a.yml", "\ufeffa:1")
    finding = found("a:1")
    moved = Finding("a.yml", "table", "image", Span(1, 4), file.position(1), "a:1", finding.standing)
    [result] = log(Check(Survey({"a.yml": file}, (moved,), (), ()), (moved,), (problem(moved),), ()))["results"]
    assert result["locations"][0]["physicalLocation"]["region"]["startColumn"] == 1


@pytest.mark.parametrize(
    ("text", "end"),
    [pytest.param("a:1", {"endLine": 1, "endColumn": 4}, id="a line"), pytest.param("a\n:1", {}, id="several lines")],
)
def test_a_place_in_a_file_that_was_not_kept_has_a_region_too(text: str, end: dict[str, int]) -> None:
    finding = found(text)
    [result] = log(Check(Survey({}, (finding,), (), ()), (finding,), (problem(finding),), ()))["results"]
    region = result["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 1, "startColumn": 1, **end}


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("a b/ü.yml", id="spaces and letters"),
        pytest.param("c:/x.yml", id="no drive and no scheme"),
        pytest.param("100%/#1?.yml", id="signs of URIs"),
        pytest.param("\udcff.yml", id="bytes that are no UTF-8"),
    ],
)
def test_any_path_is_a_uri_that_leads_back_to_it(path: str) -> None:
    finding = found("a:1", path=path)
    [result] = log(check([finding], [problem(finding)]))["results"]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert re.fullmatch(r"[A-Za-z0-9_.~/%-]+", uri)
    assert unquote_to_bytes(uri) == path.encode("utf-8", "surrogateescape")


@pytest.mark.parametrize(
    ("below", "path", "artifact"),
    [
        pytest.param("deploy/", "a.yml", {"uri": "deploy/a.yml", "uriBaseId": "%SRCROOT%"}, id="below the root"),
        pytest.param("deploy/", "../a.yml", {"uri": "a.yml", "uriBaseId": "%SRCROOT%"}, id="beside the folder"),
        pytest.param("deploy/", "/srv/a b.yml", {"uri": "file:///srv/a%20b.yml"}, id="anywhere else"),
    ],
)
def test_a_place_is_told_from_the_root(below: str, path: str, artifact: dict[str, str]) -> None:
    finding = found("a:1", path=path)
    [result] = log(check([finding], [problem(finding)]), below=below)["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == artifact


def test_nothing_in_it_is_obeyed() -> None:
    finding = found("a:1", path=HOSTILE)
    text = as_sarif.check(
        check([finding], [problem(finding, message=f"[click](1) {HOSTILE}")]), CONTEXT, successful=True
    )
    assert text.isascii()
    assert not set(HOSTILE) - set("[31m\n") & set(text)
    [result] = json.loads(text)["runs"][0]["results"]
    assert result["message"]["text"].startswith("[click] (1) \\x1b[31m\\u202e")


def test_misses_are_notifications_and_may_fail_the_run() -> None:
    run = log(all_rules(), successful=False)
    [invocation] = run["invocations"]
    assert invocation["executionSuccessful"] is False
    told = [(n["descriptor"]["id"], n["message"]["text"]) for n in invocation["toolExecutionNotifications"]]
    assert told[:2] == [("lookup-failed", f"a:1@{OLD}: no answer"), ("file-skipped", "no text")]


def test_what_is_over_the_limits_is_cut_and_said() -> None:
    many = [problem(PINNED)] * as_sarif.MOST_RESULTS + [problem(aside("invalid"), "invalid")] * 3
    misses = [Unchecked(PINNED, "no answer")] * (as_sarif.MOST_NOTIFICATIONS + 5)
    run = log(check([PINNED], many, misses))
    assert len(run["results"]) == as_sarif.MOST_RESULTS
    assert [r["level"] for r in run["results"][:4]] == ["error", "error", "error", "note"]
    told = [n["message"]["text"] for n in run["invocations"][0]["toolExecutionNotifications"]]
    assert told[0] == "3 of 5003 results were left out, notes before errors: 5000 are the most."
    assert told[-1] == "6 more notifications were left out."

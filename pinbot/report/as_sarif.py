"""`check --format sarif`: SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html).

It keeps to what GitHub's code scanning reads, and to its limits
(https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support).
"""

from __future__ import annotations

import hashlib
import json
import posixpath
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC
from typing import Any
from urllib.parse import quote

from pinbot.planning.checks import CHECKS, LEVELS
from pinbot.planning.checks import Check as Rule
from pinbot.planning.problem import Problem
from pinbot.planning.result import Check, Context
from pinbot.report._rows import printable
from pinbot.source.finding import Finding
from pinbot.source.text import BOM, SourceFile, encode

_Object = dict[str, Any]

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
# GitHub keeps the first 5,000 results of a run; of notifications nobody reads more than these.
MOST_RESULTS = 5_000
MOST_NOTIFICATIONS = 1_000
_ROOT = "%SRCROOT%"
_INDICES = {rule.rule: number for number, rule in enumerate(CHECKS)}
_NOTIFICATIONS = {
    "lookup-failed": "A registry gave no answer about a reference, so it was not judged completely.",
    "file-skipped": "A file could not be read completely, so references in it may be missing.",
    "cut": "There is more than a code-scanning service takes.",
}


def check(result: Check, context: Context, successful: bool, below: str = "") -> str:
    """Return the SARIF log of a check.

    `successful` says whether all that the caller asks for was looked up; `below` goes before every path: the way from
    the root of the repository to the folder that they are relative to.
    """
    run = {
        "tool": {"driver": _driver(context)},
        "automationDetails": {"id": "pinbot/check/"},
        "columnKind": "utf16CodeUnits",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the repository."}}},
        "invocations": [_invocation(result, context, successful, below)],
        "results": list(_results(result, below)),
        "properties": {"commit": context.commit, "settings": context.settings},
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1) + "\n"


def _driver(context: Context) -> _Object:
    return {
        "name": "pinbot",
        "version": context.version,
        "rules": [_rule(rule) for rule in CHECKS],
        "notifications": [{"id": name, "shortDescription": {"text": text}} for name, text in _NOTIFICATIONS.items()],
    }


def _rule(rule: Rule) -> _Object:
    security = {} if rule.severity is None else {"security-severity": f"{rule.severity:.1f}"}
    return {
        "id": rule.rule,
        "name": "".join(word.capitalize() for word in rule.rule.split("-")),
        "shortDescription": {"text": f"{rule.title}."},
        "fullDescription": {"text": rule.about},
        "help": {
            "text": f"{rule.about}\n\n{rule.remedy}",
            "markdown": f"{rule.about}\n\n**What to do:** {rule.remedy}",
        },
        "defaultConfiguration": {"level": rule.level},
        "properties": {
            "tags": ["containers", "supply-chain", *(["security"] if security else [])],
            "precision": "very-high" if rule.level == "error" else "high",
            "problem.severity": "error" if rule.level == "error" else "recommendation",
            **security,
        },
    }


def _results(result: Check, below: str) -> Iterator[_Object]:
    """Yield the results, errors first, since those behind the limit are cut."""
    occurrences: Counter[str] = Counter()
    ordered = sorted(result.problems, key=lambda p: LEVELS[p.rule] != "error")
    for problem in ordered[:MOST_RESULTS]:
        identity = _identity(problem)
        occurrences[identity] += 1
        name = f"{identity}:{occurrences[identity]}"
        yield {
            "ruleId": problem.rule,
            "ruleIndex": _INDICES[problem.rule],
            "level": problem.level,
            "message": {"text": _text(f"{problem.message}. What to do: {problem.remedy}.")},
            "locations": [_location(problem.finding, result.survey.files, below)],
            # GitHub goes by the first; its name is a convention, what is behind it is ours.
            "partialFingerprints": {"primaryLocationLineHash": name, "pinbotReference/v1": name},
        }


def _identity(problem: Problem) -> str:
    """Return what stays the same while lines move and digests are refreshed."""
    finding, reference = problem.finding, problem.finding.reference
    image = f"{reference.registry}/{reference.path}:{reference.tag}" if reference else finding.text
    words = (problem.rule, finding.path, finding.format, finding.where, image)
    return hashlib.sha256(encode("\0".join(words))).hexdigest()[:16]


def _location(finding: Finding, files: Mapping[str, SourceFile], below: str) -> _Object:
    return {
        "physicalLocation": {"artifactLocation": _artifact(below, finding.path), "region": _region(finding, files)},
        "logicalLocations": [{"fullyQualifiedName": _text(finding.where)}],
    }


def _artifact(below: str, path: str) -> _Object:
    """Return a place relative to the root; a file name need be neither ASCII nor Unicode."""
    way = posixpath.join(below, path)
    if ".." in way.split("/"):  # a file beside the current folder
        way = posixpath.normpath(way)
    if way.startswith("/"):
        return {"uri": f"file://{quote(encode(way), safe='/')}"}
    return {"uri": quote(encode(way), safe="/"), "uriBaseId": _ROOT}


def _region(finding: Finding, files: Mapping[str, SourceFile]) -> _Object:
    file = files.get(finding.path)
    if file is None:  # the value of a variable, in a file without a reference
        line, column, lines = finding.position.line, finding.position.column, finding.text.split("\n")
        return {"startLine": line, "startColumn": column} if len(lines) > 1 else _within(line, column, lines[0])
    start, end = file.position(finding.span.start), file.position(finding.span.stop)
    return {
        "startLine": start.line,
        "startColumn": _column(file, start.line, start.column),
        "endLine": end.line,
        "endColumn": _column(file, end.line, end.column),
    }


def _within(line: int, column: int, text: str) -> _Object:
    width = len(text.encode("utf-16-le", "surrogatepass")) // 2
    return {"startLine": line, "startColumn": column, "endLine": line, "endColumn": column + width}


def _column(file: SourceFile, line: int, column: int) -> int:
    """Return a column in UTF-16 code units; a byte order mark is no part of the text (SARIF, 3.30.1)."""
    before = file.text[file.line_span(line).start :][: column - 1]
    wide = sum(ord(c) > 0xFFFF for c in before)
    return column + wide - (line == 1 and before.startswith(BOM))


def _invocation(result: Check, context: Context, successful: bool, below: str) -> _Object:
    told = list(_notifications(result, below))
    if len(told) > MOST_NOTIFICATIONS:
        rest = len(told) - MOST_NOTIFICATIONS
        told = [*told[:MOST_NOTIFICATIONS], _notification("cut", f"{rest} more notifications were left out.")]
    return {
        "executionSuccessful": successful,
        "endTimeUtc": context.time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "toolExecutionNotifications": told,
    }


def _notifications(result: Check, below: str) -> Iterator[_Object]:
    rest = len(result.problems) - MOST_RESULTS
    if rest > 0:
        text = (
            f"{rest} of {len(result.problems)} results were left out, notes before errors: {MOST_RESULTS} are the most."
        )
        yield _notification("cut", text)
    for unchecked in result.unchecked:
        place = _location(unchecked.finding, result.survey.files, below)
        yield _notification("lookup-failed", f"{unchecked.finding.text}: {unchecked.reason}", [place])
    for skip in result.survey.skips:
        place = {"physicalLocation": {"artifactLocation": _artifact(below, skip.path)}}
        yield _notification("file-skipped", skip.reason, [place])


def _notification(name: str, text: str, locations: Iterable[_Object] = ()) -> _Object:
    index = list(_NOTIFICATIONS).index(name)
    told = {"descriptor": {"id": name, "index": index}, "level": "warning", "message": {"text": _text(text)}}
    return told | ({"locations": list(locations)} if locations else {})


def _text(text: str) -> str:
    """Return text that no viewer obeys: no control characters, and no link that a hostile name makes (3.11.6)."""
    return printable(text).replace("](", "] (")

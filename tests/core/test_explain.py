"""What the formats made of one line, and what the repository makes of it."""

from __future__ import annotations

import pytest

from pinbot import wiring
from pinbot.errors import UsageError
from pinbot.formats._claims import Claims
from pinbot.planning.explain import Explanation
from pinbot.report import as_table
from pinbot.report._columns import Look
from pinbot.report._rows import status, why_not
from pinbot.run import Scope, explain
from tests.fakes.memory import TERMS, MemoryWorkspace

FILES = {
    "Dockerfile": "ARG V=3.12-slim\nFROM python:${V}\nRUN true\n",
    "vendor/Dockerfile": "FROM nginx:1.27\n",
    "compose.yaml": "services:\n  a:\n    image: nginx:${T}\n",
    ".env": "# versions\nT=1.27\n",
    "cm.yaml": "apiVersion: v1\nkind: ConfigMap\nimage: x\n",
    "broken.yaml": "apiVersion: v1\nkind: Pod\nimage: [\n",
    "notes.txt": "nginx:1.27\n",
}


def explained(path: str, line: int) -> Explanation:
    """Explain a line of the files above."""
    workspace = MemoryWorkspace({name: text.encode() for name, text in FILES.items()})
    return explain(workspace, Scope(Claims(wiring.formats())), path, line, TERMS)


def looked(explanation: Explanation) -> dict[str, list[str]]:
    """Return what each format that looked made of the line."""
    return {k.format: [f.text for f in k.findings] or [k.remark] for k in explanation.looks if k.looked}


LOOKS = [
    pytest.param("Dockerfile", 2, {"dockerfile": ["python:${V}"]}, id="the line of the reference"),
    pytest.param("Dockerfile", 1, {"dockerfile": ["python:${V}"]}, id="the line that carries its tag"),
    pytest.param(
        "Dockerfile", 3, {"dockerfile": ["sees no image reference on this line, and 1 on others"]}, id="another line"
    ),
    pytest.param("notes.txt", 1, {}, id="a file that no format reads"),
]


@pytest.mark.parametrize(("path", "line", "made"), LOOKS)
def test_each_format_says_what_it_made_of_a_line(path: str, line: int, made: dict[str, list[str]]) -> None:
    assert looked(explained(path, line)) == made


def test_a_file_of_text_for_others_holds_no_reference() -> None:
    assert looked(explained("cm.yaml", 3))["kubernetes"] == ["looked into the file, and saw no image reference in it"]


def test_a_stretch_that_could_not_be_read_is_the_reason() -> None:
    (remark,) = looked(explained("broken.yaml", 4))["kubernetes"]
    assert remark.startswith("not YAML: line")


def test_a_format_that_did_not_look_names_the_word_it_needs() -> None:
    remarks = {k.format: k.remark for k in explained("compose.yaml", 3).looks if not k.looked}
    assert remarks["kubernetes"] == "did not look into the file: `apiVersion` stands nowhere in it"


def test_a_format_of_other_files_says_how_a_line_begins() -> None:
    remarks = {k.format: k.remark for k in explained("cm.yaml", 3).looks if not k.looked}
    assert remarks["gitlab-ci"] == "did not look into the file: a line begins with `apiVersion:`"


def test_a_fallback_that_was_not_needed_says_when_it_is_asked() -> None:
    explanation = explained("compose.yaml", 3)
    assert looked(explanation)["compose"] == ["nginx:${T}"]
    assert "other-yaml" not in looked(explanation)
    remarks = {k.format: k.remark for k in explanation.looks}
    assert remarks["other-yaml"].startswith("is asked only about files that no other format knows")


def test_the_repository_has_the_last_word() -> None:
    explanation = explained("vendor/Dockerfile", 1)
    assert [why_not(f) for k in explanation.looks for f in k.findings] == [None]
    assert [(status(f), why_not(f)) for f in explanation.findings] == [
        ("ignored", "vendored (vendor/); --all includes it")
    ]


def test_a_line_of_an_env_file_belongs_to_the_reference_that_it_feeds() -> None:
    assert [f.path for f in explained(".env", 2).findings] == ["compose.yaml"]
    assert not explained(".env", 1).findings


@pytest.mark.parametrize("line", [0, 99])
def test_a_line_that_is_not_there_is_an_error(line: int) -> None:
    with pytest.raises(UsageError, match=rf"Dockerfile has no line {line}\."):
        explained("Dockerfile", line)


def test_a_person_reads_the_line_the_formats_and_the_outcome() -> None:
    text = as_table.explain(explained("vendor/Dockerfile", 1), Look())
    head, _, columns, dockerfile, outcome, *_ = text.splitlines()
    assert head == "vendor/Dockerfile:1  FROM nginx:1.27"
    assert columns.split() == ["FORMAT", "PLACE", "IMAGE", "STATE", "REMARK"]
    assert dockerfile.split()[:4] == ["dockerfile", "FROM", "nginx:1.27", "unpinned"]
    assert outcome.endswith("vendored (vendor/); --all includes it")


def test_a_person_is_told_where_no_format_looks() -> None:
    assert "No format had a reason to look into this file" in as_table.explain(explained("notes.txt", 1), Look())

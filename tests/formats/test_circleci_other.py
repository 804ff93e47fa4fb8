"""CircleCI in files of other names: which documents count."""

from __future__ import annotations

import pytest

from pinbot import wiring
from pinbot.formats import circleci_other
from tests.formats._scanning import scanned, told

JOB = "jobs: {a: {docker: [{image: 'x/y:1'}], steps: [checkout]}}"
EXECUTOR = "executors: {a: {docker: [{image: 'x/y:1'}]}}"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"version: 2.1\n{JOB}", id="a job"),
        pytest.param(f"version: 2\n{JOB}", id="the first syntax"),
        pytest.param(EXECUTOR, id="a part with executors"),
    ],
)
def test_takes_what_says_that_it_is_circleci(text: str) -> None:
    assert told("ci/continue.yml", text, formats=(circleci_other.FORMAT,)) == [("x/y:1", "writable")]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(JOB, id="jobs of another tool"),
        pytest.param("version: 2\ndocker: [{image: 'x/y:1'}]\njobs: {}", id="another place"),
        pytest.param("version: 2\njobs: {a: {docker: [], machine: {image: 'ubuntu-2204:1'}}}", id="a machine"),
        pytest.param(f"version: 2\nkind: X\n{JOB}", id="an object"),
    ],
)
def test_leaves_other_documents_alone(text: str) -> None:
    assert told("ci/continue.yml", text, formats=(circleci_other.FORMAT,)) == []


def test_the_files_that_it_knows_are_not_shown_as_unknown() -> None:
    text = f"version: 2.1\n{JOB}\nx: {{image: 'no/image:1'}}"
    assert [f.format for f in scanned("ci/x.yml", text, formats=wiring.formats()).findings] == ["circleci-other"]

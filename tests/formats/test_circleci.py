"""CircleCI: the images of the Docker executor, and what parameters come to where a job or executor is used."""

from __future__ import annotations

import pytest

from pinbot.formats import circleci
from pinbot.formats._claims import Claims
from pinbot.source.finding import Writable
from tests.formats import _scanning
from tests.formats._scanning import outcome, scanned

FORMATS = (circleci.FORMAT,)
PATH = ".circleci/config.yml"


def told(text: str, path: str = PATH) -> list[tuple[str, str]]:
    return _scanning.told(path, text, formats=FORMATS)


def reasons(text: str, path: str = PATH) -> list[str]:
    return _scanning.reasons(path, text, formats=FORMATS)


@pytest.mark.parametrize(
    "path", [".circleci/config.yml", "a/.circleci/b/c.yaml", "src/jobs/test.yml", "src/executors/a.yml", "src/@orb.yml"]
)
def test_claims_configurations_and_sources_of_orbs(path: str) -> None:
    assert Claims(FORMATS).of(path)


@pytest.mark.parametrize("path", ["config.yml", "src/commands/a.yml", "src/examples/a.yml", ".circleci/run.sh"])
def test_leaves_other_files_alone(path: str) -> None:
    assert not Claims(FORMATS).of(path)


TAKEN = [
    pytest.param(
        "jobs: {a: {docker: [{image: node}, {image: redis}]}}", ["node", "redis"], id="a job and its services"
    ),
    pytest.param("executors: {a: {docker: [{image: node, auth: {username: $U}}]}}", ["node"], id="an executor"),
    pytest.param("orbs: {o: {jobs: {a: {docker: [{image: node}]}}}}", ["node"], id="an inline orb"),
    pytest.param("x: &x {docker: [{image: node}]}\njobs: {a: {<<: *x}, b: {<<: *x}}", ["node"], id="an anchor once"),
    pytest.param("x: [&x {image: node}]\njobs: {a: {docker: [*x]}}", ["node"], id="an anchor of one image"),
    pytest.param("docker: [{image: node}]", ["node"], id="the source of a job"),
    pytest.param("jobs: {a: {docker: [{image: 'docker://node'}]}}", ["node"], id="with a scheme"),
]


@pytest.mark.parametrize(("text", "texts"), TAKEN)
def test_takes_every_image(text: str, texts: list[str]) -> None:
    assert told(text) == [(one, "writable") for one in texts]


UNTOUCHED = [
    pytest.param("jobs: {a: {machine: {image: 'ubuntu-2204:current'}, docker: []}}", id="an image of a machine"),
    pytest.param("x: [&x {image: node}]\njobs: {a: {docker: []}}", id="an anchor that nothing uses"),
    pytest.param("jobs: {a: {steps: [{x/docker: {docker: [{image: node}]}}]}}", id="arguments of a step"),
    pytest.param("jobs: {a: {docker: {image: node}, environment: {image: b}}}", id="a docker that is no list"),
    pytest.param("jobs: {a: {docker: [{image: }]}}", id="a null"),
]


@pytest.mark.parametrize("text", UNTOUCHED)
def test_leaves_what_is_no_image(text: str) -> None:
    assert told(text) == []


def executor(parameters: str, image: str, more: str = "") -> str:
    return f"executors: {{e: {{parameters: {parameters}, docker: [{{image: '{image}'}}]{more}}}}}\n"


def job(parameters: str, image: str, runs: str = "[]") -> str:
    return (
        f"jobs: {{e: {{parameters: {parameters}, docker: [{{image: '{image}'}}]}}}}\nworkflows: {{w: {{jobs: {runs}}}}}"
    )


WRITTEN = [
    pytest.param(executor("{i: {default: 'node:20'}}", "<< parameters.i >>"), "'node:20@D'", id="a reference"),
    pytest.param(executor("{t: {default: '20'}}", "node:<<parameters.t>>"), "'20@D'", id="a tag"),
    pytest.param(executor("{t: {default: 20.17}}", "node:<< parameters.t >>"), "20.17@D", id="a number"),
    pytest.param(job("{t: {default: '20'}}", "node:<< parameters.t >>", "[e, {e: {name: x}}]"), "'20@D'", id="a job"),
    pytest.param(
        f"parameters: {{t: {{default: '20'}}}}\n{executor('{}', 'node:<< pipeline.parameters.t >>')}",
        "'20@D'",
        id="a parameter of the pipeline",
    ),
    pytest.param(
        "parameters: {t: {default: '20'}}\ndocker: [{image: 'node:<< parameters.t >>'}]", "'20@D'", id="of an orb"
    ),
    pytest.param(
        executor("{t: {default: '20'}}", "node:<< parameters.t >>")
        + "jobs: {a: {executor: e}, b: {executor: {name: e}}}",
        "'20@D'",
        id="an executor that is used as it is",
    ),
]


@pytest.mark.parametrize(("text", "after"), WRITTEN)
def test_a_default_that_ends_the_reference_carries_the_digest(text: str, after: str) -> None:
    [finding] = scanned(PATH, text, formats=FORMATS).findings
    assert isinstance(finding.standing, Writable)
    at = finding.standing.digest.span.start
    assert after in f"{text[:at]}{finding.standing.digest.lead}D{text[at:]}"


FIXED = [
    pytest.param(
        executor("{t: {default: '1'}}", "node:<< parameters.t >>", ", environment: {T: << parameters.t >>}"),
        "used 2 times",
        id="used elsewhere",
    ),
    pytest.param(executor("{t: {type: enum, default: '1'}}", "node:<< parameters.t >>"), "enum", id="an enum"),
    pytest.param(executor("{t: {type: integer, default: 1}}", "node:<< parameters.t >>"), "no string", id="a number"),
    pytest.param(executor("{r: {default: r.io}}", "<< parameters.r >>/node:20"), "whatever", id="in the middle"),
]


@pytest.mark.parametrize(("text", "reason"), FIXED)
def test_a_default_that_feeds_more_is_refused(text: str, reason: str) -> None:
    assert [what for _, what in told(text)] == ["fixed"]
    assert reason in reasons(text)[0]


TAG = "node:<< parameters.t >>"
SEVERAL = [
    pytest.param(job("{t: {}}", TAG, "[{e: {t: '18'}}, {e: {t: '20'}}]"), ["18", "20"], id="workflows give it"),
    pytest.param(job("{t: {default: '22'}}", TAG, "[{e: {t: '18'}}, e]"), ["18", "22"], id="one takes the default"),
    pytest.param(job("{t: {}}", TAG, "[{e: {matrix: {parameters: {t: ['18', 20]}}}}]"), ["18", "20"], id="a matrix"),
    pytest.param(
        job("{t: {}}", TAG, "[{e: {t: << matrix.v >>, matrix: {parameters: {v: ['18']}}}}]"), ["18"], id="by its name"
    ),
    pytest.param(executor("{t: {}}", TAG) + "jobs: {a: {executor: {name: e, t: '18'}}}", ["18"], id="an executor"),
    pytest.param(
        "orbs: {o: {executors: {e: {parameters: {t: {}}, docker: [{image: 'node:<< parameters.t >>'}]}}}}\n"
        "jobs: {a: {executor: {name: o/e, t: '18'}}}",
        ["18"],
        id="an executor of an inline orb",
    ),
]


@pytest.mark.parametrize(("text", "tags"), SEVERAL)
def test_lists_what_is_given_where_it_is_used_and_refuses_it(text: str, tags: list[str]) -> None:
    findings = scanned(PATH, text, formats=FORMATS).findings
    assert [str(finding.reference) for finding in findings] == [f"node:{tag}" for tag in tags]
    assert {outcome(finding) for finding in findings} == {"fixed"}


UNKNOWN = [
    pytest.param(executor("{t: {}}", TAG), "has no default", id="no default"),
    pytest.param(executor("{}", "a:<< pipeline.git.branch >>"), "CircleCI sets pipeline.git.branch", id="the branch"),
    pytest.param(executor("{}", "a:$TAG"), "another tool", id="the environment, which is not known there"),
    pytest.param(executor("{t: {default: 3.10}}", TAG), "loads as a number", id="a number that is another"),
    pytest.param(
        executor("{t: {}}", TAG) + "jobs: {a: {executor: {name: e, t: << parameters.x >>}}}",
        "passed on",
        id="a parameter of what uses it",
    ),
]


@pytest.mark.parametrize(("text", "reason"), UNKNOWN)
def test_what_cannot_be_known_is_variable(text: str, reason: str) -> None:
    assert [what for _, what in told(text)] == ["variable"]
    assert reason in reasons(text)[0]


def test_many_open_brackets_end() -> None:
    assert [what for _, what in told(f"jobs: {{a: {{docker: [{{image: '{'<< ' * 50_000}'}}]}}}}")] == ["invalid"]

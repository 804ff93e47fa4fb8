"""GitLab CI: which files, which places, and what variables come to in the jobs that take them."""

from __future__ import annotations

import pytest

from pinbot.formats import gitlab_ci
from pinbot.source.finding import Writable
from tests.formats import _scanning
from tests.formats._scanning import outcome, scanned

FORMATS = (gitlab_ci.FORMAT,)
PATH = ".gitlab-ci.yml"
JOB = "test: {stage: test, image: node, script: [a]}"


def told(text: str, path: str = PATH, beside: dict[str, str] | None = None) -> list[tuple[str, str]]:
    return _scanning.told(path, text, beside, FORMATS)


def reasons(text: str, beside: dict[str, str] | None = None) -> list[str]:
    return _scanning.reasons(PATH, text, beside, FORMATS)


@pytest.mark.parametrize(
    "path",
    [
        ".gitlab-ci.yml",
        "sub/.gitlab-ci.yaml",
        "java.gitlab-ci.yml",
        "gitlab-ci-build.yml",
        ".gitlab/ci/build.yml",
        ".gitlab-ci/a.yml",
        "x/.gitlab/b.yml",
    ],
)
def test_pipelines_at_their_place_need_no_proof(path: str) -> None:
    assert told("a: {image: node}", path) == [("node", "writable")]


ELSEWHERE = [
    pytest.param(JOB, True, id="a job with script and stage"),
    pytest.param("a: {script: x, rules: [], image: node}", True, id="a job with script and rules"),
    pytest.param(f"spec: {{inputs: {{x: }}}}\n---\n{JOB}", True, id="a component"),
    pytest.param("a: {script: [x], image: node}", False, id="a script alone"),
    pytest.param("a:\n  script: {x: y}\n  stage: b\n  image: node", False, id="a script that is none"),
    pytest.param("a:\n  b: {script: [x], stage: y, image: node}", False, id="jobs that are not at the top"),
    pytest.param(f"apiVersion: v1\nkind: Pod\n{JOB}", False, id="an object of Kubernetes"),
    pytest.param("a: {\n  script: x", False, id="broken YAML"),
]


@pytest.mark.parametrize(("text", "taken"), ELSEWHERE)
def test_elsewhere_only_what_is_clearly_a_pipeline_is_read(text: str, taken: bool) -> None:
    found = scanned("templates/a.yml", text, formats=FORMATS)
    assert [finding.text for finding in found.findings] == (["node"] if taken else [])
    assert not found.skips


TAKEN = [
    pytest.param("image: node", ["node"], id="for all jobs"),
    pytest.param("image: {name: node, entrypoint: ['']}", ["node"], id="for all jobs, the long form"),
    pytest.param("services: [redis, {name: postgres, alias: db}]", ["redis", "postgres"], id="services of all jobs"),
    pytest.param("default: {image: node, services: [redis]}", ["node", "redis"], id="defaults"),
    pytest.param("a: {image: node, services: [{name: redis}]}", ["node", "redis"], id="a job"),
    pytest.param(".a: {image: node}", ["node"], id="a hidden job"),
    pytest.param("pages: {image: node}", ["node"], id="pages"),
    pytest.param("a: {image: {name: node, docker: {platform: linux/arm64}}}", ["node"], id="with a platform"),
    pytest.param(".x: &x {image: node}\na: {<<: *x}\nb: *x", ["node"], id="an anchor once"),
    pytest.param(".s: &s [redis]\na: {services: *s}", ["redis"], id="services from an anchor"),
    pytest.param(
        "a: {image: '${CI_DEPENDENCY_PROXY_GROUP_IMAGE_PREFIX}/node:20'}",
        ["${CI_DEPENDENCY_PROXY_GROUP_IMAGE_PREFIX}/node:20"],
        id="through the proxy of Docker Hub",
    ),
]


@pytest.mark.parametrize(("text", "texts"), TAKEN)
def test_takes_every_image(text: str, texts: list[str]) -> None:
    assert told(text) == [(one, "writable") for one in texts]


UNTOUCHED = [
    pytest.param("variables: {image: node, IMAGE: node}", id="variables that nothing reads"),
    pytest.param("variables: {services: [node]}", id="a variable with the name of a setting"),
    pytest.param("include: [{component: a/b@1, inputs: {image: node}}]", id="inputs of a component"),
    pytest.param("a: {image: !reference [.x, image], services: !reference [.x, services]}", id="references"),
    pytest.param("a: {services: [!reference [.x, services]]}", id="a reference in a list"),
    pytest.param("a: {script: ['image: node', 'docker run nginx']}", id="text"),
    pytest.param("a: {image: {entrypoint: ['']}, services: [{alias: x, command: [node]}]}", id="no name"),
    pytest.param("a: {trigger: {include: x, image: node}}", id="another key's image"),
    pytest.param("apiVersion: v1\nkind: Pod\nspec: {image: node}", id="an object of Kubernetes"),
    pytest.param("a: {image: }", id="a null"),
]


@pytest.mark.parametrize("text", UNTOUCHED)
def test_leaves_what_is_no_image(text: str) -> None:
    assert told(text) == []


def test_a_platform_is_told() -> None:
    [finding] = scanned(PATH, "a: {image: {name: node, docker: {platform: linux/arm64}}}", formats=FORMATS).findings
    assert str(finding.platform) == "linux/arm64"


NUMBER = "spec: {inputs: {v: {default: 20, type: number}}}\n---\n"
REGEX = "spec: {inputs: {v: {default: '20', regex: '^[0-9]+$'}}}\n---\n"
SPEC = "spec: {inputs: {image: {default: 'node:20'}}}\n---\n"
WRITTEN = [
    pytest.param("variables: {I: node:20}\na: {image: $I}", "I: node:20@D", id="a whole reference"),
    pytest.param("variables: {V: '20'}\na: {image: 'node:${V}'}", "V: '20@D'", id="a tag"),
    pytest.param("variables: {V: 20}\na: {image: 'node:$V'}", "V: 20@D", id="a number"),
    pytest.param("variables: {I: {value: node, description: d}}\na: {image: $I}", "value: node@D", id="with a text"),
    pytest.param("a: {variables: {I: node}, image: $I}", "I: node@D", id="of the job"),
    pytest.param(".b: {variables: {I: node}}\na: {extends: .b, image: $I}", "I: node@D", id="of what it extends"),
    pytest.param("variables: {I: 'node:$V', V: '20'}\na: {image: $I}", "V: '20@D'", id="by way of another"),
    pytest.param("variables: {R: r.io, V: '2'}\na: {image: '$R/x:$V'}", "V: '2@D'", id="behind a registry"),
    pytest.param(f"{SPEC}a: {{image: '$[[ inputs.image ]]'}}", "'node:20@D'", id="the default of an input"),
    pytest.param(
        "variables: {I: $CI_DEPENDENCY_PROXY_GROUP_IMAGE_PREFIX/node:20}\na: {image: $I}", "node:20@D", id="a proxy"
    ),
]


@pytest.mark.parametrize(("text", "after"), WRITTEN)
def test_a_value_that_ends_the_reference_carries_the_digest(text: str, after: str) -> None:
    [finding] = scanned(PATH, text, formats=FORMATS).findings
    assert isinstance(finding.standing, Writable)
    at = finding.standing.digest.span.start
    assert after in f"{text[:at]}{finding.standing.digest.lead}D{text[at:]}"


FIXED = [
    pytest.param("variables: {I: node}\na: {image: $I}\nb: {image: $I}", "used 2 times", id="two jobs"),
    pytest.param("variables: {I: node}\na: {image: $I, script: ['echo $I']}", "used 2 times", id="a script"),
    pytest.param("variables: {I: node}\na: {image: $I}\nb: {variables: {I: x}}", "set 2 times", id="set again"),
    pytest.param(
        "variables: {I: node}\na: {image: $I, rules: [{if: x, variables: {I: y}}]}", "set 2 times", id="set by a rule"
    ),
    pytest.param("variables: {I: {value: node, options: [node]}}\na: {image: $I}", "its options", id="options"),
    pytest.param(f"{NUMBER}a: {{image: 'node:$[[ inputs.v ]]'}}", "type or regex", id="a number"),
    pytest.param(f"{REGEX}a: {{image: 'node:$[[ inputs.v ]]'}}", "type or regex", id="a regular expression"),
    pytest.param("variables: {R: r.io}\na: {image: $R/node:20}", "whatever R says", id="in the middle"),
    pytest.param("variables: {V: 3, W: x}\na: {image: 'a:$V-$W'}", "several variables", id="two in a tag"),
    pytest.param("variables: {V: ''}\na: {image: 'a:1$V'}", "in parts", id="an empty value"),
]


@pytest.mark.parametrize(("text", "reason"), FIXED)
def test_a_value_that_feeds_more_is_refused(text: str, reason: str) -> None:
    assert {what for _, what in told(text)} == {"fixed"}
    assert reason in reasons(text)[0]


@pytest.mark.parametrize("include", ["b.yml", "{local: /b.yml}", "[{local: b.yml}, {project: x, file: y}]"])
def test_a_value_that_an_included_file_reads_is_refused(include: str) -> None:
    text = f"include: {include}\nvariables: {{I: node}}\na: {{image: $I}}"
    assert told(text) == [("$I", "writable")]
    assert told(text, beside={"b.yml": "x: $IMAGE"}) == [("$I", "writable")]
    assert reasons(text, {"b.yml": "x: $I"}) == ["I is used in b.yml too, so its value cannot carry one digest"]


SEVERAL = [
    pytest.param(
        "a: {image: 'node:$V', parallel: {matrix: [{V: ['18', '20']}, {V: '22'}]}}",
        ["node:18", "node:20", "node:22"],
        id="a matrix",
    ),
    pytest.param(
        ".b: {image: 'node:$V'}\na: {extends: .b, variables: {V: '1'}}\nc: {extends: [.b], variables: {V: '2'}}",
        ["node:1", "node:2"],
        id="jobs that extend one",
    ),
    pytest.param(
        ".b: &b {image: 'node:$V'}\na: {<<: *b, variables: {V: '1'}}\nc: {<<: *b, variables: {V: '2'}}",
        ["node:1", "node:2"],
        id="jobs into which one is merged",
    ),
    pytest.param(
        "image: node:$V\na: {variables: {V: '1'}}\nb: {variables: {V: '2'}}\nc: {image: x, variables: {V: '3'}}",
        ["node:1", "node:2", "x"],
        id="jobs that take the one for all",
    ),
]


@pytest.mark.parametrize(("text", "references"), SEVERAL)
def test_lists_each_reference_that_a_text_comes_to(text: str, references: list[str]) -> None:
    findings = scanned(PATH, text, formats=FORMATS).findings
    assert [str(finding.reference) for finding in findings] == references
    assert {outcome(finding) for finding in findings if "$" in finding.text} == {"fixed"}


UNKNOWN = [
    pytest.param("a: {image: $IMAGE}", "variable", "has no value in this file", id="a variable of the project"),
    pytest.param("a: {image: $CI_REGISTRY/b/c:1}", "variable", "GitLab sets CI_REGISTRY", id="one of GitLab"),
    pytest.param("variables: {V: 3.10}\na: {image: 'a:$V'}", "variable", "3.10 loads as a number", id="3.1"),
    pytest.param("a: {image: '$[[ inputs.x ]]'}", "variable", "whoever includes this file", id="an input"),
    pytest.param("variables: {A: $B, B: $A}\na: {image: $A}", "variable", "too many variables", id="a circle"),
    pytest.param("a: {image: '{{ image }}'}", "variable", "another tool", id="a template"),
    pytest.param("a: {image: $CI_REGISTRY_IMAGE/b:1}", "local", "registry of this project", id="its own image"),
    pytest.param("a: {image: '${CI_REGISTRY_IMAGE}:$X'}", "local", "registry of this project", id="its own tag"),
]


@pytest.mark.parametrize(("text", "status", "reason"), UNKNOWN)
def test_what_cannot_be_known_says_why(text: str, status: str, reason: str) -> None:
    assert [what for _, what in told(text)] == [status]
    assert reason in reasons(text)[0]


def test_values_that_double_with_every_step_end() -> None:
    doubling = ", ".join(f"A{n}: $A{n + 1}$A{n + 1}" for n in range(60))
    assert [what for _, what in told(f"variables: {{{doubling}, A60: ''}}\na: {{image: $A0}}")] == ["variable"]
    empty = ", ".join(f"A{n}: '{f'$A{n + 1}' * 50}'" for n in range(8))
    assert told(f"variables: {{{empty}, A8: ''}}\na: {{image: $A0}}") == []

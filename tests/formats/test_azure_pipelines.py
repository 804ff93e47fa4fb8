"""Azure Pipelines: which files, which places, what is only a name, and what variables come to."""

from __future__ import annotations

import pytest

from pinbot.formats import azure_pipelines
from pinbot.source.finding import Writable
from tests.formats import _scanning
from tests.formats._scanning import outcome, scanned

FORMATS = (azure_pipelines.FORMAT,)
PATH = "azure-pipelines.yml"


def told(text: str, path: str = PATH) -> list[tuple[str, str]]:
    return _scanning.told(path, text, formats=FORMATS)


def reasons(text: str, path: str = PATH) -> list[str]:
    return _scanning.reasons(path, text, formats=FORMATS)


@pytest.mark.parametrize(
    "path",
    [
        "azure-pipelines.yml",
        "a/azure-pipelines-release.yaml",
        "web.azure-pipeline.yml",
        ".azure-pipelines/jobs/a.yml",
        ".azuredevops/a.yml",
        ".pipelines/a.yml",
        ".vsts-ci.yml",
    ],
)
def test_pipelines_at_their_place_need_no_proof(path: str) -> None:
    assert told("container: node:20\nsteps: []", path) == [("node:20", "writable")]


ELSEWHERE = [
    pytest.param("jobs: [{job: a, container: 'node:20'}]", True, id="jobs"),
    pytest.param("jobs: [{template: a.yml}, {job: b, container: 'node:20'}]", True, id="jobs of a template"),
    pytest.param("stages: [{stage: a, jobs: [{deployment: b, container: 'node:20'}]}]", True, id="stages"),
    pytest.param("resources: {containers: [{container: a, image: 'node:20'}]}", True, id="containers"),
    pytest.param("stages: [a]\nb: {container: 'node:20'}", False, id="stages of GitLab"),
    pytest.param("jobs: {a: {runs-on: b, container: 'node:20'}}", False, id="jobs of GitHub"),
    pytest.param("jobs: [{name: a, container: 'node:20'}]", False, id="jobs of something else"),
    pytest.param("jobs: [{job: a", False, id="broken YAML"),
]


@pytest.mark.parametrize(("text", "taken"), ELSEWHERE)
def test_elsewhere_only_what_is_clearly_a_pipeline_is_read(text: str, taken: bool) -> None:
    found = scanned("eng/build.yml", text, formats=FORMATS)
    assert [finding.text for finding in found.findings] == (["node:20"] if taken else [])
    assert not found.skips


TAKEN = [
    pytest.param("resources: {containers: [{container: a, image: node, trigger: true}]}", ["node"], id="a resource"),
    pytest.param("jobs: [{job: a, container: {image: node, endpoint: b}}]", ["node"], id="the long form"),
    pytest.param("jobs: [{job: , container: 'a/b'}]", ["a/b"], id="a job without a name"),
    pytest.param("jobs: [{job: a, services: {db: 'redis:7'}}]", ["redis:7"], id="a service"),
    pytest.param("trigger: [main]\njobs: [{job: a, container: node}]", ["node"], id="a word in a pipeline of its own"),
    pytest.param("stages: [{stage: s, jobs: [{deployment: d, container: 'a:1'}]}]", ["a:1"], id="a deployment"),
    pytest.param("jobs: [{'${{ if x }}': [{job: a, container: 'a:1'}]}]", ["a:1"], id="a job under a condition"),
    pytest.param("jobs: [{job: a, '${{ if x }}': {container: 'a:1'}}]", ["a:1"], id="a container under a condition"),
    pytest.param(
        "extends:\n  template: t\n"
        "  parameters: {containers: {a: {image: node}}, stages: [{jobs: [{job: b, container: c:1}]}]}",
        ["node", "c:1"],
        id="what a template is handed",
    ),
]


@pytest.mark.parametrize(("text", "texts"), TAKEN)
def test_takes_every_image(text: str, texts: list[str]) -> None:
    assert told(text) == [(one, "writable") for one in texts]


UNTOUCHED = [
    pytest.param("pool: {vmImage: ubuntu-latest, image: a}\nsteps: []\n# container", id="an image of a pool"),
    pytest.param("resources: {containers: [{container: a, type: ACR, repository: b}]}", id="a registry of Azure"),
    pytest.param("resources: {containers: [{container: a}]}", id="a container without an image"),
    pytest.param("jobs: [{job: a, steps: [{task: T, inputs: {container: 'a:1'}}]}]", id="inputs of a task"),
    pytest.param("jobs: [{job: a, steps: [{script: x, target: {container: 'a:1'}}]}]", id="the target of a step"),
    pytest.param("jobs: [{template: t.yml, parameters: {container: 'a:1'}}]", id="arguments of a template"),
    pytest.param("parameters: {container: 'a:1'}\njobs: [{job: b}]", id="a parameter that nothing reads"),
    pytest.param("variables: {container: 'a:1'}\nsteps: []", id="a variable that nothing reads"),
    pytest.param("jobs: [{job: a, container: ''}, {job: b, container: }]", id="no container"),
    pytest.param("apiVersion: v1\nkind: Pod\nsteps: []\ncontainer: a:1", id="an object of Kubernetes"),
]


@pytest.mark.parametrize("text", UNTOUCHED)
def test_leaves_what_is_no_image(text: str) -> None:
    assert told(text) == []


DECLARED = "resources: {containers: [{container: tools, image: 'ubuntu:24.04'}]}\n"


def test_a_declared_name_is_local_and_wins_over_an_image() -> None:
    text = f"{DECLARED}jobs: [{{job: a, container: tools, services: {{b: tools}}}}]"
    assert told(text) == [("ubuntu:24.04", "writable"), ("tools", "local"), ("tools", "local")]


@pytest.mark.parametrize("name", ["tools", "LinuxContainer", "my-tools"])
def test_a_word_in_a_template_may_name_a_container_of_another_file(name: str) -> None:
    assert told(f"jobs: [{{job: a, container: {name}}}]") == [(name, "variable")]


def container(text: str, more: str = "") -> str:
    return f'jobs: [{{job: a, container: "{text}"}}]\n{more}'


WRITTEN = [
    pytest.param(container("$(i)", "variables: {i: node:20}"), "i: node:20@D", id="a variable"),
    pytest.param(container("$[ variables['i'] ]", "variables: {i: node:20}"), "i: node:20@D", id="at run time"),
    pytest.param(container("${{ variables.i }}", "variables: [{name: i, value: a}]"), "value: a@D", id="from a list"),
    pytest.param(
        container("a:${{ parameters.t }}", "parameters: [{name: t, default: '2'}]"), "'2@D'", id="a parameter"
    ),
    pytest.param(container("a:${{ parameters['t'] }}", "parameters: {t: 20}"), "t: 20@D", id="in the old form"),
]


@pytest.mark.parametrize(("text", "after"), WRITTEN)
def test_a_value_that_ends_the_reference_carries_the_digest(text: str, after: str) -> None:
    [finding] = scanned(PATH, text, formats=FORMATS).findings
    assert isinstance(finding.standing, Writable)
    at = finding.standing.digest.span.start
    assert after in f"{text[:at]}{finding.standing.digest.lead}D{text[at:]}"


FIXED = [
    pytest.param(container("$(i)", "variables: {i: a, j: $(i)}"), "used 2 times", id="a variable used twice"),
    pytest.param(
        container("a:${{ parameters.t }}", "parameters: [{name: t, default: 1}]\nx: ${{ parameters.t }}"),
        "used 2 times",
        id="a parameter used twice",
    ),
    pytest.param(
        container("a:${{ parameters.t }}", "parameters: [{name: t, default: 1, values: [1]}]"), "values", id="values"
    ),
    pytest.param(
        container("a:${{ parameters.t }}", "parameters: [{name: t, default: 1, type: number}]"), "string", id="a number"
    ),
    pytest.param(container("$(r)/a:1", "variables: {r: b.io}"), "whatever", id="in the middle"),
]


@pytest.mark.parametrize(("text", "reason"), FIXED)
def test_a_value_that_feeds_more_is_refused(text: str, reason: str) -> None:
    assert [what for _, what in told(text)] == ["fixed"]
    assert reason in reasons(text)[0]


def test_lists_what_a_matrix_gives_and_refuses_it() -> None:
    text = "steps: []\nstrategy: {matrix: {x: {i: 'a:1'}, y: {i: 'b:2'}}}\ncontainer: $[ variables['i'] ]"
    findings = scanned(PATH, text, formats=FORMATS).findings
    assert [str(finding.reference) for finding in findings] == ["a:1", "b:2"]
    assert {outcome(finding) for finding in findings} == {"fixed"}


UNKNOWN = [
    pytest.param(container("$(i)"), "known only when", id="a variable of the project"),
    pytest.param(container("${{ parameters.i }}"), "whoever uses this template", id="a parameter"),
    pytest.param(container("${{ if x }}"), "known only when", id="a condition"),
    pytest.param(container("$[ dependencies.a.outputs['b.c'] ]"), "known only when", id="an output"),
    pytest.param(container("$(i)", f"variables: {{i: tools}}\n{DECLARED}"), "the name of a container", id="a name"),
]


@pytest.mark.parametrize(("text", "reason"), UNKNOWN)
def test_what_cannot_be_known_is_variable(text: str, reason: str) -> None:
    assert "variable" in [what for _, what in told(text)]
    assert reason in reasons(text)[0]


def test_many_open_brackets_end() -> None:
    assert [what for _, what in told(container("$(" * 50_000))] == ["variable"]

"""Workflows and actions: which files, which places, what expressions come to, and what a build step says of others."""

from __future__ import annotations

import pytest

from pinbot.formats import github_actions
from pinbot.formats._claims import Claims
from pinbot.source.finding import BuildContext, Published, Writable
from tests.formats import _scanning
from tests.formats._scanning import outcome, scanned

FORMATS = (github_actions.FORMAT,)
PATH = ".github/workflows/ci.yml"


def told(text: str, path: str = PATH) -> list[tuple[str, str]]:
    return _scanning.told(path, text, formats=FORMATS)


def reasons(text: str, path: str = PATH) -> list[str]:
    return _scanning.reasons(path, text, formats=FORMATS)


def job(body: str) -> str:
    return f"jobs:\n  test:\n    runs-on: ubuntu-latest\n    {body}\n"


INPUTS = [
    pytest.param("docker/setup-qemu-action@v3, with: {image: 'a/b:1'}", [("a/b:1", "writable")], id="QEMU"),
    pytest.param("helm/kind-action@v1, with: {node_image: 'a/b:1'}", [("a/b:1", "writable")], id="the nodes of kind"),
    pytest.param(
        "docker/setup-buildx-action@v3, with: {driver-opts: 'image=a/b:1'}", [("a/b:1", "writable")], id="BuildKit"
    ),
    pytest.param("docker/setup-buildx-action@v3, with: {driver-opts: 'network=host'}", [], id="another option of it"),
    pytest.param("docker/setup-qemu-action@v3, with: {platforms: 'arm64'}", [], id="another input"),
    pytest.param("docker/setup-qemu-action@v3", [], id="no inputs"),
    pytest.param("acme/own-action@v1, with: {image: 'a/b:1'}", [], id="an action that nobody knows"),
    pytest.param(
        "docker/setup-qemu-action@v3, with: {image: '${{ vars.QEMU }}'}",
        [("${{ vars.QEMU }}", "variable")],
        id="a variable",
    ),
]


@pytest.mark.parametrize(("step", "expected"), INPUTS)
def test_inputs_of_well_known_actions(step: str, expected: list[tuple[str, str]]) -> None:
    assert told(job(f"steps: [{{uses: {step}}}]")) == expected


AT_HOME = [
    ".github/workflows/a.yml",
    ".gitea/workflows/a.yaml",
    ".forgejo/workflows/a.yml",
    "x/.github/workflows/a.yml",
]


@pytest.mark.parametrize("path", [*AT_HOME, "workflow-templates/ci.yml", ".github/workflow-templates/ci.yml"])
def test_workflows_at_their_place_need_no_proof(path: str) -> None:
    assert told("jobs: {a: {container: node:20}}", path) == [("node:20", "writable")]


ELSEWHERE = [
    pytest.param("jobs: {a: {runs-on: x, container: node}}", True, id="a job with runs-on"),
    pytest.param("jobs: {a: {steps: [{uses: 'docker://node'}]}}", True, id="a step with uses"),
    pytest.param("jobs: {a: {uses: ./b.yml}, b: {container: node}}", True, id="a job that calls a workflow"),
    pytest.param("jobs: [{job: a, container: node, uses: b}]", False, id="jobs of Azure Pipelines"),
    pytest.param("jobs: {a: {docker: [{image: node}], steps: [uses]}, container: b}", False, id="jobs of CircleCI"),
    pytest.param("spec:\n  jobs: {a: {runs-on: x, container: node}}", False, id="jobs that are not at the top"),
    pytest.param("jobs: {a: {runs-on: x, container: node}", False, id="broken YAML"),
]


@pytest.mark.parametrize(("text", "taken"), ELSEWHERE)
def test_elsewhere_only_what_is_clearly_a_workflow_is_read(text: str, taken: bool) -> None:
    found = scanned("templates/some.yml", text, formats=FORMATS)
    assert [finding.text for finding in found.findings] == (["node"] if taken else [])
    assert not found.skips


def test_other_endings_are_not_claimed() -> None:
    assert not Claims(FORMATS).of(".github/workflows/README.md")


TAKEN = [
    pytest.param("container: node:20", ["node:20"], id="the container of a job"),
    pytest.param("container: {image: 'node:20', env: {image: x}}", ["node:20"], id="its long form"),
    pytest.param("container: docker://node:20", ["node:20"], id="with the scheme of steps"),
    pytest.param("services: {db: {image: postgres:16}}", ["postgres:16"], id="a service"),
    pytest.param("services: {db: postgres:16}", ["postgres:16"], id="a service in short"),
    pytest.param("steps: [{uses: 'docker://alpine:3.20'}]", ["alpine:3.20"], id="a step"),
    pytest.param('steps: [{uses: "Docker://alpine"}]', ["alpine"], id="in any case of letters"),
    pytest.param(
        "steps: [{uses: docker/build-push-action@v6, with: {build-contexts: 'a=docker-image://alpine:3.20'}}]",
        ["alpine:3.20"],
        id="a build context",
    ),
]


@pytest.mark.parametrize(("body", "texts"), TAKEN)
def test_takes_every_image(body: str, texts: list[str]) -> None:
    assert told(job(body)) == [(text, "writable") for text in texts]


UNTOUCHED = [
    pytest.param("container: ''", id="no container"),
    pytest.param("container: {image: ''}", id="no image"),
    pytest.param("container: ~", id="a null"),
    pytest.param("steps: [{uses: actions/checkout@v4}]", id="another action"),
    pytest.param("steps: [{uses: ./docker}]", id="an action of the repository"),
    pytest.param("steps: [{run: docker run nginx, with: {uses: 'docker://nginx'}}]", id="text"),
    pytest.param("steps: [{uses: a/b@v1, with: {image: nginx, container: nginx}}]", id="inputs of an action"),
    pytest.param("env: {image: nginx, container: nginx}", id="an environment"),
    pytest.param(
        "steps: [{uses: docker/build-push-action@v6, with: {build-contexts: 'a=./folder\n\n      b=oci-layout://x\n\n"
        "      # c=docker-image://x'}}]",
        id="build contexts that are folders",
    ),
]


@pytest.mark.parametrize("body", UNTOUCHED)
def test_leaves_what_is_no_image(body: str) -> None:
    assert told(job(body)) == []


ACTIONS = [
    pytest.param("runs: {using: docker, image: 'docker://alpine:3.20'}", [("alpine:3.20", "writable")], id="docker"),
    pytest.param("runs: {using: docker, image: Dockerfile}", [], id="a Dockerfile"),
    pytest.param("runs: {using: docker, image: ci/Dockerfile}", [], id="a Dockerfile in a folder"),
    pytest.param(
        "runs: {using: composite, steps: [{uses: 'docker://alpine'}]}", [("alpine", "writable")], id="composite"
    ),
    pytest.param("image: 'docker://alpine'\nusing: x", [], id="something else of that name"),
]


@pytest.mark.parametrize(("text", "expected"), ACTIONS)
@pytest.mark.parametrize("path", ["action.yml", "actions/build/action.yaml"])
def test_reads_actions(path: str, text: str, expected: list[tuple[str, str]]) -> None:
    assert told(text, path) == expected


def matrix(body: str, image: str = "${{ matrix.image }}") -> str:
    return job(f"strategy: {{matrix: {body}}}\n    container: {image!r}")


MATRICES = [
    pytest.param("{image: ['node:18', 'node:20']}", ["node:18", "node:20"], id="one finding for each value"),
    pytest.param("{image: ['node:18', '']}", ["node:18"], id="a value without a container"),
    pytest.param("{image: [node], os: [a, b]}", ["node"], id="other dimensions add nothing"),
    pytest.param("{include: [{image: node}, {os: a}]}", ["node"], id="only entries"),
    pytest.param("{os: [a], include: [{os: a, image: node}, {image: ruby}]}", ["ruby"], id="a later entry wins"),
    pytest.param("{os: [a, b], include: [{os: a, image: node}, {os: c, image: ruby}]}", ["node", "ruby"], id="joined"),
    pytest.param("{image: [a, b], exclude: [{image: a}]}", ["b"], id="an excluded value"),
    pytest.param("{image: [a, b], os: [x, y], exclude: [{image: a, os: x}]}", ["a", "b"], id="excluded in part"),
    pytest.param("{image: [a], include: [{image: b}]}", ["a", "b"], id="an entry beside the values"),
]


@pytest.mark.parametrize(("body", "references"), MATRICES)
def test_lists_what_a_matrix_gives_and_refuses_it(body: str, references: list[str]) -> None:
    findings = scanned(PATH, matrix(body), formats=FORMATS).findings
    assert [str(finding.reference) for finding in findings] == references
    assert {outcome(finding) for finding in findings} == {"fixed"}


def test_a_refused_value_names_its_matrix() -> None:
    assert reasons(matrix("{image: [node]}")) == [
        "its value comes from the matrix of job test; write the digest there by hand"
    ]


@pytest.mark.parametrize(
    ("body", "image", "reference"),
    [
        pytest.param("{c: [{name: node, v: 20}]}", "${{ matrix.c.name }}:${{ matrix.c.v }}", "node:20", id="keys"),
        pytest.param("{v: [3.12]}", "python:${{ matrix['v'] }}", "python:3.12", id="a number that stays itself"),
        pytest.param("{v: [3.12]}", "python:${{matrix.v}}-slim", "python:3.12-slim", id="in the middle"),
        pytest.param("{v: [1], include: [{v: 2}]}", "a:${{ matrix.x || '3' }}", "a:3", id="a value for none"),
    ],
)
def test_follows_the_matrix(body: str, image: str, reference: str) -> None:
    findings = scanned(PATH, matrix(body, image), formats=FORMATS).findings
    assert [str(finding.reference) for finding in findings] == [reference]


UNKNOWN = [
    pytest.param(matrix("{image: '${{ fromJSON(needs.a.outputs.b) }}'}"), id="a dimension that is computed"),
    pytest.param(matrix("${{ fromJSON(needs.a.outputs.b) }}"), id="a matrix that is computed"),
    pytest.param(matrix("{image: [3.10]}"), id="a number that is another one"),
    pytest.param(job("container: ghcr.io/${{ github.repository }}:1"), id="the name of the repository"),
    pytest.param(job("container: ${{ env.IMAGE }}"), id="an environment, which is not known there"),
    pytest.param(job("container: ${{ vars.IMAGE }}"), id="a variable of the repository"),
    pytest.param(job("container: ${{ inputs.image }}"), id="an input without a default"),
    pytest.param(job("container: ${{ format('a:{0}', inputs.x) }}"), id="a function"),
    pytest.param(job("container: ${{ matrix.os == 'a' && 'b' || 'c' }}"), id="a condition"),
    pytest.param(job("steps: [{uses: 'docker://${{ inputs.image }}'}]"), id="an expression in uses"),
    pytest.param(job("container: ${{ }}"), id="nothing at all"),
]


@pytest.mark.parametrize("text", UNKNOWN)
def test_what_cannot_be_known_is_variable(text: str) -> None:
    assert [what for _, what in told(text)] == ["variable"]


def called(inputs: str, container: str, more: str = "") -> str:
    return f"on: {{workflow_call: {{inputs: {inputs}}}}}\n{job(f'container: {container}')}{more}"


WRITTEN = [
    pytest.param(called("{i: {default: 'node:20'}}", "${{ inputs.i }}"), "node:20@D", id="a default"),
    pytest.param(called("{v: {default: '20'}}", "node:${{ inputs.v }}"), "'20@D'", id="a tag"),
    pytest.param(called("{v: {default: 20}}", "node:${{ inputs['v'] }}"), "20@D", id="a number"),
    pytest.param(job("container: ${{ vars.I || 'node:20' }}"), "'node:20@D'", id="a value for none"),
    pytest.param(job("container: ${{ 'node:20' }}"), "'node:20@D'", id="a text"),
]


@pytest.mark.parametrize(("text", "after"), WRITTEN)
def test_a_default_that_ends_the_reference_carries_the_digest(text: str, after: str) -> None:
    [finding] = scanned(PATH, text, formats=FORMATS).findings
    assert isinstance(finding.standing, Writable)
    at = finding.standing.digest.span.start
    assert after in f"{text[:at]}{finding.standing.digest.lead}D{text[at:]}"


FIXED = [
    pytest.param(called("{i: {default: a}}", "${{ inputs.i }}", "    env: {x: '${{ inputs.i }}'}"), "2 times", id="2x"),
    pytest.param(called("{i: {default: a, options: [a, b]}}", "${{ inputs.i }}"), "one of its options", id="options"),
    pytest.param(called("{i: {default: 20, type: number}}", "node:${{ inputs.i }}"), "no string", id="a number"),
    pytest.param(called("{i: {default: a}}", "${{ inputs.i }}:1"), "whatever inputs.i says", id="it gives the name"),
    pytest.param(
        called("{i: {default: 1}, j: {default: 2}}", "a:${{ inputs.i }}.${{ inputs.j }}"), "several", id="two in a tag"
    ),
    pytest.param(
        "on: {workflow_call: {inputs: {i: {default: a}}}, workflow_dispatch: {inputs: {i: {default: a}}}}\n"
        + job("container: ${{ inputs.i }}"),
        "declared twice",
        id="two declarations",
    ),
]


@pytest.mark.parametrize(("text", "reason"), FIXED)
def test_a_default_that_feeds_more_is_refused(text: str, reason: str) -> None:
    assert [what for _, what in told(text)] == ["fixed"]
    assert reason in reasons(text)[0]


def build(inputs: str, action: str = "docker/build-push-action@v6", path: str = PATH) -> list[object]:
    text = f"jobs: {{a: {{runs-on: x, steps: [{{uses: {action}, with: {{{inputs}}}}}]}}}}"
    return list(scanned(path, text, formats=FORMATS).relations)


BUILDS = [
    pytest.param("context: .", "Dockerfile", id="the folder itself"),
    pytest.param("push: false", "Dockerfile", id="the commit"),
    pytest.param("context: app", "app/Dockerfile", id="a folder"),
    pytest.param("context: app, file: ./docker/Dockerfile.web", "docker/Dockerfile.web", id="a file of its own"),
    pytest.param("file: web.Dockerfile", "web.Dockerfile", id="a file in the commit"),
    pytest.param("context: '{{defaultContext}}:app'", "app/Dockerfile", id="a folder of the commit"),
    pytest.param("context: '{{defaultContext}}:app', file: b", "app/b", id="a file there"),
    pytest.param("context: '${{ github.workspace }}/app'", "app/Dockerfile", id="a folder in the workspace"),
    pytest.param("context: '${{ matrix.app }}', file: b", "b", id="a known file in an unknown folder"),
    pytest.param("context: '${{ matrix.app }}'", None, id="an unknown folder"),
    pytest.param("file: '${{ matrix.app }}'", None, id="an unknown file"),
    pytest.param("context: 'https://example.com/a.git'", None, id="another repository"),
    pytest.param("context: ../other", None, id="outside"),
]


@pytest.mark.parametrize(("inputs", "dockerfile"), BUILDS)
def test_says_which_dockerfile_a_step_builds(inputs: str, dockerfile: str | None) -> None:
    found = [one.dockerfile for one in build(inputs) if isinstance(one, BuildContext)]
    assert found == ([dockerfile] if dockerfile else [])


def test_says_what_a_step_sets_for_its_build() -> None:
    given = 'build-args: "A=1\\nB=${{ github.sha }}\\n# C=2\\n${{ x }}=3", build-contexts: "base=docker-image://x"'
    assert build(given) == [
        BuildContext("Dockerfile", frozenset({"base"}), frozenset({"A", "B"}), ".github/workflows/ci.yml:1")
    ]


def test_a_workflow_speaks_of_its_own_repository() -> None:
    [found] = build("context: app", path="sub/.github/workflows/ci.yml")
    assert isinstance(found, BuildContext)
    assert found.dockerfile == "sub/app/Dockerfile"


def test_says_what_a_bake_step_sets() -> None:
    given = 'set: "*.args.V=1\\nweb.platform=x\\nweb.tags=acme/web:1", push: true'
    assert build(given, "docker/bake-action@v5") == [
        BuildContext("Dockerfile", frozenset(), frozenset({"V"}), ".github/workflows/ci.yml:1"),
        Published("docker.io", "acme/web", ".github/workflows/ci.yml:1"),
    ]


PUSHED = [
    pytest.param("push: true, tags: 'acme/app:1,acme/app:2'", ["docker.io/acme/app"], id="once for each repository"),
    pytest.param("push: '${{ x }}', tags: 'ghcr.io/a/b:${{ github.sha }}'", ["ghcr.io/a/b"], id="a tag filled in"),
    pytest.param("push: true, tags: 'ghcr.io/${{ github.repository }}:1'", [], id="an unknown name"),
    pytest.param("push: true, tags: '${{ steps.meta.outputs.tags }}'", [], id="unknown tags"),
    pytest.param("outputs: 'type=registry', tags: 'acme/app'", ["docker.io/acme/app"], id="another way to push"),
    pytest.param("load: true, tags: 'acme/app'", [], id="what is not pushed"),
]


@pytest.mark.parametrize(("inputs", "names"), PUSHED)
def test_says_what_a_step_publishes(inputs: str, names: list[str]) -> None:
    found = [f"{one.registry}/{one.repository}" for one in build(inputs) if isinstance(one, Published)]
    assert found == names


@pytest.mark.parametrize(
    ("env", "names"),
    [
        pytest.param("{REPOSITORY: acme/app}", ["acme/app"], id="a text"),
        pytest.param("{REPOSITORY: '${{ github.repository }}'}", [], id="an expression"),
        pytest.param("{}", [], id="nothing"),
    ],
)
def test_an_environment_of_the_workflow_counts_in_a_build(env: str, names: list[str]) -> None:
    step = "{uses: docker/build-push-action@v6, with: {push: true, tags: 'ghcr.io/${{ env.REPOSITORY }}:1'}}"
    found = scanned(PATH, f"env: {env}\n{job(f'steps: [{step}]')}", formats=FORMATS).relations
    assert [one.repository for one in found if isinstance(one, Published)] == names


def test_says_what_a_metadata_step_names() -> None:
    found = build('images: "acme/app\\nname=ghcr.io/acme/app,enable=true"', "docker/metadata-action@v5")
    assert [one.repository for one in found if isinstance(one, Published)] == ["acme/app", "acme/app"]


def test_long_and_broken_expressions_end() -> None:
    assert [what for _, what in told(job(f"container: '{'${{ ' * 240}'"))] == ["variable"]
    assert [what for _, what in told(job(f"container: '{'${{ a }}' * 20_000}'"))] == ["variable"]
    assert [what for _, what in told(job(f"container: '${{{{ {'a.' * 200} }}}}'"))] == ["variable"]

"""Buildkite: images of plugins, steps and pods, with the pipeline's environment and the matrix of a step."""

from __future__ import annotations

import pytest

from pinbot.formats import buildkite
from pinbot.formats._claims import Claims
from tests.formats._scanning import scanned, told

FORMATS = (buildkite.FORMAT,)
PATH = ".buildkite/pipeline.yml"


@pytest.mark.parametrize(
    "path", [PATH, ".buildkite/a/deploy.yaml", "buildkite.yml", "buildkite.json", "x/.buildkite.yml"]
)
def test_claims_by_name_and_folder(path: str) -> None:
    assert Claims(FORMATS).of(path)


@pytest.mark.parametrize("path", ["pipeline.yml", ".buildkite/run.sh", "buildkited.yml"])
def test_leaves_other_files_alone(path: str) -> None:
    assert not Claims(FORMATS).of(path)


def step(plugin: str, options: str = "image: nginx") -> str:
    return f"steps: [{{plugins: [{{'{plugin}': {{{options}}}}}]}}]"


TAKEN = [
    pytest.param(step("docker#v5.12.0"), id="the docker plugin"),
    pytest.param(step("docker"), id="without a version"),
    pytest.param(step("buildkite-plugins/docker#v5"), id="with its organisation"),
    pytest.param(step("https://github.com/buildkite-plugins/docker-buildkite-plugin.git#v5"), id="by its address"),
    pytest.param(step("ssh://git@github.com/buildkite-plugins/docker-buildkite-plugin#v5"), id="by its SSH address"),
    pytest.param("steps: [{plugins: {docker#v5: {image: nginx}}}]", id="plugins as a mapping"),
    pytest.param("steps: [{group: g, steps: [{plugins: [{docker#v5: {image: nginx}}]}]}]", id="a step of a group"),
    pytest.param("- plugins: [{docker#v5: {image: nginx}}]", id="a pipeline that is a list"),
    pytest.param("plugins: [{docker#v5: {image: nginx}}]\nsteps: []", id="a plugin of the pipeline"),
    pytest.param("image: nginx\nsteps: []", id="the image of the pipeline"),
    pytest.param("steps: [{image: nginx}]", id="the image of a step"),
    pytest.param(step("kubernetes", "podSpec: {containers: [{image: nginx}]}"), id="a pod"),
    pytest.param(step("kubernetes", "sidecars: [{image: nginx}]"), id="a sidecar"),
    pytest.param("steps: [{kubernetes: {podSpecPatch: {initContainers: [{image: nginx}]}}}]", id="a patched pod"),
]


@pytest.mark.parametrize("text", TAKEN)
def test_takes_every_image(text: str) -> None:
    assert told(PATH, text, formats=FORMATS) == [("nginx", "writable")]


UNTOUCHED = [
    pytest.param(step("docker-compose#v5.4.1"), id="docker-compose"),
    pytest.param(step("acme/scan#v1"), id="a plugin that scans"),
    pytest.param(step("ecr-scan-results#v2", "image-name: nginx"), id="the name of an image that is scanned"),
    pytest.param(step("docker#v5", "environment: [image=nginx]"), id="the environment of a container"),
    pytest.param("steps: [{agents: {image: family/nginx}}]", id="the disk of an agent"),
    pytest.param("steps: [{env: {image: nginx}}]", id="the environment of a step"),
    pytest.param("env: {image: nginx}\nsteps: []", id="the environment of the pipeline"),
    pytest.param("steps: [{command: 'docker run image'}, wait]", id="a command"),
    pytest.param("steps: [{block: x, fields: [{text: image, key: image}]}]", id="a field"),
    pytest.param("x: {docker#v5: {image: nginx}}\nsteps: []", id="an anchor that no step uses"),
]


@pytest.mark.parametrize("text", UNTOUCHED)
def test_leaves_what_is_no_image(text: str) -> None:
    assert told(PATH, text, formats=FORMATS) == []


STANDINGS = [
    pytest.param("nginx:${TAG:-1.27}", "writable", id="a default"),
    pytest.param("$IMAGE", "writable", id="a reference in the environment"),
    pytest.param("nginx:$VERSION", "fixed", id="a version in the environment"),
    pytest.param("nginx:${BUILDKITE_COMMIT}", "variable", id="a variable of the build"),
    pytest.param("nginx:$$TAG", "variable", id="a variable of the job"),
    pytest.param("nginx:${TAG:0:7}", "variable", id="a part of a variable"),
    pytest.param("nginx:{{matrix}}", "variable", id="a matrix that is not there"),
]


@pytest.mark.parametrize(("image", "outcome"), STANDINGS)
def test_a_variable_is_followed(image: str, outcome: str) -> None:
    text = f"env: {{IMAGE: 'nginx:1', VERSION: '1'}}\n{step('docker#v5', f'image: {image!r}')}"
    assert told(PATH, text, formats=FORMATS) == [(image, outcome)]


MATRIX = [
    pytest.param("[a, 'b:1']", "{{matrix}}", ["a", "b:1"], id="a list"),
    pytest.param("{setup: ['1', '2']}", "x:{{ matrix }}", ["x:1", "x:2"], id="a setup"),
    pytest.param("{setup: {v: ['1'], os: [a, b]}}", "x:{{matrix.v}}-{{matrix.os}}", ["x:1-a", "x:1-b"], id="names"),
    pytest.param(
        "{setup: {v: ['1']}, adjustments: [{with: {v: '2'}}, {with: x}]}",
        "x:{{matrix.v}}",
        ["x:1", "x:2", "None"],
        id="adjustments",
    ),
]


@pytest.mark.parametrize(("matrix", "image", "references"), MATRIX)
def test_a_matrix_makes_several_references_that_are_refused(matrix: str, image: str, references: list[str]) -> None:
    text = f"steps: [{{matrix: {matrix}, plugins: [{{docker#v5: {{image: '{image}'}}}}]}}]"
    found = scanned(PATH, text, formats=FORMATS).findings
    assert [str(f.reference and f"{f.reference.name}:{f.reference.tag}".removesuffix(":None")) for f in found] == (
        references
    )


def test_a_plugin_behind_an_anchor_is_found_once() -> None:
    text = "common: [&d {docker#v5: {image: nginx}}]\nsteps: [{plugins: [*d]}, {plugins: [*d]}]"
    assert told(PATH, text, formats=FORMATS) == [("nginx", "writable")]

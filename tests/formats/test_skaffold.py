"""Skaffold: what it builds, what it builds upon, and what it runs."""

from __future__ import annotations

import pytest

from pinbot.formats import kubernetes, skaffold
from pinbot.source.finding import BuildContext, Override, Published
from tests.formats._scanning import scanned, told

FORMATS = (kubernetes.FORMAT, skaffold.FORMAT)
HEAD = "apiVersion: skaffold/v4beta11\nkind: Config\n"

FOUND = [
    pytest.param("build: {artifacts: [{image: a}]}", [("a", "local")], id="an artifact"),
    pytest.param("build: {artifacts: [{buildpacks: {builder: a}}]}", [("a", "writable")], id="a builder"),
    pytest.param("build: {artifacts: [{buildpack: {runImage: a}}]}", [("a", "writable")], id="a run image"),
    pytest.param("build: {artifacts: [{jib: {fromImage: a}}]}", [("a", "writable")], id="a base image of Jib"),
    pytest.param("build: {artifacts: [{ko: {fromImage: a}}]}", [("a", "writable")], id="a base image of ko"),
    pytest.param("build: {artifacts: [{kaniko: {image: a}}]}", [("a", "writable")], id="kaniko itself"),
    pytest.param("build: {artifacts: [{docker: {cacheFrom: [a]}}]}", [("a", "ignored")], id="a cache"),
    pytest.param("build: {googleCloudBuild: {packImage: a}}", [("a", "writable")], id="a step of Cloud Build"),
    pytest.param("verify: [{container: {image: a}}]", [("a", "writable")], id="a test that is run"),
    pytest.param("customActions: [{containers: [{image: a}]}]", [("a", "writable")], id="an action"),
    pytest.param("profiles: [{verify: [{container: {image: a}}]}]", [("a", "writable")], id="a profile"),
    pytest.param("test: [{image: a}]", [("a", "local")], id="an artifact that is tested"),
    pytest.param(
        "build: {artifacts: [{image: a}]}\nverify: [{container: {image: a}}]",
        [("a", "local"), ("a", "local")],
        id="an artifact that is run",
    ),
    pytest.param(
        "deploy: {helm: {releases: [{setValues: {x: {image: 'a:1'}}}]}}", [("a:1", "writable")], id="a value of a chart"
    ),
    pytest.param("deploy: {kubectl: {manifests: [image.yaml]}}", [], id="manifests"),
    pytest.param("portForward: [{resourceName: image}]", [], id="ports"),
]


@pytest.mark.parametrize(("text", "found"), FOUND)
def test_tells_what_is_built_from_what_is_used(text: str, found: list[tuple[str, str]]) -> None:
    assert told("skaffold.yaml", HEAD + text, formats=FORMATS) == found


def test_leaves_other_files_alone() -> None:
    assert told("a.yaml", "kind: Config\n# skaffold/\nverify: [{container: {image: a}}]", formats=FORMATS) == []


BUILDS = [
    pytest.param(
        "{image: a.io/b, context: web, docker: {dockerfile: x/Dockerfile, buildArgs: {B: '1'}}}",
        (
            Published("a.io", "b", "s/skaffold.yaml:3"),
            BuildContext("s/web/x/Dockerfile", frozenset(), frozenset({"B"}), "s/skaffold.yaml:3"),
        ),
        id="arguments of a Dockerfile",
    ),
    pytest.param(
        "{image: b, requires: [{image: c, alias: C}, {image: d}]}",
        (
            Published("docker.io", "library/b", "s/skaffold.yaml:3"),
            BuildContext("s/Dockerfile", frozenset(), frozenset({"C", "d"}), "s/skaffold.yaml:3"),
        ),
        id="images that are built before",
    ),
    pytest.param("{jib: {}, requires: [{image: c}]}", (), id="a build without a Dockerfile"),
    pytest.param("{context: ../.., docker: {buildArgs: {A: '1'}}}", (), id="a Dockerfile outside"),
    pytest.param("{context: '{{.DIR}}', docker: {buildArgs: {A: '1'}}}", (), id="a context that is filled in"),
]


@pytest.mark.parametrize(("artifact", "relations"), BUILDS)
def test_says_what_is_set_for_the_build_of_a_dockerfile(artifact: str, relations: tuple[object, ...]) -> None:
    found = scanned("s/skaffold.yaml", f"{HEAD}build: {{artifacts: [{artifact}]}}", formats=FORMATS)
    assert found.relations == relations


def test_says_which_values_of_a_chart_a_release_overrides() -> None:
    text = f"{HEAD}deploy: {{helm: {{releases: [{{chartPath: c, setValues: {{image.tag: v1}}}}]}}}}"
    assert scanned("skaffold.yaml", text, formats=FORMATS).relations == (Override("helm image.tag", "skaffold.yaml:3"),)

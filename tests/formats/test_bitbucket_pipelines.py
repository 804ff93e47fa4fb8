"""Bitbucket Pipelines: which files, which places, and what is no image."""

from __future__ import annotations

import pytest

from pinbot.formats import bitbucket_pipelines
from pinbot.formats._claims import Claims
from tests.formats import _scanning

FORMATS = (bitbucket_pipelines.FORMAT,)


def told(text: str) -> list[tuple[str, str]]:
    return _scanning.told("bitbucket-pipelines.yml", text, formats=FORMATS)


@pytest.mark.parametrize(
    "path", ["bitbucket-pipelines.yml", "a/bitbucket-pipelines.yaml", "shared.bitbucket-pipelines.yml"]
)
def test_claims_pipelines(path: str) -> None:
    assert Claims(FORMATS).of(path)


@pytest.mark.parametrize("path", ["pipelines.yml", "bitbucket-pipelines.md", "bitbucket-pipelines/a.yml"])
def test_leaves_other_files_alone(path: str) -> None:
    assert not Claims(FORMATS).of(path)


def steps(body: str) -> str:
    return f"pipelines: {{default: [{{step: {body}}}]}}"


TAKEN = [
    pytest.param("image: node", ["node"], id="for all steps"),
    pytest.param("image: {name: node, username: $U, password: $P}", ["node"], id="the long form"),
    pytest.param(
        "image: {name: 1.dkr.ecr.eu.amazonaws.com/a:1, aws: {oidc-role: x}}",
        ["1.dkr.ecr.eu.amazonaws.com/a:1"],
        id="ECR",
    ),
    pytest.param("definitions: {services: {db: {image: postgres}}}", ["postgres"], id="a service"),
    pytest.param("definitions: {services: {docker: {image: {name: 'docker:dind'}}}}", ["docker:dind"], id="its daemon"),
    pytest.param(
        "definitions: {steps: [{step: &s {image: node}}]}\npipelines: {default: [{step: *s}]}",
        ["node"],
        id="an anchor once",
    ),
    pytest.param(steps("{image: node, script: [a]}"), ["node"], id="a step"),
    pytest.param("pipelines: {branches: {m: [{parallel: {steps: [{step: {image: a}}]}}]}}", ["a"], id="in parallel"),
    pytest.param("pipelines: {custom: {c: [{stage: {steps: [{step: {image: a}}]}}]}}", ["a"], id="in a stage"),
    pytest.param(steps("{script: [{pipe: 'docker://a/b:1'}]}"), ["a/b:1"], id="a pipe"),
    pytest.param(steps("{after-script: [{name: n, pipe: 'docker://a/b:1'}]}"), ["a/b:1"], id="a pipe with a name"),
]


@pytest.mark.parametrize(("text", "texts"), TAKEN)
def test_takes_every_image(text: str, texts: list[str]) -> None:
    assert told(text) == [(one, "writable") for one in texts]


UNTOUCHED = [
    pytest.param(steps("{script: [{pipe: 'atlassian/aws-s3-deploy:0.2.1'}]}"), id="a pipe that is a repository"),
    pytest.param(steps("{script: [{pipe: 'docker://', variables: {}}]}"), id="no name"),
    pytest.param(steps("{script: [{pipe: a/b:1, variables: {image: node, pipe: 'docker://a'}}]}"), id="variables"),
    pytest.param(steps("{script: ['docker run nginx', 'image: node']}"), id="text"),
    pytest.param(steps("{image: {username: a}, name: b}"), id="an image without a name"),
    pytest.param(steps("{image: }"), id="a null"),
    pytest.param("definitions: {caches: {image: ~/images}}", id="a cache of that name"),
]


@pytest.mark.parametrize("text", UNTOUCHED)
def test_leaves_what_is_no_image(text: str) -> None:
    assert told(text) == []


@pytest.mark.parametrize("image", ["$IMAGE", "node:${TAG}", "{name: $IMAGE}"])
def test_what_the_workspace_sets_is_variable(image: str) -> None:
    assert [what for _, what in told(f"image: {image}")] == ["variable"]

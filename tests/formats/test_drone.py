"""Drone: which documents are pipelines, which places hold images, and which runners have none."""

from __future__ import annotations

import pytest

from pinbot.formats import drone
from tests.formats._scanning import scanned, told

FORMATS = (drone.FORMAT,)
HEAD = "kind: pipeline\ntype: docker\n"


@pytest.mark.parametrize("path", [".drone.yml", ".drone.yaml", ".drone/test.yml", "a/.drone.test.yml", "ci/drone.yml"])
def test_a_file_of_that_name_needs_no_type(path: str) -> None:
    assert told(path, "kind: pipeline\nsteps: [{image: nginx}]", formats=FORMATS) == [("nginx", "writable")]
    assert told(path, "steps: [{image: nginx}]", formats=FORMATS) == [("nginx", "writable")]


@pytest.mark.parametrize("path", ["pipeline.yml", "ci/backend.yaml", "drone-values.yaml"])
def test_another_file_needs_kind_and_type(path: str) -> None:
    assert told(path, f"{HEAD}steps: [{{image: nginx}}]", formats=FORMATS) == [("nginx", "writable")]
    assert told(path, 'kind: "pipeline"\ntype: kubernetes\nsteps: [{image: a}]', formats=FORMATS) == [("a", "writable")]
    assert told(path, "kind: pipeline\nsteps: [{image: nginx}]", formats=FORMATS) == []
    assert told(path, "steps: [{image: nginx}]", formats=FORMATS) == []


TAKEN = [
    pytest.param(f"{HEAD}steps: [{{image: nginx}}]", id="a step"),
    pytest.param(f"{HEAD}services: [{{image: nginx}}]", id="a service"),
    pytest.param(f"kind: secret\n---\n{HEAD}steps: [{{image: nginx}}]\n---\nkind: signature", id="one of several"),
    pytest.param("pipeline: {build: {image: nginx}}", id="a step of version 0.8"),
    pytest.param("services: {db: {image: nginx}}", id="a service of version 0.8"),
    pytest.param("clone: {git: {image: nginx}}", id="the clone of version 0.8"),
    pytest.param("kind: pipeline\ntype: digitalocean\nsteps: [{image: nginx}]", id="containers on a droplet"),
]


@pytest.mark.parametrize("text", TAKEN)
def test_takes_every_image(text: str) -> None:
    assert told(".drone.yml", text, formats=FORMATS) == [("nginx", "writable")]


UNTOUCHED = [
    pytest.param("kind: pipeline\ntype: exec\nsteps: [{image: nginx}]", id="a runner without containers"),
    pytest.param("kind: pipeline\ntype: ssh\nserver: {image: docker-18-04}", id="a runner on a server"),
    pytest.param("kind: template\nload: x.star\ndata: {steps: [{image: nginx}]}", id="a template"),
    pytest.param("kind: secret\nsteps: [{image: nginx}]", id="a secret"),
    pytest.param(f"{HEAD}steps: [{{settings: {{image: nginx}}}}]", id="a setting of a plugin"),
    pytest.param(f"{HEAD}steps: [{{environment: {{image: nginx}}}}]", id="the environment of a step"),
    pytest.param(f"{HEAD}server: {{image: docker-18-04-x64}}\nsteps: []", id="the disk of a server"),
]


@pytest.mark.parametrize("text", UNTOUCHED)
def test_leaves_what_is_no_image(text: str) -> None:
    assert told(".drone.yml", text, formats=FORMATS) == []


def test_a_folded_reference_is_known_but_not_written() -> None:
    text = f'{HEAD}steps:\n- image: "nginx:\\\n    1.27"\n'
    assert told(".drone.yml", text, formats=FORMATS) == [('"nginx:\\\n    1.27"', "fixed")]


def test_a_place_is_named_by_its_pipeline() -> None:
    found = scanned(".drone.yml", f"{HEAD}name: web\nsteps: [{{image: nginx}}]", formats=FORMATS)
    assert found.findings[0].where == "pipeline web steps[0].image"


def test_a_file_that_is_no_pipeline_is_not_parsed() -> None:
    assert scanned("values.yaml", "image: {steps: [", formats=FORMATS).skips == ()

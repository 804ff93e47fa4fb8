"""Vela: which places hold images."""

from __future__ import annotations

import pytest

from pinbot.formats import vela
from pinbot.formats._claims import Claims
from tests.formats._scanning import told

FORMATS = (vela.FORMAT,)


@pytest.mark.parametrize("path", [".vela.yml", ".vela.yaml", ".vela/go.yml", "a/.vela.yml", ".vela-release.yml"])
def test_claims_by_name_and_folder(path: str) -> None:
    assert Claims(FORMATS).of(path)


@pytest.mark.parametrize("path", ["vela.yml", ".vela.star", ".velaux.yml"])
def test_leaves_other_files_alone(path: str) -> None:
    assert not Claims(FORMATS).of(path)


CASES = [
    pytest.param("steps: [{image: nginx}]", ["writable"], id="a step"),
    pytest.param("services: [{image: nginx}]", ["writable"], id="a service"),
    pytest.param("stages: {a: {steps: [{image: nginx}]}}", ["writable"], id="a step of a stage"),
    pytest.param("secrets: [{origin: {image: nginx}}]", ["writable"], id="a plugin that fetches a secret"),
    pytest.param("steps: [{image: 'nginx:${TAG}'}]", ["variable"], id="a variable"),
    pytest.param("steps: [{image: 'nginx:{{ .tag }}'}]", ["variable"], id="an action of a template"),
    pytest.param("steps: [{parameters: {image: nginx}}]", [], id="a parameter of a plugin"),
    pytest.param("steps: [{template: {name: a, vars: {image: nginx}}}]", [], id="a variable of a template"),
    pytest.param("steps: [{environment: {image: nginx}}]", [], id="the environment"),
    pytest.param("secrets: [{name: image, key: a/b/image}]", [], id="a secret"),
    pytest.param("steps: [{ruleset: {image: nginx}}]", [], id="a ruleset"),
]


@pytest.mark.parametrize(("text", "outcomes"), CASES)
def test_takes_images_and_nothing_else(text: str, outcomes: list[str]) -> None:
    assert [outcome for _, outcome in told(".vela.yml", text, formats=FORMATS)] == outcomes

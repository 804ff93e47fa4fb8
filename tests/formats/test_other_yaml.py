"""YAML files that no format knows: what is shown of them, and compose files of other names among them."""

from __future__ import annotations

import pytest

from pinbot import wiring
from tests.fakes.memory import PIN, run_once

FORMATS = wiring.formats()


def outcomes(path: str, text: str) -> list[tuple[str, str, str]]:
    """Return format, text and outcome of each reference in a file."""
    done, _ = run_once({path: text.encode()}, FORMATS, PIN)
    changed = [(c.finding, str(c.kind)) for c in done.changes]
    kept = [(k.finding, str(k.outcome)) for k in done.kept]
    return [(finding.format, finding.text, word) for finding, word in (*changed, *kept)]


SHOWN = [
    pytest.param("image: acme/runner:2", "acme/runner:2", id="a tag"),
    pytest.param("- runner: {image: acme/runner:2}", "acme/runner:2", id="in a list"),
    pytest.param(f"a:\n  image: 'acme/runner@sha256:{'0' * 64}'", f"acme/runner@sha256:{'0' * 64}", id="a digest"),
]


@pytest.mark.parametrize(("text", "image"), SHOWN)
def test_a_reference_that_can_be_nothing_else_is_shown(text: str, image: str) -> None:
    ((format_name, found, outcome),) = outcomes("config/x.yaml", text)
    assert (format_name, found) == ("other-yaml", image)
    assert outcome in {"refused", "current"}


NOT_SHOWN = [
    pytest.param("x.yaml", "image: assets/logo.png", id="a picture"),
    pytest.param("x.yaml", "image: {{ image }}:1", id="a template"),
    pytest.param("x.yaml", "images: acme/runner:2", id="another key"),
    pytest.param("x.yaml", "openapi: 3.0.0\nimage: acme/runner:2", id="the description of an interface"),
    pytest.param("x.yaml", "a: {example: {image: 'acme/runner:2'}}", id="an example"),
    pytest.param("x.yaml", "kind: ConfigMap\napiVersion: v1\nimage: a/b:1", id="an object that Kubernetes reads"),
    pytest.param(".tool/x.yaml", "image: acme/runner:2", id="a hidden folder"),
    pytest.param("x.json", '{"image": "acme/runner:2"}', id="JSON"),
]


@pytest.mark.parametrize(("path", "text"), NOT_SHOWN)
def test_what_may_be_something_else_is_not_shown(path: str, text: str) -> None:
    assert outcomes(path, text) == []


def test_a_file_that_a_format_knows_is_left_to_it() -> None:
    assert outcomes(".circleci/config.yml", "jobs: {a: {machine: {image: 'ubuntu-2204:2023.07.2'}}}") == []
    assert outcomes("compose.yaml", "x-image: {image: 'acme/x:1'}\nservices: {a: {image: 'acme/a:1'}}") == [
        ("compose", "acme/a:1", "pin")
    ]


COMPOSE = [
    pytest.param("services: {a: {image: 'x/y:1'}}", id="services alone"),
    pytest.param("version: '3'\nservices:\n  a:\n    image: x/y:1\nvolumes: {}", id="with others of compose's keys"),
    pytest.param("x-a: 1\nservices:\n  a: {image: 'x/y:1'}\n  b: {build: .}", id="with an extension"),
]


@pytest.mark.parametrize("text", COMPOSE)
def test_a_file_of_compose_s_keys_is_a_compose_file(text: str) -> None:
    assert ("compose-other", "x/y:1", "pin") in outcomes("deploy/prod.yml", text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("owner: me\nservices: {a: {image: 'x/y:1'}}", id="a key that compose does not have"),
        pytest.param("services: [{name: a, image: 'x/y:1'}]", id="a list of services"),
        pytest.param("services: {a: {image: 'x/y:1'}, b: {port: 1}}", id="a service without an image"),
    ],
)
def test_services_of_another_tool_are_shown_and_left_alone(text: str) -> None:
    assert outcomes("deploy/prod.yml", text) == [("other-yaml", "x/y:1", "refused")]

"""Pods without a kind: which places hold images."""

from __future__ import annotations

import pytest

from pinbot import wiring
from pinbot.formats import kubernetes_other
from tests.formats._scanning import scanned, told

POD = "spec: {containers: [{name: a, image: 'x/y:1'}]}"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(POD, id="a pod"),
        pytest.param("spec: {initContainers: [{image: 'x/y:1'}]}", id="what runs before it"),
        pytest.param(f"spec: {{template: {{{POD}}}}}", id="the template of one"),
        pytest.param(f"presubmits: {{a/b: [{{name: a, {POD}}}]}}", id="jobs before a merge"),
        pytest.param(f"postsubmits: {{a/b: [{{name: a, {POD}}}]}}", id="jobs behind a merge"),
        pytest.param(f"periodics: [{{name: a, {POD}}}]", id="jobs by the clock"),
    ],
)
def test_takes_containers(text: str) -> None:
    assert told("ci/pod.yaml", text, formats=(kubernetes_other.FORMAT,)) == [("x/y:1", "writable")]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"kind: Pod\n{POD}", id="an object"),
        pytest.param(f"- {POD}", id="a list"),
        pytest.param("containers: [{image: 'x/y:1'}]\nspec: {}", id="another place"),
    ],
)
def test_leaves_other_documents_alone(text: str) -> None:
    assert told("ci/pod.yaml", text, formats=(kubernetes_other.FORMAT,)) == []


def test_comes_before_what_is_said_of_unknown_files() -> None:
    findings = scanned("ci/pod.yaml", f"{POD}\nx: {{image: 'no/image:1'}}", formats=wiring.formats()).findings
    assert [finding.format for finding in findings] == ["kubernetes-other"]

"""Argo Workflows: templates, the parameters that complete an image, and objects that stand as text."""

from __future__ import annotations

import pytest

from pinbot.formats import argo_workflows, kubernetes
from tests.formats._scanning import scanned, told

FORMATS = (argo_workflows.FORMAT, kubernetes.FORMAT)
HEAD = "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\n"


def _template(text: str, more: str = "") -> str:
    return f"{HEAD}spec:\n  templates:\n    - name: main\n      {text}\n{more}"


TAKEN = [
    pytest.param(_template("container: {image: a}"), id="a container"),
    pytest.param(_template("script: {image: a}"), id="a script"),
    pytest.param(_template("containerSet: {containers: [{image: a}]}"), id="a set of containers"),
    pytest.param(_template("container: {}\n      sidecars: [{image: a}]"), id="a sidecar"),
    pytest.param(_template("container: {}\n      initContainers: [{image: a}]"), id="an init container"),
    pytest.param("spec: {templates: [{container: {image: a}}]}", id="an object without a kind"),
    pytest.param("kind: List\nitems: [{kind: Workflow, spec: {templates: [{script: {image: a}}]}}]", id="a list"),
    pytest.param(_template('podSpecPatch: \'{"containers": [{"image": "a"}]}\'\n      container: {}'), id="a patch"),
    pytest.param(
        _template("resource:\n        manifest: |\n          spec: {container: {image: a}}"), id="an object as text"
    ),
]


@pytest.mark.parametrize("text", TAKEN)
def test_takes_the_images_of_templates(text: str) -> None:
    assert told("wf.yaml", text, formats=(argo_workflows.FORMAT,)) == [("a", "writable")]


UNTOUCHED = [
    pytest.param(_template("container: {args: ['image: a']}"), id="an argument"),
    pytest.param(_template("script: {source: 'image: a'}"), id="the source of a script"),
    pytest.param(
        f"{HEAD}spec: {{arguments: {{parameters: [{{name: image, value: a}}]}}, templates: [{{container: {{}}}}]}}",
        id="a parameter that no image uses",
    ),
    pytest.param(f"{HEAD}status: {{storedTemplates: {{templates: {{container: {{image: a}}}}}}}}", id="a record"),
    pytest.param("kind: Other\nspec: {templates: [{container: {image: a}}]}", id="an object of another kind"),
    pytest.param("apiVersion: a/v1\nkind: Workflow\nspec: {templates: [{script: {image: a}}]}", id="another group"),
    pytest.param("templates: [{container: {image: a}}]", id="no object"),
]


@pytest.mark.parametrize("text", UNTOUCHED)
def test_leaves_the_rest_alone(text: str) -> None:
    assert told("wf.yaml", text, formats=(argo_workflows.FORMAT,)) == []


INPUT = "inputs: {parameters: [{name: a, value: x}]}\n      "
PARAMETERS = [
    pytest.param(_template(INPUT + "script: {image: '{{inputs.parameters.a}}'}"), "writable", id="a template's"),
    pytest.param(_template(INPUT + "script: {image: '{{ inputs.parameters.a }}'}"), "writable", id="with spaces"),
    pytest.param(_template(INPUT + "script: {image: '{{inputs.parameters.a}}:1'}"), "variable", id="not at the end"),
    pytest.param(_template(INPUT + "script: {image: '{{=inputs.parameters.a}}'}"), "variable", id="an expression"),
    pytest.param(_template(INPUT + "script: {image: '{{item.image}}'}"), "variable", id="an item"),
    pytest.param(_template(INPUT + "script: {image: '{{workflow.parameters.a}}'}"), "variable", id="of another scope"),
    pytest.param(
        _template(INPUT + "script: {image: '{{inputs.parameters.a}}', args: ['{{inputs.parameters.a}}']}"),
        "fixed",
        id="used twice",
    ),
    pytest.param(
        _template(
            INPUT + "script: {image: '{{inputs.parameters.a}}'}",
            "    - steps: [[{arguments: {parameters: [{name: a, value: y}]}}]]",
        ),
        "fixed",
        id="set by a step",
    ),
    pytest.param(
        _template(
            "script: {image: 'x:{{workflow.parameters.a}}'}",
            "  arguments:\n    parameters:\n      - name: a\n        value: '1'",
        ),
        "writable",
        id="the workflow's",
    ),
]


@pytest.mark.parametrize(("text", "outcome"), PARAMETERS)
def test_follows_a_parameter_that_completes_an_image(text: str, outcome: str) -> None:
    assert [one for _, one in told("wf.yaml", text, formats=FORMATS)] == [outcome]


def test_says_where_it_cannot_read_a_text() -> None:
    found = scanned("wf.yaml", _template('resource: {manifest: "a: 1\\nimage: b", container: x}'), formats=FORMATS)
    assert [skip.reason for skip in found.skips] == ["line 6: write this YAML as a block behind `|` to have it read"]

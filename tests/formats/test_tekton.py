"""Tekton: objects with and without an apiVersion, bundles, and parameters that complete an image."""

from __future__ import annotations

import pytest

from pinbot.formats import kubernetes, tekton
from tests.formats._scanning import reasons, told

FORMATS = (kubernetes.FORMAT, tekton.FORMAT)
TASK = "apiVersion: tekton.dev/v1\nkind: Task\n"

TAKEN = [
    pytest.param(f"{TASK}spec: {{steps: [{{image: a}}]}}", "a", id="a step"),
    pytest.param("kind: Task\nspec: {steps: [{image: a}]}", "a", id="a step of an object without apiVersion"),
    pytest.param(f"{TASK}spec: {{sidecars: [{{image: a}}]}}", "a", id="a sidecar"),
    pytest.param(f"{TASK}spec: {{stepTemplate: {{image: a}}}}", "a", id="a template of steps"),
    pytest.param("kind: StepAction\nspec: {image: a}", "a", id="a step action"),
    pytest.param("kind: List\nitems: [{kind: StepAction, spec: {image: a}}]", "a", id="a step action of a list"),
    pytest.param("kind: TaskRun\nspec: {taskSpec: {steps: [{image: a}]}}", "a", id="a task within its run"),
    pytest.param("kind: TaskRun\nspec: {taskRef: {bundle: a}}", "a", id="a bundle of tasks"),
    pytest.param("kind: PipelineRun\nspec: {pipelineRef: {bundle: a}}", "a", id="a bundle of pipelines"),
    pytest.param(
        "kind: Pipeline\nspec: {finally: [{taskRef: {resolver: bundles, params: [{name: bundle, value: a}]}}]}",
        "a",
        id="a bundle that a resolver fetches",
    ),
    pytest.param(
        "kind: TriggerTemplate\nspec: {resourcetemplates: [{kind: TaskRun, spec: {taskRef: {bundle: a}}}]}",
        "a",
        id="an object that a trigger makes",
    ),
]


@pytest.mark.parametrize(("text", "image"), TAKEN)
def test_takes_steps_and_bundles(text: str, image: str) -> None:
    assert told("task.yaml", text, formats=FORMATS) == [(image, "writable")]


UNTOUCHED = [
    pytest.param("kind: Task\nspec: {steps: [{script: 'image: a'}]}", id="a script"),
    pytest.param("kind: Task\nspec: {steps: [{name: image, computeResources: {image: a}}]}", id="resources"),
    pytest.param("kind: Task\nspec: {params: [{name: image, default: a}]}", id="a parameter that no image uses"),
    pytest.param("kind: Task\nspec: {taskRef: {kind: Task, name: bundle}}", id="the name of a task"),
    pytest.param("kind: Task\nspec: {taskRef: {resolver: hub, bundle: a}}", id="a bundle beside another resolver"),
    pytest.param("kind: Pipeline\nsteps: [{image: a}]", id="a pipeline of another tool"),
    pytest.param("apiVersion: other/v1\nkind: Task\nspec: {taskRef: {bundle: a}}", id="a task of another group"),
    pytest.param(f"{TASK}status: {{taskSpec: {{steps: [{{image: a}}]}}}}", id="what a cluster recorded"),
    pytest.param(f"{TASK}metadata: {{annotations: {{bundle: a}}}}", id="an annotation"),
]


@pytest.mark.parametrize("text", UNTOUCHED)
def test_leaves_the_rest_alone(text: str) -> None:
    assert told("task.yaml", text, formats=(tekton.FORMAT,)) == []


def _task(params: str, image: str, more: str = "") -> str:
    return f"{TASK}spec:\n  params: [{params}]\n  steps:\n    - image: {image}\n{more}"


PARAMETERS = [
    pytest.param(_task("{name: a, default: nginx}", "$(params.a)"), "writable", id="it is the image"),
    pytest.param(_task("{name: a, default: '1'}", "x:$(params.a)"), "writable", id="it ends the image"),
    pytest.param(_task("{name: a, default: '1'}", "x:$(inputs.params.a)"), "writable", id="as v1alpha1 writes it"),
    pytest.param(_task("{name: a.b, default: n}", """'$(params["a.b"])'"""), "writable", id="a name with a dot"),
    pytest.param(_task("{name: a, default: x}", "$(params.a):1"), "variable", id="it does not end the image"),
    pytest.param(_task("{name: a}", "$(params.a)"), "variable", id="it has no default"),
    pytest.param(_task("{name: a, default: ''}", "$(params.a)"), "variable", id="its default is empty"),
    pytest.param(_task("{name: b, default: x}", "$(params.a)"), "variable", id="it is not declared"),
    pytest.param(_task("{name: a, default: $(x)}", "$(params.a)"), "variable", id="its default is a variable"),
    pytest.param(_task("{name: a, default: 1.30}", "x:$(params.a)"), "invalid", id="its default is a number"),
    pytest.param(_task("{name: a, default: A B}", "$(params.a)"), "invalid", id="its default is no image"),
    pytest.param(_task("{name: a, default: x, enum: [x, y]}", "$(params.a)"), "fixed", id="it has to be one of a few"),
    pytest.param(
        _task("{name: a, default: x}", "$(params.a)", "      args: [$(params.a)]"), "fixed", id="it is used twice"
    ),
    pytest.param(
        _task("{name: a, default: x}", "$(params.a)", "---\nkind: TaskRun\nspec: {params: [{name: a, value: y}]}"),
        "fixed",
        id="a run in the file sets it",
    ),
    pytest.param(
        _task("{name: a, default: x}", "$(params.a)", '---\n{"spec": {"params": [\n{"name": "a",\n"value": "y"}]}}'),
        "fixed",
        id="a run in the file sets it, as JSON",
    ),
    pytest.param(
        _task("{name: a, default: x}", "$(params.a)", '---\n{"spec": {"params": [\n{"value": "y",\n"name": "a"}]}}'),
        "fixed",
        id="a run in the file sets it, as JSON with the name last",
    ),
    pytest.param(
        _task("{name: a, default: x}", "$(params.a)", "---\nspec:\n  params:\n    - value: y\n      name: a\n"),
        "fixed",
        id="a run in the file sets it, name last",
    ),
]


@pytest.mark.parametrize(("text", "outcome"), PARAMETERS)
def test_follows_a_parameter_that_completes_an_image(text: str, outcome: str) -> None:
    assert [one for _, one in told("task.yaml", text, formats=FORMATS)] == [outcome]


def test_says_who_sets_a_parameter() -> None:
    text = _task("{name: a, default: x}", "$(params.a)", "---\nspec: {params: [{name: a, value: y}]}")
    assert reasons("task.yaml", text, formats=FORMATS) == [
        "line 8 sets the parameter a too, and what it sets would not be pinned"
    ]

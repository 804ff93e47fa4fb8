"""CloudFormation: which properties are images, and what the functions of a template leave open."""

from __future__ import annotations

import pytest

from pinbot.formats import cloudformation, ecs_task
from tests.fakes.memory import run_once
from tests.formats._scanning import told

FORMATS = (cloudformation.FORMAT, ecs_task.FORMAT)
DIGEST = "sha256:" + "0" * 64
TASK = "Resources: {W: {Type: 'AWS::ECS::TaskDefinition', Properties: {ContainerDefinitions: [{Image: %s}]}}}\n"
LAMBDA = "Resources: {F: {Type: 'AWS::Lambda::Function', Properties: {Code: {ImageUri: %s}}}}\n"
PARAMETER = "Parameters: {Tag: {Type: String, Default: '1'}}\n"

TABLE = [
    pytest.param(TASK % "a:1", [("a:1", "writable")], id="a container of a task"),
    pytest.param(TASK % "!Sub 'a:1'", [("a:1", "writable")], id="a text in which nothing is filled in"),
    pytest.param(TASK % "!Ref Image", [("Image", "variable")], id="a parameter without a default"),
    pytest.param(TASK % "{Ref: Image}", [("Image", "variable")], id="a parameter in JSON's words"),
    pytest.param(PARAMETER + TASK % "!Sub 'a:${Tag}'", [("a:${Tag}", "writable")], id="a default that ends it"),
    pytest.param(PARAMETER + TASK % "!Sub 'a:${Tag}-x'", [("a:${Tag}-x", "variable")], id="a default in the middle"),
    pytest.param(PARAMETER + TASK % "!Sub 'a:${Tag}'" + "O: !Ref Tag", [("a:${Tag}", "fixed")], id="two readers"),
    pytest.param(
        "Parameters: {I: {Type: 'AWS::SSM::Parameter::Value<String>', Default: a/b}}\n" + TASK % "!Ref I",
        [("I", "variable")],
        id="a default that names a value",
    ),
    pytest.param(
        "Parameters: {I: {Type: String, Default: 'a:1', AllowedValues: ['a:1']}}\n" + TASK % "!Ref I",
        [("I", "fixed")],
        id="a default that is one of a few",
    ),
    pytest.param(
        "Parameters: {I: {Type: String, Default: 'a:1', AllowedPattern: '[a-z:1]+'}}\n" + TASK % "!Ref I",
        [("I", "fixed")],
        id="a default with a pattern",
    ),
    pytest.param(TASK % "!Sub '${AWS::AccountId}.x/a:1'", [("${AWS::AccountId}.x/a:1", "variable")], id="a pseudo one"),
    pytest.param(TASK % "!Join ['', [a, ':1']]", [("!Join ['', [a, ':1']]", "variable")], id="a function"),
    pytest.param(TASK % "{'Fn::ImportValue': x}", [("{'Fn::ImportValue': x}", "variable")], id="an import"),
    pytest.param(
        LAMBDA % "x.dkr.ecr.eu-west-1.amazonaws.com/a:1",
        [("x.dkr.ecr.eu-west-1.amazonaws.com/a:1", "fixed")],
        id="Lambda, by tag",
    ),
    pytest.param(LAMBDA % f"x.io/a@{DIGEST}", [(f"x.io/a@{DIGEST}", "writable")], id="Lambda, by digest"),
    pytest.param(
        "Resources: {J: {Type: 'AWS::Batch::JobDefinition', Properties: {ContainerProperties: {Image: a:1}}}}",
        [("a:1", "writable")],
        id="a batch job",
    ),
    pytest.param(
        "Resources: {J: {Type: 'AWS::EC2::Instance', Properties: {ContainerProperties: {Image: a:1}}}}\n"
        "Outputs: 'AWS::Batch::JobDefinition'",
        [],
        id="another type",
    ),
    pytest.param("X: 'AWS::Lambda::Function'\nImageUri: a:1\nResources: []", [], id="no template"),
]


@pytest.mark.parametrize(("text", "found"), TABLE)
def test_finds_the_images_of_resources(text: str, found: list[tuple[str, str]]) -> None:
    assert told("template.yaml", text, formats=FORMATS) == found


def test_a_parameters_default_carries_the_digest() -> None:
    text = "Parameters:\n  Web: {Type: String, Default: 'a:1'}\n" + TASK % "!Ref Web"
    _, files = run_once({"template.yaml": text.encode()}, FORMATS)
    assert b"Default: 'a:1@sha256:" in files["template.yaml"]


TASKS = [
    pytest.param('{"family": "w", "containerDefinitions": [{"image": "a:1"}]}', [("a:1", "writable")], id="a task"),
    pytest.param(
        '{"taskDefinition": {"containerDefinitions": [{"image": "a:1"}]}}', [("a:1", "writable")], id="wrapped"
    ),
    pytest.param(
        '{"containerDefinitions": [{"image": "<IMAGE1_NAME>"}]}', [("<IMAGE1_NAME>", "variable")], id="filled in"
    ),
    pytest.param('{"containerDefinitions": {"image": "a:1"}}', [], id="no list of containers"),
    pytest.param('{"x": {"containerDefinitions": [{"image": "a:1"}]}}', [], id="deeper"),
]


@pytest.mark.parametrize(("text", "found"), TASKS)
def test_reads_task_definitions(text: str, found: list[tuple[str, str]]) -> None:
    assert told("task.json", text, formats=FORMATS) == found

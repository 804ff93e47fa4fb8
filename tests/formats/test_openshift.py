"""OpenShift: what an image stream accepts, Dockerfiles in build configurations, and parameters of templates."""

from __future__ import annotations

import pytest

from pinbot.formats import kubernetes, openshift
from tests.fakes.memory import PIN, digest_of, run_once
from tests.formats._scanning import reasons, scanned, told

FORMATS = (kubernetes.FORMAT, openshift.FORMAT)
OLD = f"sha256:{'0' * 64}"


def _stream(tag: str) -> str:
    return f"apiVersion: image.openshift.io/v1\nkind: ImageStream\nspec: {{tags: [{tag}]}}\n# DockerImage"


def _build(source: str, more: str = "") -> str:
    return f"apiVersion: build.openshift.io/v1\nkind: BuildConfig\nspec:\n  source:\n    {source}\n{more}"


FROM = [
    pytest.param(_stream("{from: {kind: DockerImage, name: 'a:1'}}"), [("a:1", "fixed")], id="a tag"),
    pytest.param(
        _stream(f"{{from: {{kind: DockerImage, name: 'a@{OLD}'}}}}"), [(f"a@{OLD}", "writable")], id="a digest"
    ),
    pytest.param(_stream("{from: {kind: ImageStreamTag, name: 'a:1'}}"), [], id="a tag of another stream"),
    pytest.param(_stream("{from: {kind: ImageStreamImage, name: 'a@b'}}"), [], id="an image of another stream"),
    pytest.param(_build("images: [{from: {kind: DockerImage, name: a}}]"), [("a", "fixed")], id="a source of a build"),
    pytest.param(
        _build("git: {}", "  strategy: {sourceStrategy: {from: {kind: DockerImage, name: 'a:1'}}}"),
        [("a:1", "fixed")],
        id="a builder",
    ),
    pytest.param("kind: Other\nspec: {from: {kind: DockerImage, name: a}}", [], id="an object of another kind"),
]


@pytest.mark.parametrize(("text", "found"), FROM)
def test_a_docker_image_takes_a_tag_or_a_digest(text: str, found: list[tuple[str, str]]) -> None:
    assert told("is.yaml", text, formats=FORMATS) == found


def test_what_is_imported_by_a_schedule_takes_no_digest() -> None:
    tag = f"{{from: {{kind: DockerImage, name: 'a@{OLD}'}}, importPolicy: {{scheduled: true}}}}"
    assert "by a schedule" in reasons("is.yaml", _stream(tag), formats=FORMATS)[0]


DOCKERFILES = [
    pytest.param(_build("dockerfile: |\n      FROM a AS b\n      FROM b"), ["writable", "local"], id="stages"),
    pytest.param(_build("dockerfile: FROM a"), ["writable"], id="one line"),
    pytest.param(
        _build(
            "dockerfile: |\n      ARG X=1\n      FROM a:${X}",
            "  strategy: {dockerStrategy: {buildArgs: [{name: X, value: '2'}]}}",
        ),
        ["fixed"],
        id="an argument that the build sets",
    ),
    pytest.param(
        "kind: Template\nparameters: [{name: X, value: '1'}]\nobjects:\n- kind: BuildConfig\n  spec:\n    source:\n"
        "      dockerfile: |\n        FROM a:${X}\n",
        ["variable"],
        id="a parameter of the template",
    ),
]


@pytest.mark.parametrize(("text", "outcomes"), DOCKERFILES)
def test_reads_the_dockerfile_of_a_build(text: str, outcomes: list[str]) -> None:
    assert [one for _, one in told("bc.yaml", text, formats=FORMATS)] == outcomes


def test_says_where_a_dockerfile_cannot_be_read() -> None:
    found = scanned("bc.yaml", _build('dockerfile: "FROM a\\nRUN b"'), formats=FORMATS)
    assert [skip.reason for skip in found.skips] == [
        "line 5: write the Dockerfile as a block behind `|` to have it read"
    ]


def _template(image: str, parameters: str) -> str:
    return (
        f"kind: Template\napiVersion: template.openshift.io/v1\nparameters: [{parameters}]\nobjects:\n"
        "- kind: Deployment\n  apiVersion: apps/v1\n  spec:\n    template:\n      spec:\n        containers:\n"
        f"        - image: '{image}'\n"
    )


PARAMETERS = [
    pytest.param(_template("${A}", "{name: A, value: x}"), "writable", id="it is the image"),
    pytest.param(_template("x:${A}", "{name: A, value: '1'}"), "writable", id="it ends the image"),
    pytest.param(_template("${A}:1", "{name: A, value: x}"), "variable", id="it does not end the image"),
    pytest.param(_template("${A}", "{name: A, required: true}"), "variable", id="it has no value"),
    pytest.param(_template("${A}", "{name: A, value: x}, {name: B, value: '${A}'}"), "fixed", id="it is used twice"),
    pytest.param(_template("x:1", "{name: A}"), "writable", id="there is none"),
    pytest.param(
        _template("${A}:${B}", "{name: A, value: x}, {name: B, value: '1'}"), "writable", id="several make it up"
    ),
    pytest.param(
        _template("${A}:${B}", "{name: A, value: x}, {name: B, value: '1', description: '${B}'}"),
        "fixed",
        id="the last of several is used twice",
    ),
    pytest.param(
        _template("${A}:${B}", "{name: A, value: x}, {name: B}"), "variable", id="one of several has no value"
    ),
]


@pytest.mark.parametrize(("text", "outcome"), PARAMETERS)
def test_follows_a_parameter_of_a_template(text: str, outcome: str) -> None:
    assert [one for _, one in told("template.yaml", text, formats=FORMATS)] == [outcome]


def test_leaves_what_a_trigger_sets() -> None:
    text = (
        "apiVersion: apps.openshift.io/v1\nkind: DeploymentConfig\nspec:\n"
        "  triggers: [{type: ImageChange, imageChangeParams: {containerNames: [a]}}]\n"
        "  template: {spec: {containers: [{name: a, image: 'a:1'}, {name: b, image: 'b:1'}]}}\n"
    )
    assert told("dc.yaml", text, formats=FORMATS) == [("a:1", "ignored"), ("b:1", "writable")]


def test_leaves_plain_deployments_to_kubernetes() -> None:
    text = "# Template\napiVersion: apps/v1\nkind: Deployment\nspec: {template: {spec: {containers: [{image: a}]}}}"
    assert [one.format for one in scanned("d.yaml", text, formats=FORMATS).findings] == ["kubernetes"]


def test_the_last_parameter_of_an_image_carries_the_digest() -> None:
    text = _template("${A}:${B}", "{name: A, value: example/x}, {name: B, value: '1'}")
    _, written = run_once({"template.yaml": text.encode()}, FORMATS, PIN)
    assert written["template.yaml"].decode() == text.replace("'1'", f"'1@{digest_of('docker.io', 'example/x', '1')}'")

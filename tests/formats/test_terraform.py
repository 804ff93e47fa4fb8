"""Terraform: which resources, which places in them, and what is followed through variables."""

from __future__ import annotations

import pytest

from pinbot.formats import terraform
from pinbot.formats._claims import Claims
from tests.fakes.memory import run_once
from tests.formats._scanning import reasons, scanned, told

FORMATS = (terraform.FORMAT,)
DIGEST = f"sha256:{'a' * 64}"


@pytest.mark.parametrize("path", ["main.tf", "a/b.tofu", "x.tf.json", "A.TF"])
def test_claims_configurations(path: str) -> None:
    assert Claims(FORMATS).of(path)


@pytest.mark.parametrize("path", ["terraform.tfvars", "x.tfstate", "main.hcl", "package.json", ".terraform.lock.hcl"])
def test_leaves_other_files_alone(path: str) -> None:
    assert not Claims(FORMATS).of(path)


def _resource(kind: str, body: str) -> str:
    return f'resource "{kind}" "x" {{\n{body}\n}}\n'


POD = 'spec {{\n template {{\n spec {{\n {} {{\n image = "nginx"\n}}\n}}\n}}\n}}'
TAKEN = [
    pytest.param(_resource("docker_image", 'name = "nginx"'), id="docker_image"),
    pytest.param(_resource("docker_container", 'image = "nginx"'), id="docker_container"),
    pytest.param(
        _resource("docker_service", 'task_spec {\ncontainer_spec {\nimage = "nginx"\n}\n}'), id="docker_service"
    ),
    pytest.param('data "docker_registry_image" "x" {\nname = "nginx"\n}\n', id="a registry image to look up"),
    pytest.param('data "docker_registry_image_manifests" "x" {\nname = "nginx"\n}\n', id="its manifests"),
    pytest.param(
        _resource("aws_ecs_task_definition", 'container_definitions = jsonencode([{ image = "nginx" }])'), id="ECS"
    ),
    pytest.param(
        _resource(
            "aws_ecs_task_definition", 'container_definitions = <<EOF\n[{"image": "nginx", "cpu": ${var.c}}]\nEOF'
        ),
        id="ECS, as JSON with a variable in it",
    ),
    pytest.param(
        _resource("aws_batch_job_definition", 'container_properties = jsonencode({ image = "nginx" })'), id="AWS Batch"
    ),
    pytest.param(
        _resource("google_cloud_run_service", 'template {\nspec {\ncontainers {\nimage = "nginx"\n}\n}\n}'),
        id="Cloud Run",
    ),
    pytest.param(
        _resource("google_cloud_run_v2_job", 'template {\ntemplate {\ncontainers {\nimage = "nginx"\n}\n}\n}'),
        id="a job of Cloud Run",
    ),
    pytest.param(
        _resource("azurerm_container_group", 'container {\nimage = "nginx"\n}'), id="an Azure container group"
    ),
    pytest.param(
        _resource("azurerm_container_app", 'template {\ninit_container {\nimage = "nginx"\n}\n}'), id="a container app"
    ),
    pytest.param(_resource("kubernetes_deployment_v1", POD.format("container")), id="a Kubernetes deployment"),
    pytest.param(_resource("kubernetes_daemonset", POD.format("init_container")), id="an init container"),
    pytest.param(
        _resource("kubernetes_pod", 'spec {\ndynamic "container" {\nfor_each = x\ncontent {\nimage = "nginx"\n}\n}\n}'),
        id="a container of a dynamic block",
    ),
    pytest.param(
        _resource("kubernetes_manifest", 'manifest = { spec = { containers = [{ image = "nginx" }] } }'),
        id="a manifest",
    ),
    pytest.param(
        _resource("kubectl_manifest", "yaml_body = <<-Y\n  spec:\n    containers:\n      - image: nginx # web\n  Y"),
        id="a manifest as YAML",
    ),
    pytest.param(
        _resource(
            "kubectl_manifest",
            "yaml_body = <<Y\nspec:\n  %{ if x }\n  containers:\n  %{ endif }\n  - image: nginx\n    a: ${b}\nY",
        ),
        id="a manifest with actions of a template",
    ),
    pytest.param(_resource("kind_cluster", 'node_image = "nginx"'), id="the nodes of a kind cluster"),
    pytest.param(_resource("docker_image", 'name = (var.x ? null : "nginx")'), id="a condition"),
    pytest.param('# c\n/* "a" */\n' + _resource("docker_image", '  name     = "nginx" // c'), id="comments"),
]


@pytest.mark.parametrize("text", TAKEN)
def test_takes_every_image(text: str) -> None:
    assert told("main.tf", text, formats=FORMATS) == [("nginx", "writable")]
    assert not scanned("main.tf", text, formats=FORMATS).skips


UNTOUCHED = [
    pytest.param(_resource("google_compute_instance", 'boot_disk { image = "debian-cloud/debian-12" }'), id="a disk"),
    pytest.param(_resource("openstack_compute_instance_v2", 'image_name = "ubuntu"'), id="the image of a machine"),
    pytest.param(_resource("lxd_instance", 'image = "ubuntu:22.04"'), id="a system container"),
    pytest.param(_resource("not_supported_resource", 'image = "nginx:1.7.8"'), id="a resource that nobody knows"),
    pytest.param('module "x" {\nsource = "a"\nimage = "nginx"\n}\n', id="the input of a module"),
    pytest.param('output "image" {\nvalue = "nginx"\n}\n', id="an output"),
    pytest.param('variable "image" {\ndefault = "nginx"\n}\n', id="a variable that nothing uses"),
    pytest.param(_resource("docker_image", 'keep = "name"'), id="no name"),
    pytest.param(_resource("docker_image", 'name = ""'), id="an empty name"),
    pytest.param(_resource("docker_container", "image = null"), id="null"),
    pytest.param(_resource("docker_container", 'labels {\nimage = "nginx"\n}'), id="a label"),
    pytest.param(_resource("kubernetes_pod", 'metadata {\nannotations = { image = "nginx" }\n}'), id="an annotation"),
    pytest.param(
        _resource("kubernetes_manifest", 'manifest = { metadata = { labels = { image = "nginx" } } }'),
        id="a label of it",
    ),
    pytest.param(_resource("kubernetes_config_map", 'data = { image = "nginx" }'), id="a config map"),
    pytest.param(
        _resource("aws_codebuild_project", 'environment {\nimage = "aws/codebuild/standard:7.0"\n}'), id="CodeBuild"
    ),
    pytest.param('# resource "docker_image" "x" { name = "nginx" }\n', id="a comment"),
]


@pytest.mark.parametrize("text", UNTOUCHED)
def test_leaves_alone_what_is_no_image(text: str) -> None:
    assert told("main.tf", text, formats=FORMATS) == []


ONE = _resource("docker_image", 'name = "nginx:${var.tag}"')
TAG = 'variable "tag" {\ndefault = "1.27"\n}\n'
FOLLOWED = [
    pytest.param(ONE + TAG, "nginx:${var.tag}", "writable", id="a tag"),
    pytest.param(
        _resource("docker_image", "name = var.image") + 'variable "image" {\ndefault = "nginx:1"\n}\n',
        "var.image",
        "writable",
        id="a whole reference",
    ),
    pytest.param(
        _resource("docker_image", "name = local.a") + 'locals {\na = "nginx:${local.b}"\nb = "1"\n}\n',
        "local.a",
        "writable",
        id="locals that use locals",
    ),
    pytest.param(ONE, "nginx:${var.tag}", "variable", id="no variable"),
    pytest.param(ONE + 'variable "tag" {}\n', "nginx:${var.tag}", "variable", id="no default"),
    pytest.param(ONE + 'variable "tag" {\ndefault = null\n}\n', "nginx:${var.tag}", "variable", id="null as default"),
    pytest.param(ONE + 'variable "tag" {\ndefault = ""\n}\n', "nginx:${var.tag}", "variable", id="an empty default"),
    pytest.param(ONE + 'variable "tag" {\ndefault = 1.27\n}\n', "nginx:${var.tag}", "variable", id="a number"),
    pytest.param(
        _resource("docker_image", 'name = "${local.r}/nginx:1"') + 'locals {\nr = "ghcr.io"\n}\n',
        "${local.r}/nginx:1",
        "fixed",
        id="a variable that does not end the reference",
    ),
    pytest.param(
        _resource("docker_image", 'name = "nginx:${local.t}-alpine"') + 'locals {\nt = "1"\n}\n',
        "nginx:${local.t}-alpine",
        "fixed",
        id="a variable in the middle of a tag",
    ),
    pytest.param(ONE + TAG + 'output "t" {\nvalue = var.tag\n}\n', "nginx:${var.tag}", "fixed", id="a second use"),
    pytest.param(
        _resource("docker_image", "name = local.a") + "locals {\na = local.a\n}\n", "local.a", "variable", id="a circle"
    ),
    pytest.param(
        _resource("docker_image", "name = docker_image.y.name"),
        "docker_image.y.name",
        "variable",
        id="another resource",
    ),
    pytest.param(_resource("docker_image", 'name = join(":", x)'), 'join(":", x)', "variable", id="a function"),
    pytest.param(_resource("docker_image", "name = each.value"), "each.value", "variable", id="an item of for_each"),
]


@pytest.mark.parametrize(("text", "written", "expected"), FOLLOWED)
def test_follows_variables_that_carry_one_reference(text: str, written: str, expected: str) -> None:
    assert told("main.tf", text, formats=FORMATS) == [(written, expected)]


BESIDE = [
    pytest.param({"variables.tf": TAG}, "writable", id="the default stands in variables.tf"),
    pytest.param({"variables.tf": TAG.replace("{", "{\ntype = number\n")}, "fixed", id="as a number"),
    pytest.param({"variables.tf": TAG.replace("{", "{\ntype = string\n")}, "writable", id="as a string"),
    pytest.param({"variables.tf": TAG, "outputs.tf": "x = var.tag"}, "fixed", id="and outputs.tf uses it"),
    pytest.param({"variables.tf": TAG, "outputs.tf": "x = var.tags"}, "writable", id="and outputs.tf uses another"),
    pytest.param({"variables.tf": TAG, "terraform.tfvars": 'tag = "2"'}, "fixed", id="and terraform.tfvars sets it"),
    pytest.param({"variables.tf": "{{{"}, "variable", id="which is broken"),
]


@pytest.mark.parametrize(("beside", "expected"), BESIDE)
def test_looks_at_the_usual_files_of_the_module(beside: dict[str, str], expected: str) -> None:
    assert told("main.tf", ONE, beside, formats=FORMATS) == [("nginx:${var.tag}", expected)]


def test_writes_into_the_file_that_holds_the_default() -> None:
    _, written = run_once({"m/main.tf": ONE.encode(), "m/variables.tf": TAG.encode()}, FORMATS)
    assert written["m/main.tf"] == ONE.encode()
    assert b'default = "1.27@sha256:' in written["m/variables.tf"]


REFUSED = [
    pytest.param("aws_lambda_function", 'image_uri = "{}"', "Lambda takes a tag or a digest", id="Lambda"),
    pytest.param("aws_codebuild_project", 'environment {{\nimage = "{}"\n}}', "CodeBuild takes a tag", id="CodeBuild"),
    pytest.param("aws_sagemaker_model", 'container {{\nimage = "{}"\n}}', "SageMaker takes a tag", id="SageMaker"),
]


@pytest.mark.parametrize(("kind", "body", "reason"), REFUSED)
def test_refuses_where_a_tag_and_a_digest_are_not_taken(kind: str, body: str, reason: str) -> None:
    assert reason in reasons("main.tf", _resource(kind, body.format("a/b:1")), formats=FORMATS)[0]
    pinned = _resource(kind, body.format(f"a/b@{DIGEST}"))
    assert told("main.tf", pinned, formats=FORMATS) == [(f"a/b@{DIGEST}", "writable")]


def test_a_version_in_a_comment_behind_a_digest_is_its_tag() -> None:
    text = _resource("docker_image", f'name = "nginx@{DIGEST}" # 1.27')
    (finding,) = scanned("main.tf", text, formats=FORMATS).findings
    assert finding.reference is not None
    assert finding.reference.tag == "1.27"


def test_what_is_built_is_local() -> None:
    text = _resource("docker_image", 'name = "app:1"\nbuild {\ncontext = "."\n}')
    assert told("main.tf", text, formats=FORMATS) == [("app:1", "local")]


def test_reads_json() -> None:
    text = """{"resource": {"docker_image": {"a": {"name": "nginx:1"}, "b": [{"name": "${var.x}"}]},
        "x": {"y": {"image": "no"}}, "kubernetes_pod": {"p": {"spec": {"container": [{"image": "redis"}]}}}},
        "data": [{"docker_registry_image": {"d": {"name": "ubuntu"}}}]}"""
    assert told("main.tf.json", text, formats=FORMATS) == [
        ("nginx:1", "writable"),
        ("${var.x}", "variable"),
        ("redis", "writable"),
        ("ubuntu", "writable"),
    ]


def test_follows_variables_in_json_too() -> None:
    text = """{"variable": {"t": {"default": "1"}, "u": [{}]}, "locals": {"i": "redis:7"},
        "resource": {"docker_image": {"a": {"name": "nginx:${var.t}"}, "b": {"name": "${local.i}"},
        "c": {"name": "x:${var.u}"}, "d": {"name": "app", "build": {"context": "."}}}}}"""
    assert told("main.tf.json", text, formats=FORMATS) == [
        ("nginx:${var.t}", "writable"),
        ("${local.i}", "writable"),
        ("x:${var.u}", "variable"),
        ("app", "local"),
    ]


def test_a_here_document_that_is_neither_json_nor_yaml_is_named() -> None:
    text = _resource("aws_ecs_task_definition", 'container_definitions = <<E\n[{"image": "nginx"\nE')
    assert "could not be read" in scanned("main.tf", text, formats=FORMATS).skips[0].reason

"""Where the resources of Terraform's providers name images, and what each of them accepts.

A table of resource types and places below them: blocks, attributes and the keys of objects, joined by dots, those in
`jsonencode(…)` included. `*` is one name, `**` any number of them. An `image` of a resource that is not here may be the
disk of a machine, and is left alone. https://registry.terraform.io/browse/providers
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

_LAMBDA = "Lambda takes a tag or a digest, not both; write the digest in place of the tag to have it kept"
_APP_RUNNER = "App Runner takes an image by its tag only"
_CODEBUILD = "CodeBuild takes a tag or a digest, not both; write the digest in place of the tag to have it kept"
_SAGEMAKER = "SageMaker takes a tag or a digest, not both; write the digest in place of the tag to have it kept"
_APP_SERVICE = "the azurerm provider takes an image by its tag here"
_ON_THE_HOST = "an image that has to be on the host already is looked up here; nothing is pulled"


@dataclass(frozen=True, slots=True)
class Site:
    """A place in a kind of block: `resource` types that match `kind`, the `path` below, and why nothing may be written.

    `text` are routes into a JSON or YAML text that may stand there instead of an expression.
    """

    kind: str
    path: str
    refused: str | None = None
    text: tuple[str, ...] = ()
    block: str = "resource"


_ECS = ("[].image", "image")
_BATCH = ("image", "**.container.image", "**.containers[].image")
_OBJECTS = ("**.containers[].image", "**.initContainers[].image", "**.ephemeralContainers[].image")
_POD = "**.(container|init_container|ephemeral_container).image"

SITES = (
    # https://registry.terraform.io/providers/kreuzwerker/docker/latest/docs: name, tag and digest together
    Site("docker_image", "name"),
    Site("docker_remote_image", "name"),
    Site("docker_container", "image"),
    Site("docker_service", "task_spec.container_spec.image"),
    Site("docker_buildx_builder", "docker_container.image"),
    Site("docker_registry_image(_manifests)?", "name", block="data"),
    Site("docker_image", "name", _ON_THE_HOST, block="data"),
    # https://registry.terraform.io/providers/hashicorp/aws/latest/docs
    Site("aws_ecs_task_definition", "container_definitions", text=_ECS),
    Site("aws_ecs_task_definition", "container_definitions.image"),
    Site("aws_lambda_function", "image_uri", _LAMBDA),
    Site("aws_apprunner_service", "source_configuration.image_repository.image_identifier", _APP_RUNNER),
    Site("aws_batch_job_definition", "(container|node|ecs|eks)_properties", text=_BATCH),
    Site("aws_batch_job_definition", "(container|ecs|eks)_properties.**.image"),
    Site("aws_batch_job_definition", "node_properties.**.container.image"),
    Site("aws_lightsail_container_service_deployment_version", "container.image"),
    Site("aws_sagemaker_model", "(primary_container|container).image", _SAGEMAKER),
    Site("aws_codebuild_project", "environment.image", _CODEBUILD),
    # https://registry.terraform.io/providers/hashicorp/google/latest/docs
    Site("google_cloud_run_service", "template.spec.containers.image"),
    Site("google_cloud_run_v2_(service|job|worker_pool)", "template.**.containers.image"),
    Site("google_cloudbuild_trigger", "build.step.name"),
    Site("google_app_engine_flexible_app_version", "deployment.container.image"),
    Site("google_workstations_workstation_config", "container.image"),
    # https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs
    Site("azurerm_container_group", "(init_)?container.image"),
    Site("azurerm_container_app(_job)?", "template.(init_)?container.image"),
    Site("azurerm_linux_web_app(_slot)?", "site_config.application_stack.docker_image_name", _APP_SERVICE),
    # https://registry.terraform.io/providers/hashicorp/kubernetes/latest/docs
    Site("kubernetes_(?!manifest).*", _POD),
    Site("kubernetes_manifest", "manifest.**.(containers|initContainers|ephemeralContainers).image"),
    Site("kubectl_manifest", "yaml_body(_wo)?", text=_OBJECTS),
    Site("kubectl_manifest", "yaml_body(_wo)?.**.(containers|initContainers|ephemeralContainers).image"),
    # https://registry.terraform.io/providers/tehcyx/kind/latest/docs, …/pvotal-tech/k3d, …/ko-build/ko
    Site("kind_cluster", "node_image"),
    Site("kind_cluster", "kind_config.node.image"),
    Site("k3d_cluster", "image"),
    Site("ko_build", "base_image"),
    # https://registry.terraform.io/providers/scaleway/scaleway/latest/docs/resources/container
    Site("scaleway_container", "registry_image"),
    # https://registry.terraform.io/providers/fly-apps/fly/latest/docs/resources/machine
    Site("fly_machine", "image"),
)
# The first names of all places, so that other files are not parsed.
NEEDLES = (
    "image",
    "docker_registry_image",
    "step",
    "yaml_body",
    "container_definitions",
    "_properties",
    "docker_image",
)


@cache
def sites(block: str, kind: str) -> tuple[Site, ...]:
    """Return the places in a block of that type and kind."""
    return tuple(one for one in SITES if one.block == block and re.fullmatch(one.kind, kind))


def leads(site: Site, path: str) -> bool:
    """Whether a place is at the end of a path."""
    return _pattern(site.path).fullmatch(path) is not None


@cache
def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(path.replace(".", r"\.").replace(r"**\.", r"(?:[^.]+\.)*"))

"""Terraform and OpenTofu: https://developer.hashicorp.com/terraform/language/resources, with the resources of the
common providers that run containers (`_terraform_places`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pinbot.formats._base import About, Companions, Format
from pinbot.formats._hcl import Block, top
from pinbot.formats._hcl_embedded import embedded
from pinbot.formats._hcl_json import used_in_text
from pinbot.formats._hcl_kinds import Template
from pinbot.formats._hcl_tree import Tree, parsed
from pinbot.formats._hcl_values import Variables, findings
from pinbot.formats._hcl_walk import Leaf, leaves
from pinbot.formats._syntax_trees import MAX_BYTES
from pinbot.formats._terraform_json import resources, values
from pinbot.formats._terraform_module import module, variables
from pinbot.formats._terraform_places import NEEDLES, Site, leads, sites
from pinbot.formats._yaml import scan_documents
from pinbot.formats._yaml_stream import Document
from pinbot.formats._yaml_walk import Map
from pinbot.source.finding import Aside, Finding, Fixed, Skip, Writable, Yield
from pinbot.source.text import SourceFile

NAME = "terraform"
# https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-available.html: names that no registry knows
_CURATED = ("aws/codebuild/",)


def _scan(file: SourceFile, companions: Companions) -> Iterator[Yield]:
    if file.path.lower().endswith("json"):
        yield from scan_documents(file, lambda document: _read_json(document, companions))
        return
    tree = parsed(file)
    if isinstance(tree, Skip):
        yield tree
        return
    yield from _read(tree, module(tree, companions))
    if tree.skip:
        yield tree.skip


def _read(tree: Tree, known: Variables) -> Iterator[Yield]:
    for block in top(tree).blocks():
        places = sites(block.type, block.labels[0]) if block.labels else ()
        if places:
            for leaf in leaves(block):
                site = next((one for one in places if leads(one, leaf.where)), None)
                if site is not None:
                    yield from _at(block, leaf, site, known)


def _read_json(document: Document, companions: Companions) -> Iterator[Yield]:
    file = document.file
    known = variables(file, dict(values(document)), lambda: used_in_text(file), companions)
    for name, leaf, site in resources(document):
        for finding in findings(leaf.value, known, NAME, f"{name}.{leaf.where}"):
            yield _accepted(finding, site, built="build" in leaf.beside)


def _at(block: Block, leaf: Leaf, site: Site, known: Variables) -> Iterator[Yield]:
    where = ".".join((*((block.type,) if block.type == "data" else ()), *block.labels, leaf.where))
    if site.text:
        if isinstance(leaf.value, Template) and leaf.value.lines is not None:
            yield from embedded(leaf.value, Map.of(site.text), known, NAME, where)
        return
    for finding in findings(leaf.value, known, NAME, where):
        if not finding.text.startswith(_CURATED):
            yield _accepted(finding, site, built=next(block.blocks("build"), None) is not None)


def _accepted(finding: Finding, site: Site, built: bool) -> Finding:
    """Return a finding as the resource takes it."""
    standing = finding.standing
    if built:
        reason = "the name of what the build beside it makes"
        return replace(finding, standing=Aside("local", reason, standing.reference))
    if not isinstance(standing, Writable) or site.refused is None:
        return finding
    if standing.reference.digest and not standing.reference.tag:
        return finding
    return replace(finding, standing=Fixed(standing.reference, site.refused))


def _claims(path: str) -> bool:
    return path.lower().endswith((".tf", ".tofu", ".tf.json", ".tofu.json"))


FORMAT = Format(
    NAME,
    _scan,
    About(
        title="Terraform and OpenTofu",
        url="https://developer.hashicorp.com/terraform/language",
        files="`*.tf`, `*.tofu`, `*.tf.json`",
        places=(
            "`docker_image`, `docker_container`, `docker_service` and `docker_registry_image` of the Docker provider",
            "containers of the Kubernetes provider, `kubernetes_manifest` and `kubectl_manifest` included",
            "`container_definitions` of ECS, job definitions of AWS Batch, Lightsail, Cloud Run and Cloud Build",
            "Azure container groups and container apps",
            "`kind_cluster`, `k3d_cluster`, `ko_build`, `fly_machine`, `scaleway_container`",
            "defaults of `variable` and `locals` that end one reference, those in `variables.tf` beside it too",
        ),
        path="main.tf",
        example="""\
variable "nginx_tag" {
  default = "1.27"
}

resource "docker_image" "nginx" {
  name = "nginx:${var.nginx_tag}"
}

resource "kubernetes_pod_v1" "db" {
  metadata {
    name = "db"
  }
  spec {
    container {
      name  = "db"
      image = "postgres:16"
    }
  }
}
""",
        limits=(
            "an `image` of other resources may be the disk of a machine and is left alone",
            "inputs of modules are left alone: only the module knows which of them are images",
            "Lambda, SageMaker and CodeBuild take a tag or a digest, App Runner and Azure web apps a tag: refused",
            "a variable that is used more than once, or does not end the reference, is refused",
        ),
    ),
    claims=_claims,
    endings=frozenset({"tf", "tofu", "json"}),
    needles=(tuple(needle.encode() for needle in NEEDLES),),
    max_bytes=MAX_BYTES,
)

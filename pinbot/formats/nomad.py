"""Nomad jobs: https://developer.hashicorp.com/nomad/docs/job-specification, with the drivers that run images:
https://developer.hashicorp.com/nomad/docs/drivers/docker#image and
https://developer.hashicorp.com/nomad/plugins/drivers/podman#image.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pinbot.formats._base import About, Companions, Format
from pinbot.formats._hcl import Block, top
from pinbot.formats._hcl_json import expression_of
from pinbot.formats._hcl_kinds import Expression, Object, Template, cut
from pinbot.formats._hcl_tree import Tree, parsed
from pinbot.formats._hcl_uses import used_names
from pinbot.formats._hcl_values import Variables, findings
from pinbot.formats._hcl_walk import leaves
from pinbot.formats._nomad_json import tasks_of
from pinbot.formats._syntax_trees import MAX_BYTES
from pinbot.formats._terraform_module import declared
from pinbot.formats._yaml import scan_documents
from pinbot.formats._yaml_stream import Document
from pinbot.source.finding import Finding, Fixed, Skip, Writable, Yield
from pinbot.source.text import SourceFile

NAME = "nomad"
# https://developer.hashicorp.com/nomad/plugins/drivers; all others run programs or machines
_DRIVERS = ("docker", "podman", "containerd-driver", "containerd")
_SIDECAR = "sidecar_task"
# https://developer.hashicorp.com/nomad/docs/job-specification/connect
_META = ("connect.sidecar_image", "connect.gateway_image")
_TRANSPORT = "docker://"
# https://github.com/hashicorp/nomad-driver-podman/issues/354
_PODMAN = "the podman driver takes a tag or a digest, not both; write the digest in place of the tag to have it kept"


def _scan(file: SourceFile, _companions: Companions) -> Iterator[Yield]:
    if file.path.lower().endswith(".json"):
        yield from scan_documents(file, _read_json)
        return
    tree = parsed(file)
    if isinstance(tree, Skip):
        yield from [tree] if _is_named(file.path) else []
        return
    jobs = list(top(tree).blocks("job"))
    variables = _variables(tree)
    for job in jobs:
        yield from _read(job, f"job.{'.'.join(job.labels)}", variables)
    if tree.skip and (jobs or _is_named(file.path)):
        yield tree.skip


def _variables(tree: Tree) -> Variables:
    return Variables(
        tree.file,
        dict(declared(tree)),
        lambda name: f"-var {name.partition('.')[2]}=…",
        _why_unknown,
        lambda: used_names(tree),
    )


def _why_unknown(names: tuple[str, ...]) -> str:
    name = ".".join(names)
    return f"{name} has no value in this file" if names[0] in {"var", "local"} else f"{name} is known only to Nomad"


def _read(job: Block, where: str, variables: Variables) -> Iterator[Yield]:
    """Yield the images of the tasks in a block, at any depth."""
    stack = [(job, where)]
    while stack:
        block, where = stack.pop()
        if block.type in {"task", _SIDECAR}:
            yield from _task(block, where, variables)
        if block.type == "meta":
            yield from _meta(dict(block.attributes()), where, variables)
        meta = block.get("meta")
        if isinstance(meta, Object):
            yield from _meta(dict(meta.entries), f"{where}.meta", variables)
        inner = [(one, ".".join((where, one.type, *one.labels))) for one in block.blocks()]
        stack += reversed(inner)


def _task(task: Block, where: str, variables: Variables) -> Iterator[Finding]:
    driver = task.get("driver")
    name = variables.value(driver).text if driver else "docker" if task.type == _SIDECAR else ""
    if name in _DRIVERS:
        for leaf in leaves(task):
            if leaf.path == ("config", "image"):
                yield from _image(leaf.value, f"{where}.config.image", name, variables)


def _meta(entries: dict[str, Expression], where: str, variables: Variables) -> Iterator[Finding]:
    for key in _META:
        if key in entries:
            yield from _image(entries[key], f"{where}.{key}", "docker", variables)


def _image(value: Expression, where: str, driver: str, variables: Variables) -> Iterator[Finding]:
    plain = cut(value, _TRANSPORT, variables.file) or value
    for finding in findings(plain, variables, NAME, where):
        yield _accepted(finding, driver)


def _accepted(finding: Finding, driver: str) -> Finding:
    standing = finding.standing
    if driver != "podman" or not isinstance(standing, Writable):
        return finding
    if standing.reference.digest and not standing.reference.tag:
        return finding
    return replace(finding, standing=Fixed(standing.reference, _PODMAN))


def _read_json(document: Document) -> Iterator[Yield]:
    variables = Variables(document.file, {}, lambda name: name, _why_unknown, dict)
    for where, driver, node in tasks_of(document):
        value = expression_of(document, node)
        if driver in _DRIVERS and isinstance(value, Template):
            yield from _image(value, where, driver, variables)


def _is_named(path: str) -> bool:
    return path.lower().endswith((".nomad", ".nomad.hcl"))


def _claims(path: str) -> bool:
    """Claim what is named for Nomad, and other HCL that no other tool is known to read."""
    name = path.lower()
    if name.endswith(".json"):
        return name.endswith(".nomad.json")
    return not name.endswith((".pkr.hcl", ".lock.hcl")) and "bake" not in name.rpartition("/")[2]


FORMAT = Format(
    NAME,
    _scan,
    About(
        title="Nomad jobs",
        url="https://developer.hashicorp.com/nomad/docs/job-specification",
        files="`*.nomad`, `*.nomad.hcl`, `*.nomad.json`, and every other `*.hcl` with a `job` in it",
        places=(
            "`config.image` of tasks that run on docker, podman or containerd, `sidecar_task` included",
            "`connect.sidecar_image` and `connect.gateway_image` in `meta`",
            "defaults of `variable` blocks and `locals` that end one reference",
        ),
        path="web.nomad.hcl",
        example="""\
variable "tag" {
  default = "1.27"
}

job "web" {
  group "web" {
    task "nginx" {
      driver = "docker"
      config {
        image = "nginx:${var.tag}"
      }
    }
  }
}
""",
        limits=(
            "tasks of other drivers run no image and are left alone",
            "the podman driver takes a tag or a digest, not both: refused",
        ),
    ),
    claims=_claims,
    endings=frozenset({"nomad", "hcl", "json"}),
    needles=(b"image", (b"job", b"Job"), (b"task", b"Task")),
    max_bytes=MAX_BYTES,
)

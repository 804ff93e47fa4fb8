"""Packer templates: https://developer.hashicorp.com/packer/integrations/hashicorp/docker/latest/components/builder/docker."""

from __future__ import annotations

from collections.abc import Iterator

from pinbot.formats._base import About, Companions, Format
from pinbot.formats._claims import named
from pinbot.formats._hcl import Block, top
from pinbot.formats._hcl_tree import Tree, parsed
from pinbot.formats._hcl_uses import used_names
from pinbot.formats._hcl_values import Variables, findings
from pinbot.formats._syntax_trees import MAX_BYTES
from pinbot.formats._terraform_module import declared
from pinbot.source.finding import Skip, Yield
from pinbot.source.text import SourceFile

NAME = "packer"
_DOCKER = "docker"


def _scan(file: SourceFile, _companions: Companions) -> Iterator[Yield]:
    tree = parsed(file)
    if isinstance(tree, Skip):
        yield tree
        return
    variables = _variables(tree)
    for block in _sources(top(tree)):
        image = block.get("image")
        if image is not None:
            yield from findings(image, variables, NAME, f"source.{'.'.join(block.labels)}.image")
    if tree.skip:
        yield tree.skip


def _sources(file: Block) -> Iterator[Block]:
    """Yield the sources that start from an image, those that a build changes included."""
    for block in file.blocks():
        if block.type == "source" and block.labels[:1] == (_DOCKER,):
            yield block
        elif block.type == "build":
            yield from (one for one in block.blocks("source") if one.labels[0:1] and _is_docker(one.labels[0]))


def _is_docker(label: str) -> bool:
    return label.removeprefix("source.").startswith(f"{_DOCKER}.")


def _variables(tree: Tree) -> Variables:
    return Variables(
        tree.file,
        dict(declared(tree)),
        lambda name: f"-var {name.partition('.')[2]}=…",
        lambda names: f"{'.'.join(names)} has no value in this file",
        lambda: used_names(tree),
    )


FORMAT = Format(
    NAME,
    _scan,
    About(
        title="Packer templates",
        url="https://developer.hashicorp.com/packer/integrations/hashicorp/docker/latest/components/builder/docker",
        files="`*.pkr.hcl`",
        places=(
            "`image` of a `source` of the type `docker`",
            "defaults of `variable` blocks and `locals` of the same file that end one reference",
        ),
        path="app.pkr.hcl",
        example="""\
source "docker" "ubuntu" {
  image  = "ubuntu:24.04"
  commit = true
}

build {
  sources = ["source.docker.ubuntu"]
}
""",
        limits=("images of other builders are disks of machines and left alone",),
    ),
    claims=named(r".*\.pkr\.hcl"),
    endings=frozenset({"hcl"}),
    needles=(b"image", b"docker"),
    max_bytes=MAX_BYTES,
)

"""Ansible Builder: base images of execution environments
(https://ansible.readthedocs.io/projects/builder/en/latest/definition/#images)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pinbot.formats._base import OBJECT, About
from pinbot.formats._claims import YAML
from pinbot.formats._yaml import Route, yaml_format
from pinbot.formats._yaml_nodes import is_mapping, lookup

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node

# One of these stands in every definition that names an image.
_SECTIONS = ("images", "build_arg_defaults")


def _definition(root: Node) -> str | None:
    named = any(is_mapping(lookup(root, section)) for section in _SECTIONS)
    return "" if named and lookup(root, "version") is not None else None


FORMAT = yaml_format(
    "ansible-builder",
    about=About(
        title="Ansible Builder",
        url="https://ansible.readthedocs.io/projects/builder/en/latest/definition/#images",
        files="definitions of execution environments, whatever their name",
        places=(
            "`images.base_image.name` and `images.builder_image.name`",
            "`EE_BASE_IMAGE` and `EE_BUILDER_IMAGE` below `build_arg_defaults`",
        ),
        path="execution-environment.yml",
        example="""\
version: 3
images:
  base_image:
    name: quay.io/ansible/awx-ee:24.6.1
dependencies:
  galaxy: requirements.yml
""",
    ),
    endings=YAML,
    needles=(("image", "IMAGE"), "version", ("base_image", "builder_image", "EE_BASE_IMAGE", "EE_BUILDER_IMAGE")),
    never=(OBJECT,),
    document=_definition,
    routes=(
        Route("images.base_image.name"),
        Route("images.builder_image.name"),
        Route("build_arg_defaults.EE_BASE_IMAGE"),
        Route("build_arg_defaults.EE_BUILDER_IMAGE"),
    ),
)

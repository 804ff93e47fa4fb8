"""Molecule: the containers in which roles are tested (https://ansible.readthedocs.io/projects/molecule/configuration/)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from pinbot.formats._base import About
from pinbot.formats._claims import placed
from pinbot.formats._yaml import Route, yaml_format
from pinbot.formats._yaml_nodes import text_at
from pinbot.formats._yaml_scalar import literal
from pinbot.formats._yaml_walk import Place
from pinbot.source.finding import Fixed, Writable, Yield

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node

# Other drivers start machines, whose image is none of a container.
_DRIVERS = {"", "docker", "podman", "containers", "default"}
_YES = {"true", "yes", "on"}
_BUILT = (
    "Molecule builds molecule_local/… from it, a name that takes no digest; set pre_build_image: true to have it pinned"
)


def _driver(root: Node) -> str | None:
    return "" if text_at(root, "driver", "name") in _DRIVERS else None


def _read(place: Place, format_name: str, label: str) -> Iterator[Yield]:
    for finding in literal(place, format_name, label):
        standing = finding.standing
        built = text_at(place.above[-1], "pre_build_image").lower() not in _YES
        if built and isinstance(standing, Writable) and not standing.reference.digest:
            yield replace(finding, standing=Fixed(standing.reference, _BUILT))
        else:
            yield finding


FORMAT = yaml_format(
    "molecule",
    about=About(
        title="Molecule",
        url="https://ansible.readthedocs.io/projects/molecule/configuration/",
        files="`molecule/*/molecule.yml`",
        places=("`image` of a platform, for the drivers that start containers",),
        path="molecule/default/molecule.yml",
        example="""\
driver:
  name: podman
platforms:
  - name: instance
    image: quay.io/centos/centos:stream9
    pre_build_image: true
""",
        limits=(
            "without `pre_build_image: true` Molecule builds an image of that name, which takes no digest: refused",
            "`${NAME:-default}` is `variable`",
        ),
    ),
    claims=placed(r"(?:.*/)?molecule/[^/]+/molecule\.ya?ml"),
    needles=("platforms", "image"),
    document=_driver,
    routes=(Route("platforms[].image", _read),),
)

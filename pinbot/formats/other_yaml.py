"""Image references in YAML files that no other format knows: shown, so that nobody is surprised, and left alone.

What reads such a file is unknown, and so is whether it takes a digest; a person can say so with a marked line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from pinbot.formats._base import About
from pinbot.formats._yaml import Route, yaml_format
from pinbot.formats._yaml_nodes import lookup
from pinbot.formats._yaml_scalar import literal
from pinbot.formats._yaml_walk import Place
from pinbot.source.finding import Finding, Fixed, Writable

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node

_UNKNOWN = "what reads this file is unknown; say that it takes a digest with `# pinbot: image` on the line"
# Keys at the top of documents whose `image` is text: objects that Kubernetes reads, and descriptions of interfaces.
_OTHERS = ("kind", "openapi", "swagger", "asyncapi", "$schema", "$id")


def _claims(path: str) -> bool:
    """Leave out hidden files and folders: they belong to tools, which have formats of their own or run no images."""
    return not any(part.startswith(".") for part in path.split("/"))


def _label(root: Node) -> str | None:
    return None if any(lookup(root, key) is not None for key in _OTHERS) else ""


def _read(place: Place, format_name: str, label: str) -> Iterator[Finding]:
    """Yield a reference that can be nothing else: with a tag or a digest, and written out."""
    for finding in literal(place, format_name, label):
        standing = finding.standing
        if isinstance(standing, Writable) and (standing.reference.tag or standing.reference.digest):
            yield replace(finding, standing=Fixed(standing.reference, _UNKNOWN))


FORMAT = yaml_format(
    "other-yaml",
    about=About(
        title="Other YAML files",
        url="https://yaml.org/spec/1.2.2/",
        files="every YAML file that no other format knows by its path, and in which none finds anything",
        places=("`image:` with a reference that has a tag or a digest; shown as unpinned, and never changed",),
        path="config/runners.yaml",
        example="""\
runners:
  - name: small
    image: ghcr.io/acme/runner:2.3
""",
        limits=("a marked line (`# pinbot: image`) is pinned; a reference without tag or digest is not even shown",),
    ),
    routes=(Route("**.image", _read),),
    closed=("**.example", "**.examples", "**.properties", "**.definitions", "**.openAPIV3Schema"),
    claims=_claims,
    needles=("image:",),
    document=_label,
    general=True,
    fallback=True,
)

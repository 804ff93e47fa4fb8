"""vendir: images and bundles whose files are fetched (https://carvel.dev/vendir/docs/latest/vendir-spec/)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pinbot.formats._base import About
from pinbot.formats._claims import named
from pinbot.formats._objects import below
from pinbot.formats._yaml import Route, yaml_format
from pinbot.formats._yaml_nodes import is_scalar, lookup, text_at
from pinbot.formats._yaml_scalar import literal, scalar_finding, text_of
from pinbot.formats._yaml_walk import Place
from pinbot.oci.reference import Reference
from pinbot.source.finding import Aside, Finding

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node

_SELECTED = "vendir selects the tag by `tagSelection` while it runs"


def _label(root: Node) -> str | None:
    api, kind = text_at(root, "apiVersion"), text_at(root, "kind")
    return kind if api.startswith("vendir.k14s.io/") and kind == "Config" else None


def _content(place: Place, format_name: str, label: str) -> Iterator[Finding]:
    """Yield the image of one of the contents, unless its tag is selected while vendir runs."""
    found = below(place, "url") or below(place, "image")
    if found is None:
        return
    if lookup(place.node, "tagSelection") is None or not is_scalar(found.node):
        yield from literal(found, format_name, label)
        return
    text = text_of(place.document, found.node)
    aside = Aside("variable", _SELECTED, Reference.parse_or_none(text.value))
    yield scalar_finding(place.document.file, format_name, f"{label} {found.where}", text.span, aside)


FORMAT = yaml_format(
    "vendir",
    about=About(
        title="vendir",
        url="https://carvel.dev/vendir/docs/latest/vendir-spec/",
        files="`vendir.yml`",
        places=("`image.url` and `imgpkgBundle.image` of the contents of a directory",),
        path="vendir.yml",
        example="""\
apiVersion: vendir.k14s.io/v1alpha1
kind: Config
directories:
  - path: vendor
    contents:
      - path: app
        imgpkgBundle:
          image: ghcr.io/acme/app-bundle:1.2.0
""",
        limits=(
            "with `tagSelection` the tag is `variable`",
            "`vendir.lock.yml` is written by vendir and is not read; run `vendir sync` behind a change",
            "charts, git repositories and releases are no images",
        ),
    ),
    claims=named(r"vendir(?!\.lock)(?:[._-].*)?\.ya?ml"),
    needles=("vendir.k14s.io", "image"),
    document=_label,
    routes=(
        Route("directories[].contents[].image", _content),
        Route("directories[].contents[].imgpkgBundle", _content),
    ),
)

"""Kamal: what an application is deployed with (https://kamal-deploy.org/docs/configuration/accessories/)."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from pinbot.formats._base import About
from pinbot.formats._claims import placed
from pinbot.formats._joined import Piece, joined
from pinbot.formats._yaml import Route, yaml_format
from pinbot.formats._yaml_nodes import is_null, is_scalar, lookup, pairs, text_at
from pinbot.formats._yaml_scalar import filled_in, literal, literal_standing, scalar_finding, text_of
from pinbot.formats._yaml_walk import Place
from pinbot.oci.reference import Reference
from pinbot.source.finding import Aside, BuildContext, Fixed, Published, Standing, Writable, Yield

NAME = "kamal"


def _accessory(place: Place, _format_name: str, label: str) -> Iterator[Yield]:
    """Yield the image of an accessory, which may have a registry of its own."""
    server, node = lookup(lookup(place.above[-1], "registry"), "server"), place.node
    if not is_scalar(server) or is_null(server) or not is_scalar(node) or is_null(node):
        yield from literal(place, NAME, label)
        return
    document = place.document
    registry, image = text_of(document, server), text_of(document, node)
    standing: Standing = filled_in(registry.value) or literal_standing(document.file, node, image)
    if isinstance(standing, Writable):
        standing = joined(
            [Piece("", registry.value, registry.span.start, "/"), Piece("", image.value, image.span.start)]
        )
        if registry.problem and isinstance(standing, Writable):
            standing = Fixed(standing.reference, registry.problem)
    yield scalar_finding(document.file, NAME, place.where, image.span, standing)


def _application(place: Place, _format_name: str, _label: str) -> Iterator[Yield]:
    """Yield what Kamal builds and pushes, and what it sets for the build."""
    document, root = place.document, place.document.root
    if not is_scalar(place.node) or is_null(place.node) or not text_at(root, "service"):
        return
    text = text_of(document, place.node)
    server = text_at(root, "registry", "server")
    name = f"{server}/{text.value}" if server else text.value
    reference = None if filled_in(name) else Reference.parse_or_none(name)
    standing = filled_in(text.value) or Aside("local", "the name of what Kamal builds and pushes", reference)
    yield scalar_finding(document.file, NAME, place.where, text.span, standing)
    here = f"{document.file.path}:{document.file.position(text.span.start).line}"
    if reference:
        yield Published(reference.registry, reference.path, here)
    yield from _build(place, here)


def _build(place: Place, here: str) -> Iterator[Yield]:
    builder = lookup(place.document.root, "builder")
    arguments = frozenset(str(key.value) for key, _ in pairs(lookup(builder, "args")))
    name = text_at(builder, "dockerfile") or "Dockerfile"
    if arguments and not filled_in(name) and not name.startswith("/"):
        # Paths are relative to the application, one folder above config/.
        top = posixpath.dirname(posixpath.dirname(place.document.file.path))
        yield BuildContext(posixpath.normpath(posixpath.join(top, name)), frozenset(), arguments, here)


FORMAT = yaml_format(
    NAME,
    about=About(
        title="Kamal",
        url="https://kamal-deploy.org/docs/configuration/accessories/",
        files="`config/deploy.yml` and `config/deploy.*.yml`",
        places=("`image` of an accessory, with its own `registry.server`",),
        path="config/deploy.yml",
        example="""\
service: shop
image: acme/shop
accessories:
  db:
    image: postgres:16
    host: 192.0.2.10
""",
        limits=(
            "`image` of the application is the name of what is built: `local`",
            "`builder.args` sets the arguments of the Dockerfile",
        ),
    ),
    claims=placed(r"(?:.*/)?config/deploy(?:\.[^/]+)?\.ya?ml"),
    needles=("image",),
    routes=(Route("accessories.*.image", _accessory), Route("image", _application)),
)

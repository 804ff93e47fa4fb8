"""Home Assistant: base images of add-ons (https://developers.home-assistant.io/docs/add-ons/configuration)."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from pinbot.formats._base import About, Companions, Format
from pinbot.formats._claims import YAML_AND_JSON, named
from pinbot.formats._yaml import scan_documents
from pinbot.formats._yaml_nodes import is_mapping, is_null, is_scalar, is_sequence, lookup, pairs
from pinbot.formats._yaml_scalar import literal, literal_standing, scalar_finding, text_of
from pinbot.formats._yaml_stream import Document
from pinbot.formats._yaml_walk import Place
from pinbot.oci.reference import Reference
from pinbot.source.finding import Aside, BuildContext, Finding, Fixed, Published, Writable, Yield
from pinbot.source.text import SourceFile

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node

NAME = "home-assistant"
# What every add-on's configuration has (https://developers.home-assistant.io/docs/add-ons/configuration#required-configuration-options).
_REQUIRED = ("name", "version", "slug", "description", "arch")
_CONFIGS = ("config.yaml", "config.yml", "config.json")
_ARCH = "{arch}"
_SUPERVISOR = (
    "the Supervisor, which builds this add-on where it is installed, accepts no digest in build_from;"
    " write the image into FROM of the Dockerfile to have it pinned"
)


def _scan(file: SourceFile, companions: Companions) -> Iterator[Yield]:
    builds = posixpath.basename(file.path).lower().startswith("build")

    def read(document: Document) -> Iterator[Yield]:
        return _build(document, companions) if builds else _config(document)

    yield from scan_documents(file, read, ("build_from",) if builds else ("slug", "image"))


def _build(document: Document, companions: Companions) -> Iterator[Yield]:
    """Yield the base image of each architecture, and what is set for the Dockerfile beside the file."""
    base = lookup(document.root, "build_from")
    if not is_mapping(base) and not is_scalar(base):
        return
    published = lookup(document.root, "image") is not None or _is_published(document.file.path, companions)
    arches = [str(key.value) for key, _ in pairs(base)]
    images: list[tuple[tuple[str, ...], Node]] = [(("build_from", str(key.value)), value) for key, value in pairs(base)]
    for path, node in images or [(("build_from",), base)]:
        for finding in literal(Place(document, path, node, ()), NAME, ""):
            yield finding if published else _refused(finding)
    line = document.file.position(document.span(base).start).line
    arguments = frozenset({"BUILD_FROM", *(str(key.value) for key, _ in pairs(lookup(document.root, "args")))})
    folder = posixpath.dirname(document.file.path)
    for name in ("Dockerfile", *(f"Dockerfile.{arch}" for arch in arches)):
        yield BuildContext(posixpath.join(folder, name), frozenset(), arguments, f"{document.file.path}:{line}")


def _is_published(path: str, companions: Companions) -> bool:
    """Whether the add-on is built by its authors and downloaded: its configuration names the image."""
    for name in _CONFIGS:
        config = companions(posixpath.join(posixpath.dirname(path), name))
        if config is not None:
            return any(
                "image" in line.partition(":")[0] for line in config.text.splitlines() if not line.startswith("#")
            )
    return False


def _refused(finding: Finding) -> Finding:
    standing = finding.standing
    if isinstance(standing, Writable) and not standing.reference.digest:
        return replace(finding, standing=Fixed(standing.reference, _SUPERVISOR))
    return finding


def _config(document: Document) -> Iterator[Yield]:
    """Yield the image that an add-on is published as."""
    image = lookup(document.root, "image")
    if not is_scalar(image) or is_null(image) or any(lookup(document.root, key) is None for key in _REQUIRED):
        return
    text = text_of(document, image)
    name = text.value.replace(_ARCH, "amd64")
    reference = Reference.parse_or_none(name)
    aside = Aside(
        "local", "the name under which this add-on is published", reference if _ARCH not in text.value else None
    )
    standing = aside if reference else literal_standing(document.file, image, text)
    yield scalar_finding(document.file, NAME, "image", text.span, standing)
    place = f"{document.file.path}:{document.file.position(text.span.start).line}"
    for arch in _arches(lookup(document.root, "arch")) if reference else ():
        made = Reference.parse_or_none(text.value.replace(_ARCH, arch))
        if made:
            yield Published(made.registry, made.path, place)


def _arches(node: Node | None) -> list[str]:
    return list(dict.fromkeys(str(one.value) for one in node.value if is_scalar(one))) if is_sequence(node) else []


FORMAT = Format(
    NAME,
    _scan,
    About(
        title="Home Assistant add-ons",
        url="https://developers.home-assistant.io/docs/add-ons/configuration",
        files="`build.yaml` and `build.json` with a `build_from`, and the `config.yaml` of an add-on beside them",
        places=("`build_from`, for each architecture",),
        path="web/build.yaml",
        example="""\
image: acme/{arch}-web
build_from:
  aarch64: ghcr.io/home-assistant/aarch64-base:3.20
  amd64: ghcr.io/home-assistant/amd64-base:3.20
""",
        limits=(
            "the Supervisor accepts no digest in `build_from`: refused, unless the add-on is published as an image",
            "`image` of an add-on is the name of what is published: `local`",
            "`BUILD_FROM` and `args` set the arguments of the Dockerfile beside the file",
        ),
    ),
    claims=named(r"(?:build|config)\.(?:ya?ml|json)"),
    endings=YAML_AND_JSON,
    needles=((b"build_from", b"slug"),),
)

"""The services of a compose file, and which of them compose builds itself.

A build may stand in the service, in one that it extends
(https://docs.docker.com/reference/compose-file/services/#extends), or in the override file that compose lays over this
one unasked (https://docs.docker.com/compose/how-tos/multiple-compose-files/merge/).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pinbot.formats._base import MAX_BYTES, Companions
from pinbot.formats._yaml_nodes import is_null, is_scalar, lookup, pairs, text_at
from pinbot.formats._yaml_stream import Document, parts

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node

# What stands at the top of a file without being a service of version 1.
_NO_SERVICES = {"configs", "include", "models", "name", "networks", "secrets", "services", "version", "volumes"}
# https://docs.docker.com/reference/compose-file/merge/#reset-value
_RESET = "!reset"
# Compose has no limit but refuses circles; the longest chains that people write have three or four services.
_MAX_STEPS = 10
_LAID_TOGETHER = re.compile(r"((?:docker-)?compose)(\.override)?\.ya?ml")


@dataclass(frozen=True, slots=True)
class Service:
    """A service by its name."""

    name: str
    node: Node

    @property
    def image(self) -> Node | None:
        """What stands under `image`."""
        return stated(lookup(self.node, "image"))

    @property
    def build(self) -> Node | None:
        """What stands under `build`."""
        return stated(lookup(self.node, "build"))


def stated(node: Node | None) -> Node | None:
    """Return a value, None where it says nothing or takes back what another file says."""
    return None if node is None or node.tag == _RESET or is_null(node) else node


def services(root: Node) -> list[Service]:
    """Return the services of a document; none where it is something else that has the name of a compose file."""
    if text_at(root, "apiVersion") and text_at(root, "kind"):
        return []
    below = lookup(root, "services")
    if below is not None:
        return [Service(str(key.value), node) for key, node in pairs(below)]
    top = [Service(str(key.value), node) for key, node in pairs(root) if key.value not in _NO_SERVICES]
    return [one for one in top if not one.name.startswith("x-") and (one.image is not None or one.build is not None)]


def builders(document: Document, companions: Companions) -> dict[str, str]:
    """Return the names of the services that are built, each with the place of its build in words."""
    family = _Family(document, companions)
    found = ((service.name, family.builder(service.name)) for service in services(document.root))
    return {name: builder for name, builder in found if builder is not None}


class _Family:
    """A compose file with the files that it names or that are laid over it, each read when it is asked for."""

    def __init__(self, document: Document, companions: Companions) -> None:
        self._path = document.file.path
        self._companions = companions
        self._read = {self._path: _by_name(document)}

    def builder(self, name: str) -> str | None:
        """Say where a service of the file is built, None where it is not."""
        for path in (self._path, *_laid_together(self._path)):
            builder = self._followed(path, name)
            if builder is not None:
                return builder
        return None

    def _followed(self, path: str, name: str) -> str | None:
        """Follow `extends` from a service on to one that has a build."""
        first = (self._path, name)
        for _ in range(_MAX_STEPS):
            service = self._services(path).get(name)
            if service is None:
                return None
            if service.build is not None:
                return "beside it" if (path, name) == first else f"of service {name} in {path}"
            path, name = _extended(path, service)
        return None

    def _services(self, path: str) -> Mapping[str, Service]:
        if path not in self._read:
            self._read[path] = dict(self._other(path))
        return self._read[path]

    def _other(self, path: str) -> Iterator[tuple[str, Service]]:
        file = None if path.startswith("../") else self._companions(path)
        found = parts(file) if file and len(file.text) <= MAX_BYTES else ()
        for part in found:
            for document in part.filled.documents:
                yield from _by_name(document).items()


def _by_name(document: Document) -> dict[str, Service]:
    return {service.name: service for service in services(document.root)}


def _extended(path: str, service: Service) -> tuple[str, str]:
    """Return file and name of what a service extends; no name where it extends nothing."""
    extends = lookup(service.node, "extends")
    name = str(extends.value) if is_scalar(extends) else text_at(extends, "service")
    file = text_at(extends, "file")
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), file)) if file else path, name


def _laid_together(path: str) -> Iterator[str]:
    """Yield the paths of the files that compose merges with one of this name."""
    folder, name = posixpath.split(path)
    match = _LAID_TOGETHER.fullmatch(name)
    if match:
        other = f"{match[1]}{'' if match[2] else '.override'}"
        yield from (posixpath.join(folder, f"{other}.{ending}") for ending in ("yml", "yaml"))

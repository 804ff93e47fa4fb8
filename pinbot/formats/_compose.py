"""The services of a compose file, and the findings in them: https://docs.docker.com/reference/compose-file/services/.

Files of version 1 are read too, where the services stand at the top
(https://docs.docker.com/reference/compose-file/legacy-versions/).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from pinbot.formats._base import Companions
from pinbot.formats._build_arguments import Builds
from pinbot.formats._compose_build import builds
from pinbot.formats._compose_project import Project
from pinbot.formats._compose_services import Service, services, stated
from pinbot.formats._yaml_nodes import is_mapping, is_sequence, lookup, text_at
from pinbot.formats._yaml_scalar import scalar_finding
from pinbot.formats._yaml_stream import Document
from pinbot.oci.platform import Platform
from pinbot.oci.reference import Reference
from pinbot.source.finding import Aside, Finding, Standing, Yield

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node

_SCRATCH = "the empty image"


def read(document: Document, companions: Companions, format_name: str) -> Iterator[Yield]:
    """Yield what a compose document holds, and who reads the `.env` file beside it."""
    project = Project(document, companions)
    yield from _Reader(project, format_name).findings()
    yield from project.uses()


class _Reader:
    """Reads the services of one document."""

    def __init__(self, project: Project, format_name: str) -> None:
        self._project, self._format = project, format_name
        self._services = services(project.document.root)
        builders = project.builders
        self._by_build = {id(s.image): builders[s.name] for s in self._services if s.name in builders}
        self._built = {
            (made.registry, made.path, made.effective_tag): service.name
            for service in self._services
            if service.name in builders and (made := self._made(service))
        }

    def findings(self) -> Iterator[Yield]:
        arguments = Builds(self._project.file, self._format)
        for service in self._services:
            if service.image is not None:
                platform = Platform.parse(self._project.filled(text_at(service.node, "platform")) or "")
                yield from self._finding(service.image, f"{self._where(service)}.image", platform)
            yield from self._volumes(service)
            if service.build is not None:
                yield from builds(self._project, service.name, service.build, self._format, arguments)
        yield from arguments.findings()

    def _where(self, service: Service) -> str:
        return f"services.{service.name}" if lookup(self._project.document.root, "services") else service.name

    def _volumes(self, service: Service) -> Iterator[Finding]:
        """Yield the volumes that are images (https://docs.docker.com/reference/compose-file/services/#volumes)."""
        volumes = lookup(service.node, "volumes")
        for index, volume in enumerate(volumes.value if is_sequence(volumes) else ()):
            source = stated(lookup(volume, "source") or lookup(volume, "src"))
            if is_mapping(volume) and text_at(volume, "type") == "image" and source is not None:
                yield from self._finding(source, f"{self._where(service)}.volumes[{index}].source", None)

    def _finding(self, node: Node, where: str, platform: Platform | None) -> Iterator[Finding]:
        text = self._project.text_of(node)
        if text is None:
            return
        standing = self._local(node, text.value) or self._project.standing(node, text)
        finding = scalar_finding(self._project.file, self._format, where, text.span, standing)
        yield replace(finding, platform=platform, variables=self._project.variables(text))

    def _local(self, node: Node, value: str) -> Standing | None:
        """Say that a name is no image of a registry, None where it may be one."""
        reference = self._project.reference(value)
        if value == "scratch":
            return Aside("local", _SCRATCH, reference)
        if id(node) in self._by_build:
            return Aside("local", f"the name of what the build {self._by_build[id(node)]} makes", reference)
        maker = self._built.get((reference.registry, reference.path, reference.effective_tag)) if reference else None
        return Aside("local", f"service {maker} builds this image", reference) if maker else None

    def _made(self, service: Service) -> Reference | None:
        text = self._project.text_of(service.image) if service.image else None
        return self._project.reference(text.value) if text else None

"""The `.env` file of a compose project: what it sets, and who reads that.

https://docs.docker.com/compose/how-tos/environment-variables/variable-interpolation/#env-file
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from pinbot.formats._base import Companions
from pinbot.formats._compose_services import Service, services
from pinbot.formats._interpolation import Setting, dotenv, dotenv_uses
from pinbot.formats._yaml_nodes import is_scalar, is_sequence, lookup, text_at
from pinbot.formats._yaml_stream import Document
from pinbot.source.finding import Use

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node


class EnvFile:
    """The `.env` file beside a compose file; empty where there is none."""

    def __init__(self, compose_path: str, companions: Companions) -> None:
        self.path = f"{compose_path.rpartition('/')[0]}/.env".lstrip("/")
        self._companions = companions

    @cached_property
    def settings(self) -> Mapping[str, Setting]:
        """What the file sets, by name."""
        return dotenv(self._text)

    @cached_property
    def values(self) -> Mapping[str, str]:
        """The values that the file sets."""
        return {name: setting.value for name, setting in self.settings.items()}

    @cached_property
    def _text(self) -> str:
        file = self._companions(self.path)
        return file.text if file else ""

    def uses(self, document: Document, read: list[tuple[Node, str]]) -> Iterator[Use]:
        """Yield who reads the values: variables of the document, containers that get them all, the file itself.

        `read` are the variables that the document uses, each with its node.
        """
        for node, name in read:
            yield from self._use(name, _place(document, node))
        for service in services(document.root):
            for node in self._passed_on(document, service):
                for name in self.settings:
                    yield from self._use(name, _place(document, node))
        for name, line in dotenv_uses(self._text):
            yield from self._use(name, f"{self.path}:{line}")

    def _use(self, name: str, place: str) -> Iterator[Use]:
        setting = self.settings.get(name)
        if setting and setting.span:
            yield Use(self.path, setting.span, place)

    def _passed_on(self, document: Document, service: Service) -> Iterator[Node]:
        """Yield where a service passes the file on to its container."""
        files, folder = lookup(service.node, "env_file"), posixpath.dirname(document.file.path)
        for node in files.value if is_sequence(files) else [files] if files else []:
            path = str(node.value) if is_scalar(node) else text_at(node, "path")
            if path and posixpath.normpath(posixpath.join(folder, path)) == self.path:
                yield node


def _place(document: Document, node: Node) -> str:
    at = document.file.position(document.span(node).start)
    return f"{document.file.path}:{at.line}:{at.column}"

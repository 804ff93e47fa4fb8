"""The tasks of a Nomad job in JSON: https://developer.hashicorp.com/nomad/api-docs/json-jobs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pinbot.formats._yaml_nodes import is_scalar, is_sequence, lookup, text_at
from pinbot.formats._yaml_stream import Document

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node


def tasks_of(document: Document) -> Iterator[tuple[str, str, Node]]:
    """Yield the place, the driver and the image of every task of a job."""
    job = lookup(document.root, "Job") or document.root
    for number, group in enumerate(_items(lookup(job, "TaskGroups"))):
        for inner, task in enumerate(_items(lookup(group, "Tasks"))):
            image = lookup(lookup(task, "Config"), "image")
            if image is not None and is_scalar(image):
                yield f"TaskGroups[{number}].Tasks[{inner}].Config.image", text_at(task, "Driver"), image
        for service in _items(lookup(group, "Services")):
            sidecar = lookup(lookup(service, "Connect"), "SidecarTask")
            image = lookup(lookup(sidecar, "Config"), "image")
            if image is not None and is_scalar(image):
                where = f"TaskGroups[{number}].Services.Connect.SidecarTask.Config.image"
                yield where, text_at(sidecar, "Driver") or "docker", image


def _items(node: Node | None) -> list[Node]:
    return list(node.value) if is_sequence(node) else []

"""Makes the manifests, indexes and configurations that the fake registry serves, from a few words.

The shapes are those of https://github.com/opencontainers/image-spec; the layers they name do not exist.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"


@dataclass(frozen=True, slots=True)
class Stored:
    """Some bytes with the media type they are served under."""

    media_type: str
    content: bytes

    @property
    def digest(self) -> str:
        """Their digest, `sha256:…`."""
        return digest_of(self.content)


def digest_of(content: bytes) -> str:
    """Return `sha256:…` of some bytes."""
    return f"sha256:{sha256(content).hexdigest()}"


def image(
    platform: str,
    created: str | None,
    labels: Mapping[str, str] | None,
    seed: str,
    docker: bool = False,
    settings: Mapping[str, Any] | None = None,
) -> tuple[Stored, Stored]:
    """Return the manifest and the configuration of one image; `docker` asks for Docker's media types.

    `settings` are those of the configuration as it writes them: `{"User": "nonroot"}`.
    """
    os, architecture, *variant = platform.split("/")
    configuration: dict[str, Any] = {"os": os, "architecture": architecture}
    if variant:
        configuration["variant"] = variant[0]
    if created:
        configuration["created"] = created
    configuration["config"] = {"Labels": dict(labels or {}), "Cmd": ["/bin/true"], **(settings or {})}
    layer = f"{platform} {seed}".encode()
    configuration["rootfs"] = {"type": "layers", "diff_ids": [digest_of(layer)]}
    config = Stored(CONFIG, _json(configuration))
    media_type = DOCKER_MANIFEST if docker else MANIFEST
    layers = [{"mediaType": LAYER, "digest": digest_of(layer), "size": len(layer)}]
    body = {"schemaVersion": 2, "mediaType": media_type, "config": _descriptor(config), "layers": layers}
    return Stored(media_type, _json(body)), config


def index(
    children: Sequence[tuple[str, Stored]], docker: bool = False, more: Sequence[Mapping[str, Any]] = ()
) -> Stored:
    """Return an index over manifests, each with its platform, and `more` entries as they are."""
    media_type = DOCKER_LIST if docker else INDEX
    entries = []
    for platform, child in children:
        os, architecture, *variant = platform.split("/")
        where = {"os": os, "architecture": architecture} | ({"variant": variant[0]} if variant else {})
        entries.append({**_descriptor(child), "platform": where})
    return Stored(media_type, _json({"schemaVersion": 2, "mediaType": media_type, "manifests": [*entries, *more]}))


def _descriptor(stored: Stored) -> dict[str, Any]:
    return {"mediaType": stored.media_type, "digest": stored.digest, "size": len(stored.content)}


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()

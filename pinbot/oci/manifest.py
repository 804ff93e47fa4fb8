"""What a registry serves under a tag or digest: one image's manifest, or an index over several.

OCI image spec (https://github.com/opencontainers/image-spec/blob/main/manifest.md, image-index.md) and
Docker's twins of both (https://distribution.github.io/distribution/spec/manifest-v2-2/).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pinbot.oci.digest import Digest
from pinbot.oci.platform import Platform

OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"

INDEX_TYPES = frozenset({OCI_INDEX, DOCKER_LIST})
MANIFEST_TYPES = frozenset({OCI_MANIFEST, DOCKER_MANIFEST})
# All four are asked for, always: a registry that is not offered the index converts or picks one child.
ACCEPTED = (OCI_INDEX, DOCKER_LIST, OCI_MANIFEST, DOCKER_MANIFEST)


@dataclass(frozen=True, slots=True)
class Descriptor:
    """A pointer to content: its type, digest and size in bytes, and for a child of an index its platform."""

    media_type: str
    digest: Digest
    size: int
    platform: Platform | None = None
    annotations: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_attestation(self) -> bool:
        """Whether this child holds statements about its siblings (BuildKit marks them `unknown/unknown`)."""
        return self.platform is not None and (self.platform.os, self.platform.architecture) == ("unknown", "unknown")


@dataclass(frozen=True, slots=True)
class Manifest:
    """One image: the descriptor of its configuration, its layers from the lowest up, and remarks."""

    media_type: str
    digest: Digest
    config: Descriptor
    layers: tuple[Descriptor, ...] = ()
    annotations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Index:
    """Several images under one name, usually one for each platform."""

    media_type: str
    digest: Digest
    manifests: tuple[Descriptor, ...]

    @property
    def images(self) -> tuple[Descriptor, ...]:
        """The children that are images, without attestations."""
        return tuple(child for child in self.manifests if not child.is_attestation)

"""What is said of an image by those who built it: its packages, and from what and where it was made.

BuildKit attaches statements to an index as further children (https://docs.docker.com/build/metadata/attestations/):
a manifest for `unknown/unknown` whose layers are in-toto statements (https://github.com/in-toto/attestation). All of it
is the builder's word; nothing here is verified.
"""

from __future__ import annotations

from dataclasses import dataclass

from pinbot.oci.digest import Digest
from pinbot.oci.manifest import Descriptor, Index

# https://github.com/moby/buildkit/blob/master/docs/attestations/attestation-storage.md
REFERENCE_TYPE, REFERENCE_DIGEST = "vnd.docker.reference.type", "vnd.docker.reference.digest"
ATTESTATION_MANIFEST = "attestation-manifest"


@dataclass(frozen=True, slots=True, order=True)
class Package:
    """A package in an image; `kind` is the type of its package URL (`deb`, `apk`, `pypi`), empty where it has none."""

    name: str
    version: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Who built an image (`builder`, an identifier), from which repository and revision; empty where it is not said."""

    builder: str = ""
    source: str = ""
    revision: str = ""


@dataclass(frozen=True, slots=True)
class Statements:
    """What is attached to one image.

    `packages` are None where there is no list of them, sorted and each once otherwise. `problems` are sentences on what
    was attached and could not be read, or is about another image.
    """

    packages: tuple[Package, ...] | None = None
    provenance: Provenance | None = None
    problems: tuple[str, ...] = ()


def statements_about(image: Digest, index: Index) -> Descriptor | None:
    """Return the child of an index that holds the statements about one of its images."""
    return next(
        (
            child
            for child in index.manifests
            if child.annotations.get(REFERENCE_DIGEST) == str(image)
            and child.annotations.get(REFERENCE_TYPE) == ATTESTATION_MANIFEST
        ),
        None,
    )

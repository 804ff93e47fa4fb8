"""Writes statements about images as builders do: SPDX, CycloneDX and SLSA provenance in in-toto statements.

The shapes are those of BuildKit with its scanner (syft), by their documentation:
https://github.com/moby/buildkit/blob/master/docs/attestations/. A Statement may also be what no builder writes.

    Statement(SPDX, spdx([Package("zlib", "1.3", "apk")]))
    Statement(SLSA_1, provenance_1(Provenance("https://ci.example/1", "https://forge.example/a/b", "0a1b2c")))
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pinbot.oci.statement import Package, Provenance
from tests.fakes.images import CONFIG, MANIFEST, Stored, digest_of

IN_TOTO, ENVELOPE = "application/vnd.in-toto+json", "application/vnd.dsse.envelope.v1+json"
SPDX, CYCLONEDX = "https://spdx.dev/Document", "https://cyclonedx.org/bom"
SLSA_02, SLSA_1 = "https://slsa.dev/provenance/v0.2", "https://slsa.dev/provenance/v1"


@dataclass(frozen=True)
class Statement:
    """One statement, to be attached to an image.

    `subject` is the image that it is about instead of the one that it is attached to; `announced` the type that the
    manifest gives it, None for none; `size` what the manifest says. `body` are its bytes, whatever they are.
    """

    kind: str
    predicate: Any = None
    subject: str | None = None
    version: str = "https://in-toto.io/Statement/v0.1"
    announced: str | None = ""
    size: int | None = None
    body: bytes | None = None
    enveloped: bool = False

    def stored(self, image: str) -> Stored:
        """Return its bytes as those about an image, by its digest."""
        if self.body is not None:
            return Stored(IN_TOTO, self.body)
        name, _, value = (self.subject or image).partition(":")
        subject = [{"name": "_", "digest": {name: value}}]
        whole = {
            "_type": self.version,
            "predicateType": self.kind,
            "subject": subject,
            "predicate": self.predicate,
        }
        if not self.enveloped:
            return Stored(IN_TOTO, _json(whole))
        payload = base64.b64encode(_json(whole)).decode()
        return Stored(ENVELOPE, _json({"payloadType": IN_TOTO, "payload": payload, "signatures": [{"sig": "AAAA"}]}))

    def descriptor(self, image: str) -> dict[str, Any]:
        """Return how its manifest names it."""
        it = self.stored(image)
        kind = self.kind if self.announced == "" else self.announced
        annotations = {} if kind is None else {"annotations": {"in-toto.io/predicate-type": kind}}
        size = len(it.content) if self.size is None else self.size
        return {"mediaType": it.media_type, "digest": it.digest, "size": size, **annotations}


def attestation(image: str, statements: Sequence[Statement]) -> tuple[Stored, list[Stored]]:
    """Return the attestation manifest of an image, and the blobs that it names: a configuration and the statements."""
    said = [one.stored(image) for one in statements]
    rootfs = {"type": "layers", "diff_ids": [one.digest for one in said]}
    config = Stored(CONFIG, _json({"architecture": "unknown", "os": "unknown", "config": {}, "rootfs": rootfs}))
    body = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": {"mediaType": CONFIG, "digest": config.digest, "size": len(config.content)},
        "layers": [one.descriptor(image) for one in statements],
    }
    return Stored(MANIFEST, _json(body)), [config, *said]


def child_of_index(attested: Stored, image: str) -> dict[str, Any]:
    """Return the entry of an index for an attestation manifest."""
    return {
        "mediaType": MANIFEST,
        "digest": attested.digest,
        "size": len(attested.content),
        "annotations": {"vnd.docker.reference.digest": image, "vnd.docker.reference.type": "attestation-manifest"},
        "platform": {"architecture": "unknown", "os": "unknown"},
    }


def spdx(packages: Iterable[Package], files: int = 0) -> dict[str, Any]:
    """Return an SPDX document as BuildKit's scanner makes it: with a root that stands for the image, and files."""
    root = {"name": "sbom", "SPDXID": "SPDXRef-DocumentRoot-Directory-sbom", "primaryPackagePurpose": "FILE"}
    listed = [_spdx_package(number, one) for number, one in enumerate(packages)]
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": "sbom",
        "documentNamespace": "https://docker.com/docker-scout/fs/sbom",
        "creationInfo": {"creators": ["Tool: syft-v0.105.0", "Tool: buildkit-v0.17.0"], "created": _CREATED},
        "packages": [*listed, root],
        "files": [_spdx_file(number) for number in range(files)],
        "relationships": [
            *(_related(one["SPDXID"], f"SPDXRef-File-{n}", "OTHER") for n in range(files) for one in listed[:1]),
            _related("SPDXRef-DOCUMENT", root["SPDXID"], "DESCRIBES"),
        ],
    }


def cyclonedx(packages: Iterable[Package]) -> dict[str, Any]:
    """Return a CycloneDX document as syft makes it."""
    components = [
        {
            "bom-ref": f"pkg:{one.kind}/{one.name}@{one.version}?package-id={number:016x}",
            "type": "library",
            "name": one.name,
            "version": one.version,
            **({"purl": _purl(one)} if one.kind else {}),
            "properties": [{"name": "syft:package:foundBy", "value": "cataloger"}],
        }
        for number, one in enumerate(packages)
    ]
    about = {"component": {"bom-ref": "af63bd4c8601b7f1", "type": "container", "name": "app", "version": "sha256:0"}}
    return {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "metadata": about, "components": components}


def provenance_02(said: Provenance, *, local: bool = False) -> dict[str, Any]:
    """Return SLSA 0.2 as BuildKit writes it: from a git context, or from a `local` folder with the builder's word."""
    source, told = _buildkit_source(said, local)
    return {
        "builder": {"id": said.builder},
        "buildType": "https://mobyproject.org/buildkit@v1",
        "materials": [_BASE, *([] if local else [source])],
        "invocation": {
            "configSource": {**source, "entryPoint": "Dockerfile"},
            "parameters": {"frontend": "dockerfile.v0", "args": {"build-arg:A": "1"}, "locals": [{"name": "context"}]},
            "environment": {"platform": "linux/amd64"},
        },
        "metadata": {
            "buildInvocationID": "rpv7a389uzil5lqmrgwhijwjz",
            "buildStartedOn": _CREATED,
            "completeness": {"parameters": True, "environment": True, "materials": not local},
            "reproducible": False,
            "https://mobyproject.org/buildkit@v1#metadata": {"vcs": told},
        },
    }


def provenance_1(said: Provenance, *, local: bool = False) -> dict[str, Any]:
    """Return SLSA 1 as BuildKit writes it, as `provenance_02` does."""
    source, told = _buildkit_source(said, local)
    return {
        "buildDefinition": {
            "buildType": "https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md",
            "externalParameters": {
                "configSource": {**source, "path": "Dockerfile"},
                "request": {"frontend": "dockerfile.v0", "args": {"build-arg:A": "1"}},
            },
            "internalParameters": {"builderPlatform": "linux/amd64"},
            "resolvedDependencies": [_BASE, *([] if local else [source])],
        },
        "runDetails": {
            "builder": {"id": said.builder},
            "metadata": {"invocationID": "rpv7a389", "startedOn": _CREATED, "buildkit_metadata": {"vcs": told}},
        },
    }


_CREATED = "2026-11-01T00:00:00Z"
_BASE = {"uri": "pkg:docker/debian@12?platform=linux%2Famd64", "digest": {"sha256": digest_of(b"debian")[7:]}}


def _buildkit_source(said: Provenance, local: bool) -> tuple[dict[str, Any], Mapping[str, str]]:
    if local:
        return {}, {"source": said.source, "revision": said.revision}
    return {"uri": f"{said.source}.git#refs/heads/main", "digest": {"sha1": said.revision}}, {}


def _spdx_package(number: int, one: Package) -> dict[str, Any]:
    found = {"referenceCategory": "SECURITY", "referenceType": "cpe23Type", "referenceLocator": f"cpe:2.3:a:{number}"}
    purl = {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": _purl(one)}
    return {
        "name": one.name,
        "SPDXID": f"SPDXRef-Package-{one.kind}-{number:016x}",
        "versionInfo": one.version,
        "supplier": "NOASSERTION",
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "NOASSERTION",
        "externalRefs": [found, found, *([purl] if one.kind else [])],
    }


def _spdx_file(number: int) -> dict[str, Any]:
    checksum = {"algorithm": "SHA1", "checksumValue": "0" * 40}
    return {"fileName": f"usr/lib/file-{number}", "SPDXID": f"SPDXRef-File-{number}", "checksums": [checksum]}


def _related(one: str, other: str, how: str) -> dict[str, str]:
    return {"spdxElementId": one, "relatedSpdxElement": other, "relationshipType": how}


def _purl(one: Package) -> str:
    return f"pkg:{one.kind}/{one.name}@{one.version}?arch=amd64"


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()

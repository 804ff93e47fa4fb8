"""Builds images with buildah and pushes them with attestations in BuildKit's layout.

buildah makes the layers and the configuration; what BuildKit adds is added here: health checks and shells, which
buildah leaves out of OCI's configurations, and for each image a manifest with statements
(https://github.com/moby/buildkit/blob/master/docs/attestations/attestation-storage.md). The same words make the same
digests.

    digest = built(
        registries, "team/app", "1.1", user="nonroot", command=("serve",), layers=("debian 12.8", "app 1.1"),
        labels={"org.opencontainers.image.version": "1.1"}, packages=[Package("zlib", "1.3.1", "deb")],
        provenance=Provenance("https://ci.example/run/1", "https://forge.example/team/app", "0a1b2c3d"),
    )
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pinbot.oci.resolution import Runtime
from pinbot.oci.statement import Package, Provenance
from tests.fakes.images import CONFIG, INDEX, MANIFEST
from tests.fakes.statements import (
    SLSA_02,
    SLSA_1,
    SPDX,
    Statement,
    attestation,
    child_of_index,
    provenance_02,
    provenance_1,
    spdx,
)
from tests.real.pushing import Pusher
from tests.real.registries import Registries


@dataclass(frozen=True, slots=True)
class Layers:
    """What the layers hold, from the lowest up, each with so many bytes more."""

    contents: tuple[str, ...]
    size: int = 0


BOTH = ("linux/amd64", "linux/arm64")
# The images of lower layers that there are already, by the store that they are in.
_LOWER: dict[tuple[Path, Layers], str] = {}


def built(
    registries: Registries,
    path: str,
    tag: str,
    *,
    platforms: Sequence[str] = BOTH,
    layers: Sequence[str] = ("base", "app"),
    labels: Mapping[str, str] | None = None,
    created: str = "2026-11-01T00:00:00Z",
    packages: Sequence[Package] | None = None,
    provenance: Provenance | None = None,
    slsa: str = SLSA_02,
    statements: Sequence[Statement] = (),
    size: int = 0,
    **run: Any,
) -> str:
    """Push an index over an image for each platform, and return its digest.

    `layers` are what they hold, from the lowest up, and `size` bytes more: equal ones are one and the same. `run` are
    the fields of a Runtime. `packages` and `provenance` become statements about each image; `statements` are further
    ones.
    """
    said = [*_statements(packages, provenance, slsa), *statements]
    with Pusher(registries.open.host, path) as push:
        children: list[dict[str, Any]] = []
        attested: list[dict[str, Any]] = []
        for platform in platforms:
            content = Layers(tuple(layers), size)
            image = _image(registries, push, platform, content, labels or {}, created, Runtime(**run))
            children.append(image)
            if said:
                attested.append(_attested(push, image["digest"], said))
        body = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [*children, *attested]}
        return push.put(tag, INDEX, _json(body))


def _statements(packages: Sequence[Package] | None, provenance: Provenance | None, slsa: str) -> list[Statement]:
    made = []
    if packages is not None:
        made.append(Statement(SPDX, spdx(packages, files=20)))
    if provenance is not None:
        made.append(Statement(slsa, provenance_1(provenance) if slsa == SLSA_1 else provenance_02(provenance)))
    return made


def _attested(push: Pusher, image: str, statements: Sequence[Statement]) -> dict[str, Any]:
    manifest, blobs = attestation(image, statements)
    for blob in blobs:
        push.blob(blob.content)
    push.put(None, manifest.media_type, manifest.content)
    return child_of_index(manifest, image)


def _image(
    registries: Registries,
    push: Pusher,
    platform: str,
    layers: Layers,
    labels: Mapping[str, str],
    created: str,
    run: Runtime,
) -> dict[str, Any]:
    """Push one image, and return its entry in an index."""
    folder = _built(registries, platform, layers, labels, run)
    manifest = json.loads((folder / "manifest.json").read_bytes())
    for layer in manifest["layers"]:
        push.blob(_blob(folder, layer))
    config = _json(_dressed(json.loads(_blob(folder, manifest["config"])), created, run))
    manifest["config"] = {"mediaType": CONFIG, "digest": push.blob(config), "size": len(config)}
    body = _json({"schemaVersion": 2, "mediaType": MANIFEST, **manifest})
    place = dict(zip(("os", "architecture", "variant"), platform.split("/"), strict=False))
    return {"mediaType": MANIFEST, "digest": push.put(None, MANIFEST, body), "size": len(body), "platform": place}


def _built(registries: Registries, platform: str, layers: Layers, labels: Mapping[str, str], run: Runtime) -> Path:
    """Return a folder with the image as buildah writes it: `manifest.json`, and blobs by their digests."""
    tools = registries.tools
    container = _container(registries, layers)
    try:
        tools.buildah("config", *_options(platform, labels, run), container)
        image = tools.buildah("commit", "-q", "--timestamp", "0", container)
    finally:
        tools.buildah("rm", container)
    folder = tools.folder / f"built-{image}"
    # Not packed: how buildah packs, in several threads, differs from run to run by a few bytes.
    tools.buildah("push", "-q", "--disable-compression", image, f"dir:{folder}")
    return folder


def _container(registries: Registries, layers: Layers) -> str:
    """Return a container in which the last layer has not been committed yet."""
    tools, lower = registries.tools, Layers(layers.contents[:-1], layers.size)
    key = tools.folder, lower
    if lower.contents and key not in _LOWER:
        below = _container(registries, lower)
        _LOWER[key] = tools.buildah("commit", "-q", "--timestamp", "0", below)
        tools.buildah("rm", below)
    container = tools.buildah("from", _LOWER[key] if lower.contents else "scratch")
    data = tools.data(layers.contents[-1], layers.size)
    tools.buildah("copy", "-q", container, str(data), f"/layer-{len(layers.contents)}")
    return container


def _options(platform: str, labels: Mapping[str, str], run: Runtime) -> list[str]:
    system, architecture, *variant = platform.split("/")
    options = ["--os", system, "--arch", architecture]
    options += ["--variant", variant[0]] if variant else []
    options += ["--user", run.user] if run.user else []
    options += ["--workingdir", run.directory] if run.directory else []
    options += ["--stop-signal", run.stop_signal] if run.stop_signal else []
    options += ["--entrypoint", json.dumps(run.entrypoint)] if run.entrypoint else []
    options += ["--cmd", json.dumps(run.command)] if run.command else []
    for option, values in (("--env", run.environment), ("--port", run.ports), ("--volume", run.volumes)):
        for value in values:
            options += [option, f"{value}=1" if option == "--env" else value]
    for name, text in labels.items():
        options += ["--label", f"{name}={text}"]
    return options


def _dressed(config: dict[str, Any], created: str, run: Runtime) -> dict[str, Any]:
    """Return a configuration with what BuildKit writes and buildah does not."""
    settings = config["config"]
    settings.get("Labels", {}).pop("io.buildah.version", None)  # another buildah would make another digest
    if run.healthcheck:
        settings["Healthcheck"] = {"Test": list(run.healthcheck)}
    if run.shell:
        settings["Shell"] = list(run.shell)
    config["created"] = config["history"][-1]["created"] = created
    return config


def _blob(folder: Path, place: Mapping[str, Any]) -> bytes:
    return (folder / str(place["digest"]).partition(":")[2]).read_bytes()


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()

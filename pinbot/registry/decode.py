"""From bytes to manifests and indexes; the bytes are a stranger's.

https://github.com/opencontainers/image-spec/blob/main/manifest.md and image-index.md. Sizes are bounded where the
bytes are read (`net`), types here.
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from pinbot.errors import InvalidDigest, NotARegistry, UnsupportedManifest
from pinbot.oci.digest import Digest
from pinbot.oci.manifest import INDEX_TYPES, MANIFEST_TYPES, Descriptor, Index, Manifest
from pinbot.oci.platform import Platform

_SCHEMA_1 = "application/vnd.docker.distribution.manifest.v1+"
# Types under which some registries and proxies serve any manifest; the body then says which it is.
_VAGUE = frozenset({"", "application/json", "application/octet-stream", "text/plain", "binary/octet-stream"})


class _Platform(msgspec.Struct):
    os: str = ""
    architecture: str = ""
    variant: str | None = None
    os_version: str | None = msgspec.field(default=None, name="os.version")


class _Descriptor(msgspec.Struct, rename="camel"):
    digest: str
    media_type: str = ""
    size: int = 0
    platform: _Platform | None = None
    annotations: dict[str, str] | None = None


class _Manifest(msgspec.Struct, rename="camel"):
    schema_version: int | None = None
    media_type: str | None = None
    config: _Descriptor | None = None
    layers: list[_Descriptor] | None = None
    manifests: list[_Descriptor] | None = None
    annotations: Any = None


def is_vague(media_type: str) -> bool:
    """Whether a content type says nothing of what the body is."""
    return media_type in _VAGUE


def check_type(media_type: str, what: str) -> str:
    """Return the media type of a manifest or index.

    Raises UnsupportedManifest for schema 1 and for what is no image, NotARegistry for a type of another world.
    """
    if media_type in INDEX_TYPES | MANIFEST_TYPES:
        return media_type
    if media_type.startswith(_SCHEMA_1):
        raise UnsupportedManifest(
            f"{what}: a schema 1 manifest, which has no digest of its own; it must be pushed again by a newer client"
        )
    if media_type.startswith(("application/vnd.oci.", "application/vnd.docker.", "application/vnd.cncf.")):
        raise UnsupportedManifest(f"{what}: {media_type} is not an image")
    shown = f"an answer of type {media_type[:60]!r}" if media_type else "an answer without a content type"
    raise NotARegistry(
        f"{what}: {shown} is not a manifest; a login page, a proxy or another server answers in the registry's place"
    )


def media_type_of(content_type: str, body: bytes, what: str) -> str:
    """Return the media type of a manifest that came under a content type; a vague one is looked up in the body.

    Raises as `check_type` does.
    """
    if not is_vague(content_type):
        return check_type(content_type, what)
    decoded = _decode(body, _Manifest, what)
    if decoded.schema_version == 1:
        return check_type(f"{_SCHEMA_1}json", what)
    return check_type(decoded.media_type or content_type, what)


def read_manifest(media_type: str, body: bytes, what: str) -> Manifest | Index:
    """Read a manifest or index; its digest is that of `body`.

    Raises NotARegistry for what is not JSON of that shape, UnsupportedManifest for what is no image.
    """
    decoded = _decode(body, _Manifest, what)
    if decoded.schema_version == 1:
        check_type(f"{_SCHEMA_1}json", what)
    digest = Digest.of(body)
    if media_type in INDEX_TYPES:
        if decoded.manifests is None:
            raise UnsupportedManifest(f"{what}: an index without a list of manifests")
        return Index(media_type, digest, tuple(_descriptor(d, what) for d in decoded.manifests))
    if decoded.config is None:
        raise UnsupportedManifest(f"{what}: a manifest without a configuration")
    layers = tuple(_descriptor(d, what) for d in decoded.layers or ())
    return Manifest(media_type, digest, _descriptor(decoded.config, what), layers, _remarks(decoded.annotations))


_T = TypeVar("_T")


def _decode(body: bytes, kind: type[_T], what: str) -> _T:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise NotARegistry(f"{what}: the answer is not a manifest; it was cut short, or no registry answers") from error


def _descriptor(raw: _Descriptor, what: str) -> Descriptor:
    try:
        digest = Digest.parse(raw.digest)
    except InvalidDigest as error:
        raise UnsupportedManifest(f"{what}: it names content by {raw.digest[:80]!r}, which is no digest") from error
    where = raw.platform
    platform = (
        Platform(where.os, where.architecture, where.variant or None, where.os_version or None) if where else None
    )
    return Descriptor(raw.media_type, digest, raw.size, platform, raw.annotations or {})


def _remarks(annotations: object) -> dict[str, str]:
    """Return the annotations that are texts; Docker's manifests have none, so nobody there looks at what they are."""
    given = annotations if isinstance(annotations, dict) else {}
    return {name: text for name, text in given.items() if isinstance(text, str)}

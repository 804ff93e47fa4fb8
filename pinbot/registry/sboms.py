"""From a list of packages (SBOM) to its packages: SPDX 2 and CycloneDX 1, both as JSON; the bytes are a stranger's.

https://spdx.github.io/spdx-spec/v2.3/package-information/ and https://cyclonedx.org/docs/1.6/json/. What they list is
kept as it is written; the image itself, which both list as well, is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

import msgspec

from pinbot.errors import UnsupportedManifest
from pinbot.oci.statement import Package
from pinbot.registry._cut import cut

# Images with all of a desktop or of a data science have some 5,000 packages.
MOST_PACKAGES = 20_000
_MOST_CHARACTERS = 256
_MOST_DESCRIBED_BYTES = 100_000

# https://github.com/package-url/purl-spec/blob/main/docs/standard/specification.md
_PURL = re.compile(r"pkg:/{0,2}(?P<type>[A-Za-z0-9.+-]{1,40})/", re.IGNORECASE)
# An image is not a package of itself, nor are its layers or the image that it was made from.
_IMAGES = frozenset({"oci", "docker"})
_DOCUMENT = "SPDXRef-DOCUMENT"
_NOT_SAID = frozenset({"NOASSERTION", "NONE"})


_T = TypeVar("_T")


class _Reference(msgspec.Struct, rename="camel"):
    reference_type: str = ""
    reference_locator: str = ""


class _SpdxPackage(msgspec.Struct, rename="camel"):
    name: str
    identifier: str = msgspec.field(name="SPDXID", default="")
    version_info: str | None = None
    external_refs: list[_Reference] | None = None


class _Relationship(msgspec.Struct, rename="camel"):
    spdx_element_id: str = ""
    relationship_type: str = ""
    related_spdx_element: str = ""


class _Spdx(msgspec.Struct, rename="camel"):
    spdx_version: str
    packages: list[_SpdxPackage] | None = None
    relationships: list[_Relationship] | None = None
    # Older documents name what they are about here.
    document_describes: msgspec.Raw = msgspec.Raw(b"null")


class _Component(msgspec.Struct):
    name: str
    type: str = ""
    group: str | None = None
    version: str | None = None
    purl: str | None = None
    components: list[_Component] | None = None


class _CycloneDx(msgspec.Struct, rename="camel"):
    bom_format: str
    spec_version: str
    components: list[_Component] | None = None


def read_spdx(predicate: msgspec.Raw) -> frozenset[Package]:
    """Return the packages of an SPDX document. Raises UnsupportedManifest, with what is wrong as half a sentence."""
    document = _decoded(predicate, _Spdx, "SPDX")
    if not document.spdx_version.startswith("SPDX-2."):
        raise UnsupportedManifest("is of a version of SPDX that pinbot does not know")
    packages = document.packages or []
    about = _described(document) & {one.identifier for one in packages}
    # The one that a document is about is the image, or the folder that it was unpacked to. Some say that they are
    # about each of their packages.
    image = about if len(about) == 1 else frozenset()
    listed = ((one, _kind(_purl(one.external_refs or ()))) for one in packages)
    return _checked(
        _package(one.name, one.version_info, kind) for one, kind in listed if kind or one.identifier not in image
    )


def read_cyclonedx(predicate: msgspec.Raw) -> frozenset[Package]:
    """Return the packages of a CycloneDX document. Raises UnsupportedManifest, as `read_spdx` does."""
    document = _decoded(predicate, _CycloneDx, "CycloneDX")
    if document.bom_format != "CycloneDX" or not document.spec_version.startswith("1."):
        raise UnsupportedManifest("is of a version of CycloneDX that pinbot does not know")
    return _checked(
        _package(f"{one.group}/{one.name}" if one.group else one.name, one.version, _kind(one.purl or ""))
        for one in _flat(document.components or [])
        if one.type not in {"file", "container"}
    )


def _decoded(predicate: msgspec.Raw, kind: type[_T], name: str) -> _T:
    try:
        return msgspec.json.decode(predicate, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise UnsupportedManifest(f"is not a document of {name}") from error


def _described(document: _Spdx) -> frozenset[str]:
    """Return the identifiers of what a document says that it is about."""
    described = {
        one.related_spdx_element if one.spdx_element_id == _DOCUMENT else one.spdx_element_id
        for one in document.relationships or ()
        if (one.spdx_element_id, one.relationship_type) == (_DOCUMENT, "DESCRIBES")
        or (one.relationship_type, one.related_spdx_element) == ("DESCRIBED_BY", _DOCUMENT)
    }
    named = document.document_describes
    # What names so many is about no image, and each would take fifty bytes for three.
    if len(memoryview(named)) > _MOST_DESCRIBED_BYTES:
        return frozenset(described)
    return frozenset(described).union(_decoded(named, list[str] | None, "SPDX") or ())  # type: ignore[arg-type] # a type


def _flat(components: list[_Component]) -> Iterator[_Component]:
    rest = [components]
    while rest:
        for one in rest.pop():
            yield one
            if one.components:
                rest.append(one.components)


def _purl(references: Iterable[_Reference]) -> str:
    return next((one.reference_locator for one in references if one.reference_type == "purl"), "")


def _kind(purl: str) -> str:
    found = _PURL.match(purl)
    return found["type"].lower() if found else ""


def _package(name: str, version: str | None, kind: str) -> Package:
    told = "" if version is None or version in _NOT_SAID else version
    return Package(cut(name, _MOST_CHARACTERS), cut(told, _MOST_CHARACTERS), kind)


def _checked(packages: Iterable[Package]) -> frozenset[Package]:
    """Return packages each once, without images and what has no name. Raises UnsupportedManifest for too many."""
    # One that is in several places is listed for each.
    listed = list(islice(packages, 2 * MOST_PACKAGES + 1))
    found = frozenset(one for one in listed if one.name and one.kind not in _IMAGES)
    if len(listed) > 2 * MOST_PACKAGES or len(found) > MOST_PACKAGES:
        raise UnsupportedManifest(f"names more than {MOST_PACKAGES:,} packages")
    return found

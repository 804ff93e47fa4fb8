"""From an in-toto statement to what it says of an image; the bytes are a stranger's, and nothing here is verified.

https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md (0.1 has the same fields), alone or in an envelope
(https://github.com/secure-systems-lab/dsse/blob/master/envelope.md), whose signatures are not looked at.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Literal

import msgspec

from pinbot.errors import UnsupportedManifest
from pinbot.oci.digest import Digest
from pinbot.oci.statement import Package, Provenance
from pinbot.registry.provenances import read_slsa_02, read_slsa_1
from pinbot.registry.sboms import read_cyclonedx, read_spdx

STATEMENT, ENVELOPE = "application/vnd.in-toto+json", "application/vnd.dsse.envelope.v1+json"
# A list of 20 MB has some 130,000 objects. `{}` is where a stranger makes most of little: each takes a hundred bytes.
MOST_OBJECTS = 500_000

Said = frozenset[Package] | Provenance
Unsaid = Literal["is about another image", "is of another kind"]
_READERS: Mapping[str, Callable[[msgspec.Raw], Said]] = {
    "https://spdx.dev/Document": read_spdx,
    "https://cyclonedx.org/bom": read_cyclonedx,
    "https://slsa.dev/provenance/v0.2": read_slsa_02,
    "https://slsa.dev/provenance/v1": read_slsa_1,
}
_LISTS = ("https://spdx.dev/Document", "https://cyclonedx.org/bom")
_TYPES = ("https://in-toto.io/Statement/v0.1", "https://in-toto.io/Statement/v1")


class _Digests(msgspec.Struct):
    sha256: str | None = None
    sha512: str | None = None


class _Subject(msgspec.Struct):
    digest: _Digests | None = None


class _Statement(msgspec.Struct, rename="camel"):
    predicate_type: str
    predicate: msgspec.Raw
    type: str = msgspec.field(name="_type")
    subject: list[_Subject] | None = None


class _Envelope(msgspec.Struct):
    payload: str


def is_list(predicate_type: str) -> bool:
    """Whether a statement of this type lists packages; the types have versions (`…/Document/v2.3`)."""
    return any(_is(predicate_type, known) for known in _LISTS)


def is_known(predicate_type: str) -> bool:
    """Whether `read_statement` reads statements of this type."""
    return _reader(predicate_type) is not None


def read_statement(media_type: str, body: bytes, image: Digest) -> Said | Unsaid:
    """Return what a statement says of an image: its packages, or its provenance.

    Raises UnsupportedManifest, with what is wrong as half a sentence: `is not an in-toto statement`.
    """
    statement = _decoded(_unwrapped(_checked(body)) if media_type == ENVELOPE else _checked(body))
    if not any(_names(one, image) for one in statement.subject or ()):
        return "is about another image"
    reader = _reader(statement.predicate_type)
    return reader(statement.predicate) if reader else "is of another kind"


def _reader(predicate_type: str) -> Callable[[msgspec.Raw], Said] | None:
    return next((reader for known, reader in _READERS.items() if _is(predicate_type, known)), None)


def _is(predicate_type: str, known: str) -> bool:
    return predicate_type == known or predicate_type.startswith((f"{known}/", f"{known}."))


def _unwrapped(body: bytes) -> bytes:
    try:
        payload = msgspec.json.decode(body, type=_Envelope).payload
        # Either alphabet is allowed.
        return _checked(base64.b64decode(payload.replace("-", "+").replace("_", "/"), validate=True))
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise UnsupportedManifest("is not an envelope with a statement") from error


def _checked(body: bytes) -> bytes:
    """Return JSON as it is. Raises UnsupportedManifest where it would become more objects than it is worth."""
    if body.count(b"{") > MOST_OBJECTS:
        raise UnsupportedManifest(f"has more than {MOST_OBJECTS:,} objects")
    return body


def _decoded(body: bytes) -> _Statement:
    try:
        statement = msgspec.json.decode(body, type=_Statement)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise UnsupportedManifest("is not an in-toto statement") from error
    if statement.type not in _TYPES:
        raise UnsupportedManifest("is not an in-toto statement of a version that pinbot knows")
    return statement


def _names(subject: _Subject, image: Digest) -> bool:
    digest = subject.digest or _Digests()
    return image.hex == {"sha256": digest.sha256, "sha512": digest.sha512}.get(image.algorithm)

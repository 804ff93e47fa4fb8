"""TLS as a client: the system's certificates, verified always, TLS 1.2 at least.

truststore (https://truststore.readthedocs.io) reads the certificates where the system keeps them, so that a
company's own authority works without a setting.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import truststore

from pinbot.errors import UsageError


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """Two files in PEM that say who we are: the certificate, with what leads to its authority, and its key."""

    cert: str
    key: str


def tls_context(ca_file: str | None = None, client_certificate: ClientCertificate | None = None) -> ssl.SSLContext:
    """Return a context that trusts the system's authorities and those in `ca_file` (PEM).

    A client certificate is shown to whoever asks for one in the handshake, so such a context is for one origin alone.
    Raises UsageError when a file cannot be read, or does not hold what it should.
    """
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file is not None:
        try:
            context.load_verify_locations(cafile=ca_file)
        except (OSError, ssl.SSLError) as error:
            raise UsageError(f"{ca_file}: no certificates can be read from it: {error}") from error
    if client_certificate is not None:
        _show(context, client_certificate)
    return context


def _show(context: ssl.SSLContext, mine: ClientCertificate) -> None:
    try:
        # Without a password of ours OpenSSL would ask for one at the terminal.
        context.load_cert_chain(mine.cert, mine.key, password=lambda: "")
    except (OSError, ssl.SSLError, ValueError) as error:
        why = getattr(error, "strerror", None) or getattr(error, "reason", None) or "they are not what they should be"
        raise UsageError(
            f"{mine.cert} and {mine.key}: they are no client certificate with its key in PEM, or the key has a "
            f"password: {why}"
        ) from error


def certificate_end(connection: Any) -> datetime | None:
    """Return when the certificate of the other side ends; `connection` is an SSLObject, or None for plain http.

    None where the certificate was judged by the system alone, which then does not tell (macOS, Windows).
    """
    if connection is None:
        return None
    try:
        ends = connection.getpeercert().get("notAfter")
        return datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC) if ends else None
    except (AttributeError, ValueError, OSError, OverflowError):
        return None

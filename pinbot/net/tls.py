"""TLS as a client: the system's certificates, verified always, TLS 1.2 at least.

truststore (https://truststore.readthedocs.io) reads the certificates where the system keeps them, so that a
company's own authority works without a setting.
"""

from __future__ import annotations

import ssl

import truststore

from pinbot.errors import UsageError


def tls_context(ca_file: str | None = None) -> ssl.SSLContext:
    """Return a context that trusts the system's authorities and those in `ca_file` (PEM).

    Raises UsageError when the file cannot be read or holds no certificate.
    """
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file is not None:
        try:
            context.load_verify_locations(cafile=ca_file)
        except (OSError, ssl.SSLError) as error:
            raise UsageError(f"{ca_file}: no certificates can be read from it: {error}") from error
    return context

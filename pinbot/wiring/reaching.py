"""How hosts are reached: the proxies and client certificates of the settings, ready for use."""

from __future__ import annotations

from collections.abc import Mapping

from pinbot.config._reaching import ClientCertificateSettings, ProxySettings
from pinbot.errors import AddressRefused, UsageError
from pinbot.net.origin import Origin
from pinbot.net.proxy import Proxies, ProxyServer
from pinbot.net.tls import ClientCertificate
from pinbot.wiring.secrets import secret


def proxies(chosen: ProxySettings | None, environ: Mapping[str, str], registry: str | None = None) -> Proxies:
    """Return the proxies of the settings, those of the environment where they say nothing.

    NO_PROXY makes exceptions from the proxy for everything, not from that of one registry. Raises UsageError.
    """
    if chosen is None:
        return Proxies.from_environ(environ)
    if chosen.url is None:
        return Proxies()
    whose = f"the password of the proxy for {registry}" if registry else "the password of the proxy"
    password = secret(whose, chosen.password, environ) if chosen.password else None
    try:
        origin = Origin.parse(chosen.url)
    except AddressRefused as error:
        raise UsageError(f"The settings name a proxy that is none: {error}") from error
    server = ProxyServer(origin, chosen.username, password)
    return Proxies.through(server, {} if registry else environ)


def client_certificate(chosen: ClientCertificateSettings | None) -> ClientCertificate | None:
    """Return the files of a client certificate."""
    return ClientCertificate(chosen.cert, chosen.key) if chosen else None

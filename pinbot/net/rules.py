"""What the settings say of single origins."""

from __future__ import annotations

from dataclasses import dataclass, field

from pinbot.net.proxy import Proxies
from pinbot.net.site import Manners
from pinbot.net.tls import ClientCertificate


@dataclass(frozen=True, slots=True)
class OriginRules:
    """What the settings say of one origin: whether plain http may be spoken, a PEM file of authorities, the manners.

    The client certificate is shown to this origin alone. `proxies` are for it, and for what it leads to where nothing
    is said of that (its token server, the store of its blobs); None for those of the client.
    """

    allow_http: bool = False
    ca_file: str | None = None
    client_certificate: ClientCertificate | None = None
    proxies: Proxies | None = None
    manners: Manners = field(default_factory=Manners)

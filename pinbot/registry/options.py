"""How one registry is reached: its options, and the origin that follows from its name.

A registry is named in references (`docker.io`) and asked at an endpoint (`https://registry-1.docker.io`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from pinbot.errors import AddressRefused, UsageError
from pinbot.net.origin import Origin, is_loopback, read_host
from pinbot.net.proxy import Proxies
from pinbot.net.rules import OriginRules
from pinbot.net.site import Manners
from pinbot.net.tls import ClientCertificate
from pinbot.registry.allowance import USUAL_RESERVE
from pinbot.registry.credentials._base import Chosen
from pinbot.secret import Secret

# Docker Hub's name is not its host.
_HOSTS = {"docker.io": "registry-1.docker.io"}
# Who knows when tags were pushed.
_PUSH_DATES = {"docker.io": "https://hub.docker.com"}


@dataclass(frozen=True, slots=True)
class RegistryOptions:
    """What the settings say of one registry; `endpoint` is an origin without a path, None for the usual one.

    `allow_http` permits plain http to a host that is not this machine. `ca_file` is a PEM file of authorities to
    trust beside the system's. `token_hosts` are hosts that may be given the credentials for a token. `push_dates` is
    the origin that knows when tags were pushed, `off` where nobody is to be asked, None for the usual one. Credentials
    are a user name with its password, a `token` for the registry itself, an `identity_token` for its token server, or
    `chosen`: who is to be asked for them.
    `client_certificate` is for the endpoint alone; `proxies` are for all that is asked for this registry. `manners`
    are how fast it is asked; `reserve` is the percentage of its pull limit that is left to others.
    """

    endpoint: str | None = None
    allow_http: bool = False
    ca_file: str | None = None
    username: str | None = None
    password: Secret | None = None
    token_hosts: tuple[str, ...] = ()
    push_dates: str | None = None
    token: Secret | None = None
    identity_token: Secret | None = None
    chosen: Chosen | None = None
    client_certificate: ClientCertificate | None = None
    proxies: Proxies | None = None
    manners: Manners = field(default_factory=Manners)
    reserve: float = USUAL_RESERVE


def fold(registry: str) -> str:
    """Return a registry's name in its one spelling: lower case, no trailing dot, port kept.

    Raises AddressRefused for what is no host.
    """
    name, colon, port = registry.rpartition(":")
    if not colon or not port.isdigit():
        name, colon, port = registry, "", ""
    host = read_host(name)
    return f"[{host}]{colon}{port}" if ":" in host else f"{host}{colon}{port}"


def endpoint_of(registry: str, options: RegistryOptions) -> Origin:
    """Return the origin at which a registry is asked: http for this machine, https for any other.

    Raises UsageError for an endpoint in the options that is no origin, AddressRefused for a name that is no host.
    """
    if options.endpoint is not None:
        return _configured(registry, options.endpoint)
    name = _HOSTS.get(registry, registry)
    origin = Origin.parse(f"https://{name}")
    # A registry on this machine rarely has a certificate; where it has one, the settings say so.
    speaks_tls = options.ca_file is not None or options.client_certificate is not None
    plain = options.allow_http or (is_loopback(origin.host) and not speaks_tls)
    return Origin.parse(f"http://{name}") if plain else origin


def push_dates_of(registry: str, options: RegistryOptions) -> Origin | None:
    """Return the origin that knows when a registry's tags were pushed, None where there is none to be asked.

    Raises UsageError for one in the options that is no origin.
    """
    if options.push_dates == "off":
        return None
    if options.push_dates is not None:
        return _configured(registry, options.push_dates, "address of the push dates")
    # Whoever asks a mirror instead does not expect Docker Hub to be asked at all.
    usual = _PUSH_DATES.get(registry) if options.endpoint is None else None
    return Origin.parse(usual) if usual else None


def rules_for(options: Mapping[str, RegistryOptions]) -> dict[Origin, OriginRules]:
    """Return what the client must know of each registry's origins. Raises UsageError, AddressRefused."""
    dates = [
        (push_dates_of(name, option), replace(option, client_certificate=None)) for name, option in options.items()
    ]
    endpoints = [(endpoint_of(name, option), option) for name, option in options.items()]
    rules: dict[Origin, OriginRules] = {}
    for origin, option in (*dates, *endpoints):
        if origin is not None:
            # Several names may lead to one origin: whatever each of them asks for is kept to there.
            before = rules.get(origin, OriginRules(manners=option.manners))
            rules[origin] = OriginRules(
                option.allow_http or before.allow_http,
                option.ca_file or before.ca_file,
                option.client_certificate or before.client_certificate,
                before.proxies if option.proxies is None else option.proxies,
                _milder(option.manners, before.manners),
            )
    return rules


def _milder(one: Manners, other: Manners) -> Manners:
    paces = [pace for pace in (one.requests_per_minute, other.requests_per_minute) if pace is not None]
    return Manners(min(one.concurrency, other.concurrency), min(paces, default=None))


def _configured(registry: str, endpoint: str, what: str = "endpoint") -> Origin:
    try:
        origin = Origin.parse(endpoint)
    except AddressRefused as error:
        raise UsageError(f"The {what} of {registry}: {error}") from error
    if endpoint.partition("://")[2].partition("/")[2]:
        raise UsageError(f"The {what} of {registry} is {endpoint!r}; scheme, host and port make one, without a path")
    return origin

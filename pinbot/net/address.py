"""Which addresses may be connected to: a table of our own, checked on the address itself.

`ipaddress.is_global` lets cloud metadata through (168.63.129.16, 192.0.0.192 and the NAT64 and 6to4 forms of
169.254.169.254 on Python 3.11), so it is not asked. The registries of special addresses:
https://www.iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

from pinbot.net.origin import is_loopback

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Kind(Enum):
    """How far away an address is."""

    PUBLIC = "a public address"
    INSIDE = "an address of this machine or of a private network"
    NEVER = "an address that no server has"
    METADATA = "an address of a cloud's metadata service"


# The first match counts, so the exceptions stand before the networks around them.
_TABLE: tuple[tuple[Network, Kind], ...] = tuple(
    (ipaddress.ip_network(network), kind)
    for network, kind in (
        # Metadata services: AWS, GCP, Azure and most others; Alibaba; Azure's wire server; Oracle.
        ("169.254.0.0/16", Kind.METADATA),
        ("100.100.100.200/32", Kind.METADATA),
        ("168.63.129.16/32", Kind.METADATA),
        ("192.0.0.192/32", Kind.METADATA),
        # AWS (fd00:ec2::254, and its siblings for DNS and time), GCP, Scaleway, Oracle, Linode, Alibaba; link-local.
        ("fd00:ec2::/32", Kind.METADATA),
        ("fd20:ce::254/128", Kind.METADATA),
        ("fd00:42::42/128", Kind.METADATA),
        ("fd00:c1::a9fe:a9fe/128", Kind.METADATA),
        ("fd00:a9fe:a9fe::1/128", Kind.METADATA),
        ("fd00:100::100:200/128", Kind.METADATA),
        ("fe80::/10", Kind.METADATA),
        ("127.0.0.0/8", Kind.INSIDE),
        ("10.0.0.0/8", Kind.INSIDE),
        ("172.16.0.0/12", Kind.INSIDE),
        ("192.168.0.0/16", Kind.INSIDE),
        ("100.64.0.0/10", Kind.INSIDE),
        # Meant for benchmarks; in truth what some VPN clients answer for every name.
        ("198.18.0.0/15", Kind.INSIDE),
        ("0.0.0.0/8", Kind.NEVER),
        ("192.0.0.0/24", Kind.NEVER),
        ("192.0.2.0/24", Kind.NEVER),
        ("198.51.100.0/24", Kind.NEVER),
        ("203.0.113.0/24", Kind.NEVER),
        ("192.88.99.0/24", Kind.NEVER),
        ("224.0.0.0/3", Kind.NEVER),
        ("0.0.0.0/0", Kind.PUBLIC),
        ("::1/128", Kind.INSIDE),
        ("fc00::/7", Kind.INSIDE),
        ("fec0::/10", Kind.INSIDE),
        # Transition forms: judged by the IPv4 address inside them as well.
        ("::ffff:0:0/96", Kind.PUBLIC),
        ("64:ff9b::/96", Kind.PUBLIC),
        ("64:ff9b:1::/48", Kind.INSIDE),
        ("2001:db8::/32", Kind.NEVER),
        ("2001:10::/28", Kind.NEVER),
        ("3fff::/20", Kind.NEVER),
        ("2000::/3", Kind.PUBLIC),
        # All else of IPv6 is not assigned, or not for servers.
        ("::/0", Kind.NEVER),
    )
)

_SEVERITY = (Kind.PUBLIC, Kind.INSIDE, Kind.NEVER, Kind.METADATA)

# Names that only a cloud's own resolver answers, whatever address it gives.
_METADATA_NAMES = frozenset(
    {
        "metadata",
        "metadata.google.internal",
        "metadata.goog",
        "instance-data",
        "instance-data.ec2.internal",
        "metadata.azure.internal",
        "metadata.azure.com",
        "metadata.tencentyun.com",
        "metadata.platformequinix.com",
        "metadata.packet.net",
        "rancher-metadata",
    }
)


@dataclass(frozen=True, slots=True)
class AddressPolicy:
    """Whether addresses inside (loopback, private networks) may be asked; metadata services never may.

    `listed` opens networks to single hosts where `inside` is False: `{"registry.corp": (10.1.0.0/16,)}`.
    """

    inside: bool
    listed: Mapping[str, tuple[Network, ...]] = field(default_factory=dict)

    def refusal(self, host: str, address: str) -> str | None:
        """Return why `address`, which is what `host` resolved to, may not be connected to; None if it may."""
        try:
            parsed = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            return f"{address!r} is not an address"
        if is_loopback(host) and not parsed.is_loopback:
            # Plain http may be spoken to these names; some resolvers send `x.localhost` to the network.
            return f"{address} is not this machine, though the name says so"
        kind = kind_of(parsed)
        if kind is Kind.PUBLIC or (kind is Kind.INSIDE and (self.inside or self._is_listed(host, parsed))):
            return None
        advice = "; list it in the settings if it is meant" if kind is Kind.INSIDE else ""
        return f"{address} is {kind.value}, which is not asked{advice}"

    def refusal_of_name(self, host: str) -> str | None:
        """Return why a host may not be asked whatever it resolves to; addresses as hosts are judged at once."""
        if host in _METADATA_NAMES:
            return "that is the name of a cloud's metadata service, which is not asked"
        try:
            ipaddress.ip_address(host)
        except ValueError:
            return None
        return self.refusal(host, host)

    def _is_listed(self, host: str, address: Address) -> bool:
        return any(address.version == n.version and address in n for n in self.listed.get(host, ()))


# The command that a person runs beside their own registries.
ONE_SHOT = AddressPolicy(inside=True)
# What runs unattended over files that strangers wrote.
SERVICE = AddressPolicy(inside=False)


def kind_of(address: Address) -> Kind:
    """Return the most severe kind of an address and of every IPv4 address that it carries inside."""
    kinds = [_lookup(address), *map(_lookup, _inner(address))]
    return max(kinds, key=_SEVERITY.index)


def _lookup(address: Address) -> Kind:
    return next(kind for network, kind in _TABLE if network.version == address.version and address in network)


def _inner(address: Address) -> Iterator[ipaddress.IPv4Address]:
    """Yield the IPv4 addresses in mapped, compatible, translated, NAT64, 6to4, Teredo and ISATAP forms."""
    if isinstance(address, ipaddress.IPv4Address):
        return
    number = int(address)
    low = number & 0xFFFF_FFFF
    if number >> 32 in {0xFFFF, 0xFFFF_0000} or (number >> 32 == 0 and low > 1) or number >> 32 == 0x64_FF9B << 64:
        yield ipaddress.IPv4Address(low)
    elif number >> 80 == 0x64_FF9B_0001:
        # RFC 8215 leaves the length of the prefix to the network: the last 32 bits, or 48 to 88 without 64 to 72.
        yield ipaddress.IPv4Address(low)
        if spread := (number >> 64 & 0xFFFF) << 16 | (number >> 40 & 0xFFFF):
            yield ipaddress.IPv4Address(spread)
    elif number >> 112 == 0x2002:
        yield ipaddress.IPv4Address(number >> 80 & 0xFFFF_FFFF)
    elif number >> 96 == 0x2001_0000:
        yield ipaddress.IPv4Address(number >> 64 & 0xFFFF_FFFF)
        yield ipaddress.IPv4Address(low ^ 0xFFFF_FFFF)
    elif number >> 32 & 0xFFFF_FFFF in {0x0000_5EFE, 0x0200_5EFE}:
        yield ipaddress.IPv4Address(low)

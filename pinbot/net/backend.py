"""Connecting: a name is looked up once, all its addresses are checked, and a checked one is connected to.

The check stands here, at the socket, because a check before the request can be answered with one address and
the request with another (DNS rebinding). httpcore's backends: https://www.encode.io/httpcore/network-backends/.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from itertools import chain, zip_longest

import httpcore

from pinbot.errors import AddressRefused, CannotConnect, CannotResolveName, NetError, TimedOut
from pinbot.net.address import AddressPolicy, Kind, kind_of

Lookup = Callable[[str, int], Awaitable[Sequence[str]]]

CONNECT_SECONDS = 10.0
# How long one address may take while there are others: a broken IPv6 must not cost the whole limit.
_HEAD_START_SECONDS = 2.0
# Some names have hundreds of addresses; the first few are as good as all.
_TRIED = 8


async def system_lookup(host: str, port: int) -> Sequence[str]:
    """Return the addresses of a host as the system knows them. Raises OSError, as getaddrinfo does."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(sockaddr[0]) for *_, sockaddr in found]


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """A network backend that connects to no address the policy refuses.

    `inside` holds the hosts that were reached at an address of this machine or a private network.
    """

    def __init__(
        self,
        policy: AddressPolicy,
        lookup: Lookup = system_lookup,
        sockets: httpcore.AsyncNetworkBackend | None = None,
        connect_seconds: float = CONNECT_SECONDS,
        head_start_seconds: float = _HEAD_START_SECONDS,
    ) -> None:
        self._policy = policy
        self._lookup = lookup
        self._sockets = sockets or httpcore.AnyIOBackend()
        self._connect_seconds = connect_seconds
        self._head_start_seconds = head_start_seconds
        self.inside: set[str] = set()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002, ASYNC109 (httpcore's signature; our limits are our own)
        local_address: str | None = None,  # noqa: ARG002
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to one of the host's addresses.

        Raises AddressRefused where one of them is refused, CannotResolveName, CannotConnect or TimedOut.
        """
        try:
            async with asyncio.timeout(self._connect_seconds):
                addresses = await self._addresses(host, port)
                return await self._first(host, port, addresses, socket_options)
        except TimeoutError:
            raise TimedOut(
                f"{host}:{port}: no connection within {self._connect_seconds:g} s; is a firewall or proxy in the way?"
            ) from None

    async def sleep(self, seconds: float) -> None:
        """Wait, as httpcore asks for between its own tries (it makes none here)."""
        await asyncio.sleep(seconds)

    async def _addresses(self, host: str, port: int) -> list[str]:
        if refusal := self._policy.refusal_of_name(host):
            raise AddressRefused(f"{host}: {refusal}")
        try:
            found = list(dict.fromkeys(await self._lookup(host, port)))
        except (OSError, UnicodeError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else "it is not a valid name"
            raise CannotResolveName(f"{host}: the name cannot be resolved: {reason}") from error
        if not found:
            raise CannotResolveName(f"{host}: the name has no address")
        # One refused address refuses them all: mixed answers are how a rebinding begins.
        for address in found:
            if refusal := self._policy.refusal(host, address):
                raise AddressRefused(f"{host}: {refusal}")
        return _families_in_turn(found)[:_TRIED]

    async def _first(
        self,
        host: str,
        port: int,
        addresses: Sequence[str],
        options: Iterable[httpcore.SOCKET_OPTION] | None,
    ) -> httpcore.AsyncNetworkStream:
        failure: NetError | None = None
        for left, address in zip(range(len(addresses) - 1, -1, -1), addresses, strict=True):
            patience = self._head_start_seconds if left else self._connect_seconds
            try:
                stream = await self._sockets.connect_tcp(address, port, patience, None, options)
            except httpcore.ConnectTimeout:
                failure = TimedOut(f"{host}:{port}: no connection within {patience:g} s")
            except (httpcore.ConnectError, OSError) as error:
                failure = CannotConnect(f"{host}:{port}: cannot connect: {_why(error)}")
            else:
                if kind_of(ipaddress.ip_address(address.partition("%")[0])) is Kind.INSIDE:
                    self.inside.add(host)
                return stream
        raise failure or CannotResolveName(f"{host}: the name has no address")


def _families_in_turn(addresses: Sequence[str]) -> list[str]:
    """Return the addresses with IPv6 and IPv4 in turn, beginning as the system would."""
    first_is_v6 = ":" in addresses[0]
    same = [a for a in addresses if (":" in a) == first_is_v6]
    other = [a for a in addresses if (":" in a) != first_is_v6]
    return [a for a in chain.from_iterable(zip_longest(same, other)) if a is not None]


def _why(error: BaseException) -> str:
    """Return the system's words for a failed connection, from wherever in the chain they are."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ConnectionRefusedError):
            return "the connection was refused; nothing listens there"
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror
        cause = cause.__cause__ or cause.__context__
    return "the network gave no reason"

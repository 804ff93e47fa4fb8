"""Which addresses may be asked, by table and at the socket (T1, T2, F16, F56; crane #2285, #2292, #2302)."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Iterable
from typing import Any

import httpcore
import pytest

from pinbot.errors import AddressRefused, CannotConnect, CannotResolveName, NetError, TimedOut
from pinbot.net.address import ONE_SHOT, SERVICE, AddressPolicy, Kind, kind_of
from pinbot.net.backend import GuardedBackend
from pinbot.net.client import Client
from pinbot.net.origin import Origin
from pinbot.net.rules import OriginRules
from pinbot.net.site import Surroundings
from tests.fakes.server import Reply, Server
from tests.net.world import Names, Sockets, get

KINDS = {
    Kind.METADATA: (
        "169.254.169.254", "169.254.170.2", "169.254.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192",
        "fd00:ec2::254", "fd00:ec2::253", "fd20:ce::254", "fd00:42::42", "fd00:c1::a9fe:a9fe",
        "fd00:a9fe:a9fe::1", "fd00:100::100:200", "fe80::1", "febf::1",
        "::ffff:169.254.169.254", "::ffff:a9fe:a9fe", "::169.254.169.254", "::ffff:0:a9fe:a9fe",
        "64:ff9b::a9fe:a9fe", "64:ff9b::a83f:8110", "64:ff9b:1::a9fe:a9fe", "64:ff9b:1:a9fe:a9:fe00::",
        "2002:a9fe:a9fe::1", "2002:6464:64c8::", "2001:0:a9fe:a9fe::1", "2001:0:808:808:0:0:5601:5601",
        "2001:4860::5efe:a9fe:a9fe", "::ffff:c000:c0",
    ),
    Kind.INSIDE: (
        "127.0.0.1", "127.255.255.254", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1",
        "100.127.255.255", "198.18.0.1", "::1", "fc00::1", "fd12:3456::1", "fec0::1", "::ffff:127.0.0.1",
        "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::", "2002:c0a8:101::1",
        "64:ff9b:1::808:808",
    ),
    Kind.NEVER: (
        "0.0.0.0", "0.1.2.3", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "192.0.2.1",
        "198.51.100.7", "203.0.113.9", "192.0.0.1", "192.88.99.1", "::", "ff02::1", "2001:db8::1", "3fff::1",
        "::7f00:1", "::8.8.8.8", "100::1", "4000::1", "5f00::1", "2001:10::1", "::ffff:0.0.0.0", "2002:e000:1::",
    ),
    Kind.PUBLIC: (
        "8.8.8.8", "1.1.1.1", "172.15.255.255", "172.32.0.1", "100.63.255.255", "100.128.0.1", "169.253.255.255",
        "2606:4700::1111", "2a00:1450:4001::200e", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1",
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("address", "kind"),
    [pytest.param(a, kind, id=f"{a} is {kind.value}") for kind, addresses in KINDS.items() for a in addresses],
)
def test_knows_every_form_of_an_address(address: str, kind: Kind) -> None:
    assert kind_of(ipaddress.ip_address(address)) is kind


def test_the_command_may_go_inside_and_the_service_only_where_the_settings_say() -> None:
    listed = AddressPolicy(False, {"registry.corp": (ipaddress.ip_network("10.1.0.0/16"),)})
    assert ONE_SHOT.refusal("registry.corp", "10.1.2.3") is None
    assert "list it in the settings" in str(SERVICE.refusal("registry.corp", "10.1.2.3"))
    assert listed.refusal("registry.corp", "10.1.2.3") is None
    assert listed.refusal("registry.corp", "10.2.0.1")
    assert listed.refusal("other.corp", "10.1.2.3")


def test_no_setting_opens_a_metadata_service() -> None:
    everything = AddressPolicy(True, {"h": (ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0"))})
    assert all(everything.refusal("h", address) for address in KINDS[Kind.METADATA])


HOSTS_OF_THIS_MACHINE = (
    "localhost", "LOCALHOST", "localhost.", "127.0.0.1", "127.1", "2130706433", "0x7f.1", "0x7f000001", "0177.0.0.1",
    "017700000001", "127.0.0.1.", "[::1]", "[::ffff:7f00:1]", "[::ffff:127.0.0.1]", "[0:0:0:0:0:0:0:1]", "0", "0.0.0.0",
    "[::]", "[::7f00:1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::1]",
)  # fmt: skip


@pytest.mark.parametrize("host", HOSTS_OF_THIS_MACHINE)
def test_the_service_reaches_this_machine_under_no_spelling(host: str) -> None:
    with Server(lambda _: Reply(200)) as server:
        url = f"http://{host}:{server.port}/"
        with pytest.raises((AddressRefused, CannotResolveName)):
            get(url, Client(addresses=SERVICE, rules={Origin.parse(url): OriginRules(allow_http=True)}))
        with pytest.raises((AddressRefused, CannotResolveName)):
            asyncio.run(_open(GuardedBackend(SERVICE), host.strip("[]"), server.port))
        assert server.connections == 0


METADATA_HOSTS = (
    "169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518", "0xa9.0xfe.0xa9.0xfe",
    "[::ffff:a9fe:a9fe]", "[64:ff9b::a9fe:a9fe]", "[fd00:ec2::254]", "100.100.100.200", "168.63.129.16",
    "metadata.google.internal", "METADATA.google.internal.", "metadata", "instance-data",
)  # fmt: skip


@pytest.mark.parametrize("host", METADATA_HOSTS)
def test_nobody_reaches_a_metadata_service_under_any_spelling(host: str) -> None:
    sockets = Sockets()
    url = f"http://{host}/latest/meta-data/"
    with pytest.raises((AddressRefused, CannotResolveName)):
        rules = {Origin.parse(url): OriginRules(allow_http=True)}
        get(url, Client(rules=rules, world=Surroundings(sockets=sockets)))
    with pytest.raises((AddressRefused, CannotResolveName)):
        asyncio.run(_open(GuardedBackend(ONE_SHOT, sockets=sockets), host.strip("[]").lower().rstrip("."), 80))
    assert sockets.connected == []


async def _open(backend: GuardedBackend, host: str, port: int) -> None:
    stream = await backend.connect_tcp(host, port)
    await stream.aclose()


def _connect(names: Names, sockets: Sockets, policy: AddressPolicy = SERVICE, head_start: float = 0.05) -> list[str]:
    backend = GuardedBackend(policy, names, sockets, connect_seconds=0.5, head_start_seconds=head_start)
    asyncio.run(_open(backend, "registry.example", 443))
    return sockets.connected


class _Listening(Sockets):
    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 (httpcore's signature)
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        if host not in self._dead and host not in self._refused:
            self.connected.append(host)
            return _Stream()
        return await super().connect_tcp(host, port, timeout, local_address, socket_options)


class _Stream(httpcore.AsyncNetworkStream):
    async def aclose(self) -> None:
        """Nothing is open."""


def test_connects_to_the_address_that_was_checked_and_looks_up_once() -> None:
    names = Names({"registry.example": [["8.8.8.8"], ["127.0.0.1"]]})
    assert _connect(names, _Listening()) == ["8.8.8.8"]
    assert names.asked == ["registry.example"]


def test_a_name_that_is_rebound_between_two_connections_is_refused_the_second_time() -> None:
    names = Names({"registry.example": [["8.8.8.8"], ["169.254.169.254"]]})
    sockets = _Listening()
    _connect(names, sockets)
    with pytest.raises(AddressRefused):
        _connect(names, sockets)
    assert sockets.connected == ["8.8.8.8"]


ANSWERS: dict[str, tuple[list[str], type[NetError]]] = {
    "one refused address among good ones refuses them all": (["8.8.8.8", "10.0.0.1"], AddressRefused),
    "a refused address in the last place counts too": (["8.8.8.8"] * 999 + ["::1"], AddressRefused),
    "no address at all is a name that cannot be resolved": ([], CannotResolveName),
    "a zone on a link-local address does not hide it": (["fe80::1%eth0"], AddressRefused),
    "what is no address is refused": (["nonsense"], AddressRefused),
}


@pytest.mark.parametrize("host", ["localhost", "registry.localhost"])
def test_a_name_of_this_machine_that_leads_elsewhere_is_refused_since_http_is_spoken_to_it(host: str) -> None:
    sockets = Sockets()
    world = Surroundings(lookup=Names({host: [["8.8.8.8"]]}), sockets=sockets)
    with pytest.raises(AddressRefused, match="not this machine"):
        get(f"http://{host}:5000/v2/", Client(world=world))
    assert sockets.connected == []


@pytest.mark.parametrize(("answers", "error"), ANSWERS.values(), ids=ANSWERS)
def test_judges_all_answers_of_a_lookup(answers: list[str], error: type[NetError]) -> None:
    sockets = _Listening()
    with pytest.raises(error):
        _connect(Names({"registry.example": [answers]}), sockets)
    assert sockets.connected == []


def test_a_broken_ipv6_costs_only_the_head_start() -> None:
    names = Names({"registry.example": [["2606:4700::1", "2606:4700::2", "8.8.8.8"]]})
    assert _connect(names, _Listening(dead=["2606:4700::1"]))[-1] == "8.8.8.8"


def test_tries_the_next_address_when_one_refuses() -> None:
    names = Names({"registry.example": [["8.8.8.8", "9.9.9.9"]]})
    assert _connect(names, _Listening(refused=["8.8.8.8"])) == ["8.8.8.8", "9.9.9.9"]


def test_tries_a_few_addresses_and_not_a_thousand() -> None:
    many = [f"8.8.{n // 256}.{n % 256}" for n in range(1000)]
    sockets = _Listening(refused=many)
    with pytest.raises(CannotConnect, match="nothing listens"):
        _connect(Names({"registry.example": [many]}), sockets)
    assert len(sockets.connected) == 8


def test_gives_up_after_the_limit_when_nobody_answers() -> None:
    with pytest.raises(TimedOut, match="firewall"):
        _connect(Names({"registry.example": [["8.8.8.8"]]}), _Listening(dead=["8.8.8.8"]))


def test_a_public_host_cannot_lead_inside() -> None:
    with Server(lambda _: Reply(200)) as inside, Server() as public:
        public.faults.append(lambda _s, _r: Reply(302, (("Location", f"http://127.0.0.1:{inside.port}/"),)))
        url = f"http://public.example:{public.port}/"
        world = Surroundings(lookup=Names({"public.example": [["8.8.8.8"]]}), sockets=Sockets())
        with pytest.raises(AddressRefused):
            get(url, Client(rules={Origin.parse(url): OriginRules(allow_http=True)}, world=world))
        assert inside.log == []


def test_an_address_that_a_public_host_names_cannot_be_inside() -> None:
    with Server(lambda _: Reply(200)) as inside, Server(lambda _: Reply(200)) as public:
        url = f"http://public.example:{public.port}/"
        rules = {Origin.parse(url): OriginRules(allow_http=True)}
        world = Surroundings(lookup=Names({"public.example": [["8.8.8.8"]]}), sockets=Sockets())

        async def ask() -> None:
            async with Client(rules=rules, world=world) as client:
                await client.request("GET", url, limit=100)
                with pytest.raises(AddressRefused):
                    await client.request("GET", f"{inside.url}/token", limit=100, led_by=Origin.parse(url))
                with pytest.raises(AddressRefused):
                    await client.send("POST", f"{inside.url}/token", b"x", limit=100, led_by=Origin.parse(url))

        asyncio.run(ask())
        assert inside.log == []

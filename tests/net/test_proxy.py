"""Proxies come from an environment that is passed in, and from nowhere else (T44, F56)."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from pinbot.errors import AddressRefused, CannotConnect
from pinbot.net.client import Client
from pinbot.net.origin import Origin
from pinbot.net.proxy import Proxies
from pinbot.net.rules import OriginRules
from tests.fakes import faults
from tests.fakes.canary import canary, carries, shows_canary
from tests.fakes.server import Reply, Server
from tests.net.world import get, patient

P = "http://proxy.example:3128"
CASES: dict[str, tuple[Mapping[str, str], str, str | None]] = {
    "no variables, no proxy": ({}, "https://ghcr.io", None),
    "HTTPS_PROXY is for https": ({"HTTPS_PROXY": P}, "https://ghcr.io", P),
    "HTTPS_PROXY is not for http": ({"HTTPS_PROXY": P}, "http://r.example", None),
    "HTTP_PROXY is for http": ({"HTTP_PROXY": P}, "http://r.example", P),
    "HTTP_PROXY is not for https": ({"HTTP_PROXY": P}, "https://r.example", None),
    "ALL_PROXY is for both": ({"ALL_PROXY": P}, "https://ghcr.io", P),
    "lower case counts": ({"https_proxy": P}, "https://ghcr.io", P),
    "lower case wins": ({"https_proxy": P, "HTTPS_PROXY": "http://other.example"}, "https://ghcr.io", P),
    "an empty variable is none": ({"HTTPS_PROXY": ""}, "https://ghcr.io", None),
    "a proxy without a scheme is http": ({"HTTPS_PROXY": "proxy.example:3128"}, "https://ghcr.io", P),
    "httpoxy: a CGI program's HTTP_PROXY is a request header": (
        {"HTTP_PROXY": P, "REQUEST_METHOD": "GET"}, "http://r.example", None
    ),
    "localhost is asked directly": ({"HTTP_PROXY": P}, "http://localhost:5000", None),
    "127.0.0.1 is asked directly": ({"HTTP_PROXY": P}, "http://127.0.0.1:5000", None),
    "NO_PROXY names a host": ({"HTTPS_PROXY": P, "NO_PROXY": "ghcr.io"}, "https://ghcr.io", None),
    "NO_PROXY names a domain": ({"HTTPS_PROXY": P, "NO_PROXY": "corp.example"}, "https://r.corp.example", None),
    "NO_PROXY with a dot is for what is below": (
        {"HTTPS_PROXY": P, "NO_PROXY": ".corp.example"}, "https://corp.example", P
    ),
    "NO_PROXY with a dot": ({"HTTPS_PROXY": P, "no_proxy": "a, .corp.example"}, "https://r.corp.example", None),
    "NO_PROXY matches whole labels": ({"HTTPS_PROXY": P, "NO_PROXY": "cr.io"}, "https://ghcr.io", P),
    "NO_PROXY with a port": ({"HTTPS_PROXY": P, "NO_PROXY": "r.example:5000"}, "https://r.example:5000", None),
    "NO_PROXY with another port": ({"HTTPS_PROXY": P, "NO_PROXY": "r.example:5000"}, "https://r.example", P),
    "NO_PROXY is a star": ({"HTTPS_PROXY": P, "NO_PROXY": "*"}, "https://ghcr.io", None),
    "NO_PROXY is a network": ({"HTTPS_PROXY": P, "NO_PROXY": "10.0.0.0/8"}, "https://10.1.2.3", None),
    "NO_PROXY is another network": ({"HTTPS_PROXY": P, "NO_PROXY": "10.0.0.0/8"}, "https://11.1.2.3", P),
    "NO_PROXY is an IPv6 address": ({"HTTPS_PROXY": P, "NO_PROXY": "2606:4700::1"}, "https://[2606:4700::1]", None),
    "NO_PROXY is an IPv6 address with a port": (
        {"HTTPS_PROXY": P, "NO_PROXY": "[2606:4700::1]:443"}, "https://[2606:4700::1]", None
    ),
    "NO_PROXY may be nonsense": ({"HTTPS_PROXY": P, "NO_PROXY": ",,:,[,]:1,1/2/3"}, "https://10.1.2.3", P),
}  # fmt: skip


@pytest.mark.parametrize(("environ", "url", "proxy"), CASES.values(), ids=CASES)
def test_proxy(environ: Mapping[str, str], url: str, proxy: str | None) -> None:
    server = Proxies.from_environ(environ).server_for(Origin.parse(url))
    assert (str(server.origin) if server else None) == proxy


@pytest.mark.parametrize("value", ["socks5://p.example", "file:///x", "http://", "http://p:port"])
def test_a_proxy_that_cannot_be_used_says_so_without_showing_it(value: str) -> None:
    proxies = Proxies.from_environ({"HTTPS_PROXY": value})
    with pytest.raises(CannotConnect, match="HTTPS_PROXY") as caught:
        proxies.server_for(Origin.parse("https://ghcr.io"))
    assert "p.example" not in str(caught.value)


def test_asks_through_the_proxy_with_its_own_login_only() -> None:
    with Server(lambda _: Reply(200, (), b"by proxy")) as proxy:
        proxies = Proxies.from_environ({"HTTP_PROXY": f"http://me:{canary('proxy')}@127.0.0.1:{proxy.port}"})
        rules = {Origin.parse("http://registry.example"): OriginRules(allow_http=True)}
        answer = get("http://registry.example/v2/", Client(proxies=proxies, rules=rules, world=patient()))
        assert answer.body == b"by proxy"
        proxy.may_see.add(canary("proxy"))
        assert carries(proxy.log[0], canary("proxy"))
        assert shows_canary([repr(proxies), repr(proxies.server_for(Origin.parse("http://registry.example")))]) == []


def test_a_proxy_that_refuses_the_tunnel_is_a_sentence() -> None:
    with Server(lambda _: Reply(407)) as proxy:
        proxies = Proxies.from_environ({"HTTPS_PROXY": proxy.url})
        with pytest.raises(CannotConnect, match="the proxy refuses"):
            get("https://registry.example/v2/", Client(proxies=proxies, world=patient()))
        assert {s.method for s in proxy.log} == {"CONNECT"}


@pytest.mark.parametrize("host", ["169.254.169.254", "metadata.google.internal"])
def test_a_proxy_is_no_way_to_a_metadata_service(host: str) -> None:
    with Server() as proxy:
        proxies = Proxies.from_environ({"HTTPS_PROXY": proxy.url})
        with pytest.raises(AddressRefused):
            get(f"https://{host}/", Client(proxies=proxies, world=patient()))
        assert proxy.log == []


def test_a_host_behind_a_proxy_cannot_lead_inside() -> None:
    with Server(lambda _: Reply(200)) as inside, Server() as proxy:
        proxy.faults.append(faults.redirect(inside.url))
        proxies = Proxies.from_environ({"HTTP_PROXY": proxy.url})
        rules = {Origin.parse("http://registry.example"): OriginRules(allow_http=True)}
        with pytest.raises(AddressRefused):
            get("http://registry.example/v2/", Client(proxies=proxies, rules=rules, world=patient()))
        assert inside.log == []

"""Tags page by page, and paginators that attack (T6; CVE-2026-88880, -88881, -88882, -88887, crane #2332)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from time import monotonic

import pytest

from pinbot.errors import NotFound
from pinbot.net.client import Client
from pinbot.net.origin import Origin
from pinbot.oci.resolution import TagList
from pinbot.registry.auth import Authenticator
from pinbot.registry.client import RegistryClient
from pinbot.registry.credentials._base import Login
from pinbot.registry.limit import Limit, PullLimit
from pinbot.registry.options import RegistryOptions
from tests.fakes import faults
from tests.fakes.canary import canary, leaks
from tests.fakes.registry import FakeRegistry
from tests.fakes.server import Fault, Reply, Server
from tests.net.world import patient
from tests.registry.ask import PATH, login


def utc() -> datetime:
    return datetime.now(UTC)


def _tags(registry: Server) -> TagList:
    async def ask() -> TagList:
        origin = Origin.parse(registry.url)
        options = RegistryOptions(**login("robot", canary("hub")))
        assert options.username is not None
        assert options.password is not None
        known = Login(options.username, options.password)

        async def find(_path: str) -> Login:
            return known

        async with Client(world=patient()) as client:
            auth = Authenticator("docker.io", origin, client, find, (), lambda _: None)
            limit, pulls = Limit("docker.io", monotonic, utc), PullLimit(monotonic, utc)
            return await RegistryClient("docker.io", origin, client, auth, limit, pulls).tags(PATH)

    return asyncio.run(ask())


def _filled(count: int = 30) -> FakeRegistry:
    registry = FakeRegistry(auth="basic", users={"robot": canary("hub")})
    digest = registry.push_image(PATH)
    for n in range(count):
        registry.tag(PATH, f"1.{n:04}", digest)
    return registry


def test_reads_all_pages() -> None:
    with _filled(2500) as registry:
        found = _tags(registry)
        assert found == TagList(tuple(f"1.{n:04}" for n in range(2500)), complete=True)
        assert len(registry.requests(containing="tags/list")) == 3


def test_a_registry_that_ignores_the_page_size_is_read_at_once() -> None:
    with FakeRegistry() as registry:
        registry.faults.append(faults.on("tags/list", faults.status(200, b'{"tags":["a","b"]}')))
        assert _tags(registry) == TagList(("a", "b"), complete=True)


@pytest.mark.parametrize("body", [b'{"tags":null}', b'{"tags":[]}', b"{}"])
def test_no_tags_are_a_complete_list(body: bytes) -> None:
    with FakeRegistry() as registry:
        registry.faults.append(faults.on("tags/list", faults.status(200, body)))
        assert _tags(registry) == TagList((), complete=True)


def test_an_unknown_repository_is_not_an_empty_list() -> None:
    with FakeRegistry() as registry, pytest.raises(NotFound, match="no such repository"):
        _tags(registry)


def test_what_cannot_be_a_tag_is_left_out() -> None:
    with FakeRegistry() as registry:
        body = json.dumps({"tags": ["ok", "a b", "../x", "", "x" * 129, "-a", "a\nb", "\u0441"]}).encode()
        registry.faults.append(faults.on("tags/list", faults.status(200, body)))
        assert _tags(registry).tags == ("ok",)


def _one(n: int) -> bytes:
    return json.dumps({"tags": [f"t{n}"]}).encode()


def _next(target: str) -> Callable[[int], str]:
    return lambda n: f'<{target.replace("N", str(n))}>; rel="next"'


LIST = f"/v2/{PATH}/tags/list"
ATTACKS: dict[str, tuple[Callable[[int], str], int]] = {
    "another host": (_next("EVIL/v2/x/tags/list?last=N"), 1),
    "another host without a scheme": (_next("//localhost:PORT/v2/library/nginx/tags/list?last=N"), 1),
    "the same host with a user": (_next("http://u@127.0.0.1/v2/library/nginx/tags/list"), 1),
    "another scheme": (_next(f"https://127.0.0.1{LIST}?last=N"), 1),
    "a file": (_next("file:///etc/passwd"), 1),
    "another port": (_next(f"http://127.0.0.1:1{LIST}"), 1),
    "another repository": (_next("/v2/acme/secret/tags/list?last=N"), 1),
    "a path that climbs": (_next(f"{LIST}/../../../../acme/tags/list"), 1),
    "no path of a list": (_next("/token?scope=x"), 1),
    "the page itself": (_next(f"{LIST}?n=1000"), 1),
    "two pages in a circle": (lambda n: f"<{LIST}?last={'ab'[n % 2]}>; rel=next", 3),
    "a new page for ever": (_next(f"{LIST}?last=N"), 1000),
    "a line break in the address": (_next(f"{LIST}?a\tb"), 1),
}


@pytest.mark.parametrize(("link", "requests"), ATTACKS.values(), ids=ATTACKS)
def test_a_next_page_that_leads_elsewhere_ends_an_incomplete_list(link: Callable[[int], str], requests: int) -> None:
    with Server(lambda _: Reply(200), name="localhost") as evil, _filled() as registry:

        def aimed(n: int) -> str:
            return link(n).replace("EVIL", evil.url).replace("PORT", str(evil.port))

        registry.faults.append(faults.on("tags/list", faults.counting_pages(aimed, _one)))
        found = _tags(registry)
        assert not found.complete
        assert len(registry.requests(containing="tags/list")) == requests
        assert evil.log == []
        assert leaks(canary("hub"), [evil]) == []


BIG: dict[str, Callable[[int], bytes]] = {
    "a million tags": lambda n: json.dumps({"tags": [f"t{n}-{m}" for m in range(90_000)]}).encode(),
    "many megabytes": lambda n: json.dumps({"tags": ["x" * 7_000_000, f"t{n}"]}).encode(),
    "a page above its limit": lambda n: _one(n) if n == 1 else json.dumps({"tags": ["x" * 8_500_000]}).encode(),
}


@pytest.mark.parametrize("tags", BIG.values(), ids=BIG)
def test_a_list_that_is_too_long_is_incomplete(tags: Callable[[int], bytes]) -> None:
    with FakeRegistry() as registry:
        registry.faults.append(faults.on("tags/list", faults.counting_pages(_next(f"{LIST}?last=N"), tags)))
        found = _tags(registry)
        assert not found.complete
        assert len(found.tags) <= 200_000
        assert len(registry.requests(containing="tags/list")) <= 6


LATER: dict[str, Fault] = {
    "a failure": faults.status(500),
    "a login page": faults.html(),
    "a lost permission": faults.status(401),
    "an answer cut short": faults.truncated(5),
}


@pytest.mark.parametrize("fault", LATER.values(), ids=LATER)
def test_a_later_page_that_fails_makes_the_list_incomplete(fault: Fault) -> None:
    with _filled(1500) as registry:
        registry.faults.append(faults.on("last=", fault))
        found = _tags(registry)
        assert (len(found.tags), found.complete) == (1000, False)


LAST_PAGES = {
    "an empty header": "",
    "a word": "nonsense",
    "a link without a relation": f"<{LIST}?a=b>",
    "a link to the page before": f'<{LIST}?a=b>; rel="prev"',
    "an empty link": "<>;;;",
    "a relation without a link": "rel=next",
    "a link without brackets": f"{LIST}; rel=next",
    "many brackets": "<" * 9000,
}


@pytest.mark.parametrize("header", LAST_PAGES.values(), ids=LAST_PAGES)
def test_no_next_page_is_the_end(header: str) -> None:
    with FakeRegistry() as registry:
        registry.faults.append(faults.on("tags/list", faults.counting_pages(lambda _: header, _one)))
        assert _tags(registry) == TagList(("t1",), complete=True)

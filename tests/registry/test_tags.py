"""Tags page by page, and paginators that attack (T6; CVE-2026-88880, -88881, -88882, -88887, crane #2332)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from time import monotonic

import pytest

from pinbot.errors import NotFound, TimedOut
from pinbot.net.client import Client
from pinbot.net.origin import Origin
from pinbot.net.response import Response
from pinbot.oci.resolution import TagList
from pinbot.registry.auth import Authenticator
from pinbot.registry.client import RegistryClient
from pinbot.registry.credentials._base import Login
from pinbot.registry.limit import Limit, PullLimit
from pinbot.registry.options import RegistryOptions
from pinbot.registry.tags import read_tags
from tests.fakes import faults
from tests.fakes.canary import canary, leaks
from tests.fakes.registry import FakeRegistry
from tests.fakes.server import Fault, Reply, Seen, Server
from tests.net.world import patient
from tests.registry.ask import PATH, login


def utc() -> datetime:
    return datetime.now(UTC)


def _tags(registry: Server, path: str = PATH) -> TagList:
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
            return await RegistryClient("docker.io", origin, client, auth, limit, pulls).tags(path)

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


class Paging:
    """A registry's own way of giving a list in pages; `asked` holds the targets."""

    def __init__(
        self,
        names: list[str],
        cap: int = 1000,
        link: str | None = '</v2/{path}/tags/list?n={n}&last={last}>; rel="next"',
        most: int = 10**6,
        ignores: tuple[str, ...] = (),
        refusal: int = 400,
    ) -> None:
        self.names, self.cap, self.link, self.most, self.ignores, self.refusal = (
            names,
            cap,
            link,
            most,
            ignores,
            refusal,
        )
        self.asked: list[str] = []

    def __call__(self, seen: Seen, reply: Reply) -> Reply:
        """Answer a page of the list, which is in an order of its own."""
        if "tags/list" not in seen.target:
            return reply
        self.asked.append(seen.target)
        query = {key: values[0] for key, values in seen.query.items() if key not in self.ignores}
        size = int(query.get("n", self.cap))
        if "n" in query and size > self.most:
            return Reply(self.refusal, (), b'{"errors":[{"code":"UNSUPPORTED","message":"n is too large"}]}')
        last = query.get("last", query.get("next_page", ""))
        start = self.names.index(last) + 1 if last in self.names else 0
        size = len(self.names) if "n" in self.ignores else min(size, self.cap)
        page = self.names[start : start + size]
        answer = Reply(200, (("Content-Type", "application/json"),), json.dumps({"tags": page}).encode())
        if self.link is None or start + size >= len(self.names):
            return answer
        # A token may hold what is not plain in a query; the names here do not.
        return answer.with_header("Link", self.link.format(path=PATH, n=size, last=page[-1]))


SORTED = [f"1.{n:04}" for n in range(2500)]
OLDEST_FIRST = SORTED[::-1]
WAYS: dict[str, tuple[Paging, int]] = {
    "Docker Hub caps a page at 100": (Paging(SORTED, cap=100), 25),
    "Quay gives a token in a relative link": (
        Paging(SORTED, cap=100, link='</v2/{path}/tags/list?n={n}&next_page={last}>; rel="next"'),
        25,
    ),
    "a link that is only a query": (Paging(SORTED, link='<?n={n}&last={last}>; rel="next"'), 3),
    "a link that is only a name": (Paging(SORTED, link='<list?n={n}&last={last}>; rel="next"'), 3),
    "GHCR lists the oldest first": (Paging(OLDEST_FIRST), 3),
    "ECR refuses pages of more than a thousand": (Paging(SORTED, most=1000), 3),
    "a registry that refuses more than a hundred": (Paging(SORTED, most=100), 26),
    "a registry that refuses any size with 405": (
        Paging(SORTED, cap=500, most=0, refusal=405, link='<?last={last}>; rel="next"'),
        7,
    ),
    "a registry that ignores the size": (Paging(SORTED, ignores=("n",)), 1),
    "a registry that ignores size and place": (Paging(SORTED[:500], ignores=("n", "last")), 2),
    "a proxy that loses the links": (Paging(SORTED, cap=100, link=None), 26),
    "a proxy that loses the links of full pages": (Paging(SORTED[:2499], link=None), 3),
    "one page of just the size that was asked for": (Paging(SORTED[:1000], link=None), 2),
    "a short page without a link": (Paging(SORTED[:999], link=None), 1),
}


@pytest.mark.parametrize(("paging", "requests"), WAYS.values(), ids=WAYS)
def test_reads_the_whole_list_of(paging: Paging, requests: int) -> None:
    with _filled(0) as registry:
        registry.faults.append(paging)
        found = _tags(registry)
        assert (found.complete, found.reason) == (True, "")
        assert set(found.tags) == set(paging.names)
        assert len(paging.asked) == requests


CUT: dict[str, tuple[Paging, str]] = {
    "Artifactory names itself otherwise": (
        Paging(SORTED, link='<https://artifactory.corp/v2/{path}/tags/list?last={last}>; rel="next"'),
        "https://artifactory.corp, another server, which is not asked; if that is the registry's own name, give it",
    ),
    "Artifactory leads to its own path": (
        Paging(SORTED, link='</artifactory/api/docker/hub/v2/{path}/tags/list?last={last}>; rel="next"'),
        "its next page is at /artifactory/api/docker/hub/v2/library/nginx/tags/list, which is not this list",
    ),
    "a full page, no link, and no way on": (
        Paging(SORTED, link=None, ignores=("last",)),
        "a page is full, and the registry does not say how the next one is to be had",
    ),
    "pages in a circle": (Paging(SORTED, link='</v2/{path}/tags/list?n=1000>; rel="next"'), "pages go in a circle"),
    "pages without an end that bring nothing": (
        Paging(SORTED[:1001], link='</v2/{path}/tags/list?n={n}&x={last}>; rel="next"'),
        "pages go in a circle",
    ),
}


@pytest.mark.parametrize(("paging", "reason"), CUT.values(), ids=CUT)
def test_says_why_a_list_is_not_whole(paging: Paging, reason: str) -> None:
    with _filled(0) as registry:
        registry.faults.append(paging)
        found = _tags(registry)
        assert (found.complete, reason in found.reason) == (False, True), found.reason


def test_pages_that_bring_nothing_new_end_the_list() -> None:
    with _filled() as registry:
        same = faults.counting_pages(_next(f"{LIST}?last=N"), lambda _: _one(1))
        registry.faults.append(faults.on("tags/list", same))
        found = _tags(registry)
        assert (found.tags, found.complete) == (("t1",), False)
        assert len(registry.requests(containing="tags/list")) == 11


def test_a_list_that_takes_too_long_is_incomplete() -> None:
    async def slow(target: str) -> Response:
        await asyncio.sleep(0.05)
        link = {"link": f'<{target.partition("?")[0]}?last={target[-8:]}{len(asked)}>; rel="next"'}
        asked.append(target)
        return Response(origin, "", 200, link, _one(len(asked)))

    asked: list[str] = []
    origin = Origin.parse("https://registry.example")
    found = asyncio.run(read_tags(slow, origin, PATH, "registry.example/x", seconds=0.3))
    assert not found.complete
    assert "so slow that 0.3 s were not enough" in found.reason
    with pytest.raises(TimedOut):
        asyncio.run(read_tags(slow, origin, PATH, "registry.example/x", seconds=0.01))


@pytest.mark.parametrize(
    ("link", "complete"),
    [
        pytest.param("http://registry.example", True, id="behind a proxy for TLS that the registry does not know of"),
        pytest.param("http://registry.example:80", True, id="with the port"),
        pytest.param("http://registry.example:8080", False, id="another port"),
        pytest.param("http://other.example", False, id="another host"),
    ],
)
def test_a_link_by_http_to_the_same_host_is_followed_by_https(link: str, complete: bool) -> None:
    asked: list[str] = []

    async def page(target: str) -> Response:
        asked.append(target)
        headers = {"link": f'<{link}{LIST}?last=x>; rel="next"'} if len(asked) == 1 else {}
        return Response(origin, "", 200, headers, _one(len(asked)))

    origin = Origin.parse("https://registry.example")
    found = asyncio.run(read_tags(page, origin, PATH, "registry.example/x"))
    assert (found.complete, len(asked)) == (complete, 1 + complete)


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

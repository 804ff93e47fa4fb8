"""Redirects are judged hop by hop, and credentials stay at home (T3, T5; CVE-2020-15157, GHSA-28r5-37g7-p6mp)."""

from __future__ import annotations

import pytest

from pinbot.errors import AddressRefused, NetError, RedirectRefused
from pinbot.net.client import Client
from pinbot.net.credential import Credential
from pinbot.net.origin import Origin
from pinbot.net.redirect import next_url
from pinbot.net.retry import RetryPolicy
from pinbot.secret import Secret
from tests.fakes import faults
from tests.fakes.canary import canary, carries, leaks, shows_canary
from tests.fakes.server import Reply, Server
from tests.net.world import get, patient

HERE = "https://registry.example/v2/a/manifests/1"
FOLLOWED = {
    "/v2/b": "https://registry.example/v2/b",
    "../blobs/x": "https://registry.example/v2/a/blobs/x",
    "?page=2": "https://registry.example/v2/a/manifests/1?page=2",
    "//cdn.example/x": "https://cdn.example/x",
    "https://cdn.example/x?sig=a%2Fb#frag": "https://cdn.example/x?sig=a%2Fb",
    "https://registry.example:4443/x": "https://registry.example:4443/x",
    "HTTPS://CDN.EXAMPLE/x": "https://CDN.EXAMPLE/x",
    "https://cdn.example/x?policy=a|b{c}": "https://cdn.example/x?policy=a|b{c}",
    "https:path": "https://registry.example/v2/a/manifests/path",
    "": "https://registry.example/v2/a/manifests/1",
}
REFUSED = (
    "http://registry.example/v2/b", "http://10.0.0.1/", "http://localhost/", "file:///etc/passwd", "ftp://h.example/x",
    "gopher://h.example/", "data:text/plain,x", "javascript:alert(1)", "https://u:p@cdn.example/", "https://@cdn.example/",
    "https://cdn.example\\@evil.example/", "\\\\evil.example/x", "https://cdn.example:0/", "https://cdn.example:99999/",
    "https://[::1", "https://", "https:///x", "https://g\u0441r.io/", "https://xn--gr-nlc.io/", "https://a b/",
    "http:evil",
    "https://cdn.example/\tx", "https://cdn.example/\x00", "unix:///var/run/docker.sock", "https://cdn..example/",
)  # fmt: skip


@pytest.mark.parametrize(("location", "url"), FOLLOWED.items(), ids=lambda v: v or "an empty one is the same page")
def test_follows(location: str, url: str) -> None:
    assert next_url(HERE, location, lambda _: False) == url


@pytest.mark.parametrize("location", REFUSED)
def test_does_not_follow(location: str) -> None:
    with pytest.raises(RedirectRefused, match=r"^https://registry\.example: it redirects to"):
        next_url(HERE, location, lambda _: True)


def test_http_leads_to_http_only_where_it_is_allowed() -> None:
    assert next_url("http://localhost:5000/a", "/b", lambda _: True) == "http://localhost:5000/b"
    with pytest.raises(RedirectRefused, match="http is not allowed"):
        next_url("http://localhost:5000/a", "http://other.example/b", lambda o: o.is_loopback)


def _credential(server: Server) -> Credential:
    server.may_see.add(canary(server.host))
    return Credential.bearer(Origin.parse(server.url), Secret(canary(server.host)))


def _page(_seen: object) -> Reply:
    return Reply(200, (("Set-Cookie", "session=1"),), b"hello")


def test_the_credential_stays_at_its_origin() -> None:
    with Server(_page) as home, Server(_page) as away:
        home.faults.append(faults.redirect(f"{away.url}/x"))
        answer = get(f"{home.url}/a", credential=_credential(home), accept=("application/json",))
        assert (answer.status, str(answer.origin)) == (200, away.url)
        assert carries(home.log[0], canary(home.host))
        assert leaks(canary(home.host), [away]) == []
        assert set(away.log[0].headers) == {"host", "user-agent", "accept", "accept-encoding"}


def test_the_credential_does_not_come_back_after_a_detour() -> None:
    with Server(_page) as home, Server(_page) as away:
        home.faults.append(faults.on("/start", faults.redirect(f"{away.url}/x")))
        away.faults.append(faults.redirect(f"{home.url}/end"))
        get(f"{home.url}/start", credential=_credential(home))
        assert "authorization" not in home.log[-1].headers
        assert leaks(canary(home.host), [away]) == []


def test_a_redirect_within_the_origin_keeps_the_credential() -> None:
    with Server(_page) as home:
        home.faults.append(faults.on("/start", faults.redirect("/end")))
        get(f"{home.url}/start", credential=_credential(home))
        assert carries(home.log[-1], canary(home.host))


def test_a_credential_for_another_origin_is_not_sent() -> None:
    with Server(_page) as home, Server(_page) as other:
        get(home.url, credential=_credential(other))
        assert "authorization" not in home.log[0].headers


def test_cookies_are_never_sent_back() -> None:
    with Server(_page) as home:
        home.faults.append(faults.on("/start", lambda _s, r: Reply(302, (("Location", "/end"), ("Set-Cookie", "a=b")))))
        get(f"{home.url}/start")
        assert "cookie" not in home.log[-1].headers


def test_stops_after_five_hops() -> None:
    with Server(_page) as home:
        home.faults.append(faults.redirect("/again"))
        with pytest.raises(RedirectRefused, match="too many"):
            get(home.url)
        assert len(home.log) == 6


def test_follows_none_where_none_may_be() -> None:
    with Server(_page) as home, Server(_page) as away:
        home.faults.append(faults.redirect(f"{away.url}/token"))
        with pytest.raises(RedirectRefused):
            get(home.url, redirects=0, credential=_credential(home))
        assert away.log == []


@pytest.mark.parametrize(
    "location", ["http://169.254.169.254/latest", "http://metadata.google.internal/", "http://x.example/"]
)
def test_a_redirect_reaches_no_refused_place(location: str) -> None:
    with Server(_page) as home:
        home.faults.append(faults.redirect(location))
        with pytest.raises((AddressRefused, RedirectRefused)):
            get(home.url)


def test_a_header_that_cannot_be_sent_is_not_shown() -> None:
    with Server(_page) as home:
        credential = Credential(Origin.parse(home.url), Secret(f"Bearer {canary('here')} "))
        with pytest.raises(NetError) as caught:
            get(home.url, Client(world=patient(), retries=RetryPolicy(tries=1)), credential=credential)
    assert caught.value.__cause__ is None
    assert shows_canary([str(caught.value)]) == []


BROKEN_LOCATIONS = {
    "a port that is a word": b"http://localhost:evil/",
    "text behind a bracket": b"http://[::1]evil.example/",
    "a bracket without an address": b"http://[v1.x]/",
    "a broken IPv6 address": b"http://[:1]/",
    "a host of bytes": b"http://lo\xb2alhost/",
    "a control character": b"http\x1e//localhost/",
    "a URL longer than any": b"/" + b"a" * 70_000,
    "two URLs in one": b"httption: http://[: http://[::1]evil/",
}


@pytest.mark.parametrize("location", BROKEN_LOCATIONS.values(), ids=BROKEN_LOCATIONS)
def test_a_location_that_no_parser_reads_is_a_refusal_and_no_bug(location: bytes) -> None:
    with Server(_page) as home:
        home.faults.append(faults.redirect(location.decode("latin-1")))
        with pytest.raises(NetError):
            get(home.url)


def test_errors_and_values_show_no_secret() -> None:
    secret = Secret(canary("here"))
    credential = Credential.basic(Origin("https", "h", 443), "user", secret)
    texts = [repr(secret), str(secret), repr(credential), f"{credential}"]
    with Server(_page) as home:
        home.faults.append(faults.redirect("http://u:CANARY-x@evil.example/?token=CANARY-y"))
        try:
            get(home.url, Client(world=patient()), credential=_credential(home))
        except NetError as error:
            texts += [str(error), repr(error), str(error.__cause__)]
    assert len(texts) == 7
    assert shows_canary(texts) == []

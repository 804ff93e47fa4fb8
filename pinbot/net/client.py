"""The one HTTP client: guarded addresses, limits, retries, and redirects followed by hand.

Writes (`send`) are another matter than questions (`request`): they go to one origin alone, and never twice.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Literal, Self

from pinbot import __version__
from pinbot.errors import AddressRefused, LeftAlone, NetError, RedirectRefused
from pinbot.net.address import ONE_SHOT, AddressPolicy
from pinbot.net.backend import GuardedBackend
from pinbot.net.credential import Credential
from pinbot.net.host import Passage
from pinbot.net.origin import Origin, shorten
from pinbot.net.proxy import Proxies
from pinbot.net.redirect import MAX_REDIRECTS, location_of, next_url, same_request_at
from pinbot.net.response import Response, refuse_encoding
from pinbot.net.retry import RetryClass, RetryPolicy, class_of, class_of_write
from pinbot.net.rules import OriginRules
from pinbot.net.site import Outgoing, Site, Surroundings
from pinbot.net.tls import ClientCertificate, tls_context

DEADLINE_SECONDS = 60.0
_AGENT = f"pinbot/{__version__}"


_NO_RULES = OriginRules()
_Trust = tuple[str | None, ClientCertificate | None]


class Client:
    """Asks servers, for one run; use it as an asynchronous context manager, within one event loop.

    `deadline_seconds` is for one request as a whole with its retries and redirects, without the time in which
    the server asked to be left alone. Of that, a host that has never answered (to such a method) is given
    `silence_seconds` (None: all), tries included; one that has never answered at all is then left alone for a minute.
    """

    def __init__(
        self,
        *,
        addresses: AddressPolicy = ONE_SHOT,
        rules: Mapping[Origin, OriginRules] | None = None,
        proxies: Proxies | None = None,
        retries: RetryPolicy | None = None,
        deadline_seconds: float = DEADLINE_SECONDS,
        silence_seconds: float | None = None,
        world: Surroundings | None = None,
    ) -> None:
        self._addresses = addresses
        self._rules = dict(rules or {})
        self._proxies = proxies or Proxies()
        self._retries = retries or RetryPolicy()
        self._deadline_seconds = deadline_seconds
        self._silence_seconds = silence_seconds
        self._world = world or Surroundings()
        self._sites: dict[tuple[Origin, bool, Proxies, ClientCertificate | None], Site] = {}
        self._contexts: dict[_Trust, ssl.SSLContext] = {}

    async def request(
        self,
        method: Literal["GET", "HEAD"],
        url: str,
        *,
        limit: int,
        accept: Sequence[str] = (),
        credential: Credential | None = None,
        led_by: Origin | None = None,
        redirects: int = MAX_REDIRECTS,
        stay: bool = False,
    ) -> Response:
        """Ask for `url` and return the answer, whatever its status.

        `limit` is in bytes of the body. The credential goes to its own origin only, and not again once a redirect
        has left it. `led_by` is the origin whose answer named this URL: a public host cannot lead us inside.
        With `stay`, no redirect is followed to another origin. Raises NetError.
        """
        time_left = _TimeLeft(self._deadline_seconds)
        for _ in range(redirects + 1):
            origin = Origin.parse(url)
            site = self._site(origin, led_by)
            outgoing = Outgoing(method, url, _headers(origin, accept, credential))
            response = await self._ask(site, outgoing, limit, time_left)
            location = location_of(response.status, response.headers)
            if location is None:
                refuse_encoding(response)
                return response
            url = next_url(url, location, self._allows_http)
            if Origin.parse(url) != origin:
                if stay:
                    raise RedirectRefused(
                        f"{origin}: it redirects to {shorten(url)}, another server, which is not asked"
                    )
                credential, led_by = None, led_by or origin
        raise RedirectRefused(f"{shorten(url)}: redirects are not followed here, or there were too many ({redirects})")

    async def send(
        self,
        method: Literal["POST", "PUT", "PATCH", "DELETE"],
        url: str,
        body: bytes = b"",
        *,
        limit: int,
        media_type: str = "application/json",
        accept: Sequence[str] = (),
        credential: Credential | None = None,
        led_by: Origin | None = None,
        redirects: int = MAX_REDIRECTS,
    ) -> Response:
        """Write to `url` and return the answer, whatever its status; `limit` is in bytes of the answer's body.

        `led_by` is as in `request`.

        It is sent once; again only where a 429 said that it was not taken and when it will be. Of redirects only 307
        and 308 within the same origin are followed: they say that nothing was done, and to do the same elsewhere.
        Raises NetError; whether the server did it is known only where `class_of_write` is not R4.
        """
        time_left = _TimeLeft(self._deadline_seconds)
        for _ in range(redirects + 1):
            origin = Origin.parse(url)
            headers = _headers(origin, accept, credential) | ({"Content-Type": media_type} if body else {})
            response = await self._ask(
                self._site(origin, led_by), Outgoing(method, url, headers, body), limit, time_left
            )
            location = location_of(response.status, response.headers)
            if location is None:
                refuse_encoding(response)
                return response
            url = same_request_at(response.status, url, location, self._allows_http)
        raise RedirectRefused(f"{shorten(url)}: there were too many redirects ({redirects}) for a write")

    async def close(self) -> None:
        """Close all connections."""
        for site in self._sites.values():
            await site.close()
        self._sites.clear()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def _allows_http(self, origin: Origin) -> bool:
        return origin.is_loopback or self._rules.get(origin, _NO_RULES).allow_http

    def _site(self, origin: Origin, led_by: Origin | None) -> Site:
        """Return the site of an origin; led there by a public host, one that cannot be inside."""
        guarded = led_by is not None and led_by != origin and not self._is_inside(led_by)
        proxies = self._proxies_for(origin, led_by)
        mine = self._rules.get(origin, _NO_RULES).client_certificate
        if led_by is not None and led_by != origin and led_by not in self._rules:
            mine = None  # strangers must not make us speak in our own name there
        site = self._sites.get((origin, guarded, proxies, mine))
        if site is None:
            site = self._sites[origin, guarded, proxies, mine] = self._open(origin, guarded, proxies, mine)
        return site

    def _proxies_for(self, origin: Origin, led_by: Origin | None) -> Proxies:
        """Return the proxies of an origin, else of the one that led there, else of all."""
        named = [self._rules[one].proxies for one in (origin, led_by) if one is not None and one in self._rules]
        return next((proxies for proxies in named if proxies is not None), self._proxies)

    def _is_inside(self, origin: Origin) -> bool:
        return any(s.is_inside for (known, *_), s in self._sites.items() if known == origin)

    def _open(self, origin: Origin, guarded: bool, proxies: Proxies, mine: ClientCertificate | None) -> Site:
        if origin.scheme == "http" and not self._allows_http(origin):
            raise AddressRefused(
                f"{origin}: http is spoken to this machine only; allow it in the settings (allow-http)"
            )
        policy = AddressPolicy(False, self._addresses.listed) if guarded else self._addresses
        if refusal := policy.refusal_of_name(origin.host):
            raise AddressRefused(f"{origin}: {refusal}")
        proxy = proxies.server_for(origin)
        # The operator chose the proxy, so it may be inside; where the request ends is then its policy.
        policy = AddressPolicy(inside=True) if proxy else policy
        backend = GuardedBackend(policy, self._world.lookup, self._world.sockets)
        rules = self._rules.get(origin, _NO_RULES)
        tls = self._tls(rules.ca_file, mine) if origin.scheme == "https" else None
        # The proxy is somebody else, who is not shown the certificate that is for the origin.
        proxy_tls = self._tls(rules.ca_file) if proxy and proxy.origin.scheme == "https" else None
        return Site(origin, backend, proxy, tls, self._world, self._retries.wait_cap_seconds, rules.manners, proxy_tls)

    def _tls(self, ca_file: str | None, mine: ClientCertificate | None = None) -> ssl.SSLContext:
        """Return the context for a file of authorities, one for all sites: a run may name thousands of hosts."""
        if (ca_file, mine) not in self._contexts:
            self._contexts[ca_file, mine] = tls_context(ca_file, mine)
        return self._contexts[ca_file, mine]

    async def _ask(self, site: Site, outgoing: Outgoing, limit: int, time_left: _TimeLeft) -> Response:
        """Ask one site, again as the table of retries allows; waiting for a lane costs no time."""
        async with site.lanes:
            passage = site.breaker.admits()
            if passage is Passage.CLOSED:
                raise LeftAlone(
                    f"{site.origin}: not asked, since it failed several times in a row and is left alone for a minute; "
                    f"the last time: {site.breaker.cause}"
                )
            site.budget.spend_request()
            try:
                response = await self._ask_in_time(site, outgoing, limit, time_left)
            except NetError as error:
                if class_of(error) is RetryClass.R3:
                    site.breaker.failed(str(error))
                raise
            finally:
                if passage is Passage.PROBE:
                    site.breaker.release()
            if response.status >= 500 or class_of(response.status) is RetryClass.R3:
                site.breaker.failed(f"it answered {response.status}")
            elif response.status != 429:
                site.breaker.succeeded()
            return response

    async def _ask_in_time(self, site: Site, outgoing: Outgoing, limit: int, time_left: _TimeLeft) -> Response:
        """Ask a site, with less patience for one that has never answered."""
        if self._silence_seconds is None or outgoing.method in site.answered or not outgoing.is_question:
            late = f"no complete answer within {self._deadline_seconds:g} s; the server or the network is slow"
            return await self._try(site, outgoing, limit, time_left, late)
        patience = min(site.patience(outgoing.method, self._silence_seconds), time_left.seconds)
        own = _TimeLeft(patience)
        late = f"no answer within {patience:.3g} s; the server or the network is silent"
        try:
            return await self._try(site, outgoing, limit, own, late)
        except NetError as error:
            if own.seconds <= 0 and not site.answered:
                site.breaker.trip(str(error))
            raise
        finally:
            time_left.seconds -= patience - own.seconds

    async def _try(self, site: Site, outgoing: Outgoing, limit: int, time_left: _TimeLeft, late: str) -> Response:
        for tried in count(1):
            await self._rest(site.pause.seconds_left())
            await self._rest(site.pace.take())
            await self._rest(site.pause.seconds_left())
            started = self._world.clock()
            try:
                response = await site.attempt(outgoing, limit, time_left.seconds, late)
            except NetError as error:
                time_left.seconds -= self._world.clock() - started
                if not await self._again(site, outgoing, error, tried, None, time_left):
                    raise
            else:
                time_left.seconds -= self._world.clock() - started
                told = response.retry_after_seconds
                if not await self._again(site, outgoing, response.status, tried, told, time_left):
                    return response
        raise AssertionError("count() does not end")

    async def _again(
        self,
        site: Site,
        outgoing: Outgoing,
        failure: int | NetError,
        tried: int,
        told: float | None,
        time_left: _TimeLeft,
    ) -> bool:
        """Wait as the failure's class says, and return whether to try again."""
        kind = class_of(failure) if outgoing.is_question else class_of_write(failure)
        if kind in {RetryClass.R0, RetryClass.R4} or (told is None and (failure == 403 or not outgoing.is_question)):
            return False
        if tried >= self._retries.tries or time_left.seconds <= 0 or not site.budget.allows_retry():
            return False
        if kind is RetryClass.R2 and told is not None:
            # The pause is the whole site's; the next attempt of each request keeps to it.
            return site.pause.extend(told)
        pause = min(self._retries.pause_seconds(tried, self._world.random()), time_left.seconds)
        time_left.seconds -= pause
        await self._rest(pause)
        return True

    async def _rest(self, seconds: float) -> None:
        if seconds > 0:
            await self._world.sleep(seconds)


@dataclass(slots=True)
class _TimeLeft:
    seconds: float


def _headers(origin: Origin, accept: Sequence[str], credential: Credential | None) -> dict[str, str]:
    headers = {"User-Agent": _AGENT, "Accept-Encoding": "identity", "Accept": ", ".join(accept) or "*/*"}
    if credential is not None and (value := credential.header_for(origin)) is not None:
        headers["Authorization"] = value
    return headers

"""httpx over httpcore, with our own backend below: connection pools, proxies, and failures in our words.

httpx's own transport does not let the backend be chosen (`_pool._network_backend` is private), hence this one:
https://www.python-httpx.org/advanced/transports/#custom-transports.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterable, AsyncIterator, Iterator
from contextlib import contextmanager

import httpcore
import httpx

from pinbot.errors import BrokenAnswer, CannotConnect, TimedOut, TlsFailed
from pinbot.net.proxy import ProxyServer

# Measured: httpx is fastest with about as many, and registries begin to throttle above.
CONNECTIONS_PER_HOST = 8
_KEEP_ALIVE_SECONDS = 30.0


class GuardedTransport(httpx.AsyncBaseTransport):
    """Sends the requests for one origin through a pool of its own."""

    def __init__(
        self,
        backend: httpcore.AsyncNetworkBackend,
        tls: ssl.SSLContext | None,
        proxy: ProxyServer | None,
        proxy_tls: ssl.SSLContext | None = None,
    ) -> None:
        self._pool = _pool(backend, tls, proxy, proxy_tls)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and return the head of its answer, the body still to be read."""
        url = request.url
        wired = httpcore.Request(
            method=request.method,
            url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        with _in_our_words(url.host):
            answer = await self._pool.handle_async_request(wired)
        if not isinstance(answer.stream, AsyncIterable):
            raise TypeError("httpcore's asynchronous pool answers with an asynchronous stream")
        body = _Body(answer.stream, url.host)
        return httpx.Response(answer.status, headers=answer.headers, stream=body, extensions=answer.extensions)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._pool.aclose()


def _pool(
    backend: httpcore.AsyncNetworkBackend,
    tls: ssl.SSLContext | None,
    proxy: ProxyServer | None,
    proxy_tls: ssl.SSLContext | None,
) -> httpcore.AsyncConnectionPool:
    if proxy is None:
        return httpcore.AsyncConnectionPool(
            ssl_context=tls,
            max_connections=CONNECTIONS_PER_HOST,
            keepalive_expiry=_KEEP_ALIVE_SECONDS,
            network_backend=backend,
        )
    known = (proxy.username, proxy.password.reveal()) if proxy.username is not None and proxy.password else None
    return httpcore.AsyncHTTPProxy(
        proxy_url=str(proxy.origin),
        proxy_auth=(known[0].encode(), known[1].encode()) if known else None,
        ssl_context=tls,
        proxy_ssl_context=proxy_tls if proxy.origin.scheme == "https" else None,
        max_connections=CONNECTIONS_PER_HOST,
        keepalive_expiry=_KEEP_ALIVE_SECONDS,
        network_backend=backend,
    )


class _Body(httpx.AsyncByteStream):
    def __init__(self, stream: AsyncIterable[bytes], host: str) -> None:
        self._stream = stream
        self._host = host

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _in_our_words(self._host):
            async for part in self._stream:
                yield part

    async def aclose(self) -> None:
        close = getattr(self._stream, "aclose", None)
        if close is not None:
            await close()


@contextmanager
def _in_our_words(host: str) -> Iterator[None]:
    """Turn httpcore's exceptions into ours. The backend raises ours already, so they pass."""
    try:
        yield
    except httpcore.ConnectTimeout as error:
        raise TimedOut(f"{host}: the TLS handshake did not end in time") from error
    except httpcore.TimeoutException as error:
        raise TimedOut(f"{host}: no answer in time") from error
    except httpcore.ProxyError as error:
        raise CannotConnect(
            f"{host}: the proxy refuses: {error}; check `proxy` in the settings, or HTTPS_PROXY and NO_PROXY"
        ) from error
    except httpcore.ConnectError as error:
        # TCP failures come from our backend in our own words, so this is the handshake.
        raise _handshake_failure(host, error) from error
    except (httpcore.NetworkError, ssl.SSLError) as error:
        # A TLS alert behind the handshake comes as ssl.SSLError, past httpcore (anyio's streams do not map it).
        if _wants_certificate(error):
            raise TlsFailed(
                f"{host}: it wants a client certificate, or another one; name it in the settings (client-certificate)"
            ) from error
        raise BrokenAnswer(f"{host}: the connection was cut before the answer was whole") from error
    except httpcore.RemoteProtocolError as error:
        raise BrokenAnswer(f"{host}: the answer is not HTTP, or was cut short: {error}") from error
    except httpcore.LocalProtocolError:
        # Its text holds the header that cannot be sent, and that may be a secret.
        raise BrokenAnswer(f"{host}: it cannot be asked, since a header of ours would not be HTTP") from None


def _wants_certificate(error: BaseException) -> bool:
    """Whether a server wants a client certificate; in TLS 1.3 it says so behind the handshake."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError) and "CERTIFICATE" in (cause.reason or ""):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def _handshake_failure(host: str, error: BaseException) -> TlsFailed | CannotConnect:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return TlsFailed(
                f"{host}: its certificate is not accepted: {cause.verify_message}. "
                "If the host is yours, name its authority's certificate in the settings (ca_file)"
            )
        if isinstance(cause, ssl.SSLError) and not isinstance(cause, ssl.SSLEOFError | ssl.SSLZeroReturnError):
            # With TLS 1.2 a server that wants a client certificate does not say more than that.
            hint = " Or want a client certificate (client-certificate)?" if "HANDSHAKE" in (cause.reason or "") else ""
            said = cause.reason or cause
            return TlsFailed(f"{host}: no TLS connection: {said}. Does the host speak https there?{hint}")
        cause = cause.__cause__ or cause.__context__
    return CannotConnect(f"{host}: the connection was cut during the TLS handshake")

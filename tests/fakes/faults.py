"""Ways in which a server can misbehave, each a `Fault` to put into `Server.faults`."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from dataclasses import replace

from tests.fakes.server import Fault, Reply, Seen

_JSON = (("Content-Type", "application/json"),)


def on(part: str, fault: Fault, method: str | None = None) -> Fault:
    """Bend only requests whose target contains `part`, of that method where one is given."""

    def bent(seen: Seen, reply: Reply) -> Reply:
        return fault(seen, reply) if part in seen.target and method in {None, seen.method} else reply

    return bent


def times(count: int, fault: Fault) -> Fault:
    """Bend the first `count` requests that reach this fault."""
    left = [count]

    def bent(seen: Seen, reply: Reply) -> Reply:
        left[0] -= 1
        return fault(seen, reply) if left[0] >= 0 else reply

    return bent


def status(code: int, body: bytes = b"{}", **headers: str) -> Fault:
    """Answer with a status; `Retry_After="5"` becomes the header Retry-After."""
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return lambda _seen, _reply: Reply(code, (*_JSON, *named), body)


def header(name: str, value: str | None) -> Fault:
    """Answer with another value of a header, or without it."""
    return lambda _seen, reply: reply.with_header(name, value)


def body(content: bytes) -> Fault:
    """Answer with another body under the same headers."""
    return lambda _seen, reply: replace(reply, body=content, length=len(content))


def html() -> Fault:
    """Answer with a login page, as captive portals do."""
    page = b"<!doctype html><title>Sign in</title>"
    return lambda _seen, _reply: Reply(200, (("Content-Type", "text/html; charset=utf-8"),), page)


def redirect(location: str, code: int = 307) -> Fault:
    """Send the client elsewhere."""
    return lambda _seen, _reply: Reply(code, (("Location", location),))


def challenge(value: str) -> Fault:
    """Answer 401 with this challenge, whatever was sent along."""
    return status(401, WWW_Authenticate=value)


def truncated(keep: int) -> Fault:
    """Announce the whole body and send `keep` bytes of it."""

    def bent(_seen: Seen, reply: Reply) -> Reply:
        content = reply.body if isinstance(reply.body, bytes) else b"".join(reply.body)
        return replace(reply, body=[content[:keep]], length=len(content))

    return bent


def unannounced_truncation(keep: int) -> Fault:
    """Send `keep` bytes without a length and close, which HTTP cannot tell from the end."""

    def bent(_seen: Seen, reply: Reply) -> Reply:
        content = reply.body if isinstance(reply.body, bytes) else b"".join(reply.body)
        return replace(reply, body=[content[:keep]], length=None)

    return bent


def reset_after(keep: int) -> Fault:
    """Send `keep` bytes and end the connection with RST."""
    cut = truncated(keep)
    return lambda seen, reply: replace(cut(seen, reply), reset=True)


def drip(pause_seconds: float = 0.05) -> Fault:
    """Send the body for ever, a byte at a time."""
    return lambda _seen, reply: replace(reply, body=_endless(b" "), length=None, pause_seconds=pause_seconds)


def silence(seconds: float) -> Fault:
    """Wait before the head of the answer."""
    return lambda _seen, reply: replace(reply, head_pause_seconds=seconds)


def infinite() -> Fault:
    """Send a body that does not end, as fast as it is taken."""
    return lambda _seen, reply: replace(reply, body=_endless(b"x" * 65_536), length=None)


def compressed(content: bytes, encoding: str = "gzip") -> Fault:
    """Answer with a compressed body although nobody asked for it."""
    packed = gzip.compress(content)
    return lambda _seen, reply: replace(
        reply.with_header("Content-Encoding", encoding), body=packed, length=len(packed)
    )


def counting_pages(link: Callable[[int], str], tags: Callable[[int], bytes]) -> Fault:
    """Answer the n-th tag list with `tags(n)` and a Link header of `link(n)`; n counts from 1."""
    page = [0]

    def bent(_seen: Seen, _reply: Reply) -> Reply:
        page[0] += 1
        return Reply(200, (*_JSON, ("Link", link(page[0]))), tags(page[0]))

    return bent


def _endless(chunk: bytes) -> Iterator[bytes]:
    while True:
        yield chunk

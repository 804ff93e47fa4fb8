"""Bodies and times are bounded (T12, T13; F13, F14, F15; CVE-2020-1702, CVE-2026-84382)."""

from __future__ import annotations

import asyncio
import resource
import time

import pytest

from pinbot.errors import AnswerTooLarge, BrokenAnswer, CannotConnect, NetError, TimedOut
from pinbot.net.client import Client
from pinbot.net.retry import RetryPolicy
from pinbot.net.site import Surroundings
from tests.fakes import faults
from tests.fakes.server import Fault, Reply, Server
from tests.net.world import get, patient

LIMIT = 1000


def _server(size: int = 100) -> Server:
    return Server(lambda _: Reply(200, (("Content-Type", "application/json"),), b"x" * size))


@pytest.mark.parametrize("size", [LIMIT - 1, LIMIT], ids=["one below the limit", "at the limit"])
def test_reads_a_body_up_to_the_limit(size: int) -> None:
    with _server(size) as server:
        assert len(get(server.url, limit=LIMIT).body) == size


BROKEN: dict[str, tuple[Fault, type[NetError]]] = {
    "one byte above the limit": (faults.body(b"x" * (LIMIT + 1)), AnswerTooLarge),
    "an infinite body": (faults.infinite(), AnswerTooLarge),
    "a gzip bomb": (faults.compressed(b"\0" * 50_000_000), BrokenAnswer),
    "a body said to be zstd": (faults.compressed(b"x", "zstd"), BrokenAnswer),
    "a body said to be gzip twice": (faults.compressed(b"x", "gzip, gzip"), BrokenAnswer),
    "an encoding nobody knows": (faults.compressed(b"x", "rot13"), BrokenAnswer),
    "a body cut short of its announced length": (faults.truncated(10), BrokenAnswer),
    "a connection that is reset in the body": (faults.reset_after(10), BrokenAnswer),
}


@pytest.mark.parametrize(("fault", "error"), BROKEN.values(), ids=BROKEN)
def test_refuses(fault: Fault, error: type[NetError]) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with _server() as server:
        server.faults.append(fault)
        with pytest.raises(error, match=r"127\.0\.0\.1"):
            get(server.url, limit=LIMIT)
    grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown_kib < 100 * 1024


def test_an_encoded_error_is_refused_as_well() -> None:
    with _server() as server:
        server.faults.append(lambda _s, _r: Reply(404, (("Content-Encoding", "gzip"),), b"x"))
        with pytest.raises(BrokenAnswer, match="decompression"):
            get(server.url)


def test_identity_is_asked_for_and_may_be_named() -> None:
    with _server() as server:
        server.faults.append(faults.header("Content-Encoding", "identity"))
        assert len(get(server.url).body) == 100
        assert server.log[0].headers["accept-encoding"] == "identity"


def test_the_text_of_an_error_is_cut() -> None:
    with _server() as server:
        server.faults.append(lambda _s, _r: Reply(404, (), b"x" * 1_000_000))
        assert len(get(server.url).body) == 65_536


SLOW: dict[str, Fault] = {
    "a body that drips for ever": faults.drip(),
    "a head that does not come": faults.silence(1.5),
    "a body that stalls": lambda _s, r: Reply(200, (), [b"x", b"y"], 100, pause_seconds=1.5),
}


@pytest.mark.parametrize("fault", SLOW.values(), ids=SLOW)
def test_the_deadline_is_for_the_whole_request(fault: Fault) -> None:
    with _server() as server:
        server.faults.append(fault)
        started = time.monotonic()
        with pytest.raises(TimedOut, match=r"within 0\.5 s"):
            get(server.url, Client(deadline_seconds=0.5))
        assert time.monotonic() - started < 1.4


def test_waiting_for_one_of_eight_connections_costs_no_time() -> None:
    with _server() as server:
        server.faults.append(faults.silence(0.15))

        async def many() -> list[int]:
            async with Client(deadline_seconds=0.6) as client:
                answers = [client.request("GET", f"{server.url}/{n}", limit=LIMIT) for n in range(48)]
                return [a.status for a in await asyncio.gather(*answers)]

        assert asyncio.run(many()) == [200] * 48
        assert server.connections == 8


def test_a_connection_that_was_cut_is_tried_again() -> None:
    with _server() as server:
        server.faults.append(faults.times(2, faults.truncated(5)))
        assert get(server.url, Client(world=patient())).status == 200
        assert len(server.log) == 3


def test_a_port_where_nobody_listens_is_a_sentence() -> None:
    with _server() as server:
        port = server.port
    with pytest.raises(CannotConnect, match="nothing listens there"):
        get(f"http://127.0.0.1:{port}/", Client(world=patient()))


def test_what_is_not_http_is_broken() -> None:
    async def ask() -> None:
        async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"SSH-2.0-OpenSSH_9.2\r\n")
            await writer.drain()
            writer.close()

        async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            async with Client(world=Surroundings(), retries=RetryPolicy(tries=1)) as client:
                with pytest.raises(BrokenAnswer, match="not HTTP"):
                    await client.request("GET", f"http://127.0.0.1:{port}/", limit=LIMIT)

    asyncio.run(ask())

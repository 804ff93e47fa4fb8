"""Writes are sent once: what came of them is told, and never guessed (R4; F8, F28, F33; T35)."""

from __future__ import annotations

import asyncio
from typing import Any, Literal

import pytest

from pinbot.errors import (
    AddressRefused,
    AnswerTooLarge,
    BrokenAnswer,
    CannotConnect,
    CannotResolveName,
    NetError,
    RedirectRefused,
    TimedOut,
    TlsFailed,
)
from pinbot.net.client import Client
from pinbot.net.credential import Credential
from pinbot.net.origin import Origin
from pinbot.net.response import Response
from pinbot.net.retry import RetryClass, RetryPolicy, class_of_write
from pinbot.secret import Secret
from tests.fakes import faults
from tests.fakes.canary import canary, carries
from tests.fakes.server import Fault, Reply, Seen, Server
from tests.net.world import Time, get, patient

CLASSES: dict[RetryClass, tuple[int | NetError, ...]] = {
    RetryClass.R0: (
        200, 201, 204, 301, 302, 303, 307, 308, 400, 401, 403, 404, 405, 409, 410, 412, 413, 415, 422, 423, 425, 451,
        501, 505, TlsFailed(), AddressRefused(), RedirectRefused(), CannotResolveName(), CannotConnect(),
    ),
    RetryClass.R2: (429,),
    RetryClass.R4: (408, 500, 502, 503, 504, TimedOut(), BrokenAnswer(), AnswerTooLarge()),
}  # fmt: skip
Method = Literal["POST", "PUT", "PATCH", "DELETE"]
METHODS: tuple[Method, ...] = ("POST", "PUT", "PATCH", "DELETE")


@pytest.mark.parametrize(
    ("failure", "kind"),
    [(failure, kind) for kind, failures in CLASSES.items() for failure in failures],
    ids=lambda v: type(v).__name__ if isinstance(v, NetError) else str(v),
)
def test_every_failure_of_a_write_has_its_class(failure: int | NetError, kind: RetryClass) -> None:
    assert class_of_write(failure) is kind


def _done(_seen: object) -> Reply:
    return Reply(201, (("Content-Type", "application/json"),), b'{"number":1}')


def _send(url: str, method: Method = "POST", client: Client | None = None, **options: Any) -> Response:
    async def write() -> Response:
        async with client or Client(world=patient()) as asked:
            return await asked.send(method, url, b'{"title":"t"}', limit=1000, **options)

    return asyncio.run(write())


@pytest.mark.parametrize("method", METHODS)
def test_sends_a_body_with_its_type_and_length(method: Method) -> None:
    with Server(_done) as server:
        assert _send(f"{server.url}/pulls", method).status == 201
        [seen] = server.log
        assert (seen.method, seen.body) == (method, b'{"title":"t"}')
        assert (seen.headers["content-type"], seen.headers["content-length"]) == ("application/json", "13")


def test_a_write_without_a_body_has_no_type() -> None:
    async def write(url: str) -> Response:
        async with Client(world=patient()) as client:
            return await client.send("DELETE", url, limit=1000)

    with Server(_done) as server:
        asyncio.run(write(f"{server.url}/x"))
        assert "content-type" not in server.log[0].headers
        assert server.log[0].body == b""


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(faults.status(500), id="a failure of the server"),
        pytest.param(faults.status(502), id="a failure of a gateway"),
        pytest.param(faults.status(503, Retry_After="1"), id="a server that is busy, though it says until when"),
        pytest.param(faults.status(504), id="a gateway that did not wait"),
        pytest.param(faults.status(408), id="a server that did not wait"),
        pytest.param(faults.status(403, Retry_After="1"), id="a refusal, though it says until when"),
        pytest.param(faults.status(429), id="too many, and nobody says until when"),
    ],
)
def test_what_was_answered_is_not_sent_again(fault: Fault, method: Method) -> None:
    with Server(_done) as server:
        server.faults.append(fault)
        assert _send(server.url, method).status >= 400
        assert len(server.log) == 1


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        pytest.param(faults.reset_after(0), BrokenAnswer, id="a connection that was reset"),
        pytest.param(faults.truncated(3), BrokenAnswer, id="half an answer"),
        pytest.param(faults.silence(0.4), TimedOut, id="no answer"),
        pytest.param(faults.infinite(), AnswerTooLarge, id="an endless answer"),
        pytest.param(faults.compressed(b"{}"), BrokenAnswer, id="an answer that is not read"),
    ],
)
def test_what_was_not_answered_is_not_sent_again(fault: Fault, error: type[NetError], method: Method) -> None:
    with Server(_done) as server:
        server.faults.append(fault)
        with pytest.raises(error) as raised:
            _send(server.url, method, Client(world=patient(), deadline_seconds=0.2))
        assert class_of_write(raised.value) is RetryClass.R4
        assert len(server.log) == 1


def test_what_was_not_taken_is_sent_again_when_the_server_says() -> None:
    time = Time()
    with Server(_done) as server:
        server.faults.append(faults.times(2, faults.status(429, Retry_After="7")))
        assert _send(server.url, client=Client(world=patient(time))).status == 201
        assert [seen.body for seen in server.log] == [b'{"title":"t"}'] * 3
        assert time.slept == [7, 7]


def test_what_was_not_taken_is_told_when_the_wait_is_too_long() -> None:
    with Server(_done) as server:
        server.faults.append(faults.status(429, Retry_After="3600"))
        answer = _send(server.url, client=Client(world=patient(), retries=RetryPolicy(wait_cap_seconds=120)))
        assert (answer.status, answer.retry_after_seconds, len(server.log)) == (429, 3600, 1)


@pytest.mark.parametrize("code", [307, 308])
def test_a_write_follows_what_was_renamed(code: int) -> None:
    with Server(_done) as server:
        token = Credential(Origin.parse(server.url), Secret(f"token {canary(server.host)}"))
        server.may_see.add(canary(server.host))
        server.faults.append(faults.on("/old/", faults.redirect("/new/pulls", code)))
        assert _send(f"{server.url}/old/pulls", credential=token).status == 201
        assert [(s.method, s.target, s.body) for s in server.log] == [
            ("POST", "/old/pulls", b'{"title":"t"}'),
            ("POST", "/new/pulls", b'{"title":"t"}'),
        ]
        assert all(carries(seen, canary(server.host)) for seen in server.log)


@pytest.mark.parametrize("code", [301, 302, 303])
def test_a_write_does_not_become_a_question(code: int) -> None:
    with Server(_done) as server:
        server.faults.append(faults.redirect("/new", code))
        with pytest.raises(RedirectRefused, match=rf"redirects a write \({code}\)"):
            _send(f"{server.url}/old")
        assert len(server.log) == 1


@pytest.mark.parametrize("code", [307, 308])
def test_a_write_goes_to_no_other_server(code: int) -> None:
    with Server(_done) as server, Server(_done) as other:
        server.faults.append(faults.redirect(f"{other.url}/x", code))
        with pytest.raises(RedirectRefused):
            _send(server.url)
        assert other.log == []


def test_a_write_does_not_run_in_circles() -> None:
    with Server(_done) as server:
        server.faults.append(faults.redirect("/again", 307))
        with pytest.raises(RedirectRefused, match="too many redirects"):
            _send(server.url)
        assert len(server.log) == 6


def test_a_question_that_must_stay_goes_to_no_other_server() -> None:
    with Server(_done) as server, Server(_done) as other:
        server.faults.append(faults.on("/away", faults.redirect(f"{other.url}/x")))
        server.faults.append(faults.on("/old", faults.redirect("/new", 301)))
        assert get(f"{server.url}/old", stay=True).status == 201
        with pytest.raises(RedirectRefused, match="another server, which is not asked"):
            get(f"{server.url}/away", stay=True)
        assert other.log == []


def test_writes_that_get_no_answer_open_the_breaker() -> None:
    async def write(server: Server) -> list[str]:
        said = []
        async with Client(world=patient()) as client:
            for _ in range(6):
                try:
                    said.append(str((await client.send("POST", server.url, limit=10)).status))
                except NetError as error:
                    said.append(type(error).__name__)
        return said

    def broken(_seen: Seen) -> Reply:
        return Reply(502)

    with Server(broken) as server:
        assert asyncio.run(write(server)) == [*["502"] * 5, "LeftAlone"]

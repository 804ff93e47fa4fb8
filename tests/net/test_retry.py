"""The table of retries, Retry-After in every spelling, breaker and budget (F6, F7, F10, F15; section 3.2)."""

from __future__ import annotations

import asyncio
from time import monotonic

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinbot.errors import (
    AddressRefused,
    AnswerTooLarge,
    BrokenAnswer,
    CannotConnect,
    CannotResolveName,
    LeftAlone,
    NetError,
    RedirectRefused,
    TimedOut,
    TlsFailed,
)
from pinbot.net.client import Client
from pinbot.net.host import Breaker, Budget, Pace, Passage, Pause
from pinbot.net.origin import Origin
from pinbot.net.response import Response
from pinbot.net.retry import RetryClass, RetryPolicy, class_of, parse_wait, told_wait, window_left
from pinbot.net.rules import OriginRules
from pinbot.net.site import Manners
from tests.fakes import faults
from tests.fakes.server import Fault, Reply, Server
from tests.net.world import NOW, Time, patient

WAITS: dict[str, float | None] = {
    "5": 5,
    " 5 ": 5,
    "0": 1,
    "1.5": 1.5,
    "1e2": 100,
    "120": 120,
    "21600": 21600,
    "880.092µs": 1,
    "880.092μs": 1,
    "880us": 1,
    "1500ms": 1.5,
    "1m30s": 90,
    "2h": 7200,
    "Sat, 21 Nov 2026 12:01:00 GMT": 60,
    "Sat, 21 Nov 2026 11:00:00 GMT": 1,
    "Saturday, 21-Nov-26 12:01:00 GMT": 60,
    "Sat Nov 21 12:01:00 2026": 60,
    "Sat, 21 Nov 2026 12:01:00 +0000": 60,
    "Sat, 21 Nov 2026 14:01:00 +0200": 60,
    "Sat, 21 Nov 2026 12:01:00 -0000": 60,
    "Thu, 01 Jan 1970 00:00:00 GMT": 1,
    "2026-11-21T12:01:00Z": 60,
    "2026-11-21T12:01:00.5+00:00": 60.5,
    "2026-11-21T11:00:00Z": 1,
    "5.": 5,
    ".5": 1,
    "2.5s": 2.5,
    "1h0m0.5s": 3600.5,
    "90m": 5400,
    "5000000000ns": 5,
    "5, 5": 5,
    "3, 1m": 60,
    "5, -1": None,
    "5, soon": None,
    "2592000": 2_592_000,
    "2592001": None,
    f"{int(NOW.timestamp()) + 30}": 30,
    f"{int(NOW.timestamp()) - 30}": 1,
    "-5": None,
    "-1m30s": None,
    "+5": None,
    "5s5": None,
    "1d": None,
    "0x10": None,
    "٥": None,
    "-inf": None,
    "1e400": None,
    "120; comment": None,
    f"{int(NOW.timestamp()) + 30}000": None,
    "12:01:00": None,
    ":" * 4000 + "a": None,
    "1s" * 4000: None,
    "NaN": None,
    "inf": None,
    "1e99": None,
    "99999999": None,
    "": None,
    "soon": None,
    "5 minutes": None,
    "1.2.3s": None,
    "Sat, 99 Nov 2026 12:01:00 GMT": None,
    "Fri, 31 Dec 9999 23:59:59 GMT": None,
    "9" * 4000: None,
}


@pytest.mark.parametrize(("text", "seconds"), WAITS.items(), ids=lambda v: str(v)[:40])
def test_reads_retry_after(text: str, seconds: float | None) -> None:
    assert parse_wait(text, NOW) == seconds


def test_finds_the_wait_in_other_places() -> None:
    ghcr = b'{"errors":[{"code":"TOOMANYREQUESTS","message":"retry-after: 2.5s, allowed: 44000/minute"}]}'
    assert told_wait({}, ghcr, NOW) == 2.5
    micro = b"toomanyrequests: retry-after: 880.092\xc2\xb5s, allowed: 44000/minute"
    assert told_wait({}, micro, NOW) == 1
    escaped = b'{"errors":[{"message":"Retry-After: 2500000.5\\u00B5s, allowed: 44000/minute"}]}'
    assert told_wait({}, escaped, NOW) == pytest.approx(2.5, abs=1e-3)
    assert told_wait({"retry-after": "9"}, ghcr, NOW) == 9
    assert told_wait({}, b"x" * 5000 + b"retry-after: 5s", NOW) is None
    assert told_wait({"x-retry-after": "7"}, b"", NOW) == 7
    assert told_wait({}, b"retry later", NOW) is None


@given(st.text(max_size=80) | st.from_regex(r"[-+0-9.,:;a-zµ GMT]{0,60}", fullmatch=True))
def test_a_wait_is_nothing_or_between_a_second_and_a_month(text: str) -> None:
    wait = parse_wait(text, NOW)
    assert wait is None or 1 <= wait <= 30 * 86_400


WINDOWS: dict[str, tuple[dict[str, str], bytes, float | None]] = {
    "none left": ({"ratelimit-remaining": "0;w=21600"}, b"", 21_600),
    "none left of another window": ({"ratelimit-remaining": "0; w=60"}, b"", 60),
    "none left of a window that is not told": ({"ratelimit-remaining": "0"}, b"", 21_600),
    "some left": ({"ratelimit-remaining": "1;w=21600"}, b"", None),
    "a window of nothing": ({"ratelimit-remaining": "0;w=0"}, b"", 1),
    "a window of years": ({"ratelimit-remaining": "0;w=999999999"}, b"", 30 * 86_400),
    "a text": ({}, b"toomanyrequests: You have reached your unauthenticated pull rate limit.", 21_600),
    "another text": ({}, b"Too Many Requests (HAP429).", None),
}


@pytest.mark.parametrize(("headers", "body", "seconds"), WINDOWS.values(), ids=WINDOWS)
def test_reads_when_there_are_pulls_again(headers: dict[str, str], body: bytes, seconds: float | None) -> None:
    assert window_left(headers, body) == seconds


def test_a_used_up_limit_is_not_asked_again_and_a_failure_is() -> None:
    used_up = faults.header("RateLimit-Remaining", "0;w=21600")
    for status, requests in ((429, 1), (503, 4)):
        with Server(lambda _: Reply(200)) as server:
            server.faults += [faults.status(status), used_up]
            assert _statuses(_ask(server, Time())) == [status]
            assert len(server.log) == requests


CLASSES: dict[RetryClass, tuple[int | NetError, ...]] = {
    RetryClass.R0: (
        200, 301, 400, 401, 404, 405, 406, 410, 413, 415, 422, 451, 501, 505, TlsFailed(), AddressRefused(),
        RedirectRefused(), AnswerTooLarge(), CannotResolveName(),
    ),
    RetryClass.R2: (429, 503, 403),
    RetryClass.R3: (408, 425, 500, 502, 504, CannotConnect(), TimedOut(), BrokenAnswer()),
}  # fmt: skip


@pytest.mark.parametrize(
    ("failure", "kind"), [(f, kind) for kind, failures in CLASSES.items() for f in failures], ids=repr
)
def test_every_failure_has_its_class(failure: int | NetError, kind: RetryClass) -> None:
    assert class_of(failure) is kind


def _ask(server: Server, time: Time, count: int = 1, policy: RetryPolicy | None = None) -> list[Response | NetError]:
    async def ask() -> list[Response | NetError]:
        found: list[Response | NetError] = []
        async with Client(world=patient(time), retries=policy) as client:
            for n in range(count):
                try:
                    found.append(await client.request("GET", f"{server.url}/{n}", limit=1000))
                except NetError as error:
                    found.append(error)
        return found

    return asyncio.run(ask())


def _statuses(answers: list[Response | NetError]) -> list[int | str]:
    return [a.status if isinstance(a, Response) else type(a).__name__ for a in answers]


OUTCOMES: dict[str, tuple[Fault, int, list[float], int]] = {
    "a 500 twice is tried again with growing pauses": (faults.times(2, faults.status(500)), 200, [0.5, 1], 3),
    "a 502 for ever ends after four tries": (faults.status(502), 502, [0.5, 1, 2], 4),
    "a 503 without a wait is tried like a 500": (faults.times(1, faults.status(503)), 200, [0.5], 2),
    "a 503 with a wait waits as told": (faults.times(1, faults.status(503, Retry_After="7")), 200, [7], 2),
    "a 429 waits as told": (faults.times(1, faults.status(429, Retry_After="3")), 200, [3], 2),
    "a 429 whose wait is nonsense is tried like a 500": (
        faults.times(1, faults.status(429, Retry_After="-1")),
        200,
        [0.5],
        2,
    ),
    "a 429 that waits longer than the cap is the answer": (faults.status(429, Retry_After="3600"), 429, [], 1),
    "waits together never exceed the cap": (faults.status(429, Retry_After="50"), 429, [50, 50], 3),
    "a 403 with a wait is a rate limit": (faults.times(1, faults.status(403, Retry_After="2")), 200, [2], 2),
    "a 403 without one is the answer": (faults.status(403), 403, [], 1),
    "a 404 is the answer": (faults.status(404), 404, [], 1),
    "a 408 is tried again": (faults.times(1, faults.status(408)), 200, [0.5], 2),
}


@pytest.mark.parametrize(("fault", "status", "slept", "requests"), OUTCOMES.values(), ids=OUTCOMES)
def test_outcome(fault: Fault, status: int, slept: list[float], requests: int) -> None:
    time = Time()
    with Server(lambda _: Reply(200)) as server:
        server.faults.append(fault)
        assert _statuses(_ask(server, time)) == [status]
        assert time.slept == slept
        assert len(server.log) == requests


def test_a_long_wait_is_told_to_the_caller() -> None:
    with Server(lambda _: Reply(200)) as server:
        server.faults.append(faults.status(429, Retry_After="3600"))
        (answer,) = _ask(server, Time())
    assert isinstance(answer, Response)
    assert answer.retry_after_seconds == 3600


def test_jitter_spreads_the_pauses() -> None:
    policy = RetryPolicy()
    assert [policy.pause_seconds(n, 0.5) for n in (1, 2, 3)] == [0.25, 0.5, 1.0]
    assert policy.pause_seconds(50, 1.0) == 30.0


def test_five_failed_requests_in_a_row_open_the_breaker_and_a_probe_closes_it() -> None:
    time = Time()
    with Server(lambda _: Reply(200)) as server:
        server.faults.append(faults.times(5, faults.status(500)))
        once = RetryPolicy(tries=1)

        async def ask() -> list[str | int]:
            seen: list[str | int] = []
            async with Client(world=patient(time), retries=once) as client:
                for n in range(9):
                    time.seconds += 61 if n == 7 else 0
                    try:
                        seen.append((await client.request("GET", server.url, limit=1000)).status)
                    except CannotConnect:
                        seen.append("left alone")
            return seen

        assert asyncio.run(ask()) == [500] * 5 + ["left alone"] * 2 + [200] * 2
        assert len(server.log) == 7


def test_the_breaker_lets_one_probe_through() -> None:
    time = Time()
    breaker = Breaker(time.clock)
    for _ in range(5):
        assert breaker.admits() is Passage.OPEN
        breaker.failed("it answered 500")
    assert breaker.admits() is Passage.CLOSED
    assert breaker.cause == "it answered 500"
    time.seconds += 60
    assert [breaker.admits(), breaker.admits()] == [Passage.PROBE, Passage.CLOSED]
    breaker.failed("it answered 502")
    breaker.release()
    assert breaker.admits() is Passage.CLOSED
    time.seconds += 60
    assert breaker.admits() is Passage.PROBE
    breaker.succeeded()
    breaker.release()
    assert breaker.admits() is Passage.OPEN


def test_what_was_sent_before_the_breaker_opened_does_not_end_its_probe() -> None:
    time = Time()
    asked: list[str] = []
    with Server(lambda _: Reply(200)) as server:
        server.faults.append(faults.on("/late", faults.silence(0.4)))
        server.faults.append(faults.on("/probe", faults.silence(0.8)))
        server.faults.append(faults.on("/bad", faults.status(500)))

        async def ask() -> None:
            async with Client(world=patient(time), retries=RetryPolicy(tries=1)) as client:
                late = asyncio.ensure_future(client.request("GET", f"{server.url}/late", limit=1000))
                await asyncio.sleep(0.1)
                for _ in range(5):
                    await client.request("GET", f"{server.url}/bad", limit=1000)
                time.seconds += 61
                probe = asyncio.ensure_future(client.request("GET", f"{server.url}/probe", limit=1000))
                await asyncio.sleep(0.05)
                with pytest.raises(LeftAlone, match="it answered 500"):
                    await client.request("GET", f"{server.url}/second", limit=1000)
                await asyncio.gather(late, probe)
                await client.request("GET", f"{server.url}/after", limit=1000)

        asyncio.run(ask())
        asked = [seen.target for seen in server.log]
    assert asked == ["/late", *["/bad"] * 5, "/probe", "/after"]


def test_a_429_neither_opens_nor_closes_the_breaker() -> None:
    with Server(lambda _: Reply(200)) as server:
        server.faults.append(faults.on("/4", faults.status(429, Retry_After="9999")))
        server.faults.append(faults.status(500))
        server.faults.append(lambda seen, reply: Reply(429) if seen.target == "/3" else reply)
        once = RetryPolicy(tries=1)
        assert _statuses(_ask(server, Time(), 7, once)) == [500, 500, 500, 429, 500, 500, "LeftAlone"]


def test_requests_are_spaced_evenly() -> None:
    time = Time()
    rules = OriginRules(manners=Manners(requests_per_minute=30))
    with Server(lambda _: Reply(200)) as server:

        async def ask() -> None:
            async with Client(world=patient(time), rules={Origin.parse(server.url): rules}) as client:
                for n in range(4):
                    await client.request("GET", f"{server.url}/{n}", limit=1000)

        asyncio.run(ask())
        assert (time.slept, len(server.log)) == ([2.0, 2.0, 2.0], 4)


def test_a_retry_keeps_to_the_pace_as_well() -> None:
    time = Time()
    pace = Pace(time.clock, 60)
    assert [pace.take() for _ in range(3)] == [0, 1, 2]
    time.seconds += 10
    assert [pace.take(), pace.take()] == [0, 1]
    assert Pace(time.clock, None).take() == 0


@pytest.mark.parametrize("concurrency", [1, 3])
def test_no_more_requests_at_a_time_than_the_settings_say(concurrency: int) -> None:
    rules = OriginRules(manners=Manners(concurrency))
    with Server(lambda _: Reply(200)) as server:
        server.faults.append(faults.silence(0.02))

        async def ask() -> None:
            async with Client(rules={Origin.parse(server.url): rules}) as client, asyncio.TaskGroup() as group:
                for n in range(12):
                    group.create_task(client.request("GET", f"{server.url}/{n}", limit=1000))

        asyncio.run(ask())
        assert server.connections == concurrency


SILENT: dict[str, Fault] = {
    "says nothing": faults.silence(1.5),
    "sends a byte at a time": faults.drip(0.01),
    "drips an error": lambda seen, reply: faults.drip(0.01)(seen, Reply(500)),
}


@pytest.mark.parametrize("fault", SILENT.values(), ids=SILENT)
def test_a_host_that_has_never_answered_is_given_less_time(fault: Fault) -> None:
    with Server(lambda _: Reply(200)) as server:
        server.faults.append(fault)

        async def ask() -> list[str]:
            async with Client(silence_seconds=0.3) as client:
                found = []
                for _ in range(3):
                    try:
                        await client.request("GET", server.url, limit=1_000_000)
                    except NetError as error:
                        found.append(type(error).__name__)
                return found

        started = monotonic()
        assert asyncio.run(ask())[0] == "TimedOut"
        assert monotonic() - started < 1.2


def test_a_silent_host_is_left_alone_at_once() -> None:
    with Server(lambda _: Reply(200)) as server:
        server.faults.append(faults.silence(1.0))

        async def ask() -> None:
            async with Client(silence_seconds=0.2) as client:
                with pytest.raises(TimedOut, match=r"no answer within 0\.2 s"):
                    await client.request("GET", server.url, limit=1000)
                with pytest.raises(LeftAlone, match=r"no answer within 0\.2 s"):
                    await client.request("GET", server.url, limit=1000)

        asyncio.run(ask())
        assert len(server.log) == 1


def test_the_budget_allows_a_handful_and_then_a_tenth() -> None:
    budget = Budget()
    assert [budget.allows_retry() for _ in range(12)] == [True] * 10 + [False] * 2
    for _ in range(120):
        budget.spend_request()
    assert [budget.allows_retry() for _ in range(3)] == [True, True, False]


def test_pauses_that_overlap_count_once() -> None:
    time = Time()
    pause = Pause(time.clock, cap_seconds=20)
    assert pause.extend(10)
    assert pause.extend(10)
    assert pause.extend(5)
    assert pause.seconds_left() == 10
    time.seconds += 10
    assert pause.seconds_left() == 0
    assert not pause.extend(11)
    assert pause.extend(10)


def test_a_dead_server_is_not_asked_four_times_by_everyone() -> None:
    with Server(lambda _: Reply(200)) as server:
        server.faults.append(faults.status(500))
        answers = _statuses(_ask(server, Time(), count=40))
        assert answers[-1] == "LeftAlone"
        assert len(server.log) <= 5 + 10

"""The table of what answers mean, the guards of the connection, and what GitHub publishes against what we ask."""

from __future__ import annotations

import inspect
from datetime import UTC, datetime

import pytest
from graphql import parse, validate

from pinbot.errors import AddressRefused, AnswerTooLarge, BrokenAnswer, CannotConnect, CannotResolveName, TimedOut
from pinbot.forge import _github_connection, _github_queries
from pinbot.forge._base import World
from pinbot.forge._github_answer import Again, Answer, Doubt, Follow, Refuse, Renew, Take, Verdict, Wait, judge
from pinbot.forge._github_connection import open_requester
from pinbot.forge._line import Wire
from pinbot.net.address import AddressPolicy
from pinbot.net.proxy import Proxies
from tests.fakes.github.description import schema
from tests.fakes.server import Reply, Server

NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
RATE = '{"data": null, "errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]}'
RESET = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOW.timestamp()) + 30)}


def _row(status: int, text: str, headers: dict[str, str], read: Verdict, write: Verdict, name: str) -> object:
    return pytest.param(Answer(status, headers, text), read, write, id=name)


@pytest.mark.parametrize(
    ("answer", "read", "write"),
    [
        _row(200, "{}", {}, Take(), Take(), "a success"),
        _row(201, "{}", {}, Take(), Take(), "something was made"),
        _row(301, "", {}, Follow(), Refuse(), "moved for ever"),
        _row(302, "", {}, Follow(), Refuse(), "found elsewhere"),
        _row(303, "", {}, Refuse(), Refuse(), "see something else"),
        _row(304, "", {}, Refuse(), Refuse(), "not modified, though nobody asked"),
        _row(307, "", {}, Follow(), Follow(), "moved for now"),
        _row(308, "", {}, Follow(), Follow(), "moved for ever, with its body"),
        _row(400, "", {}, Refuse(), Refuse(), "not understood"),
        _row(401, "", {}, Renew(), Renew(), "a bad token"),
        _row(403, "{}", {}, Refuse(), Refuse(), "forbidden"),
        _row(403, "{}", {"x-ratelimit-remaining": "12"}, Refuse(), Refuse(), "forbidden, with requests left"),
        _row(403, "{}", RESET, Wait(30, False), Wait(30, False), "the primary limit"),
        _row(429, "{}", RESET, Wait(30, False), Wait(30, False), "the primary limit, by its other status"),
        _row(403, "{}", {**RESET, "retry-after": "5"}, Wait(5, True), Wait(5, True), "told by both headers"),
        _row(429, "", {}, Wait(60, True), Wait(60, True), "too many, not told until when"),
        _row(403, '{"message": "abuse detection"}', {}, Wait(60, True), Wait(60, True), "the old name of the limit"),
        _row(403, "{}", {"retry-after": "-1"}, Refuse(), Refuse(), "a wait that is none"),
        _row(429, "{}", {"retry-after": "NaN"}, Wait(60, True), Wait(60, True), "a wait that is no number"),
        _row(200, RATE, {}, Wait(60, True), Wait(60, True), "a limit inside of a success"),
        _row(200, RATE, RESET, Wait(30, False), Wait(30, False), "a limit inside of a success, with its end"),
        _row(404, "", {}, Refuse(), Refuse(), "not there"),
        _row(408, "", {}, Again(), Doubt(), "too slow"),
        _row(422, "", {}, Refuse(), Refuse(), "not valid"),
        _row(500, "", {}, Again(), Doubt(), "its own fault"),
        _row(501, "", {}, Refuse(), Doubt(), "not made yet"),
        _row(502, "<html>", {}, Again(), Doubt(), "a bad gateway"),
        _row(503, "", {"retry-after": "1"}, Again(), Doubt(), "not available"),
        _row(504, "", {}, Again(), Doubt(), "a slow gateway"),
    ],
)
def test_an_answer_means(answer: Answer, read: Verdict, write: Verdict) -> None:
    assert judge(answer, is_read=True, limited=0, now=NOW) == read
    assert judge(answer, is_read=False, limited=0, now=NOW) == write


def test_a_limit_that_comes_again_is_twice_as_long() -> None:
    assert judge(Answer(429, {}, ""), is_read=True, limited=2, now=NOW) == Wait(240, True)


def test_every_query_is_as_the_published_schema_has_it() -> None:
    texts = {
        name: text for name, text in inspect.getmembers(_github_queries) if name.isupper() and name != "REPOSITORY"
    }
    texts |= {f"standings {whole}": _github_queries.standings(whole) for whole in (True, False)}
    texts |= {"closed": _github_queries.closed(3), "details": _github_queries.details()}
    texts["named"], variables = _github_queries.named(["a/b", "c/d"])
    assert variables == {"o0": "a", "n0": "b", "o1": "c", "n1": "d"}
    assert {name: validate(schema(), parse(text)) for name, text in texts.items() if not name.startswith("_")} == {
        name: [] for name in texts if not name.startswith("_")
    }


def _ask(server: Server, world: World | None = None, **more: object) -> tuple[int, dict[str, str], str]:
    wire = Wire(**more)  # type: ignore[arg-type]
    requester = open_requester(server.url, wire, world or World())
    status, headers, text = requester.requestJson("GET", "/x", {}, {"Authorization": "Bearer t"})
    return status, headers, text


def test_an_answer_is_read_as_it_is() -> None:
    with Server(lambda _seen: Reply(200, (("X-Odd", "1"),), b'{"a": 1}')) as server:
        status, headers, text = _ask(server)
    assert (status, headers["x-odd"], text) == (200, "1", '{"a": 1}')
    (seen,) = server.log
    assert seen.headers["accept-encoding"] == "identity"
    assert seen.headers["user-agent"].startswith("pinbot/")


@pytest.mark.parametrize(
    ("reply", "raised"),
    [
        pytest.param(Reply(200, (("Content-Encoding", "gzip"),), b"x"), BrokenAnswer, id="compressed"),
        pytest.param(Reply(200, body=b"x", length=9), BrokenAnswer, id="cut short"),
        pytest.param(Reply(202, body=b"{}"), BrokenAnswer, id="not ready"),
        pytest.param(Reply(200, body=(b"x" * 2**20 for _ in range(40))), AnswerTooLarge, id="without end"),
        pytest.param(Reply(200, head_pause_seconds=1.5), TimedOut, id="silent"),
    ],
)
def test_a_bad_answer_is_refused(reply: Reply, raised: type[Exception]) -> None:
    with Server(lambda _seen: reply) as server, pytest.raises(raised):
        _ask(server, timeout_seconds=1)
    assert len(server.log) == 1


def test_an_answer_that_trickles_is_not_waited_for() -> None:
    ticks = iter(range(0, 10_000, 20))
    with Server(lambda _seen: Reply(200, body=(b"x" * 70_000 for _ in range(9)))) as server, pytest.raises(TimedOut):
        _ask(server, World(clock=lambda: float(next(ticks))))


def test_nothing_is_followed() -> None:
    with Server(lambda seen: Reply(301, (("Location", f"http://{seen.headers['host']}/y"),))) as server:
        status, headers, _ = _ask(server)
    assert (status, "location" in headers, headers[_github_connection.LED_TO]) == (301, False, f"{server.url}/y")
    assert len(server.log) == 1


def test_no_log_shows_the_token(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    with Server(lambda _seen: Reply(200, body=b"{}")) as server:
        requester = open_requester(server.url, Wire(), World())
        requester.requestJson("GET", "/x", {}, {"Authorization": "Bearer ghp_secret"})
    assert "ghp_secret" not in caplog.text


@pytest.mark.parametrize("value", ["nan", "1e999", "x", "", "-1", "9" * 400])
def test_strange_limits_do_no_harm(value: str) -> None:
    strange = tuple((f"X-RateLimit-{name}", value) for name in ("Remaining", "Limit", "Reset"))
    with Server(lambda _seen: Reply(200, strange, b"{}")) as server:
        assert _ask(server)[0] == 200


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        pytest.param("http://github.example", "over https", id="plain http to another machine"),
        pytest.param("https://169.254.169.254", "metadata", id="a metadata service"),
        pytest.param("https://metadata.google.internal", "metadata", id="the name of one"),
        pytest.param("https://user:secret@github.example", "user name or password", id="with a password"),
        pytest.param("ftp://github.example", "only http", id="another scheme"),
    ],
)
def test_an_address_that_may_not_be_asked_is_refused_before_it_is(url: str, reason: str) -> None:
    with pytest.raises(AddressRefused, match=reason) as raised:
        open_requester(url, Wire(), World())
    assert "secret" not in str(raised.value)


def test_a_name_that_resolves_to_a_refused_address_is_sent_nothing() -> None:
    with Server() as server, pytest.raises(AddressRefused):
        url = server.url.replace("127.0.0.1", "localhost")
        open_requester(url, Wire(addresses=AddressPolicy(inside=False)), World()).requestJson("GET", "/x", {}, {})
    assert server.log == []


def test_nobody_there_is_told() -> None:
    with Server() as server:
        pass
    with pytest.raises(CannotConnect):
        _ask(server)
    with pytest.raises((CannotResolveName, CannotConnect)):
        open_requester("https://nobody.invalid", Wire(), World()).requestJson("GET", "/x", {}, {})


def test_a_proxy_is_asked_where_there_is_one() -> None:
    proxies = Proxies.from_environ({"HTTPS_PROXY": "http://127.0.0.1:9"})
    with pytest.raises(CannotConnect, match="proxy"):
        open_requester("https://github.example", Wire(proxies=proxies), World()).requestJson("GET", "/x", {}, {})

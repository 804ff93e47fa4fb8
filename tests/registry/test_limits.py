"""The pull limit and the abuse limit of Docker Hub and its kin: read, kept to, and told apart (F8, F9)."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinbot.errors import PullLimitReached
from pinbot.net.origin import Origin
from pinbot.net.response import Response
from pinbot.oci.digest import Digest
from pinbot.oci.resolution import Alive, Content, Failed, Head, Pushed, Question, Served
from pinbot.registry.allowance import Allowance, Unlimited, Unreadable, read_allowance
from pinbot.registry.credentials._base import Anonymous, Login
from pinbot.registry.limit import PullLimit
from pinbot.registry.options import RegistryOptions
from pinbot.registry.resolver import RegistryResolver
from pinbot.secret import Secret
from tests.fakes import faults
from tests.fakes.registry import FakeRegistry
from tests.fakes.server import Fault, Reply, Seen, Server
from tests.net.world import NOW, Time, patient
from tests.registry.ask import HUB, PATH, answer_of, content, head, heads, resolver

SIX_HOURS = 21_600.0
HUB_SAYS = "toomanyrequests: You have reached your pull rate limit. You may increase the limit by authenticating and "
HUB_SAYS += "upgrading: https://www.docker.com/increase-rate-limit"
LONG = b'{"errors":[{"code":"TOOMANYREQUESTS","message":"%s"}]}' % HUB_SAYS.encode()
PLAIN = b"Too Many Requests (HAP429).\n"


def _headers(limit: str | None, remaining: str | None, source: str | None = None) -> dict[str, str]:
    given = {"ratelimit-limit": limit, "ratelimit-remaining": remaining, "docker-ratelimit-source": source}
    return {name: value for name, value in given.items() if value is not None}


ALLOWANCES: dict[str, tuple[Mapping[str, str], object]] = {
    "as Docker Hub has it": (_headers("100;w=21600", "20;w=21600"), Allowance(100, 20, SIX_HOURS)),
    "with spaces": (_headers(" 100; w=21600 ", "20; w=21600"), Allowance(100, 20, SIX_HOURS)),
    "in upper case": (_headers("100;W=21600", "20;W=21600"), Allowance(100, 20, SIX_HOURS)),
    "without a window": (_headers("100", "20"), Allowance(100, 20, SIX_HOURS)),
    "with the window on one side": (_headers("100", "20;w=3600"), Allowance(100, 20, 3600)),
    "with other parameters": (_headers('100;policy="a";w=3600', "20"), Allowance(100, 20, 3600)),
    "used up": (_headers("100;w=21600", "0;w=21600"), Allowance(100, 0, SIX_HOURS)),
    "counted for an address": (_headers("1", "1", "203.0.113.7"), Allowance(1, 1, SIX_HOURS, True)),
    "counted for an IPv6 network": (_headers("1", "1", "2001:db8::/64"), Allowance(1, 1, SIX_HOURS, True)),
    "counted for an account": (
        _headers("1", "1", "5f6b1f0c-3a1b-4c0e-9f57-6d6f2a3b4c5d"),
        Allowance(1, 1, SIX_HOURS, False),
    ),
    "absent": ({}, Unlimited()),
    "a gateway's count of all requests": ({**_headers("60", "6"), "ratelimit-reset": "30"}, Unreadable()),
    "half of it": (_headers("100;w=21600", None), Unreadable()),
    "the other half": (_headers(None, "100;w=21600"), Unreadable()),
    "empty": (_headers("", ""), Unreadable()),
    "negative": (_headers("100;w=21600", "-1;w=21600"), Unreadable()),
    "a window of nothing": (_headers("100;w=0", "20;w=0"), Unreadable()),
    "a window of years": (_headers("100;w=999999999", "20;w=999999999"), Unreadable()),
    "a limit of nothing": (_headers("0;w=21600", "0;w=21600"), Unreadable()),
    "more left than there are": (_headers("100;w=21600", "101;w=21600"), Unreadable()),
    "a fraction": (_headers("100.5", "20"), Unreadable()),
    "words": (_headers("many", "few"), Unreadable()),
    "a long number": (_headers("9" * 5000, "1"), Unreadable()),
    "other digits": (_headers("١٠٠", "٢٠"), Unreadable()),
    "twice": (_headers("100;w=21600, 100;w=21600", "20"), Unreadable()),
    "a long tail": (_headers("100" + ";a=b" * 5000, "20"), Unreadable()),
}


@pytest.mark.parametrize(("headers", "said"), ALLOWANCES.values(), ids=ALLOWANCES)
def test_reads_the_pull_limit(headers: Mapping[str, str], said: object) -> None:
    assert read_allowance(headers) == said


@given(st.text(max_size=60), st.from_regex(r"[0-9;w=, -]{0,30}", fullmatch=True), st.text(max_size=60))
def test_whatever_is_said_is_a_limit_or_is_not_understood(limit: str, remaining: str, source: str) -> None:
    for said in (read_allowance(_headers(limit, remaining, source)), read_allowance(_headers(remaining, remaining))):
        assert isinstance(said, Unreadable) or (isinstance(said, Allowance) and 0 <= said.remaining <= said.limit)


def test_says_what_is_left_in_words() -> None:
    assert Allowance(100, 20, SIX_HOURS, True).words == "20 of 100 pulls in 6 h left, counted for this address"
    assert Allowance(100, 20, 90, False).words == "20 of 100 pulls in 90 s left, counted for this account"


class Meter:
    """Grants pulls as Docker Hub does: GETs of manifests count, each login has its own, the rest is free."""

    def __init__(self, limit: int, used: int = 0, body: bytes = LONG, tells: bool = True) -> None:
        self.limit, self.body, self.tells = limit, body, tells
        self.used: dict[str, int] = {}
        self._start = used

    def __call__(self, seen: Seen, reply: Reply) -> Reply:
        """Count a request, and tell of what is left."""
        if "/manifests/" not in seen.target or reply.status == 401:
            return reply
        who = seen.headers.get("authorization", "")
        used = self.used.setdefault(who, self._start)
        refused = seen.method == "GET" and used >= self.limit
        if seen.method == "GET" and not refused:
            used = self.used[who] = used + 1
        reply = Reply(429, (), self.body) if refused else reply
        if not self.tells:
            return reply
        for name, amount in (("RateLimit-Limit", self.limit), ("RateLimit-Remaining", self.limit - used)):
            reply = reply.with_header(name, f"{amount};w=21600")
        return reply.with_header("Docker-RateLimit-Source", "203.0.113.7")


def _contents(registry: FakeRegistry, count: int, path: str = PATH) -> list[Content]:
    return [content(registry.push_image(path, [f"1.{n}"], content_seed=str(n)), path) for n in range(count)]


def _statuses(asked: RegistryResolver, questions: list[Content]) -> list[str]:
    answers = asked.answer(questions)
    return sorted(a.status if isinstance(a, Failed) else "answered" for a in map(answers.__getitem__, questions))


def test_stops_pulling_when_a_tenth_is_left_and_goes_on_with_lookups() -> None:
    with FakeRegistry() as registry, resolver(registry) as asked:
        questions = _contents(registry, 40)
        meter = Meter(100, used=80)
        registry.faults.append(meter)
        answer_of(asked, head("1.0"))
        assert _statuses(asked, questions) == ["answered"] * 10 + ["pull-limit"] * 30
        assert meter.used == {"": 90}
        left = next(a for a in asked.answer(questions).values() if isinstance(a, Failed))
        # What is under way when the reserve is reached counts as taken, so it may be a few fewer than ten.
        said = r"since ([0-9]|10) of 100 pulls in 6 h left, counted for this address, and 10 % are left to others"
        assert re.search(said, left.reason)
        assert "2026-11-21 18:00 UTC" in left.reason
        assert isinstance(answer_of(asked, head("1.7")), Served)


RESERVES = {0.0: 20, 15.0: 5, 20.0: 0, 100.0: 0}


@pytest.mark.parametrize(("reserve", "pulled"), RESERVES.items())
def test_the_reserve_is_the_settings(reserve: float, pulled: int) -> None:
    with FakeRegistry() as registry, resolver(registry, reserve=reserve) as asked:
        questions = _contents(registry, 30)
        meter = Meter(100, used=80)
        registry.faults.append(meter)
        answer_of(asked, head("1.0"))
        assert _statuses(asked, questions).count("answered") == pulled
        assert meter.used == {"": 80 + pulled}


def test_more_is_pulled_when_more_is_left_again() -> None:
    with FakeRegistry() as registry, resolver(registry) as asked:
        first, second = _contents(registry, 2)
        meter = Meter(100, used=95)
        registry.faults.append(meter)
        answer_of(asked, head("1.0"))
        assert _statuses(asked, [first]) == ["pull-limit"]
        meter.used[""] = 0
        answer_of(asked, head("1.1"))
        assert _statuses(asked, [second]) == ["answered"]


def test_the_window_ends() -> None:
    time = Time()
    with FakeRegistry() as registry, resolver(registry, time) as asked:
        first, second = _contents(registry, 2)
        registry.faults.append(Meter(100, used=95))
        answer_of(asked, head("1.0"))
        assert _statuses(asked, [first]) == ["pull-limit"]
        time.seconds += SIX_HOURS
        assert _statuses(asked, [second]) == ["answered"]


@pytest.mark.parametrize("tells", [True, False], ids=["told in headers", "told in the text alone"])
def test_a_refused_pull_stops_pulls_at_once_and_no_lookups(tells: bool) -> None:
    time = Time()
    with FakeRegistry() as registry, resolver(registry, time) as asked:
        questions = _contents(registry, 40)
        registry.faults.append(Meter(10, used=10, tells=tells))
        assert set(_statuses(asked, questions)) == {"pull-limit"}
        assert len(registry.requests("GET", "/manifests/")) <= 8
        assert time.slept == []
        assert {isinstance(a, Served) for a in asked.answer(heads(30)).values()} == {True}


def test_a_used_up_pull_limit_is_not_an_abuse() -> None:
    with FakeRegistry() as registry, resolver(registry) as asked:
        questions = _contents(registry, 20)
        registry.faults.append(Meter(10, used=10))
        asked.answer(questions)
        assert isinstance(answer_of(asked, head("1.3")), Served)


def test_a_lookup_that_is_refused_for_the_pull_limit_stops_lookups() -> None:
    with FakeRegistry() as registry, resolver(registry) as asked:
        headers = (("RateLimit-Limit", "100;w=21600"), ("RateLimit-Remaining", "0;w=21600"))
        registry.faults.append(faults.on("/manifests/", lambda _seen, _reply: Reply(429, headers)))
        answers = asked.answer(heads(50))
        assert {a.status for a in answers.values() if isinstance(a, Failed)} == {"pull-limit"}
        assert len(registry.requests("HEAD")) <= 8


def test_logins_and_strangers_have_limits_of_their_own() -> None:
    time = Time()
    pulls = PullLimit(time.clock, lambda: NOW)
    bot, stranger = Login("bot", Secret("x")), Anonymous()
    used_up = Response(Origin.parse("https://r.example"), "", 200, _headers("100;w=60", "5;w=60"), b"")
    pulls.note(used_up, 1, "r.example/a", stranger, "a", "HEAD")
    with pytest.raises(PullLimitReached), pulls.one("r.example/a", stranger, "a", "GET"):
        pass
    with pulls.one("r.example/a", bot, "a", "GET"), pulls.one("r.example/a", stranger, "a", "HEAD"):
        pass
    assert (pulls.allowance(stranger), pulls.allowance(bot)) == (Allowance(100, 5, 60), None)


def test_what_pulls_under_way_take_is_not_given_twice() -> None:
    pulls = PullLimit(Time().clock, lambda: NOW, reserve=0)
    left = Response(Origin.parse("https://r.example"), "", 200, _headers("100;w=60", "2;w=60"), b"")
    pulls.note(left, 1, "r.example/a", None, "a", "HEAD")
    with (
        pulls.one("r.example/a", None, "a", "GET"),
        pulls.one("r.example/b", None, "b", "GET"),
        pytest.raises(PullLimitReached, match="0 of 100 pulls"),
        pulls.one("r.example/c", None, "c", "GET"),
    ):
        pass
    with pulls.one("r.example/c", None, "c", "GET"):
        pass


def test_an_answer_that_was_overtaken_brings_no_pulls_back() -> None:
    pulls = PullLimit(Time().clock, lambda: NOW)
    origin = Origin.parse("https://r.example")
    told = [Response(origin, "", 200, _headers("100;w=60", f"{left};w=60"), b"") for left in (50, 11, 12, 40)]
    numbers = []
    for _ in range(3):
        with pulls.one("r.example/a", None, "a", "HEAD") as number:
            numbers.append(number)
    for response, number in zip(told, numbers, strict=False):
        pulls.note(response, number, "r.example/a", None, "a", "HEAD")
    assert pulls.allowance(None) == Allowance(100, 11, 60)
    with pulls.one("r.example/a", None, "a", "HEAD") as number:
        pass
    pulls.note(told[3], number, "r.example/a", None, "a", "HEAD")
    assert pulls.allowance(None) == Allowance(100, 40, 60)


def test_what_is_unlimited_is_pulled_although_the_rest_is_not() -> None:
    with FakeRegistry() as registry, resolver(registry) as asked:
        (limited,), (sponsored,) = _contents(registry, 1), _contents(registry, 1, "library/free")
        registry.faults.append(faults.on(PATH, Meter(100, used=95)))
        asked.answer([head("1.0"), head("1.0", "library/free")])
        assert _statuses(asked, [limited, sponsored]) == ["answered", "pull-limit"]


def test_another_registry_goes_on() -> None:
    with FakeRegistry() as limited, FakeRegistry() as free, RegistryResolver(world=patient()) as asked:
        limited.faults.append(faults.on("/manifests/", faults.status(429, Retry_After="3600")))
        for registry in (limited, free):
            for n in range(30):
                registry.push_image(PATH, [f"1.{n}"], content_seed=str(n))
        questions: list[Question] = [Head(r.host, PATH, f"1.{n}") for n in range(30) for r in (limited, free)]
        answers = asked.answer(questions)
        assert [isinstance(answers[q], Served) for q in questions] == [False, True] * 30
        assert len(limited.requests("HEAD")) <= 5 + 8


ABUSED: dict[str, str] = {"the registry": "/manifests/", "the token server": "/token", "its books": "/v2/namespaces/"}


@pytest.mark.parametrize("part", ABUSED.values(), ids=ABUSED)
def test_a_plain_429_of_any_of_its_hosts_leaves_all_of_them_alone(part: str) -> None:
    time = Time()
    limited: Fault = faults.on(part, faults.status(429, PLAIN, Retry_After="600"))
    with FakeRegistry(auth="bearer", anonymous=True) as registry, Server(lambda _: Reply(404)) as books:
        for server in (registry, books):
            server.faults.append(limited)
        for n in range(40):
            registry.push_image(f"library/p{n}", ["1"], content_seed=str(n))
        options = {HUB: RegistryOptions(endpoint=registry.url, push_dates=books.url)}
        with RegistryResolver(options, world=patient(time)) as asked:
            lookups: list[Question] = [Head(HUB, f"library/p{n}", "1") for n in range(20)]
            dates: list[Question] = [Pushed(HUB, f"library/p{n}", "1") for n in range(20)]
            asked.answer(dates if part == ABUSED["its books"] else lookups)
            before = len(registry.log) + len(books.log)
            late = asked.answer([Head(HUB, "library/p30", "1"), Pushed(HUB, "library/p30", "1"), _alive("library/p30")])
            assert len(registry.log) + len(books.log) == before
            for answer in late.values():
                assert isinstance(answer, Failed)
                assert (answer.status, "its abuse limit" in answer.reason) == ("429", True)
                assert "UTC" in answer.reason
            time.seconds += 601
            registry.faults.clear()
            assert isinstance(answer_of(asked, Head(HUB, "library/p31", "1")), Served)


def _alive(path: str) -> Alive:
    return Alive(HUB, path, Digest.parse(f"sha256:{'0' * 64}"))


def test_a_failure_is_not_remembered_by_the_next_run() -> None:
    with FakeRegistry() as registry:
        registry.push_image(PATH, ["1"])
        registry.faults.append(faults.on("/manifests/", faults.times(4, faults.status(503))))
        answers = []
        for _ in range(2):
            with resolver(registry) as asked:
                answers.append(answer_of(asked, head("1")))
    assert [isinstance(answer, Served) for answer in answers] == [False, True]


def test_a_registry_that_comes_back_is_noticed_within_a_run() -> None:
    time = Time()
    with FakeRegistry() as registry, resolver(registry, time) as asked:
        registry.push_image(PATH, ["1"])
        registry.faults.append(faults.status(503))
        assert isinstance(answer_of(asked, head("0")), Failed)
        registry.faults.clear()
        assert isinstance(answer_of(asked, head("2")), Failed)
        time.seconds += 61
        assert isinstance(answer_of(asked, head("1")), Served)


def test_what_decides_nothing_leaves_half_of_the_limit() -> None:
    with FakeRegistry() as registry, resolver(registry) as asked:
        questions = _contents(registry, 40)
        meter = Meter(100, used=30)
        registry.faults.append(meter)
        answer_of(asked, head("1.0"))
        first = asked.thrifty.answer(questions)
        spared = [answer for answer in first.values() if isinstance(answer, Failed)]
        assert (len(spared), meter.used) == (20, {"": 50})
        assert {answer.status for answer in spared} == {"pull-limit"}
        assert "50 % are left to what has to be decided" in spared[0].reason
        # Who has to decide something may have the rest all the same, and what is known is not asked again.
        assert _statuses(asked, questions) == ["answered"] * 40
        assert meter.used == {"": 70}

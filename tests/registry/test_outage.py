"""Registries that fail, each in its own way: the others are answered as if nothing were, each is named once (F59)."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import pytest
import trustme

from pinbot.net.retry import RetryPolicy
from pinbot.oci.resolution import Answer, Failed, Head, Question, Served
from pinbot.registry.options import RegistryOptions
from pinbot.registry.resolver import RegistryResolver
from tests.fakes import faults
from tests.fakes.registry import FakeRegistry
from tests.fakes.server import Fault, Reply, Seen

PATH = "team/app"
TAGS = 25
SILENCE = 3.0
# How each fails, the word for it, and how many requests it is sent at most.
BROKEN: dict[str, tuple[Fault, str, int]] = {
    "is silent": (faults.silence(15), "timeout", 1),
    "answers 503 for ever": (faults.status(503), "5xx", 4),
    "asks for an hour": (faults.status(429, Retry_After="3600"), "429", 1),
    "sends a byte at a time": (faults.drip(0.05), "timeout", 1),
    "greets and is silent": (faults.on("/manifests/", faults.silence(15)), "timeout", 20),
}


@dataclass
class Shop:
    """The registries; `options` for those that have a name, `hosts` of the healthy ones and of the broken ones."""

    healthy: list[FakeRegistry] = field(default_factory=list)
    broken: dict[str, FakeRegistry] = field(default_factory=dict)
    options: dict[str, RegistryOptions] = field(default_factory=dict)
    statuses: dict[str, str] = field(default_factory=dict)


@pytest.fixture
def shop() -> Iterator[Shop]:
    """Ten healthy registries and seven that are not."""
    made = Shop()
    with ExitStack() as stack, closed_port() as port:
        for _ in range(10):
            registry = stack.enter_context(FakeRegistry())
            for tag in range(TAGS):
                registry.push_image(PATH, [f"1.{tag}"], content_seed=f"{registry.host} {tag}")
            made.healthy.append(registry)
        for name, (fault, status, _) in BROKEN.items():
            registry = made.broken[name] = stack.enter_context(FakeRegistry())
            registry.faults.append(fault)
            made.statuses[registry.host] = status
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
        stranger = stack.enter_context(FakeRegistry(tls=context))
        made.options["stranger.example"] = RegistryOptions(endpoint=stranger.url)
        made.statuses |= {"stranger.example": "tls", f"127.0.0.1:{port}": "refused"}
        yield made


@contextmanager
def closed_port() -> Iterator[int]:
    """Give a port where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        yield probe.getsockname()[1]


def _questions(hosts: Sequence[str]) -> list[Question]:
    return [Head(host, PATH, f"1.{tag}") for tag in range(TAGS) for host in hosts]


def _ask(shop: Shop, hosts: Sequence[str]) -> tuple[Mapping[Question, Answer], float, float]:
    """Return the answers, the seconds until the last healthy one, and the seconds in all."""
    last = [0.0]

    def noted(_seen: Seen, reply: Reply) -> Reply:
        last[0] = time.monotonic()
        return reply

    for registry in shop.healthy:
        registry.faults[:] = [noted]
    retries = RetryPolicy(base_seconds=0.05)
    with RegistryResolver(shop.options, jobs=8, retries=retries, silence_seconds=SILENCE) as asked:
        started = time.monotonic()
        answers = asked.answer(_questions(hosts))
        return answers, last[0] - started, time.monotonic() - started


def test_seven_broken_registries_hold_up_none_of_the_others(shop: Shop) -> None:
    good = [registry.host for registry in shop.healthy]
    usual = max(_ask(shop, good)[1] for _ in range(2))
    bad = list(shop.statuses)
    # Those under way are told why each, the others that it is left alone for that.
    greeting = {shop.broken["greets and is silent"].host}
    # The broken ones first: whoever takes the slots then is the worst case.
    answers, healthy, whole = _ask(shop, [*bad, *good])
    assert all(isinstance(answers[q], Served) for q in _questions(good))
    # On a busy machine a second comes and goes; whoever waits for a broken one waits for three.
    assert healthy <= 1.3 * usual + 1.0
    assert whole <= usual + SILENCE + 2.0
    for host in bad:
        failed = [answers[q] for q in _questions([host])]
        assert {a.status for a in failed if isinstance(a, Failed)} - {"left-alone"} == {shop.statuses[host]}
        assert len({a.reason for a in failed if isinstance(a, Failed)}) <= (20 if host in greeting else 1)
    for name, registry in shop.broken.items():
        assert len(registry.log) <= BROKEN[name][2]


def test_connections_are_reused_and_each_reference_is_asked_for_once(shop: Shop) -> None:
    good = [registry.host for registry in shop.healthy]
    before = [registry.connections for registry in shop.healthy]
    _ask(shop, good)
    for registry, connections in zip(shop.healthy, before, strict=True):
        assert registry.connections - connections <= 8
        assert len(registry.requests("HEAD")) == TAGS


def test_one_job_at_a_time_is_enough_to_pass_by_the_broken_ones(shop: Shop) -> None:
    good = [registry.host for registry in shop.healthy]
    with RegistryResolver(shop.options, jobs=1, silence_seconds=SILENCE) as asked:
        started = time.monotonic()
        answers = asked.answer(_questions([*shop.statuses, *good]))
        assert time.monotonic() - started < 25
    assert sum(isinstance(a, Served) for a in answers.values()) == TAGS * len(good)

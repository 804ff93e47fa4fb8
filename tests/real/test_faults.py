"""Faults in front of a real registry: what haproxy does to single repositories, while the others go on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pinbot.oci.digest import Digest
from pinbot.oci.resolution import Answer, Content, Failed, Head, Question, Served
from pinbot.registry.options import RegistryOptions
from pinbot.registry.resolver import RegistryResolver
from tests.process import pinbot
from tests.real import haproxy
from tests.real.haproxy import Front
from tests.real.registries import Registries

NAME = "registry.example"


@pytest.fixture
def front(registries: Registries, tmp_path: Path) -> Iterator[Front]:
    """haproxy in front of the open registry."""
    if haproxy.program() is None:
        pytest.skip(f"NOT TESTED behind haproxy: apt-get install {haproxy.PACKAGE} (`make test` may do it)")
    with haproxy.running(tmp_path, registries.open.host) as running:
        yield running


def _resolver(front: Front, seconds: float = 30.0) -> RegistryResolver:
    return RegistryResolver({NAME: RegistryOptions(front.url)}, deadline_seconds=seconds)


def _answer(resolver: RegistryResolver, question: Question) -> Answer:
    return resolver.answer([question])[question]


@pytest.mark.parametrize(
    ("name", "statuses"),
    [
        pytest.param("limited", [429, 429, 200], id="429 with a wait"),
        pytest.param("shaky", [503, 503, 200], id="503"),
        pytest.param("torn", [-1, -1, 200], id="a connection that ends without an answer"),
    ],
)
def test_what_fails_twice_is_asked_a_third_time(
    registries: Registries, front: Front, name: str, statuses: list[int]
) -> None:
    digest = registries.push(f"{name}/app:1")
    with _resolver(front) as resolver:
        started = time.monotonic()
        served = _answer(resolver, Head(NAME, f"{name}/app", "1"))
        took = time.monotonic() - started
    assert isinstance(served, Served), served
    assert str(served.digest) == digest
    assert [r.status for r in front.requests(f"{name}/app")] == statuses
    assert name != "limited" or took >= 2


LASTING = {
    "hour": ("429", "the registry asks to wait 60 minutes", 1),
    "down": ("5xx", "the registry has trouble of its own (503", 4),
    "cut": ("broken", "cut", 4),
}


@pytest.mark.parametrize("name", LASTING)
def test_what_fails_for_ever_is_a_failure_and_holds_up_no_other(
    registries: Registries, front: Front, name: str
) -> None:
    status, words, most = LASTING[name]
    digest = registries.push("team/sound:1")
    with _resolver(front) as resolver:
        lost, sound = Head(NAME, f"{name}/app", "1"), Head(NAME, "team/sound", "1")
        answers = resolver.answer([lost, sound])
    failed, served = answers[lost], answers[sound]
    assert isinstance(failed, Failed)
    assert (failed.status, words in failed.reason) == (status, True), failed
    assert len(front.requests(f"{name}/app")) <= most
    assert isinstance(served, Served)
    assert str(served.digest) == digest


def test_a_connection_that_is_dropped_in_silence_costs_its_own_time_alone(registries: Registries, front: Front) -> None:
    registries.push("team/near:1")
    with _resolver(front, seconds=3.0) as resolver:
        started = time.monotonic()
        lost, near = Head(NAME, "dropped/app", "1"), Head(NAME, "team/near", "1")
        answers = resolver.answer([lost, near])
        took = time.monotonic() - started
    failed = answers[lost]
    assert isinstance(failed, Failed)
    # Without the right to repair sockets haproxy resets the connection instead.
    assert failed.status in {"timeout", "broken"}
    assert isinstance(answers[near], Served)
    assert took < 8


def test_a_used_up_pull_limit_stops_pulls_and_no_lookups(registries: Registries, front: Front) -> None:
    digests = [registries.push(f"pulled/app:{n}", content=str(n)) for n in range(3)]
    with _resolver(front) as resolver:
        pulls = [Content(NAME, "pulled/app", Digest.parse(digest)) for digest in digests]
        answers = resolver.answer(pulls)
        assert {a.status for a in answers.values() if isinstance(a, Failed)} == {"pull-limit"}
        assert isinstance(_answer(resolver, Head(NAME, "pulled/app", "2")), Served)
    assert len([r for r in front.requests("pulled/app") if r.method == "GET"]) <= 3


def test_a_run_pins_what_is_sound_and_names_the_rest(registries: Registries, front: Front, tmp_path: Path) -> None:
    digests = {name: registries.push(f"{name}/shop:1") for name in ("team", "shaky", "limited")}
    settings = tmp_path / "settings.yaml"
    settings.write_text(f"registries:\n  {NAME}:\n    endpoint: {front.url}\n    concurrency: 4\ntimeout-seconds: 20\n")
    work = tmp_path / "work"
    work.mkdir()
    lost = ("hour", "down", "cut")
    lines = [f"FROM {NAME}/{name}/shop:1\n" for name in (*digests, *lost)]
    (work / "Dockerfile").write_text("".join(lines))
    arguments = ("--config", settings, "--ledger", "off", "--format", "json", work)
    done = pinbot("pin", *arguments, home=tmp_path)
    assert done.code == 3, done.stderr
    pinned = [f"FROM {NAME}/{name}/shop:1@{digest}\n" for name, digest in digests.items()]
    assert (work / "Dockerfile").read_text() == "".join([*pinned, *lines[len(digests) :]])
    missed = {o["text"].split("/")[1]: (o["outcome"], o["status"]) for o in done.json["outcomes"]}
    assert missed == {
        "hour": ("lookup-failed", "429"),
        "down": ("lookup-failed", "5xx"),
        "cut": ("lookup-failed", "broken"),
    }

"""What the rest of the house sees: every question answered once, with as few requests as will do."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from pinbot.errors import UsageError
from pinbot.net.address import SERVICE
from pinbot.oci.digest import Digest
from pinbot.oci.manifest import DOCKER_LIST, DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST, Index, Manifest
from pinbot.oci.platform import Platform
from pinbot.oci.resolution import Barred, Failed, Head, ImageConfig, Runtime, Served
from pinbot.registry.options import RegistryOptions
from pinbot.registry.resolver import RegistryResolver
from tests.fakes import faults
from tests.fakes.registry import FakeRegistry
from tests.fakes.server import Fault
from tests.net.world import Time, patient
from tests.registry.ask import HUB, PATH, TAG, alive, answer_of, ask, config, content, head, heads, resolver

BOTH = ("linux/amd64", "linux/arm64/v8")
DIGEST = "Docker-Content-Digest"
NO_DIGEST = faults.header(DIGEST, None)


def _filled(registry: FakeRegistry, **image: object) -> str:
    return registry.push_image(PATH, [TAG], **image)  # type: ignore[arg-type]


@pytest.mark.parametrize("auth", ["none", "bearer"])
def test_one_manifest_request_per_reference_one_ping_one_token_per_scope(auth: str) -> None:
    with FakeRegistry(auth=auth, anonymous=True) as registry:  # type: ignore[arg-type]
        for n in range(60):
            registry.push_image(f"library/p{n % 3}", [f"1.{n}"], content_seed=str(n))
        questions = [head(f"1.{n}", f"library/p{n % 3}") for n in range(60)]
        with resolver(registry) as asked:
            answers = asked.answer(questions)
            asked.answer(questions)
        assert all(isinstance(a, Served) for a in answers.values())
        assert len(registry.requests("HEAD", "/manifests/")) == 60
        assert len(registry.requests("GET", "/manifests/")) == 0
        assert len([s for s in registry.log if s.path == "/v2/"]) == 1
        assert len(registry.requests(containing="/token")) == (3 if auth == "bearer" else 0)
        assert registry.connections <= 8


def test_asks_with_all_four_media_types() -> None:
    with FakeRegistry() as registry:
        _filled(registry)
        ask(registry, head())
        accept = registry.requests("HEAD")[0].headers["accept"]
        assert set(accept.split(", ")) == {OCI_INDEX, OCI_MANIFEST, DOCKER_LIST, DOCKER_MANIFEST}


@pytest.mark.parametrize("docker", [False, True], ids=["OCI types", "Docker types"])
@pytest.mark.parametrize("platforms", [BOTH[:1], BOTH], ids=["one image", "an index"])
def test_answers_each_kind_of_question(platforms: tuple[str, ...], docker: bool) -> None:
    with FakeRegistry() as registry:
        digest = _filled(
            registry, platforms=platforms, docker=docker, labels={"a": "b"}, created="2026-10-01T02:03:04Z"
        )
        served, living, inside = ask(registry, head(), alive(digest), content(digest))
        assert isinstance(served, Served)
        assert served == living
        assert str(served.digest) == digest
        assert served.is_index == (len(platforms) == 2)
        assert isinstance(inside, Index if len(platforms) == 2 else Manifest)
        child = str(inside.manifests[0].digest) if isinstance(inside, Index) else digest
        (configured,) = ask(registry, config(child))
        assert configured == ImageConfig(
            Platform("linux", "amd64"),
            datetime(2026, 10, 1, 2, 3, 4, tzinfo=UTC),
            {"a": "b"},
            Runtime(command=("/bin/true",)),
        )


@pytest.mark.parametrize("created", ["0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00", "soon", ""])
def test_a_creation_date_that_is_none_is_unknown(created: str) -> None:
    with FakeRegistry() as registry:
        (configured,) = ask(registry, config(_filled(registry, created=created)))
        assert isinstance(configured, ImageConfig)
        assert configured.created is None


def test_an_index_names_its_platforms() -> None:
    with FakeRegistry() as registry:
        (inside,) = ask(registry, content(_filled(registry, platforms=BOTH)))
        assert isinstance(inside, Index)
        assert [str(d.platform) for d in inside.manifests] == list(BOTH)


def test_an_index_has_no_configuration() -> None:
    with FakeRegistry() as registry:
        (answer,) = ask(registry, config(_filled(registry, platforms=BOTH)))
        assert isinstance(answer, Failed)
        assert answer.status == "index"


SHOUTED = "sha256:" + "A" * 64
SERVED_BY_GET: dict[str, Fault] = {
    "a HEAD without a digest": faults.on("/manifests/", NO_DIGEST),
    "a HEAD whose digest is upper case": faults.on("/manifests/", faults.header(DIGEST, SHOUTED), "HEAD"),
    "a HEAD whose digest is short": faults.on("/manifests/", faults.header(DIGEST, "sha256:abc"), "HEAD"),
    "a HEAD that is not allowed (405)": faults.on("/manifests/", faults.status(405), "HEAD"),
    "a HEAD that is forbidden (403)": faults.on("/manifests/", faults.status(403), "HEAD"),
    "a HEAD that is bad (400)": faults.on("/manifests/", faults.status(400), "HEAD"),
    "a HEAD that is not built (501)": faults.on("/manifests/", faults.status(501), "HEAD"),
    "a HEAD without a type": faults.on("/manifests/", faults.header("Content-Type", None), "HEAD"),
    "answers of type application/json": faults.on("/manifests/", faults.header("Content-Type", "application/json")),
}  # fmt: skip


@pytest.mark.parametrize("fault", SERVED_BY_GET.values(), ids=SERVED_BY_GET)
def test_one_get_where_head_does_not_do(fault: Fault) -> None:
    with FakeRegistry() as registry:
        digest = _filled(registry, platforms=BOTH)
        registry.faults.append(fault)
        (answer,) = ask(registry, head())
        assert answer == Served(Digest.parse(digest), OCI_INDEX)
        assert len(registry.requests(containing="/manifests/")) == 2


OTHER = "sha256:" + "0" * 64


def _bodies(fault: Fault) -> Fault:
    """Bend what GET brings, and make it needed."""
    return faults.on("/manifests/", lambda s, r: (fault if s.method == "GET" else NO_DIGEST)(s, NO_DIGEST(s, r)))


FAILURES: dict[str, tuple[Fault, str, str]] = {
    "401": (faults.on("/manifests/", faults.status(401)), "401", "docker login"),
    "403": (faults.on("/manifests/", faults.status(403)), "403", "may not read it"),
    "429 with a wait": (faults.on("/manifests/", faults.status(429, Retry_After="3600")), "429", "wait 60 minutes"),
    "429 without one": (faults.on("/manifests/", faults.status(429)), "429", "too many requests"),
    "503": (faults.on("/manifests/", faults.status(503)), "5xx", "trouble of its own"),
    "a login page": (faults.html(), "not-a-registry", "login page"),
    "a login page for the manifest alone": (faults.on("/manifests/", faults.html()), "not-a-registry", "login page"),
    "another world's type": (faults.header("Content-Type", "image/png"), "not-a-registry", "image/png"),
    "an empty object": (faults.status(200), "not-a-registry", "manifest"),
    "a redirect to nowhere": (faults.on("/manifests/", faults.redirect("file:///etc")), "redirect", "redirects to"),
    "an answer cut short": (_bodies(faults.truncated(9)), "broken", "cut short"),
    "an answer without an end": (_bodies(faults.infinite()), "too-large", "4,194,304"),
    "a ping that fails": (faults.on("/v2/", faults.status(500)), "5xx", "trouble of its own"),
}  # fmt: skip


@pytest.mark.parametrize(("fault", "status", "words"), FAILURES.values(), ids=FAILURES)
def test_a_failure_is_an_answer(fault: Fault, status: str, words: str) -> None:
    with FakeRegistry() as registry:
        _filled(registry)
        registry.faults.append(fault)
        (answer,) = ask(registry, head())
        assert isinstance(answer, Failed)
        assert (answer.status, words in answer.reason) == (status, True), answer


BARRED: dict[str, tuple[Fault, str]] = {
    "schema 1, signed": (
        faults.header("Content-Type", "application/vnd.docker.distribution.manifest.v1+prettyjws"), "schema 1"
    ),
    "schema 1": (faults.header("Content-Type", "application/vnd.docker.distribution.manifest.v1+json"), "schema 1"),
    "an OCI artifact": (faults.header("Content-Type", "application/vnd.oci.artifact.manifest.v1+json"), "not an image"),
    "bytes that do not hash to their header": (
        lambda s, r: faults.header(DIGEST, OTHER if s.method == "GET" else None)(s, r), "hash to"
    ),
}  # fmt: skip


@pytest.mark.parametrize(("fault", "words"), BARRED.values(), ids=BARRED)
def test_what_must_not_be_written_is_barred(fault: Fault, words: str) -> None:
    with FakeRegistry() as registry:
        _filled(registry)
        registry.faults.append(faults.on("/manifests/", fault))
        (answer,) = ask(registry, head())
        assert isinstance(answer, Barred)
        assert words in answer.reason


def test_unknown_names_and_unknown_tags_are_told_apart_with_one_get_each() -> None:
    with FakeRegistry() as registry:
        _filled(registry)
        tag, name = ask(registry, head("9"), head("9", "library/none"))
        assert isinstance(tag, Failed)
        assert isinstance(name, Failed)
        assert (tag.status, name.status) == ("404", "404")
        assert "no such tag" in tag.reason
        assert "no such repository" in name.reason
        assert len(registry.requests(containing="/manifests/")) == 4


def test_one_bad_reference_does_not_hold_up_the_others() -> None:
    with FakeRegistry() as registry:
        for n in range(30):
            registry.push_image(PATH, [f"1.{n}"], content_seed=str(n))
        registry.faults.append(faults.on("/manifests/1.7", faults.status(500)))
        registry.faults.append(faults.on("/manifests/1.8", faults.status(429, Retry_After="9999")))
        answers = ask(registry, *heads(30))
        assert [n for n, a in enumerate(answers) if not isinstance(a, Served)] == [7, 8]


def test_a_registry_that_answers_429_to_everything_is_left_alone() -> None:
    time = Time()
    with FakeRegistry() as registry, resolver(registry, time) as asked:
        registry.tag(PATH, "fresh", _filled(registry))
        registry.faults.append(faults.on("/manifests/", faults.status(429, Retry_After="3600")))
        answers = asked.answer(heads(100))
        assert {a.status for a in answers.values() if isinstance(a, Failed)} == {"429"}
        assert len(registry.requests("HEAD")) <= 5 + 8
        registry.faults.clear()
        time.seconds += 3600
        assert isinstance(answer_of(asked, head("fresh")), Served)


NOT_REACHED: dict[str, tuple[str, str]] = {
    "a port where nobody listens": ("localhost:1", "refused"),
    "a name without an address": ("no-such-host.invalid", "dns"),
    "a metadata service": ("169.254.169.254", "blocked"),
    "a metadata service by number": ("2852039166:80", "blocked"),
    "a Cyrillic look-alike": ("gсr.io", "blocked"),
}


@pytest.mark.parametrize(("registry", "status"), NOT_REACHED.values(), ids=NOT_REACHED)
def test_a_registry_that_is_not_reached(registry: str, status: str) -> None:
    with RegistryResolver(world=patient()) as asked:
        answer = answer_of(asked, Head(registry, "a/b", "1"))
    assert isinstance(answer, Failed)
    assert answer.status == status


def test_the_service_does_not_ask_this_machine() -> None:
    with FakeRegistry() as registry, RegistryResolver(addresses=SERVICE) as asked:
        answer = answer_of(asked, Head(registry.host, PATH, TAG))
        assert isinstance(answer, Failed)
        assert (answer.status, registry.log) == ("blocked", [])


def test_a_loopback_registry_is_spoken_to_by_http() -> None:
    with FakeRegistry() as registry, RegistryResolver() as asked:
        digest = _filled(registry)
        assert answer_of(asked, Head(registry.host, PATH, TAG)) == Served(Digest.parse(digest), OCI_MANIFEST)


def test_a_dead_registry_is_pinged_once_for_all_its_references() -> None:
    time = Time()
    with FakeRegistry() as registry:
        registry.faults.append(faults.status(500))
        with resolver(registry, time) as asked:
            answers = asked.answer(heads(100))
        assert {a.status for a in answers.values() if isinstance(a, Failed)} == {"5xx"}
        assert {s.path for s in registry.log} == {"/v2/"}
        assert len(registry.log) == 4


def test_progress_counts_to_the_end_over_all_rounds() -> None:
    told: list[tuple[int, int]] = []
    with FakeRegistry() as registry:
        options = {HUB: RegistryOptions(endpoint=registry.url)}
        with RegistryResolver(options, progress=lambda done, total: told.append((done, total))) as asked:
            asked.answer(heads(3))
            asked.answer(heads(5))
    assert told == [(1, 3), (2, 3), (3, 3), (4, 5), (5, 5)]


def test_connections_and_tokens_outlive_a_round() -> None:
    with FakeRegistry(auth="bearer", anonymous=True) as registry, resolver(registry) as asked:
        digest = _filled(registry)
        for question in (head(), alive(digest), content(digest)):
            asked.answer([question])
        assert (registry.connections, len(registry.requests(containing="/token"))) == (1, 1)


def test_an_endpoint_that_is_no_origin_is_wrong_usage() -> None:
    for endpoint in ("localhost:5000", "https://mirror.example/path", "ftp://x.example"):
        with pytest.raises(UsageError, match="endpoint"):
            RegistryResolver({HUB: RegistryOptions(endpoint=endpoint)})


def test_a_registry_in_the_settings_that_is_none_is_wrong_usage() -> None:
    with pytest.raises(UsageError, match="not a host name"):
        RegistryResolver({"no registry": RegistryOptions()})


def test_a_registry_in_the_settings_twice_is_wrong_usage() -> None:
    with pytest.raises(UsageError, match="twice"):
        RegistryResolver({"ghcr.io": RegistryOptions(), "GHCR.io.": RegistryOptions()})


HELD_UP: dict[str, Fault] = {
    "is silent": faults.silence(2.5),
    "asks to be left alone": faults.times(8, faults.status(429, Retry_After="3")),
}


@pytest.mark.parametrize("fault", HELD_UP.values(), ids=HELD_UP)
def test_a_registry_holds_up_no_other_when_it(fault: Fault) -> None:
    with FakeRegistry() as slow, FakeRegistry() as good:
        for registry in (slow, good):
            _filled(registry)
        slow.faults.append(faults.on("/manifests/", fault))
        questions = [Head(registry.host, PATH, f"1.{n}") for registry in (slow, good) for n in range(8)]
        done: list[float] = []
        with RegistryResolver(jobs=8, progress=lambda *_: done.append(time.monotonic())) as asked:
            started = time.monotonic()
            asked.answer(questions)
        assert sum(moment - started < 2 for moment in done) == 8


def test_a_registry_that_redirects_to_nonsense_ends_no_run() -> None:
    with FakeRegistry() as odd, FakeRegistry() as good:
        digest = _filled(good)
        odd.faults.append(faults.on("/manifests/", faults.redirect("http://localhost:evil/")))
        with RegistryResolver() as asked:
            answers = asked.answer([Head(odd.host, PATH, TAG), Head(good.host, PATH, TAG)])
        bad, served = answers.values()
        assert isinstance(bad, Failed)
        assert (bad.status, served) == ("redirect", Served(Digest.parse(digest), OCI_MANIFEST))

"""Digests that died, and bytes that lie (T14, T15; F5, F12, F21)."""

from __future__ import annotations

import json

import pytest

from pinbot.oci.digest import Digest
from pinbot.oci.manifest import OCI_MANIFEST, Manifest
from pinbot.oci.resolution import Barred, Dead, Failed, ImageConfig, Served
from tests.fakes import faults
from tests.fakes.images import Stored
from tests.fakes.registry import FakeRegistry
from tests.fakes.server import Fault, Reply
from tests.registry.ask import PATH, TAG, alive, ask, config, content, head

OTHER = "sha256:" + "0" * 64
DIGEST = "Docker-Content-Digest"


def _filled(registry: FakeRegistry) -> str:
    return registry.push_image(PATH, [TAG])


def _gone(registry: FakeRegistry) -> str:
    digest = _filled(registry)
    registry.push_image(PATH, ["other"], content_seed="other")
    registry.delete(PATH, digest)
    return digest


def test_a_digest_that_is_gone_from_a_living_repository_is_dead() -> None:
    with FakeRegistry() as registry:
        (answer,) = ask(registry, alive(_gone(registry)))
        assert isinstance(answer, Dead)
        assert [(s.method, s.path.rpartition("/")[2][:6]) for s in registry.log[1:]] == [
            ("HEAD", "sha256"), ("GET", "sha256"), ("GET", "list"),
        ]  # fmt: skip


NOT_DEAD: dict[str, tuple[Fault, str]] = {
    "401 on the list of tags": (faults.on("tags/list", faults.status(401)), "404"),
    "404 on the list of tags": (faults.on("tags/list", faults.status(404)), "404"),
    "a login page for the list of tags": (faults.on("tags/list", faults.html()), "404"),
    "an error that calls itself a list of tags": (
        faults.on("tags/list", faults.status(200, b'{"errors":[{"code":"DENIED"}]}')),
        "404",
    ),
    "a list of no tags": (faults.on("tags/list", faults.status(200, b'{"name":"a","tags":null}')), "404"),
    "a list of tags that is none": (faults.on("tags/list", faults.status(200, b"[1")), "not-a-registry"),
    "404 as a page for people": (
        faults.on("/manifests/", lambda _s, _r: Reply(404, (("Content-Type", "text/html"),), b"<html>")),
        "not-a-registry",
    ),
    "401": (faults.on("/manifests/", faults.status(401)), "401"),
    "403": (faults.on("/manifests/", faults.status(403)), "403"),
    "429": (faults.on("/manifests/", faults.status(429)), "429"),
    "500": (faults.on("/manifests/", faults.status(500)), "5xx"),
    "404 once and then 403": (faults.on("/manifests/", faults.status(403), "GET"), "403"),
    "404 once and then 503": (faults.on("/manifests/", faults.status(503), "GET"), "5xx"),
    "405 and then 404": (faults.on("/manifests/", faults.status(405), "HEAD"), "404"),
}


@pytest.mark.parametrize(("fault", "status"), NOT_DEAD.values(), ids=NOT_DEAD)
def test_nothing_less_makes_a_digest_dead(fault: Fault, status: str) -> None:
    with FakeRegistry() as registry:
        digest = _gone(registry)
        registry.faults.append(fault)
        (answer,) = ask(registry, alive(digest))
        assert isinstance(answer, Failed)
        assert answer.status == status


def test_a_registry_that_answers_with_another_digest_is_barred() -> None:
    with FakeRegistry() as registry:
        digest = _filled(registry)
        registry.faults.append(faults.on("/manifests/", faults.header(DIGEST, OTHER)))
        for question in (alive(digest), content(digest)):
            (answer,) = ask(registry, question)
            assert isinstance(answer, Barred)


def test_content_that_does_not_hash_to_its_digest_is_barred() -> None:
    with FakeRegistry() as registry:
        digest = _filled(registry)
        registry.faults.append(faults.on("/manifests/", faults.body(b"{}"), "GET"))
        (answer,) = ask(registry, content(digest))
        assert isinstance(answer, Barred)


def test_a_configuration_that_does_not_hash_to_its_digest_is_barred() -> None:
    with FakeRegistry() as registry:
        digest = _filled(registry)
        registry.faults.append(faults.on("/blobs/", faults.body(b'{"os":"evil"}')))
        (answer,) = ask(registry, config(digest))
        assert isinstance(answer, Barred)


def test_a_blob_elsewhere_is_fetched_without_the_token() -> None:
    with FakeRegistry(auth="bearer", anonymous=True) as registry, FakeRegistry() as storage:
        digest = _filled(registry)
        storage.blobs |= registry.blobs
        for path, blob in registry.blobs:
            registry.faults.append(faults.on("/blobs/", faults.redirect(f"{storage.url}/v2/{path}/blobs/{blob}")))
        (answer,) = ask(registry, config(digest))
        assert isinstance(answer, ImageConfig)
        assert "authorization" not in storage.log[0].headers


NOT_MANIFESTS: dict[str, bytes] = {
    "nothing": b"",
    "no JSON": b"<html>",
    "a list": b"[]",
    "an object without a configuration": b'{"schemaVersion":2}',
    "schema 1": b'{"schemaVersion":1,"fsLayers":[]}',
    "a digest that is none": json.dumps({"config": {"digest": "sha256:../../x"}}).encode(),
    "numbers as text": b'{"config":{"digest":5}}',
    "deep nesting": b"[" * 100_000,
    "deep nesting inside": b'{"x":' * 100_000,
    "bytes that are no text": b'{"mediaType":"\xff\xfe"}',
}


@pytest.mark.parametrize("body", NOT_MANIFESTS.values(), ids=NOT_MANIFESTS)
def test_what_is_no_manifest_is_an_answer_too(body: bytes) -> None:
    with FakeRegistry() as registry:
        digest = registry.push_manifest(PATH, Stored(OCI_MANIFEST, body), [TAG])
        (answer,) = ask(registry, content(digest))
        assert isinstance(answer, Failed | Barred)


def test_sha512_is_a_digest_too() -> None:
    with FakeRegistry() as registry:
        _filled(registry)
        stored = next(iter(registry.manifests.values()))
        long = Digest.of(stored.content, "sha512")
        registry.manifests[PATH, str(long)] = stored
        registry.faults.append(faults.on("/manifests/", faults.header(DIGEST, str(long))))
        (inside,) = ask(registry, content(str(long)))
        assert isinstance(inside, Manifest)


def test_a_tag_is_pinned_by_its_sha256_whatever_else_the_registry_names() -> None:
    with FakeRegistry() as registry:
        digest = _filled(registry)
        long = Digest.of(registry.manifests[PATH, digest].content, "sha512")
        registry.faults.append(faults.on("/manifests/", faults.header(DIGEST, str(long))))
        (answer,) = ask(registry, head())
        assert answer == Served(Digest.parse(digest), OCI_MANIFEST)

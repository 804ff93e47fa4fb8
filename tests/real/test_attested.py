"""What builders say of images, on a real registry: pinbot's answers about images that buildah made."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pinbot.oci.digest import Digest
from pinbot.oci.manifest import Index, Manifest
from pinbot.oci.resolution import Attested, Config, Content, Head, ImageConfig, Question, Runtime, Served
from pinbot.oci.statement import Package, Provenance, Statements, statements_about
from pinbot.registry.options import RegistryOptions
from pinbot.registry.resolver import RegistryResolver
from tests.fakes.statements import CYCLONEDX, SLSA_1, Statement, cyclonedx
from tests.real.building import BOTH, built
from tests.real.registries import Registries

HUB = "docker.io"
ZLIB, OPENSSL = Package("zlib", "1.3.1", "deb"), Package("openssl", "3.0.15", "deb")
MADE = Provenance("https://ci.example/run/1", "https://forge.example/team/app", "0a1b2c3d")
RUN = Runtime(
    user="nonroot",
    entrypoint=("/app",),
    command=("serve", "--now"),
    shell=("/bin/bash", "-c"),
    healthcheck=("CMD-SHELL", "curl -f localhost"),
    environment=("TOKEN",),
    ports=("80/tcp",),
    volumes=("/data",),
    directory="/srv",
    stop_signal="SIGQUIT",
)


@pytest.fixture
def resolver(registries: Registries) -> Iterator[RegistryResolver]:
    """Ask the open registry under the name docker.io."""
    with RegistryResolver({HUB: RegistryOptions(registries.open.url)}) as resolver:
        yield resolver


def _index(resolver: RegistryResolver, path: str, digest: str) -> Index:
    question = Content(HUB, path, Digest.parse(digest))
    index = resolver.answer([question])[question]
    assert isinstance(index, Index)
    return index


def _said(resolver: RegistryResolver, path: str, index: Index, image: Digest) -> Statements:
    child = statements_about(image, index)
    assert child
    question = Attested(HUB, path, child.digest, image)
    said = resolver.answer([question])[question]
    assert isinstance(said, Statements)
    return said


def test_an_image_with_statements_is_read_whole(registries: Registries, resolver: RegistryResolver) -> None:
    path = registries.new_path()
    run = {name: getattr(RUN, name) for name in RUN.__slots__}
    digest = built(registries, path, "1", labels={"a": "b"}, packages=[ZLIB, OPENSSL], provenance=MADE, **run)
    head = Head(HUB, path, "1")
    served = resolver.answer([head])[head]
    assert isinstance(served, Served)
    assert (str(served.digest), served.is_index) == (digest, True)
    index = _index(resolver, path, digest)
    assert [str(image.platform) for image in index.images] == list(BOTH)
    assert len(index.manifests) == 4
    for image in index.images:
        asked: list[Question] = [Content(HUB, path, image.digest), Config(HUB, path, image.digest)]
        manifest, config = resolver.answer(asked).values()
        assert isinstance(manifest, Manifest)
        assert isinstance(config, ImageConfig)
        assert len(manifest.layers) == 2
        assert (config.platform, config.labels, config.runtime) == (image.platform, {"a": "b"}, RUN)
        assert config.created is not None
        assert config.created.isoformat() == "2026-11-01T00:00:00+00:00"
        assert _said(resolver, path, index, image.digest) == Statements((OPENSSL, ZLIB), MADE)


def test_the_same_words_make_the_same_image_and_others_share_its_base(
    registries: Registries, resolver: RegistryResolver
) -> None:
    path = registries.new_path()
    first, again, later = (
        built(registries, path, tag, platforms=BOTH[:1], layers=("debian", own), packages=[ZLIB])
        for tag, own in (("1", "app 1"), ("1.0", "app 1"), ("2", "app 2"))
    )
    assert first == again != later
    layers = []
    for digest in (first, later):
        asked = Content(HUB, path, _index(resolver, path, digest).images[0].digest)
        manifest = resolver.answer([asked])[asked]
        assert isinstance(manifest, Manifest)
        layers.append([layer.digest for layer in manifest.layers])
    assert layers[0][0] == layers[1][0]
    assert layers[0][1] != layers[1][1]


def test_an_image_without_statements_has_none(registries: Registries, resolver: RegistryResolver) -> None:
    path = registries.new_path()
    index = _index(resolver, path, built(registries, path, "1"))
    assert len(index.manifests) == 2
    assert statements_about(index.images[0].digest, index) is None


def test_other_forms_say_the_same(registries: Registries, resolver: RegistryResolver) -> None:
    path = registries.new_path()
    more = [Statement(CYCLONEDX, cyclonedx([OPENSSL]), enveloped=True)]
    digest = built(
        registries, path, "1", platforms=BOTH[1:], packages=[ZLIB], provenance=MADE, slsa=SLSA_1, statements=more
    )
    index = _index(resolver, path, digest)
    assert _said(resolver, path, index, index.images[0].digest) == Statements((OPENSSL, ZLIB), MADE)

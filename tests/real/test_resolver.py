"""RegistryResolver on real registries, question by question."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pinbot.oci.digest import Digest
from pinbot.oci.manifest import Index, Manifest
from pinbot.oci.resolution import Alive, Answer, Config, Content, Dead, Failed, Head, ImageConfig, Question, Served
from pinbot.registry.options import RegistryOptions
from pinbot.registry.resolver import RegistryResolver
from pinbot.secret import Secret
from tests.real.registries import PASSWORD, USER, Registries


@pytest.fixture
def resolver(registries: Registries) -> Iterator[RegistryResolver]:
    """Ask the open registry under the name docker.io, and the others under names of their own."""
    options = {
        "docker.io": RegistryOptions(registries.open.url),
        "basic.example": _with_login(registries.htpasswd.url),
        "bearer.example": _with_login(registries.bearer.url),
    }
    with RegistryResolver(options) as resolver:
        yield resolver


def _with_login(endpoint: str) -> RegistryOptions:
    return RegistryOptions(endpoint, username=USER, password=Secret(PASSWORD))


def answer(resolver: RegistryResolver, question: Question) -> Answer:
    """Return the answer to one question."""
    return resolver.answer([question])[question]


@pytest.mark.parametrize("registry", ["docker.io", "basic.example", "bearer.example"])
@pytest.mark.parametrize("index", [False, True], ids=["image", "index"])
def test_a_tag_names_the_digest_that_skopeo_sees(
    registries: Registries, resolver: RegistryResolver, registry: str, index: bool
) -> None:
    path = registries.new_path()
    digest = registries.push(f"{path}:1", index=index)
    served = answer(resolver, Head(registry, path, "1"))
    assert isinstance(served, Served)
    assert (str(served.digest), served.is_index) == (digest, index)


def test_an_index_names_its_platforms_and_an_image_its_configuration(
    registries: Registries, resolver: RegistryResolver
) -> None:
    path = registries.new_path()
    digest = Digest.parse(registries.push(f"{path}:1", index=True))
    index = answer(resolver, Content("docker.io", path, digest))
    assert isinstance(index, Index)
    assert [str(child.platform) for child in index.images] == ["linux/amd64", "linux/arm64"]

    child = index.images[1].digest
    assert isinstance(answer(resolver, Content("docker.io", path, child)), Manifest)
    config = answer(resolver, Config("docker.io", path, child))
    assert isinstance(config, ImageConfig)
    assert (str(config.platform), config.created is not None) == ("linux/arm64", True)


def test_a_digest_lives_until_it_is_deleted(registries: Registries, resolver: RegistryResolver) -> None:
    path = registries.new_path()
    old = registries.push(f"{path}:1", "old")
    new = registries.push(f"{path}:1", "new")
    registries.open.delete(path, old)
    assert isinstance(answer(resolver, Alive("docker.io", path, Digest.parse(new))), Served)
    dead = answer(resolver, Alive("docker.io", path, Digest.parse(old)))
    assert isinstance(dead, Dead), dead


@pytest.mark.parametrize(
    ("path", "tag"),
    [pytest.param("absent/altogether", "1", id="unknown name"), pytest.param("", "absent", id="unknown tag")],
)
def test_what_is_not_there_is_a_failure_with_a_sentence(
    registries: Registries, resolver: RegistryResolver, path: str, tag: str
) -> None:
    known = registries.new_path()
    registries.push(f"{known}:1")
    failed = answer(resolver, Head("docker.io", path or known, tag))
    assert isinstance(failed, Failed)
    assert failed.status == "404"
    assert (path or known) in failed.reason


def test_asks_each_question_once_in_a_run(registries: Registries, resolver: RegistryResolver) -> None:
    path = registries.new_path()
    registries.push(f"{path}:1")
    question = Head("docker.io", path, "1")
    with registries.open.watched() as requests:
        first, second = answer(resolver, question), answer(resolver, question)
    assert first == second
    assert [r.method for r in requests if "/manifests/" in r.path] == ["HEAD"]

"""References: the grammar of distribution/reference, Docker's defaults, and what the user wrote."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinbot.errors import InvalidDigest, InvalidReference
from pinbot.oci.digest import Digest
from pinbot.oci.reference import Reference
from tests.core.examples import NEW, OLD

DIGEST = f"sha256:{'a' * 64}"


@pytest.mark.parametrize(
    ("text", "registry", "path", "tag", "digest"),
    [
        pytest.param("nginx", "docker.io", "library/nginx", None, None, id="a bare name is Docker Hub's library"),
        pytest.param("nginx:1.27", "docker.io", "library/nginx", "1.27", None, id="a tag"),
        pytest.param(f"nginx@{DIGEST}", "docker.io", "library/nginx", None, DIGEST, id="a digest without a tag"),
        pytest.param(f"nginx:1.27@{DIGEST}", "docker.io", "library/nginx", "1.27", DIGEST, id="tag and digest"),
        pytest.param("grafana/loki:3", "docker.io", "grafana/loki", "3", None, id="a namespace of Docker Hub"),
        pytest.param("docker.io/nginx", "docker.io", "library/nginx", None, None, id="docker.io is the default"),
        pytest.param("index.docker.io/nginx", "docker.io", "library/nginx", None, None, id="index.docker.io too"),
        pytest.param("registry-1.docker.io/a/b", "docker.io", "a/b", None, None, id="and registry-1.docker.io"),
        pytest.param("ghcr.io/acme/api:1.4", "ghcr.io", "acme/api", "1.4", None, id="a dot makes a registry"),
        pytest.param("localhost/api", "localhost", "api", None, None, id="localhost is a registry"),
        pytest.param("localhost:5000/api", "localhost:5000", "api", None, None, id="port is not a tag"),
        pytest.param("host:5000/a/b:1", "host:5000", "a/b", "1", None, id="port and tag"),
        pytest.param("Host/api", "Host", "api", None, None, id="an upper-case letter makes a registry"),
        pytest.param("[fd00::1]:5000/api:1", "[fd00::1]:5000", "api", "1", None, id="an IPv6 registry"),
        pytest.param("127.0.0.1:5000/api", "127.0.0.1:5000", "api", None, None, id="an IPv4 registry"),
        pytest.param("a/b/c/d:x", "docker.io", "a/b/c/d", "x", None, id="many components"),
        pytest.param("a__b/c--d.e:V_1", "docker.io", "a__b/c--d.e", "V_1", None, id="all separators"),
        pytest.param("nginx:" + "t" * 128, "docker.io", "library/nginx", "t" * 128, None, id="the longest tag"),
    ],
)
def test_reads_the_parts(text: str, registry: str, path: str, tag: str | None, digest: str | None) -> None:
    reference = Reference.parse(text)
    assert (reference.registry, reference.path, reference.tag) == (registry, path, tag)
    assert reference.digest == (Digest.parse(digest) if digest else None)
    assert str(reference) == text


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param(":1.27", id="a tag alone"),
        pytest.param(f"@{DIGEST}", id="a digest alone"),
        pytest.param("nginx:", id="an empty tag"),
        pytest.param("Nginx", id="an upper-case name"),
        pytest.param("acme/Api", id="upper case behind the namespace"),
        pytest.param("nginx:-x", id="a tag that begins with a hyphen"),
        pytest.param("nginx:1.27+x", id="a plus in the tag"),
        pytest.param("nginx:" + "t" * 129, id="a tag that is too long"),
        pytest.param("a" * 256, id="a repository that is too long"),
        pytest.param("a..b", id="two dots"),
        pytest.param("a___b", id="three underscores"),
        pytest.param("/nginx", id="a leading slash"),
        pytest.param("nginx/", id="a trailing slash"),
        pytest.param("a//b", id="an empty component"),
        pytest.param("ghcr.io/", id="a registry alone"),
        pytest.param("host:port/api", id="a port of letters"),
        pytest.param("-host.io/api", id="a host that begins with a hyphen"),
        pytest.param("a" * 64, id="an image id"),
        pytest.param(f"sha256:{'a' * 64}", id="an image id with its algorithm"),
        pytest.param("nginx:1 27", id="a blank"),
        pytest.param("nginx\n", id="a line end"),
        pytest.param("ngïnx", id="a letter outside ASCII"),
        pytest.param("${IMAGE}", id="a variable"),
    ],
)
def test_refuses_what_is_no_reference(text: str) -> None:
    with pytest.raises(InvalidReference):
        Reference.parse(text)


@pytest.mark.parametrize(
    "digest",
    ["sha256:abc", "sha256:" + "A" * 64, "", f"{DIGEST}@{DIGEST}"],
    ids=["short", "upper case", "empty", "two"],
)
def test_a_wrong_digest_is_an_error_of_its_own(digest: str) -> None:
    with pytest.raises(InvalidDigest):
        Reference.parse(f"nginx:1.27@{digest}")


@pytest.mark.parametrize(
    ("text", "pinned"),
    [
        pytest.param("nginx:1.27", f"nginx:1.27@{NEW}", id="keeps the users short name"),
        pytest.param("nginx", f"nginx:latest@{NEW}", id="no tag means latest, and says so"),
        pytest.param(f"nginx:1.27@{OLD}", f"nginx:1.27@{NEW}", id="replaces a digest"),
        pytest.param(f"nginx@{OLD}", f"nginx@{NEW}", id="never invents a tag beside a digest"),
        pytest.param("localhost:5000/a", f"localhost:5000/a:latest@{NEW}", id="keeps the port"),
    ],
)
def test_pins(text: str, pinned: str) -> None:
    assert str(Reference.parse(text).pinned_to(NEW)) == pinned


@pytest.mark.parametrize("text", ["nginx:latest", "library/nginx", "docker.io/library/nginx", "index.docker.io/nginx"])
def test_spellings_of_one_image_have_one_identity(text: str) -> None:
    assert Reference.parse(text).identity == Reference.parse("nginx").identity


@pytest.mark.parametrize("text", ["nginx:1", "ghcr.io/library/nginx", "acme/nginx", f"nginx@{OLD}"])
def test_other_images_have_another_identity(text: str) -> None:
    assert Reference.parse(text).identity != Reference.parse("nginx").identity


def test_the_canonical_name_is_whole() -> None:
    assert Reference.parse(f"nginx:1.27@{OLD}").canonical == f"docker.io/library/nginx:1.27@{OLD}"
    assert Reference.parse("index.docker.io/acme/x").canonical == "docker.io/acme/x"


def test_a_digest_without_a_tag_is_never_taken_for_latest() -> None:
    assert Reference.parse(f"nginx@{OLD}").effective_tag is None
    assert Reference.parse("nginx").effective_tag == "latest"


@given(st.text(max_size=60) | st.from_regex(r"[a-zA-Z0-9.:/@_-]{0,60}", fullmatch=True))
def test_whatever_is_read_is_written_back_the_same(text: str) -> None:
    try:
        reference = Reference.parse(text)
    except InvalidReference:
        return
    assert str(reference) == text
    assert Reference.parse(reference.canonical).canonical == reference.canonical


@pytest.mark.parametrize(
    ("written", "in_full"),
    [
        pytest.param("nginx:1.27", "docker.io/library/nginx:1.27", id="a short name"),
        pytest.param(f"acme/web@{DIGEST}", f"docker.io/acme/web@{DIGEST}", id="a name with a namespace"),
        pytest.param("docker.io/nginx:1", "docker.io/library/nginx:1", id="a registry without the namespace"),
        pytest.param("docker.io/library/nginx", "docker.io/library/nginx", id="what is in full stays, and gets no tag"),
        pytest.param("ghcr.io/acme/api:1", "ghcr.io/acme/api:1", id="another registry"),
        pytest.param("localhost:5000/a", "localhost:5000/a", id="a port"),
        pytest.param(
            "index.docker.io/nginx:1",
            "index.docker.io/library/nginx:1",
            id="a written name of Docker Hub stays written",
        ),
    ],
)
def test_writes_a_name_in_full(written: str, in_full: str) -> None:
    reference = Reference.parse(written)
    assert str(reference.qualified()) == in_full
    assert reference.qualified() == Reference.parse(in_full)
    assert reference.qualified().identity == reference.identity

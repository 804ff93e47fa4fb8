"""Keys of saved logins: found by whole names alone, whatever they look like."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pinbot.registry.credentials._keys import hosts_of, key_of, keys_for, same_host, server_of

_PARTS = st.sampled_from(("ghcr.io", "docker.io", "index.docker.io", "io", "evil", "a", "b", "v1", "v2", "GHCR.IO"))
_JOINTS = st.sampled_from(("/", ".", ":", "", "://", "@", "//", "-", "?", "#", "%2f", " ", "\\"))
_KEYS = st.one_of(
    st.text(max_size=40),
    st.lists(st.tuples(_JOINTS, _PARTS), min_size=1, max_size=6).map(lambda pairs: "".join(j + p for j, p in pairs)),
)
_HOSTS = st.sampled_from(("ghcr.io", "docker.io", "evil", "a", "ghcr.io:5000"))
_PATHS = st.lists(st.sampled_from(("a", "b", "ab", "v1")), min_size=1, max_size=3).map("/".join)


@given(_KEYS, _HOSTS, _PATHS)
def test_a_key_that_is_found_names_the_host_and_the_beginning_of_the_path(key: str, host: str, path: str) -> None:
    if key_of(key) not in set(keys_for(host, path)):
        return
    rest = key.partition("://")[2] or key
    name, _, scope = rest.rstrip("/").partition("/")
    assert name.lower().removesuffix(".") in hosts_of(host)
    whole = scope.rstrip("/").split("/") if scope else []
    assert whole in ([], ["v1"], ["v2"]) or path.split("/")[: len(whole)] == whole


@given(_KEYS)
def test_a_key_is_read_in_one_way_for_good(key: str) -> None:
    once = key_of(key)
    assert same_host(key, key)
    if "://" not in once and not once.endswith("."):
        assert key_of(once) in {once, once.removesuffix("/v1").removesuffix("/v2")}


def test_the_keys_of_a_repository_come_longest_first() -> None:
    assert list(keys_for("quay.io", "a/b")) == ["quay.io/a/b", "quay.io/a", "quay.io"]
    assert next(iter(keys_for("docker.io", "a"))) == "docker.io/a"
    assert server_of("docker.io") == "https://index.docker.io/v1/"


def test_one_host_is_no_other() -> None:
    assert same_host("https://index.docker.io/v1/", "docker.io")
    assert not same_host("docker.io", "docker.io.evil.example")
    assert not same_host("ghcr.io", "ghcr.io:443")

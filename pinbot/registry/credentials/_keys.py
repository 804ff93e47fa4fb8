"""Under which keys logins are saved for a registry and its repositories, in all spellings that programs use."""

from __future__ import annotations

from collections.abc import Iterator

HUB = "docker.io"
# What Docker writes for Docker Hub, and what its helpers know it by.
HUB_SERVER = "https://index.docker.io/v1/"
# All the names under which Docker Hub has been saved.
_HUB_HOSTS = (HUB, "index.docker.io", "registry-1.docker.io")


def key_of(written: str) -> str:
    """Return `host[:port][/scope]` of a key such as `https://index.docker.io/v1/`."""
    rest = written.partition("://")[2] or written
    host, _, scope = rest.rstrip("/").partition("/")
    # What follows a host's name in an address of the registry itself is a version, not a repository.
    scope = "" if scope in {"v1", "v2"} else scope
    return f"{host.lower().removesuffix('.')}/{scope}".rstrip("/")


def hosts_of(host: str) -> tuple[str, ...]:
    """Return the names of a registry's host in keys, the usual one first."""
    return _HUB_HOSTS if host == HUB else (host,)


def keys_for(host: str, path: str) -> Iterator[str]:
    """Yield the keys that are for a repository: whole names only, the longest first, the host alone last."""
    parts = path.split("/")
    for count in range(len(parts), -1, -1):
        for name in hosts_of(host):
            yield "/".join((name, *parts[:count]))


def server_of(host: str) -> str:
    """Return the name of a registry's host as credential helpers know it."""
    return HUB_SERVER if host == HUB else host


def same_host(one: str, other: str) -> bool:
    """Whether two spellings of a server mean one host."""
    names = [key_of(text).partition("/")[0] for text in (one, other)]
    return names[0] == names[1] or all(name in _HUB_HOSTS for name in names)

"""Logins that `docker login` left in `config.json`, in its `auths`.

https://github.com/docker/cli/blob/master/cli/config/configfile/file.go; keys that name an organisation
(`host/org`) are Podman's: https://github.com/containers/image/blob/main/docs/containers-auth.json.5.md.
Helpers (`credHelpers`, `credsStore`) run programs and are not used.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from pinbot.net.credential import Secret
from pinbot.registry.credentials._base import Anonymous, Login, Lookup, Source, Sources

# All the keys under which Docker Hub has been saved.
_HUB_KEYS = ("docker.io", "index.docker.io", "registry-1.docker.io")
_FILE_BYTES = 1024 * 1024


class _Entry(msgspec.Struct):
    auth: str | None = None
    username: str | None = None
    password: str | None = None


class _File(msgspec.Struct):
    auths: dict[str, _Entry] | None = None


def _open(sources: Sources, warn: Callable[[str], None]) -> Lookup:
    logins = _read(sources.docker_config, warn) if sources.docker_config else {}

    def lookup(registry: str, path: str) -> Login | Anonymous | None:
        hosts = _HUB_KEYS if registry == "docker.io" else (registry,)
        for scope in _scopes(path):
            for host in hosts:
                if login := logins.get(f"{host}/{scope}".rstrip("/")):
                    return login
        return None

    return lookup


def _scopes(path: str) -> list[str]:
    """Return `a/b`, `a` and the empty scope for `a/b`: the longest first."""
    parts = path.split("/")
    return ["/".join(parts[:n]) for n in range(len(parts), -1, -1)]


def _read(file: Path, warn: Callable[[str], None]) -> Mapping[str, Login]:
    try:
        with file.open("rb") as opened:
            content = opened.read(_FILE_BYTES + 1)
    except FileNotFoundError:
        return {}
    except OSError as error:
        warn(f"{file}: it cannot be read, so its logins are not used: {error.strerror}")
        return {}
    try:
        auths = msgspec.json.decode(content, type=_File).auths or {}
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        warn(f"{file}: it is not a Docker configuration, so its logins are not used")
        return {}
    found = {_key(written): _login(entry) for written, entry in auths.items()}
    return {key: login for key, login in found.items() if login}


def _key(written: str) -> str:
    """Return `host[:port][/scope]` of a key such as `https://index.docker.io/v1/`."""
    rest = written.partition("://")[2] or written
    host, _, scope = rest.strip("/").partition("/")
    # What follows a host's name in an address of the registry itself is a version, not a repository.
    scope = "" if scope in {"v1", "v2"} else scope
    return f"{host.lower().removesuffix('.')}/{scope}".rstrip("/")


def _login(entry: _Entry) -> Login | None:
    if entry.auth:
        try:
            username, colon, password = base64.b64decode(entry.auth, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        # Docker pads some passwords with NUL bytes.
        return Login(username, Secret(password.strip("\0"))) if colon and username else None
    if entry.username and entry.password is not None:
        return Login(entry.username, Secret(entry.password))
    return None


SOURCE = Source("docker config", rank=2, open=_open)

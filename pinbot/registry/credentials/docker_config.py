"""Logins that `docker login` left in `config.json`, in its `auths`.

https://github.com/docker/cli/blob/master/cli/config/configfile/file.go; keys that name an organisation
(`host/org`) are Podman's: https://github.com/containers/image/blob/main/docs/containers-auth.json.5.md.
Helpers (`credHelpers`, `credsStore`) run programs and are not used; nor are identity tokens. Where a login is kept
so, the user is told, since the registry is asked as by a stranger.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from pinbot.registry.credentials._base import Anonymous, Login, Lookup, Source, Sources, Wanted
from pinbot.secret import Secret

# All the keys under which Docker Hub has been saved.
_HUB_KEYS = ("docker.io", "index.docker.io", "registry-1.docker.io")
_FILE_BYTES = 1024 * 1024


class _Entry(msgspec.Struct):
    auth: str | None = None
    username: str | None = None
    password: str | None = None
    identitytoken: str | None = None


class _File(msgspec.Struct, rename={"store": "credsStore", "helpers": "credHelpers"}):
    auths: dict[str, _Entry] | None = None
    store: str | None = None
    helpers: dict[str, str] | None = None


def _open(sources: Sources, warn: Callable[[str], None]) -> Lookup:
    file = _read(sources.docker_config, warn) if sources.docker_config else _File()
    logins = {_key(written): _login(entry) for written, entry in (file.auths or {}).items()}
    kept = _kept_elsewhere(file)

    def lookup(wanted: Wanted) -> Login | Anonymous | None:
        hosts = _HUB_KEYS if wanted.host == "docker.io" else (wanted.host,)
        keys = [f"{host}/{scope}".rstrip("/") for scope in _scopes(wanted.path) for host in hosts]
        for key in keys:
            if login := logins.get(key):
                return login
        if where := next((kept[key] for key in keys if key in kept), None):
            warn(
                f"{wanted.host}: its login in {sources.docker_config} is kept {where}, so it is asked without one; "
                "a username and a password in the settings give it one"
            )
        return None

    return lookup


def _scopes(path: str) -> list[str]:
    """Return `a/b`, `a` and the empty scope for `a/b`: the longest first."""
    parts = path.split("/")
    return ["/".join(parts[:n]) for n in range(len(parts), -1, -1)]


def _read(file: Path, warn: Callable[[str], None]) -> _File:
    try:
        with file.open("rb") as opened:
            content = opened.read(_FILE_BYTES + 1)
    except FileNotFoundError:
        return _File()
    except OSError as error:
        warn(f"{file}: it cannot be read, so its logins are not used: {error.strerror}")
        return _File()
    try:
        return msgspec.json.decode(content, type=_File)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        warn(f"{file}: it is not a Docker configuration, so its logins are not used")
        return _File()


def _kept_elsewhere(file: _File) -> Mapping[str, str]:
    """Return where the logins are that the file itself does not hold, by key."""
    by_helper = "by the helper {}, which pinbot does not run"
    kept: dict[str, str] = {}
    for written, entry in (file.auths or {}).items():
        if entry.identitytoken:
            kept[_key(written)] = "as an identity token, which pinbot does not use"
        elif file.store:
            # `docker login` leaves an empty entry for each login that it gave to the store.
            kept[_key(written)] = by_helper.format(f"docker-credential-{file.store}")
    helpers = {
        _key(written): by_helper.format(f"docker-credential-{name}") for written, name in (file.helpers or {}).items()
    }
    return kept | helpers


def _key(written: str) -> str:
    """Return `host[:port][/scope]` of a key such as `https://index.docker.io/v1/`."""
    rest = written.partition("://")[2] or written
    host, _, scope = rest.strip("/").partition("/")
    # What follows a host's name in an address of the registry itself is a version, not a repository.
    scope = "" if scope in {"v1", "v2"} else scope
    return f"{host.lower().removesuffix('.')}/{scope}".rstrip("/")


def _login(entry: _Entry) -> Login | None:
    if entry.identitytoken:
        return None  # the user name beside it is a placeholder, and not a login
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

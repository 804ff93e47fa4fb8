"""Docker's `config.json`, and `auth.json` of Podman and its kin, which has the same form.

https://github.com/docker/cli/blob/master/cli/config/configfile/file.go and
https://github.com/containers/image/blob/main/docs/containers-auth.json.5.md, which adds keys of repositories and
organisations (`host/org`).
"""

from __future__ import annotations

import base64
import binascii
import os
import stat
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from pinbot.registry.credentials._base import Ambient, IdentityToken, Known, RegistryToken, Wanted, is_plain, login
from pinbot.registry.credentials._keys import hosts_of, key_of, keys_for
from pinbot.secret import Secret

_FILE_BYTES = 1024 * 1024


class _Entry(msgspec.Struct):
    auth: str | None = None
    username: str | None = None
    password: str | None = None
    identitytoken: str | None = None
    registrytoken: str | None = None


class _File(msgspec.Struct, rename={"store": "credsStore", "helpers": "credHelpers"}):
    auths: dict[str, _Entry] | None = None
    store: str | None = None
    helpers: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class SavedLogins:
    """What such a file holds: credentials by key, helpers by key, and the store for all others.

    `listed` are all keys, those without a login too: Docker leaves one for each login that it gave to the store.
    `names_programs` is False where everybody may write the file, so that nothing is run because of it.
    """

    path: Path | None = None
    logins: Mapping[str, Known] = field(default_factory=dict)
    helpers: Mapping[str, str] = field(default_factory=dict)
    store: str | None = None
    listed: frozenset[str] = frozenset()
    names_programs: bool = True

    def login_for(self, wanted: Wanted) -> Known | None:
        """Return the credentials of the longest key that is for a repository."""
        return next((self.logins[key] for key in keys_for(wanted.host, wanted.path) if key in self.logins), None)

    def helper_for(self, wanted: Wanted) -> str | None:
        """Return the name of the helper that keeps a registry's logins."""
        return next((self.helpers[name] for name in hosts_of(wanted.host) if name in self.helpers), None)

    def lists(self, wanted: Wanted) -> bool:
        """Whether there is an entry for a repository, with or without a login."""
        return any(key in self.listed for key in keys_for(wanted.host, wanted.path))


def read(path: Path | None, ambient: Ambient, source: str, warn: Callable[[str], None]) -> SavedLogins:
    """Return what a file holds; nothing, with a warning, where it is broken, unreadable or foreign."""
    content = _content(path, ambient, warn) if path else None
    if path is None or content is None:
        return SavedLogins()
    try:
        file = msgspec.json.decode(content, type=_File)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        warn(f"{path}: it is not a Docker configuration, so its logins are not used")
        return SavedLogins()
    auths = file.auths or {}
    return SavedLogins(
        path,
        _logins(auths.items(), source),
        {key_of(written): name for written, name in (file.helpers or {}).items() if name},
        file.store or None,
        frozenset(map(key_of, auths)),
        _is_only_ours(path),
    )


def _content(path: Path, ambient: Ambient, warn: Callable[[str], None]) -> bytes | None:
    if not path.is_absolute():
        warn(f"{path}: it is not read, since it depends on the current folder; write its path in full")
        return None
    try:
        with path.open("rb") as opened:
            content = opened.read(_FILE_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        warn(f"{path}: it cannot be read, so its logins are not used: {error.strerror}")
        return None
    if ambient.is_foreign(path):
        warn(
            f"{path}: it lies in the repository or the current folder, so its logins are not used; what is to be used "
            "must lie elsewhere (DOCKER_CONFIG, REGISTRY_AUTH_FILE)"
        )
        return None
    return content


def _is_only_ours(path: Path) -> bool:
    try:
        status = path.stat()
    except OSError:
        return False
    return not status.st_mode & stat.S_IWOTH and status.st_uid in {0, os.geteuid()}


def _logins(auths: Iterable[tuple[str, _Entry]], source: str) -> dict[str, Known]:
    """Return the credentials by key; of several spellings of one key, the plain one counts, then the first."""
    found: dict[str, Known] = {}
    for written, entry in sorted(auths, key=lambda item: item[0] != key_of(item[0])):
        known = _known(entry, source)
        if known is not None:
            found.setdefault(key_of(written), known)
    return found


def _known(entry: _Entry, source: str) -> Known | None:
    username, password = _pair(entry)
    if entry.registrytoken:
        return RegistryToken(Secret(entry.registrytoken), source) if is_plain(entry.registrytoken) else None
    if entry.identitytoken:
        if not is_plain(entry.identitytoken + username):
            return None
        # The user name beside it is often a placeholder, or missing.
        token = Secret(entry.identitytoken)
        return IdentityToken(token, source, username) if username else IdentityToken(token, source)
    return login(username, password, source)


def _pair(entry: _Entry) -> tuple[str, str]:
    if not entry.auth:
        return entry.username or "", entry.password or ""
    try:
        username, _, password = base64.b64decode(entry.auth, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return "", ""
    # Docker pads some passwords with NUL bytes.
    return username, password.strip("\0")

"""What the settings say of a registry's credentials beside a login: a cloud's, a helper's, a job's, or none at all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from pinbot.config.section import Section

_HELPER = re.compile(r"[a-z0-9-]{1,64}")
# The keys that each kind takes; every one of them is a string.
_KEYS: Mapping[str, tuple[str, ...]] = {
    "aws": ("role", "external-id", "profile", "region"),
    "azure": ("client-id", "tenant-id"),
    "github": (),
    "google": ("file",),
    "helper": (),
    "none": (),
}
_WORDS = tuple(sorted(set(_KEYS) - {"helper"}))


@dataclass(frozen=True, slots=True)
class CredentialSettings:
    """Who is asked for a registry's credentials: `kind` is `aws`, `azure`, `github`, `google`, `helper` or `none`.

    `options` are the keys of that kind, as written; the name of a helper is its option `name`.
    """

    kind: str
    options: Mapping[str, str] = field(default_factory=dict)


def credentials(registry: Section) -> CredentialSettings | None:
    """Read `credentials` of a registry: a word (`aws`, `none`, false), or a mapping of one kind to its keys."""
    if not isinstance(registry.raw("credentials"), Mapping):
        word = "none" if registry.raw("credentials") is False else registry.text("credentials")
        if word is not None and word not in _WORDS:
            raise registry.fail("credentials", f"credentials must be one of {', '.join(_WORDS)}, or {{helper: NAME}}")
        return None if word is None else CredentialSettings(word)
    return registry.section("credentials", _kind, None)


def _kind(section: Section) -> CredentialSettings | None:
    kinds = section.names()
    known = sorted(set(_KEYS) - {"none"})
    if len(kinds) != 1 or kinds[0] not in known:
        raise section.fail(kinds[0] if kinds else "", f"credentials are of one kind: {', '.join(known)}")
    if kinds[0] == "helper":
        return CredentialSettings("helper", {"name": _name(section, "helper")})
    return CredentialSettings(kinds[0], section.section(kinds[0], lambda keys: _options(keys, kinds[0]), {}))


def _options(section: Section, kind: str) -> dict[str, str]:
    given = {key: section.file(key) if key == "file" else section.text(key) for key in _KEYS[kind]}
    section.nothing_else()
    return {key: value for key, value in given.items() if value}


def helpers(top: Section) -> tuple[str, ...] | None:
    """Read `credential-helpers`: the names of those that may run, none for false, None where nothing is said."""
    if top.raw("credential-helpers") is None:
        return None
    if top.raw("credential-helpers") is False:
        return ()
    for name in top.strings("credential-helpers"):
        _checked(top, "credential-helpers", name)
    return top.strings("credential-helpers")


def _name(section: Section, key: str) -> str:
    return _checked(section, key, section.text(key) or "")


def _checked(section: Section, key: str, name: str) -> str:
    """Return the name of a helper; it becomes part of the name of a program."""
    if not _HELPER.fullmatch(name):
        raise section.fail(
            key, f"{name[:80]!r} is no helper: docker-credential-NAME goes by NAME, lower-case letters, digits, hyphens"
        )
    return name

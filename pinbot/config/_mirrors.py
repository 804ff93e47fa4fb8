"""The mirror of a registry, as the settings have it: `mirror: {at: registry.corp/dockerhub, mode: verify}`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from pinbot.config._values import duration, word
from pinbot.config.section import Section
from pinbot.oci.mirrors import MODES, STALE_AFTER, Mirror, Mirrors
from pinbot.oci.reference import Reference

if TYPE_CHECKING:
    from pinbot.config.settings import RegistrySettings


def mirror(section: Section) -> Mirror:
    """Return a mirror, whose upstream is not known yet. Raises SettingsError."""
    at, mode, rewrite = section.text("at"), word(section, "mode", MODES), section.flag("rewrite", default=False)
    told = None if section.raw("stale-after") is False else duration(section, "stale-after")
    stale_after = STALE_AFTER if told is None and section.raw("stale-after") is not False else told
    section.nothing_else()
    registry, slash, prefix = (at or "").lower().partition("/")
    named = Reference.parse_or_none(f"{registry}/{prefix or 'x'}")
    if named is None or (named.registry, named.tag, named.digest) != (registry, None, None) or (slash and not prefix):
        raise section.fail("at", "at must be a registry with the path below which its copies are: registry.corp/hub")
    return Mirror("", registry, prefix, mode or "verify", rewrite, stale_after)


def mirrors(section: Section, registries: Mapping[str, RegistrySettings]) -> Mirrors:
    """Return the mirrors of all registries, each with its upstream. Raises SettingsError."""
    return Mirrors(tuple(_named(section, registries)))


def _named(section: Section, registries: Mapping[str, RegistrySettings]) -> Iterator[Mirror]:
    taken: dict[tuple[str, str], str] = {}
    for name, settings in registries.items():
        one = settings.mirror
        if one is None:
            continue
        upstream = Reference.parse_or_none(f"{name.lower().rstrip('.')}/x")
        if upstream is None or "/" in name or upstream.path not in {"x", "library/x"}:
            raise section.fail(name, f"{name} is no registry that could have a mirror")
        if (one.registry, one.prefix) == (upstream.registry, ""):
            raise section.fail(name, f"the mirror of {name} is {name} itself; `at` must name another place")
        other = taken.setdefault((one.registry, one.prefix), name)
        if other != name:
            raise section.fail(name, f"{one} is the mirror of {other} and of {name}; whose copies are there?")
        yield Mirror(upstream.registry, one.registry, one.prefix, one.mode, one.rewrite, one.stale_after)

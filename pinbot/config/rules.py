"""Rules, defaults, and whom to trust, read from settings with the place of each (docs/settings.md)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, TypeVar, get_args

from pinbot.config.section import Section
from pinbot.errors import InvalidDigest, InvalidPattern, SettingsError
from pinbot.oci.digest import Digest
from pinbot.oci.platform import Platform
from pinbot.planning.globs import chooser, glob, searcher
from pinbot.planning.matching import Match, Stage
from pinbot.planning.rules import Denied, Rule, Rulebook, Setting
from pinbot.planning.values import FIELDS, KINDS, MODES, IgnorePolicy, Verify, duration, field_of, key_of
from pinbot.source.directive import LEVELS

T = TypeVar("T", bound=str)

_NAME = re.compile(r"[^\x00-\x1f\x7f]{1,100}")
_STAGES: tuple[Stage, ...] = get_args(Stage)


def rulebook(top: Section, *, in_repository: bool = False) -> Rulebook:
    """Return what settings say about references. Raises SettingsError."""
    nothing: tuple[Setting, ...] = ()
    return Rulebook(
        rules=top.sections("rules", lambda section: _rule(section, in_repository)),
        defaults=top.section("defaults", lambda section: _set(section, "defaults", in_repository), nothing),
        own=_globs(top, "own"),
        own_source=_line(top.place("own")),
        trusted=_globs(top, "trusted-registries"),
        trusted_source=_line(top.place("trusted-registries")),
        denied=tuple(_denied(top, item, place) for item, place in top.elements("deny-digests")),
        ignores=top.section("ignores", _ignores, IgnorePolicy()),
    )


def _rule(section: Section, in_repository: bool) -> Rule:
    name = section.text("name")
    if name is not None and not _NAME.fullmatch(name):
        raise section.fail("name", "a name is one line of at most 100 characters")
    match = section.section("match", _match, Match())
    # As JSON writes it: a name cannot end the quotes that it stands in.
    origin = f"rule {json.dumps(str(name), ensure_ascii=False)}" if name else "a rule"
    nothing: tuple[Setting, ...] = ()
    settings = section.section("set", lambda inner: _set(inner, origin, in_repository), nothing)
    if not settings:
        raise section.fail("set", "a rule needs `set`, a mapping of at least one key: what holds where it matches")
    section.nothing_else()
    return Rule(match, settings)


def _match(section: Section) -> Match:
    match = Match(
        kind=_words(section, "kind", KINDS),
        repository=_globs(section, "repository"),
        topic=_globs(section, "topic"),
        image=_globs(section, "image"),
        registry=_globs(section, "registry"),
        own=_flag(section, "own"),
        path=_checked(section, "path", lambda pattern: chooser((pattern,), ())),
        format=section.strings("format"),
        stage=_words(section, "stage", _STAGES),
        tag=_globs(section, "tag"),
    )
    section.nothing_else()
    return match


def _set(section: Section, name: str, in_repository: bool) -> tuple[Setting, ...]:
    """Return the settings of a section, in the order in which they are written."""

    def read(key: str) -> object:
        return _verify(section, key, in_repository) if key == "verify" else _READS[field_of(key)](section, key)

    found = {key: read(key) for key in map(key_of, FIELDS)}
    section.nothing_else()
    return tuple(
        Setting(field_of(key), found[key], f"{_line(section.place(key))} ({name})")
        for key in section.present
        if found[key] is not None
    )


def _line(place: str) -> str:
    """Return `file:line` of `file:line:column`; an editor opens it, and a column would only say where a key begins."""
    file, _, column = place.rpartition(":")
    return file if column.isdecimal() and file else place


def _word(*words: str) -> Callable[[Section, str], str | None]:
    def read(section: Section, key: str) -> str | None:
        value = section.text(key)
        if value is not None and value not in words:
            raise section.fail(key, f"{key} must be one of {', '.join(words)}, not {value!r}")
        return None if value is None else str(value)

    return read


def _duration(section: Section, key: str) -> timedelta | None:
    value = section.raw(key)
    found = duration(str(value)) if isinstance(value, str | int) and not isinstance(value, bool) else None
    if value is not None and found is None:
        raise section.fail(key, f"{key} must be a time with its unit, such as 3d, 12h, 30m or 2w, or 0")
    return found


def _flag(section: Section, key: str) -> bool | None:
    value = section.raw(key)
    if value is not None and not isinstance(value, bool):
        raise section.fail(key, f"{key} must be true or false")
    return value


def _date(section: Section, key: str) -> date | None:
    value = section.raw(key)
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            value = ""
    if value is not None and (not isinstance(value, date) or isinstance(value, datetime)):
        raise section.fail(key, f"{key} must be a day, such as 2027-01-31")
    return value


def _platforms(section: Section, key: str) -> tuple[Platform, ...] | None:
    found = [(Platform.parse(text), text, place) for text, place in section.items(key)]
    for platform, text, place in found:
        if platform is None:
            raise SettingsError(f"{place}: {text!r} is not a platform; os/architecture is one, such as linux/arm64")
    return tuple(p for p, _, _ in found if p) or None


def _allowed(section: Section, key: str) -> tuple[str, ...] | None:
    """Return one pattern for all of them, one of which must be found: those of another file must be found as well."""
    patterns = _checked(section, key, lambda pattern: searcher((pattern,)))
    return (patterns if len(patterns) == 1 else ("|".join(f"(?:{p})" for p in patterns),)) if patterns else None


def _denied_tags(section: Section, key: str) -> tuple[str, ...] | None:
    return _checked(section, key, lambda pattern: searcher((pattern,))) or None


def _labels(section: Section, key: str) -> tuple[str, ...] | None:
    return section.strings(key) or None


def _text(section: Section, key: str) -> str | None:
    value = section.text(key)
    if value is not None and not _NAME.fullmatch(value):
        raise section.fail(key, f"{key} must be one line of at most 100 characters")
    return None if value is None else str(value)


def _verify(section: Section, key: str, in_repository: bool) -> tuple[Verify, ...] | None:
    value = section.raw(key)
    if value is None:
        return None
    if isinstance(value, str):
        return (_key_file(section, key, section, in_repository),)
    return (section.section(key, lambda inner: _verify_mapping(inner, section, key, in_repository), Verify()),)


def _verify_mapping(inner: Section, outer: Section, key: str, in_repository: bool) -> Verify:
    identity, issuer, has_key = inner.text("identity"), inner.text("issuer"), inner.raw("key") is not None
    if (identity is None) != (issuer is None) or (identity is not None) == has_key:
        raise outer.fail(key, f"{key} is {{key: FILE}} or {{identity: WHO, issuer: URL}}, one of the two")
    found = _key_file(inner, "key", outer, in_repository) if has_key else Verify(None, identity, issuer)
    inner.nothing_else()
    return found


def _key_file(section: Section, key: str, outer: Section, in_repository: bool) -> Verify:
    if not in_repository:
        return Verify(key=section.file(key))
    path = section.text(key) or ""
    if path.startswith("/") or ".." in path.split("/") or not path:
        raise outer.fail(key, "a key file must be one of the repository, named from its top")
    return Verify(key=str(path), in_repository=True)


# How each key of `set` and `defaults` is read, by its field of Values; None where it is not written.
_READS: dict[str, Callable[[Section, str], Any]] = {
    "mode": _word(*MODES),
    "level": _word(*LEVELS),
    "cooldown": _duration,
    "settle": _duration,
    "tag": _word("keep", "precise"),
    "suffix": _word("keep", "follow"),
    "platforms": _platforms,
    "qualify": _flag,
    "restore_tag": _flag,
    "immutable": _flag,
    "until": _date,
    "allowed_tags": _allowed,
    "denied_tags": _denied_tags,
    "group": _text,
    "labels": _labels,
    "auto_merge": _flag,
}


def _words(section: Section, key: str, known: Sequence[T]) -> tuple[T, ...]:
    found: list[T] = []
    for text, place in section.items(key):
        word = next((word for word in known if word == text), None)
        if word is None:
            raise SettingsError(f"{place}: {key} must be one of {', '.join(known)}, not {text!r}")
        found.append(word)
    return tuple(found)


def _globs(section: Section, key: str) -> tuple[str, ...]:
    found = _checked(section, key, lambda pattern: searcher((glob(pattern),)))
    for text, place in section.items(key):
        if not text.strip("/ "):
            raise SettingsError(f"{place}: {key} must name something; `**` stands for everything")
    return found


def _checked(section: Section, key: str, check: Callable[[str], object]) -> tuple[str, ...]:
    """Return the patterns at a key. Raises SettingsError for one that cannot be used."""
    for text, place in section.items(key):
        _tried(text, place, check)
    return tuple(text for text, _ in section.items(key))


def _tried(text: str, place: str, check: Callable[[str], object]) -> None:
    try:
        check(text)
    except InvalidPattern as error:
        raise SettingsError(f"{place}: {text!r}: {error}") from error


def checked_paths(items: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Return patterns of .gitignore, each given with its place. Raises SettingsError."""
    found = tuple(items)
    for text, place in found:
        _tried(text, place, lambda pattern: chooser((pattern,), ()))
    return tuple(text for text, _ in found)


def _denied(top: Section, item: Any, place: str) -> Denied:
    reason = ""
    if not isinstance(item, str):
        section = top.at(item, "an item of deny-digests", place)
        item, reason = section.text("digest") or "", section.text("reason") or ""
        section.nothing_else()
    try:
        return Denied(Digest.parse(item), _line(place), str(reason))
    except InvalidDigest as error:
        raise SettingsError(f"{place}: {error}") from error


def _ignores(section: Section) -> IgnorePolicy:
    def required(key: str) -> bool:
        value = section.raw(key)
        if value not in {None, "required", "optional"}:
            raise section.fail(key, f"{key} must be `required` or `optional`")
        return bool(value == "required")

    policy = IgnorePolicy(section.flag("forbid", default=False), required("reason"), required("until"))
    section.nothing_else()
    return policy

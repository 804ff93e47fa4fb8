"""The part of the settings that says which repositories are swept, and how their pull requests look."""

from __future__ import annotations

import re
from datetime import time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pinbot.config.secrets import secret
from pinbot.config.section import Section
from pinbot.config.sweeping import (
    FLOWS,
    FORGES,
    AppSettings,
    ForgeKind,
    ForgeSettings,
    OwnerKind,
    Signing,
    SweepSettings,
)
from pinbot.errors import InvalidPattern, SettingsError
from pinbot.planning.globs import whole
from pinbot.planning.values import duration
from pinbot.proposals.repository import Selection
from pinbot.proposals.style import CODEOWNERS, GROUPINGS, REFRESH_EVERY, Grants, Limits, Mode, Style
from pinbot.proposals.templates import MESSAGE_FIELDS, TITLE_FIELDS, unknown
from pinbot.proposals.window import MONDAY_TO_SUNDAY, Window

T = TypeVar("T", bound=str)

_MODES: tuple[Mode, ...] = ("observe", "propose")
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_PREFIX = re.compile(r"[a-z0-9][a-z0-9._-]{0,30}/")
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,100}(?:/[A-Za-z0-9_.-]{1,100}){1,10}")
_ADDRESS = re.compile(r"[^\s<>@]{1,100}@[^\s<>@]{1,200}")
_LINE = re.compile(r"[^\x00-\x1f\x7f]{1,200}")


def sweeping(top: Section) -> SweepSettings:
    """Return the settings of a pass, from the whole settings. Raises SettingsError."""
    found = top.section("pull-requests", _pull_requests, SweepSettings())
    forges = top.sections("forges", _forge)
    return SweepSettings(forges, found.style, found.author_name, found.author_email, found.signing, top.file("cache"))


def _forge(section: Section) -> ForgeSettings:
    kinds = [kind for kind in FORGES if kind in section.present]
    if len(kinds) != 1 or len(section.present) != 1:
        raise section.fail("", f"an item of forges is one of {', '.join(FORGES)}, with what belongs to it")
    (kind,) = kinds
    return section.section(kind, lambda inner: _of_kind(inner, kind), ForgeSettings(kind))


def _of_kind(section: Section, kind: ForgeKind) -> ForgeSettings:
    if kind in {"git", "local"}:
        return _remotes(section, kind)
    settings = ForgeSettings(
        kind,
        url=_url(section, "url"),
        token=section.section("token", secret, None),
        app=section.section("app", _app, None) if kind == "github" else None,
        owners=_owners(section, kind),
        selection=_selection(section),
        ca_file=section.file("ca-file"),
        allow_http=section.flag("allow-http", default=False),
        commits=_word(section, "commits", ("git", "api")) or "git" if kind == "github" else "git",
        paced=section.flag("paced", default=True),
    )
    section.nothing_else()
    if (settings.token is None) == (settings.app is None):
        either = "`token` or `app`, one of the two" if kind == "github" else "a `token`"
        raise section.fail("token", f"{kind} needs {either}")
    if kind == "gitea" and settings.url is None:
        raise section.fail("url", "gitea needs the `url` of the forge")
    if not settings.owners and not settings.selection.names:
        raise section.fail("", f"{kind} needs to know whose repositories are meant: `organisations`, `users`, …")
    return settings


def _remotes(section: Section, kind: ForgeKind) -> ForgeSettings:
    settings = ForgeSettings(
        kind,
        remotes=section.strings("repositories"),
        username=section.text("username") if kind == "git" else None,
        token=section.section("password", secret, None) if kind == "git" else None,
        ca_file=section.file("ca-file") if kind == "git" else None,
        allow_http=section.flag("allow-http", default=False) if kind == "git" else False,
        flow=_word(section, "flow", FLOWS) or "branch" if kind == "git" else "branch",
        folder=section.file("folder") if kind == "local" else None,
    )
    section.nothing_else()
    if not settings.remotes:
        raise section.fail("repositories", f"{kind} needs `repositories`, a list of URLs")
    if (settings.username is None) != (settings.token is None):
        key = "username" if settings.token is None else "password"
        raise section.fail(key, "username and password go together")
    return settings


def _owners(section: Section, kind: ForgeKind) -> tuple[tuple[OwnerKind, str], ...]:
    found: list[tuple[OwnerKind, str]] = [("organisation", name) for name in section.strings("organisations")]
    found += [("user", name) for name in section.strings("users")]
    if kind == "github" and section.flag("installation", default=False):
        found.append(("installation", ""))
    return tuple(found)


def _selection(section: Section) -> Selection:
    names = section.strings("repositories")
    for name, place in section.items("repositories"):
        if not _NAME.fullmatch(name):
            raise SettingsError(f"{place}: {name!r} is not `owner/name`; globs go into `include`")
    return Selection(
        include=_globs(section, "include"),
        exclude=_globs(section, "exclude"),
        topics=section.strings("topics"),
        archived=False,
        forks=section.flag("forks", default=False),
        names=names,
    )


def _app(section: Section) -> AppSettings:
    number = section.number("id", 0, least=1, most=2**53)
    installation = section.number("installation", 0, least=1, most=2**53)
    key = section.section("private-key", secret, None)
    section.nothing_else()
    if not number or key is None:
        raise section.fail("id", "an app needs its `id` and its `private-key`")
    return AppSettings(number, key, installation or None)


def _pull_requests(section: Section) -> SweepSettings:
    name, address = section.section("author", _author, (SweepSettings().author_name, SweepSettings().author_email))
    usual = Style()
    style = Style(
        branch_prefix=_matching(section, "branch-prefix", _PREFIX, "a word and a slash, such as pinbot/")
        or usual.branch_prefix,
        grants=_grants(section),
        limits=section.section("limits", _limits, usual.limits),
        refresh_every=_duration(section, "refresh-every") or REFRESH_EVERY,
        window=section.section("window", _window, None),
        groups=_word(section, "group", GROUPINGS) or usual.groups,
        labels=section.strings("labels"),
        reviewers=tuple(CODEOWNERS if r.lower() == CODEOWNERS else r for r in section.strings("reviewers")),
        assignees=section.strings("assignees"),
        draft=section.flag("draft", default=False),
        milestone=_matching(section, "milestone", _LINE, "one line"),
        prefix=_matching(section, "prefix", _LINE, "one line, such as `chore(deps): `") or usual.prefix,
        title=_template(section, "title", TITLE_FIELDS) or usual.title,
        message=_template(section, "commit-message", MESSAGE_FIELDS) or usual.message,
        sign_off=f"{name} <{address}>" if section.flag("sign-off", default=False) else None,
        bases=section.strings("branches"),
    )
    signing = section.section("sign", _signing, None)
    section.nothing_else()
    return SweepSettings(style=style, author_name=name, author_email=address, signing=signing)


def _grants(section: Section) -> Grants:
    mode: Mode = _word(section, "mode", _MODES) or "observe"
    granted = section.section("propose", _propose, Grants())
    return Grants(mode, granted.repositories, granted.topics, granted.percentage)


def _propose(section: Section) -> Grants:
    found = Grants(
        repositories=_globs(section, "repositories"),
        topics=_globs(section, "topics"),
        percentage=float(section.number("percent", 0, least=0, most=100)),
    )
    section.nothing_else()
    return found


def _limits(section: Section) -> Limits:
    usual = Limits()
    found = Limits(
        section.number("open-per-repository", usual.per_repository or 0, least=0, most=10_000),
        section.number("new-per-run", usual.per_run or 0, least=0, most=1_000_000),
    )
    section.nothing_else()
    return found


def _window(section: Section) -> Window:
    days = tuple(_DAYS.index(day) for day in _words(section, "days", _DAYS)) or MONDAY_TO_SUNDAY
    name = section.text("zone") or "UTC"
    try:
        zone = ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise section.fail("zone", f"{name!r} is not a time zone, such as Europe/Berlin") from error
    found = Window(days, _clock(section, "from"), _clock(section, "to"), zone)
    section.nothing_else()
    return found


def _clock(section: Section, key: str) -> time:
    value = section.raw(key)
    # YAML 1.1 reads 22:00 as a number to the base of 60; ruamel's 1.2 as a string. Quotes are always right.
    found = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if value is not None and found is None:
        raise section.fail(key, f"{key} must be a time of the day in quotes, such as '08:00'")
    return time(int(found[1]), int(found[2])) if found else time()


def _author(section: Section) -> tuple[str, str]:
    name = _matching(section, "name", re.compile(r"[^\x00-\x1f\x7f<>]{1,100}"), "a name on one line, without < and >")
    address = _matching(section, "email", _ADDRESS, "an e-mail address")
    section.nothing_else()
    if name is None or address is None:
        raise section.fail("name", "an author has a `name` and an `email`")
    return name, address


def _signing(section: Section) -> Signing:
    found = Signing(section.file("ssh-key"), section.file("gpg-key"))
    section.nothing_else()
    if (found.ssh_key_file is None) == (found.gpg_key_file is None):
        raise section.fail("ssh-key", "commits are signed with an `ssh-key` or a `gpg-key`, one of the two")
    return found


def _template(section: Section, key: str, known: frozenset[str]) -> str | None:
    text = section.text(key)
    if text is not None and (strange := unknown(text, known)):
        fields = ", ".join(f"{{{name}}}" for name in sorted(known))
        raise section.fail(key, f"{key}: there is no field {{{strange[0]}}}; there are {fields}")
    return None if text is None else str(text)


def _url(section: Section, key: str) -> str | None:
    value = section.text(key)
    if value is not None and not value.startswith(("https://", "http://")):
        raise section.fail(key, f"{key} must be a URL that begins with https:// (or http://)")
    return None if value is None else str(value)


def _matching(section: Section, key: str, pattern: re.Pattern[str], what: str) -> str | None:
    value = section.text(key)
    if value is not None and not pattern.fullmatch(value):
        raise section.fail(key, f"{key} must be {what}")
    return None if value is None else str(value)


def _duration(section: Section, key: str) -> timedelta | None:
    value = section.raw(key)
    found = duration(str(value)) if isinstance(value, str | int) and not isinstance(value, bool) else None
    if value is not None and found is None:
        raise section.fail(key, f"{key} must be a time with its unit, such as 7d or 12h, or 0")
    return found


def _word(section: Section, key: str, words: tuple[T, ...]) -> T | None:
    value = section.text(key)
    found = next((word for word in words if word == value), None)
    if value is not None and found is None:
        raise section.fail(key, f"{key} must be one of {', '.join(words)}, not {value!r}")
    return found


def _words(section: Section, key: str, words: tuple[str, ...]) -> tuple[str, ...]:
    for text, place in section.items(key):
        if text not in words:
            raise SettingsError(f"{place}: {key} must be of {', '.join(words)}, not {text!r}")
    return section.strings(key)


def _globs(section: Section, key: str) -> tuple[str, ...]:
    for text, place in section.items(key):
        try:
            whole((text,))
        except InvalidPattern as error:
            raise SettingsError(f"{place}: {text!r}: {error}") from error
    return section.strings(key)

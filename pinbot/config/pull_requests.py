"""The part of the settings that says how pull requests look, who gets them, and when."""

from __future__ import annotations

import re
from datetime import UTC, time, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pinbot.config._values import LINE, duration, each, globs, matching, word, words
from pinbot.config.section import Section
from pinbot.config.sweeping import Signing, SweepSettings
from pinbot.errors import GitError, SettingsError
from pinbot.git_process.names import branch_ref
from pinbot.proposals.style import CODEOWNERS, GROUPINGS, REFRESH_EVERY, Dashboards, Grants, Limits, Mode, Style
from pinbot.proposals.templates import MESSAGE_FIELDS, TITLE_FIELDS, unknown
from pinbot.proposals.window import MONDAY_TO_SUNDAY, Window

_MODES: tuple[Mode, ...] = ("observe", "propose")
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_PREFIX = re.compile(r"[a-z0-9][a-z0-9._-]{0,30}/")
# The name of an account at a forge, or `org/team`.
_PERSON = re.compile(r"@?[A-Za-z0-9_.-]{1,100}(?:/[A-Za-z0-9_.-]{1,100})?")
_ADDRESS = re.compile(r"[^\s<>@]{1,100}@[^\s<>@]{1,200}")


def pull_requests(section: Section) -> SweepSettings:
    """Return what is said of pull requests, and of who makes their commits. Raises SettingsError."""
    name, address = section.section("author", _author, (SweepSettings().author_name, SweepSettings().author_email))
    usual = Style()
    every = duration(section, "refresh-every")
    style = Style(
        branch_prefix=_prefix(section) or usual.branch_prefix,
        grants=_grants(section),
        limits=section.section("limits", _limits, usual.limits),
        refresh_every=REFRESH_EVERY if every is None else every,
        window=section.section("window", _window, None),
        groups=word(section, "group", GROUPINGS) or usual.groups,
        labels=each(section, "labels", LINE, "one line"),
        reviewers=tuple(CODEOWNERS if r.lower() == CODEOWNERS else r for r in _people(section, "reviewers")),
        assignees=_people(section, "assignees"),
        draft=section.flag("draft", default=False),
        milestone=matching(section, "milestone", LINE, "one line"),
        prefix=matching(section, "prefix", LINE, "one line, such as `chore(deps): `") or usual.prefix,
        title=_title(section) or usual.title,
        message=_template(section, "commit-message", MESSAGE_FIELDS) or usual.message,
        sign_off=f"{name} <{address}>" if section.flag("sign-off", default=False) else None,
        bases=_branches(section),
        dashboards=_dashboards(section),
    )
    signing = section.section("sign", _signing, None)
    section.nothing_else()
    return SweepSettings(style=style, author_name=name, author_email=address, signing=signing)


def _grants(section: Section) -> Grants:
    mode: Mode = word(section, "mode", _MODES) or "observe"
    granted = section.section("propose", _propose, Grants())
    return Grants(mode, granted.repositories, granted.topics, granted.percentage)


def _propose(section: Section) -> Grants:
    found = Grants(
        repositories=globs(section, "repositories"),
        topics=globs(section, "topics"),
        percentage=section.share("percent"),
    )
    section.nothing_else()
    return found


def _dashboards(section: Section) -> Dashboards:
    if isinstance(section.raw("dashboard"), bool):
        return Dashboards(section.flag("dashboard", default=False))
    return section.section("dashboard", _some_dashboards, Dashboards())


def _some_dashboards(section: Section) -> Dashboards:
    """Read which repositories have one; where none are named, all do."""
    repositories, topics = globs(section, "repositories"), globs(section, "topics")
    title = matching(section, "title", LINE, "one line") or Dashboards().title
    section.nothing_else()
    return Dashboards(not (repositories or topics), repositories, topics, title)


def _limits(section: Section) -> Limits:
    usual = Limits()
    found = Limits(
        _limit(section, "open-per-repository", usual.per_repository), _limit(section, "new-per-run", usual.per_run)
    )
    section.nothing_else()
    return found


def _limit(section: Section, key: str, usual: int | None) -> int | None:
    """Read a number; false is for no limit."""
    if section.raw(key) is False:
        return None
    return section.number(key, usual or 0, least=0, most=1_000_000)


def _branches(section: Section) -> tuple[str, ...]:
    for name, place in section.items("branches"):
        try:
            branch_ref(name)
        except GitError as error:
            raise SettingsError(f"{place}: {error}; `branches` are names, without globs and `refs/heads/`") from error
        if name.startswith("refs/"):
            raise SettingsError(f"{place}: {name!r}: `branches` are names, without globs and `refs/heads/`")
    return section.strings("branches")


def _prefix(section: Section) -> str | None:
    text = matching(section, "branch-prefix", _PREFIX, "a word and a slash, such as pinbot/")
    if text is not None and (".." in text or text.endswith((".lock/", "./"))):
        raise section.fail("branch-prefix", f"branch-prefix: git takes no branch below {text!r}")
    return text


def _people(section: Section, key: str) -> tuple[str, ...]:
    """Read the names of people and `org/team`s; an `@` before them is a habit, and no part of the name."""
    return tuple(name.removeprefix("@") for name in each(section, key, _PERSON, "a name, or `org/team`"))


def _window(section: Section) -> Window:
    named = words(section, "days", _DAYS)
    if not named and section.raw("days") is not None:
        raise section.fail("days", "days: without any there is never a pull request; leave the key out for every day")
    days = tuple(_DAYS.index(day) for day in named) or MONDAY_TO_SUNDAY
    found = Window(days, _clock(section, "from"), _clock(section, "to"), _zone(section))
    section.nothing_else()
    return found


def _zone(section: Section) -> tzinfo:
    name = section.text("zone")
    if name in {None, "UTC"}:
        return UTC  # which needs no files of time zones on this machine
    try:
        return ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise section.fail("zone", f"{name!r} is not a time zone, such as Europe/Berlin") from error


def _clock(section: Section, key: str) -> time:
    value = section.raw(key)
    # YAML 1.1 reads 22:00 as a number to the base of 60; ruamel's 1.2 as a string. Quotes are always right.
    found = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if value is not None and found is None:
        raise section.fail(key, f"{key} must be a time of the day in quotes, such as '08:00'")
    return time(int(found[1]), int(found[2])) if found else time()


def _author(section: Section) -> tuple[str, str]:
    name = matching(section, "name", re.compile(r"[^\x00-\x1f\x7f<>]{1,100}"), "a name on one line, without < and >")
    address = matching(section, "email", _ADDRESS, "an e-mail address")
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


def _title(section: Section) -> str | None:
    text = _template(section, "title", TITLE_FIELDS)
    if text is not None and not LINE.fullmatch(text):
        raise section.fail("title", "title must be one line of at most 200 characters")
    return text


def _template(section: Section, key: str, known: frozenset[str]) -> str | None:
    text = section.text(key)
    if text is not None and not text.strip():
        raise section.fail(key, f"{key} must not be empty")
    if text is not None and (strange := unknown(text, known)):
        fields = ", ".join(f"{{{name}}}" for name in sorted(known))
        raise section.fail(key, f"{key}: there is no field {{{strange[0]}}}; there are {fields}")
    return None if text is None else str(text)

"""The part of the settings that says which repositories are swept: on which forges, whose, and who asks for them."""

from __future__ import annotations

import re
from pathlib import Path

from pinbot.config._values import LINE, each, globs, word
from pinbot.config.pull_requests import pull_requests
from pinbot.config.secrets import secret
from pinbot.config.section import Section
from pinbot.config.sweeping import (
    FLOWS,
    FORGES,
    AppSettings,
    ForgeKind,
    ForgeSettings,
    GitlabSettings,
    OwnerKind,
    SweepSettings,
)
from pinbot.errors import AddressRefused, SettingsError
from pinbot.net.origin import Origin
from pinbot.proposals.repository import Selection

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,100}(?:/[A-Za-z0-9_.-]{1,100}){1,21}")
_OWNER = re.compile(r"[A-Za-z0-9_.-]{1,100}")
_GROUP = re.compile(r"[A-Za-z0-9_.-]{1,255}(?:/[A-Za-z0-9_.-]{1,255}){0,20}")
_USER = re.compile(r"//[^/]*@")
_OTHER_FORGES = {"forgejo": "gitea", "codeberg": "gitea"}
_WHOSE = {
    "github": "`organisations`, `users`, `installation` or `repositories`",
    "gitlab": "`groups`, `users` or `repositories`",
    "gitea": "`organisations`, `users`, or `repositories`",
}


def sweeping(top: Section) -> SweepSettings:
    """Return the settings of a pass, from the whole settings. Raises SettingsError."""
    found = top.section("pull-requests", pull_requests, SweepSettings())
    forges = top.sections("forges", _forge)
    return SweepSettings(forges, found.style, found.author_name, found.author_email, found.signing, top.file("cache"))


def _forge(section: Section) -> ForgeSettings:
    kinds = [kind for kind in FORGES if kind in section.present]
    strange = next((key for key in section.present if key not in FORGES), "")
    if strange or len(kinds) != 1:
        instead = f"; for {strange} it is {_OTHER_FORGES[strange]}" if strange in _OTHER_FORGES else ""
        raise section.fail(strange, f"an item of forges is one of {', '.join(FORGES)}, with its own keys{instead}")
    (kind,) = kinds
    found = section.section(kind, lambda inner: _of_kind(inner, kind), None)
    if found is None:
        raise section.fail(kind, f"{kind} needs keys that say which repositories are meant, and who asks for them")
    return found


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
        commits=word(section, "commits", ("git", "api")) or "git" if kind == "github" else "git",
        paced=section.flag("paced", default=True),
        gitlab=_gitlab(section) if kind == "gitlab" else GitlabSettings(),
    )
    section.nothing_else()
    if (settings.token is None) == (settings.app is None):
        either = "`token` or `app`, one of the two" if kind == "github" else "a `token`"
        raise section.fail("token", f"{kind} needs {either}")
    if kind == "gitea" and settings.url is None:
        raise section.fail("url", "gitea needs the `url` of the forge")
    if not settings.owners and not settings.selection.names:
        raise section.fail("", f"{kind} needs to know whose repositories are meant: {_WHOSE[kind]}")
    if ("installation", "") in settings.owners and settings.app is None:
        raise section.fail(
            "installation", "only an `app` has an installation; a token lists `organisations` or `users`"
        )
    return settings


def _remotes(section: Section, kind: ForgeKind) -> ForgeSettings:
    settings = ForgeSettings(
        kind,
        remotes=_urls(section),
        username=section.text("username") if kind == "git" else None,
        token=section.section("password", secret, None) if kind == "git" else None,
        ca_file=section.file("ca-file") if kind == "git" else None,
        allow_http=section.flag("allow-http", default=False) if kind == "git" else False,
        flow=word(section, "flow", FLOWS) or "branch" if kind == "git" else "branch",
        folder=section.file("folder") if kind == "local" else None,
    )
    section.nothing_else()
    if not settings.remotes:
        raise section.fail("repositories", f"{kind} needs `repositories`, a list of URLs or folders")
    if (settings.username is None) != (settings.token is None):
        key = "username" if settings.token is None else "password"
        raise section.fail(key, "username and password go together")
    if settings.username is not None and len({_origin(url) for url in settings.remotes if "://" in url}) > 1:
        raise section.fail("password", "a password goes to one host; name those of others in a `git` of their own")
    return settings


def _urls(section: Section) -> tuple[str, ...]:
    """Return the URLs of remotes, and folders written in full."""
    return tuple(_remote(section, text, place) for text, place in section.items("repositories"))


def _remote(section: Section, text: str, place: str) -> str:
    if text.startswith(("https://", "http://")):
        if _USER.search(text):
            raise SettingsError(f"{place}: a user name or password stands in no URL: {_USER.sub('//', text)!r}")
        return text
    if not text or text.startswith("~") or ":" in text:
        shown = _USER.sub("//", text)
        raise SettingsError(f"{place}: {shown!r} is neither https://HOST/PATH nor a folder; ssh is not spoken yet")
    return str(Path(section.beside(text)).absolute())


def _origin(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}".lower()


def _owners(section: Section, kind: ForgeKind) -> tuple[tuple[OwnerKind, str], ...]:
    what = "the name of an account; which of its repositories count, `include` says"
    found: list[tuple[OwnerKind, str]]
    if kind == "gitlab":
        found = [("group", name) for name in each(section, "groups", _GROUP, "the path of a group, as in its address")]
    else:
        found = [("organisation", name) for name in each(section, "organisations", _OWNER, what)]
    found += [("user", name) for name in each(section, "users", _OWNER, what)]
    if kind == "github" and section.flag("installation", default=False):
        found.append(("installation", ""))
    return tuple(found)


def _gitlab(section: Section) -> GitlabSettings:
    return GitlabSettings(
        scheme=word(section, "token-kind", ("access", "oauth")) or "access",
        subgroups=section.flag("subgroups", default=True),
        squash=section.flag("squash", default=False) if "squash" in section.present else None,
        remove_source_branch=section.flag("remove-source-branch", default=True),
    )


def _selection(section: Section) -> Selection:
    return Selection(
        include=globs(section, "include"),
        exclude=globs(section, "exclude"),
        topics=each(section, "topics", LINE, "one line"),
        archived=False,
        forks=section.flag("forks", default=False),
        names=each(section, "repositories", _NAME, "`owner/name`; globs go into `include`"),
    )


def _app(section: Section) -> AppSettings:
    number = section.number("id", 0, least=1, most=2**53)
    installation = section.number("installation", 0, least=1, most=2**53)
    key = section.section("private-key", secret, None)
    section.nothing_else()
    if not number or key is None:
        raise section.fail("id", "an app needs its `id` and its `private-key`")
    return AppSettings(number, key, installation or None)


def _url(section: Section, key: str) -> str | None:
    value = section.text(key)
    if value is None:
        return None
    if not value.startswith(("https://", "http://")):
        raise section.fail(key, f"{key} must be a URL that begins with https:// (or http://)")
    if "?" in value or "#" in value:
        raise section.fail(key, f"{key} is the address of the forge, so there is no query or fragment in it")
    try:
        Origin.parse(value)
    except AddressRefused as error:
        raise section.fail(key, f"{key}: {_USER.sub('//', str(error))}") from None  # the URL may hold a password
    return str(value)

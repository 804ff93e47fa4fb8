"""Settings become living objects: the only module that names concrete edges."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pinbot import __version__
from pinbot.config.repository import RepositorySettings
from pinbot.config.settings import LedgerSettings, PatternSettings, RegistrySettings, Settings
from pinbot.errors import UnreadableFile, UsageError
from pinbot.files import LocalFiles, OneText
from pinbot.formats._base import Format
from pinbot.formats._mapped import mapped
from pinbot.formats._mapping import ENTRIES
from pinbot.listing import in_checkout
from pinbot.planning.globs import chooser
from pinbot.planning.matching import CodeRepository, repository_name
from pinbot.planning.result import Context
from pinbot.planning.rules import Rulebook
from pinbot.ports import Workspace
from pinbot.wiring.secrets import secret

if TYPE_CHECKING:
    from pinbot.registry.options import RegistryOptions
    from pinbot.registry.resolver import RegistryResolver
    from pinbot.store.ledger import Forgetful, SqlLedger
    from pinbot.store.location import Location

    OpenLedger = SqlLedger | Forgetful

__all__ = [
    "Target", "chooser", "code_repository", "context", "formats", "ledger", "local_files", "one_text",
    "repository_file", "repository_settings", "resolver", "settings", "settings_file",
]  # fmt: skip

_NO_LEDGER = {"off", "false", "none"}


def settings(path: str | None, environ: Mapping[str, str]) -> Settings:
    """Return the settings of --config, of PINBOT_CONFIG or of the user, in that order, or the defaults.

    Never those of the repository: it could name hosts, and have credentials sent there. Raises SettingsError.
    """
    chosen = settings_file(path, environ)
    if chosen is None:
        return Settings()
    from pinbot.config.load import load

    return load(chosen)


def settings_file(path: str | None, environ: Mapping[str, str]) -> str | None:
    """Return which file has the settings, None where the defaults count."""
    return path or environ.get("PINBOT_CONFIG") or _user_file(environ)


def _user_file(environ: Mapping[str, str]) -> str | None:
    base = environ.get("XDG_CONFIG_HOME") or (f"{environ['HOME']}/.config" if environ.get("HOME") else None)
    file = Path(base, "pinbot", "config.yaml") if base else None
    # A relative folder would be one of the repository (and is to be ignored, says the XDG specification).
    return str(file) if file and file.is_absolute() and file.is_file() else None


def formats(only: Sequence[str] = (), patterns: Sequence[PatternSettings] = ()) -> tuple[Format, ...]:
    """Return all formats, the user's own first, or those with the names in `only`.

    Raises UsageError for a name that no format has.
    """
    known = (*map(_own_format, patterns), *map(mapped, ENTRIES))
    names = {f.name for f in known}
    for name in only:
        if name not in names:
            raise UsageError(f"--only {name}: no such format; there are {', '.join(sorted(names))}")
    return tuple(f for f in known if not only or f.name in only)


def _own_format(pattern: PatternSettings) -> Format:
    from pinbot.formats._pattern import pattern_format

    return pattern_format(pattern.name, chooser(pattern.paths, ()), pattern.pattern)


@dataclass(frozen=True, slots=True)
class Target:
    """The files of a run, and what can be asked of them beside their content.

    `beside` returns a file at the top by its path, None where there is none. `before(revision, paths)` returns the
    content of files where the checked-out work departs from a revision (GitError outside of a checkout); None for
    standard input. `rewritten` returns standard input as it is now; None for files.
    """

    workspace: Workspace
    folder: str | None = None
    beside: Callable[[str], bytes | None] = lambda _path: None
    before: Callable[[str, Collection[str]], Mapping[str, bytes]] | None = None
    rewritten: Callable[[], bytes] | None = None


def local_files(targets: Sequence[str]) -> Target:
    """Return the files below these folders and files. Raises UsageError for one that does not exist."""
    try:
        files = LocalFiles(targets)
    except UnreadableFile as error:
        raise UsageError(str(error)) from error
    return Target(files, str(files.folder) if files.folder else None, files.at_top, files.contents_before)


def one_text(path: str, content: bytes) -> Target:
    """Return a single text as a repository of its own."""
    text = OneText(path, content)
    return Target(text, rewritten=lambda: text.result)


def resolver(
    chosen: Settings,
    environ: Mapping[str, str],
    jobs: int | None,
    progress: Callable[[int, int], None],
    scanned: str | None = None,
    unattended: bool = False,
) -> RegistryResolver:
    """Return the resolver that asks registries; close it, or use it as a context manager. Raises UsageError.

    `scanned` is the folder whose references are looked up: no credentials come from there. `unattended` says that
    nobody watches, so that no credential helper runs unless the settings list it.
    """
    from pinbot.registry.resolver import RegistryResolver
    from pinbot.wiring.ambient import ambient
    from pinbot.wiring.reaching import proxies

    return RegistryResolver(
        {name: _registry(name, registry, environ) for name, registry in chosen.registries.items()},
        ambient=ambient(chosen, environ, scanned, unattended),
        jobs=jobs or chosen.jobs,
        proxies=proxies(chosen.proxy, environ),
        deadline_seconds=chosen.timeout_seconds,
        progress=progress,
    )


def _registry(name: str, chosen: RegistrySettings, environ: Mapping[str, str]) -> RegistryOptions:
    from pinbot.net.site import Manners
    from pinbot.registry.credentials._base import Chosen
    from pinbot.registry.options import RegistryOptions
    from pinbot.wiring.reaching import client_certificate, proxies

    asked = chosen.credentials
    return RegistryOptions(
        endpoint=chosen.endpoint,
        allow_http=chosen.allow_http,
        ca_file=chosen.ca_file,
        username=chosen.username,
        password=secret(f"the password for {name}", chosen.password, environ) if chosen.password else None,
        token_hosts=chosen.token_hosts,
        push_dates=chosen.push_dates,
        token=secret(f"the token for {name}", chosen.token, environ) if chosen.token else None,
        identity_token=(
            secret(f"the identity token for {name}", chosen.identity_token, environ) if chosen.identity_token else None
        ),
        chosen=Chosen(asked.kind, asked.options) if asked else None,
        client_certificate=client_certificate(chosen.client_certificate),
        proxies=proxies(chosen.proxy, environ, name) if chosen.proxy else None,
        manners=Manners(chosen.concurrency, chosen.requests_per_minute),
        reserve=chosen.reserve,
    )


def ledger(chosen: Settings, option: str | None, environ: Mapping[str, str]) -> OpenLedger:
    """Return the ledger of --ledger, of PINBOT_LEDGER, of the settings or of the user, in that order.

    Close it, or use it as a context manager. Nothing is opened before it is asked. Raises UsageError.
    """
    from pinbot.store import ledger as remembering

    location = _ledger_location(chosen.ledger, option, environ)
    return remembering.SqlLedger(location) if location else remembering.Forgetful()


def _ledger_location(chosen: LedgerSettings, option: str | None, environ: Mapping[str, str]) -> Location | None:
    from pinbot.store.location import Location

    told = option or environ.get("PINBOT_LEDGER")
    text = told or chosen.location or _user_ledger(environ)
    if text is None or text in _NO_LEDGER:
        return None
    source = None if told else chosen.password
    location = Location.parse(text, secret("the password of the ledger", source, environ) if source else None)
    if location.holds_password and text != environ.get("PINBOT_LEDGER"):
        # In the settings it would be shared with them, in an argument every process of the machine can read it.
        raise UsageError(
            f"The password of the ledger {location} is to be in the environment or a file, never in the URL: in the "
            "settings as `ledger: {url: …, password: {env: NAME}}`, or the whole URL in PINBOT_LEDGER."
        )
    return location


def _user_ledger(environ: Mapping[str, str]) -> str | None:
    base = environ.get("XDG_STATE_HOME", "")
    if not Path(base).is_absolute():  # it would be in the repository, and is to be ignored, says the specification
        base = f"{environ['HOME']}/.local/state" if environ.get("HOME") else ""
    return f"{base}/pinbot/ledger.db" if Path(base).is_absolute() else None


def repository_settings(target: Target) -> RepositorySettings:
    """Return what the repository says of itself, at the top of the files of a run. Raises SettingsError."""
    from pinbot.config.repository import read

    return read(target.beside)


def repository_file(target: Target) -> str | None:
    """Return the path of the file in which the repository says something of itself, None where there is none."""
    from pinbot.config.repository import NAMES

    return next((name for name in NAMES if target.beside(name) is not None), None)


def code_repository(given: str | None, target: Target, rulebooks: Iterable[Rulebook]) -> CodeRepository:
    """Return the name of the repository: as given, or where its checkout comes from where a rule asks for it."""
    if given is not None or target.folder is None or not any(book.asks_for_repository for book in rulebooks):
        return CodeRepository(given)
    from pinbot.git_process import origin_url

    return CodeRepository(repository_name(origin_url(target.folder) or ""))


def context(chosen: Settings, folder: str | None, now: datetime) -> Context:
    """Return what the results of a run depend on beside the files."""
    commit = None
    if folder is not None and in_checkout(Path(folder)):
        from pinbot.git_process import head_commit

        commit = head_commit(folder)
    return Context(__version__, commit, chosen.fingerprint, now)

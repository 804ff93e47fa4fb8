"""What `pinbot doctor` asks of one forge: its API, its first repository, and git; and of a ledger that lives there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import zip_longest
from tempfile import TemporaryDirectory
from typing import Protocol, runtime_checkable

from pinbot.config.settings import Settings
from pinbot.config.sweeping import ForgeSettings, SweepSettings
from pinbot.diagnosis.facts import Account, Failure, ForgeFacts, LedgerFacts
from pinbot.errors import GitError, PinbotError, StoreError
from pinbot.forge._checkup import failure
from pinbot.net.origin import Origin
from pinbot.net.proxy import Proxies
from pinbot.proposals.repository import Repository
from pinbot.store.lines import loaded
from pinbot.wiring.chosen import host_of
from pinbot.wiring.forges import OpenForge, open_forges
from pinbot.wiring.reaching import proxies
from pinbot.wiring.sweeping import LEDGER_FILE, LEDGER_REF
from pinbot.workspace.checkouts import GitCheckouts

_SITES = {"github": "https://api.github.com", "gitlab": "https://gitlab.com"}
_NO_REPOSITORIES = "the settings select no repository that this account can see"


@runtime_checkable
class _Examined(Protocol):
    """A forge that tells of itself and of us."""

    def checkup(self, facts: ForgeFacts) -> ForgeFacts:
        """Return the facts with what it tells. Raises nothing."""


def examine(settings: Settings, number: int, environ: Mapping[str, str], seconds: float) -> list[ForgeFacts]:
    """Return the facts about a forge of the settings, one for each owner or remote. Raises nothing."""
    sweep = _sweep(settings)
    chosen = sweep.forges[number]
    blank = ForgeFacts(_name(chosen), chosen.kind)
    with TemporaryDirectory(prefix="pinbot-") as cache:
        # Signing is not needed for looking, and no mirror is left behind.
        alone = replace(sweep, forges=(chosen,), signing=None, cache=cache)
        try:
            blank = _with_origin(blank, chosen, proxies(settings.proxy, environ))
            with open_forges(alone, environ, proxy=settings.proxy, seconds=seconds) as opened:
                return [facts for one in zip_longest(opened, chosen.owners) for facts in _facts(blank, *one)]
        except PinbotError as error:
            return [replace(blank, misconfigured=str(error))]


def _sweep(settings: Settings) -> SweepSettings:
    assert settings.sweep is not None
    return settings.sweep


def examine_ref(settings: Settings, name: str, environ: Mapping[str, str], seconds: float) -> LedgerFacts:
    """Return the facts about a ledger in a ref of a repository; it is not written to. Raises nothing."""
    blank = LedgerFacts(f"{LEDGER_REF} of {name}", is_written=False)
    try:
        # As a sweep opens it: the repository need not be among those that are swept.
        with open_forges(_sweep(settings), environ, [name], beyond=True, proxy=settings.proxy, seconds=seconds) as (
            one,
        ):
            repository = next(iter(one.forge.repositories()), None)
            if repository is None or not isinstance(one.checkouts, GitCheckouts):
                return replace(blank, unreadable=f"{name}: it is not there, or this account may not see it")
            kept = one.checkouts.read_ref(repository, LEDGER_REF, LEDGER_FILE)
            if kept is None:
                return blank
            book = loaded(kept.data, datetime.now(UTC))
    except (PinbotError, StoreError) as error:
        return replace(blank, exists=True, unreadable=str(error))
    return replace(blank, exists=True, sightings=sum(len(h.sightings) for h in book.histories.values()))


def _name(chosen: ForgeSettings) -> str:
    try:
        return chosen.kind if chosen.kind in {"git", "local"} else host_of(chosen)
    except PinbotError:
        return chosen.url or chosen.kind


def _with_origin(blank: ForgeFacts, chosen: ForgeSettings, ways: Proxies) -> ForgeFacts:
    if chosen.kind in {"git", "local"}:
        return blank
    origin = Origin.parse(chosen.url or _SITES[chosen.kind])
    proxy = ways.server_for(origin)
    return replace(blank, origin=str(origin), proxy=str(proxy.origin) if proxy else None)


def _facts(blank: ForgeFacts, one: OpenForge | None, owner: tuple[str, str] | None) -> list[ForgeFacts]:
    if one is None:
        return []  # a forge for several owners at once
    if blank.kind in {"git", "local"}:
        return [replace(blank, name=r.name, git=_git(one, r)) for r in one.forge.repositories()]
    assert isinstance(one.forge, _Examined)
    named = replace(blank, name=f"{blank.name} ({owner[1] or owner[0]})" if owner else blank.name)
    facts = one.forge.checkup(named)
    if not isinstance(facts.account, Account):
        return [facts]
    facts = _with_repository(facts, one)
    return [replace(facts, warnings=tuple(one.warnings()))]


def _with_repository(facts: ForgeFacts, one: OpenForge) -> ForgeFacts:
    try:
        repository = next(iter(one.forge.repositories()), None)
    except PinbotError as error:
        return replace(facts, repository=failure(error))
    if repository is None:
        return replace(facts, repository=Failure("none", _NO_REPOSITORIES))
    return replace(facts, repository=repository.name, git=_git(one, repository))


def _git(one: OpenForge, repository: Repository) -> str | Failure:
    """Return the default branch as git tells it, or why it tells none."""
    assert isinstance(one.checkouts, GitCheckouts)
    try:
        found = one.checkouts.default_branch(repository)
    except (GitError, PinbotError) as error:
        return Failure("git", str(error))
    return found[0] if found else Failure("empty", f"{repository.name} has no commit yet")

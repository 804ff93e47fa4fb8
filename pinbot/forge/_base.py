"""What all forges share: what they say of themselves, how they are reached, and which repositories count."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from pinbot.planning.globs import whole
from pinbot.proposals.repository import Repository, Selection
from pinbot.secret import Secret

# Is told, in a sentence, of what could not be had and is no reason to stop.
Warn = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class About:
    """The constant FORGE of a module: the word in the settings, the name for people, the public site if there is one.

    `site` is the base URL of its API.
    """

    name: str
    title: str
    site: str | None = None


@dataclass(frozen=True, slots=True)
class World:
    """Clocks and sleep, to be replaced in tests: `clock` in seconds that only grow, `now` in UTC."""

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose repositories are listed: of an organisation, of a user, or what an installation of an App may see."""

    kind: str = "organisation"
    name: str = ""


@dataclass(frozen=True, slots=True)
class Address:
    """Where git fetches from and pushes to, and the value of the Authorization header that it sends there."""

    url: str
    authorization: Secret | None = None


def chooser(selection: Selection) -> Callable[[Repository], bool]:
    """Return whether a repository counts. Names are compared without regard to case, as forges do.

    One that `names` has counts unless `exclude` says otherwise, archived or a fork: somebody named it. Where `names`
    is not empty no other counts, and the other rules say nothing. Raises InvalidPattern.
    """
    named = frozenset(map(str.lower, selection.names))
    wanted, unwanted = whole(_lower(selection.include)), whole(_lower(selection.exclude))
    topics = frozenset(map(str.lower, selection.topics))

    def counts(repository: Repository) -> bool:
        name = repository.name.lower()
        if unwanted(name) or (named and name not in named):
            return False
        if named:
            return True
        if (repository.is_archived and not selection.archived) or (repository.is_fork and not selection.forks):
            return False
        has_topic = not topics or not topics.isdisjoint(map(str.lower, repository.topics))
        return has_topic and (not selection.include or wanted(name))

    return counts


def _lower(globs: tuple[str, ...]) -> list[str]:
    return [glob.lower() for glob in globs]

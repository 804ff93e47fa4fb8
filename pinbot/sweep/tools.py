"""Whom a pass may ask and tell, and what it is for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pinbot.errors import ForgeBusy
from pinbot.oci.reference import Reference
from pinbot.planning.policy import Policy
from pinbot.ports import Checkout, Checkouts, Doors, Forge
from pinbot.proposals.repository import Repository
from pinbot.proposals.style import Style
from pinbot.run import Scope

Committer = Callable[[Repository, str, str, str, Mapping[str, bytes], str | None], str]
"""Lets a forge make a commit itself: of a repository, on a branch, with a parent, a message, the new content of files,
where the branch has a tip now or None. Returns the commit."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds in one repository: the policy, and which files count."""

    policy: Policy
    scope: Scope


@dataclass(frozen=True, slots=True)
class Tools:
    """Whom a pass may ask and tell.

    `each` maps a function over values, perhaps several at a time. `failpoint` is called with a name before and after
    everything that is written. `progress` hears how many repositories are done. `committer` makes the commits instead
    of git, where there is one.
    """

    forge: Forge
    checkouts: Checkouts
    doors: Doors
    each: Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]] = map  # as `map`, of any types
    failpoint: Callable[[str], None] = lambda _name: None
    progress: Callable[[int], None] = lambda _done: None
    committer: Committer | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """What a pass is for: which rules hold in a repository, and how pull requests look.

    `rules_of` may raise SettingsError, for what the repository says of itself. `write` is what permits anything to be
    written at all: without it every repository is only observed. `is_meant` is given where the pass is about some
    images alone: then nothing else is looked at, changed or closed. `explains` asks what changed in images also where
    nothing is written, for whoever wants to see the texts.
    """

    rules_of: Callable[[Repository, Checkout], Rules]
    style: Style
    now: datetime
    write: bool = False
    is_meant: Callable[[Reference], bool] | None = None
    explains: bool = False


@dataclass
class Ration:
    """What the repositories of a run share: how many new pull requests it has opened, exempt ones aside.

    `busy` is set when the forge has had enough: then nobody may be asked any more.
    """

    opened: int = 0
    busy: ForgeBusy | None = None

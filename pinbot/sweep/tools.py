"""Whom a pass may ask and tell, and what it is for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pinbot.planning.policy import Policy
from pinbot.ports import Checkout, Checkouts, Doors, Forge
from pinbot.proposals.repository import Repository
from pinbot.proposals.style import Style
from pinbot.run import Scope


@dataclass(frozen=True, slots=True)
class Tools:
    """Whom a pass may ask and tell.

    `each` maps a function over values, perhaps several at a time. `failpoint` is called with a name before and after
    everything that is written. `progress` hears how many repositories are done.
    """

    forge: Forge
    checkouts: Checkouts
    doors: Doors
    each: Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]] = map  # as `map`, of any types
    failpoint: Callable[[str], None] = lambda _name: None
    progress: Callable[[int], None] = lambda _done: None


@dataclass(frozen=True, slots=True)
class Order:
    """What a pass is for: which files count, which policy holds in a repository, and how pull requests look.

    `policy_of` may raise SettingsError, for what the repository says of itself. `write` is what permits anything to be
    written at all: without it every repository is only observed. `images` are globs: with any, only what changes such
    images is done (`--image`).
    """

    scope: Scope
    policy_of: Callable[[Repository, Checkout], Policy]
    style: Style
    now: datetime
    write: bool = False
    images: tuple[str, ...] = ()

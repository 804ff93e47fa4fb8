"""The chain of all sources: each looks in one place, the first answer wins."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from pinbot.net.response import Response
from pinbot.registry.credentials._base import Ambient, Anonymous, Chosen, Wanted, Who
from pinbot.registry.credentials._helper import Helpers

Warn = Callable[[str], None]
# Posts a form to a URL, once and without redirects, and returns the answer.
Post = Callable[[str, Mapping[str, str]], Awaitable[Response]]


async def _no_post(_url: str, _form: Mapping[str, str]) -> Response:
    raise AssertionError("nobody gave a way to post")


@dataclass(frozen=True, slots=True)
class Sources:
    """What the sources have to go by: the settings' own credentials and choices by registry, and this machine.

    `helpers` runs credential helpers, each once for a server; `clock` is monotonic seconds.
    """

    settings: Mapping[str, Who] = field(default_factory=dict)
    chosen: Mapping[str, Chosen] = field(default_factory=dict)
    ambient: Ambient = field(default_factory=Ambient)
    helpers: Helpers = field(default_factory=lambda: Helpers(Ambient()))
    post: Post = _no_post
    clock: Callable[[], float] = time.monotonic


# Returns the credentials for a registry's repository, None where the source knows nothing of it.
Lookup = Callable[[Wanted], Awaitable[Who | None]]


@dataclass(frozen=True, slots=True)
class Source:
    """One kind of source: `rank` decides who is asked first, `open` reads what it needs and may warn the user.

    `open` raises UsageError for settings that it cannot follow.
    """

    name: str
    rank: int
    open: Callable[[Sources, Warn], Lookup]


async def first_answer(lookups: Sequence[Lookup], wanted: Wanted) -> Who:
    """Return the first answer of the sources; nobody knowing anything means anonymous."""
    for lookup in lookups:
        if (answer := await lookup(wanted)) is not None:
            return answer
    return Anonymous()

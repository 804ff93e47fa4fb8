"""What a registry says of its pull limit with every answer: `ratelimit-limit: 100;w=21600` and its kin.

https://docs.docker.com/docker-hub/usage/pulls/#view-hourly-pull-rate-and-limit. Without the headers there is no limit
(a paid plan, or a sponsored image); what cannot be read is no limit that is known.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass

# Per cent of the limit that are left to people and builds behind the same address or account.
USUAL_RESERVE = 10.0
USUAL_WINDOW_SECONDS = 21_600.0
_LONGEST_WINDOW_SECONDS = 30 * 86_400.0
# Some proxies write other parameters beside the window; the first number and `w` count.
_AMOUNT = re.compile(r"([0-9]{1,9})((?:; ?[a-z-]{1,20}=[^;, ]{0,40}){0,8})")
_WINDOW = re.compile(r"; ?w=([0-9]{1,9})(?:;|$)")


@dataclass(frozen=True, slots=True)
class Allowance:
    """So many pulls are left of so many in a window; `is_by_address` where they are counted for an IP address.

    `is_by_address` is None where the registry does not say whose they are.
    """

    limit: int
    remaining: int
    window_seconds: float
    is_by_address: bool | None = None

    def floor(self, reserve: float) -> float:
        """Return how many of the pulls are left to others; `reserve` is in per cent."""
        return self.limit * reserve / 100

    @property
    def words(self) -> str:
        """What is left, and whose it is, for a person."""
        whose = {True: ", counted for this address", False: ", counted for this account", None: ""}
        return f"{self.remaining} of {self.limit} pulls in {_span(self.window_seconds)} left{whose[self.is_by_address]}"


@dataclass(frozen=True, slots=True)
class Unlimited:
    """The answer speaks of no limit."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The answer speaks of a limit in a way that is not understood."""


def read_allowance(headers: Mapping[str, str]) -> Allowance | Unlimited | Unreadable:
    """Return what an answer says of the limit; header names are in lower case."""
    written = headers.get("ratelimit-limit"), headers.get("ratelimit-remaining")
    if written == (None, None):
        return Unlimited()
    limit, remaining = (_AMOUNT.fullmatch((text or "").strip().lower()) for text in written)
    if limit is None or remaining is None:
        return Unreadable()
    windows = [w for w in (_window(limit[2]), _window(remaining[2])) if w is not None]
    if not windows and "ratelimit-reset" in headers:
        # A gateway's own form, which counts requests of all kinds and no pulls.
        return Unreadable()
    window = windows[0] if windows else USUAL_WINDOW_SECONDS
    # None of none would forbid every pull for ever; more left than there are says nothing either.
    if int(limit[1]) == 0 or int(remaining[1]) > int(limit[1]) or not 1 <= window <= _LONGEST_WINDOW_SECONDS:
        return Unreadable()
    return Allowance(int(limit[1]), int(remaining[1]), window, _is_address(headers.get("docker-ratelimit-source", "")))


def _window(parameters: str) -> float | None:
    found = _WINDOW.search(parameters)
    return float(found[1]) if found else None


def _is_address(source: str) -> bool | None:
    try:
        ipaddress.ip_network(source.strip(), strict=False)
    except ValueError:
        return False if source.strip() else None
    return True


def _span(seconds: float) -> str:
    for unit, name in ((3600.0, "h"), (60.0, "min")):
        if seconds >= unit and seconds % unit == 0:
            return f"{seconds / unit:g} {name}"
    return f"{seconds:g} s"

"""The questions of `pinbot doctor` to GitHub: who we are, what we may do, and what is left of the rate limit.

https://docs.github.com/en/rest/rate-limit/rate-limit (asking costs nothing) and
https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps (the header X-OAuth-Scopes).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from pinbot.diagnosis.facts import Account as Known
from pinbot.diagnosis.facts import Budget, Contact, ForgeFacts
from pinbot.errors import ForgeError, ForgeForbids, UsageError
from pinbot.forge._checkup import clock_of, failure, refused
from pinbot.forge._github_account import Account
from pinbot.forge._github_answer import Answer
from pinbot.forge._github_read import dig
from pinbot.forge._github_tokens import AppTokens
from pinbot.net.origin import Origin

# What pull requests take; workflow files need another permission, and without it they alone are left out.
_NEEDED = {"contents": "write", "pull_requests": "write"}
_FOR_DASHBOARDS = {"issues": "write"}
_SCOPES = frozenset({"repo", "public_repo"})


def checkup(account: Account, facts: ForgeFacts, dashboards: bool = False) -> ForgeFacts:
    """Return the facts with what GitHub tells of itself and of us; `dashboards` need a right more. Raises nothing."""
    world, origin = account.api.world, str(Origin.parse(account.api.requester.base_url))
    started, now = world.clock(), world.now()
    headers: Mapping[str, str] = {}
    budget = None
    try:
        answer = account.api.get_answer("/rate_limit")
        headers, budget = answer.headers, _budget(answer)
    except ForgeForbids as error:
        # A server of one's own without limits says 404 to this question alone.
        if ": 404" not in str(error):
            return refused(facts, error, Contact(origin, 401, world.clock() - started))
    except UsageError as error:
        return replace(facts, misconfigured=str(error))
    except ForgeError as error:
        return refused(facts, error, Contact(origin, 500, world.clock() - started))
    clock = clock_of(headers)
    contact = Contact(origin, 200, world.clock() - started, clock - now if clock else None)
    known = replace(facts, contact=contact, budget=budget)
    try:
        return replace(known, account=_account(account, headers, dashboards))
    except ForgeError as error:
        return replace(known, account=failure(error))


def _account(account: Account, headers: Mapping[str, str], dashboards: bool) -> Known:
    tokens = account.api.tokens
    if isinstance(tokens, AppTokens):
        granted = tokens.granted()
        needed = {**_NEEDED, **(_FOR_DASHBOARDS if dashboards else {})}
        lacking = tuple(f"{name} ({level})" for name, level in needed.items() if granted.get(name) != level)
        told = tuple(f"{name} ({level})" for name, level in sorted(granted.items()))
        return Known(f"{tokens.slug()}[bot]", "GitHub App", told, lacking)
    ends = _moment(headers.get("github-authentication-token-expiration", ""))
    scopes = headers.get("x-oauth-scopes")
    if scopes is None:
        return Known(account.login, "a token with permissions of its own", ends=ends)
    found = tuple(scope.strip() for scope in scopes.split(",") if scope.strip())
    lacking = () if _SCOPES & set(found) else ("the scope `repo`",)
    return Known(account.login, "a classic token", found, lacking, ends)


def _budget(answer: Answer) -> Budget | None:
    """Return the limit of which the least is left: those of REST and GraphQL are counted apart."""
    found = [_part(answer.data, name) for name in ("core", "graphql")]
    told = [one for one in found if one is not None]
    return min(told, key=lambda one: one.remaining / max(1, one.limit or 1)) if told else None


def _part(data: object, name: str) -> Budget | None:
    limit, left, reset = (dig(data, "resources", name, key) for key in ("limit", "remaining", "reset"))
    if not isinstance(limit, int) or not isinstance(left, int):
        return None
    try:
        resets = datetime.fromtimestamp(reset, UTC) if isinstance(reset, int) else None
    except (ValueError, OverflowError, OSError):
        resets = None
    return Budget(limit, left, resets=resets)


def _moment(text: str) -> datetime | None:
    """Read `2026-12-24 08:00:00 UTC`, or with `+0100`; None for anything else."""
    try:
        return datetime.strptime(text[:40].replace("UTC", "+0000"), "%Y-%m-%d %H:%M:%S %z").astimezone(UTC)
    except (ValueError, OverflowError):
        return None

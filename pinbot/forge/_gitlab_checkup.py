"""The questions of `pinbot doctor` to a GitLab: who we are, what the token may do, and how long it lives.

https://docs.gitlab.com/api/personal_access_tokens/#retrieve-details-of-your-own-token: also for the tokens of projects
and groups.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from pinbot.diagnosis.facts import Account as Known
from pinbot.diagnosis.facts import Budget, Contact, ForgeFacts
from pinbot.errors import ForgeError, ForgeForbids
from pinbot.forge._checkup import clock_of, refused
from pinbot.forge._gitlab_account import Account

_NEEDED = "api"


def checkup(account: Account, facts: ForgeFacts) -> ForgeFacts:
    """Return the facts with what GitLab tells of us: two requests. Raises nothing."""
    world, origin = account.api.world, str(account.api.wired.origin)
    started, now = world.clock(), world.now()
    try:
        answer = account.api.get("/user")
        login = answer.object().text("username")
    except ForgeError as error:
        status = 401 if isinstance(error, ForgeForbids) else 500
        return refused(facts, error, Contact(origin, status, world.clock() - started))
    clock = clock_of(answer.headers)
    contact = Contact(origin, 200, world.clock() - started, clock - now if clock else None)
    return replace(facts, contact=contact, account=_known(account, login), budget=_budget(answer.headers))


def _known(account: Account, login: str) -> Known:
    try:
        token = account.api.get("/personal_access_tokens/self").object()
        scopes = token.texts("scopes")
        # It ends at midnight UTC of that day.
        ends = datetime.fromisoformat(token.text("expires_at")) if token.text("expires_at") else None
    except (ForgeError, ValueError):
        return Known(login, "a token")
    lacking = () if _NEEDED in scopes else (f"the scope `{_NEEDED}`",)
    return Known(login, "an access token", scopes, lacking, ends.replace(tzinfo=UTC) if ends else None)


def _budget(headers: Mapping[str, str]) -> Budget | None:
    """Return what is left of the requests of this minute, where the server limits them."""
    told = [headers.get(f"ratelimit-{name}", "") for name in ("limit", "remaining", "reset")]
    if not all(text.isascii() and text.isdigit() and len(text) < 12 for text in told):
        return None
    limit, left, reset = map(int, told)
    return Budget(limit, left, resets=datetime.fromtimestamp(0, UTC) + timedelta(seconds=reset))

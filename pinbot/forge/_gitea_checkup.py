"""The questions of `pinbot doctor` to Gitea and Forgejo: who we are; they tell no scopes of a token and no limits."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime

from pinbot.diagnosis.facts import Account, Contact, ForgeFacts
from pinbot.errors import ForgeError, ForgeForbids
from pinbot.forge._checkup import clock_of, refused
from pinbot.forge._rest import Rest


def checkup(rest: Rest, facts: ForgeFacts) -> ForgeFacts:
    """Return the facts with what the API tells of us. Raises nothing."""
    started, now = time.monotonic(), datetime.now(UTC)
    try:
        answer = rest.run(rest.get("/user"))
        login = answer.object().text("login")
    except ForgeError as error:
        status = 401 if isinstance(error, ForgeForbids) else 500
        return refused(facts, error, Contact(str(rest.origin), status, time.monotonic() - started))
    clock = clock_of(answer.headers)
    contact = Contact(str(rest.origin), 200, time.monotonic() - started, clock - now if clock else None)
    return replace(facts, contact=contact, account=Account(login, "a token"))

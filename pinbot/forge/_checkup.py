"""The questions of `pinbot doctor` to forges: what all have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from pinbot import errors
from pinbot.diagnosis.facts import Contact, Failure, ForgeFacts
from pinbot.errors import ForgeBusy, ForgeError, ForgeForbids, PinbotError

_WORDS: tuple[tuple[type[PinbotError], str], ...] = (
    (errors.AddressRefused, "blocked"),
    (errors.RedirectRefused, "redirect"),
    (errors.CannotResolveName, "dns"),
    (errors.CannotConnect, "refused"),
    (errors.TlsFailed, "tls"),
    (errors.TimedOut, "timeout"),
    (errors.NetError, "broken"),
    (ForgeBusy, "429"),
    (ForgeForbids, "401"),
)


def failure(error: PinbotError) -> Failure:
    """Return an error of a forge as a fact; a request that got no answer is told by why it got none."""
    told = error.__cause__ if isinstance(error.__cause__, errors.NetError) else error
    return Failure(next((word for kind, word in _WORDS if isinstance(told, kind)), "error"), str(error))


def refused(facts: ForgeFacts, error: ForgeError, contact: Contact) -> ForgeFacts:
    """Return the facts where the first question was not answered: nobody is there, or we are not let in."""
    why = failure(error)
    if isinstance(error.__cause__, errors.NetError):
        return replace(facts, contact=why)
    return replace(facts, contact=contact, account=why)


def clock_of(headers: Mapping[str, str]) -> datetime | None:
    """Return the clock of whoever answered, None where it does not say."""
    try:
        at = parsedate_to_datetime(headers.get("date", ""))
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None

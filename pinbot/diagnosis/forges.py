"""What is to be thought of a forge: is it reached, who are we there, what may we do, and is git let in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from pinbot.diagnosis import _words
from pinbot.diagnosis.facts import Account, Contact, Failure, ForgeFacts
from pinbot.diagnosis.finding import Check, Subject

_TOKEN_NOTE = timedelta(days=14)


def judged(facts: ForgeFacts, now: datetime) -> Subject:
    """Return all that is to be said of a forge; `now` is this machine's clock."""
    return Subject("forge", facts.name, tuple(_checks(facts, now)), facts)


def _checks(facts: ForgeFacts, now: datetime) -> Iterator[Check]:
    if facts.misconfigured is not None:
        yield Check("settings", "problem", facts.misconfigured, _words.REMEDIES["settings"])
        return
    yield from _words.proxy(facts.proxy)
    match facts.contact:
        case None:
            pass
        case Failure() as failure:
            yield _words.unreachable(failure)
            return
        case Contact() as contact:
            yield Check("reachable", "ok", _words.reached(contact))
            yield from _words.tls(contact, now)
            yield from _words.clock(contact)
    yield from _account(facts, now)
    yield from _words.budget(facts.budget, "requests")
    yield from _repository(facts)
    yield from _git(facts)
    yield from (Check("remark", "note", warning) for warning in facts.warnings)


def _account(facts: ForgeFacts, now: datetime) -> Iterator[Check]:
    match facts.account:
        case None:
            pass
        case Failure(word, reason):
            remedy = _words.REMEDIES.get(word, "see what it says")
            yield Check("token", "problem", reason, remedy)
        case Account() as account:
            yield Check("token", "ok", f"accepted, as {account.name!r} ({account.kind})")
            yield from _permissions(account)
            yield from _end(account, now)


def _permissions(account: Account) -> Iterator[Check]:
    if account.permissions is None:
        yield Check("permissions", "note", f"{account.kind}: its permissions are not told, so they show in use")
        return
    told = ", ".join(account.permissions) or "none"
    if account.lacking:
        lacking = " and ".join(account.lacking)
        yield Check("permissions", "problem", f"it has {told}, and lacks {lacking}", f"give it {lacking}")
    else:
        yield Check("permissions", "ok", told)


def _end(account: Account, now: datetime) -> Iterator[Check]:
    if account.ends is not None and account.ends - now < _TOKEN_NOTE:
        yield Check("token", "note", f"it expires on {account.ends:%Y-%m-%d}")


def _repository(facts: ForgeFacts) -> Iterator[Check]:
    match facts.repository:
        case None:
            pass
        case str(name):
            yield Check("repositories", "ok", f"{name} is the first of those that the settings select")
        case Failure("none", reason):
            yield Check("repositories", "note", reason)
        case Failure(word, reason):
            yield Check("repositories", "problem", reason, _words.REMEDIES.get(word, "see what it says"))


def _git(facts: ForgeFacts) -> Iterator[Check]:
    match facts.git:
        case None:
            pass
        case str(branch):
            where = f"{facts.repository}: " if isinstance(facts.repository, str) else ""
            yield Check("git", "ok", f"{where}git is let in; the default branch is {branch}")
        case Failure("empty", reason):
            yield Check("git", "note", reason)
        case Failure(_, reason):
            remedy = "let this token read contents, and check that git over https reaches the forge"
            yield Check("git", "problem", reason, remedy)

"""What is to be thought of a registry: is it reached, is it one, are we let in, and how much may be asked of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pinbot.diagnosis import _words
from pinbot.diagnosis.facts import Contact, Failure, RegistryFacts, Trial
from pinbot.diagnosis.finding import Check, Subject

_WAYS_IN = {
    "open": "it lets everyone in",
    "basic": "it asks for a user name and password",
    "bearer": "it asks for a token",
}


def judged(facts: RegistryFacts, now: datetime) -> Subject:
    """Return all that is to be said of a registry; `now` is this machine's clock."""
    return Subject("registry", facts.name, tuple(_checks(facts, now)), facts)


def _checks(facts: RegistryFacts, now: datetime) -> Iterator[Check]:
    if facts.misconfigured is not None:
        yield Check("settings", "problem", facts.misconfigured, _words.REMEDIES["settings"])
    yield from _words.proxy(facts.proxy)
    match facts.contact:
        case None:
            pass
        case Failure() as failure:
            yield _words.unreachable(failure)
            if facts.login.source is not None:
                yield from _source(facts)
        case Contact() as contact:
            yield Check("reachable", "ok", _words.reached(contact))
            yield from _redirect(facts, contact)
            yield from _words.tls(contact, now)
            yield from _protocol(facts)
            yield from _source(facts)
            yield from _login(facts)
            yield from _words.budget(facts.budget, "pulls")
            yield from _words.clock(contact)
    yield from (Check("remark", "note", warning) for warning in facts.warnings)


def _redirect(facts: RegistryFacts, contact: Contact) -> Iterator[Check]:
    asked = facts.origins.get("registry")
    if asked not in {None, contact.origin}:
        text = f"{asked} redirects to {contact.origin}, which is not shown the login"
        yield Check("redirect", "note", f"{text}; if it is the right server, name it as `endpoint` in the settings")


def _protocol(facts: RegistryFacts) -> Iterator[Check]:
    if not facts.looks_like_registry:
        text = "what answers there is no registry, or something stands in front of it (a login page, a proxy)"
        yield Check("registry", "problem", text, _words.REMEDIES["not-a-registry"])
    elif facts.challenge == "unknown":
        text = "it asks for credentials in a way that pinbot does not know"
        yield Check("registry", "problem", text, "let it offer Basic or Bearer, as registries do")
    else:
        yield Check("registry", "ok", _WAYS_IN[facts.challenge or "open"])


def _source(facts: RegistryFacts) -> Iterator[Check]:
    if facts.login.source is None:
        yield Check("credential", "ok", "no source has a login for it, so it is asked as by a stranger")
        return
    who = f", as {facts.login.username!r}" if facts.login.username else ""
    yield Check("credential", "ok", f"the credentials are from {facts.login.source}{who}")
    if facts.plain_http:
        yield Check(
            "credential",
            "problem",
            "the login goes over the network in plain text, since http is allowed for this registry",
            "let the registry speak https; a private authority is named in the settings (ca-file)",
        )


def _login(facts: RegistryFacts) -> Iterator[Check]:
    trial = facts.trial
    if trial is None:
        text = "nothing was tried, since no scanned file uses it" if facts.looks_like_registry else ""
        if text:
            yield Check("login", "note", text)
        return
    if trial.as_stranger:
        text = f"{trial.what} is refused to the login, and open to everyone: the login is out of date"
        yield Check("login", "problem", text, _words.REMEDIES["401"])
    elif trial.status is not None and trial.status < 400:
        yield Check("login", "ok", _accepted(facts, trial))
    else:
        yield _refused(facts, trial)


def _accepted(facts: RegistryFacts, trial: Trial) -> str:
    if facts.login.source is None or facts.challenge == "open":
        return f"{trial.what} can be read without a login"
    return f"the login is accepted ({trial.what})"


def _refused(facts: RegistryFacts, trial: Trial) -> Check:
    said = trial.reason or f"{trial.what}: HTTP {trial.status}"
    is_stranger = facts.login.source is None
    if trial.status == 404 and trial.is_own:
        text = f"{said}. Whoever asks is let in, so only the reference is wrong"
        return Check("login", "note", text)
    if trial.status == 401 and is_stranger:
        remedy = f"`docker login {facts.name}`, or a username and password for {facts.name} in the settings"
    elif trial.status == 401 and not trial.is_login_bad:
        remedy = "check that the repository exists and that this login may read it; else log in again"
    else:
        word = "5xx" if (trial.status or 0) >= 500 else str(trial.status or "")
        remedy = _words.REMEDIES.get(word, _words.REMEDIES["401"] if trial.is_login_bad else "see what it says")
    return Check("login", "problem", said, remedy)

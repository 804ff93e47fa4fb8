"""Sentences that the judgements share: of unreachable servers, clocks, certificates and budgets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from pinbot.diagnosis.facts import Budget, Contact, Failure
from pinbot.diagnosis.finding import Check

# Tokens are good for a minute or more, and pulls are counted by hours: less than this changes nothing.
_SKEW_NOTE, _SKEW_PROBLEM = timedelta(seconds=60), timedelta(minutes=5)
# Who renews certificates by a program does it a month ahead; one that ends in two weeks has been forgotten.
_CERTIFICATE_NOTE, _CERTIFICATE_PROBLEM = timedelta(days=14), timedelta(days=2)
_LOW_SHARE = 0.1

REMEDIES = {
    "dns": "check the name and this machine's DNS; behind a proxy, set HTTPS_PROXY",
    "refused": "check host and port, and that no firewall is in the way; behind a proxy, set HTTPS_PROXY",
    "tls": "renew the certificate of the server, or name its authority in the settings (ca-file)",
    "timeout": "check the server and the way to it; behind a proxy, set HTTPS_PROXY",
    "blocked": "correct the name or the endpoint; addresses of metadata services are never asked",
    "redirect": "name the server that answers as `endpoint` in the settings, if it is the right one",
    "not-a-registry": "check the name and the `endpoint` in the settings",
    "429": "wait, or log in for a higher limit",
    "5xx": "try again later, or tell whoever runs it",
    "settings": "give what is missing, or correct the settings",
    "401": "log in again, or correct the user name and the password or token in the settings",
    "403": "give this login the permission to read it, or another login in the settings",
}
_OTHERWISE = "check that the right server answers there"


def remedy_for(failure: Failure) -> str:
    """Return what is to be done where a server cannot be asked."""
    return REMEDIES.get(failure.word, _OTHERWISE)


def unreachable(failure: Failure) -> Check:
    """Return the line for a server that gave no answer."""
    return Check("reachable", "problem", failure.reason, remedy_for(failure))


def reached(contact: Contact) -> str:
    """Return that a server answered, and how fast."""
    return f"{contact.origin} answers (HTTP {contact.status}, {contact.seconds * 1000:.0f} ms)"


def tls(contact: Contact, now: datetime) -> Iterator[Check]:
    """Yield the line about a certificate, where there is one."""
    ends = contact.certificate_ends
    if ends is None:
        return
    text = f"the certificate is good until {ends:%Y-%m-%d}"
    left = ends - now
    if left > _CERTIFICATE_NOTE:
        yield Check("tls", "ok", text)
        return
    days = max(0, left.days)
    text += f", which is in {days} day{'' if days == 1 else 's'}"
    if left > _CERTIFICATE_PROBLEM:
        yield Check("tls", "note", text)
    else:
        yield Check("tls", "problem", text, "renew it now: nothing is asked of a server with an expired certificate")


def clock(contact: Contact) -> Iterator[Check]:
    """Yield the line about the clocks, where the server told its own."""
    if contact.skew is None:
        return
    off, way = abs(contact.skew), "ahead of" if contact.skew > timedelta() else "behind"
    text = f"its clock is {_length(off)} {way} this machine's"
    if off < _SKEW_NOTE:
        yield Check("clock", "ok", "its clock and this machine's agree")
    elif off < _SKEW_PROBLEM:
        yield Check("clock", "note", text)
    else:
        yield Check("clock", "problem", text, "set this machine's clock by NTP; if it is right, the server's is wrong")


def budget(found: Budget | None, unit: str) -> Iterator[Check]:
    """Yield the line about a limit, where the server told one; `unit` is what it counts."""
    if found is None:
        return
    of = f" of {found.limit:,}" if found.limit is not None else ""
    per = f" in {_length(found.window)}" if found.window else ""
    until = f", counted anew at {found.resets:%H:%M} UTC" if found.resets else ""
    text = f"{found.remaining:,}{of} {unit} are left{per}{until}"
    if found.remaining == 0:
        yield Check("budget", "problem", text, "wait until it is counted anew, or log in for a higher limit")
    elif found.limit is not None and found.remaining <= _LOW_SHARE * found.limit:
        yield Check("budget", "note", text)
    else:
        yield Check("budget", "ok", text)


def proxy(address: str | None) -> Iterator[Check]:
    """Yield that a proxy is in use, as the environment has it."""
    if address is not None:
        yield Check("proxy", "ok", f"asked through {address}, which looks the name up itself")


def _length(time: timedelta) -> str:
    seconds = round(time.total_seconds())
    for unit, size in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size or (seconds >= size and seconds % size == 0):
            return f"{seconds // size} {unit}"
    return f"{seconds} s"

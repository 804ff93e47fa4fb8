"""What is to be thought of the ledger and of the settings."""

from __future__ import annotations

from collections.abc import Iterator

from pinbot.diagnosis.facts import LedgerFacts, SettingsFacts
from pinbot.diagnosis.finding import Check, Subject

_ELSEWHERE = "let this user read and write it and its folder, or name another place with --ledger"


def ledger(facts: LedgerFacts) -> Subject:
    """Return all that is to be said of the ledger."""
    return Subject("ledger", facts.where or "none", tuple(_ledger(facts)), facts)


def settings(facts: SettingsFacts) -> Subject:
    """Return all that is to be said of the settings; that they can be read at all is known by now."""
    return Subject("settings", facts.file or "defaults", tuple(_settings(facts)), facts)


def _ledger(facts: LedgerFacts) -> Iterator[Check]:
    if facts.where is None:
        text = "there is none, so nothing is remembered: cooldowns begin anew with each run"
        yield Check("place", "note", text)
        return
    if facts.unreadable is not None:
        yield Check("readable", "problem", facts.unreadable, _ELSEWHERE)
    elif not facts.exists:
        yield Check("readable", "ok", "it is not there yet; the first run that has something to remember makes it")
    else:
        seen = f"{facts.sightings or 0:,} sighting{'' if facts.sightings == 1 else 's'}"
        yield Check("readable", "ok", f"it holds {seen}")
    if facts.unwritable is not None:
        yield Check("writable", "problem", facts.unwritable, _ELSEWHERE)
    elif not facts.is_written:
        yield Check("writable", "note", "it is not written to for trying; a sweep says so where it cannot")
    elif facts.unreadable is None:
        yield Check("writable", "ok", "it can be written")


def _settings(facts: SettingsFacts) -> Iterator[Check]:
    text = facts.file or "no settings file: the defaults count"
    yield Check("file", "ok", text)
    if facts.repository_file is not None:
        yield Check("repository", "ok", f"{facts.repository_file} narrows them for this repository")
    if facts.docker_config is not None:
        yield Check("docker config", "ok", f"logins are read from {facts.docker_config}")
    for proxy in facts.proxies:
        yield Check("proxy", "ok", f"hosts are asked through {proxy}")
    for said in facts.useless:
        yield Check("proxy", "problem", said, "correct `proxy` in the settings, or HTTPS_PROXY and HTTP_PROXY")
    for said in facts.unreadable:
        yield Check("file", "problem", said, "let this user read it, or name another in the settings")

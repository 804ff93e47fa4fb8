"""What is to be thought of what doctor found out: each fact, and the line that it becomes."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pinbot.diagnosis import forges, registries, surroundings
from pinbot.diagnosis.facts import (
    Account,
    Budget,
    Contact,
    Failure,
    ForgeFacts,
    LedgerFacts,
    Login,
    RegistryFacts,
    SettingsFacts,
    Trial,
)
from pinbot.diagnosis.finding import Check, Level
from pinbot.registry.examine import read_budget

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
IMAGE = "r.example/a:1"
CONTACT = Contact("https://r.example", 401, 0.1, timedelta(), NOW + timedelta(days=90))
GOOD = RegistryFacts(
    "r.example",
    {"registry": "https://r.example"},
    references=1,
    contact=CONTACT,
    looks_like_registry=True,
    challenge="bearer",
    login=Login("settings", "robot"),
    trial=Trial(IMAGE, 200),
)

# (what is another way, which line changes, its level, a word of its text or remedy)
REGISTRIES: dict[str, tuple[dict[str, Any], str, Level, str]] = {
    "let in": ({}, "login", "ok", "accepted"),
    "let in as a stranger": ({"login": Login()}, "login", "ok", "without a login"),
    "a login where none is asked for": ({"challenge": "open"}, "login", "ok", "without a login"),
    "nothing to try": ({"trial": None}, "login", "note", "no scanned file"),
    "401 with a login": ({"trial": Trial(IMAGE, 401)}, "login", "problem", "may read it"),
    "401 to the login alone": ({"trial": Trial(IMAGE, 401, is_login_bad=True)}, "login", "problem", "log in again"),
    "401 as a stranger": ({"login": Login(), "trial": Trial(IMAGE, 401)}, "login", "problem", "docker login r.example"),
    "403": ({"trial": Trial(IMAGE, 403)}, "login", "problem", "permission"),
    "404": ({"trial": Trial(IMAGE, 404)}, "login", "note", "only the reference"),
    "404 of what everyone has": ({"trial": Trial(IMAGE, 404, is_own=False)}, "login", "problem", "404"),
    "429": ({"trial": Trial(IMAGE, 429)}, "login", "problem", "wait"),
    "503": ({"trial": Trial(IMAGE, 503)}, "login", "problem", "later"),
    "no answer": ({"trial": Trial(IMAGE, None, "cut off")}, "login", "problem", "cut off"),
    "open to strangers alone": ({"trial": Trial(IMAGE, 200, as_stranger=True)}, "login", "problem", "out of date"),
    "no name": ({"contact": Failure("dns", "no such name")}, "reachable", "problem", "DNS"),
    "nobody": ({"contact": Failure("refused", "refused")}, "reachable", "problem", "firewall"),
    "a certificate": ({"contact": Failure("tls", "expired")}, "reachable", "problem", "ca-file"),
    "what nobody foresaw": ({"contact": Failure("odd", "odd")}, "reachable", "problem", "right server"),
    "a login page": ({"looks_like_registry": False}, "registry", "problem", "endpoint"),
    "another scheme": ({"challenge": "unknown"}, "registry", "problem", "Basic or Bearer"),
    "plain http with a login": ({"plain_http": True}, "credential", "problem", "https"),
    "plain http without one": ({"plain_http": True, "login": Login()}, "credential", "ok", "stranger"),
    "a password that is not set": ({"misconfigured": "NOPE is not set"}, "settings", "problem", "NOPE"),
    "a redirect": ({"contact": replace(CONTACT, origin="https://x")}, "redirect", "note", "https://x"),
    "a warning": ({"warnings": ("its token server is elsewhere",)}, "remark", "note", "elsewhere"),
    "a proxy": ({"proxy": "http://p:3128"}, "proxy", "ok", "http://p:3128"),
    "enough left": ({"budget": Budget(100, 90, timedelta(hours=6))}, "budget", "ok", "90 of 100 pulls are left in 6 h"),
    "little left": ({"budget": Budget(100, 10)}, "budget", "note", "10 of 100"),
    "nothing left": ({"budget": Budget(100, 0)}, "budget", "problem", "wait"),
    "a limit that is not told": ({"budget": Budget(None, 5)}, "budget", "ok", "5 pulls"),
    "clocks that agree": ({}, "clock", "ok", "agree"),
    "a minute apart": ({"contact": replace(CONTACT, skew=timedelta(seconds=61))}, "clock", "note", "61 s ahead of"),
    "an hour apart": ({"contact": replace(CONTACT, skew=-timedelta(hours=1))}, "clock", "problem", "1 h behind"),
    "a good certificate": ({}, "tls", "ok", "2027-02-19"),
    "two weeks left": (
        {"contact": replace(CONTACT, certificate_ends=NOW + timedelta(days=13))}, "tls", "note", "in 13 days"
    ),
    "a day left": (
        {"contact": replace(CONTACT, certificate_ends=NOW + timedelta(days=1))}, "tls", "problem", "in 1 day"
    ),
}  # fmt: skip


@pytest.mark.parametrize(("news", "what", "level", "word"), REGISTRIES.values(), ids=REGISTRIES)
def test_a_registry(news: dict[str, Any], what: str, level: Level, word: str) -> None:
    checks = registries.judged(replace(GOOD, **news), NOW).checks
    assert any(c.what == what and c.level == level and word in f"{c.text} {c.remedy}" for c in checks), checks
    assert level == "problem" or not any(c.level == "problem" for c in checks), checks


HUB = ForgeFacts(
    "github.com",
    "github",
    contact=Contact("https://api.github.com", 200, 0.1, timedelta()),
    account=Account("pinner", "a classic token", ("repo",)),
    budget=Budget(5000, 4990, resets=NOW),
    repository="acme/api",
    git="main",
)
FORGES: dict[str, tuple[dict[str, Any], str, Level, str]] = {
    "all is well": ({}, "git", "ok", "main"),
    "a token that is refused": ({"account": Failure("401", "bad")}, "token", "problem", "log in again"),
    "a permission is missing": (
        {"account": Account("x", "GitHub App", ("contents (read)",), ("contents (write)",))},
        "permissions", "problem", "contents (write)",
    ),
    "permissions that are not told": ({"account": Account("x", "a token")}, "permissions", "note", "not told"),
    "a token that ends": (
        {"account": Account("x", "a token", ends=NOW + timedelta(days=3))}, "token", "note", "2026-11-24"
    ),
    "no repository": ({"repository": Failure("none", "none"), "git": None}, "repositories", "note", "none"),
    "repositories that are refused": (
        {"repository": Failure("401", "no"), "git": None}, "repositories", "problem", "log in again"
    ),
    "an empty repository": ({"git": Failure("empty", "no commit")}, "git", "note", "no commit"),
    "git is not let in": ({"git": Failure("git", "403")}, "git", "problem", "read contents"),
    "a limit that is used up": ({"budget": Budget(5000, 0, resets=NOW)}, "budget", "problem", "at 12:00 UTC"),
    "nobody is there": ({"contact": Failure("timeout", "late")}, "reachable", "problem", "late"),
    "a token that is not set": ({"misconfigured": "TOKEN is not set"}, "settings", "problem", "TOKEN"),
}  # fmt: skip


@pytest.mark.parametrize(("news", "what", "level", "word"), FORGES.values(), ids=FORGES)
def test_a_forge(news: dict[str, Any], what: str, level: Level, word: str) -> None:
    checks = forges.judged(replace(HUB, **news), NOW).checks
    assert any(c.what == what and c.level == level and word in f"{c.text} {c.remedy}" for c in checks), checks


LEDGERS: dict[str, tuple[LedgerFacts, list[tuple[str, Level]]]] = {
    "none": (LedgerFacts(None), [("place", "note")]),
    "to be made": (LedgerFacts("l.db"), [("readable", "ok"), ("writable", "ok")]),
    "cannot be made": (LedgerFacts("l.db", unwritable="no"), [("readable", "ok"), ("writable", "problem")]),
    "in use": (LedgerFacts("l.db", exists=True, sightings=3), [("readable", "ok"), ("writable", "ok")]),
    "broken": (LedgerFacts("l.db", exists=True, unreadable="no"), [("readable", "problem")]),
    "may not be written": (
        LedgerFacts("l.db", exists=True, sightings=1, unwritable="no"), [("readable", "ok"), ("writable", "problem")]
    ),
    "in a ref": (
        LedgerFacts("ref", exists=True, sightings=1, is_written=False), [("readable", "ok"), ("writable", "note")]
    ),
}  # fmt: skip


@pytest.mark.parametrize(("facts", "levels"), LEDGERS.values(), ids=LEDGERS)
def test_a_ledger(facts: LedgerFacts, levels: list[tuple[str, Level]]) -> None:
    assert [(c.what, c.level) for c in surroundings.ledger(facts).checks] == levels


def test_a_file_that_cannot_be_read_is_a_problem_of_the_settings() -> None:
    subject = surroundings.settings(SettingsFacts("s.yaml", proxies=("http://p for https",), unreadable=("k.pem: no",)))
    assert [c.level for c in subject.checks] == ["ok", "ok", "problem"]


def test_a_problem_has_a_remedy() -> None:
    with pytest.raises(AssertionError, match="needs a remedy"):
        Check("login", "problem", "no")


def test_no_fact_holds_a_secret() -> None:
    for kind in (RegistryFacts, ForgeFacts, LedgerFacts, SettingsFacts, Login, Account, Trial):
        assert not any("Secret" in str(field.type) for field in fields(kind))


BUDGETS: dict[str, tuple[dict[str, str], Budget | None]] = {
    "Docker Hub": (
        {"ratelimit-limit": "100;w=21600", "ratelimit-remaining": "76;w=21600"}, Budget(100, 76, timedelta(hours=6))
    ),
    "no window": ({"ratelimit-remaining": "76"}, Budget(None, 76)),
    "spaces": ({"ratelimit-remaining": " 76 ; w = 60 "}, Budget(None, 76, timedelta(minutes=1))),
    "unlimited: nothing is told": ({}, None),
    "a limit alone": ({"ratelimit-limit": "100;w=21600"}, None),
    "a word": ({"ratelimit-remaining": "many"}, None),
    "a negative number": ({"ratelimit-remaining": "-1;w=21600"}, None),
    "an endless number": ({"ratelimit-remaining": "9" * 5000}, None),
    "a window of nought": ({"ratelimit-remaining": "5;w=0"}, Budget(None, 5, timedelta())),
}  # fmt: skip


@pytest.mark.parametrize(("headers", "budget"), BUDGETS.values(), ids=BUDGETS)
def test_reads_what_is_left(headers: dict[str, str], budget: Budget | None) -> None:
    assert read_budget(headers) == budget

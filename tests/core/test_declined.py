"""What was declined by closing a pull request is refused, and what comes next is looked for (semantics "6.")."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pinbot.oci.reference import Reference
from pinbot.planning.declined import Closed, Declined, digest_token, name_token, pin_token, tag_token
from pinbot.planning.outcome import Change, Kept
from tests.core.days import Days
from tests.core.test_digest_days import changed, current, pinned
from tests.core.test_moves import shop

NGINX = Reference.parse("nginx:1.27")


def no(*tokens: str) -> Declined:
    """Decline these in pull request 7."""
    return Declined(dict.fromkeys(tokens, Closed(7)))


def refused(decision: Change | Kept, what: str) -> None:
    assert isinstance(decision, Kept), decision
    assert decision.outcome == "refused"
    assert decision.reason.startswith(f"pull request #7 with {what} was closed without merging")
    assert "reopen it, or run with `--now nginx`" in decision.reason


def test_a_declined_pin_is_refused_without_a_request() -> None:
    days = Days()
    days.push("1.27", "a")
    days.declined = no(pin_token("Dockerfile", NGINX))
    refused(days.bump(), "pinning it")
    assert days.requests == []


@pytest.mark.parametrize(
    ("path", "reference"),
    [
        pytest.param("deploy/Dockerfile", "nginx:1.27", id="in another file"),
        pytest.param("Dockerfile", "nginx:1.28", id="of another tag"),
        pytest.param("Dockerfile", "ghcr.io/acme/nginx:1.27", id="of another image"),
    ],
)
def test_a_pin_that_was_declined_elsewhere_says_nothing(path: str, reference: str) -> None:
    days = Days()
    days.push("1.27", "a")
    days.declined = no(pin_token(path, Reference.parse(reference)))
    changed(days.bump(), "pin")


def test_a_declined_digest_is_refused_and_the_next_one_is_taken() -> None:
    days = Days()
    days.push("1.27", "a")
    pinned(days)
    declined = days.push("1.27", "b")
    days.declined = no(digest_token(NGINX, declined))
    refused(days.bump(), f"the digest {declined.short}")
    days.pass_by(days=1)
    assert changed(_bump_after(days, "c")).new.digest != declined


def _bump_after(days: Days, content: str) -> Change | Kept:
    days.push("1.27", content)
    return days.bump()


def test_a_declined_tag_is_passed_over() -> None:
    days = shop("nginx:1.27.1", "1.27.1", "1.27.2", "1.27.3", level="patch")
    days.declined = no(tag_token(NGINX, "1.27.3"))
    assert changed(days.bump(), "patch").new.tag == "1.27.2"


def test_a_declined_name_stays_as_it_is_written() -> None:
    days = Days(qualify=True)
    digest = days.push("1.27", "a")
    days.declined = no(name_token("Dockerfile", NGINX))
    assert str(changed(days.bump(), "pin").new) == f"nginx:1.27@{digest}"
    refused(days.bump(), "its name in full")


@pytest.mark.parametrize("urgent", ["nginx", "nginx:1.27", "docker.io/library/*"])
def test_what_is_asked_for_now_is_not_refused(urgent: str) -> None:
    days = Days()
    days.push("1.27", "a")
    pinned(days)
    days.declined, days.urgent = no(digest_token(NGINX, days.push("1.27", "b"))), (urgent,)
    changed(days.bump())
    days = Days()
    days.push("1.27", "a")
    days.declined, days.urgent = no(pin_token("Dockerfile", NGINX)), (urgent,)
    changed(days.bump(), "pin")


def test_what_is_dead_is_replaced_by_something_that_nobody_declined() -> None:
    days = Days(cooldown=timedelta(0))
    old = days.push("1.27", "a")
    pinned(days)
    days.pass_by(days=1)
    between = days.push("1.27", "b")
    days.declined = no(digest_token(NGINX, between))
    refused(days.bump(), f"the digest {between.short}")
    days.pass_by(days=1)
    newest = days.push("1.27", "c")
    days.delete(old)
    days.declined = no(digest_token(NGINX, newest), digest_token(NGINX, between))
    decision = days.bump()
    assert isinstance(decision, Kept)
    assert decision.outcome == "refused"
    days.declined = no(digest_token(NGINX, newest))
    decision = changed(days.bump(), "replace")
    assert decision.new.digest == between
    assert decision.rescues


def test_a_refresh_and_a_better_name_rescue_nothing() -> None:
    days = Days()
    days.push("1.27", "a")
    pinned(days)
    days.push("1.27", "b")
    assert not changed(days.bump()).rescues
    precise = shop("nginx:1.27", "1.27", tag="precise")
    precise.names("1.27.3", precise.shelf.tags["1.27"])
    assert not changed(precise.bump(), "pin").rescues


def test_a_newer_tag_rescues_where_the_present_digest_is_gone() -> None:
    days = shop("nginx:1.27.1", "1.27.1", level="patch")
    pinned(days, "1.27.1")
    days.delete(days.shelf.tags["1.27.1"])
    days.push("1.27.1", "rebuilt")
    days.push("1.27.2", "next")
    decision = changed(days.bump(), "patch")
    assert decision.rescues
    current(days.bump())

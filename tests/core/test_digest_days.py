"""Digests over days: cooldown, settling, the no-op, returns, dead digests (semantics "3." and "5.")."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from pinbot.oci.digest import Digest
from pinbot.oci.manifest import OCI_INDEX, OCI_MANIFEST, Descriptor, Index
from pinbot.oci.platform import Platform
from pinbot.oci.reference import Reference
from pinbot.oci.resolution import Answer, Content, Question, Served
from pinbot.planning.known import Known
from pinbot.planning.outcome import Change, Kept
from pinbot.planning.platforms import compare
from pinbot.planning.rules import Denied, Rulebook
from tests.core.days import PATH, REGISTRY, START, Days
from tests.fakes.memory import MemoryLedger

THREE_DAYS = timedelta(days=3)
SOURCE = "org.opencontainers.image.source"
VERSION = "org.opencontainers.image.version"


def pinned(days: Days, tag: str = "1.27") -> Days:
    """Pin what the tag names, and let the ledger see it."""
    assert isinstance(days.bump(), Change)
    assert days.reference == f"nginx:{tag}@{days.shelf.tags[tag]}"
    return days


def held(decision: Change | Kept) -> Kept:
    assert isinstance(decision, Kept), decision
    assert decision.outcome == "held", decision.reason
    assert decision.until is not None
    return decision


def current(decision: Change | Kept) -> Kept:
    assert isinstance(decision, Kept), decision
    assert decision.outcome == "current", decision.reason
    return decision


def changed(decision: Change | Kept, kind: str = "refresh") -> Change:
    assert isinstance(decision, Change), decision
    assert decision.kind == kind
    return decision


def test_the_first_pin_is_not_delayed() -> None:
    days = Days(cooldown=THREE_DAYS)
    days.push("1.27", "a")
    changed(days.bump(), "pin")


def test_without_a_cooldown_a_new_digest_is_taken_at_once() -> None:
    days = Days()
    days.push("1.27", "a")
    pinned(days)
    new = days.push("1.27", "b")
    assert changed(days.bump()).new.digest == new


def test_a_new_digest_waits_until_it_is_old_enough() -> None:
    days = Days(cooldown=THREE_DAYS)
    days.push("1.27", "a")
    pinned(days)
    days.pass_by(days=1)
    days.push("1.27", "b")
    kept = held(days.bump())
    assert kept.until == days.now + THREE_DAYS
    assert kept.reason == "first seen less than a minute ago, cooldown 3 days"
    days.pass_by(days=2)
    assert held(days.bump()).reason == "first seen 2 days ago, cooldown 3 days"
    days.pass_by(days=1)
    changed(days.bump())


def test_a_tag_that_is_rebuilt_daily_moves_every_day_to_the_digest_of_three_days_ago() -> None:
    days = Days(cooldown=THREE_DAYS)
    digests = [days.push("1.27", "day 0")]
    pinned(days)
    for day in range(1, 12):
        days.pass_by(days=1)
        digests.append(days.push("1.27", f"day {day}"))
        decision = days.bump()
        if day < 4:
            assert held(decision).until == START + timedelta(days=4)
        else:
            assert changed(decision).new.digest == digests[day - 3]
            assert "the newest digest that is old enough" in changed(decision).reason


def test_nothing_is_promised_for_the_day_on_which_a_denied_digest_is_old_enough() -> None:
    days = Days(cooldown=THREE_DAYS)
    days.push("1.27", "a")
    pinned(days)
    days.book = Rulebook(denied=(Denied(days.push("1.27", "bad"), "config.yaml:3"),))
    days.bump()
    days.pass_by(days=1)
    days.push("1.27", "good")
    assert held(days.bump()).until == days.now + THREE_DAYS


def test_a_digest_that_is_old_enough_and_gone_is_passed_over() -> None:
    days = Days(cooldown=THREE_DAYS)
    days.push("1.27", "a")
    pinned(days)
    days.pass_by(days=1)
    first = days.push("1.27", "b")
    days.bump()
    days.pass_by(hours=1)
    second = days.push("1.27", "c")
    days.bump()
    days.pass_by(days=2)
    days.push("1.27", "d")
    days.bump()
    days.pass_by(days=1)
    days.delete(second)
    assert changed(days.bump()).new.digest == first


def test_what_came_before_the_pin_is_never_a_target() -> None:
    days = Days(cooldown=THREE_DAYS)
    days.push("1.27", "a")
    pinned(days)
    days.pass_by(days=5)
    by_hand = days.push("1.27", "b")
    days.bump()
    days.pass_by(days=5)
    days.workspace.files["Dockerfile"] = f"FROM nginx:1.27@{by_hand}\n".encode()
    days.push("1.27", "c")
    held(days.bump())
    assert days.reference.endswith(str(by_hand))


def test_without_a_ledger_a_push_date_stands_in_and_says_so() -> None:
    days = Days(cooldown=THREE_DAYS)
    old = days.push("1.27", "a")
    days.workspace.files["Dockerfile"] = f"FROM nginx:1.27@{old}\n".encode()
    days.push("1.27", "b")
    days.shelf.pushed["1.27"] = days.now - timedelta(days=2)
    kept = held(days.bump())
    assert (kept.reason, kept.until) == ("pushed 2 days ago, cooldown 3 days", days.now + timedelta(days=1))
    days.pass_by(days=1)
    changed(days.bump())


def test_no_push_date_is_asked_for_where_nothing_waits() -> None:
    days = Days()
    days.push("1.27", "a")
    pinned(days)
    days.push("1.27", "b")
    days.bump()
    assert days.requests == ["Alive", "Head"]


@pytest.mark.parametrize("jump", [pytest.param(-10, id="backward"), pytest.param(10, id="forward")])
def test_the_clock_of_this_machine_may_jump_and_the_registrys_is_believed(jump: int) -> None:
    days = Days(cooldown=THREE_DAYS)
    days.push("1.27", "a")
    pinned(days)
    days.shelf.date = START + timedelta(days=1)
    days.push("1.27", "b")
    days.now = START + timedelta(days=1 + jump)
    held(days.bump())
    days.now = days.shelf.date = START + timedelta(days=2)
    held(days.bump())


def test_the_registrys_clock_alone_cannot_release_anything() -> None:
    days = Days(cooldown=THREE_DAYS)
    days.push("1.27", "a")
    pinned(days)
    days.push("1.27", "b")
    days.bump()
    days.shelf.date = days.now + timedelta(days=30)
    held(days.bump())


ABSURD = {
    "the year 9999": datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
    "the year 1": datetime(1, 1, 1, tzinfo=UTC),
    "1970": datetime(1970, 1, 1, tzinfo=UTC),
    "years ahead": START + timedelta(days=900),
    "years behind": START - timedelta(days=900),
}


@pytest.mark.parametrize("date", ABSURD.values(), ids=ABSURD)
def test_an_absurd_clock_of_a_registry_delays_by_two_weeks_and_not_for_ever(date: datetime) -> None:
    days = Days(cooldown=THREE_DAYS)
    days.push("1.27", "a")
    pinned(days)
    days.push("1.27", "b")
    days.shelf.date = date
    for _ in range(3):
        held(days.bump())
        days.pass_by(days=1)
    days.pass_by(days=14)
    changed(days.bump())


@pytest.mark.parametrize("date", ABSURD.values(), ids=ABSURD)
def test_an_absurd_clock_leaves_nothing_in_the_ledger_that_blocks_or_frees_later_digests(date: datetime) -> None:
    days = Days(cooldown=THREE_DAYS)
    days.push("1.27", "a")
    days.shelf.date = date
    pinned(days)
    days.bump()
    days.shelf.date = None
    days.pass_by(days=14)
    days.push("1.27", "b")
    held(days.bump())
    days.pass_by(days=3)
    changed(days.bump())


@pytest.mark.parametrize("now", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)], ids=str)
def test_a_clock_at_the_end_of_the_calendar_can_be_compared(now: datetime) -> None:
    assert abs(Served(Digest.of(b""), "", START).clock(now) - now) == timedelta(days=14)


BOTH = {"linux/amd64": "a", "linux/arm64": "a"}


def test_an_index_that_only_gained_an_attestation_is_current() -> None:
    days = Days()
    days.push("1.27", BOTH)
    pinned(days)
    days.push("1.27", BOTH, attestation="made on a Monday")
    assert "the images in it for every platform are the same" in current(days.bump()).reason
    days.push("1.27", BOTH, attestation="made on a Tuesday")
    current(days.bump())


def test_only_the_declared_platforms_count() -> None:
    days = Days(platforms=(Platform("linux", "amd64"),))
    days.push("1.27", BOTH)
    pinned(days)
    days.push("1.27", {"linux/amd64": "a", "linux/arm64": "b"})
    assert "the declared platforms" in current(days.bump()).reason
    days.push("1.27", {"linux/amd64": "b", "linux/arm64": "b"})
    changed(days.bump())


def test_an_index_that_grows_back_to_its_platforms_is_one_change_in_the_end() -> None:
    days = Days()
    days.push("1.27", {"linux/amd64": "a", "linux/arm64": "a", "linux/s390x": "a"})
    pinned(days)
    days.pass_by(days=1)
    changes = 0
    for ready in (["amd64"], ["amd64", "arm64"], ["amd64", "arm64", "s390x"]):
        days.push("1.27", {f"linux/{name}": "b" for name in ready})
        decision = days.bump()
        changes += isinstance(decision, Change)
        if len(ready) < 3:
            assert "yet; taken as it is after 1 day" in held(decision).reason
        days.pass_by(hours=2)
    assert changes == 1


def test_an_index_that_gains_platforms_is_one_change_when_it_has_stopped_growing() -> None:
    days = Days()
    names = ["amd64", "arm64", "s390x", "ppc64le"]
    days.push("1.27", {"linux/amd64": "a"})
    pinned(days)
    for number in range(2, 5):
        days.push("1.27", {f"linux/{name}": "a" for name in names[:number]})
        assert "only grew" in held(days.bump()).reason
        days.pass_by(hours=1)
    days.pass_by(hours=23)
    changed(days.bump())


def test_an_index_that_stays_smaller_is_taken_after_a_day_and_says_so() -> None:
    days = Days()
    days.push("1.27", BOTH)
    pinned(days)
    days.pass_by(days=1)
    days.push("1.27", {"linux/amd64": "b"})
    kept = held(days.bump())
    assert kept.until == days.now + timedelta(hours=24)
    days.pass_by(hours=24)
    assert "no longer for linux/arm64" in changed(days.bump()).reason


def test_without_a_ledger_a_smaller_index_is_taken_a_day_after_it_was_pushed() -> None:
    days = Days()
    days.push("1.27", BOTH)
    pinned(days)
    days.push("1.27", {"linux/amd64": "b"})
    days.shelf.pushed["1.27"] = days.now
    for hours in (10, 10):
        days.pass_by(hours=hours)
        days.ledger = MemoryLedger()
        assert held(days.bump()).until == days.shelf.pushed["1.27"] + timedelta(hours=24)
        assert held(days.bump()).until == days.shelf.pushed["1.27"] + timedelta(hours=24)
    days.pass_by(hours=4)
    days.ledger = MemoryLedger()
    changed(days.bump())


def test_a_flapping_index_is_never_followed() -> None:
    days = Days()
    one = days.push("1.27", "a")
    pinned(days)
    days.pass_by(hours=6)
    two = days.push("1.27", "b")
    changed(days.bump())
    for digest in (one, two, one, two):
        days.pass_by(hours=6)
        days.names("1.27", digest)
        decision = days.bump()
        assert isinstance(decision, Kept), decision
    assert days.reference.endswith(str(two))


def test_a_withdrawal_is_followed_when_it_has_lasted() -> None:
    days = Days()
    good = days.push("1.27", "good")
    pinned(days)
    days.pass_by(days=1)
    bad = days.push("1.27", "bad")
    assert changed(days.bump()).new.digest == bad
    days.pass_by(days=1)
    days.names("1.27", good)
    assert held(days.bump()).until == days.now + timedelta(hours=24)
    days.pass_by(hours=24)
    change = changed(days.bump())
    assert change.new.digest == good
    assert change.reason.startswith("rollback: ")


def test_what_was_taken_back_is_no_candidate_again() -> None:
    days = Days(cooldown=THREE_DAYS)
    days.push("1.27", "old")
    pinned(days)
    days.pass_by(days=1)
    good = days.push("1.27", "good")
    days.bump()
    days.pass_by(hours=1)
    days.push("1.27", "bad")
    days.bump()
    days.pass_by(hours=1)
    days.names("1.27", good)
    days.bump()
    days.pass_by(days=4)
    assert changed(days.bump()).new.digest == good


def test_a_dead_digest_is_replaced_at_once_by_the_newest_that_is_old_enough() -> None:
    days = Days(cooldown=THREE_DAYS)
    old = days.push("1.27", "a")
    pinned(days)
    days.pass_by(days=1)
    middle = days.push("1.27", "b")
    days.bump()
    days.pass_by(days=3)
    days.push("1.27", "c")
    days.delete(old)
    change = changed(days.bump(), "replace")
    assert change.new.digest == middle
    assert "is gone" in change.reason


def test_a_dead_digest_is_replaced_by_the_present_one_where_nothing_is_old_enough() -> None:
    days = Days(cooldown=THREE_DAYS)
    old = days.push("1.27", "a")
    pinned(days)
    days.delete(old)
    new = days.push("1.27", "b")
    change = changed(days.bump(), "replace")
    assert change.new.digest == new
    assert "younger than the cooldown" in change.reason


def test_a_pinned_index_with_a_dead_child_does_not_wait() -> None:
    days = Days(cooldown=THREE_DAYS)
    days.push("1.27", BOTH)
    pinned(days)
    child = days.shelf.contents[days.shelf.tags["1.27"]]
    new = days.push("1.27", {"linux/amd64": "b", "linux/arm64": "b"})
    held(days.bump())
    days.delete(child.manifests[1].digest)  # type: ignore[union-attr] # it is an index
    change = changed(days.bump(), "replace")
    assert change.new.digest == new
    assert "its image for linux/arm64 is gone" in change.reason


@pytest.mark.parametrize("cooldown", [timedelta(), THREE_DAYS])
def test_an_image_that_is_gone_does_not_let_in_what_replaced_the_version(cooldown: timedelta) -> None:
    days = Days("nginx:1.27.3", cooldown=cooldown)
    days.push("1.27.3", BOTH, labels=FULL)
    pinned(days, "1.27.3")
    child = arm_of(days, "1.27.3")
    days.push("1.27.3", both("b"), labels=FULL | {SOURCE: "https://example.org/evil"})
    days.delete(child)
    kept = days.bump()
    assert isinstance(kept, Kept)
    assert (kept.outcome, "source label changed" in kept.reason) == ("held", True)


def test_a_pin_of_one_platform_follows_that_platform_where_the_ledger_proves_it() -> None:
    days = Days()
    days.push("1.27", BOTH)
    index = days.shelf.contents[days.shelf.tags["1.27"]]
    arm = index.manifests[1].digest  # type: ignore[union-attr] # it is an index
    days.workspace.files["Dockerfile"] = f"FROM nginx:1.27@{arm}\n".encode()
    assert "one image of the present index (linux/arm64)" in current(days.bump()).reason
    days.pass_by(days=1)
    days.push("1.27", {"linux/amd64": "b", "linux/arm64": "b"})
    new = days.shelf.contents[days.shelf.tags["1.27"]].manifests[1].digest  # type: ignore[union-attr] # it is an index
    change = changed(days.bump())
    assert change.new.digest == new
    assert change.reason == "the image for linux/arm64, as before"


def arm_pinned(days: Days) -> Digest:
    """Pin the arm64 image of what 1.27 names, and let the ledger see the index that it is from."""
    days.workspace.files["Dockerfile"] = f"FROM nginx:1.27@{arm_of(days)}\n".encode()
    current(days.bump())
    return arm_of(days)


def arm_of(days: Days, tag: str = "1.27") -> Digest:
    index = days.shelf.contents[days.shelf.tags[tag]]
    return index.manifests[1].digest  # type: ignore[union-attr] # it is an index


def both(content: str) -> dict[str, str]:
    return {"linux/amd64": content, "linux/arm64": content}


def test_a_pin_of_one_platform_moves_too_where_its_tag_is_rebuilt_daily() -> None:
    days = Days(cooldown=THREE_DAYS)
    days.push("1.27", both("day 0"))
    arms = [arm_pinned(days)]
    for day in range(1, 12):
        days.pass_by(days=1)
        days.push("1.27", both(f"day {day}"))
        arms.append(arm_of(days))
        decision = days.bump()
        if day < 4:
            assert held(decision).until == START + timedelta(days=4)
        else:
            assert changed(decision).new.digest == arms[day - 3]


def test_a_pin_of_one_platform_does_not_follow_a_flapping_index() -> None:
    days = Days()
    days.push("1.27", both("a"))
    first = days.shelf.tags["1.27"]
    arm_pinned(days)
    days.pass_by(days=1)
    days.push("1.27", both("b"))
    changed(days.bump())
    days.names("1.27", first)
    assert "went back" in held(days.bump()).reason


def test_a_dead_pin_of_one_platform_is_replaced_by_that_platform() -> None:
    days = Days(cooldown=THREE_DAYS)
    days.push("1.27", both("a"))
    old, index = arm_pinned(days), days.shelf.tags["1.27"]
    days.push("1.27", both("b"))
    days.delete(old)
    days.delete(index)
    assert changed(days.bump(), "replace").new.digest == arm_of(days)


def test_a_dead_pin_of_one_platform_is_not_replaced_by_another_platform() -> None:
    days = Days()
    days.push("1.27", both("a"))
    days.delete(arm_pinned(days))
    days.push("1.27", {"linux/amd64": "b"})
    kept = days.bump()
    assert isinstance(kept, Kept)
    assert kept.outcome == "refused"
    assert "has no image for linux/arm64 to replace it" in kept.reason


@pytest.mark.parametrize("which", ["the image", "its index"])
def test_a_pin_of_one_platform_never_becomes_what_is_denied(which: str) -> None:
    days = Days()
    days.push("1.27", both("a"))
    arm_pinned(days)
    days.push("1.27", both("b"))
    digest = arm_of(days) if which == "the image" else days.shelf.tags["1.27"]
    days.book = Rulebook(denied=(Denied(digest, "config.yaml:3"),))
    kept = days.bump()
    assert isinstance(kept, Kept)
    assert (kept.outcome, kept.reason) == ("refused", "config.yaml:3 denies this digest")


def test_a_pin_of_one_platform_under_a_full_version_that_was_replaced_is_held() -> None:
    days = Days("nginx:1.27.3")
    days.push("1.27.3", both("a"), labels=FULL)
    days.workspace.files["Dockerfile"] = f"FROM nginx:1.27.3@{arm_of(days, '1.27.3')}\n".encode()
    days.bump()
    days.push("1.27.3", both("b"), labels=FULL | {SOURCE: "https://example.org/evil"})
    kept = days.bump()
    assert isinstance(kept, Kept)
    assert kept.outcome == "held"
    assert "source label changed" in kept.reason


FULL = {SOURCE: "https://example.com/nginx", VERSION: "1.27.3"}


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        pytest.param(FULL, FULL, "rebuilt: same source", id="rebuilt, say both labels"),
        pytest.param({}, {}, "nothing tells a rebuild from a replacement", id="unverified without labels"),
    ],
)
def test_a_full_version_that_was_rebuilt_is_taken(before: dict[str, str], after: dict[str, str], says: str) -> None:
    days = Days("nginx:1.27.3")
    days.push("1.27.3", "a", labels=before)
    pinned(days, "1.27.3")
    days.push("1.27.3", "b", labels=after)
    assert says in changed(days.bump()).reason


@pytest.mark.parametrize(
    ("labels", "immutable", "says"),
    [
        pytest.param(FULL | {SOURCE: "https://example.org/evil"}, False, "source label changed", id="another source"),
        pytest.param(FULL | {VERSION: "1.28.0"}, False, "version label changed", id="another version"),
        pytest.param(FULL, True, "declared immutable", id="a rule says that it never moves"),
    ],
)
def test_a_full_version_that_was_replaced_is_held(labels: dict[str, str], immutable: bool, says: str) -> None:
    days = Days("nginx:1.27.3", immutable=immutable)
    days.push("1.27.3", "a", labels=FULL)
    pinned(days, "1.27.3")
    days.push("1.27.3", "b", labels=labels)
    kept = days.bump()
    assert isinstance(kept, Kept)
    assert (kept.outcome, says in kept.reason) == ("held", True)


def test_the_second_run_asks_for_no_content_again() -> None:
    days = Days(cooldown=THREE_DAYS)
    days.push("1.27", BOTH)
    pinned(days)
    days.push("1.27", {"linux/amd64": "b", "linux/arm64": "b"})
    held(days.bump())
    assert "Content" in days.requests
    held(days.bump())
    assert "Content" not in days.requests


def test_an_index_of_thousands_of_images_takes_no_longer_than_its_length() -> None:
    children = [
        Descriptor(OCI_MANIFEST, Digest("sha256", f"{n:064x}"), 7, Platform("linux", "amd64")) for n in range(30_000)
    ]
    old, new = (Index(OCI_INDEX, Digest.of(name), tuple(children)) for name in (b"old", b"new"))
    facts: dict[Question, Answer] = {Content(REGISTRY, PATH, index.digest): index for index in (old, new)}
    known = Known(facts, Reference.parse("nginx"))
    start = time.process_time()
    assert compare(known, Served(old.digest, OCI_INDEX), Served(new.digest, OCI_INDEX), ()).same
    assert time.process_time() - start < 2


def test_a_pinned_image_never_becomes_an_index_that_the_tag_has_left() -> None:
    days = Days(cooldown=timedelta(days=2))
    days.push("1.27", {"linux/amd64": "a", "linux/arm64": "a"})
    days.bump()
    index = days.shelf.contents[days.shelf.tags["1.27"]]
    assert isinstance(index, Index)
    days.workspace.files["Dockerfile"] = f"FROM nginx:1.27@{index.manifests[0].digest}\n".encode()
    days.bump()
    days.pass_by(days=3)
    days.push("1.27", {"linux/amd64": "b", "linux/arm64": "a"})
    days.bump()
    days.pass_by(hours=1)
    days.push("1.27", "c")
    days.bump()
    days.pass_by(days=1, hours=23)
    held(days.bump())  # the index is old enough by now, and what the tag names is not
    days.pass_by(hours=1)
    changed(days.bump())
    assert days.reference == f"nginx:1.27@{days.shelf.tags['1.27']}"

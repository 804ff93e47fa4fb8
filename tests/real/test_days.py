"""Day after day at a real registry: rebuilds, cooldowns, growing indexes, withdrawals and deletions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from pinbot.planning.outcome import Change, Kept
from tests.core.test_digest_days import changed, current, held
from tests.real.days import RealDays
from tests.real.registries import Registries

THREE_DAYS = timedelta(days=3)
BOTH = {"linux/amd64": "a", "linux/arm64": "a"}
REBUILT = {"linux/amd64": "b", "linux/arm64": "b"}


@pytest.fixture
def days(registries: Registries, tmp_path: Path) -> Iterator[RealDays]:
    """An empty repository in the registry, and a folder that names its tag 1.27."""
    with RealDays(registries.open, registries.new_path(), tmp_path) as days:
        days.names("1.27")
        yield days


def test_images_that_are_rebuilt_between_runs_are_followed_after_the_cooldown(days: RealDays) -> None:
    days.asks(cooldown=THREE_DAYS)
    days.push.image("1.27", "a")
    changed(days.one(), "pin")
    days.pass_by(days=10)
    new = days.push.image("1.27", "b")
    assert held(days.one()).until == days.proxy.now + THREE_DAYS
    days.pass_by(days=2, hours=23)
    held(days.one())
    days.pass_by(hours=1)
    changed(days.one())
    assert days.digest == new
    current(days.one())


def test_a_tag_that_is_rebuilt_daily_moves_every_day_to_the_digest_of_three_days_ago(days: RealDays) -> None:
    days.asks(cooldown=THREE_DAYS)
    digests = [days.push.image("1.27", "day 0")]
    changed(days.one(), "pin")
    for day in range(1, 12):
        days.pass_by(days=1)
        digests.append(days.push.image("1.27", f"day {day}"))
        end = days.one()
        # Each run looks at the tag, at the pinned digest and at its successor.
        assert days.requests == {"greeting": 1, "head": 1, "alive": 1 if day < 4 else 2}
        if day < 4:
            held(end)
        else:
            changed(end)
        assert days.digest == digests[max(0, day - 3)]


def test_a_deleted_digest_in_the_middle_is_passed_over(days: RealDays) -> None:
    days.asks(cooldown=THREE_DAYS)
    digests = [days.push.image("1.27", "day 0")]
    days.bump()
    for day in range(1, 5):
        days.pass_by(days=1)
        digests.append(days.push.image("1.27", f"day {day}"))
        if day == 4:
            days.push.delete(digests[1])
        end = days.one()
    held(end)
    days.pass_by(days=1)
    changed(days.one())
    assert days.digest == digests[2]


@pytest.mark.parametrize(
    "first",
    [
        pytest.param({"linux/amd64": "a", "linux/arm64": "a", "linux/s390x": "a"}, id="a rebuild that starts small"),
        pytest.param({"linux/amd64": "b"}, id="nothing but growth"),
    ],
)
def test_an_index_that_grows_by_a_platform_for_each_run_is_one_change_in_the_end(
    days: RealDays, first: dict[str, str]
) -> None:
    old = days.push.index("1.27", first)
    changed(days.one(), "pin")
    days.pass_by(days=1)
    platforms = ["linux/amd64", "linux/arm64", "linux/s390x"]
    ends: list[Change | Kept] = []
    for number in range(1, 4):
        new = days.push.index("1.27", dict.fromkeys(platforms[:number], "b"))
        ends.append(days.one())
        days.pass_by(hours=2)
    assert all(isinstance(end, Kept) for end in ends[:-1])
    assert isinstance(ends[-1], Change) or days.digest == old
    days.pass_by(hours=22)
    ends.append(days.one())
    assert sum(isinstance(end, Change) for end in ends) == 1
    assert days.digest == new
    current(days.one())


def test_an_index_that_only_gained_an_attestation_is_no_change_and_is_read_once(days: RealDays) -> None:
    old = days.push.index("1.27", BOTH, attestation="made on a Monday")
    changed(days.one(), "pin")
    for day in ("Tuesday", "Wednesday"):
        days.pass_by(days=1)
        days.push.index("1.27", BOTH, attestation=f"made on a {day}")
        current(days.one())
        assert days.requests["content"] == (2 if day == "Tuesday" else 1)
        current(days.one())
        assert days.requests == {"greeting": 1, "head": 1, "alive": 1}
    assert days.digest == old
    days.push.index("1.27", REBUILT, attestation="made on a Wednesday")
    changed(days.one())


def test_a_deleted_image_of_the_pinned_index_is_replaced_at_once(days: RealDays) -> None:
    days.asks(cooldown=THREE_DAYS)
    old = days.push.index("1.27", BOTH)
    changed(days.one(), "pin")
    days.pass_by(days=10)
    new = days.push.index("1.27", REBUILT)
    held(days.one())
    days.push.delete(days.push.children(old)[1])
    change = changed(days.one(), "replace")
    assert "its image for linux/arm64 is gone (404 twice)" in change.reason
    assert days.digest == new


def test_a_deleted_digest_is_replaced_at_once_by_the_newest_that_is_old_enough(days: RealDays) -> None:
    days.asks(cooldown=THREE_DAYS)
    old = days.push.image("1.27", "a")
    days.bump()
    days.pass_by(days=1)
    middle = days.push.image("1.27", "b")
    days.bump()
    days.pass_by(days=2)
    days.push.image("1.27", "c")
    days.bump()
    days.push.delete(old)
    days.pass_by(hours=1)
    assert "is younger than the cooldown" not in changed(days.one(), "replace").reason or days.digest != middle


def test_a_withdrawal_is_followed_when_it_has_lasted_for_a_day(days: RealDays) -> None:
    good = days.push.image("1.27", "good")
    days.bump()
    days.pass_by(days=1)
    bad = days.push.image("1.27", "bad")
    changed(days.one())
    assert days.digest == bad
    days.pass_by(days=1)
    days.push.retag("1.27", good)
    assert held(days.one()).until == days.proxy.now + timedelta(days=1)
    days.pass_by(days=1)
    assert changed(days.one()).reason.startswith("rollback: the tag went back to what it had had since 1 Nov 2026")
    assert days.digest == good


def test_a_tag_that_flaps_is_not_followed(days: RealDays) -> None:
    one = days.push.image("1.27", "a")
    days.bump()
    days.pass_by(days=1)
    two = days.push.image("1.27", "b")
    changed(days.one())
    for name in (one, two, one, two):
        days.pass_by(hours=6)
        days.push.retag("1.27", name)
        assert isinstance(days.one(), Kept)
    assert days.digest == two


def test_a_floating_tag_becomes_precise_and_a_bare_digest_gets_its_tag_again(days: RealDays) -> None:
    digests = {tag: days.push.image(tag, tag) for tag in ("1.27.1", "1.27.2", "1.27.3", "1.27.3-alpine")}
    for tag in ("1", "1.27", "latest"):
        days.push.retag(tag, "1.27.3")
    days.asks(tag="precise", restore_tag=True)
    days.names("latest", "1.27", f"@{digests['1.27.2']}", f"@{digests['1.27.3-alpine']}")
    assert [end.kind for end in days.bump() if isinstance(end, Change)] == ["pin", "pin", "replace", "replace"]
    found = [(reference.tag, str(reference.digest)) for reference in days.references()]
    wanted = ["1.27.3", "1.27.3", "1.27.2", "1.27.3-alpine"]
    assert found == [(tag, digests[tag]) for tag in wanted]
    assert {type(end) for end in days.bump()} == {Kept}


def test_a_lost_ledger_costs_history_and_nothing_else(days: RealDays) -> None:
    days.asks(cooldown=THREE_DAYS)
    digests = [days.push.image("1.27", "day 0")]
    days.bump()
    for day in range(1, 6):
        days.pass_by(days=1)
        digests.append(days.push.image("1.27", f"day {day}"))
        days.bump()
    assert days.digest == digests[2]
    days.ledger.unlink()
    for day in range(6, 12):
        days.pass_by(days=1)
        digests.append(days.push.image("1.27", f"day {day}"))
        days.bump()
        # The clock begins anew: nothing for three days, and then on as before. Never anything too young.
        assert days.digest == digests[2 if day < 9 else day - 3]


@pytest.mark.parametrize("hours", [-240, 240], ids=["backward", "forward"])
def test_a_machine_whose_clock_has_jumped_releases_nothing(days: RealDays, hours: int) -> None:
    days.asks(cooldown=THREE_DAYS)
    days.push.image("1.27", "a")
    days.bump()
    days.pass_by(days=1)
    days.push.image("1.27", "b")
    days.skew = timedelta(hours=hours)
    held(days.one())
    days.pass_by(days=2)
    held(days.one())

"""Moves to newer tags: level, cooldown, sanity, what is asked for, and what is said of the rest (semantics "4.")."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from pinbot.formats._claims import Claims
from pinbot.formats.dockerfile import FORMAT
from pinbot.oci.digest import Digest
from pinbot.oci.manifest import Index
from pinbot.oci.resolution import Head, Tags
from pinbot.planning.outcome import Change, Kept
from pinbot.planning.policy import Level, Policy, Terms
from pinbot.planning.rules import Denied, Rulebook
from pinbot.run import Doors, Scope, choices
from tests.core.days import START, Days
from tests.core.policies import policy
from tests.core.test_digest_days import BOTH, changed, current, held
from tests.fakes.memory import BUMP

THREE_DAYS = timedelta(days=3)


def shop(reference: str, *tags: str, **values: object) -> Days:
    """A repository with these tags, each an image of its own."""
    days = Days(reference, **values)
    for tag in tags:
        days.push(tag, f"image of {tag}")
    return days


@pytest.mark.parametrize(
    ("level", "new", "kind"),
    [
        pytest.param("patch", "1.27.9", "patch", id="patch"),
        pytest.param("minor", "1.29.0", "minor", id="minor"),
        pytest.param("major", "2.0.1", "major", id="major"),
    ],
)
def test_the_newest_tag_that_the_level_allows_is_taken(level: Level, new: str, kind: str) -> None:
    days = shop("nginx:1.27.1", "1.27.1", "1.27.9", "1.28.0", "1.29.0", "2.0.1", "1.29.0-alpine", "latest", level=level)
    changed(days.bump(), kind)
    assert days.reference == f"nginx:{new}@{days.shelf.tags[new]}"
    current(days.bump())


def test_the_level_digest_asks_for_no_tags() -> None:
    days = shop("nginx:1.27.1", "1.27.1", "1.27.9")
    changed(days.bump(), "pin")
    assert days.requests == ["Head"]


def test_a_move_costs_one_listing_and_one_head_beside_the_heads_of_what_is_pinned() -> None:
    days = shop("nginx:1.27.1", "1.27.1", *(f"1.27.{n}" for n in range(2, 40)), level="patch")
    changed(days.bump(), "patch")
    assert days.requests == ["Head", "Head", "Tags"]


def test_a_tag_that_cannot_move_lists_nothing() -> None:
    days = shop("nginx:bookworm", "bookworm", "trixie", level="major")
    changed(days.bump(), "pin")
    assert days.requests == ["Head"]


def test_a_digest_is_refreshed_where_no_tag_is_newer() -> None:
    days = shop("nginx:1.27", "1.27", level="minor")
    changed(days.bump(), "pin")
    days.push("1.27", "rebuilt")
    changed(days.bump(), "refresh")


def test_a_list_that_is_not_whole_moves_nothing_and_is_no_good_news() -> None:
    days = shop("nginx:1.27.1", "1.27.1", level="patch")
    days.bump()
    days.push("1.27.2", "new")
    days.shelf.complete = False
    kept = days.bump()
    assert isinstance(kept, Kept)
    assert (kept.outcome, kept.status) == ("lookup-failed", "incomplete")


def test_a_pin_is_made_although_the_newer_tag_has_to_wait() -> None:
    days = shop("nginx:1.27.1", "1.27.1", "1.27.2", level="patch", cooldown=THREE_DAYS)
    change = changed(days.bump(), "pin")
    assert "1.27.2: first seen less than a minute ago, cooldown 3 days" in change.reason
    kept = held(days.bump())
    assert kept.until == START + THREE_DAYS
    days.pass_by(days=3)
    changed(days.bump(), "patch")


def test_daily_releases_do_not_starve() -> None:
    days = shop("nginx:1.0.0", "1.0.0", level="patch", cooldown=THREE_DAYS)
    days.bump()
    for day in range(1, 10):
        days.pass_by(days=1)
        days.push(f"1.0.{day}", f"day {day}")
        decision = days.bump()
        if day >= 4:
            assert changed(decision, "patch").new.tag == f"1.0.{day - 3}"


def test_tags_that_were_never_seen_are_not_asked_about_while_the_newest_waits() -> None:
    days = shop("nginx:1.0.0", *(f"1.0.{n}" for n in range(30)), level="patch", cooldown=THREE_DAYS)
    days.bump()
    assert [q.tag for q in days.shelf.asked if isinstance(q, Head)] == ["1.0.0", "1.0.29"]


def test_a_newer_tag_that_is_rebuilt_daily_is_taken_as_it_was_three_days_ago() -> None:
    days = shop("nginx:3.12", "3.12", "3.13", level="minor", cooldown=THREE_DAYS)
    first = days.shelf.tags["3.13"]
    days.bump()
    for day in (1, 2):
        days.pass_by(days=1)
        days.push("3.13", f"day {day}")
        assert held(days.bump()).until == START + THREE_DAYS
    days.pass_by(days=1)
    days.push("3.13", "day 3")
    change = changed(days.bump(), "minor")
    assert change.new.digest == first
    assert change.reason == "the newest digest that is old enough, first seen 1 Nov 2026"
    held(days.bump())


def test_what_a_newer_tag_has_taken_back_is_not_taken() -> None:
    days = shop("nginx:3.12", "3.12", "3.13", level="minor", cooldown=THREE_DAYS)
    first = days.shelf.tags["3.13"]
    days.bump()
    days.push("3.13", "bad")
    days.bump()
    days.names("3.13", first)
    days.bump()
    days.pass_by(days=4)
    days.push("3.13", "good")
    assert changed(days.bump(), "minor").new.digest == first


def test_without_a_ledger_the_newest_tag_that_was_pushed_long_enough_ago_is_taken() -> None:
    days = shop("nginx:1.0.0", *(f"1.0.{n}" for n in range(5)), level="patch", cooldown=THREE_DAYS)
    days.shelf.pushed = {f"1.0.{n}": START - timedelta(days=9 - 2 * n) for n in range(5)}
    assert changed(days.bump(), "patch").new.tag == "1.0.3"
    assert held(days.bump()).reason == "1.0.4: pushed 1 day ago, cooldown 3 days"


def test_only_the_newest_tags_are_looked_up_in_the_books_of_the_registry() -> None:
    days = shop("nginx:1.0.0", *(f"1.0.{n}" for n in range(50)), level="patch", cooldown=THREE_DAYS)
    days.bump()
    assert days.requests.count("Pushed") == 10


def test_a_candidate_without_a_platform_of_the_present_one_is_held_and_the_next_is_taken() -> None:
    days = Days("nginx:1.0.0", level="patch")
    days.push("1.0.0", BOTH)
    days.push("1.0.1", {"linux/amd64": "b", "linux/arm64": "b"})
    days.push("1.0.2", {"linux/amd64": "c"})
    assert changed(days.bump(), "patch").new.tag == "1.0.1"
    kept = days.bump()
    assert isinstance(kept, Kept)
    assert (kept.outcome, kept.reason) == ("held", "1.0.2: it has no image for linux/arm64")


def test_a_major_version_that_was_built_before_the_present_one_is_held() -> None:
    days = Days("nginx:4.6.0", level="major")
    days.push("4.6.0", "new", created=datetime(2026, 10, 1, tzinfo=UTC))
    days.push("14.2.1", "ancient", created=datetime(2019, 5, 1, tzinfo=UTC))
    days.push("14.2.2", "ancient too", created=datetime(2019, 6, 1, tzinfo=UTC))
    change = changed(days.bump(), "pin")
    assert "14.2.2: it was built on 1 Jun 2019, before the present image (1 Oct 2026)" in change.reason


def test_a_build_without_a_date_is_not_held_for_it() -> None:
    days = Days("nginx:4.6.0", level="major")
    days.push("4.6.0", "new", created=datetime(2026, 10, 1, tzinfo=UTC))
    days.push("5.0.0", "reproducible", created=datetime(1970, 1, 1, tzinfo=UTC))
    changed(days.bump(), "major")


def test_an_index_without_the_platform_of_the_present_single_image_is_held() -> None:
    days = Days("nginx:1.0.0", level="patch")
    days.push("1.0.0", "a")
    days.push("1.0.1", {"linux/arm64": "b"})
    assert "1.0.1: it has no image for linux/amd64" in changed(days.bump(), "pin").reason


def test_a_major_version_for_another_platform_is_held() -> None:
    days = Days("nginx:1.0.0", level="major")
    days.push("1.0.0", "a")
    days.push("2.0.0", {"linux/arm64": "b"})
    days.shelf.tags["2.0.0"] = _child(days, "2.0.0", 0)
    reason = changed(days.bump(), "pin").reason
    assert "2.0.0: it is an image for linux/arm64, not for linux/amd64" in reason


def test_a_lone_tag_far_above_all_others_is_held() -> None:
    days = shop("nginx:1.0.0", "1.0.0", "1.1.0", "2.0.0", "9999.0.0", level="major")
    assert changed(days.bump(), "major").new.tag == "2.0.0"
    assert days.requests.count("Head") == 2
    kept = days.bump()
    assert isinstance(kept, Kept)
    assert (kept.outcome, kept.reason.startswith("9999.0.0: ")) == ("held", True)


def test_a_tag_in_the_list_that_is_not_served_is_passed_over() -> None:
    days = shop("nginx:1.0.0", "1.0.0", "1.0.1", "1.0.2", level="patch")
    days.delete(days.shelf.tags["1.0.2"])
    days.shelf.tags["1.0.2"] = days.shelf.tags["1.0.0"]
    assert isinstance(days.bump(), Change)


def test_a_pin_of_one_platform_stays_with_it_over_versions() -> None:
    days = Days("nginx:1.0.0", level="patch")
    days.push("1.0.0", BOTH)
    days.push("1.0.1", {"linux/amd64": "b", "linux/arm64": "b"})
    arm = _child(days, "1.0.0", 1)
    days.workspace.files["Dockerfile"] = f"FROM nginx:1.0.0@{arm}\n".encode()
    assert changed(days.bump(), "patch").new.digest == _child(days, "1.0.1", 1)


def _child(days: Days, tag: str, number: int) -> Digest:
    index = days.shelf.contents[days.shelf.tags[tag]]
    return index.manifests[number].digest  # type: ignore[union-attr] # it is an index


def test_a_floating_tag_becomes_the_most_precise_one_of_the_same_digest() -> None:
    days = Days("nginx:latest", tag="precise")
    for tag in ("1.27.1", "1.27.2", "1.27.3"):
        digest = days.push(tag, tag)
    for tag in ("latest", "1", "1.27"):
        days.names(tag, digest)
    days.names("1.27.3-alpine", days.shelf.tags["1.27.1"])
    change = changed(days.bump(), "pin")
    assert (str(change.new), change.reason) == (f"nginx:1.27.3@{digest}", "latest is 1.27.3")
    current(days.bump())


def test_what_is_pinned_already_becomes_precise_as_a_replacement() -> None:
    days = Days("nginx:1.27", tag="precise")
    digest = days.push("1.27.3", "x")
    days.names("1.27", digest)
    days.workspace.files["Dockerfile"] = f"FROM nginx:1.27@{digest}\n".encode()
    assert str(changed(days.bump(), "replace").new) == f"nginx:1.27.3@{digest}"


def test_a_tag_stays_where_no_precise_one_names_its_digest() -> None:
    days = shop("nginx:latest", "latest", "1.27.3", "1.27.2", tag="precise")
    assert changed(days.bump(), "pin").new.tag == "latest"


def test_the_tag_of_a_bare_digest_is_found_again() -> None:
    days = shop("nginx:1", "1.26.0", "1.27.3", "1.27.4", restore_tag=True)
    digest = days.shelf.tags["1.27.3"]
    days.names("1", digest)
    days.workspace.files["Dockerfile"] = f"FROM nginx@{digest}\n".encode()
    assert str(changed(days.bump(), "replace").new) == f"nginx:1.27.3@{digest}"


def test_a_bare_digest_stays_where_no_tag_names_it() -> None:
    days = shop("nginx:1", "1.27.3", restore_tag=True)
    digest = days.push("gone", "old")
    del days.shelf.tags["gone"]
    days.workspace.files["Dockerfile"] = f"FROM nginx@{digest}\n".encode()
    assert "none of the 1 tags that were asked names it" in current(days.bump()).reason


@pytest.mark.parametrize(
    ("values", "outcome", "says"),
    [
        pytest.param({"mode": "ignore"}, "ignored", "the settings ignore it", id="ignore"),
        pytest.param({"mode": "watch"}, "held", "only watched", id="watch"),
        pytest.param({"until": START.date()}, "held", "to the end of 2026-11-01", id="a temporary hold"),
    ],
)
def test_a_mode_of_the_settings_leaves_the_file_alone(values: dict[str, object], outcome: str, says: str) -> None:
    days = shop("nginx:1.27", "1.27", **values)
    kept = days.bump()
    assert isinstance(kept, Kept)
    assert (kept.outcome, says in kept.reason, days.reference) == (outcome, True, "nginx:1.27")


def test_the_mode_pin_pins_and_then_leaves() -> None:
    days = shop("nginx:1.27", "1.27", mode="pin")
    changed(days.bump(), "pin")
    days.push("1.27", "new")
    current(days.bump())
    assert Tags("docker.io", "library/nginx") not in days.shelf.asked


@pytest.mark.parametrize(
    ("rule", "ends"),
    [
        pytest.param("{match: {kind: major}, set: {until: 2026-11-30}}", "1.28.0", id="a day for majors"),
        pytest.param("{match: {kind: major}, set: {until: 2026-10-31}}", "2.0.0", id="a day that is over"),
        pytest.param("{match: {kind: major}, set: {denied-tags: '^2'}}", "1.28.0", id="tags denied for majors"),
        pytest.param("{match: {kind: minor}, set: {denied-tags: '^2'}}", "2.0.0", id="tags denied for others"),
        pytest.param("{match: {kind: [major, minor]}, set: {mode: pin}}", "1.27.1", id="only patches"),
        pytest.param("{match: {kind: major}, set: {mode: ignore}}", "1.28.0", id="no majors"),
    ],
)
def test_a_rule_for_a_kind_of_change_holds_for_that_kind(rule: str, ends: str) -> None:
    days = shop("nginx:1.27.0", "1.27.0", "1.27.1", "1.28.0", "2.0.0", level="major")
    days.book = policy(f"rules: [{rule}]").organisation
    days.bump()
    assert days.reference == f"nginx:{ends}@{days.shelf.tags[ends]}"


@pytest.mark.parametrize(
    ("rule", "outcome", "says"),
    [
        pytest.param("{mode: pin}", "current", "the settings allow no refresh", id="pin"),
        pytest.param("{mode: ignore}", "ignored", "ignore changes of the kind refresh", id="ignore"),
        pytest.param("{mode: watch}", "held", "only watched", id="watch"),
        pytest.param(
            "{until: 2026-11-30}", "held", "of the kind refresh to the end of 2026-11-30", id="a temporary hold"
        ),
    ],
)
def test_a_rule_for_refreshes_lets_pins_be_made(rule: str, outcome: str, says: str) -> None:
    days = shop("nginx:1.27", "1.27")
    days.book = policy(f"rules: [{{match: {{kind: refresh}}, set: {rule}}}]").organisation
    changed(days.bump(), "pin")
    days.push("1.27", "new")
    kept = days.bump()
    assert isinstance(kept, Kept)
    assert (kept.outcome, says in kept.reason) == (outcome, True), kept.reason


def test_one_kind_of_change_may_be_let_out_of_what_is_ignored_or_only_pinned() -> None:
    days = shop("nginx:1.27", "1.27")
    rules = "rules: [{match: {kind: pin}, set: {mode: pin}}, {match: {kind: refresh}, set: {mode: bump}}]"
    days.book = policy(f"{rules}\ndefaults: {{mode: ignore}}").organisation
    changed(days.bump(), "pin")
    days.push("1.27", "new")
    changed(days.bump(), "refresh")


def test_the_variant_may_follow_in_changes_of_one_kind() -> None:
    days = shop("nginx:1.27.0-alpine3.19", "1.27.0-alpine3.19", "1.27.1-alpine3.20", "1.28.0-alpine3.21", level="major")
    days.book = policy("rules: [{match: {kind: patch}, set: {suffix: follow}}]").organisation
    assert changed(days.bump(), "patch").new.tag == "1.27.1-alpine3.20"


@pytest.mark.parametrize(
    ("values", "reference"),
    [
        pytest.param({}, "nginx:1.27@{0}", id="its tag names it"),
        pytest.param({"tag": "precise"}, "nginx:1.27@{0}", id="there is a more precise tag"),
        pytest.param({"qualify": True}, "nginx:1.27@{0}", id="the name is short"),
        pytest.param({"restore_tag": True}, "nginx@{0}", id="it has no tag"),
        pytest.param({"mode": "pin"}, "nginx:1.27@{0}", id="only pins are made"),
    ],
)
def test_a_denied_digest_is_written_under_no_name_and_never_called_current(
    values: dict[str, object], reference: str
) -> None:
    days = shop("nginx", "1.27.3", **values)
    digest = days.shelf.tags["1.27.3"]
    days.names("1.27", digest)
    days.workspace.files["Dockerfile"] = f"FROM {reference.format(digest)}\n".encode()
    days.book = Rulebook(denied=(Denied(digest, "config.yaml:3", "CVE-2026-1"),))
    kept = days.bump()
    assert isinstance(kept, Kept)
    assert kept.outcome == "refused"
    assert kept.reason.startswith("config.yaml:3 denies this digest: CVE-2026-1")


@pytest.mark.parametrize("said", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "9999-12-31T23:59:59Z"])
def test_a_build_date_at_the_end_of_the_calendar_stops_nothing(said: str) -> None:
    days = Days("nginx:1.0.0", level="major")
    days.push("1.0.0", {"linux/amd64": "a"}, created=datetime(2026, 10, 1, tzinfo=UTC))
    index = days.shelf.contents[days.push("2.0.0", {"linux/amd64": "b"})]
    assert isinstance(index, Index)
    (child,) = index.manifests
    child = replace(child, annotations={"org.opencontainers.image.created": said})
    days.shelf.contents[index.digest] = replace(index, manifests=(child,))
    changed(days.bump(), "major")


def test_a_hold_until_the_last_day_of_the_calendar_is_one() -> None:
    days = shop("nginx:1.27", "1.27", until=date(9999, 12, 31))
    assert held(days.bump()).until == datetime.max.replace(tzinfo=UTC)


def test_a_registry_whose_clock_is_at_the_end_of_the_calendar_only_delays() -> None:
    days = shop("nginx:1.0.0", "1.0.0", "1.0.1", level="patch", cooldown=THREE_DAYS)
    days.shelf.date = datetime(9999, 12, 31, 23, tzinfo=UTC)
    changed(days.bump(), "pin")
    held(days.bump())


@pytest.mark.parametrize(
    ("values", "denied", "tags"),
    [
        pytest.param({}, "1.0.2", {"1.0.0", "1.0.1", "1.0.2"}, id="the newest tag is denied"),
        pytest.param({}, "1.0.0", {"1.0.0", "1.0.1", "1.0.2"}, id="the pinned digest is denied"),
        pytest.param({"until": START.date()}, "", set(), id="nothing was asked while it is held"),
        pytest.param({"mode": "pin"}, "", set(), id="nor where only pins are made"),
    ],
)
def test_an_explanation_lists_the_tags_also_where_nothing_is_done(
    values: dict[str, object], denied: str, tags: set[str]
) -> None:
    days = shop("nginx:1.0.0", "1.0.0", "1.0.1", "1.0.2", level="patch", **values)
    digests = days.shelf.tags
    days.workspace.files["Dockerfile"] = f"FROM nginx:1.0.0@{digests['1.0.0']}\n".encode()
    book = Rulebook(denied=(Denied(digests[denied], "config.yaml:3"),) if denied else ())
    scope, doors = Scope(Claims([FORMAT])), Doors(days.shelf, days.ledger)
    (choice,) = choices(
        days.workspace, scope, doors, BUMP, Terms(Policy(days.values, organisation=book), days.now), "Dockerfile", 1
    )
    assert {one.tag for one in choice.tags} == tags

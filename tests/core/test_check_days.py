"""A check day by day: what the ledger of earlier runs lets it say."""

from __future__ import annotations

from datetime import timedelta

from pinbot.formats._claims import Claims
from pinbot.formats.dockerfile import FORMAT
from pinbot.oci.digest import Digest
from pinbot.oci.manifest import OCI_MANIFEST
from pinbot.oci.resolution import Answer, Head, Question, Served
from pinbot.planning.policy import Policy, Terms
from pinbot.planning.result import Check
from pinbot.run import Doors, Scope, check
from tests.core.days import Days
from tests.core.examples import NEW, OLD
from tests.core.test_digest_days import arm_pinned, both, current
from tests.fakes.memory import NOW, MemoryLedger, MemoryResolver, MemoryWorkspace

DOCKERFILE = f"FROM nginx:1.27@{OLD}\n"
MONTH = timedelta(30)


def checked(ledger: MemoryLedger, day: int, now_named: Digest, text: str = DOCKERFILE) -> Check:
    answers: dict[Question, Answer] = {
        Head("docker.io", "library/nginx", "1.27"): Served(now_named, OCI_MANIFEST),
    }
    doors = Doors(MemoryResolver(answers), ledger)
    terms = Terms(Policy(), NOW + timedelta(day))
    files = MemoryWorkspace({"Dockerfile": text.encode()})
    return check(files, Scope(Claims([FORMAT])), doors, terms, max_lag=MONTH)


def rules(done: Check) -> list[str]:
    return [p.rule for p in done.problems]


def test_a_pin_grows_stale_from_the_day_on_which_its_tag_was_seen_to_leave_it() -> None:
    ledger = MemoryLedger()
    assert rules(checked(ledger, 0, OLD)) == []
    assert rules(checked(ledger, 10, NEW)) == ["outdated"]
    assert rules(checked(ledger, 40, NEW)) == ["outdated"]
    [problem] = checked(ledger, 41, NEW).problems
    assert problem.rule == "stale"
    assert (
        "left the pinned digest by 2026-12-01 (31 days ago, says the ledger), longer than the 30 days"
        in problem.message
    )


def test_a_tag_that_returned_makes_nothing_stale() -> None:
    ledger = MemoryLedger()
    days = ((0, OLD), (1, NEW), (50, OLD), (51, NEW), (60, NEW))
    assert [rules(checked(ledger, day, digest)) for day, digest in days][-1] == ["outdated"]


def looked_at(days: Days) -> list[str]:
    scope, terms = Scope(Claims([FORMAT])), Terms(Policy(days.values), days.now)
    return rules(check(days.workspace, scope, Doors(days.shelf, days.ledger), terms, max_lag=MONTH))


def test_an_index_with_the_same_images_makes_nothing_stale() -> None:
    days = Days()
    days.push("1.27", both("a"))
    days.bump()
    days.push("1.27", both("a"), attestation="new")
    assert looked_at(days) == ["outdated"]
    days.pass_by(days=40)
    assert looked_at(days) == ["outdated"]
    current(days.bump())
    days.push("1.27", both("b"))
    assert looked_at(days) == ["stale"]


def test_a_pin_of_one_platform_grows_stale_when_its_index_was_left() -> None:
    days = Days()
    days.push("1.27", both("a"))
    arm_pinned(days)
    assert looked_at(days) == ["child-digest"]
    days.pass_by(days=100)
    assert looked_at(days) == ["child-digest"]
    days.push("1.27", both("b"))
    assert looked_at(days) == ["outdated"]
    days.pass_by(days=31)
    assert looked_at(days) == ["stale"]


def test_a_pin_of_one_platform_is_not_unknown_because_its_tag_names_indexes() -> None:
    days = Days()
    days.push("1.27", both("before"))
    days.bump()
    days.pass_by(days=1)
    days.push("1.27", both("a"), created=days.now)
    arm_pinned(days)
    days.pass_by(days=40)
    looked_at(days)
    days.push("1.27", both("b"))
    assert looked_at(days) == ["outdated"]


def test_a_digest_that_no_reference_uses_is_noted_online_and_offline() -> None:
    text = f"ARG BASE=1.27@{OLD}\nFROM nginx:1.27@{OLD}\n"
    done = checked(MemoryLedger(), 0, OLD, text)
    assert [(p.rule, p.finding.position.line, p.level) for p in done.problems] == [("unused-digest", 1, "note")]
    terms = Terms(Policy(), NOW)
    alone = check(MemoryWorkspace({"Dockerfile": text.encode()}), Scope(Claims([FORMAT])), None, terms)
    assert rules(alone) == ["unused-digest"]

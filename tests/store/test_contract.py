"""What every ledger promises, whatever it keeps its memory in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pinbot.oci.history import History, Memory, Observation
from pinbot.oci.manifest import Index, Manifest
from pinbot.oci.platform import Platform
from pinbot.oci.resolution import (
    Answer,
    Attested,
    Config,
    Content,
    Failed,
    Head,
    ImageConfig,
    Question,
    Remembered,
    Served,
    Tags,
)
from pinbot.oci.statement import Package, Statements
from pinbot.ports import Ledger
from pinbot.store.ledger import SqlLedger
from pinbot.store.lines import LinesLedger
from pinbot.store.location import Location
from tests.fakes.memory import MemoryLedger
from tests.store import ledgers
from tests.store.ledgers import DAY, HUB, NOW, PATH, A, B, C, folded, index, seen

Open = Callable[[], AbstractContextManager[Ledger]]
NGINX = Remembered(HUB, PATH)
_NUMBERS = count()


@pytest.fixture(params=["memory", "SQLite", "Postgres", "JSON lines"])
def opened(request: pytest.FixtureRequest) -> Open:
    """A way to open one ledger again and again; what it remembers outlives the closing."""
    if request.param == "memory":
        kept = MemoryLedger()
        return _always(kept)
    if request.param == "JSON lines":
        return _by_lines()
    location = request.getfixturevalue("file" if request.param == "SQLite" else "database")
    return lambda: _checked(location)


def _always(ledger: Ledger) -> Open:
    @contextmanager
    def again() -> Iterator[Ledger]:
        yield ledger

    return again


def _by_lines() -> Open:
    kept = [LinesLedger().dumps()]

    @contextmanager
    def again() -> Iterator[Ledger]:
        ledger = LinesLedger.loads(kept[0], NOW)
        yield ledger
        kept[0] = ledger.dumps()

    return again


@contextmanager
def _checked(location: Location) -> Iterator[Ledger]:
    with SqlLedger(location) as ledger:
        yield ledger
        assert ledger.warnings == []


def _history(opened: Open, tag: str = "1.27") -> History:
    with opened() as ledger:
        answer = ledger.known([NGINX])[NGINX]
    assert isinstance(answer, Memory)
    return answer.of(tag)


def test_a_new_one_answers_every_remembered_and_nothing_else(opened: Open) -> None:
    asked: list[Question] = [NGINX, Content(HUB, PATH, A), Config(HUB, PATH, A), Head(HUB, PATH, "1"), Tags(HUB, PATH)]
    with opened() as ledger:
        assert ledger.known(asked) == {NGINX: Memory()}


def test_what_was_recorded_is_known_when_it_is_opened_again(opened: Open) -> None:
    told = [seen(A, NOW - 2 * DAY), seen(B, NOW - DAY), seen(A, NOW)]
    for one in told:
        with opened() as ledger:
            ledger.record([one], {})
    assert _history(opened) == folded(told)[HUB, PATH, "1.27"]


def test_repositories_do_not_mix(opened: Open) -> None:
    other = Remembered("ghcr.io", PATH)
    with opened() as ledger:
        ledger.record([seen(A), Observation("ghcr.io", PATH, "1.27", B, NOW)], {})
        known = ledger.known([NGINX, other])
    assert known[NGINX] == Memory({"1.27": folded([seen(A)])[HUB, PATH, "1.27"]})
    assert isinstance(memory := known[other], Memory)
    assert memory.of("1.27").has_had(B)


def test_contents_and_configurations_are_kept_and_failures_are_not(opened: Open) -> None:
    config = ImageConfig(Platform("linux", "amd64"), NOW, {"a": "b"})
    answers: dict[Question, Answer] = {Content(HUB, PATH, A): index(), Config(HUB, PATH, B): config}
    others: dict[Question, Answer] = {
        Content(HUB, PATH, C): Failed("404", "no"),
        Attested(HUB, PATH, C, A): Statements((Package("zlib", "1.3"),)),
        Head(HUB, PATH, "1"): Served(A, "x"),
        NGINX: Memory(),
    }
    with opened() as ledger:
        ledger.record([], {**answers, **others})
    with opened() as ledger:
        assert ledger.known([*answers, *others]) == {**answers, NGINX: Memory()}


def test_no_question_gets_the_answer_to_another_kind(opened: Open) -> None:
    with opened() as ledger:
        ledger.record([], {Content(HUB, PATH, A): index()})
        assert ledger.known([Config(HUB, PATH, A)]) == {}


def test_hundreds_of_references_are_known_again(opened: Open) -> None:
    told = [seen(A, tag=f"1.{n}", path=f"library/a{n % 200}") for n in range(1100)]
    asked = [Remembered(HUB, f"library/a{n}") for n in range(1000)]
    with opened() as ledger:
        ledger.record(told, {})
        known = ledger.known(asked)
    assert sum(len(memory.tags) for memory in known.values() if isinstance(memory, Memory)) == 1100


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=ledgers.observations, sizes=st.lists(st.integers(0, 5), max_size=4))
def test_histories_are_the_fold_of_all_observations_whatever_the_batches(
    opened: Open, told: list[Observation], sizes: list[int]
) -> None:
    # The ledger lives on from example to example, so each has repositories of its own.
    rest = told = [replace(one, path=f"{one.path}/a{number}") for number in [next(_NUMBERS)] for one in told]
    for size in (*sizes, len(told)):
        with opened() as ledger:
            ledger.record(rest[:size], {})
        rest = rest[size:]
    expected = folded(told)
    asked = {Remembered(registry, path) for registry, path, _ in expected}
    with opened() as ledger:
        known = ledger.known(asked)
    found = {(q.registry, q.path, t): h for q in asked if isinstance(m := known[q], Memory) for t, h in m.tags.items()}
    assert found == expected


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fact=ledgers.facts)
def test_facts_come_back_as_the_registry_answered_them(opened: Open, fact: Manifest | Index | ImageConfig) -> None:
    question = Config(HUB, PATH, A) if isinstance(fact, ImageConfig) else Content(HUB, PATH, fact.digest)
    with opened() as ledger:
        ledger.record([], {question: fact})
    with opened() as ledger:
        assert ledger.known([question]) == {question: fact}

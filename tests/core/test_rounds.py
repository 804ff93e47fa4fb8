"""In which order findings are decided: again only those that wait, and in the end all of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from pinbot.oci.resolution import Facts, Question, Tags
from pinbot.ports import Doors
from pinbot.rounds import Part, settled
from pinbot.source.finding import Finding
from tests.core.examples import found
from tests.fakes.memory import MemoryResolver

QUICK, SLOW = found("docker.io/quick:1"), found("docker.io/slow:1")


def _tags(name: str) -> Question:
    return Tags("docker.io", name)


def _settle(needs: dict[str, list[tuple[str, ...]]]) -> tuple[list[str], Facts]:
    """Let each finding need lists of tags, one after the other; `given` before a name means only where that is known.

    Returns which finding was looked at, in order, and all that was asked.
    """
    looks: list[str] = []

    def waiting(findings: Sequence[Finding], facts: Facts) -> Sequence[Collection[Question]]:
        return [_waits(name, facts) for f in findings if f.reference and (name := f.reference.path.rpartition("/")[2])]

    def _waits(name: str, facts: Facts) -> Collection[Question]:
        looks.append(name)
        for *given, asked in needs[name]:
            if all(_tags(g) in facts for g in given) and _tags(asked) not in facts:
                return [_tags(asked)]
        return []

    return looks, settled(Doors(MemoryResolver()), [Part([QUICK, SLOW], waiting)])


def test_only_what_waits_is_decided_again_and_all_of_it_in_the_end() -> None:
    looks, facts = _settle({"quick": [("a",)], "slow": [("a",), ("b",), ("c",)]})
    assert looks == ["quick", "slow", "quick", "slow", "slow", "slow", "quick", "slow"]
    assert set(facts) == {_tags("a"), _tags("b"), _tags("c")}


def test_what_another_finding_asked_may_raise_a_question_once_more() -> None:
    _, facts = _settle({"quick": [("a",), ("c", "late")], "slow": [("a",), ("b",), ("c",)]})
    assert _tags("late") in facts

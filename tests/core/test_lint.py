"""The gate: what `check` finds wrong, and what it could not look at."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pinbot.oci.digest import Digest
from pinbot.oci.resolution import Alive, Answer, Barred, Dead, Failed, Question
from pinbot.planning.lint import added, judge
from pinbot.source.finding import Finding
from tests.core.examples import (
    NEW,
    NEW_CONTENT,
    OLD,
    OLD_ALIVE,
    OTHER,
    TAG,
    aside,
    fixed,
    found,
    image,
    index,
    index_of,
)

SHA512 = Digest("sha512", "a" * 128)
PINNED = found(f"nginx:1.27@{OLD}")
DOWN = Failed("503", "docker.io has trouble")
BARRED = Barred("schema 1")
DEAD = Dead("the digest is gone")

Known = dict[Question, Answer]


@pytest.mark.parametrize(
    ("finding", "facts", "rule", "level", "says"),
    [
        pytest.param(found("nginx:1.27"), {}, "unpinned", "error", "pinbot pin", id="no digest"),
        pytest.param(fixed("nginx:1.27"), {}, "unpinned", "error", "by hand", id="no digest, and none can be written"),
        pytest.param(aside("invalid"), {}, "invalid", "error", "correct", id="no reference"),
        pytest.param(PINNED, {TAG: index(NEW), OLD_ALIVE: DEAD}, "dead-digest", "error", "bump", id="a dead digest"),
        pytest.param(PINNED, {TAG: DOWN, OLD_ALIVE: DEAD}, "dead-digest", "error", "bump", id="dead, its tag unknown"),
        pytest.param(found(f"nginx@{OLD}"), {OLD_ALIVE: DEAD}, "dead-digest", "error", "bump", id="a dead bare digest"),
        pytest.param(PINNED, {TAG: index(NEW), OLD_ALIVE: index(OLD)}, "outdated", "note", "bump", id="the tag moved"),
        pytest.param(
            PINNED,
            {TAG: index(NEW), OLD_ALIVE: image(OLD), NEW_CONTENT: index_of(NEW, OTHER)},
            "outdated",
            "note",
            "bump",
            id="one image of an older index",
        ),
    ],
)
def test_finds_what_is_wrong(finding: Finding, facts: Known, rule: str, level: str, says: str) -> None:
    verdict = judge([finding], facts)
    assert [(p.rule, p.level) for p in verdict.problems] == [(rule, level)]
    assert says in verdict.problems[0].remedy
    assert not verdict.unchecked


@pytest.mark.parametrize(
    ("finding", "facts"),
    [
        pytest.param(PINNED, {}, id="pinned, and nobody was asked"),
        pytest.param(PINNED, {TAG: index(OLD)}, id="the tag still names the digest"),
        pytest.param(
            found(f"nginx:1.27@{SHA512}"),
            {TAG: index(NEW), Alive("docker.io", "library/nginx", SHA512): index(SHA512)},
            id="pinned by another algorithm than the registry names the tag by",
        ),
        pytest.param(found(f"nginx@{OLD}"), {OLD_ALIVE: index(OLD)}, id="a bare digest that is served"),
        pytest.param(
            PINNED,
            {TAG: index(NEW), OLD_ALIVE: image(OLD), NEW_CONTENT: index_of(NEW, OLD)},
            id="one image of the present index",
        ),
        *(pytest.param(aside(status), {}, id=status) for status in ("local", "variable", "ignored")),
    ],
)
def test_finds_nothing_wrong(finding: Finding, facts: Known) -> None:
    verdict = judge([finding], facts)
    assert not verdict.problems
    assert not verdict.unchecked


@pytest.mark.parametrize(
    ("finding", "facts", "why"),
    [
        pytest.param(PINNED, {TAG: DOWN, OLD_ALIVE: index(OLD)}, DOWN, id="the tag could not be looked up"),
        pytest.param(PINNED, {TAG: index(NEW), OLD_ALIVE: DOWN}, DOWN, id="the digest could not be looked up"),
        pytest.param(found(f"nginx@{OLD}"), {OLD_ALIVE: DOWN}, DOWN, id="nor could a bare one"),
        pytest.param(PINNED, {TAG: BARRED}, BARRED, id="the tag now names what nobody may pin"),
        pytest.param(
            found(f"nginx@{OLD}"), {OLD_ALIVE: BARRED}, BARRED, id="the registry gives other bytes for a digest"
        ),
    ],
)
def test_names_what_it_could_not_check(finding: Finding, facts: Known, why: Failed | Barred) -> None:
    verdict = judge([finding], facts)
    assert not verdict.problems
    assert [(u.finding, u.reason) for u in verdict.unchecked] == [(finding, why.reason)]


@pytest.mark.parametrize(
    ("before", "now", "touched"),
    [
        pytest.param([], ["a:1"], [0], id="a reference of a new file"),
        pytest.param(["a:1"], ["a:1"], [], id="what was there"),
        pytest.param(["a:1", "b:1"], ["b:1", "a:1"], [], id="what only moved"),
        pytest.param(["a:1"], ["a:2"], [0], id="another tag"),
        pytest.param(["a:1"], ["a:1", "a:1"], [1], id="a second one of the same"),
        pytest.param(["a:1", "a:1"], ["a:1", "a:1", "a:1"], [2], id="a third one of the same"),
        pytest.param(["a:1", "b:1"], ["b:1"], [], id="the rest after a removal"),
    ],
)
def test_added_tells_what_a_change_touched(before: list[str], now: list[str], touched: list[int]) -> None:
    findings = [found(text) for text in now]
    new = added(findings, [found(text) for text in before])
    assert [id(f) for f in new] == [id(findings[n]) for n in touched]


def test_a_value_that_changed_elsewhere_touches_the_reference() -> None:
    before, now = (replace(found(f"redis:{tag}"), text="redis:${V}") for tag in "78")
    assert added([now], [before]) == (now,)


def test_the_same_reference_in_another_file_is_added() -> None:
    here = found("redis:7")
    assert added([here], [replace(here, path="elsewhere")]) == (here,)


def test_what_is_no_reference_is_compared_by_its_text() -> None:
    assert added([aside("variable")], [aside("variable")]) == ()

"""What holds in every world: no downgrade, nothing invented, nothing too young, one outcome each, and rest at the end.

The rules are in `worlds`; a world here is a list of events, and after some of them pinbot looks at it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from pinbot.oci.platform import Platform
from pinbot.planning.outcome import Kept
from pinbot.planning.policy import Values
from tests.core.worlds import World

# More of them, for a change of the core: PINBOT_EXAMPLES=10000 python -m pytest tests/core/test_invariants.py
EXAMPLES = int(os.environ.get("PINBOT_EXAMPLES", "200"))
TAGS = (
    "1", "1.0", "1.1", "1.0.0", "1.0.1", "1.0.10", "1.1.0", "2.0.0", "1.0.1-alpine", "1.1.0-alpine3.19",
    "1.1.0-alpine3.20", "1.1.0-rc1", "1.1.0-rc2", "latest", "alpine", "9999.0.0", "20240101", "20240201",
)  # fmt: skip
CONTENTS = ("a", "b", "c", "d")
# When images were made, says their publisher: that of one content nobody knows, another's is the epoch.
MADE = {
    "b": datetime(2019, 6, 1, tzinfo=UTC),
    "c": datetime(2026, 6, 1, tzinfo=UTC),
    "d": datetime(1970, 1, 1, tzinfo=UTC),
}
AMD64, ARM64, S390X = "linux/amd64", "linux/arm64", "linux/s390x"


@dataclass(frozen=True)
class Push:
    """A tag gets content, new or of before."""

    tag: int
    images: dict[str, str] | str
    attestation: str

    def happens(self, world: World) -> None:
        world.push_to(world.tag(self.tag), self.images, MADE.get(_first(self.images)), self.attestation)


@dataclass(frozen=True)
class Alias:
    """A tag comes to name what another names."""

    tag: int
    other: int

    def happens(self, world: World) -> None:
        named = world.shelf.tags.get(world.tag(self.other))
        if named is not None:
            world.let(world.tag(self.tag), named)


@dataclass(frozen=True)
class Return:
    """A tag goes back to what it has named before."""

    tag: int
    back: int

    def happens(self, world: World) -> None:
        tag = world.tag(self.tag)
        before = [s.digest for s in world.books.get(tag, []) if s.digest in world.shelf.contents]
        if before:
            world.let(tag, before[-min(self.back, len(before))])


@dataclass(frozen=True)
class Untag:
    """A tag is taken away."""

    tag: int

    def happens(self, world: World) -> None:
        if world.tag(self.tag) in world.shelf.tags:
            world.let(world.tag(self.tag), None)


@dataclass(frozen=True)
class Delete:
    """A digest is deleted that a tag has had, or an image of it; often one that is pinned."""

    tag: int
    back: int
    child: int

    def happens(self, world: World) -> None:
        before = [s.digest for s in world.books.get(world.tag(self.tag), [])]
        if before:
            parts = world.holds(before[-min(self.back, len(before))])
            part = parts[self.child % len(parts)]
            if part in world.shelf.contents:
                world.remove(part)


@dataclass(frozen=True)
class Jump:
    """The clock of the machine goes wrong, or right."""

    hours: int

    def happens(self, world: World) -> None:
        world.skew = timedelta(hours=self.hours)


@dataclass(frozen=True)
class Forget:
    """The ledger is lost."""

    def happens(self, world: World) -> None:
        world.forget()


@dataclass(frozen=True)
class Nothing:
    """Only time goes by."""

    def happens(self, world: World) -> None:
        pass


@dataclass(frozen=True)
class Step:
    """Something happens, hours go by, and perhaps pinbot looks."""

    event: Push | Alias | Return | Untag | Delete | Jump | Forget | Nothing
    hours: int
    looks: bool

    def happens(self, world: World) -> None:
        self.event.happens(world)
        world.wait(timedelta(hours=self.hours))
        if self.looks:
            world.look()


numbers = st.integers(0, 5)
contents = st.sampled_from(CONTENTS)
amd64 = st.fixed_dictionaries({AMD64: contents}, optional={ARM64: contents, S390X: contents})
pushes = st.builds(
    Push,
    numbers,
    st.one_of(amd64, amd64, contents, st.dictionaries(st.sampled_from([AMD64, ARM64]), contents, min_size=1)),
    st.sampled_from(["", "", "x"]),
)
events = st.one_of(
    pushes,
    pushes,
    pushes,
    st.builds(Nothing),
    st.builds(Alias, numbers, numbers),
    st.builds(Return, numbers, st.integers(1, 4)),
    st.builds(Return, numbers, st.integers(1, 4)),
    st.one_of(
        st.builds(Untag, numbers),
        st.builds(Delete, numbers, st.integers(1, 4), st.integers(0, 3)),
        st.builds(Jump, st.sampled_from([0, 0, 1, -1, 80, -80, 240, -240])),
        st.builds(Forget),
    ),
)
steps = st.builds(Step, events, st.sampled_from([0, 1, 6, 23, 24, 25, 72]), st.sampled_from([True, True, False]))
days = st.integers(0, 3).map(lambda n: timedelta(days=n))
values = st.builds(
    Values,
    level=st.sampled_from(["digest", "patch", "minor", "major"]),
    cooldown=days,
    settle=st.sampled_from([timedelta(), timedelta(hours=24)]),
    platforms=st.sampled_from([(), (), (Platform("linux", "amd64"),)]),
    suffix=st.sampled_from(["keep", "keep", "follow"]),
    tag=st.sampled_from(["keep", "keep", "precise"]),
    restore_tag=st.booleans(),
    qualify=st.booleans(),
)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """A registry that has some tags, and references to them, some of which are pinned."""
    world = World(draw(st.lists(st.sampled_from(TAGS), min_size=3, max_size=6, unique=True)), draw(values))
    for number in range(draw(st.integers(2, len(world.tags)))):
        replace(draw(pushes), tag=number).happens(world)
    there = st.sampled_from(list(world.shelf.tags))
    world.write([draw(references(world, tag)) for tag in draw(st.lists(there, min_size=1, max_size=4))])
    return world


@st.composite
def references(draw: st.DrawFn, world: World, tag: str) -> str:
    """A reference to a tag: not pinned, pinned, pinned to one image of it, or a bare digest."""
    form = draw(st.sampled_from(["", "", "pinned", "child", "bare", "nothing"]))
    digest = world.shelf.tags[tag]
    match form:
        case "pinned":
            return f"nginx:{tag}@{digest}"
        case "child":
            return f"nginx:{tag}@{world.holds(digest)[-1]}"
        case "bare":
            return f"nginx@{digest}"
        case "nothing":
            return "nginx"
        case _:
            return f"nginx:{tag}"


@given(worlds(), st.lists(steps, min_size=4, max_size=30))
@settings(max_examples=EXAMPLES)
def test_whatever_happens_every_rule_holds_after_every_run(world: World, happening: list[Step]) -> None:
    for event in happening:
        event.happens(world)
    world.look()


@given(worlds(), st.lists(steps, min_size=4, max_size=20))
@settings(max_examples=EXAMPLES // 2)
def test_when_nothing_happens_any_more_nothing_waits_for_ever(world: World, happening: list[Step]) -> None:
    for event in happening:
        event.happens(world)
    world.skew = timedelta()
    for _ in range(16):
        world.look()
        world.wait(timedelta(days=1))
    done = world.look()
    assert done.changes == ()
    assert [(str(k.finding.reference), k.reason) for k in done.kept if _waits(k)] == []


def _first(images: dict[str, str] | str) -> str:
    return images if isinstance(images, str) else next(iter(images.values()))


def _waits(kept: Kept) -> bool:
    return kept.outcome == "held" and kept.until is not None

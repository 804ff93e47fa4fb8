"""What holds in every world: no downgrade, nothing invented, nothing too young, one outcome each, and rest at the end.

The rules are in `worlds`; a world here is a list of events, and after some of them pinbot looks at it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from pinbot.oci.platform import Platform
from pinbot.planning.outcome import Kept
from pinbot.planning.policy import Values
from tests.core.worlds import World

TAGS = (
    "1", "1.0", "1.1", "1.0.0", "1.0.1", "1.0.10", "1.1.0", "2.0.0", "1.0.1-alpine", "1.1.0-alpine3.19",
    "1.1.0-alpine3.20", "1.1.0-rc1", "1.1.0-rc2", "latest", "alpine", "9999.0.0", "20240101", "20240201",
)  # fmt: skip
CONTENTS = ("a", "b", "c", "d")
AMD64, ARM64, S390X = "linux/amd64", "linux/arm64", "linux/s390x"


@dataclass(frozen=True)
class Push:
    """A tag gets content, new or of before."""

    tag: str
    images: dict[str, str] | str
    year: int | None
    attestation: str

    def happens(self, world: World) -> None:
        created = datetime(self.year, 6, 1, tzinfo=UTC) if self.year else None
        world.push_to(self.tag, self.images, created, self.attestation)


@dataclass(frozen=True)
class Alias:
    """A tag comes to name what another names."""

    tag: str
    other: str

    def happens(self, world: World) -> None:
        if self.other in world.shelf.tags:
            world.let(self.tag, world.shelf.tags[self.other])


@dataclass(frozen=True)
class Return:
    """A tag goes back to what it has named before."""

    tag: str
    back: int

    def happens(self, world: World) -> None:
        before = [s.digest for s in world.books.get(self.tag, []) if s.digest in world.shelf.contents]
        if before:
            world.let(self.tag, before[-min(self.back, len(before))])


@dataclass(frozen=True)
class Untag:
    """A tag is taken away."""

    tag: str

    def happens(self, world: World) -> None:
        if self.tag in world.shelf.tags:
            world.let(self.tag, None)


@dataclass(frozen=True)
class Delete:
    """A digest is deleted, often one that is pinned or was."""

    number: int

    def happens(self, world: World) -> None:
        there = list(world.shelf.contents)
        if there:
            world.remove(there[self.number % len(there)])


@dataclass(frozen=True)
class Wait:
    """Time goes by."""

    hours: int

    def happens(self, world: World) -> None:
        world.wait(timedelta(hours=self.hours))


@dataclass(frozen=True)
class Jump:
    """The clock of the machine goes wrong, or right."""

    hours: int

    def happens(self, world: World) -> None:
        world.skew = timedelta(hours=self.hours)


@dataclass(frozen=True)
class Look:
    """Pinbot runs."""

    def happens(self, world: World) -> None:
        world.look()


@dataclass(frozen=True)
class Forget:
    """The ledger is lost."""

    def happens(self, world: World) -> None:
        world.forget()


tags = st.sampled_from(TAGS)
contents = st.sampled_from(CONTENTS)
indexes = st.dictionaries(st.sampled_from([AMD64, ARM64, S390X]), contents, min_size=1)
pushes = st.builds(
    Push, tags, st.one_of(indexes, contents), st.sampled_from([None, 1970, 2019, 2026]), st.sampled_from(["", "", "x"])
)
events = st.one_of(
    pushes,
    pushes,
    st.builds(Look),
    st.builds(Look),
    st.builds(Wait, st.sampled_from([0, 1, 23, 24, 25, 72])),
    st.builds(Wait, st.sampled_from([0, 1, 23, 24, 25, 72])),
    st.builds(Alias, tags, tags),
    st.builds(Return, tags, st.integers(1, 4)),
    st.builds(Untag, tags),
    st.builds(Delete, st.integers(0, 50)),
    st.builds(Jump, st.sampled_from([0, 0, 1, -1, 80, -80, 240, -240])),
    st.builds(Forget),
)
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
    few = draw(st.lists(tags, min_size=2, max_size=6, unique=True))
    world = World([], draw(values))
    for tag in few:
        push = draw(pushes)
        Push(tag, push.images, push.year, push.attestation).happens(world)
    world.write([draw(references(world, tag)) for tag in draw(st.lists(st.sampled_from(few), min_size=1, max_size=4))])
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
    return f"nginx:{tag}"


@given(worlds(), st.lists(events, min_size=4, max_size=30))
@settings(max_examples=200)
def test_whatever_happens_every_rule_holds_after_every_run(world: World, happening: list[Push]) -> None:
    for event in happening:
        event.happens(world)
    world.look()


@given(worlds(), st.lists(events, min_size=4, max_size=20))
@settings(max_examples=100)
def test_when_nothing_happens_any_more_nothing_waits_for_ever(world: World, happening: list[Push]) -> None:
    for event in happening:
        event.happens(world)
    world.skew = timedelta()
    for _ in range(16):
        world.look()
        world.wait(timedelta(days=1))
    done = world.look()
    assert done.changes == ()
    assert [(str(k.finding.reference), k.reason) for k in done.kept if _waits(k)] == []


def _waits(kept: Kept) -> bool:
    return kept.outcome == "held" and kept.until is not None

"""A registry at random, repositories that name it, and what has to hold after each look at it, whatever happened.

The registry's clock is honest; that of the machine that runs pinbot may be off by days, and jump. The world keeps its
own books of what each tag named when, apart from the ledger, so that a rule can be checked against what was.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pinbot.formats._claims import Claims
from pinbot.formats.dockerfile import FORMAT
from pinbot.oci.digest import Digest
from pinbot.oci.manifest import Index, Manifest
from pinbot.oci.platform import Platform
from pinbot.oci.precise import is_more_precise
from pinbot.oci.reference import Reference
from pinbot.oci.resolution import Facts, Question, TagList
from pinbot.oci.suffixes import extends
from pinbot.oci.tags import compatible, kind, order_key, parse
from pinbot.planning.outcome import Change, Kept
from pinbot.planning.policy import LEVELS, Policy, Terms, Values
from pinbot.planning.result import Update
from pinbot.run import Doors, Scope, update
from tests.core.days import PATH, REGISTRY, Days
from tests.fakes.memory import BUMP, MemoryLedger, MemoryWorkspace

_SCOPE = Scope(Claims([FORMAT]))


@dataclass
class Shuffled:
    """The same registry, which tells its tags and gives its answers in another order."""

    shelf: object
    order: random.Random

    def answer(self, questions: Collection[Question]) -> Facts:
        asked = list(questions)
        self.order.shuffle(asked)
        answers = list(self.shelf.answer(asked).items())  # type: ignore[attr-defined] # a Shelf
        self.order.shuffle(answers)
        return {q: self._mixed(a) if isinstance(a, TagList) else a for q, a in answers}

    def _mixed(self, tags: TagList) -> TagList:
        names = list(tags.tags)
        self.order.shuffle(names)
        return replace(tags, tags=tuple(names))


@dataclass
class Stretch:
    """What a tag named from `start` to `stop`, by the honest clock; None while it still does."""

    digest: Digest
    start: datetime
    stop: datetime | None = None


@dataclass
class Look:
    """One run: the machine's clock, what was in the files, and what became of it."""

    values: Values
    machine: datetime
    before: Mapping[str, bytes]
    done: Update
    alive: frozenset[Digest]


class World(Days):
    """Some references to one repository, and the rules for what may become of them."""

    def __init__(self, tags: Sequence[str], values: Values) -> None:
        super().__init__()
        self.tags, self.values, self.skew = tags, values, timedelta()
        self.shelf.date = self.now
        self.books: dict[str, list[Stretch]] = {}
        # All contents that there ever were, also the deleted ones.
        self.known: dict[Digest, Manifest | Index] = {}

    def tag(self, number: int) -> str:
        """Return one of the few tags that this world is about."""
        return self.tags[number % len(self.tags)]

    def __repr__(self) -> str:
        tags = ", ".join(f"{t}={d.short}" for t, d in self.shelf.tags.items())
        return f"World({self.workspace.files} {self.values} {tags})"

    def write(self, references: Sequence[str]) -> None:
        """Let two files of the repository name these."""
        half = len(references) // 2
        self.workspace = MemoryWorkspace(
            {f"{name}/Dockerfile": _lines(some) for name, some in (("a", references[:half]), ("b", references[half:]))}
        )

    def let(self, tag: str, digest: Digest | None) -> None:
        """Write into the books what a tag names from now on, None for nothing."""
        stretches = self.books.setdefault(tag, [])
        if stretches and stretches[-1].stop is None:
            if stretches[-1].digest == digest:
                return
            stretches[-1].stop = self.now
        if digest is None:
            self.shelf.tags.pop(tag, None)
            return
        self.shelf.tags[tag] = digest
        stretches.append(Stretch(digest, self.now))

    def push_to(self, tag: str, images: Mapping[str, str] | str, created: datetime | None, attestation: str) -> None:
        """Push and write it down."""
        before = self.shelf.tags.get(tag)
        digest = self.push(tag, images, created, None, attestation)
        if before is None:
            del self.shelf.tags[tag]
        else:
            self.shelf.tags[tag] = before
        self.known |= self.shelf.contents
        self.let(tag, digest)

    def remove(self, digest: Digest) -> None:
        """Delete a digest, and with it the tags that name it, as a registry does."""
        self.delete(digest)
        for tag in [t for t, d in self.shelf.tags.items() if d == digest]:
            self.let(tag, None)

    def forget(self) -> None:
        """Lose the ledger."""
        self.ledger = MemoryLedger()

    def wait(self, span: timedelta) -> None:
        """Let honest time go by."""
        self.now += span
        self.shelf.date = self.now

    def look(self) -> Update:
        """Run once, in three ways that must come to the same, and check every rule."""
        machine = self.now + self.skew
        before = dict(self.workspace.files)
        other = self._otherwise(machine, before)
        done = self._run(machine, self.workspace, self.shelf, self.ledger)
        look = Look(self.values, machine, before, done, frozenset(self.shelf.contents))
        assert _ends(done) == _ends(other), "the order of files, references or answers plays a role"
        self._judge(look)
        again = self._run(machine, MemoryWorkspace(self.workspace.files), self.shelf, _copied(self.ledger))
        assert again.changes == (), [(str(c.old), str(c.new), c.reason) for c in again.changes]
        return done

    def _run(self, machine: datetime, workspace: MemoryWorkspace, resolver: object, ledger: MemoryLedger) -> Update:
        doors = Doors(resolver, ledger)  # type: ignore[arg-type] # a Shelf or a Shuffled one
        return update(workspace, _SCOPE, doors, BUMP, Terms(Policy(self.values), machine), write=True)

    def _otherwise(self, machine: datetime, files: Mapping[str, bytes]) -> Update:
        """Run on other files in other places: the same references, the last first."""
        order = random.Random(len(self.books))
        turned = {f"{9 - n}/Dockerfile": _turned(files[name]) for n, name in enumerate(sorted(files))}
        shelf = Shuffled(self.shelf, order)
        return self._run(machine, MemoryWorkspace(turned), shelf, _copied(self.ledger))

    def _judge(self, look: Look) -> None:
        done = look.done
        ends: list[Change | Kept] = [*done.changes, *done.kept]
        assert sorted(id(e.finding) for e in ends) == sorted(id(f) for f in done.survey.findings)
        for change in done.changes:
            told = f"{change.kind}: {change.old} -> {change.new} ({change.reason})"
            self._judge_tag(change, told)
            self._judge_digest(change, look, told)
        for kept in done.kept:
            assert kept.outcome != "held" or kept.until is None or kept.until > min(look.machine, self.now), kept.reason

    def _judge_tag(self, change: Change, told: str) -> None:
        old, new = change.old, change.new
        assert new.digest is not None, told
        assert new.tag is not None or old.tag is None, told
        if new.tag in {None, old.effective_tag, old.tag}:
            return
        assert new.tag is not None
        assert new.tag in self.shelf.tags, f"an invented tag: {told}"
        if old.tag is None:
            return
        was, became = parse(old.tag), parse(new.tag)
        if is_more_precise(became, was, word=old.tag) and self.values.tag == "precise":
            return
        assert was is not None, told
        assert became is not None, told
        if self.values.tag == "precise" and len(became.numbers) > len(was.numbers):
            became = replace(became, numbers=became.numbers[: len(was.numbers)])
        assert order_key(became) > order_key(was), f"a downgrade: {told}"
        assert compatible(was, became, follow_suffix=self.values.suffix == "follow") is None, told
        assert extends(became.suffix, was.suffix) or self.values.suffix == "follow", f"another variant: {told}"
        assert LEVELS.index(kind(was, became)) <= LEVELS.index(self.values.level), f"too far: {told}"

    def _judge_digest(self, change: Change, look: Look, told: str) -> None:
        old, digest, tag = change.old, change.new.digest, change.new.tag
        assert digest is not None
        if tag is None or (digest, tag) == (old.digest, old.tag):
            return
        assert digest in look.alive, f"not served: {told}"
        stretches = [s for s in self.books.get(tag, []) if digest in self.holds(s.digest)]
        assert stretches, f"never served for the tag: {told}"
        if change.old.digest == digest or (old.digest is None and change.kind in {"pin", "replace"}):
            return
        follows = tag if change.kind in {"patch", "minor", "major"} else old.tag or tag
        taken_back = self.ledger.histories[REGISTRY, PATH, follows].retracted
        assert digest not in taken_back, f"taken back: {told}"
        if not self._runs(old, look):
            return
        first = min(s.start for s in self.books.get(follows, []) if digest in self.holds(s.digest))
        assert first + self.values.cooldown <= self.now, f"too young, {self.now - first}: {told}"
        if change.kind == "refresh":
            self._judge_refresh(old, digest, told)

    def _judge_refresh(self, old: Reference, digest: Digest, told: str) -> None:
        before, after = self._platforms(old.digest), self._platforms(digest)
        if before is None or after is None:
            return
        declared = {p.normal() for p in self.values.platforms} or {*before, *after}
        mine = {p: d for p, d in before.items() if p in declared}
        its = {p: d for p, d in after.items() if p in declared}
        assert mine != its or not mine, f"nothing that counts has changed: {told}"
        if mine.keys() - its.keys():
            left = max(s.stop or self.now for s in self.books[old.tag or ""] if s.digest == old.digest)
            assert left + self.values.settle <= self.now, f"not settled: {told}"

    def _runs(self, old: Reference, look: Look) -> bool:
        """Whether the pin and all its images were served; one that was not may be replaced by anything."""
        return old.digest in look.alive and all(d in look.alive for d in self.holds(old.digest))

    def holds(self, digest: Digest | None) -> list[Digest]:
        """Return a digest and those of the images in it, as far as anybody ever knew."""
        content = self.known.get(digest) if digest else None
        images = [c.digest for c in content.images] if isinstance(content, Index) else []
        return [*([digest] if digest else []), *images]

    def _platforms(self, digest: Digest | None) -> dict[Platform, Digest] | None:
        content = self.known.get(digest) if digest else None
        if not isinstance(content, Index):
            return None
        return {c.platform.normal(): c.digest for c in content.images if c.platform}


def _copied(ledger: MemoryLedger) -> MemoryLedger:
    copy = MemoryLedger()
    copy.histories, copy.contents = dict(ledger.histories), dict(ledger.contents)
    return copy


def _lines(references: Sequence[str]) -> bytes:
    return "".join(f"FROM {r}\n" for r in references).encode()


def _turned(text: bytes) -> bytes:
    return b"".join(reversed(text.splitlines(keepends=True)))


def _ends(done: Update) -> list[str]:
    changes = [f"{c.old} {c.kind} {c.new} {c.reason}" for c in done.changes]
    kept = [f"{k.finding.reference} {k.outcome} {k.reason} {k.until}" for k in done.kept]
    return sorted([*changes, *kept])

"""What scanning a file yields: findings, skips, and what the file says about other files."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from pinbot.oci.platform import Platform
from pinbot.oci.reference import Reference
from pinbot.source.directive import Directive
from pinbot.source.text import Position, Span

AsideStatus = Literal["local", "variable", "ignored", "invalid"]
Stage = Literal["final", "builder"]


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a tag or a digest stands, or would stand: then the span is empty, and it goes between `lead` and `tail`.

    `path` names another file of the repository where the text stands there (a `.env` line). `bare` is the slot of a
    digest without its algorithm (`sha: 9b2a…`). `cut` is what has to go with a digest that is taken out, where that is
    not just the `@` before it: its key, the line of it.
    """

    span: Span
    lead: str = ""
    path: str | None = None
    tail: str = ""
    bare: bool = False
    cut: Span | None = None


@dataclass(frozen=True, slots=True)
class Writable:
    """A reference that pinbot may change: its parts and the slots they stand in.

    `tag` is None where no tag can be written there, `name` where the name cannot be written in full by itself: it
    comes in parts, or something puts a registry before it, or goes by it.
    """

    reference: Reference
    digest: Slot
    tag: Slot | None = None
    name: Slot | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """What a reference becomes where some file of the repository is a Consumer of `needs`."""

    needs: str
    standing: Writable


@dataclass(frozen=True, slots=True)
class Fixed:
    """A reference that is known but cannot be changed here; `reason` is a sentence a user can act on."""

    reference: Reference
    reason: str
    offer: Offer | None = None


@dataclass(frozen=True, slots=True)
class Aside:
    """Something in a reference's place that is not an image to pin; `reference` where its parts are known."""

    status: AsideStatus
    reason: str
    reference: Reference | None = None


Standing = Writable | Fixed | Aside


@dataclass(frozen=True, slots=True)
class Lapse:
    """Why an ignore remark does not count: it has `expired`, or the settings do not permit it as it is."""

    reason: str
    expired: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """One image reference in one file.

    `span` and `text` are the text that carries it, as written where it is used; `where` is the place in the
    words of the format (`FROM (stage build)`, `services.db.image`). `variables` are the names of the variables
    that its value passed through, in the order in which they were followed. `settable` are the names under which
    other files may set its tag from outside, as an Override says them. `stage` says, for a Dockerfile, whether what
    it names is in the image that is built, or only helps to build it; None elsewhere. `lapsed` says of each ignore
    remark about it that does not count any more, or never did, why.
    """

    path: str
    format: str
    where: str
    span: Span
    position: Position
    text: str
    standing: Standing
    platform: Platform | None = None
    variables: tuple[str, ...] = ()
    directives: tuple[Directive, ...] = ()
    settable: tuple[str, ...] = ()
    stage: Stage | None = None
    lapsed: tuple[Lapse, ...] = ()

    @property
    def reference(self) -> Reference | None:
        """The parsed reference, None where it is unknown."""
        return self.standing.reference

    @property
    def slots(self) -> tuple[Slot, ...]:
        """Where its digest and its tag can be written; none where nothing can."""
        match self.standing:
            case Writable(digest=digest, tag=tag):
                return (digest, tag) if tag else (digest,)
            case _:
                return ()


@dataclass(frozen=True, slots=True)
class Skip:
    """A file, or a stretch of it, that was not read as its format; `reason` is a sentence."""

    path: str
    reason: str
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class BuildContext:
    """One file sets something for the build of another: `additional_contexts` and `build.args` in compose.

    `dockerfile` is the path of the Dockerfile in the repository, `contexts` the names that are build contexts
    there, `arguments` the names of ARGs whose value is set from outside; `place` says where, for a reason.
    """

    dockerfile: str
    contexts: frozenset[str]
    arguments: frozenset[str]
    place: str

    def applied(self, finding: Finding) -> Finding:
        """Return a finding of the Dockerfile as it stands within this build."""
        if self._names(finding):
            return replace(finding, standing=Aside("local", f"a build context that {self.place} names"))
        fed = next((name for name in finding.variables if name in self.arguments), None)
        if fed is None or not isinstance(finding.standing, Writable):
            return finding
        reason = f"{self.place} sets {fed} for this build, so a digest here would not be what is built"
        return replace(finding, standing=Fixed(finding.standing.reference, reason))

    def _names(self, finding: Finding) -> bool:
        """Whether a context stands in for an image; BuildKit compares the names as Docker would complete them."""
        if finding.text in self.contexts:
            return True
        return finding.reference is not None and finding.reference.identity in _identities(self.contexts)


# The contexts of a build are compared with every name in its Dockerfile.
@lru_cache(maxsize=1024)
def _identities(names: frozenset[str]) -> frozenset[tuple[object, ...]]:
    return frozenset(reference.identity for reference in map(Reference.parse_or_none, names) if reference)


@dataclass(frozen=True, slots=True)
class Use:
    """A file reads a value that stands in another one: a compose file a line of its `.env`.

    `path` and `span` say where the value stands, `place` who reads it, for a reason.
    """

    path: str
    span: Span
    place: str


@dataclass(frozen=True, slots=True)
class Override:
    """A file sets what others may hold: a workflow runs `helm upgrade --set image.tag=…`.

    `place` and `effect` are a sentence on why nothing can be written where it is held.
    """

    key: str
    place: str
    effect: str = "sets this tag, and a digest here would silently beat what it sets"


@dataclass(frozen=True, slots=True)
class Consumer:
    """A file reads what others may hold, once it is there: a template of a chart reads `.Values.image.digest`."""

    key: str


@dataclass(frozen=True, slots=True)
class Published:
    """A file of this repository builds and pushes an image, which is then no foreign one; `place` is for a reason."""

    registry: str
    repository: str
    place: str


@dataclass(frozen=True, slots=True)
class BuiltFor:
    """A file builds an image for these platforms."""

    platforms: frozenset[Platform]


Relation = BuildContext | Use | Override | Consumer | Published | BuiltFor


@dataclass(frozen=True, slots=True)
class Idle:
    """A digest in the value of the variable `name` that nothing consumes; `reason` is a sentence.

    `span` and `text` are the value. `alone_of` names a format whose files are read together: it holds only where the
    repository has one of them.
    """

    path: str
    span: Span
    position: Position
    text: str
    name: str
    reason: str
    directives: tuple[Directive, ...] = ()
    alone_of: str | None = None


Yield = Finding | Skip | Relation | Idle

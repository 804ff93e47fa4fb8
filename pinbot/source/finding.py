"""What scanning a file yields: findings, skips, and what the file says about other files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pinbot.oci.platform import Platform
from pinbot.oci.reference import Reference
from pinbot.source.directive import Directive
from pinbot.source.text import Position, Span

AsideStatus = Literal["local", "variable", "ignored", "invalid"]


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a tag or a digest stands, or would stand: then the span is empty and `lead` goes before it.

    `path` names another file of the repository where the text stands there (a `.env` line).
    """

    span: Span
    lead: str = ""
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Writable:
    """A reference that pinbot may change: its parts and the slots they stand in.

    `tag` is None where no tag can be written there.
    """

    reference: Reference
    digest: Slot
    tag: Slot | None = None


@dataclass(frozen=True, slots=True)
class Fixed:
    """A reference that is known but cannot be changed here; `reason` is a sentence a user can act on."""

    reference: Reference
    reason: str


@dataclass(frozen=True, slots=True)
class Aside:
    """Something in a reference's place that is not an image to pin; `reference` where its parts are known."""

    status: AsideStatus
    reason: str
    reference: Reference | None = None


Standing = Writable | Fixed | Aside


@dataclass(frozen=True, slots=True)
class Finding:
    """One image reference in one file.

    `span` and `text` are the text that carries it, as written where it is used; `where` is the place in the
    words of the format (`FROM (stage build)`, `services.db.image`). `variables` are the names of the variables
    that its value passed through, in the order in which they were followed.
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

    @property
    def reference(self) -> Reference | None:
        """The parsed reference, None where it is unknown."""
        return self.standing.reference


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


Yield = Finding | Skip | BuildContext

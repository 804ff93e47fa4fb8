"""Values that a file gives to the ARGs of a Dockerfile, and that are then what is built:
https://docs.docker.com/build/building/variables/#build-arguments

`args: {GO: "1.22"}` with `FROM golang:${GO}` is a reference of the file that gives the value: it is found there, and
its digest goes behind the tag there, if the value ends one reference and feeds nothing else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from pinbot.errors import InvalidReference
from pinbot.formats._base import MAX_BYTES
from pinbot.formats._dockerfile import fed_by
from pinbot.formats._dockerfile_uses import Use
from pinbot.formats._pieces import Piece, Step, Value
from pinbot.formats._pieces_standing import Sources, standing_over
from pinbot.formats._yaml_scalar import scalar_finding, shortened
from pinbot.oci.reference import Reference
from pinbot.source.finding import Aside, Finding, Fixed, Slot, Standing, Writable
from pinbot.source.text import SourceFile, Span

# A Dockerfile is read once for each build of it; no file describes more of them by hand.
_MAX_BUILDS = 500


@dataclass(frozen=True, slots=True)
class Argument:
    """A value that is given: where it stands, what it is, and why nothing can be written into it, if so.

    `sources` knows the variables that the value came through.
    """

    where: str
    span: Span
    value: Value
    sources: Sources | None = None
    problem: str | None = None


@dataclass(slots=True)
class Builds:
    """The builds that one file describes, with the references that come of the arguments they give."""

    file: SourceFile
    format_name: str
    _found: dict[Span, list[Finding]] = field(default_factory=dict)
    _reaches: dict[Span, str] = field(default_factory=dict)
    _number: int = 0

    def add(self, dockerfile: SourceFile, given: Mapping[str, Argument], contexts: Collection[str] = ()) -> None:
        """Take in a build of `dockerfile`; `contexts` are names that are no images in it."""
        self._number += 1
        if not given or self._number > _MAX_BUILDS or len(dockerfile.text) > MAX_BYTES:
            return
        uses, fed = fed_by(dockerfile, {name: _marked(one.value, self.file.path) for name, one in given.items()})
        for name, argument in given.items():
            if name in uses.arguments.exposed:
                line = uses.arguments.exposed[name]
                self._reaches[argument.span] = (
                    f"ARG {name} in {dockerfile.path}, line {line}, lets a stage see the value"
                )
        for use in fed:
            name = next(name for name in use.value.names if name in given)
            if use.text not in contexts and use.value.text not in contexts:
                standing = _Feeding(dockerfile, uses.arguments, given[name], self.file.path).standing(use)
                self._add(given[name], use, standing)

    def _add(self, argument: Argument, use: Use, standing: Standing) -> None:
        present = self._found.setdefault(argument.span, [])
        if standing.reference not in [one.reference for one in present]:
            found = scalar_finding(self.file, self.format_name, argument.where, argument.span, standing)
            present.append(replace(found, variables=use.value.names, platform=use.platform))

    def findings(self) -> Iterator[Finding]:
        """Yield what was found, each reference once."""
        for span, found in self._found.items():
            reason = self._reaches.get(span)
            if len(found) > 1:
                reason = f"it feeds {found[0].reference} and {found[1].reference}, and a digest would reach both"
            for one in found:
                yield replace(one, standing=_refused(one.standing, reason)) if reason else one


def _refused(standing: Standing, reason: str) -> Standing:
    return Fixed(standing.reference, reason) if isinstance(standing, Writable) else standing


def _marked(value: Value, path: str) -> Value:
    """Return a value whose pieces say that they stand in the file at `path`, and know no ARG by its number."""
    pieces = (
        replace(piece, path=piece.path or path, steps=tuple(Step(step.name, None) for step in piece.steps))
        for piece in value.pieces
    )
    return replace(value, pieces=tuple(pieces))


class _Feeding:
    """One argument and a Dockerfile that it feeds: what is known of the variables of both."""

    def __init__(self, dockerfile: SourceFile, arguments: Sources, argument: Argument, path: str) -> None:
        self._dockerfile, self._arguments, self._argument, self._path = dockerfile, arguments, argument, path

    def override(self, name: str) -> str:
        """Say how the value of a variable is set from outside."""
        return self._arguments.override(name)

    def why_shared(self, steps: Iterable[Step]) -> str | None:
        """Say what else than one reference the variables of `steps` feed, in either file."""
        steps = tuple(steps)
        reason = self._arguments.why_shared(steps)
        if reason:
            return f"in {self._dockerfile.path}, {reason}"
        given = [step for step in steps if step.definition is None]
        return self._argument.sources.why_shared(given) if self._argument.sources else None

    def standing(self, use: Use) -> Standing:
        """Return the standing of a reference that the argument feeds."""
        text = use.value.text
        if use.value.problem:
            return Aside("variable", use.value.problem.reason)
        try:
            reference = Reference.parse(text)
        except InvalidReference:
            return Aside("variable", f"{self._dockerfile.path} makes {shortened(text)!r} of it, which is no reference")
        standing = standing_over(use.value, reference, self)
        if not isinstance(standing, Writable):
            return standing
        if standing.digest.path != self._path:
            return Fixed(reference, f"the digest stands in {self._dockerfile.path}; write it here, in one piece")
        if self._argument.problem:
            return Fixed(reference, self._argument.problem)
        return Writable(reference, self._own(standing.digest), self._here(standing.tag), self._here(standing.name))

    def _here(self, slot: Slot | None) -> Slot | None:
        return self._own(slot) if slot and slot.path == self._path else None

    def _own(self, slot: Slot) -> Slot:
        return replace(slot, path=None)


def plain(span: Span, text: str) -> Value:
    """Return the value of a text in which nothing is filled in."""
    return Value((Piece(text, span.start),))

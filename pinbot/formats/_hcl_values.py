"""What an expression of HCL comes to, followed through the variables of its file, and where its digest goes
(https://developer.hashicorp.com/terraform/language/expressions/strings#string-templates).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pinbot.errors import InvalidReference
from pinbot.formats._base import finding_at
from pinbot.formats._hcl_kinds import Expression, Items, Literal, Name, Object, Other, Template
from pinbot.formats._pieces import Piece, Problem, Step, Value, join
from pinbot.formats._pieces_standing import standing_over
from pinbot.formats._yaml_scalar import filled_in, shortened, with_remark
from pinbot.oci.reference import Reference
from pinbot.source.finding import Aside, Finding, Standing
from pinbot.source.text import SourceFile, Span

_MAX_STEPS = 16
_MAX_CHARACTERS = 4096
NULL = "it is null by default"
_ESCAPES = ("\\", "$${", "%%{")
_TEXTS = frozenset({"string", "any"})
Why = Callable[[tuple[str, ...]], str]


@dataclass(frozen=True, slots=True)
class Given:
    """The value of a variable, in the file where it is given, and its `type`, where one is declared."""

    file: SourceFile
    expression: Expression
    type: Expression | None = None

    @property
    def is_text(self) -> bool:
        """Whether the value may be any text, as one with a digest in it is."""
        return self.type is None or self.file.slice(self.type.span).strip('"') in _TEXTS


@dataclass
class Variables:
    """The variables that a file may use, by their full names (`var.tag`), and who uses them.

    `set_from_outside` says how that is done, `unknown` why one that has no value here is not known, and `elsewhere`
    where other files use a name, or nothing. `uses` has the lines on which this file uses each.
    """

    file: SourceFile
    values: Mapping[tuple[str, ...], Given]
    set_from_outside: Callable[[str], str]
    unknown: Why
    uses: Callable[[], Mapping[tuple[str, ...], Sequence[int]]]
    elsewhere: Callable[[str], str | None] = field(default=lambda _name: None)

    def override(self, name: str) -> str:
        """Say how the value of a variable is set from outside."""
        return self.set_from_outside(name)

    def why_shared(self, steps: Iterable[Step]) -> str | None:
        """Say what else than one reference the variables of `steps` feed; None where there is nothing."""
        for step in steps:
            names = tuple(step.name.split("."))
            uses = self.uses().get(names, [])
            if names in self.values and not self.values[names].is_text:
                return f"{step.name} is declared as no string, so a digest in its value would be refused"
            if len(uses) > 1:
                lines = f"lines {uses[0]} and {uses[1]}" if uses[0] != uses[1] else f"line {uses[0]} twice"
                return f"{step.name} is used on {lines}, and a digest in its value would reach both"
            if reason := self.elsewhere(step.name):
                return reason
        return None

    def value(self, expression: Expression, file: SourceFile | None = None, way: tuple[Step, ...] = ()) -> Value:
        """Return what an expression comes to, one of this file or of another one."""
        file = file or self.file
        match expression:
            case Template(lines=None):
                return self._joined(expression, file, way)
            case Template():
                return _unknown("a here-document stands here; write the reference in quotes")
            case Name(names=names) if names in self.values:
                return self._followed(".".join(names), self.values[names], way)
            case Name(names=names):
                return _unknown(self.unknown(names), ".".join(names))
            case Other(kind="numeric_lit"):
                return _unknown("a number stands here; quote it to have it read as text")
            case Other(kind="null_lit"):
                return _unknown(NULL)
            case _:
                written = shortened(file.slice(expression.span))
                return _unknown(f"pinbot does not follow {written}")

    def _followed(self, name: str, given: Given, way: tuple[Step, ...]) -> Value:
        step = Step(name, 0)
        if len(way) >= _MAX_STEPS or step in way:
            return _unknown(f"{name} depends on itself, or on too many others", name)
        found = self.value(given.expression, given.file, (*way, step))
        pieces = [replace(piece, steps=(step, *piece.steps)) for piece in found.pieces]
        start = given.expression.span.start
        empty = [Piece("", start, (step,), self._path(given.file))] if not found.problem else []
        return Value(tuple(pieces or empty), found.problem, (name, *found.names))

    def _joined(self, template: Template, file: SourceFile, way: tuple[Step, ...]) -> Value:
        pieces: list[Piece] = []
        names: list[str] = []
        for part in template.parts:
            if isinstance(part, Literal):
                text = file.slice(part.span)
                if any(mark in text for mark in _ESCAPES):
                    return _unknown("an escape stands here; write the reference without it")
                join(pieces, [Piece(text, part.span.start, (), self._path(file))])
                continue
            found = self.value(part, file, way)
            names += found.names
            if found.problem:
                return Value((), found.problem, tuple(names))
            join(pieces, found.pieces)
            if sum(len(piece.text) for piece in pieces) > _MAX_CHARACTERS:
                return _unknown("the value is longer than any image reference")
        return Value(tuple(pieces), None, tuple(names))

    def _path(self, file: SourceFile) -> str | None:
        return None if file is self.file else file.path

    def standing(self, value: Value) -> Standing:
        """Return the standing of a reference that a value is."""
        if value.problem:
            return Aside(value.problem.status, value.problem.reason)
        if not value.text:
            return Aside("variable", f"{value.names[0]} is empty by default" if value.names else "nothing stands here")
        if aside := filled_in(value.text):
            return aside
        try:
            reference = Reference.parse(value.text)
        except InvalidReference as error:
            return Aside("variable" if value.names else "invalid", str(error))
        return standing_over(value, reference, self)


def _unknown(reason: str, name: str | None = None) -> Value:
    return Value((), Problem("variable", reason), (name,) if name else ())


def span_of(expression: Expression) -> Span:
    """Return the text that carries a reference: a string without its quotes, of other expressions all."""
    return expression.content if isinstance(expression, Template) and expression.lines is None else expression.span


def branches(expression: Expression) -> tuple[Expression, ...]:
    """Return what an expression may come to: of a condition all that it decides between."""
    if isinstance(expression, Other) and expression.kind == "conditional":
        return expression.inner
    return (expression,)


def is_nothing(expression: Expression) -> bool:
    """Whether an expression says that there is no reference: an empty string or null."""
    if isinstance(expression, Template):
        return not expression.parts
    return isinstance(expression, Other) and expression.kind in {"null_lit", "error"}


def findings(expression: Expression, variables: Variables, format_name: str, where: str) -> Iterator[Finding]:
    """Yield the finding for a reference that an expression is; two where a condition decides."""
    for one in branches(expression):
        if not is_nothing(one) and not isinstance(one, Items | Object):
            yield finding(one, variables.value(one), variables, format_name, where)


def finding(expression: Expression, value: Value, variables: Variables, format_name: str, where: str) -> Finding:
    """Return the finding for a reference whose value is known, or known not to be."""
    file, span = variables.file, span_of(expression)
    standing = variables.standing(value)
    if not value.names:
        standing = with_remark(file, standing, span)
    return replace(
        finding_at(file, format_name, where, span, standing),
        variables=tuple(dict.fromkeys(value.names)),
    )

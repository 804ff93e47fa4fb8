"""Compose's variables: https://docs.docker.com/reference/compose-file/interpolation/ and the `.env` file beside it,
https://docs.docker.com/compose/how-tos/environment-variables/variable-interpolation/#env-file-syntax.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pinbot.source.text import Span

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OPERATOR = re.compile(r":?[-?+]")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
# Compose itself has no limit; no template that a person wrote comes near, and recursion must end.
_MAX_DEPTH = 20
# No reference is longer than this; values that feed one another could double with every line.
MAX_LENGTH = 1_000


@dataclass(frozen=True, slots=True)
class Literal:
    """Text that stands for itself; `start` is its offset in the template."""

    text: str
    start: int


@dataclass(frozen=True, slots=True)
class Variable:
    """`$NAME`, or `${NAME…}` with an operator (empty: none) and what stands behind it."""

    name: str
    operator: str = ""
    argument: tuple[Part, ...] = ()

    def is_set(self, values: Mapping[str, str]) -> bool:
        """Whether the variable counts as set: an operator with a colon takes an empty value for none."""
        return bool(values.get(self.name)) if ":" in self.operator else self.name in values


Part = Literal | Variable


@dataclass(frozen=True, slots=True)
class Expanded:
    """A template with its variables filled in; `unknown` are those that have neither a value nor a default."""

    text: str
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class End:
    """What ends a template: the text in force, which every override of `names` replaces.

    `literal` is None where that is the value of the last of `names`. `reach` is how many characters of the expanded
    text come before the end of the last other variable.
    """

    literal: Literal | None
    names: tuple[str, ...] = ()
    reach: int = 0


class _Invalid(Exception):
    """The template is none."""


def parse(template: str) -> tuple[Part, ...] | None:
    """Return the parts of a template, None where compose would refuse it."""
    try:
        parts, _ = _parts(template, 0, 0)
    except _Invalid:
        return None
    return parts


def expand(parts: Sequence[Part], values: Mapping[str, str]) -> Expanded:
    """Fill in the variables; one without a value or default becomes empty, as compose does with a warning."""
    text: list[str] = []
    unknown: list[str] = []
    for part in parts:
        inner = Expanded(part.text) if isinstance(part, Literal) else _expand_one(part, values)
        text.append(inner.text)
        unknown += inner.unknown
    return Expanded("".join(text), tuple(unknown))


def names(parts: Sequence[Part]) -> Iterator[str]:
    """Yield the name of every variable in a template, those inside of defaults too."""
    for part in parts:
        if isinstance(part, Variable):
            yield part.name
            yield from names(part.argument)


def open_end(parts: Sequence[Part], values: Mapping[str, str]) -> End | None:
    """Return the value or default in force that ends the template, or its plain text where it holds no variable.

    None where the template ends in something else.
    """
    length = reach = 0
    for part in parts[:-1]:
        length += len(expand((part,), values).text)
        reach = length if isinstance(part, Variable) else reach
    last = parts[-1] if parts else None
    if isinstance(last, Literal):
        return None if any(isinstance(part, Variable) for part in parts) else End(last)
    if last is None or "+" in last.operator:
        return None
    if last.is_set(values):
        return End(None, (last.name,), reach)
    if "-" not in last.operator:
        return None
    inner = open_end(last.argument, values)
    return inner and End(inner.literal, (last.name, *inner.names), length + inner.reach if inner.reach else reach)


def _expand_one(variable: Variable, values: Mapping[str, str]) -> Expanded:
    present = variable.is_set(values)
    match variable.operator[-1:]:
        case "+":
            return expand(variable.argument, values) if present else Expanded("")
        case "-" if not present:
            return expand(variable.argument, values)
        case _:
            return Expanded(values[variable.name]) if present else Expanded("", (variable.name,))


def _parts(template: str, at: int, depth: int) -> tuple[tuple[Part, ...], int]:
    """Read up to the end of the template, or inside of a variable up to its closing brace."""
    parts: list[Part] = []
    start, braces = at, 0
    while at < len(template):
        character = template[at]
        if depth and character == "}" and not braces:
            break
        braces += (character == "{") - (character == "}") if depth else 0
        if character != "$":
            at += 1
            continue
        parts += [Literal(template[start:at], start)] if start < at else []
        part, at = _dollar(template, at, depth)
        parts.append(part)
        start = at
    parts += [Literal(template[start:at], start)] if start < at else []
    return tuple(parts), at


def _dollar(template: str, at: int, depth: int) -> tuple[Part, int]:
    """Read what begins with the dollar at `at`: an escape, a variable, or a dollar that is just one."""
    if template.startswith("$$", at):
        return Literal("$", at), at + 2
    if template.startswith("${", at):
        return _braced(template, at + 2, depth + 1)
    name = _NAME.match(template, at + 1)
    return (Variable(name[0]), name.end()) if name else (Literal("$", at), at + 1)


def _braced(template: str, at: int, depth: int) -> tuple[Variable, int]:
    name = _NAME.match(template, at)
    if name is None or depth > _MAX_DEPTH:
        raise _Invalid
    operator = _OPERATOR.match(template, name.end())
    argument: tuple[Part, ...] = ()
    end = name.end()
    if operator:
        argument, end = _parts(template, operator.end(), depth)
    if not template.startswith("}", end):
        raise _Invalid
    return Variable(name[0], operator[0] if operator else "", argument), end + 1


@dataclass(frozen=True, slots=True)
class Setting:
    """A variable's value in a `.env` file, and the line (from 1) that sets it.

    `span` is where the value stands; None where it is not written as it is, because of escapes or other variables.
    """

    value: str
    line: int
    span: Span | None = None


_ASSIGNMENT = re.compile(r"[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.-]*)[ \t]*[=:][ \t]*")
_QUOTED = {"'": re.compile(r"'([^']*)'"), '"': re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)}
_USED = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)")
_BARE = re.compile(r"[^\n]*")


def dotenv(text: str) -> dict[str, Setting]:
    """Return what a `.env` file sets; a later line wins, and lines that set nothing are passed over."""
    settings: dict[str, Setting] = {}
    at, line = 1 if text.startswith("\ufeff") else 0, 1
    while at < len(text):
        assignment = _ASSIGNMENT.match(text, at)
        end = at
        if assignment:
            value, stretch, end = _value(text, assignment.end(), {name: s.value for name, s in settings.items()})
            literal = stretch if text[stretch.start : stretch.stop] == value else None
            settings[assignment[1]] = Setting(value[:MAX_LENGTH], line, literal)
        after = text.find("\n", end) + 1 or len(text)
        line += text.count("\n", at, after)
        at = after
    return settings


def dotenv_uses(text: str) -> Iterator[tuple[str, int]]:
    """Yield the variables that the values of a `.env` file use, each with its line (from 1)."""
    for number, line in enumerate(text.split("\n"), 1):
        if "$" in line and not line.lstrip().startswith("#"):
            yield from ((match[1], number) for match in _USED.finditer(line))


def _value(text: str, at: int, values: Mapping[str, str]) -> tuple[str, Span, int]:
    """Read the value at `at`: its text with variables filled in, the text in the file, and where it ends."""
    quoted = _QUOTED[text[at]].match(text, at) if text[at : at + 1] in _QUOTED else None
    if quoted:
        single = text[at] == "'"
        value = quoted[1] if single else re.sub(r"\\(.)", _unescaped, quoted[1], flags=re.DOTALL)
        return value if single else _filled(value, values), Span(*quoted.span(1)), quoted.end()
    bare = _BARE.match(text, at)
    written = bare[0] if bare else ""
    value = re.sub(r"(?:^|\s)#.*", "", written).strip()
    return _filled(value, values), Span(at, at + len(value)), at + len(written)


def _unescaped(escape: re.Match[str]) -> str:
    # `\$` keeps the dollar from being a variable, so it has to stay one for the template: `$$`.
    return "$$" if escape[1] == "$" else _ESCAPES.get(escape[1], escape[0])


def _filled(value: str, values: Mapping[str, str]) -> str:
    parts = parse(value) if "$" in value and len(value) <= MAX_LENGTH else None
    return expand(parts, values).text if parts is not None else value

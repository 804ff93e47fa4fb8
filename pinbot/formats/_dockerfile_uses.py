"""Where a Dockerfile names images: https://docs.docker.com/reference/dockerfile/#from, #copy---from, #run---mount,
#onbuild and #syntax.

One walk over the instructions; what a name means is only judged when all stages and uses of variables are known.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from pinbot.formats._dockerfile_lexer import KEYWORDS, Instruction, Line, Source, parse_directive
from pinbot.formats._dockerfile_standing import is_template
from pinbot.formats._dockerfile_values import Arguments
from pinbot.formats._dockerfile_variables import expand
from pinbot.formats._dockerfile_words import Flag, fields, flags, quoted_words, split
from pinbot.formats._pieces import Problem, Value, literal
from pinbot.oci.platform import Platform
from pinbot.source.text import BOM, SourceFile, Span

_SYNTAX_MEMBER = re.compile(r'"syntax"\s*:\s*"([^"\\]*)"')
_NO_EXPANSION = Problem("invalid", "variables are not replaced here; give the image a stage of its own and name that")
_NOT_A_FROM = Problem("invalid", "FROM takes an image, or an image AS a name")


Scope = Literal["earlier", "all", "numbers", "trigger", "none"]
"""Which names are stages in a place: those of the first `Use.stages` stages, all names, all names and numbers, all
names and the numbers of another build, none."""


@dataclass(frozen=True, slots=True)
class Use:
    """A place that names an image; `first` is the offset of the line on which its instruction begins."""

    where: str
    scope: Scope
    span: Span
    text: str
    value: Value
    first: int
    stages: int = 0
    platform: Platform | None = None


@dataclass(frozen=True, slots=True)
class Default:
    """A default that an ARG writes: its place without quotes, and whether that is before the first FROM."""

    name: str
    span: Span
    is_global: bool


@dataclass(slots=True)
class Uses:
    """What the walk has gathered: uses in their order, stages by their lower-case names, ARGs and their defaults.

    `last_run` is the offset of the last instruction that runs something, or lets another build do so.
    """

    file: SourceFile
    found: list[Use] = field(default_factory=list)
    names: dict[str, int] = field(default_factory=dict)
    stages: int = 0
    arguments: Arguments = field(default_factory=Arguments)
    known: bool = False
    unknown: int | None = None
    defaults: list[Default] = field(default_factory=list)
    last_run: int = -1

    def read(self, instruction: Instruction) -> None:
        """Take in the next instruction."""
        if instruction.keyword in KEYWORDS:
            self.known = True
        elif self.unknown is None:
            self.unknown = instruction.first
        if instruction.keyword in {"RUN", "ONBUILD"}:
            self.last_run = instruction.first
        match instruction.keyword:
            case "FROM":
                self._read_from(instruction)
            case "ARG":
                self._read_argument(instruction)
            case "ONBUILD":
                inner = instruction.triggered()
                if inner and inner.keyword in {"COPY", "RUN"}:
                    self._read_flags(inner, "ONBUILD ")
            case "COPY" | "RUN":
                self._read_flags(instruction, "")
            case _:
                pass

    def read_syntax(self, lines: Sequence[Line]) -> None:
        """Take in the `# syntax=` directive, if there is one."""
        found = _syntax(lines)
        if found:
            offset, text = found
            value = literal([(offset, text)])
            self.found.append(Use("# syntax", "none", Span(offset, offset + len(text)), text, value, offset))

    def final(self) -> frozenset[int]:
        """Return the numbers of the stages that are in the result: the last one, and those that it is built FROM."""
        based = {use.stages: use.value.text for use in self.found if use.scope == "earlier"}
        found, number = set[int](), self.stages - 1
        while number in based and number not in found:
            found.add(number)
            earlier = self.names.get(based[number].lower(), number)
            number = min(earlier, number)
        return frozenset(found)

    def _read_from(self, instruction: Instruction) -> None:
        source, text = instruction.source, instruction.text
        options, rest = flags(text, instruction.arguments, instruction.escape)
        words = split(text, rest)
        if not words:
            return
        user = f"the FROM on line {self._line(instruction)}"
        named = len(words) >= 3 and text[slice(*words[-2])].lower() == "as"
        name = text[slice(*words[-1])] if named else ""
        value, (start, stop) = self._base(instruction, words[:-2] if named else words, user)
        start, stop = _without_quotes(text, start, stop)
        self.found.append(
            Use(
                where=f"FROM (stage {name})" if name else "FROM",
                scope="earlier",
                span=source.span(start, stop),
                text=text[start:stop],
                value=value,
                first=instruction.first,
                stages=self.stages,
                platform=self._platform(instruction, options, user),
            )
        )
        if name:
            self.names.setdefault(name.lower(), self.stages)
        self.stages += 1

    def _base(self, instruction: Instruction, words: list[tuple[int, int]], user: str) -> tuple[Value, tuple[int, int]]:
        """Return the value and the indices of what a FROM is based on."""
        start, stop = words[0][0], words[-1][1]
        if is_template(instruction.text[start:stop]):
            return literal(instruction.source.pieces(start, stop)), (start, stop)
        if len(words) > 1:
            return replace(literal(instruction.source.pieces(*words[0])), problem=_NOT_A_FROM), words[0]
        return expand(instruction.source, start, stop, self.arguments, instruction.escape, user), words[0]

    def _platform(self, instruction: Instruction, options: list[Flag], user: str) -> Platform | None:
        """Return the platform of a FROM where it is written out; one from a variable counts as a use of that."""
        value = next((v for v in (o.value("platform") for o in options) if v), None)
        if value is None:
            return None
        place = f"--platform of {user}"
        word = Source(list(instruction.source.stretches(value.indices)))
        expanded = expand(word, 0, len(word.text), self.arguments, instruction.escape, place)
        return None if expanded.names or expanded.problem else Platform.parse(expanded.text)

    def _read_argument(self, instruction: Instruction) -> None:
        text = instruction.text
        for start, stop in quoted_words(text, instruction.arguments, instruction.escape):
            equals = text.find("=", start, stop)
            name = text[start : stop if equals < 0 else equals]
            if 0 < equals < stop - 1:
                inner = _without_quotes(text, equals + 1, stop)
                self.defaults.append(Default(name, instruction.source.span(*inner), not self.stages))
            if self.stages and (equals < 0 or name in self.arguments.given):
                self.arguments.exposed.setdefault(name, self._line(instruction))
            elif not self.stages:
                self.arguments.define(name, None if equals < 0 else self._default(instruction, name, equals + 1, stop))

    def _default(self, instruction: Instruction, name: str, start: int, stop: int) -> Value:
        return expand(instruction.source, start, stop, self.arguments, instruction.escape, f"ARG {name}")

    def _read_flags(self, instruction: Instruction, lead: str) -> None:
        """Take in `COPY --from=` and every `RUN --mount=…,from=`."""
        if "--" not in instruction.text:
            return
        options, _ = flags(instruction.text, instruction.arguments, instruction.escape)
        if instruction.keyword == "COPY":
            for value in filter(None, (option.value("from") for option in options)):
                self._add_literal(instruction, value, f"{lead}COPY --from", "trigger" if lead else "numbers")
            return
        for mount in filter(None, (option.value("mount") for option in options)):
            for image in _sources(fields(mount)):
                self._add_literal(instruction, image, f"{lead}RUN --mount", "all")

    def _add_literal(self, instruction: Instruction, value: Flag, where: str, scope: Scope) -> None:
        if not value.text:
            return
        source, indices = instruction.source, value.indices
        known = literal(source.stretches(indices))
        if "$" in value.text and not is_template(value.text):
            known = Value(problem=_NO_EXPANSION)
        span = source.span(indices[0], indices[-1] + 1)
        self.found.append(Use(where, scope, span, value.text, known, instruction.first))

    def _line(self, instruction: Instruction) -> int:
        return self.file.position(instruction.first).line


def _without_quotes(text: str, start: int, stop: int) -> tuple[int, int]:
    quote = text[start]
    if stop - start > 2 and quote in "'\"" and text.find(quote, start + 1) == stop - 1:
        return start + 1, stop - 1
    return start, stop


def _sources(mount: Iterable[Flag]) -> list[Flag]:
    """Return the value of `from` among the fields of a mount; of several the last one counts."""
    values = [
        Flag(f.text[len(key) + 1 :], f.indices[len(key) + 1 :])
        for f in mount
        for key in [f.text.partition("=")[0]]
        if key.lower() == "from" and len(f.text) > len(key)
    ]
    return values[-1:]


def _syntax(lines: Sequence[Line]) -> tuple[int, str] | None:
    """Return offset and text of the image that `# syntax=` names: in the first run of directives, of either form."""
    top = [(offset, line.rstrip("\r\n")) for offset, line in lines[:5]]
    if top and top[0][0] == 0 and top[0][1].startswith(BOM):
        top[0] = (1, top[0][1][1:])
    if top and top[0][1].startswith("#!"):
        top = top[1:]
    return _in_comments(top, "#") or _in_comments(top, "//") or _in_json(lines)


def _in_comments(lines: Iterable[Line], mark: str) -> tuple[int, str] | None:
    for offset, line in lines:
        directive = parse_directive(line, mark)
        if directive is None:
            return None
        key, start, value = directive
        if key == "syntax":
            return offset + start, value.partition(" ")[0]
    return None


def _in_json(lines: Sequence[Line]) -> tuple[int, str] | None:
    """Find the member `syntax` where the whole file is one JSON object."""
    text = "\n".join(line for _, line in lines).lstrip(BOM)
    if not text.lstrip().startswith("{"):
        return None
    try:
        value = json.loads(text).get("syntax")
    except (ValueError, RecursionError):
        return None
    for offset, line in lines:
        member = _SYNTAX_MEMBER.search(line)
        if member and member[1] == value:
            return offset + member.start(1), member[1]
    return None

"""Where an Earthfile names images, and which ARGs each of its targets sees (https://docs.earthly.dev/docs/earthfile#arg).

The recipe before the first target is the base of them all; of its ARGs, targets see those that are `--global`, and
before version 0.7 every one (https://docs.earthly.dev/docs/earthfile/features).
"""

from __future__ import annotations

import re
from collections import ChainMap
from dataclasses import dataclass, replace
from functools import cached_property

from pinbot.formats._dockerfile_lexer import Instruction
from pinbot.formats._dockerfile_values import Arguments
from pinbot.formats._dockerfile_variables import expand
from pinbot.formats._earthfile_lines import ESCAPE, words
from pinbot.formats._pieces import Problem, Value
from pinbot.oci.platform import Platform
from pinbot.source.text import SourceFile, Span

_TARGET = re.compile(r"[A-Za-z][\w.-]*:")
_ARGUMENT = re.compile(r"((?:--[a-z-]+[ \t]+)*)([A-Za-z_]\w*)[ \t]*(=?)[ \t]*")
_VARIABLE = re.compile(r"\$\{?([A-Za-z_]\w*)")
_VERSION = re.compile(r"(\d+)\.(\d+)")
_EXPLICIT_SINCE = (0, 7)
_UNSET = "no ARG that this target sees sets"
_COMPUTED = Problem("variable", "a command says what it is when the build runs")
_CONDITIONAL = Problem("variable", "what it is set to depends on a condition or a loop")
_OPENS, _CLOSES = frozenset({"IF", "FOR", "TRY", "WAIT"}), "END"
# Options that take the next word for their value, where none is written behind `=`.
_WITH_VALUE = frozenset({"--platform", "--build-arg", "--pull", "--load", "--compose", "--service", "--cache-from"})


@dataclass(frozen=True, slots=True)
class Use:
    """A place that names an image; `first` is the offset of the line on which its command begins."""

    where: str
    span: Span
    text: str
    value: Value
    arguments: Arguments
    first: int
    platform: Platform | None = None


@dataclass(frozen=True, slots=True)
class Saved:
    """An image that the build pushes."""

    value: Value
    line: int


class Walk:
    """One walk over the commands: `found` are the uses in their order, `saved` what is pushed."""

    def __init__(self, file: SourceFile) -> None:
        self._file = file
        self._base = self._scope = Arguments(unset=_UNSET)
        self._shared: set[str] = set()
        self._target = ""
        self._explicit = False
        self._blocks = list[str]()
        self.found: list[Use] = []
        self.saved: list[Saved] = []

    def read(self, command: Instruction) -> None:
        """Take in the next command."""
        match command.keyword:
            case "VERSION":
                version = _VERSION.search(command.text)
                self._explicit = bool(version and (int(version[1][:3]), int(version[2][:3])) >= _EXPLICIT_SINCE)
                self._explicit |= "--explicit-global" in command.text
            case "FROM":
                self._from(command)
            case "ARG" | "LET":
                self._define(command)
            case "SET":
                self._set(command, _CONDITIONAL)
            case "WITH DOCKER":
                self._blocks.append("WITH")
                self._pulls(command)
            case "SAVE IMAGE":
                self._save(command)
            case keyword if keyword in _OPENS:
                self._open(command)
            case keyword if keyword == _CLOSES:
                del self._blocks[-1:]
            case keyword if _TARGET.fullmatch(keyword) and command.first == command.source.offset(0):
                self._begin(keyword[:-1])
            case _:
                self._mention(command)

    def _begin(self, target: str) -> None:
        """Begin a target, which sees what the base recipe shares."""
        self._target, self._blocks = target, []
        # Not copied: a file may have as many targets as it has ARGs.
        self._scope = replace(self._base, values=ChainMap({}, self._seen), declared=set())

    @cached_property
    def _seen(self) -> dict[str, tuple[int, Value]]:
        """What the base recipe shares; it is over when the first target begins."""
        return {name: value for name, value in self._base.values.items() if name in self._shared}

    def _from(self, command: Instruction) -> None:
        options, image = _options(command)
        if image is None:
            return
        platform = next((text.partition("=")[2] for text in options if text.startswith("--platform=")), "")
        self._add(command, "FROM", image, Platform.parse(platform) if platform else None)
        self._mention(command, until=image[0])

    def _pulls(self, command: Instruction) -> None:
        """Take in every `--pull` of a WITH DOCKER; `--load` names targets."""
        pulled = False
        for start, stop in words(command):
            word = command.text[start:stop]
            if pulled or word.startswith("--pull="):
                begin = start if pulled else start + len("--pull=")
                self._add(command, "WITH DOCKER --pull", (begin, stop), None)
                pulled = False
            elif word == "--pull":
                pulled = True
            else:
                self._mention(command, start, stop)

    def _add(self, command: Instruction, where: str, word: tuple[int, int], platform: Platform | None) -> None:
        start, stop = _without_quotes(command.text, *word)
        if start >= stop:
            return
        place = f"{where} (target {self._target})" if self._target else where
        value = self._value(command, start, stop, f"the {where} on line {self._line(command)}")
        span, text = command.source.span(start, stop), command.text[start:stop]
        self.found.append(Use(place, span, text, value, self._scope, command.first, platform))

    def _save(self, command: Instruction) -> None:
        self._mention(command)
        texts = [command.text[start:stop] for start, stop in words(command)]
        if "--push" not in texts:
            return
        for (start, stop), text in zip(words(command), texts, strict=True):
            if not text.startswith("--"):
                value = self._value(command, *_without_quotes(command.text, start, stop), "SAVE IMAGE")
                self.saved.append(Saved(value, self._line(command)))

    def _define(self, command: Instruction) -> None:
        head = _ARGUMENT.match(command.text, command.arguments)
        if head is None:
            return
        name, start, stop = head[2], head.end(), len(command.text.rstrip())
        value = self._value(command, start, stop, f"{command.keyword} {name}") if head[3] else None
        if self._conditional and value is not None:
            value = Value(problem=_CONDITIONAL)
        self._scope.define(name, value)
        if self._scope is self._base and (not self._explicit or "--global" in head[1]):
            self._shared.add(name)

    def _set(self, command: Instruction, problem: Problem) -> None:
        """Forget what a variable is: SET gives it another value, a loop several."""
        name = _ARGUMENT.match(command.text, command.arguments)
        self._mention(command)
        if name:
            self._scope.define(name[2], Value(problem=problem))

    def _open(self, command: Instruction) -> None:
        self._blocks.append(command.keyword)
        if command.keyword == "FOR":
            self._set(command, _CONDITIONAL)
        else:
            self._mention(command)

    @property
    def _conditional(self) -> bool:
        return any(block in {"IF", "FOR", "TRY"} for block in self._blocks)

    def _value(self, command: Instruction, start: int, stop: int, user: str) -> Value:
        if "$(" in command.text[start:stop]:
            return Value(problem=_COMPUTED)
        return expand(command.source, start, stop, self._scope, ESCAPE, user)

    def _mention(self, command: Instruction, start: int = 0, until: int | None = None) -> None:
        """Count the variables of a command that names no image, so that a digest does not get there."""
        stop = len(command.text) if until is None else until
        if "$" not in command.text:
            return
        user = f"the {command.keyword} on line {self._line(command)}"
        for name in _VARIABLE.findall(command.text, start, stop):
            if name in self._scope.values:
                self._scope.uses[self._scope.values[name][0]].append(user)

    def _line(self, command: Instruction) -> int:
        return self._file.position(command.first).line


def _options(command: Instruction) -> tuple[list[str], tuple[int, int] | None]:
    """Return the options of a command as `--name=value`, and the first word that is none."""
    options, wanting = list[str](), False
    for start, stop in words(command):
        word = command.text[start:stop]
        if wanting:
            options[-1] += f"={word}"
            wanting = False
        elif word.startswith("--"):
            options.append(word)
            wanting = word in _WITH_VALUE
        else:
            return options, (start, stop)
    return options, None


def _without_quotes(text: str, start: int, stop: int) -> tuple[int, int]:
    quote = text[start : start + 1]
    if stop - start > 2 and quote in {"'", '"'} and text.find(quote, start + 1) == stop - 1:
        return start + 1, stop - 1
    return start, stop

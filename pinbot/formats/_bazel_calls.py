"""Starlark (https://github.com/bazelbuild/starlark/blob/master/spec.md): the calls in a file and their arguments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pinbot.formats._code import Quote, Syntax, Token, brackets, tokens

_ENDS = r"{0}|(?=\n)"
STARLARK = Syntax(
    comments=r"#[^\n]*",
    quotes=(
        Quote('"""', '"""'),
        Quote("'''", "'''"),
        Quote('"', _ENDS.format('"')),
        Quote("'", _ENDS.format("'")),
    ),
)


@dataclass(frozen=True, slots=True)
class Argument:
    """A keyword argument: its name and the tokens of its value, without what stands in brackets there."""

    key: Token
    value: tuple[Token, ...]
    comma: Token | None


@dataclass(frozen=True, slots=True)
class Call:
    """A call of `name` (`oci.pull`) with its keyword arguments; `plain` are the strings that stand by themselves."""

    name: str
    arguments: Mapping[str, Argument]
    plain: tuple[str, ...] = field(default=())


class Program:
    """The tokens of a file: its calls, and what its names stand for."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokens(text, STARLARK)
        self._ends = brackets(self._tokens)
        self._count: Counter[str] = Counter()
        self._constants: dict[str, Token | None] = {}
        for index, token in enumerate(self._tokens):
            if token.kind == "name":
                self._count[token.text] += 1
                self._learn(index, token)

    def calls(self) -> Iterator[Call]:
        """Yield every call in its order; definitions (`def f(…):`) are none."""
        for index, token in enumerate(self._tokens):
            if token.says("(") and index and self._tokens[index - 1].kind == "name":
                name, first = self._name(index - 1)
                if not (first and self._tokens[first - 1].says("def")):
                    yield self._call(name, index)

    def assigned(self, function: str) -> Iterator[tuple[str, Call]]:
        """Yield each name that is bound to what a call of `function` returns, with the call."""
        for index, token in enumerate(self._tokens):
            if token.says(function) and index > 1 and self._says(index - 1, "=") and self._says(index + 1, "("):
                yield self._tokens[index - 2].text, self._call(function, index + 1)

    def constant(self, name: str) -> tuple[Token | None, bool]:
        """Return the one string that a name stands for, and whether it is used once only."""
        return self._constants.get(name), self._count[name] == 2

    def _says(self, index: int, sign: str) -> bool:
        return index < len(self._tokens) and self._tokens[index].says(sign)

    def _name(self, index: int) -> tuple[str, int]:
        """Return the name that ends at an index, with what goes before its dots, and where it begins."""
        name = self._tokens[index].text
        while index > 1 and self._says(index - 1, ".") and self._tokens[index - 2].kind == "name":
            index -= 2
            name = f"{self._tokens[index].text}.{name}"
        return name, index

    def _call(self, name: str, opening: int) -> Call:
        arguments: dict[str, Argument] = {}
        plain: list[str] = []
        for part, comma in self._parts(opening):
            if len(part) > 2 and part[0].kind == "name" and part[1].says("=") and not part[2].says("="):
                arguments.setdefault(part[0].text, Argument(part[0], tuple(part[2:]), comma))
            elif len(part) == 1 and part[0].kind == "string":
                plain.append(part[0].text)
        return Call(name, arguments, tuple(plain))

    def _parts(self, opening: int) -> Iterator[tuple[list[Token], Token | None]]:
        """Yield what stands between the commas of a call, each with the comma behind it."""
        part: list[Token] = []
        index, stop = opening + 1, self._ends[opening]
        while index < stop:
            token = self._tokens[index]
            if token.says(","):
                yield part, token
                part = []
            else:
                part.append(token)
                index = self._ends.get(index, index)
            index += 1
        if part:
            yield part, None

    def _learn(self, index: int, name: Token) -> None:
        """Remember what a name is bound to by a statement; nothing where that happens twice."""
        if not self._says(index + 1, "=") or index + 2 >= len(self._tokens) or not self._begins(index):
            return
        value, known = self._tokens[index + 2], name.text in self._constants
        alone = value.kind == "string" and self._begins(index + 3)
        self._constants[name.text] = value if alone and not known else None

    def _begins(self, index: int) -> bool:
        """Whether a token is the first of its line, outside brackets as far as the token before it tells."""
        if index == 0 or index >= len(self._tokens):
            return True
        before = self._tokens[index - 1]
        if before.kind == "sign" and before.text in "([{,":
            return False
        return "\n" in self._text[before.span.stop : self._tokens[index].span.start]

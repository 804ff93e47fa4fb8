"""The Nix language (https://nix.dev/manual/nix/latest/language/syntax): which attribute is bound where, by its path.

Nothing is evaluated: an attribute set that a function is given (`mkIf c { … }`) counts as if it stood there itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from pinbot.formats._code import Quote, Syntax, Token, brackets, tokens

NIX = Syntax(
    comments=r"#[^\n]*|/\*.*?(?:\*/|\Z)",
    quotes=(
        Quote("''", r"''", escapes=r"''(?:\$|'|\\.)|\$\$", fills=r"\$\{"),
        Quote('"', '"', escapes=r"\\.|\$\$", fills=r"\$\{"),
    ),
    names=r"[A-Za-z_][\w'-]*",
)
# An attribute whose name is worked out: `containers.${name}`.
UNKNOWN = "${…}"
_SKIPPED = {"with", "assert"}
# Of a longer path only the end is kept, so that deep nesting costs no more than its length.
_LONGEST = 16


@dataclass(frozen=True, slots=True)
class Binding:
    """`path = value;`: the path from the outermost set, and the tokens of the value up to the first bracket."""

    path: tuple[str, ...]
    start: Token
    value: tuple[Token, ...]

    @property
    def string(self) -> Token | None:
        """The string that is the whole value and says what is written, None where the value is something else."""
        one = self.value[0] if len(self.value) == 1 else None
        return one if one and one.kind == "string" and one.plain else None


@dataclass(slots=True)
class Set:
    """The bindings between two braces, or between `let` and `in`."""

    prefix: tuple[str, ...]
    bindings: dict[tuple[str, ...], Binding] = field(default_factory=dict)


@dataclass(slots=True)
class _Frame:
    """What the reader is in: `closes` ends it; `path` is that of the binding whose value is being read."""

    closes: str
    prefix: tuple[str, ...]
    set: Set | None = None
    path: tuple[str, ...] | None = None
    skips: int = 0


class _Reader:
    def __init__(self, text: str) -> None:
        self._tokens = tokens(text, NIX)
        self._ends = brackets(self._tokens)
        self._frames = [_Frame("", ())]
        self.sets: list[Set] = []

    def read(self) -> list[Set]:
        at = 0
        while at < len(self._tokens):
            token, frame = self._tokens[at], self._frames[-1]
            if frame.set is not None and frame.path is None and not token.says(frame.closes):
                at = self._binding(at, frame)
            else:
                self._step(token)
                at += 1
        return self.sets

    def _step(self, token: Token) -> None:
        """Follow brackets, `let … in`, and the end of a binding."""
        frame = self._frames[-1]
        prefix = frame.path if frame.path is not None else frame.prefix
        if token.kind == "string":
            return
        if token.text in {"{", "let"}:
            self._push("}" if token.text == "{" else "in", prefix, Set(prefix))
        elif token.text in {"(", "["}:
            self._push(")" if token.text == "(" else "]", prefix, None)
        elif token.text == frame.closes and len(self._frames) > 1:
            self._frames.pop()
        elif token.text in _SKIPPED:
            frame.skips += 1
        elif token.text == ";" and frame.skips:
            frame.skips -= 1
        elif token.text == ";":
            frame.path = None

    def _push(self, closes: str, prefix: tuple[str, ...], made: Set | None) -> None:
        self._frames.append(_Frame(closes, prefix, made))
        if made is not None:
            self.sets.append(made)

    def _binding(self, at: int, frame: _Frame) -> int:
        """Read `a.b.c =`; what is no binding (formals, `inherit`) is passed over up to the next `;`."""
        names, first = list[str](), at
        while at < len(self._tokens):
            token = self._tokens[at]
            if token.says("$"):
                names.append(UNKNOWN)
                at = self._ends.get(at + 1, at)
            elif token.kind in {"name", "string"} and not (token.says("inherit") and at == first):
                names.append(token.text if token.plain else UNKNOWN)
            elif not token.says("."):
                break
            at += 1
        frame.path = frame.prefix
        if at < len(self._tokens) and self._tokens[at].says("=") and names:
            frame.path = (*frame.prefix, *names)[-_LONGEST:]
            assert frame.set is not None
            binding = Binding(frame.path, self._tokens[first], tuple(self._value(at + 1)))
            frame.set.bindings.setdefault(tuple(names), binding)
            return at + 1
        return max(at, first + self._tokens[first].says("inherit"))

    def _value(self, at: int) -> Iterator[Token]:
        """Yield the first tokens of a value: enough to know a string that stands alone."""
        for token in self._tokens[at : at + 2]:
            if token.says(";"):
                return
            yield token


def sets(text: str) -> list[Set]:
    """Return the attribute sets of a file in their order, with what each binds."""
    return _Reader(text).read()

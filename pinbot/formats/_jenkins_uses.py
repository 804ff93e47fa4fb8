"""Where a Jenkins pipeline names images: https://www.jenkins.io/doc/book/pipeline/docker/, its `agent`
(https://www.jenkins.io/doc/book/pipeline/syntax/#agent) and https://plugins.jenkins.io/kubernetes/.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pinbot.formats._groovy import Token
from pinbot.source.text import Span

# How far a call or block is searched for one of its arguments: hostile files nest them without end.
_FAR = 300
_OPENERS, _CLOSERS = frozenset("([{"), frozenset(")]}")
# Signs behind a value that make another one of it.
_GOES_ON = frozenset("+.?*-/<>[")


@dataclass(frozen=True, slots=True)
class Argument:
    """A value in the place of an image: a `string`, or the `name` of a variable; neither where it is computed."""

    span: Span
    string: Token | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Use:
    """A place that names an image; `registry` is the URL of the registry that it is relative to."""

    where: str
    argument: Argument
    registry: Argument | None = None
    pushed: bool = False


@dataclass(frozen=True, slots=True)
class Definition:
    """What a variable is set to; `exported` where it becomes an environment variable of scripts."""

    value: Token | None
    exported: bool


@dataclass(frozen=True, slots=True)
class _Frame:
    """An open bracket: its sign, the name before it, and the registry that is in force inside."""

    sign: str
    name: str
    registry: Argument | None


class Walk:
    """One walk over the tokens: `uses`, `pods` (texts of YAML), `builds` and `definitions` are what it gathers."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._stack: list[_Frame] = []
        self._closed = ""
        self._called: Argument | None = None
        self.uses: list[Use] = []
        self.pods: list[Argument] = []
        self.builds: list[Use] = []
        self.definitions: dict[str, list[Definition]] = {}
        for at, token in enumerate(tokens):
            if token.kind == "sign":
                self._sign(at, token.text)
            elif token.kind == "name":
                self._name(at, token.text)

    def _sign(self, at: int, sign: str) -> None:
        if sign in _OPENERS:
            self._stack.append(self._frame(at, sign))
        elif sign in _CLOSERS and self._stack:
            frame = self._stack.pop()
            self._closed = frame.name if sign == ")" else ""
        elif sign == "=":
            self._define(at)

    def _frame(self, at: int, sign: str) -> _Frame:
        """Return the frame of a bracket, which takes the registry of the one around it."""
        outer = self._stack[-1].registry if self._stack else None
        before = self._at(at - 1)
        name = before.text if before and before.kind == "name" else ""
        if sign == "{" and before and before.text == ")":
            name = self._closed
        if sign == "(" and name == "withRegistry":
            self._called = self._argument(at + 1)
        if sign == "{" and name == "withRegistry":
            return _Frame(sign, name, self._called)
        if sign == "{" and name == "docker":
            return _Frame(sign, name, self._setting(at + 1, "registryUrl") or outer)
        return _Frame(sign, name, outer)

    def _name(self, at: int, name: str) -> None:
        before = self._at(at - 1)
        if before and before.text == "." and before.kind == "sign":
            return
        match name:
            case "docker" if self._words(at, ".", "image"):
                self._add("docker.image", self._argument(at + 3), self._pushes(at + 3))
            case "docker" if self._words(at, ".", "build") and (made := self._argument(at + 3)):
                self.builds.append(Use("docker.build", made, self._registry))
            case "docker" if self._inside("agent"):
                self._agent(at)
            case "image" if self._inside("docker", "agent") or self._inside("containerTemplate"):
                if self._at(at + 1) and not self._words(at, ":"):
                    self._add(f"{self._stack[-1].name} image", self._argument(at + 1))
            case "containerTemplate":
                self._add("containerTemplate image", self._named(at + 1, "image"))
            case "withDockerContainer" | "dockerNode":
                self._add(name, self._named(at + 1, "image") or self._positional(at + 1))
            case "yaml" if not self._words(at, "="):
                value = self._argument(at + (2 if self._words(at, ":") else 1))
                self.pods += [value] if value else []
            case _:
                pass

    def _positional(self, at: int) -> Argument | None:
        """Return the first argument of a call, None where it has a name of its own (`dockerHost: …`)."""
        first = at + 1 if self._words(at - 1, "(") else at
        return None if self._words(first, ":") else self._argument(at)

    def _agent(self, at: int) -> None:
        """Take in `agent { docker 'image' }` and `agent { docker image: '…' }`; the block form comes by itself."""
        if self._words(at, "{"):
            return
        self._add("agent docker", self._named(at + 1, "image") or self._positional(at + 1))

    @property
    def _registry(self) -> Argument | None:
        return self._stack[-1].registry if self._stack else None

    def _add(self, where: str, argument: Argument | None, pushed: bool = False) -> None:
        if argument is not None:
            self.uses.append(Use(where, argument, self._registry, pushed))

    def _inside(self, *names: str) -> bool:
        """Whether the innermost blocks are these, the inner one first."""
        frames = self._stack[-len(names) :][::-1]
        return [frame.name for frame in frames if frame.sign == "{"] == list(names)

    def _define(self, at: int) -> None:
        name, after = self._at(at - 1), self._at(at + 1)
        if name is None or name.kind != "name" or after is None or after.text == "=":
            return
        whole = after.kind == "string" and self._ends(at + 2)
        before, owner = self._at(at - 2), self._at(at - 3)
        owned = before is not None and before.text == "."
        if owned and (owner is None or owner.text != "env"):
            return
        definition = Definition(after if whole else None, owned or self._inside("environment"))
        self.definitions.setdefault(name.text, []).append(definition)

    def _argument(self, at: int) -> Argument | None:
        """Return the value that begins at a token, in parentheses or not."""
        token = self._at(at)
        if token and token.text == "(" and token.kind == "sign":
            at, token = at + 1, self._at(at + 1)
        if token is None or (token.kind == "sign" and token.text not in {"[", "-", "!"}):
            return None
        if token.kind == "string":
            return Argument(token.span, token) if self._ends(at + 1) else Argument(token.span)
        if token.kind != "name":
            return Argument(token.span)
        last = token
        while self._words(at, ".") and (member := self._at(at + 2)) and member.kind == "name":
            at, last = at + 2, member
        span = Span(token.span.start, last.span.stop)
        known = last is token or token.text == "env"
        return Argument(span, name=last.text if known and self._ends(at + 1) else None)

    def _ends(self, at: int) -> bool:
        """Whether a value is over before this token."""
        token = self._at(at)
        if token is None or token.kind != "sign":
            return True
        return token.text not in _GOES_ON and token.text != "("

    def _named(self, at: int, name: str) -> Argument | None:
        """Return the argument `name:` of the call whose arguments begin at a token."""
        depth = -1 if self._words(at - 1, "(") else 0
        for number in range(at, min(at + _FAR, len(self._tokens))):
            token = self._tokens[number]
            if token.kind == "sign":
                depth += (token.text in _OPENERS) - (token.text in _CLOSERS)
                if depth < 0 or token.text == "{":
                    return None
            elif not depth and token.first and number > at and self._tokens[number - 1].text not in {",", "("}:
                return None
            elif not depth and token.text == name and token.kind == "name" and self._words(number, ":"):
                return self._argument(number + 2)
        return None

    def _setting(self, at: int, name: str) -> Argument | None:
        """Return the value of a setting of the block that begins at a token."""
        depth = 0
        for number in range(at, min(at + _FAR, len(self._tokens))):
            token = self._tokens[number]
            if token.kind == "sign":
                depth += (token.text in _OPENERS) - (token.text in _CLOSERS)
                if depth < 0:
                    return None
            elif not depth and token.kind == "name" and token.text == name:
                return self._argument(number + 1)
        return None

    def _pushes(self, at: int) -> bool:
        """Whether `.push(…)` follows the parentheses that open at a token."""
        closing = next((n for n in range(at, min(at + 20, len(self._tokens))) if self._tokens[n].text == ")"), None)
        return closing is not None and self._words(closing, ".", "push")

    def _words(self, at: int, *texts: str) -> bool:
        """Whether these follow the token."""
        following = self._tokens[at + 1 : at + 1 + len(texts)]
        return [t.text for t in following if t.kind != "string"] == list(texts)

    def _at(self, at: int) -> Token | None:
        return self._tokens[at] if 0 <= at < len(self._tokens) else None

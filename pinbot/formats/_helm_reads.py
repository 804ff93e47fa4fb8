"""Which digests the templates of a chart read (https://helm.sh/docs/chart_template_guide/variables/).

Only what can be told exactly counts: a path below `.Values`, a variable that holds one, the dot within `with`. A
template that writes `sha256:` before a value wants the hex alone, so that a whole digest there would break it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

# Far longer than what people write between two pairs of braces, deeper than they nest blocks.
_MAX_ACTION = 10_000
_MAX_SCOPES = 200
_TEXTS = re.compile(r'"(?:[^"\\\n]|\\.)*"|`[^`]*`')
_CHAIN = re.compile(r"(?<![\w.)\]$])(?P<name>\$\w*)?(?P<keys>(?(name)(?:\.\w+)*|(?:\.\w+)+))")
_SET = re.compile(r"(?P<name>\$\w+)\s*:?=\s*(?P<chain>\$?[\w.]*)(?P<rest>.*)", re.DOTALL)
_OPENS = re.compile(r"(?:if|with|range|define|block)\b")
_WITH = re.compile(r"with\s+(?P<chain>\$?[\w.]+)\s*\Z")
_ELSE = re.compile(r"else\b")
_END = re.compile(r"end\b")
_BARE = "sha256:"
# How a template lets either form pass.
_EITHER = re.compile(r'hasPrefix "sha256|trimPrefix "sha256|contains ":"')

Path = tuple[str, ...]


@dataclass(slots=True)
class _Scope:
    """A block of a template: what the dot stands for, None where that is not known, and its variables."""

    dot: Path | None
    variables: dict[str, Path | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reads:
    """The paths below `.Values` of the digests that a template reads: as a whole, or the hex alone."""

    whole: tuple[str, ...] = ()
    bare: tuple[str, ...] = ()


def digests_read(text: str) -> Reads:
    """Return the digests that a template reads."""
    found, bare = dict[Path, None](), set[Path]()
    scopes = [_Scope(None)]
    for start, action in _actions(text):
        said = _TEXTS.sub('""', action)
        here = [path for path in _paths(said, scopes) if path[-1].lower().endswith("digest")]
        found |= dict.fromkeys(here)
        if text.endswith(_BARE, 0, start):
            bare |= set(here)
        _enter(said, scopes)
        if len(scopes) > _MAX_SCOPES:
            return Reads()
    if "sha256:%s" in text and not _EITHER.search(text):
        bare = set(found)
    return Reads(
        tuple(".".join(path) for path in found if path not in bare),
        tuple(".".join(path) for path in found if path in bare),
    )


def _actions(text: str) -> Iterator[tuple[int, str]]:
    """Yield each action with its offset; comments, which may hold braces, are left out."""
    at = text.find("{{")
    while at >= 0:
        comment = text.startswith(("/*", "- /*"), at + 2)
        stop = text.find("}}", text.find("*/", at) if comment else at)
        if stop < 0 or (comment and "*/" not in text[at : stop + 2]):
            return
        said = text[at + 2 : stop]
        if not comment and len(said) <= _MAX_ACTION:
            yield at, said.removeprefix("-").removesuffix("-").strip()
        at = text.find("{{", stop)


def _paths(said: str, scopes: list[_Scope]) -> Iterator[Path]:
    for chain in _CHAIN.finditer(said):
        path = _resolved(chain["name"], tuple(chain["keys"].split(".")[1:]), scopes)
        if path:
            yield path


def _resolved(name: str | None, keys: Path, scopes: list[_Scope]) -> Path | None:
    """Return the path below `.Values` for which a chain of names stands, None where that is not known."""
    if "Values" in keys:
        return keys[keys.index("Values") + 1 :]
    if name is None:
        start = scopes[-1].dot
    else:
        start = next((scope.variables[name] for scope in reversed(scopes) if name in scope.variables), None)
    return None if start is None else (*start, *keys)


def _enter(said: str, scopes: list[_Scope]) -> None:
    """Follow the blocks and variables of one action."""
    if _END.match(said):
        del scopes[max(len(scopes) - 1, 1) :]
    elif _ELSE.match(said):
        scopes[-1] = _Scope(None if "with" in said or len(scopes) < 2 else scopes[-2].dot)
    elif _OPENS.match(said):
        keeps = said.startswith("if")
        dot = _chain(_WITH.match(said), scopes)
        scopes.append(_Scope(scopes[-1].dot if keeps else dot))
    elif assigned := _SET.match(said):
        exact = not assigned["rest"].strip()
        scopes[-1].variables[assigned["name"]] = _chain(assigned, scopes) if exact else None


def _chain(match: re.Match[str] | None, scopes: list[_Scope]) -> Path | None:
    chain = _CHAIN.fullmatch(match["chain"]) if match else None
    return _resolved(chain["name"], tuple(chain["keys"].split(".")[1:]), scopes) if chain else None

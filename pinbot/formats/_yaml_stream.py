"""YAML as a stream of composed documents (https://yaml.org/spec/1.1/#id859458): nodes that know where they stand.

PyYAML's C composer does the reading: nothing is constructed, so no tag can run code, and every node keeps its
exact place. What it cannot survive is looked for in the text before it is called: it composes by recursion on
the C stack, and a hundred thousand levels end the process.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from pinbot.formats._templates import actions, blanked
from pinbot.formats._yaml_nodes import children, compose
from pinbot.source.finding import Skip
from pinbot.source.text import BOM, SourceFile, Span

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node

# The deepest manifests that people write have about thirty levels; a thousand fit any C stack.
MAX_FLOW_DEPTH = 500
MAX_INDENT = 250
# A value takes half a kilobyte once composed; the largest bundle of custom resource definitions has 120,000.
MAX_VALUES = 400_000
# How many nodes a document may have once its aliases are written out: this, and ten times what it has itself.
# Kubernetes and compose have limits of the same kind.
MAX_EXPANDED = 100_000
_ENDLESS = 10**12

# What begins within the line of another: `- - x`, `? ? x`; a `?` makes several values.
_COMPACT = re.compile(r"[-?][ \t]+(?=[-?][ \t])")
_BRACKETS = re.compile(r"[\[\]{}]")
_BLOCK_PREFIX = re.compile(rf"[ \t?:-]{{{MAX_INDENT}}}")
# What libyaml takes for an anchor's name; a `*` that names no anchor of the file is no alias that composes.
_ANCHOR = re.compile(r"&([\w-]+)", re.ASCII)
_ALIAS = re.compile(r"\*([\w-]+)", re.ASCII)
_MARK = re.compile(r"\n---(?=\s|\Z)")


@dataclass(frozen=True, slots=True)
class Document:
    """One composed document.

    `base` is what has to be added to the marks of its nodes to have offsets into the text of the file, `aliased`
    whether it holds aliases: then a node can stand in several places of the tree, outside its parent's span.
    """

    file: SourceFile
    root: Node
    base: int
    aliased: bool

    def span(self, node: Node) -> Span:
        """Return where a node stands, with its anchor, tag and quotes."""
        return Span(node.start_mark.index + self.base, node.end_mark.index + self.base)


@dataclass(frozen=True)
class Part:
    """A stretch of a file from one `---` to the next: one document as a rule, composed when it is asked for."""

    file: SourceFile
    span: Span

    def holds(self, words: Iterable[str | tuple[str, ...]]) -> bool:
        """Whether every one of the words stands in the text; of a tuple, one of its words. Each is looked for once."""
        return all(any(map(self._has, word)) if isinstance(word, tuple) else self._has(word) for word in words)

    def _has(self, word: str) -> bool:
        if word not in self._words:
            self._words[word] = self.file.text.find(word, self.span.start, self.span.stop) >= 0
        return self._words[word]

    @cached_property
    def _words(self) -> dict[str, bool]:
        return {}

    def matches(self, pattern: re.Pattern[str]) -> bool:
        """Whether a pattern is found in the text; formats that ask the same are answered once."""
        if pattern not in self._matches:
            self._matches[pattern] = pattern.search(self.file.text, self.span.start, self.span.stop) is not None
        return self._matches[pattern]

    @cached_property
    def _matches(self) -> dict[re.Pattern[str], bool]:
        return {}

    @cached_property
    def composed(self) -> Composed:
        """The documents as they are written."""
        text = self.file.slice(self.span)
        if reason := _excess(self.file) or _too_deep(text):
            return Composed((), Skip(self.file.path, reason))
        return _composed(self, text)

    @cached_property
    def filled(self) -> Composed:
        """The documents once more where they do not compose, with every `{{ … }}` blanked out."""
        if self.composed.rest is None or _template(self) is None:
            return self.composed
        again = _composed(self, blanked(self.file.slice(self.span)))
        return self.composed if again.rest else again


@dataclass(frozen=True, slots=True)
class Composed:
    """The documents that could be read, and what is to be said about the rest."""

    documents: tuple[Document, ...]
    rest: Skip | None = None


# Several formats look into one file, one after the other; it is composed for the first of them.
@lru_cache(maxsize=1)
def parts(file: SourceFile) -> tuple[Part, ...]:
    """Return the parts of a YAML or JSON file; neither this nor composing them raises for what the file holds."""
    return tuple(Part(file, span) for span in _between_marks(file.text))


def _between_marks(text: str) -> Iterator[Span]:
    """Yield the stretches between the `---` of a stream.

    At the start of a line nothing else can begin so, not even text in a block scalar
    (https://yaml.org/spec/1.1/#c-forbidden). A stream with directives stays whole: they stand before the mark.
    """
    start = 1 if text.startswith(BOM) else 0
    directives = "\n%" in text or text.startswith("%", start)
    marks = () if directives else _MARK.finditer(text, start)
    for mark in marks:
        yield Span(start, mark.start() + 1)
        start = mark.start() + 1
    yield Span(start, len(text))


@lru_cache(maxsize=1)
def _excess(file: SourceFile) -> str | None:
    return _too_many(file.text)


def too_much(text: str) -> str | None:
    """Say what would exhaust the composer, None where nothing does."""
    return _too_many(text) or _too_deep(text)


def _too_many(text: str) -> str | None:
    # Most files are shorter than that, or hold fewer signs of values (a `?` counts for two), and need not be read.
    if len(text) > MAX_VALUES and sum(map(text.count, ",\n-??")) > MAX_VALUES and _values(text) > MAX_VALUES:
        return f"the file holds more than {MAX_VALUES:,} lines and values"
    return None


def _too_deep(text: str) -> str | None:
    if text.count("[") + text.count("{") > MAX_FLOW_DEPTH and _flow_depth(text) > MAX_FLOW_DEPTH:
        return f"brackets are nested deeper than {MAX_FLOW_DEPTH} levels"
    lines = text.splitlines()
    if max(map(len, lines), default=0) > MAX_INDENT and any(map(_BLOCK_PREFIX.match, lines)):
        return f"a line is indented by more than {MAX_INDENT} columns"
    return None


def _values(text: str) -> int:
    return text.count(",") + text.count("\n") + len(_COMPACT.findall(text)) + 2 * text.count("? ?")


def _flow_depth(text: str) -> int:
    """Return how deep brackets are nested at most; those in strings count as well."""
    depth = deepest = 0
    for bracket in _BRACKETS.finditer(text):
        depth = depth + 1 if bracket[0] in "[{" else max(depth - 1, 0)
        deepest = max(deepest, depth)
    return deepest


def _composed(part: Part, text: str) -> Composed:
    aliased = "*" in text and "&" in text and not set(_ANCHOR.findall(text)).isdisjoint(_ALIAS.findall(text))
    documents: list[Document] = []
    rest = None
    for item in _compose(part, text):
        if isinstance(item, Skip):
            rest = item
        else:
            documents.append(Document(part.file, item, part.span.start, aliased))
    if aliased and any(_explodes(d.root) for d in documents):
        return Composed(
            (),
            Skip(part.file.path, "its aliases stand for themselves, or for far more than is written", part.span),
        )
    return Composed(tuple(documents), rest)


def _compose(part: Part, text: str) -> Iterator[Node | Skip]:
    """Yield the root of each document, and a Skip at the first that cannot be read."""
    import yaml

    try:
        yield from compose(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        yield _skip(part, mark.index if mark else 0, error.problem or error.context or "broken")
    except yaml.reader.ReaderError:
        control = yaml.reader.Reader.NON_PRINTABLE.search(text)
        yield _skip(part, control.start() if control else 0, "a control character that YAML forbids")
    except UnicodeEncodeError as error:
        yield _skip(part, error.start, "bytes that are not UTF-8")
    except yaml.YAMLError as error:
        yield _skip(part, 0, str(error).splitlines()[0])
    except RecursionError:
        yield _skip(part, 0, "nested too deep")


def _skip(part: Part, offset: int, problem: str) -> Skip:
    start = min(part.span.start + offset, part.span.stop)
    line = part.file.position(start).line
    span = Span(start, part.span.stop)
    template = _template(part)
    if template is None:
        return Skip(part.file.path, f"not YAML: line {line}: {problem}", span)
    mark = f"{template[:2]} … {template[-2:]}"
    return Skip(part.file.path, f"a template: its {mark} keep it from being YAML (line {line}: {problem})", span)


def _template(part: Part) -> str | None:
    """Return the first thing in a part that a template engine fills in, None where there is nothing."""
    first = next(actions(part.file.text, part.span.start, part.span.stop), None)
    return part.file.slice(first) if first else None


def _explodes(root: Node) -> bool:
    """Whether the document has too many nodes once every alias is written out, or contains itself."""
    sizes: dict[int, int] = {}
    stack: list[tuple[Node, bool]] = [(root, False)]
    while stack:
        node, ready = stack.pop()
        if ready:
            sizes[id(node)] = 1 + sum(sizes[id(child)] for child in children(node))
        elif id(node) not in sizes:
            sizes[id(node)] = _ENDLESS  # until it is known: whoever meets it below itself is a cycle
            stack.append((node, True))
            stack += ((child, False) for child in children(node))
    return sizes[id(root)] > MAX_EXPANDED + 10 * len(sizes)

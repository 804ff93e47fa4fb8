"""References with variables in CI files: what they come to with the values that the same file gives.

The forms are those of a shell, `${NAME}`, `$NAME`, `${NAME:-default}` and `$$` for a plain dollar, as
https://github.com/drone/envsubst and https://github.com/buildkite/interpolate read them. A value carries the digest
where it ends the reference and feeds nothing else, so that whoever overrides it drops the pin together with the tag.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from pinbot.errors import InvalidReference
from pinbot.formats._base import name_within, slots_within
from pinbot.formats._interpolation import MAX_LENGTH, Literal, Part, Variable, expand, names, open_end, parse
from pinbot.formats._yaml_nodes import is_null, is_scalar
from pinbot.formats._yaml_scalar import Text, literal_standing, loads_as, scalar_finding, shortened, text_of
from pinbot.formats._yaml_stream import Document
from pinbot.oci.reference import Reference
from pinbot.source.finding import Aside, Finding, Fixed, Standing, Writable
from pinbot.source.text import SourceFile, Span

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node, ScalarNode

_USE = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)")


@dataclass(frozen=True)
class Values:
    """The values that a document gives to variables.

    `settings` are values that stand in the file, each once; of the `matrix`, each row is a set of values with which
    the whole file is run. `elsewhere` ends the sentence about a variable that has none of them. Settings that are
    `exported` reach scripts as well: those may take a whole reference with its digest, but not a version with one.
    """

    document: Document
    settings: Mapping[str, ScalarNode] = field(default_factory=dict)
    matrix: Sequence[Mapping[str, str]] = ()
    elsewhere: str = "gets its value when the pipeline runs"
    exported: bool = False

    @cached_property
    def texts(self) -> Mapping[str, Text]:
        """The settings as texts; those that hold variables themselves are not followed."""
        texts = {name: text_of(self.document, node) for name, node in self.settings.items()}
        return {name: text for name, text in texts.items() if "$" not in text.value and len(text.value) <= MAX_LENGTH}

    def findings(self, node: Node, format_name: str, where: str) -> Iterator[Finding]:
        """Yield the finding for the reference in a scalar; a matrix may make several references of it."""
        if not is_scalar(node) or is_null(node):
            return
        text, file = text_of(self.document, node), self.document.file
        for standing in self.standings(node, text):
            finding = scalar_finding(file, format_name, where, text.span, standing)
            yield replace(finding, variables=tuple(dict.fromkeys(names(_parsed(text.value) or ()))))

    def standings(self, node: ScalarNode, text: Text) -> Iterable[Standing]:
        """Return the standing of a text, one for each different reference that the matrix makes of it."""
        if "$" not in text.value or loads_as(node):
            return [literal_standing(self.document.file, node, text)]
        parts = _parsed(text.value)
        if parts is None:
            return [Aside("variable", f"{shortened(text.value)} is a form of variable that pinbot does not follow")]
        fed = next((name for name in names(parts) if any(name in row for row in self.matrix)), None)
        if fed is None:
            return [self._standing(text, parts)]
        values = {name: known.value for name, known in self.texts.items()}
        expanded = dict.fromkeys(self._expanded(parts, values | dict(row)) for row in self.matrix)
        return [self._of_matrix(value, fed) for value in expanded]

    def _expanded(self, parts: Sequence[Part], values: Mapping[str, str]) -> str | tuple[str, ...]:
        done = expand(parts, values)
        return done.unknown or done.text

    def _of_matrix(self, value: str | tuple[str, ...], name: str) -> Standing:
        if isinstance(value, tuple):
            return self._unknown(value[0])
        try:
            return Fixed(
                Reference.parse(value), f"{name} is fed by a matrix; write the digests into its values by hand"
            )
        except InvalidReference as error:
            return Aside("invalid", str(error))

    def _unknown(self, name: str) -> Aside:
        return Aside("variable", f"{name} {self.elsewhere}")

    def _standing(self, text: Text, parts: tuple[Part, ...]) -> Standing:
        values = {name: known.value for name, known in self.texts.items()}
        done = expand(parts, values)
        if done.unknown:
            return self._unknown(done.unknown[0])
        if "$" in done.text:
            return Aside("variable", f"{shortened(done.text)} is filled in by the step itself")
        try:
            reference = Reference.parse(done.text)
        except InvalidReference as error:
            return Aside("invalid", str(error))
        if text.problem:
            return Fixed(reference, text.problem)
        carrier = self._carrier(text, parts, values)
        return Fixed(reference, carrier) if isinstance(carrier, str) else carrier.standing(reference, done.text)

    def _carrier(self, text: Text, parts: tuple[Part, ...], values: Mapping[str, str]) -> _Carrier | str:
        """Return the text that ends the reference and may hold its digest, or why there is none."""
        last = parts[-1]
        if isinstance(last, Literal):
            name = next(names(parts))
            return f"a digest here would hold whatever {name} says; only a variable that ends the reference carries one"
        before = [len(expand((part,), values).text) for part in parts[:-1]]
        reach = max(
            (sum(before[: i + 1]) for i, part in enumerate(parts[:-1]) if isinstance(part, Variable)), default=0
        )
        if last.is_set(values) and last.operator[-1:] != "+":
            return self._shared((last.name,)) or self._setting(last.name, reach, whole=len(parts) == 1)
        end = open_end(parts, values)
        if end is None or end.literal is None:
            return f"{last.name} ends the reference in a form that cannot carry a digest"
        return self._shared(end.names) or _Carrier(
            Span(text.span.start + end.literal.start, text.span.start + end.literal.start + len(end.literal.text)),
            end.reach,
            last.name,
        )

    def _setting(self, name: str, reach: int, whole: bool) -> _Carrier | str:
        text = self.texts[name]
        if self.exported and not whole:
            return f"{name} is an environment variable, which scripts may read as a version; pin it there by hand"
        if kind := loads_as(self.settings[name]):
            return f"the value of {name} loads as {kind}, not as text; quote it"
        return text.problem or _Carrier(text.span, reach, name)

    def _shared(self, variables: Iterable[str]) -> str | None:
        uses = used(self.document.file)
        name = next((name for name in variables if uses[name] > 1), None)
        return name and f"{name} is used {uses[name]} times in this file, so its value cannot carry one digest"


@dataclass(frozen=True, slots=True)
class _Carrier:
    """A stretch of the file that ends a reference; `reach` is where the variables before it end in the reference."""

    span: Span
    reach: int
    name: str

    def standing(self, reference: Reference, text: str) -> Standing:
        if self.reach > len(reference.name):
            return Fixed(reference, "its tag is put together from several variables, so no one of them can carry it")
        start = self.span.stop - len(text)
        digest, tag = slots_within(text, reference, start)
        name = name_within(reference, start, self.span.start)
        if digest.span.start < self.span.start:
            return Fixed(reference, "the digest is written in parts; write it in one piece")
        return Writable(reference, digest, tag if tag.span.start >= self.span.start else None, name)


# Many references of one file ask for this.
@lru_cache(maxsize=1)
def used(file: SourceFile) -> Counter[str]:
    """Return how often each variable is used in a file, in scripts and comments too."""
    return Counter(_USE.findall(file.text))


def _parsed(template: str) -> tuple[Part, ...] | None:
    return parse(template) if len(template) <= MAX_LENGTH else None

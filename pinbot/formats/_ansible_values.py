"""Values of Ansible tasks: literal ones, variables of the same file and items of a loop
(https://docs.ansible.com/ansible/latest/playbook_guide/playbooks_variables.html).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pinbot.formats._joined import Piece
from pinbot.formats._yaml_ends import ended_by
from pinbot.formats._yaml_nodes import is_scalar, is_sequence, lookup
from pinbot.formats._yaml_scalar import filled_in, literal_standing, text_of
from pinbot.formats._yaml_stream import Document
from pinbot.oci.reference import Reference
from pinbot.source.finding import Standing
from pinbot.source.text import Span

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node, ScalarNode

_VARIABLE = re.compile(r"([^{}]*)\{\{-?\s*([A-Za-z_]\w*)\s*-?\}\}")
_ITEM = re.compile(r"\{\{\s*item(?:\.([A-Za-z_]\w*))?\s*\}\}")
_LOOPS = ("loop", "with_items", "with_list", "with_flattened")


@dataclass(frozen=True, slots=True)
class Value:
    """An image in a task: where it is said, what it is, and the variables that lead to it."""

    where: str
    span: Span
    standing: Standing
    variables: tuple[str, ...] = ()


class Task:
    """A task, and what stands above it: plays and blocks with their `vars`, the nearest first."""

    def __init__(self, document: Document, node: Node, above: tuple[Node, ...]) -> None:
        self.node = node
        self._document, self._around = document, (node, *reversed(above))

    def values(self, where: str, node: ScalarNode) -> Iterator[Value]:
        """Yield the images that a parameter stands for: several where it is the item of a loop."""
        text = text_of(self._document, node)
        item = _ITEM.fullmatch(text.value)
        items = list(self._items(item[1])) if item and self._reads(r"item\b") == 1 else []
        for index, one in enumerate(items):
            said = text_of(self._document, one)
            yield Value(f"{where}[{index}]", said.span, literal_standing(self._document.file, one, said))
        if not items:
            variable = _VARIABLE.fullmatch(text.value)
            told = self._followed(variable[2]) if variable and text.problem is None else None
            if variable and told:
                before = Piece("", variable[1], text.span.start)
                standing = ended_by(self._document, before, variable[2], told)
                yield Value(where, text.span, standing, (variable[2],))
            else:
                yield Value(where, text.span, literal_standing(self._document.file, node, text))

    def _items(self, key: str | None) -> Iterator[ScalarNode]:
        """Yield the scalars that a loop goes through, if they are all written out."""
        loop = next((found for name in _LOOPS if (found := lookup(self.node, name))), None)
        nodes = [lookup(item, key) if key else item for item in loop.value] if is_sequence(loop) else []
        scalars = [node for node in nodes if is_scalar(node)]
        if len(scalars) == len(nodes):
            yield from scalars

    def _reads(self, name: str) -> int:
        """Count how often the task fills in a name."""
        return len(re.findall(rf"\{{\{{[^{{}}]*\b{name}", self._document.file.slice(self._document.span(self.node))))

    def _followed(self, name: str) -> ScalarNode | None:
        """Return the value that a variable has in the nearest `vars` around the task."""
        for node in self._around:
            value = lookup(lookup(node, "vars"), name)
            if value is not None:
                return value if is_scalar(value) else None
        return None


def parsed(text: str) -> Reference | None:
    """Return a reference, None where a text is none or is filled in."""
    return None if filled_in(text) else Reference.parse_or_none(text)

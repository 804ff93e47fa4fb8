"""What reading a syntax tree of a hostile file takes, in any language: limits before, and the broken stretch after.

tree-sitter takes long for a large file and nests as deep as its text does, so both are looked for before it is called.
"""

from __future__ import annotations

import re
from itertools import accumulate
from typing import Any

from pinbot.source.finding import Skip
from pinbot.source.text import SourceFile

# The longest files that people write have some 300 KB; a megabyte takes the parser half a second.
MAX_BYTES = 1024 * 1024
# The deepest configurations that people write have about fifteen levels.
MAX_DEPTH = 100
# The parser takes quadratic time for a run of blanks or line ends; people align and part things by some dozens.
MAX_BLANKS = 250
_BLANKS = re.compile(r"[ \t\n\r\f\v]+")


def excess(file: SourceFile, brackets: re.Pattern[str]) -> Skip | None:
    """Say why a file is too much to be parsed, None where it is not; brackets in strings count as well."""
    steps = (1 if bracket[0] in "[({" else -1 for bracket in brackets.finditer(file.text))
    if max(accumulate(steps, lambda depth, step: max(depth + step, 0)), default=0) > MAX_DEPTH:
        return Skip(file.path, f"brackets are nested deeper than {MAX_DEPTH} levels")
    if len(file.text) > MAX_BYTES:
        return Skip(file.path, f"the file has more than the {MAX_BYTES:,} characters that are read")
    if max((len(run[0]) for run in _BLANKS.finditer(file.text)), default=0) > MAX_BLANKS:
        return Skip(file.path, f"the file holds more than {MAX_BLANKS} blanks or line ends in a row")
    return None


# The nodes are tree-sitter's, which is known to the modules of the languages alone.
def first_error(node: Any) -> Any:
    """Return the first node, from the top, that is broken or missing."""
    while not (node.is_error or node.is_missing):
        broken = next((child for child in node.children if child.has_error or child.is_missing), None)
        if broken is None:
            return node
        node = broken
    return node

"""References that end in a value which stands elsewhere in the same file: the digest goes into that value.

Whoever overrides the value then replaces the digest together with the tag; a digest behind the variable would
silently beat the override.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

from pinbot.formats._joined import Piece, joined
from pinbot.formats._yaml_scalar import filled_in, loads_as, text_of
from pinbot.formats._yaml_stream import Document
from pinbot.source.finding import Aside, Fixed, Standing
from pinbot.source.text import SourceFile

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import ScalarNode


def ended_by(document: Document, before: Piece, name: str, value: ScalarNode) -> Standing:
    """Return the standing of a reference that begins with `before` and ends with the value of the variable `name`.

    The value may be written only where nothing but this reference reads the variable.
    """
    said = text_of(document, value)
    if aside := filled_in(said.value):
        return aside
    standing = joined([before, Piece("", said.value, said.span.start)])
    if isinstance(standing, Aside):
        return standing
    if kind := loads_as(value):
        return Aside("invalid", f"{name} loads as {kind}, not as text; quote it", standing.reference)
    if said.problem:
        return Fixed(standing.reference, said.problem)
    if _words(document.file)[name] > 2:
        return Fixed(standing.reference, f"{name} has several readers; write the image here to have it pinned")
    return standing


# Many references of one file ask.
@lru_cache(maxsize=1)
def _words(file: SourceFile) -> Counter[str]:
    return Counter(re.findall(r"\w+", file.text))

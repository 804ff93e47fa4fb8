"""Digests that nothing consumes: the value of a variable that the file which sets it names nowhere else.

What is not sure is not said: a name in a comment, in a script of the file or in a template counts as a reader.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

from pinbot.source.directive import directives
from pinbot.source.finding import Idle
from pinbot.source.text import SourceFile, Span

_PINNED = re.compile(r"(?:.*@)?(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})")
_WORD = re.compile(r"\w+")


def is_pinned(text: str) -> bool:
    """Whether a value is a digest, or ends with one as a pinned reference or tag does."""
    return len(text) < 1024 and _PINNED.fullmatch(text) is not None


def idle(file: SourceFile, name: str, span: Span, reason: str) -> Idle | None:
    """Return the value at `span` as idle, None where it holds no digest, or the file names `name` twice."""
    text = file.slice(span)
    if not is_pinned(text) or _words(file)[name] > 1:
        return None
    position = file.position(span.start)
    before = file.line_text(position.line - 1) if position.line > 1 else ""
    remarks = directives(before, file.line_text(position.line)) if "pinbot:" in file.text else ()
    return Idle(file.path, span, position, text, name, reason, remarks)


# Each variable of a file asks.
@lru_cache(maxsize=1)
def _words(file: SourceFile) -> Counter[str]:
    return Counter(_WORD.findall(file.text))

"""JSON with comments, as VS Code and dev containers read it: https://code.visualstudio.com/docs/languages/json#_json-with-comments.

JSON is YAML once its comments are blanked out; a trailing comma is none of YAML's errors. Why it is read so:
`docs/decisions/0007-jsonc-by-the-yaml-composer.md`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache

from pinbot.formats._yaml_nodes import is_mapping
from pinbot.formats._yaml_stream import Document, parts
from pinbot.source.finding import Yield
from pinbot.source.text import SourceFile

# Every alternative takes what it begins, closed or not, so that the time stays linear.
_TOKEN = re.compile(r'"(?:[^"\\\n]|\\[^\n])*+"?|//[^\n]*|/\*(?:[^*]|\*(?!/))*+(?:\*/)?')
# Half a pair of UTF-16: JSON writes an emoji as two of them, YAML allows none.
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")


def scan_jsonc(file: SourceFile, read: Callable[[Document], Iterator[Yield]]) -> Iterator[Yield]:
    """Yield what `read` finds in a file of JSON with comments, and a Skip where it is broken."""
    for part in parts(_blanked(file)):
        composed = part.filled
        for document in composed.documents:
            # What has no brackets is a scalar or a mapping of YAML, which no reader of JSON takes.
            if is_mapping(document.root) and _opens(file, document) == "{":
                yield from read(replace(document, file=file))
        if composed.rest is not None:
            yield replace(composed.rest, reason=composed.rest.reason.replace("not YAML:", "not JSON:", 1))


def _opens(file: SourceFile, document: Document) -> str:
    start = document.span(document.root).start
    return file.text[start : start + 1]


@lru_cache(maxsize=1)
def _blanked(file: SourceFile) -> SourceFile:
    """Return the file with every comment blanked to the same width; its strings stay as they are."""
    return SourceFile(file.path, _TOKEN.sub(_without_comment, file.text))


def _without_comment(token: re.Match[str]) -> str:
    text = token[0]
    if text.startswith("/"):
        return re.sub(r"[^\r\n]", " ", text)
    return _SURROGATE.sub("______", text) if "\\u" in text else text

"""A new line behind a key: where it begins, and how the line before it ends."""

from __future__ import annotations

import pytest

from pinbot.formats._yaml_insert import inserted
from pinbot.formats._yaml_nodes import is_mapping
from pinbot.formats._yaml_stream import parts
from pinbot.source.finding import Skip
from pinbot.source.text import SourceFile

CASES = [
    pytest.param("a: x\nb: y\n", "a: x\nnew: Z\nb: y\n", id="the next line"),
    pytest.param("a: x # why\nb: y\n", "a: x # why\nnew: Z\nb: y\n", id="behind a comment"),
    pytest.param("a: x # why\r\nb: y\r\n", "a: x # why\r\nnew: Z\r\nb: y\r\n", id="behind a comment, CRLF"),
    pytest.param("a: x # why\r\nb: y", "a: x # why\r\nnew: Z\r\nb: y", id="CRLF and no last newline"),
    pytest.param("a: x", "a: x\nnew: Z", id="at the end of the file"),
]


@pytest.mark.parametrize(("before", "after"), CASES)
def test_a_new_key_gets_a_line_of_its_own(before: str, after: str) -> None:
    found = parts(SourceFile("a.yml", before))
    assert not isinstance(found, Skip)
    (document,) = found[0].composed.documents
    assert is_mapping(document.root)
    key, value = document.root.value[0]
    slot = inserted(document, document.root, key, value, "new")
    assert slot is not None
    assert before[: slot.span.start] + slot.lead + "Z" + slot.tail + before[slot.span.stop :] == after

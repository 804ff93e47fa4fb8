"""Program text as tokens: strings with what they fill in, comments, and linear time for hostile text."""

from __future__ import annotations

import time

import pytest

from pinbot.formats._bazel_calls import STARLARK
from pinbot.formats._code import Quote, Syntax, brackets, tokens

SHELLISH = Syntax(r"#[^\n]*", (Quote('"', '"', fills=r"\$\{"), Quote("'", "'")))
TABLE = [
    pytest.param('a = "b"', [("a", True), ("=", True), ("b", True)], id="names, signs, strings"),
    pytest.param('# "x"\na', [("a", True)], id="a comment"),
    pytest.param('"a # b"', [("a # b", True)], id="no comment in a string"),
    pytest.param('"a\\"b" c', [('a\\"b', False), ("c", True)], id="an escaped quote"),
    pytest.param('"a${ f("}") }b" c', [('a${ f("}") }b', False), ("c", True)], id="a string within what is filled in"),
    pytest.param('"${ {a} }" c', [("${ {a} }", False), ("c", True)], id="braces within what is filled in"),
    pytest.param('"a', [("a", True)], id="a string that never ends"),
    pytest.param("'${a}'", [("${a}", True)], id="a quote that fills in nothing"),
    pytest.param("", [], id="nothing"),
]


@pytest.mark.parametrize(("text", "expected"), TABLE)
def test_tells_names_signs_and_strings(text: str, expected: list[tuple[str, bool]]) -> None:
    found = tokens(text, SHELLISH)
    assert [(token.text, token.plain) for token in found] == expected
    assert all(text[token.inner.start : token.inner.stop] == token.text for token in found)


def test_a_string_of_one_line_ends_with_it() -> None:
    assert [token.text for token in tokens('"a\nb"""c\nd"""', STARLARK)] == ["a", "b", "c\nd"]


def test_pairs_brackets_and_knows_those_that_never_close() -> None:
    assert brackets(tokens("(a[b]) {", SHELLISH)) == {0: 5, 2: 4, 6: 7}


@pytest.mark.parametrize("unit", ['"${', "f(", '"', "'", "${", "}", '"""', "\\", "#", "(]"])
def test_is_linear_whatever_the_text(unit: str) -> None:
    start = time.process_time()
    brackets(tokens(unit * 60_000, SHELLISH))
    assert time.process_time() - start < 5

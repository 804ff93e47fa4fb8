"""Groovy: comments, the kinds of strings, what they take from outside, and files that do not end well."""

from __future__ import annotations

import pytest

from pinbot.formats._groovy import tokens

STRINGS = [
    pytest.param("'a'", ["a"], id="single quotes"),
    pytest.param('"a"', ["a"], id="double quotes"),
    pytest.param("'''a\n'b'''", ["a\n'b"], id="three single quotes"),
    pytest.param('"""a\n"b"""', ['a\n"b'], id="three double quotes"),
    pytest.param(r"'a\'b'", [r"a\'b"], id="an escaped quote"),
    pytest.param(r"'a\\' + 'b'", [r"a\\", "b"], id="an escaped backslash"),
    pytest.param("x = ~/a'b/", ["a'b"], id="slashes"),
    pytest.param("x = $/a'b/$", ["a'b"], id="dollar slashes"),
    pytest.param("x = 4 / 2 / y 'a'", ["a"], id="divisions"),
    pytest.param("(a) / 'b'", ["b"], id="a division behind a bracket"),
    pytest.param("// 'a'\n'b'", ["b"], id="a comment to the end of the line"),
    pytest.param("/* 'a'\n */ 'b'", ["b"], id="a comment of several lines"),
    pytest.param("#!/usr/bin/env 'a'\n'b'", ["b"], id="a first line for the shell"),
    pytest.param("'http://a'", ["http://a"], id="no comment within a string"),
    pytest.param("'a\n'b'", ["a", "b"], id="a string that its line ends"),
    pytest.param("'''a", ["a"], id="a string that the file ends"),
    pytest.param('"${x ? "a" : \'}\'}b"', ["${x ? \"a\" : '}'}b"], id="strings within a hole"),
]


@pytest.mark.parametrize(("text", "strings"), STRINGS)
def test_tells_strings_from_code(text: str, strings: list[str]) -> None:
    assert [token.text for token in tokens(text) if token.kind == "string"] == strings


HOLES = [
    pytest.param('"a$b"', ["b"], id="a name"),
    pytest.param('"a$b.c.d"', ["b.c.d"], id="a name of a name"),
    pytest.param('"${b}"', ["b"], id="braces"),
    pytest.param('"${ b.c() }"', ["b.c()"], id="a call"),
    pytest.param('"${x{}}y$z"', ["x{}", "z"], id="braces within braces"),
    pytest.param(r'"\$b $ 5"', [], id="no hole: escaped, or just a dollar"),
    pytest.param("'$b'", [], id="no hole: single quotes"),
]


@pytest.mark.parametrize(("text", "expressions"), HOLES)
def test_knows_what_a_string_takes_from_outside(text: str, expressions: list[str]) -> None:
    (string,) = (token for token in tokens(text) if token.kind == "string")
    assert [hole.expression for hole in string.holes] == expressions


@pytest.mark.parametrize(
    "piece", ['"${', "/${", "'", '"', "/*", "$/", "(/", "'''", '"${"', "\\", "\ud800", "((((", "}"]
)
def test_any_text_ends_in_time(piece: str) -> None:
    text = piece * 20_000
    assert sum(token.span.stop - token.span.start for token in tokens(text)) <= len(text)

"""HCL: what the view shows of a file, exact places included, and what no file may do to it."""

from __future__ import annotations

import time

import pytest

from pinbot.formats._hcl import top
from pinbot.formats._hcl_kinds import Call, Expression, Items, Literal, Name, Object, Other, Template
from pinbot.formats._hcl_tree import Tree, parsed
from pinbot.formats._hcl_walk import leaves
from pinbot.formats.terraform import FORMAT
from pinbot.source.finding import Skip
from pinbot.source.text import SourceFile, decode
from tests.formats._scanning import scanned


def _tree(text: str) -> Tree:
    tree = parsed(SourceFile("main.tf", text))
    assert isinstance(tree, Tree)
    return tree


def _shown(text: str, value: Expression | Literal) -> object:
    """Show an expression in a word or a list of words."""
    match value:
        case Literal(span=span):
            return text[span.start : span.stop]
        case Template(lines=None, parts=parts):
            return [_shown(text, part) for part in parts]
        case Template(lines=lines):
            return tuple(text[span.start : span.stop] for span in lines or ())
        case Items(items=items):
            return {"items": [_shown(text, item) for item in items]}
        case Object(entries=entries):
            return {key: _shown(text, one) for key, one in entries}
        case Call(name=name, arguments=arguments):
            return f"{name}()", [_shown(text, argument) for argument in arguments]
        case Name(names=names):
            return ".".join(names)
        case Other(kind="conditional", inner=inner):
            return "?", [_shown(text, one) for one in inner]
        case Other(kind=kind):
            return f"<{kind}>"


EXPRESSIONS = [
    pytest.param('"nginx"', ["nginx"], id="a string"),
    pytest.param('""', [], id="an empty string"),
    pytest.param('" a b "', [" a b "], id="a string with spaces at its ends"),
    pytest.param('"é😀${a}é"', ["é😀", "a", "é"], id="characters of several bytes"),
    pytest.param('"a:${var.tag}-${local.x}"', ["a:", "var.tag", "-", "local.x"], id="two variables"),
    pytest.param('"${ a } b"', ["a", " b"], id="spaces about a variable"),
    pytest.param('"a\\"b$${c}"', ['a\\"b$${c}'], id="escapes stay as they are written"),
    pytest.param('"${"a${b}"}"', [["a", "b"]], id="a string in a string"),
    pytest.param('"%{ if a }b%{ else }c%{ endif }"', ["<template>", "b", "<template>", "c", "<template>"], id="an if"),
    pytest.param('"${~ a ~}"', ["<template>"], id="marks that take white space off"),
    pytest.param("var.a", "var.a", id="a name"),
    pytest.param("a.b.c", "a.b.c", id="a long name"),
    pytest.param("var.a[0]", "<expression>", id="an item of a list"),
    pytest.param("var.a[*].b", "<expression>", id="a splat"),
    pytest.param("(var.a)", "var.a", id="parentheses"),
    pytest.param("1.5", "<numeric_lit>", id="a number"),
    pytest.param("null", "<null_lit>", id="null"),
    pytest.param('["a", b, 1]', {"items": [["a"], "b", "<numeric_lit>"]}, id="a list"),
    pytest.param('{ a = "x", "b" : y\n c = 1 }', {"a": ["x"], "b": "y", "c": "<numeric_lit>"}, id="an object"),
    pytest.param('{ (a) = 1, "${b}" = 2 }', {}, id="keys that are not written out"),
    pytest.param('f("a", b)', ("f()", [["a"], "b"]), id="a function"),
    pytest.param('a ? "x" : b ? "y" : (c ? "z" : d)', ("?", [["x"], ["y"], ["z"], "d"]), id="conditions in a chain"),
    pytest.param("[for x in y : x]", "<for_expr>", id="a for"),
    pytest.param('"a" == b', "<operation>", id="an operation"),
    pytest.param("<<EOT\n a\n\n  b ${c}\nEOT\n", (" a", "", "  b ${c}"), id="a here-document"),
    pytest.param("<<-EOT\n   a\n\n     b\n  EOT\n", ("a", "", "  b"), id="a here-document with indentation"),
    pytest.param("<<EOT\r\na\r\nb\r\nEOT\r\n", ("a", "b"), id="a here-document with CRLF"),
    pytest.param("<<EOT\nEOT\n", (), id="an empty here-document"),
]


@pytest.mark.parametrize("lead", ["", "# é😀\n", "\ufeff"], ids=["plain", "behind wide characters", "behind a BOM"])
@pytest.mark.parametrize(("text", "expected"), EXPRESSIONS)
def test_shows_an_expression(text: str, expected: object, lead: str) -> None:
    whole = f"{lead}x = {text}\n"
    value = top(_tree(whole)).get("x")
    assert value is not None
    assert _shown(whole, value) == expected


def test_shows_blocks_with_their_labels() -> None:
    tree = _tree('a "b" c {\n  d = 1\n  e { f = 2 }\n  e { g = 3 }\n}\nh {}\n')
    first, last = top(tree).blocks()
    assert (first.type, first.labels, first.line) == ("a", ("b", "c"), 1)
    assert (last.type, last.labels, last.line) == ("h", (), 6)
    assert [name for block in first.blocks("e") for name, _ in block.attributes()] == ["f", "g"]


def test_walks_to_everything_that_a_block_sets() -> None:
    text = """r "a" "b" {
  one = "1"
  two { three = ["3"] }
  dynamic "four" {
    for_each = x
    content { five = jsonencode([{ six = "6" }, merge(y, { seven = "7" })]) }
  }
}
"""
    (block,) = top(_tree(text)).blocks()
    assert [leaf.where for leaf in leaves(block) if isinstance(leaf.value, Template)] == [
        "one",
        "two.three",
        "four.five.six",
        "four.five.seven",
    ]


BROKEN = [
    pytest.param('a { x = [1, "2"\n}\nb { image = "nginx" }\n', id="a bracket that does not close"),
    pytest.param('b { image = "nginx" }\na "\n', id="a quote that does not close"),
    pytest.param('b { image = "nginx" }\na = <<EOT\nx\n', id="a here-document that does not end"),
    pytest.param('b { image = "nginx" }\n= = =\n', id="no HCL"),
]


@pytest.mark.parametrize("text", BROKEN)
def test_reads_what_parses_and_names_the_rest(text: str) -> None:
    tree = _tree(text)
    assert tree.skip is not None
    assert tree.skip.span is not None
    assert [block.get("image") is not None for block in top(tree).blocks("b")] == [True]


HEAD = 'resource "docker_image" "a" {\n  name = "nginx"\n}\n'
HOSTILE = [
    pytest.param("x = " + "[" * 100_000, id="brackets that do not close"),
    pytest.param("x = " + "[" * 100_000 + "]" * 100_000, id="brackets"),
    pytest.param("a {\n" * 20_000 + "}\n" * 20_000, id="blocks"),
    pytest.param("x = " + "(" * 100_000, id="parentheses"),
    pytest.param('x = "' + '${"' * 50_000, id="strings in strings"),
    pytest.param('x = "' + "a" * 500_000, id="a string that does not close"),
    pytest.param("x = <<EOT\n" + "a\n" * 200_000, id="a here-document that does not end"),
    pytest.param("x = <<EOT\n" * 20_000, id="many of them"),
    pytest.param("x = " + "!" * 100_000 + "a", id="a chain of nots"),
    pytest.param("x = " + "a + " * 50_000 + "a", id="a long sum"),
    pytest.param("x = a" + ".b" * 100_000, id="a long name"),
    pytest.param("= = =\n" * 50_000, id="errors only"),
    pytest.param('a "\n' * 50_000, id="quotes that do not close"),
    pytest.param("/*" * 100_000, id="a comment that does not end"),
    pytest.param("a = \udcff\udcfe\n", id="bytes that are not UTF-8"),
]


@pytest.mark.parametrize("text", HOSTILE)
def test_survives_what_is_hostile(text: str) -> None:
    started = time.monotonic()
    done = scanned("main.tf", HEAD + text, formats=(FORMAT,))
    assert done.skips or [finding.text for finding in done.findings] == ["nginx"]
    assert time.monotonic() - started < 10


def test_a_long_chain_of_conditions_is_followed_without_recursion() -> None:
    chain = "a ? var.b : " * 5_000 + '"redis"'
    done = scanned("main.tf", f'resource "docker_image" "a" {{\n  name = {chain}\n}}\n', formats=(FORMAT,))
    assert "redis" in [finding.text for finding in done.findings]


def test_a_file_of_several_megabytes_is_not_parsed() -> None:
    done = scanned("main.tf", HEAD + '# "image"\n' * 800_000, formats=(FORMAT,))
    assert "bytes" in done.skips[0].reason


def test_places_are_code_points_whatever_the_bytes() -> None:
    text = decode(b'\xef\xbb\xbf# \xff\xc3\xa9\xf0\x9f\x98\x80\nx = "nginx"\n')
    value = top(_tree(text)).get("x")
    assert isinstance(value, Template)
    assert text[value.content.start : value.content.stop] == "nginx"


def test_deep_nesting_is_a_skip() -> None:
    assert isinstance(parsed(SourceFile("a.tf", "x = " + "[" * 101 + "]" * 101)), Skip)


@pytest.mark.parametrize("blank", [" ", "\t", "\n", "\r", "\f", "\v"])
def test_a_long_run_of_blanks_is_a_skip_since_the_parser_takes_quadratic_time(blank: str) -> None:
    started = time.process_time()
    found = parsed(SourceFile("main.tf", f"commit{blank * 500_000}x = 1\n"))
    assert time.process_time() - started < 2
    assert isinstance(found, Skip)
    assert found.reason == "the file holds more than 250 blanks or line ends in a row"


def test_the_runs_of_blanks_that_are_read_take_little_time() -> None:
    started = time.process_time()
    assert isinstance(parsed(SourceFile("main.tf", f"commit{' ' * 240}\n" * 4_000)), Tree)
    assert time.process_time() - started < 10

"""Text and bytes: nothing is lost, nothing is touched outside a span."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinbot.errors import StaleEdit
from pinbot.source.text import BOM, Edit, Position, SourceFile, Span, decode, encode, splice


@given(st.binary())
def test_any_bytes_come_back(data: bytes) -> None:
    assert encode(decode(data)) == data


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"caf\xe9\r\n", id="Latin-1"),
        pytest.param(b"\xef\xbb\xbfFROM a", id="a byte order mark"),
        pytest.param(b"\xed\xa0\x80", id="an encoded surrogate"),
        pytest.param(b"a\r\nb\rc\n\n", id="every line end"),
        pytest.param("ü日🐳".encode(), id="two, three and four bytes"),
    ],
)
def test_odd_bytes_come_back(data: bytes) -> None:
    assert encode(decode(data)) == data


def test_the_byte_order_mark_is_a_character_of_the_text() -> None:
    assert decode(b"\xef\xbb\xbfa") == f"{BOM}a"


@pytest.mark.parametrize(
    ("text", "offset", "position"),
    [
        pytest.param("abc", 0, Position(1, 1), id="the first character"),
        pytest.param("ab\ncd", 3, Position(2, 1), id="behind a line end"),
        pytest.param("ab\ncd", 2, Position(1, 3), id="the line end belongs to its line"),
        pytest.param("a\r\nb", 3, Position(2, 1), id="CRLF is one line end"),
        pytest.param("a\rb", 2, Position(1, 3), id="a lone CR is none"),
        pytest.param("a\u2028b\x0cc", 4, Position(1, 5), id="nor is any other separator"),
        pytest.param("ü日🐳x", 3, Position(1, 4), id="columns are characters"),
        pytest.param("a\n", 2, Position(2, 1), id="behind the last line end"),
        pytest.param("", 0, Position(1, 1), id="an empty file"),
    ],
)
def test_counts_lines_and_columns_from_one(text: str, offset: int, position: Position) -> None:
    assert SourceFile("f", text).position(offset) == position


@pytest.mark.parametrize(
    ("data", "offset", "expected"),
    [
        pytest.param(b"abc", 2, 2, id="ASCII"),
        pytest.param("üx".encode(), 1, 2, id="two bytes"),
        pytest.param("🐳x".encode(), 1, 4, id="four bytes"),
        pytest.param(b"\xe9x", 1, 1, id="a byte that is not UTF-8"),
        pytest.param(b"\xef\xbb\xbfFROM", 1, 3, id="a byte order mark"),
    ],
)
def test_knows_byte_offsets(data: bytes, offset: int, expected: int) -> None:
    assert SourceFile("f", decode(data)).byte_offset(offset) == expected


@given(st.binary(max_size=60), st.integers(0, 60))
def test_a_byte_offset_cuts_the_bytes_where_the_offset_cuts_the_text(data: bytes, at: int) -> None:
    text = decode(data)
    at = min(at, len(text))
    assert decode(data[: SourceFile("f", text).byte_offset(at)]) == text[:at]


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_gives_lines_without_their_end(end: str) -> None:
    file = SourceFile("f", end.join(["one", "", "three"]))
    assert [file.line_text(n) for n in (1, 2, 3)] == ["one", "", "three"]


def test_an_edit_touches_its_span_and_an_empty_span_inserts() -> None:
    edits = [Edit(Span(8, 8), "", "@new"), Edit(Span(0, 4), "FROM", "from")]
    assert splice("FROM a:1\n", edits) == "from a:1@new\n"


def test_equal_edits_count_once() -> None:
    assert splice("abc", [Edit(Span(1, 2), "b", "B"), Edit(Span(1, 2), "b", "B")]) == "aBc"


def test_edits_may_stand_side_by_side() -> None:
    assert splice("abc", [Edit(Span(0, 1), "a", "A"), Edit(Span(1, 2), "b", "B")]) == "ABc"


@pytest.mark.parametrize(
    "edits",
    [
        pytest.param([Edit(Span(0, 1), "x", "y")], id="the text is another by now"),
        pytest.param([Edit(Span(2, 9), "c", "y")], id="the span reaches over the end"),
        pytest.param([Edit(Span(0, 2), "ab", "y"), Edit(Span(1, 3), "bc", "z")], id="two overlap"),
        pytest.param([Edit(Span(1, 1), "", "y"), Edit(Span(1, 1), "", "z")], id="two insert at one place"),
        pytest.param([Edit(Span(0, 1), "a", "y"), Edit(Span(0, 1), "a", "z")], id="two want one span"),
        pytest.param([Edit(Span(0, 3), "abc", "y"), Edit(Span(1, 1), "", "z")], id="one inserts into another"),
    ],
)
def test_refuses_a_stale_or_doubtful_edit(edits: list[Edit]) -> None:
    with pytest.raises(StaleEdit):
        splice("abc", edits)


@st.composite
def _texts_and_edits(draw: st.DrawFn) -> tuple[str, list[Edit]]:
    text = draw(st.text(max_size=40))
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
    spans = [Span(a, b) for a, b in zip(cuts[::2], cuts[1::2], strict=False)]
    return text, [Edit(s, text[s.start : s.stop], draw(st.text(max_size=5))) for s in spans]


@given(_texts_and_edits(), st.randoms())
def test_everything_outside_the_spans_stays_and_order_does_not_matter(
    example: tuple[str, list[Edit]], random: Random
) -> None:
    text, edits = example
    expected, at = "", 0
    for edit in edits:
        expected += text[at : edit.span.start] + edit.new
        at = edit.span.stop
    shuffled = list(edits)
    random.shuffle(shuffled)
    assert splice(text, shuffled) == expected + text[at:]


@given(_texts_and_edits())
def test_edits_that_put_back_what_is_there_change_nothing(example: tuple[str, list[Edit]]) -> None:
    text, edits = example
    assert splice(text, [Edit(e.span, e.old, e.old) for e in edits]) == text

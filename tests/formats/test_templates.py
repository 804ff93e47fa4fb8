"""What a template engine fills in: found, and blanked to the same width."""

from __future__ import annotations

import time

import pytest

from pinbot.formats._templates import actions, blanked

FOUND = [
    pytest.param("a {{ x }} b", ["{{ x }}"], id="Helm, Jinja, Go"),
    pytest.param("{% if x %}{# no #}<%= y %>", ["{% if x %}", "{# no #}", "<%= y %>"], id="Jinja and ERB"),
    pytest.param("{{ a }}}} {{b}}", ["{{ a }}", "{{b}}"], id="the first bracket closes"),
    pytest.param("{{ a\nb }}", ["{{ a\nb }}"], id="over two lines"),
    pytest.param("{{ {% x %} }}", ["{{ {% x %} }}"], id="one within another"),
    pytest.param("{{ a {% b %}", ["{% b %}"], id="one that never closes"),
    pytest.param("{ { a } }", [], id="brackets apart"),
]


@pytest.mark.parametrize(("text", "found"), FOUND)
def test_what_is_filled_in(text: str, found: list[str]) -> None:
    assert [text[span.start : span.stop] for span in actions(text)] == found


BLANKED = [
    pytest.param("a: {{ x }}\n", "a: _______\n", id="a word"),
    pytest.param("{{- if x }}\na: 1\n", "\n" * 11 + "\na: 1\n", id="a line of its own"),
    pytest.param("a:\n  {{- x | nindent 4 }}\n", "a:\n" + "\n" * 22 + "\n", id="what brings lines of its own"),
    pytest.param("a: {{ x | nindent 4 }}\n", "a: " + " " * 19 + "\n", id="lines behind a key"),
    pytest.param("{{ x\r\ny }}z\n", "\n\n\n\n\r\n____z\n", id="line ends stay"),
]


@pytest.mark.parametrize(("text", "after"), BLANKED)
def test_the_rest_keeps_its_place(text: str, after: str) -> None:
    assert blanked(text) == after
    assert len(after) == len(text)


@pytest.mark.parametrize("text", ["{{" * 500_000, "{{ {% " * 200_000, "{{ x }}" * 100_000, "{{\n" * 300_000 + "}}"])
def test_any_number_of_brackets_takes_linear_time(text: str) -> None:
    started = time.process_time()
    blanked(text)
    assert time.process_time() - started < 3.0

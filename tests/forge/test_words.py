"""Texts for forges: cut, marked, and without secrets."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinbot.forge._words import clip, mark, redact, shown

SECRET = "ghs_abc/def+ghi=0123456789"


@given(st.text(), st.integers(300, 400))
def test_a_clipped_text_is_never_too_long(text: str, limit: int) -> None:
    assert len(clip(text * 50, limit)) <= limit


def test_a_text_that_fits_stays_as_it_is() -> None:
    assert clip("a\n" * 50, 100) == "a\n" * 50


def test_a_cut_text_closes_what_is_open() -> None:
    text = "<details>\n\n```\n" + "line\n" * 500
    cut = clip(text, 1000)
    assert "line\n```\n</details>" in cut
    assert "cut here" in cut


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"said {SECRET} twice {SECRET}", id="as it is"),
        pytest.param(f"https://x?token={quote(SECRET, safe='')}", id="in a URL"),
        pytest.param(base64.b64encode(SECRET.encode()).decode(), id="in base64"),
        pytest.param(base64.b64encode(f"x-access-token:{SECRET}".encode()).decode(), id="in a Basic header"),
    ],
)
def test_no_form_of_a_secret_is_left(text: str) -> None:
    left = redact(text, [SECRET, ""])
    assert "***" in left
    assert not any(part in left for part in (SECRET, quote(SECRET, safe=""), "Z2hz", SECRET[:12]))


def test_the_same_text_has_the_same_mark_and_another_another() -> None:
    assert mark("a") == mark("a") != mark("b")
    assert mark("a").startswith("<!--")


def test_what_a_forge_said_is_shown_in_one_short_line() -> None:
    assert shown("a\x1b[31m\r\nb\u202e") == "a [31m b"
    assert len(shown("x" * 10_000)) == 300

"""Boxes on a dashboard: what is read, and what is not."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from pinbot.proposals.wishes import Verb, Wishes, box, wishes

NOTHING = Wishes()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "- [x] <!-- pinbot:rebase=pinbot/pin --> x", Wishes(rebase=frozenset({"pinbot/pin"})), id="checked"
        ),
        pytest.param("- [X] <!-- pinbot:now=nginx -->", Wishes(now=frozenset({"nginx"})), id="with a capital letter"),
        pytest.param("- [ ] <!-- pinbot:now=nginx -->", NOTHING, id="unchecked"),
        pytest.param(
            "a\n- [x] <!-- pinbot:open=a -->\n- [x] <!-- pinbot:open=b -->\n- [ ] <!-- pinbot:open=c -->\n",
            Wishes(open=frozenset({"a", "b"})),
            id="several",
        ),
        pytest.param(
            "- [x] <!-- pinbot:retry=lookups -->", Wishes(retry=frozenset({"lookups"})), id="what was not looked up"
        ),
        pytest.param("- [x] <!-- pinbot:delete=main -->", NOTHING, id="no verb of ours"),
        pytest.param("- [x] <!-- pinbot:__class__=x -->", NOTHING, id="no verb at all"),
        pytest.param("text - [x] <!-- pinbot:now=nginx -->", NOTHING, id="not at the begin of a line"),
        pytest.param("> - [x] <!-- pinbot:now=nginx -->", NOTHING, id="quoted"),
        pytest.param("- [x] words <!-- pinbot:now=nginx -->", NOTHING, id="words before the marker"),
        pytest.param("- [x] <!-- pinbot:now=nginx redis -->", NOTHING, id="a space in a name"),
        pytest.param("- [x] <!-- pinbot:now= -->", NOTHING, id="no name"),
        pytest.param("- [x] <!-- pinbot:now=ngin\u0445 -->", NOTHING, id="a name that is not plain"),
        pytest.param("- [x] `<!-- pinbot:now=nginx -->`", NOTHING, id="in code"),
        pytest.param("", NOTHING, id="no text"),
    ],
)
def test_what_is_asked_for(text: str, expected: Wishes) -> None:
    assert wishes(text) == expected


@given(st.sampled_from(["rebase", "open", "now", "retry"]), st.text(min_size=1, max_size=80))
def test_a_box_that_is_checked_is_read_as_what_it_is_for(verb: Verb, name: str) -> None:
    text = f"- {box(verb, name, is_checked=True)} words"
    assert wishes(text).asks(verb, name)
    inside = text.partition("<!--")[2].partition("-->")[0]
    assert "--" not in inside
    assert "\n" not in text


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    wishes(text)


def test_a_hostile_text_takes_no_time() -> None:
    for text in ("- [x] " * 100_000, "- [x] <!-- pinbot:now=" + "a" * 1_000_000, "\n- [x] <!-- pinbot:" * 100_000):
        assert wishes(text) == NOTHING


def test_the_branches_that_do_not_wait() -> None:
    text = "\n".join(f"- {box(verb, verb, is_checked=True)}" for verb in ("rebase", "open", "now", "retry"))
    assert wishes(text).branches == {"rebase", "open", "retry"}

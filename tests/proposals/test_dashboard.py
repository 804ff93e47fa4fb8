"""The text of a dashboard: lists with boxes, nothing that anybody else wrote but as text, and never too long."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pinbot.planning.outcome import Kept
from pinbot.proposals.dashboard import LONGEST, Counts, Line, Part, dashboard
from pinbot.proposals.issue import DASHBOARD
from pinbot.proposals.shown import State, counts, parts
from pinbot.proposals.wishes import Wishes, box, wishes
from pinbot.source.finding import Aside
from tests.proposals.examples import found
from tests.proposals.payloads import PAYLOADS
from tests.proposals.rendered import Rendered

HOME = "https://forge.example/acme/api"
MOMENT = datetime(2026, 11, 24, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param(Line("Pin 2 images"), "- Pin 2 images", id="a title"),
        pytest.param(
            Line("Pin 2 images", url=f"{HOME}/pull/7", ask=("rebase", "pinbot/pin")),
            f"- [ ] <!-- pinbot:rebase=pinbot/pin --> Pin 2 images: [pull request 7]({HOME}/pull/7)",
            id="a pull request with a box",
        ),
        pytest.param(
            Line("Pin 2 images", ask=("open", "pinbot/a--b"), is_asked=True),
            "- [x] <!-- pinbot:open=pinbot/a-%2Db --> Pin 2 images",
            id="a box that stays checked",
        ),
        pytest.param(
            Line("nginx:1.27", "cooldown 3 days", places=("a:1", "b:2"), until=MOMENT, is_image=True),
            "- `nginx:1.27` in `a:1`, `b:2`: cooldown 3 days; until 24 Nov 2026, 08:00 UTC",
            id="an image that is held",
        ),
        pytest.param(
            Line("nginx:1.27", "500: try later", places=tuple("abcde"), is_image=True, is_quoted=True),
            "- `nginx:1.27` in `a`, `b`, `c` and 2 more: `500: try later`",
            id="what a registry said",
        ),
    ],
)
def test_a_line_says_what_it_is_about(line: Line, expected: str) -> None:
    assert expected in dashboard(Counts(held=1), [Part("Held", (line,))], HOME).splitlines()


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        pytest.param(Counts(), "**No references to container images were found.**", id="nothing"),
        pytest.param(Counts(current=1), "**1 reference:** 1 as they should be.", id="one"),
        pytest.param(
            Counts(5, 30, 3, 2, 1, 4),
            "**45 references:** 30 as they should be, 5 to be changed, 3 held, 2 refused, 1 not looked up,"
            " 4 left alone.",
            id="all kinds",
        ),
    ],
)
def test_counts_are_told_in_one_line(told: Counts, expected: str) -> None:
    assert expected in dashboard(told, []).splitlines()


def test_it_is_known_again() -> None:
    assert dashboard(Counts(), []).startswith(f"{DASHBOARD}\n")


def test_a_list_without_lines_is_left_out() -> None:
    assert "Held" not in dashboard(Counts(), [Part("Held", ())])


def test_boxes_are_drawn() -> None:
    lines = (Line("a", ask=("now", "a")), Line("b"), Line("c", ask=("now", "c"), is_asked=True))
    seen = Rendered(dashboard(Counts(held=3), [Part("Held", lines)]))
    assert seen.tags["li"] == 3
    assert len(seen.comments) == 3


def test_what_does_not_fit_is_counted_and_no_line_is_cut() -> None:
    line = Line("n" * 150, "why " * 60, places=("p" * 150,) * 3, is_image=True)
    names = ("Open pull requests", "Held", "Refused", "Not looked up")
    text = dashboard(Counts(held=4_000), [Part(name, (line,) * 1_000, room=14_000) for name in names])
    assert len(text) < LONGEST
    assert text.count("more, for which there is no room here.") == 4
    assert len({len(one) for one in text.splitlines() if one.startswith("- ")}) == 1


def _everywhere(payload: str) -> str:
    """Return a text in which a payload stands at each place that files and registries have a say in."""
    finding = replace(found("nginx:1.27", payload), text=payload, standing=Aside("invalid", payload))
    kept = tuple(Kept(finding, outcome, payload) for outcome in ("held", "refused", "lookup-failed", "invalid"))
    state = State((), kept, (), lambda _kept: True)
    line = Line(payload, payload, payload, (payload,), ask=("open", payload[:200]))
    told = (*parts(state), Part("More", (line, replace(line, is_image=True), replace(line, is_quoted=True))))
    return dashboard(counts(state), told, HOME)


PLAIN = Rendered(_everywhere("plain"))


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda text: ascii(text[:40]))
def test_a_payload_stays_text(payload: str) -> None:
    text = _everywhere(payload)
    seen = Rendered(text)
    assert {tag: number for tag, number in seen.tags.items() if tag != "code"} == {
        tag: number for tag, number in PLAIN.tags.items() if tag != "code"
    }
    assert seen.links == []
    assert seen.references == {}
    assert len(seen.comments) == len(PLAIN.comments)
    assert wishes(text) == Wishes()
    assert len(text) < LONGEST


def test_a_payload_asks_for_nothing_when_its_own_box_is_checked() -> None:
    for payload in PAYLOADS:
        text = _everywhere(payload).replace("- [ ]", "- [x]")
        assert wishes(text).rebase == frozenset()
        assert wishes(text).open == wishes(f"- {box('open', payload[:200], is_checked=True)}").open


def test_no_payload_takes_long() -> None:
    started = time.process_time()
    for payload in ("@a" * 500_000, "`" * 1_000_000, "a " * 500_000, "- [x] <!-- pinbot:now=" * 50_000):
        _everywhere(payload)
    assert time.process_time() - started < 5


def test_the_longest_states_are_told_in_time() -> None:
    finding = found("nginx:1.27", "a/" * 60)
    kept = tuple(Kept(replace(finding, text=str(n)), "held", f"{n} why " * 30) for n in range(3_000))
    state = State((), kept, (), lambda _kept: True)
    assert len(dashboard(counts(state), parts(state), HOME)) < LONGEST

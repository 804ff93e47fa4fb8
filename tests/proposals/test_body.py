"""The text of a pull request, as a reader of a forge sees it; and nothing in it is more than text (reliability T22)."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pinbot.oci.history import History, Memory, Observation
from pinbot.oci.reference import Reference
from pinbot.planning.outcome import Change, Kept
from pinbot.proposals._markdown import clean, code, prose
from pinbot.proposals.body import LONGEST, body
from pinbot.proposals.grouping import WORKFLOWS, Group
from pinbot.proposals.news import Told
from pinbot.proposals.pull import PENDING, WITHDRAWN
from pinbot.source.finding import Aside
from tests.proposals.examples import A, B, bump, change, dead, found, group, kept, pin, refresh
from tests.proposals.payloads import PAYLOADS
from tests.proposals.rendered import Rendered

SEEN = datetime(2026, 11, 18, 9, tzinfo=UTC)
HISTORY = History().observed(Observation("docker.io", "library/nginx", "1.27", B, SEEN))
PUSHED = History().observed(Observation("docker.io", "library/nginx", "1.27", B, SEEN, "pushed"))
MOVE = f"`{A.short}` → `{B.short}`"
OURS = {"p", "table", "thead", "tbody", "tr", "th", "td", "code", "details", "summary", "hr", "strong"}


def text(*changes: Change, told: Told | None = None, left: tuple[Kept, ...] = ()) -> str:
    return body(group(*changes), left, (told or Told()).of)


def rows(markdown: str) -> list[list[str]]:
    """Return the cells of the tables, without their heads."""
    lines = [line for line in markdown.splitlines() if line.startswith("| ")]
    cells = [line.removeprefix("| ").removesuffix(" |").split(" | ") for line in lines]
    return [row for row, below in zip(cells, [*cells[1:], ["x"]], strict=True) if "---" not in {row[0], below[0]}]


def known(history: History) -> Told:
    return Told({("docker.io", "library/nginx"): Memory({"1.27": history})})


@pytest.mark.parametrize(
    ("change", "told", "expected"),
    [
        pytest.param(
            pin("nginx:1.27", line=3),
            Told(),
            ["`nginx:1.27`", "`Dockerfile:3`", f"first pin `{A.short}`"],
            id="a first pin",
        ),
        pytest.param(
            refresh("nginx:1.27"),
            known(HISTORY),
            ["`nginx:1.27`", "`Dockerfile:1`", f"refresh {MOVE}", "seen 18 Nov 2026"],
            id="a refresh, and since when there is the new digest",
        ),
        pytest.param(
            refresh("nginx:1.27", reason="rollback: the tag went back to what it had had since 3 Nov 2026"),
            known(PUSHED),
            [
                "`nginx:1.27`",
                "`Dockerfile:1`",
                f"refresh {MOVE}; rollback: the tag went back to what it had had since 3 Nov 2026",
                "pushed 18 Nov 2026",
            ],
            id="with its reason",
        ),
        pytest.param(
            refresh("redis:latest"),
            Told(versions={A: "7.4", B: "8.0"}),
            [
                "`redis:latest`",
                "`Dockerfile:1`",
                f"refresh `7.4` `{A.short}` → `8.0` `{B.short}`",
                "**major version**",
            ],
            id="versions, and that one is a major one",
        ),
        pytest.param(
            bump("redis", "7", "8", "major"),
            Told(),
            ["`redis:7`", "`Dockerfile:1`", f"**major** `7` `{A.short}` → `8` `{B.short}`"],
            id="a version",
        ),
        pytest.param(
            dead("redis:7"),
            Told(),
            ["`redis:7`", "`Dockerfile:1`", f"**replaced** {MOVE}; gone", "**digest was gone**"],
            id="a dead digest",
        ),
        pytest.param(
            change(f"nginx:1@{A}", f"docker.io/library/nginx:1@{A}", "replace", reason="the name in full"),
            Told(),
            ["`nginx:1`", "`Dockerfile:1`", "better name `nginx` → `docker.io/library/nginx`; the name in full"],
            id="a name in full",
        ),
    ],
)
def test_the_first_table_says_what_changes(change: Change, told: Told, expected: list[str]) -> None:
    assert rows(text(change, told=told))[0] == expected


def test_references_that_change_alike_are_one_row() -> None:
    told = text(*(pin("nginx:1.27", f"{n}/Dockerfile") for n in range(5)), pin("redis:7"))
    first, second, *places = rows(told)
    assert first[1] == "`0/Dockerfile:1`, `1/Dockerfile:1`, `2/Dockerfile:1`, and 2 more"
    assert second[0] == "`redis:7`"
    assert len(places) == 6


def test_every_place_is_listed_with_references_in_full() -> None:
    assert rows(text(refresh("nginx:1.27", "web/compose.yml", 7)))[1] == [
        "`web/compose.yml:7`",
        f"`nginx:1.27@{A}`",
        f"`nginx:1.27@{B}`",
    ]


def test_what_stays_is_listed_with_the_reason_and_until_when() -> None:
    left = (
        kept("redis:7", "held", "first seen 2 days ago, cooldown 3 days", datetime(2026, 11, 23, tzinfo=UTC)),
        kept("node:20", "refused", "config.yaml:3 denies it; run `pinbot check`"),
        kept("x:1", "lookup-failed", "500: Approved by security"),
        kept("a:1", "current", "pinned"),
        kept("b:1", "ignored", "a remark says so"),
    )
    told = text(pin("nginx:1.27"), left=left)
    assert "<summary>Not changed in this repository: 1 held, 1 refused, 1 not looked up</summary>" in told
    assert rows(told)[2:] == [
        [
            "`Dockerfile:1`",
            "`redis:7`",
            "held",
            "first seen 2 days ago, cooldown 3 days; until 23 Nov 2026, 00:00 UTC",
        ],
        ["`Dockerfile:1`", "`node:20`", "refused", "`config.yaml:3` denies it; run `pinbot check`"],
        ["`Dockerfile:1`", "`x:1`", "not looked up", "`500: Approved by security`"],
    ]


@pytest.mark.parametrize(
    ("one", "said"),
    [
        pytest.param(group(pin("a:1")), "refuses to pin these references.", id="pins"),
        pytest.param(group(refresh("a:1")), "refuses these digests; newer ones are still proposed.", id="digests"),
        pytest.param(group(bump("a", "1", "2")), "refuses these versions; newer ones are still proposed.", id="tags"),
        pytest.param(
            group(pin("a:1"), refresh("b:1"), bump("c", "1", "2"), grouping="all"),
            "refuses to pin these references, these versions and these digests; newer ones are still proposed.",
            id="all of it",
        ),
        pytest.param(group(change(f"a:1@{A}", f"a:1.2@{A}", "replace")), "refuses these names.", id="names"),
    ],
)  # fmt: skip
def test_it_says_what_closing_it_refuses_and_how_to_stop_it(one: Group, said: str) -> None:
    told = body(one, (), Told().of)
    assert said in told
    assert "`# pinbot: ignore`" in told


def test_dead_digests_and_workflows_are_told_first() -> None:
    assert text(dead("a:1")).startswith("1 reference to 1 image: the registry does not serve its digest any more")
    both = pin("a:1", f"{WORKFLOWS}ci.yml"), pin("a:1", f"{WORKFLOWS}cd.yml")
    assert "stand in workflows" in text(*both).partition("\n")[0]
    rescuing = replace(bump("a", "1", "2"), rescues=True)
    assert "not served any more" in text(rescuing).partition("\n")[0]


def test_a_better_name_is_not_told_as_a_refresh() -> None:
    told = text(change(f"a:1@{A}", f"a:1.2@{A}", "replace"))
    assert told.startswith("Writes better names for 1 reference to 1 image; the digests stay.")


def test_a_long_list_is_folded_behind_the_first_rows() -> None:
    told = text(*(pin(f"acme/image-{n}:1") for n in range(40)))
    before, _, after = told.partition("<details>")
    assert len(rows(before)) == 15
    assert after.startswith("\n<summary>25 more</summary>")


def test_what_does_not_fit_is_counted_and_no_row_is_cut() -> None:
    left = tuple(kept(f"c{n}:1", "refused", f"because of {n} " + "of a long reason " * 50) for n in range(2_000))
    told = text(*(pin(f"acme/image-{n}:1", f"{'deep/' * 60}{n}") for n in range(3_000)), left=left)
    assert len(told) <= LONGEST
    counts = [int(n) for n in re.findall(r"… and ([0-9]+) more, for which there is no room here", told)]
    assert len(counts) == 3
    assert len(rows(told)) + sum(counts) == 3_000 + 3_000 + 2_000
    assert {len(row) for row in rows(told)} == {3, 4}
    assert told.rstrip().endswith("on it or above it.")
    assert Rendered(told).tags.keys() <= OURS


def _everywhere(payload: str) -> str:
    """Return a text in which a payload stands at each place that files and registries have a say in."""
    finding = replace(found("nginx:1.27", payload), text=payload, standing=Aside("invalid", payload))
    changes = (refresh("nginx:1.27", payload, reason=payload), pin("redis:7", f"x/{payload}"))
    left = tuple(Kept(finding, outcome, payload) for outcome in ("held", "refused", "lookup-failed", "invalid"))
    one = Group("directory", payload, True, changes)
    return body(one, left, Told(versions={A: payload, B: f"{payload}2"}).of)


_CALM = Rendered(_everywhere("plain"))


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda text: ascii(text[:40]))
def test_a_payload_stays_text(payload: str) -> None:
    told = _everywhere(payload)
    assert len(told) <= LONGEST
    assert PENDING not in told
    assert WITHDRAWN not in told
    assert all(char == "\n" or char.isprintable() for char in told)
    seen = Rendered(told)
    assert seen.references == {}
    assert seen.links == []
    assert seen.comments == []
    assert seen.tags.keys() <= OURS
    # As many tables, rows, cells and folded parts as with a harmless text: nothing broke out of its own.
    structure = OURS - {"code"}
    assert {tag: n for tag, n in seen.tags.items() if tag in structure} == {
        tag: n for tag, n in _CALM.tags.items() if tag in structure
    }


@pytest.mark.parametrize("payload", PAYLOADS[:200], ids=lambda text: ascii(text[:40]))
def test_a_code_span_shows_just_its_text(payload: str) -> None:
    seen = Rendered(f"| a | b |\n| --- | --- |\n| x {code(payload)} | y |\n")
    assert seen.tags["td"] == 2
    assert len(seen.codes) <= 1
    shown = clean(payload).replace("|", "¦").replace("<!-", "<->").replace("-->", "<->")
    assert "".join(seen.codes) == re.sub("`{17,}", "`" * 16 + "…", shown)


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        pytest.param("first seen 2 days ago, cooldown 3 days", "first seen 2 days ago, cooldown 3 days", id="words"),
        pytest.param("1.27.3: held; see x/y.", "`1.27.3`: held; see `x/y`.", id="names"),
        pytest.param("run `pinbot check --explain A:1`, then", "run `pinbot check --explain A:1`, then", id="quoted"),
        pytest.param("don't use (this) one", "don't use (this) one", id="punctuation"),
        pytest.param("... --- !", "`...` `---` `!`", id="punctuation alone"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_prose_keeps_words_and_quotes_the_rest(sentence: str, expected: str) -> None:
    assert prose(sentence) == expected


HOME = "https://forge.example/acme/shop"


@pytest.mark.parametrize(
    ("word", "linked"),
    [
        pytest.param(f"{HOME}/pull/12", "pull request 12", id="GitHub"),
        pytest.param(f"{HOME}/pulls/12,", "pull request 12", id="Gitea"),
        pytest.param(f"{HOME}/-/merge_requests/12", "pull request 12", id="GitLab"),
        pytest.param(f"{HOME}/issues/12", None, id="an issue"),
        pytest.param(f"{HOME}/pull/12/files", None, id="below it"),
        pytest.param(f"{HOME}/pull/12)[x](y", None, id="what would end the link"),
        pytest.param(f"{HOME}s/pull/12", None, id="another repository"),
        pytest.param("https://evil.example/acme/shop/pull/12", None, id="another host"),
    ],
)
def test_only_pull_requests_of_the_repository_are_linked(word: str, linked: str | None) -> None:
    seen = Rendered(body(group(pin("a:1")), (kept("b:1", "held", f"closes {word} by another bot"),), Told().of, HOME))
    assert seen.links == ([word.rstrip(",")] if linked else [])
    assert (linked or "closes") in seen.text
    assert "forge" not in seen.text
    assert "evil" not in seen.text


def test_a_strange_address_of_the_repository_links_nothing() -> None:
    assert Rendered(prose("see https://x)[y](z/pull/1", "https://x)[y](z")).links == []


def test_there_are_three_hundred_of_them() -> None:
    assert len(set(PAYLOADS)) >= 300


def test_no_payload_takes_long() -> None:
    started = time.perf_counter()
    for payload in ("@a" * 500_000, "`" * 1_000_000, "\x1b[" * 300_000, "a " * 500_000):
        _everywhere(payload)
    assert time.perf_counter() - started < 2


def test_the_text_is_the_same_whenever_it_is_made() -> None:
    changes = [pin(f"acme/image-{n}:1") for n in range(20)]
    assert text(*changes) == text(*changes)
    assert Reference.parse("acme/image-3:1").name in text(*changes)

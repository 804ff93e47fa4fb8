"""The ledger as JSON lines, and two ledgers made one."""

from __future__ import annotations

import json
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinbot.errors import StoreError
from pinbot.oci.history import History, Observation, Sighting
from pinbot.oci.resolution import Config, Content
from pinbot.store.book import Book, merged
from pinbot.store.lines import LinesLedger, dumped, loaded
from tests.store import ledgers
from tests.store.ledgers import DAY, HUB, NOW, PATH, A, B, folded, index, seen

HEAD = '{"schema":"pinbot.ledger/1"}'
GOOD = {
    "kind": "sighting",
    "registry": HUB,
    "repository": PATH,
    "tag": "1.27",
    "digest": str(A),
    "source": "seen",
    "first": "2026-11-20T12:00:00.000000Z",
    "last": "2026-11-21T12:00:00.000000Z",
}
books = st.builds(Book, ledgers.observations.map(folded))


def _text(*lines: object) -> bytes:
    return "\n".join([HEAD, *(line if isinstance(line, str) else json.dumps(line) for line in lines), ""]).encode()


def test_the_form_is_the_documented_one() -> None:
    book = Book(folded([seen(A, NOW - DAY), seen(A)]))
    assert [json.loads(line) for line in dumped(book).splitlines()] == [json.loads(HEAD), GOOD]


@given(books)
def test_what_is_dumped_is_loaded_again(book: Book) -> None:
    book.facts[A, "index"] = index()
    assert loaded(dumped(book), NOW) == book


@given(ledgers.observations)
def test_the_same_ledger_is_the_same_bytes(told: list[Observation]) -> None:
    histories = folded(told)
    backwards = Book(dict(reversed(histories.items())))
    assert dumped(Book(histories)) == dumped(backwards)


def test_one_more_sighting_changes_one_line() -> None:
    ledger = LinesLedger(Book(folded([seen(A, NOW - DAY), seen(B, tag="2"), seen(A, path="library/redis")])))
    before = ledger.dumps().splitlines()
    ledger.record([seen(A, NOW)], {})
    after = ledger.dumps().splitlines()
    assert sum(old != new for old, new in zip(before, after, strict=True)) == 1


@given(books, books)
def test_merging_is_commutative(one: Book, other: Book) -> None:
    assert dumped(merged(one, other)) == dumped(merged(other, one))


def test_two_that_were_seen_at_one_time_come_in_one_order_whoever_tells_of_them() -> None:
    told = [Book(folded([seen(first), seen(second)])) for first, second in ((A, B), (B, A))]
    assert dumped(merged(*told)) == dumped(merged(*reversed(told)))


@given(books, books)
def test_merging_again_changes_nothing(one: Book, other: Book) -> None:
    both = merged(one, other)
    assert dumped(merged(one, one)) == dumped(one)
    assert dumped(merged(both, one)) == dumped(merged(both, other)) == dumped(merged(both, both)) == dumped(both)


@given(books, books)
def test_a_merged_history_begins_no_later_than_either_and_knows_every_digest(one: Book, other: Book) -> None:
    both = merged(one, other)
    for book in (one, other):
        for tag, history in book.histories.items():
            for sighting in history.sightings:
                first = both.histories[tag].first_known(sighting.digest)
                assert first is not None
                if sighting.source != "file":
                    found = both.histories[tag].first_seen(sighting.digest)
                    assert found is not None
                    assert found.first <= sighting.first


@given(books, books)
def test_stretches_that_were_seen_never_overlap(one: Book, other: Book) -> None:
    for history in merged(one, other).histories.values():
        assert all(a.last <= b.first for a, b in pairwise(history.seen))


def test_a_stretch_is_parted_where_another_machine_saw_another_digest() -> None:
    mine = folded([seen(A, NOW - 9 * DAY), seen(A, NOW)])
    theirs = folded([seen(B, NOW - 5 * DAY), seen(B, NOW - 4 * DAY)])
    (history,) = merged(Book(mine), Book(theirs)).histories.values()
    assert history == History(
        (
            Sighting(A, NOW - 9 * DAY, NOW - 9 * DAY),
            Sighting(B, NOW - 5 * DAY, NOW - 4 * DAY),
            Sighting(A, NOW, NOW),
        )
    )


EMPTY = {"digest": str(A), "media_type": ""}
BAD: dict[str, object] = {
    "not JSON": "{",
    "not an object": "[]",
    "nested beyond measure": "[" * 100_000,
    "bytes that are no text": "\udcff",
    "an unknown kind": {"kind": "rumour"},
    "a key too many": {**GOOD, "note": "x"},
    "a key too few": {k: v for k, v in GOOD.items() if k != "tag"},
    "a number for a tag": {**GOOD, "tag": 1},
    "a tag that is none": {**GOOD, "tag": "a b"},
    "a repository with an escape": {**GOOD, "repository": "a\x1b[2J"},
    "a repository that hides a digest": {**GOOD, "repository": f"a@{A}"},
    "a registry that is none": {**GOOD, "registry": "docker"},
    "a digest that is none": {**GOOD, "digest": "sha256:12"},
    "an unknown source": {**GOOD, "source": "believed"},
    "a list for a source": {**GOOD, "source": ["seen"]},
    "a time without its zone": {**GOOD, "first": "2026-11-20T12:00:00.000000"},
    "a day that is none": {**GOOD, "first": "2026-02-30T12:00:00.000000Z"},
    "an end before the beginning": {**GOOD, "last": "2026-11-19T12:00:00.000000Z"},
    "a time in the future": {**GOOD, "last": "2026-11-23T12:00:00.000000Z"},
    "facts of another digest": {"kind": "index", "of": str(B), "facts": {**EMPTY, "manifests": []}},
    "facts that are a list": {"kind": "index", "of": str(A), "facts": []},
    "a size that is a flag": {
        "kind": "index",
        "of": str(A),
        "facts": {**EMPTY, "manifests": [{**EMPTY, "size": True}]},
    },
    "a date beyond the calendar": {
        "kind": "config",
        "of": str(A),
        "facts": {"platform": {"os": "", "architecture": ""}, "created": "0001-01-01T00:00:00+05:00"},
    },
    "a label that is a number": {
        "kind": "config",
        "of": str(A),
        "facts": {"platform": {"os": "", "architecture": ""}, "labels": {"a": 1}},
    },
    "a word for how it is run that is unknown": {
        "kind": "config/2",
        "of": str(A),
        "facts": {"platform": {"os": "", "architecture": ""}, "runtime": {"privileged": "yes"}},
    },
    "a command that is a text": {
        "kind": "config/2",
        "of": str(A),
        "facts": {"platform": {"os": "", "architecture": ""}, "runtime": {"command": "/bin/sh"}},
    },
    "an annotation that is a number": {
        "kind": "manifest/2",
        "of": str(A),
        "facts": {**EMPTY, "config": EMPTY, "layers": [], "annotations": {"a": 1}},
    },
    "a kind of the future": {"kind": "config/3", "of": str(A), "facts": {"platform": {"os": "", "architecture": ""}}},
}  # fmt: skip


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_a_line_that_is_not_one_of_a_ledger_is_named_by_its_number(bad: object) -> None:
    text = _text(GOOD) + (bad if isinstance(bad, str) else json.dumps(bad)).encode(errors="surrogateescape") + b"\n"
    with pytest.raises(StoreError, match=r"^Line 3 is not"):
        loaded(text, NOW)


def test_facts_of_earlier_versions_are_read_and_passed_over() -> None:
    """They lack how an image is run, which is not the same as an image that is run as root."""
    old = [
        {"kind": "config", "of": str(A), "facts": {"platform": {"os": "linux", "architecture": "amd64"}}},
        {"kind": "manifest", "of": str(A), "facts": {**EMPTY, "config": {**EMPTY, "size": 1}, "layers": []}},
    ]
    book = loaded(_text(GOOD, *old), NOW)
    assert (len(book.histories), book.facts) == (1, {})
    assert LinesLedger(book).known([Config(HUB, PATH, A), Content(HUB, PATH, A)]) == {}


@pytest.mark.parametrize("first", ["", "{}", '{"schema":"pinbot.ledger/2"}', json.dumps(GOOD)])
def test_the_first_line_says_what_it_is(first: str) -> None:
    with pytest.raises(StoreError, match=r"^Line 1 is not"):
        loaded(first.encode(), NOW)


def test_clocks_that_differ_a_little_are_no_reason_to_refuse() -> None:
    assert loaded(_text({**GOOD, "last": "2026-11-21T12:10:00.000000Z"}), NOW).histories


def test_overlapping_lines_are_put_in_order() -> None:
    other = {**GOOD, "digest": str(B), "first": "2026-11-20T18:00:00.000000Z", "last": "2026-11-20T19:00:00.000000Z"}
    (history,) = loaded(_text(GOOD, other), NOW).histories.values()
    assert [s.digest for s in history.seen] == [A, B, A]


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        loaded(HEAD.encode() + b"\n" + data, NOW)
    except StoreError:
        return


def test_a_text_of_stretches_that_cannot_all_be_true_takes_no_longer_than_its_length() -> None:
    digests = [f"sha256:{number:064x}" for number in range(7)]
    lines = [
        {**GOOD, "digest": digests[n % 7], "first": f"2026-{1 + n % 10:02}-{1 + n % 27:02}T00:00:00.000000Z"}
        for n in range(30_000)
    ]
    start = time.process_time()
    history = loaded(_text(*lines), NOW).histories[HUB, PATH, "1.27"]
    assert all(a.last <= b.first for a, b in pairwise(history.seen))
    assert time.process_time() - start < 5

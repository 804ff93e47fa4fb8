"""Looking for the words of all formats at once says the same as looking for one after the other."""

from __future__ import annotations

import random
import time

from hypothesis import given
from hypothesis import strategies as st

from pinbot.formats._claims import Claims
from pinbot.formats._mapped import mapped
from pinbot.formats._mapping import ENTRIES
from pinbot.formats._needles import _FEW, Words, _reasons, _words

CLAIMS = Claims([mapped(entry) for entry in ENTRIES])
PATHS = ("deploy/app.yaml", "Dockerfile", "values.yaml", "main.tf", "x.json", "README.md", ".github/workflows/ci.yml")
WORDS = sorted({word for one in CLAIMS.formats for word in _words(one)})
PIECES = st.one_of(st.sampled_from(WORDS), st.binary(max_size=6), st.sampled_from([b"\n", b" ", b"kind: ", b"\r\n"]))
LEARNED = Words()
for path in PATHS:
    for _ in range(_FEW + 1):
        LEARNED.reasons(CLAIMS.of(path), b"")


@given(st.sampled_from(PATHS), st.lists(PIECES, max_size=12).map(b"".join))
def test_both_ways_find_the_same(path: str, data: bytes) -> None:
    claimed = CLAIMS.of(path)
    assert list(LEARNED.reasons(claimed, data)) == list(_reasons(claimed, data, {}))


def test_a_file_that_holds_all_words_in_all_orders_is_read_like_any_other() -> None:
    order = random.Random(7)
    claimed = CLAIMS.of("deploy/app.yaml")
    data = b" ".join(order.choice(WORDS)[: order.randint(1, 30)] for _ in range(200_000))
    began = time.process_time()
    assert list(LEARNED.reasons(claimed, data)) == list(_reasons(claimed, data, {}))
    assert time.process_time() - began < 5  # a limit for something gone wrong: two megabytes take some milliseconds


def test_few_files_do_not_load_what_many_need() -> None:
    words = Words()
    for _ in range(_FEW):
        words.reasons(CLAIMS.of("deploy/app.yaml"), b"image: x")
    assert not words._searches
    words.reasons(CLAIMS.of("deploy/app.yaml"), b"image: x")
    assert len(words._searches) == 1

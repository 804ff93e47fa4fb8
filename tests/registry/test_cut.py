"""What is kept of long texts: as much as fits, and enough to tell them apart."""

from __future__ import annotations

from pinbot.registry._cut import cut


def test_texts_that_differ_behind_the_cut_still_differ() -> None:
    assert cut("a" * 64, 64) == "a" * 64
    assert len(cut("a" * 65, 64)) == 64
    assert cut("a" * 99 + "b", 64) == cut("a" * 99 + "b", 64) != cut("a" * 99 + "c", 64)
    assert "…" in cut("\ud800" * 65, 64)

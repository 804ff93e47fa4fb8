"""Pages that are made from the code are as the code says."""

from __future__ import annotations

from tools.formats_page import PAGE, page


def test_the_page_of_the_formats_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make docs`"

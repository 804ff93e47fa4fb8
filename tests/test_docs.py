"""Pages that are made from the code are as the code says."""

from __future__ import annotations

from pinbot.formats._mapping import ENTRIES
from tools import checks_page
from tools.formats_page import PAGE, page
from tools.mapping import FILE, entries, text


def test_the_page_of_the_formats_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make docs`"


def test_the_mapping_of_the_formats_is_current() -> None:
    assert entries() == ENTRIES, "run `make docs`"
    assert FILE.read_text(encoding="utf-8") == text(), "run `make docs`"


def test_the_page_of_the_checks_is_current() -> None:
    assert checks_page.PAGE.read_text(encoding="utf-8") == checks_page.page(), "run `make docs`"

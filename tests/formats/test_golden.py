"""Golden files of every format, in four costumes and twice: `tests/golden/<format>/<case>/before` and `after`.

Both are trees of files; `after` holds those that change. Other formats look at the files too, as they do for a user.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pinbot import wiring
from tests.fakes.memory import BUMP, PIN, run_once

FORMATS = wiring.formats()
GOLDEN = Path(__file__).parent.parent / "golden"
CASES = sorted(GOLDEN.glob("*/*/before"), key=str)
COSTUMES: dict[str, Callable[[bytes], bytes]] = {
    "LF": lambda text: text,
    "CRLF": lambda text: text.replace(b"\n", b"\r\n"),
    "BOM": lambda text: b"\xef\xbb\xbf" + text,
    "no last newline": lambda text: text.rstrip(b"\n"),
}


def tree(folder: Path, wear: Callable[[bytes], bytes]) -> dict[str, bytes]:
    """Return the files below a folder, each in a costume."""
    files = (file for file in sorted(folder.rglob("*")) if file.is_file())
    return {file.relative_to(folder).as_posix(): wear(file.read_bytes()) for file in files}


@pytest.mark.parametrize("costume", COSTUMES)
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.parent.name} {case.parent.name}")
def test_only_the_references_change_and_only_once(case: Path, costume: str) -> None:
    before, after = tree(case, COSTUMES[costume]), tree(case.with_name("after"), COSTUMES[costume])

    first, written = run_once(before, FORMATS, PIN)
    assert written == before | after
    assert len(first.changes) + len(first.kept) == len(first.survey.findings)
    assert not first.survey.skips

    second, again = run_once(written, FORMATS, PIN)
    assert (second.changes, again) == ((), written)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.parent.name} {case.parent.name}")
def test_a_refresh_touches_nothing_but_digests(case: Path) -> None:
    _, pinned = run_once(tree(case, bytes), FORMATS, PIN)
    _, bumped = run_once(pinned, FORMATS, BUMP)
    assert {path: _without_digests(text) for path, text in bumped.items()} == {
        path: _without_digests(text) for path, text in pinned.items()
    }


def _without_digests(text: bytes) -> bytes:
    return b"".join(part if number == 0 else part[64:] for number, part in enumerate(text.split(b"sha256:")))


@pytest.mark.parametrize("name", [kind.name for kind in FORMATS])
def test_every_format_has_a_golden_file_of_its_own(name: str) -> None:
    assert list((GOLDEN / name).glob("*/before"))

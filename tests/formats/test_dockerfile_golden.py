"""Golden Dockerfiles, in four costumes and twice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fakes.memory import BUMP, PIN, run_once
from tests.formats._dockerfiles import FORMATS

CASES = sorted((Path(__file__).parent.parent / "golden" / "dockerfile").glob("*/before.Dockerfile"))
COSTUMES: dict[str, Callable[[bytes], bytes]] = {
    "LF": lambda text: text,
    "CRLF": lambda text: text.replace(b"\n", b"\r\n"),
    "BOM": lambda text: b"\xef\xbb\xbf" + text,
    "no last newline": lambda text: text.rstrip(b"\n"),
}


def test_there_are_golden_files() -> None:
    assert len(CASES) == 4


@pytest.mark.parametrize("costume", COSTUMES)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.parent.name)
def test_only_the_references_change_and_only_once(case: Path, costume: str) -> None:
    wear = COSTUMES[costume]
    before, after = wear(case.read_bytes()), wear(case.with_stem("after").read_bytes())

    first, written = run_once({"Dockerfile": before}, FORMATS, PIN)
    assert written == {"Dockerfile": after}
    assert len(first.changes) + len(first.kept) == len(first.survey.findings)
    assert not first.survey.skips

    second, again = run_once(written, FORMATS, BUMP)
    assert (second.changes, again) == ((), written)

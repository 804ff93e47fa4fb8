"""Golden files of the YAML formats, in four costumes and twice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pinbot.formats import compose, kubernetes
from tests.fakes.memory import BUMP, PIN, run_once

FORMATS = (compose.FORMAT, kubernetes.FORMAT)
GOLDEN = Path(__file__).parent.parent / "golden"
CASES = sorted(
    (before for room in ("compose", "kubernetes") for before in (GOLDEN / room).glob("*/before.*")),
    key=str,
)
COSTUMES: dict[str, Callable[[bytes], bytes]] = {
    "LF": lambda text: text,
    "CRLF": lambda text: text.replace(b"\n", b"\r\n"),
    "BOM": lambda text: b"\xef\xbb\xbf" + text,
    "no last newline": lambda text: text.rstrip(b"\n"),
}


@pytest.mark.parametrize("costume", COSTUMES)
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.parent.name} {case.parent.name}")
def test_only_the_references_change_and_only_once(case: Path, costume: str) -> None:
    wear = COSTUMES[costume]
    before, after = wear(case.read_bytes()), wear(case.with_stem("after").read_bytes())
    path = f"deploy/compose{case.suffix}" if case.parent.parent.name == "compose" else f"deploy/pod{case.suffix}"
    env = case.with_name("env")
    files = {path: before} | ({"deploy/.env": env.read_bytes()} if env.exists() else {})

    first, written = run_once(files, FORMATS, PIN)
    assert written == files | {path: after}
    assert len(first.changes) + len(first.kept) == len(first.survey.findings)
    assert not first.survey.skips

    second, again = run_once(written, FORMATS, PIN)
    assert (second.changes, again) == ((), written)


def test_there_are_golden_files() -> None:
    assert len(CASES) == 6


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.parent.name} {case.parent.name}")
def test_a_refresh_touches_nothing_but_digests(case: Path) -> None:
    path = f"compose{case.suffix}" if case.parent.parent.name == "compose" else f"pod{case.suffix}"
    _, pinned = run_once({path: case.read_bytes()}, FORMATS, PIN)
    _, bumped = run_once(pinned, FORMATS, BUMP)
    assert _without_digests(bumped[path]) == _without_digests(pinned[path])


def _without_digests(text: bytes) -> bytes:
    return b"".join(part if number == 0 else part[64:] for number, part in enumerate(text.split(b"@sha256:")))

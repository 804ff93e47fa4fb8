"""The way back over the golden files: pin, then `pin --remove`, and the bytes are those of before."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from pinbot import wiring
from pinbot.formats._claims import Claims
from pinbot.planning.plan import Change
from pinbot.run import Scope, remove
from pinbot.source.finding import Writable
from pinbot.source.text import Edit, decode, encode, splice
from tests.fakes.memory import PIN, TERMS, MemoryWorkspace, run_once
from tests.formats.test_golden import CASES, COSTUMES, _tree

FORMATS = wiring.formats()


def _with_latest(before: dict[str, bytes], changes: tuple[Change, ...]) -> dict[str, bytes]:
    """Return the files with the tags that a pin wrote where there were none: they stay."""
    edits: dict[str, list[Edit]] = defaultdict(list)
    for change in changes:
        standing = change.finding.standing
        assert isinstance(standing, Writable)
        if change.old.tag is None and standing.tag:
            slot = standing.tag
            edit = Edit(slot.span, "", f"{slot.lead}{change.new.tag}{slot.tail}")
            edits[slot.path or change.finding.path].append(edit)
    return before | {path: encode(splice(decode(before[path]), some)) for path, some in edits.items()}


@pytest.mark.parametrize("costume", COSTUMES)
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.parent.name} {case.parent.name}")
def test_what_a_pin_inserts_can_be_removed_again(case: Path, costume: str) -> None:
    before, _ = _removed(_tree(case, COSTUMES[costume]))
    done, pinned = run_once(before, FORMATS, PIN)
    after, refused = _removed(pinned)
    assert after == _with_latest(before, done.changes), refused


def _removed(files: dict[str, bytes]) -> tuple[dict[str, bytes], list[tuple[str, str, str]]]:
    workspace = MemoryWorkspace(files)
    undone = remove(workspace, Scope(Claims(FORMATS)), TERMS, write=True)
    refused = [(k.finding.path, k.finding.text, k.reason) for k in undone.kept if k.outcome == "refused"]
    return workspace.files, refused

"""The way back over the golden files: pin, then `pin --remove`, and the bytes are those of before."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import pytest

from pinbot import wiring
from pinbot.formats._claims import Claims
from pinbot.planning.outcome import Change, Kept
from pinbot.run import Scope, remove
from pinbot.source.finding import Writable
from pinbot.source.text import Edit, decode, encode, splice
from tests.fakes.memory import PIN, TERMS, MemoryWorkspace, run_once
from tests.formats.test_golden import CASES, COSTUMES, tree

FORMATS = wiring.formats()
# A key without a value is filled in by a pin. A removal cannot tell it from one that a pin has written, and takes it
# out; where something stands beside it that would be lost, it is refused.
TAKEN = re.compile(rb"""\r?\n *(?:digest|sha|imageDigest)(?:: | = )(?:""|''),?(?=\r?\n|\Z)|, digest: ''""")
WITH_EMPTY_KEYS = {
    "argocd applications": "an empty digest in Helm values",
    "bazel rules": "an empty digest argument",
    "flux clusters": "an empty digest in Helm values",
    "helm-values chart": "empty digests of three names, one with a comment beside it",
    "helm-values-other environments": "an empty digest in Helm values",
    "helmfile state": "an empty digest in Helm values, and a `set` whose value is empty",
    "kustomize overlay": "an empty digest of an image, and one in Helm values",
}


def _name(case: Path) -> str:
    return f"{case.parent.parent.name} {case.parent.name}"


@pytest.mark.parametrize("costume", COSTUMES)
@pytest.mark.parametrize("case", CASES, ids=_name)
def test_what_a_pin_inserts_can_be_removed_again(case: Path, costume: str) -> None:
    # Some references of the golden files are pinned from the beginning.
    before, _ = _removed(tree(case, COSTUMES[costume]))
    done, pinned = run_once(before, FORMATS, PIN)
    after, kept = _removed(pinned)
    expected = _with_latest(before, done.changes)
    if _name(case) in WITH_EMPTY_KEYS:
        assert after != expected
        expected = {path: TAKEN.sub(b"", text) for path, text in expected.items()}
        after = {path: TAKEN.sub(b"", _without_refused(text, kept)) for path, text in after.items()}
    assert after == expected


@pytest.mark.parametrize("case", CASES, ids=_name)
def test_a_removal_leaves_nothing_to_remove(case: Path) -> None:
    once, refused = _removed(tree(case, COSTUMES["LF"]))
    again, refused_again = _removed(once)
    assert (again, len(refused_again)) == (once, len(refused))


def _removed(files: Mapping[str, bytes]) -> tuple[dict[str, bytes], list[Kept]]:
    """Return the files without their digests, and what was refused."""
    workspace = MemoryWorkspace(files)
    undone = remove(workspace, Scope(Claims(FORMATS)), TERMS, write=True)
    assert len(undone.changes) + len(undone.kept) == len(undone.survey.findings)
    return workspace.files, [kept for kept in undone.kept if kept.outcome == "refused"]


def _with_latest(before: Mapping[str, bytes], changes: tuple[Change, ...]) -> dict[str, bytes]:
    """Return the files with the tags that a pin wrote where there were none: they stay."""
    edits: dict[str, list[Edit]] = defaultdict(list)
    for change in changes:
        standing = change.finding.standing
        assert isinstance(standing, Writable)
        if change.old.tag is None and standing.tag:
            slot = standing.tag
            edit = Edit(slot.span, "", f"{slot.lead}{change.new.tag}{slot.tail}")
            edits[slot.path or change.finding.path].append(edit)
    return {**before, **{path: encode(splice(decode(before[path]), some)) for path, some in edits.items()}}


def _without_refused(text: bytes, kept: list[Kept]) -> bytes:
    for one in kept:
        reference = one.finding.reference
        if reference and "by hand" in one.reason:
            text = text.replace(f" {reference.digest}".encode(), b"")
    return text

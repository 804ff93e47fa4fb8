"""Patches as a unified diff that `git apply` and `patch -p1` take."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from pinbot.planning.patch import Patch

_CONTEXT_LINES = 3
_LINES = re.compile(r"[^\n]*\n|[^\n]+")
# What git writes as an escape inside of quotes: https://git-scm.com/docs/git-config, core.quotePath (here: off).
_QUOTED = re.compile('[\x00-\x1f\x7f"\\\\\udc80-\udcff]')
_ESCAPES = {"\a": "a", "\b": "b", "\t": "t", "\n": "n", "\v": "v", "\f": "f", "\r": "r", '"': '"', "\\": "\\"}


def diff(patches: Iterable[Patch], below: str = "") -> str:
    """Return the unified diff of all patches, with three lines of context; empty when there are none.

    Paths begin with `below`. Bytes that are not UTF-8 are lone surrogates, as in the patches: see source.text.encode.
    """
    return "".join(line for patch in patches for line in _file(patch, below))


def _file(patch: Patch, below: str) -> Iterator[str]:
    # Only a line feed ends a line, as in git; str.splitlines() knows more ends.
    before, after = _LINES.findall(patch.before), _LINES.findall(patch.after)
    # No `diff --git` line: with one, git apply takes paths from the top of the checkout wherever it is run, and
    # passes over the others without a word; without it, from the current folder, as patch does.
    old, new = _name(f"a/{below}{patch.path}"), _name(f"b/{below}{patch.path}")
    for line in _hunks(before, after, old, new):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _hunks(before: list[str], after: list[str], old: str, new: str) -> Iterator[str]:
    if len(before) != len(after):
        import difflib

        yield from difflib.unified_diff(before, after, old, new, n=_CONTEXT_LINES)
        return
    # No line came or went, so line answers to line; difflib would take five seconds for 4,000 changes.
    yield f"--- {old}\n"
    yield f"+++ {new}\n"
    changed = [n for n, (a, b) in enumerate(zip(before, after, strict=True)) if a != b]
    for near in _neighbours(changed):
        start, stop = max(near[0] - _CONTEXT_LINES, 0), min(near[-1] + _CONTEXT_LINES + 1, len(before))
        extent = f"{start + 1},{stop - start}" if stop - start != 1 else f"{start + 1}"
        yield f"@@ -{extent} +{extent} @@\n"
        yield from _hunk(before, after, start, stop)


def _neighbours(changed: Iterable[int]) -> Iterator[list[int]]:
    """Yield the numbers of changed lines, those together whose context would meet."""
    near: list[int] = []
    for number in changed:
        if near and number - near[-1] > 2 * _CONTEXT_LINES:
            yield near
            near = []
        near.append(number)
    if near:
        yield near


def _hunk(before: list[str], after: list[str], start: int, stop: int) -> Iterator[str]:
    for same, lines in groupby(range(start, stop), lambda n: before[n] == after[n]):
        run = list(lines)
        if same:
            yield from (f" {before[n]}" for n in run)
        else:
            yield from (f"-{before[n]}" for n in run)
            yield from (f"+{after[n]}" for n in run)


def _name(path: str) -> str:
    """Return a path as it stands in a diff; a tab ends one that holds spaces, quotes hold one with odd characters."""
    escaped = _QUOTED.sub(_escape, path)
    quoted = escaped if escaped == path else f'"{escaped}"'
    return f"{quoted}\t" if " " in path else quoted


def _escape(found: re.Match[str]) -> str:
    character = found[0]
    return f"\\{_ESCAPES.get(character) or format(ord(character) & 0xFF, '03o')}"

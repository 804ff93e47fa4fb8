"""What check and decision ask of two tags: is this a full version, and could both be names of one version?"""

from __future__ import annotations

import re

# Three numbers and more, as `1.27.3`; a word or another number right before them would make them something else.
_FULL = re.compile(r"(?:^|(?<=[-_]))v?([0-9]{1,9}(?:\.[0-9]{1,9}){2,7})(?![0-9.])")
_NUMBERS = re.compile(r"(?:^|(?<=[-_]))v?([0-9]{1,9}(?:\.[0-9]{1,9}){0,7})(?![0-9A-Za-z.])")


def is_full(tag: str) -> bool:
    """Whether a tag names one release, `x.y.z` and longer, so that its digest only moves by a rebuild."""
    return _FULL.search(tag) is not None


def may_be_aliases(one: str, other: str) -> bool:
    """Whether two tags could name one version, as `3`, `3.13` and `3.13.1-slim` do; a word such as `latest` always."""
    mine, its = _numbers(one), _numbers(other)
    return all(a == b for a, b in zip(mine, its, strict=False))


def _numbers(tag: str) -> tuple[int, ...]:
    found = _FULL.search(tag) or _NUMBERS.search(tag)
    return tuple(map(int, found[1].split("."))) if found else ()

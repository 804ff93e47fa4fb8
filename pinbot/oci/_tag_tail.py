"""What stands behind the numbers of a tag: prereleases and builds, which order, and the variant, which does not.

Directly behind the numbers all that counts is read (`b1`, `-rc.1`, `_10`, `-169-gfe040d3`, `-ls45`). The first other
word begins the variant; out of it only what can be no variant is lifted: moments, commits, numbered prereleases.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from pinbot.oci import _tag_words as words

Token = tuple[int, int, str]
"""One component of a prerelease: `(0, number, "")`, or `(1, stage, word)`; as in SemVer a number is below a word."""


@dataclass(frozen=True, slots=True)
class Tail:
    """The parts behind the numbers; `form` is the shape of what was read: two tags can be compared when it is equal."""

    prerelease: tuple[Token, ...] = ()
    build: tuple[int | str, ...] = ()
    suffix: str = ""
    form: str = ""
    is_early_access: bool = False


class _Part(NamedTuple):
    separator: str
    body: str


class _Taken(NamedTuple):
    width: int
    form: str = ""
    build: tuple[int | str, ...] = ()
    prerelease: tuple[Token, ...] = ()


_Reader = Callable[[list[_Part], int], _Taken | None]

_PARTS = re.compile(r"([-_.]*)([A-Za-z0-9]*)")
_WORD = re.compile(r"(k3s|rke2r|[A-Za-z]+)([0-9]*)", re.IGNORECASE)
_VARIANT = re.compile("~+")
_EARLY = "ea#"


# Repositories repeat few endings (`-alpine`, `-slim-bookworm`) thousands of times. The bound keeps hostile lists cheap.
@lru_cache(maxsize=4096)
def read_tail(text: str) -> Tail:
    """Read what stands behind the numbers of a tag."""
    parts = [_Part(*found) for found in _PARTS.findall(text) if any(found)]
    taken: list[_Taken] = []
    suffix, at, readers = "", 0, _DIRECTLY_BEHIND
    while at < len(parts):
        piece = _first(readers, parts, at)
        if piece is None and readers is _DIRECTLY_BEHIND:
            readers = _IN_THE_VARIANT
            continue
        if piece is None:
            suffix += "".join(parts[at])
            piece = _Taken(1, "~")
        taken.append(piece)
        at += piece.width
    return _tail(taken, suffix)


def _first(readers: tuple[_Reader, ...], parts: list[_Part], at: int) -> _Taken | None:
    return next((piece for reader in readers if (piece := reader(parts, at))), None)


def _tail(taken: list[_Taken], suffix: str) -> Tail:
    form = _VARIANT.sub("~", "".join(piece.form for piece in taken))
    return Tail(
        prerelease=tuple(token for piece in taken for token in piece.prerelease),
        build=tuple(number for piece in taken for number in piece.build),
        suffix=suffix,
        form=form,
        is_early_access=_EARLY in form,
    )


def _number(parts: list[_Part], at: int) -> _Taken | None:
    """Read `_10`, `-0.1`, `-1056`, and a moment with the serial number of its day, `-20250909.1`."""
    separator, body = parts[at]
    if not body.isdigit():
        return None
    more = _dotted(parts, at + 1)
    numbers = (int(body), *more)
    if words.is_date(body):
        return _Taken(len(numbers), f"{separator}@{len(body)}", numbers)
    return _Taken(len(numbers), separator + ".".join("#" * len(numbers)), numbers)


def _moment(parts: list[_Part], at: int) -> _Taken | None:
    return _number(parts, at) if words.is_date(parts[at].body) else None


def _commit(parts: list[_Part], at: int) -> _Taken | None:
    separator, body = parts[at]
    return _Taken(1, f"{separator}*") if separator and words.is_hash(body) else None


def _letter(parts: list[_Part], at: int) -> _Taken | None:
    """Read the letter of `1.0.2k` and `2024a`, which counts patches of that version."""
    separator, body = parts[at]
    if separator or len(body) != 1 or not body.isalpha():
        return None
    return _Taken(1, "a", (body.lower(),))


def _counted(parts: list[_Part], at: int) -> _Taken | None:
    """Read a word that counts builds: `-r3`, `u302` and its `-b08`, `-ea-32`, `-build.12`."""
    separator, body = parts[at]
    word, digits = _split_word(body)
    is_build = (
        word in words.BUILDS or word == "ea" or (word == "b" and at > 0 and _split_word(parts[at - 1].body)[0] == "u")
    )
    if not is_build:
        return None
    joints = ".-" if len(word) > 1 else ""
    width, numbers = _numbers(parts, at, digits, joints)
    return _Taken(width, f"{separator}{word}{'#' * len(numbers)}", numbers) if numbers else None


def _prerelease(parts: list[_Part], at: int) -> _Taken | None:
    """Read `rc1`, `-rc.1`, `-beta-2`, `-M1`, and `-rc` alone."""
    word, digits = _split_word(parts[at].body)
    if word not in words.STAGES:
        return None
    is_channel = word in words.CHANNEL_STAGES
    width, numbers = _numbers(parts, at, digits, "." if is_channel or len(word) == 1 else ".-")
    if not numbers and (is_channel or len(word) == 1):
        return None
    return _with_more_tokens(parts, at, width, (_stage(word), *_number_tokens(numbers)))


def _numbered_prerelease(parts: list[_Part], at: int) -> _Taken | None:
    word, _ = _split_word(parts[at].body)
    piece = _prerelease(parts, at) if len(word) > 1 else None
    return piece if piece and any(kind == 0 for kind, _, _ in piece.prerelease) else None


def _with_more_tokens(parts: list[_Part], at: int, width: int, tokens: tuple[Token, ...]) -> _Taken:
    """Go on over dots: `-alpha.beta.2`, `a1.dev3`, `-rc.0.18.g1abb7b5dd` (the commit says nothing of the order)."""
    found = list(tokens)
    while at + width < len(parts) and parts[at + width].separator == ".":
        body = parts[at + width].body
        word, digits = _split_word(body)
        if word in words.STAGES:
            found += (_stage(word), *_number_tokens((int(digits),) if digits else ()))
        elif body.isdigit():
            found += _number_tokens((int(body),))
        elif not words.is_hash(body):
            break
        width += 1
    return _Taken(width, prerelease=tuple(found))


def _numbers(parts: list[_Part], at: int, digits: str, joints: str) -> tuple[int, tuple[int, ...]]:
    """Return how many parts a word and its numbers take, and the numbers: glued to it or in the next part."""
    if digits:
        more = _dotted(parts, at + 1)
        return 1 + len(more), (int(digits), *more)
    after = parts[at + 1] if at + 1 < len(parts) else _Part("", "")
    if not after.body.isdigit() or not after.separator or after.separator not in joints:
        return 1, ()
    more = _dotted(parts, at + 2)
    return 2 + len(more), (int(after.body), *more)


def _dotted(parts: list[_Part], at: int) -> tuple[int, ...]:
    numbers = []
    for separator, body in parts[at:]:
        if separator != "." or not body.isdigit():
            break
        numbers.append(int(body))
    return tuple(numbers)


def _split_word(body: str) -> tuple[str, str]:
    found = _WORD.fullmatch(body)
    return (found[1].lower(), found[2]) if found else ("", "")


def _stage(word: str) -> Token:
    return 1, words.STAGES[word], words.SPELLINGS.get(word, word)


def _number_tokens(numbers: tuple[int, ...]) -> tuple[Token, ...]:
    return tuple((0, number, "") for number in numbers)


_DIRECTLY_BEHIND: tuple[_Reader, ...] = (_number, _commit, _counted, _prerelease, _letter)
_IN_THE_VARIANT: tuple[_Reader, ...] = (_moment, _commit, _numbered_prerelease)

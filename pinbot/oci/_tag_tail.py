"""What stands behind the numbers of a tag: prereleases and builds, which order, and the variant, which does not.

Directly behind the numbers all that counts is read (`b1`, `-rc.1`, `_10`, `-169-gfe040d3`, `-ls45`). The first other
word begins the variant; out of it only what can be no variant is lifted: moments, commits, numbered prereleases.
"""

from __future__ import annotations

import re
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


class _Taken(NamedTuple):
    width: int
    form: str = ""
    build: tuple[int | str, ...] = ()
    prerelease: tuple[Token, ...] = ()


_Part = tuple[str, str]
"""A separator (`-`, `_`, `.`, more of them, or none) and the letters and digits behind it."""

_PARTS = re.compile(r"([-_.]*)([A-Za-z0-9]*)")
_WORD = re.compile(r"(k3s|rke2r|[A-Za-z]+)([0-9]*)", re.IGNORECASE)
_VARIANTS = re.compile("~+")
_VARIANT = _Taken(1, "~")
# What may be lifted out of a variant has one of these; most variants have none, and need no closer look.
_LIFTABLE = re.compile(r"[0-9]{8}|[0-9a-f]{7}|(?i:" + "|".join(w for w in words.STAGES if len(w) > 1) + r")[-_.]?[0-9]")
_EARLY = "ea#"


# Repositories repeat few endings (`-alpine`, `-slim-bookworm`) thousands of times. The bound keeps hostile lists cheap.
@lru_cache(maxsize=4096)
def read_tail(text: str) -> Tail:
    """Read what stands behind the numbers of a tag."""
    parts = [part for part in _PARTS.findall(text) if part != ("", "")]
    taken: list[_Taken] = []
    suffix, at, reader = "", 0, _directly_behind
    while at < len(parts):
        piece = reader(parts, at)
        if piece is None and reader is _directly_behind:
            reader = _in_the_variant
            if not _LIFTABLE.search(rest := "".join(map("".join, parts[at:]))):
                return _tail([*taken, _VARIANT], suffix + rest)
            continue
        if piece is None:
            suffix, piece = suffix + "".join(parts[at]), _VARIANT
        taken.append(piece)
        at += piece.width
    return _tail(taken, suffix)


def _directly_behind(parts: list[_Part], at: int) -> _Taken | None:
    if parts[at][1].isdigit():
        return _number(parts, at)
    return _commit(parts, at) or _counted(parts, at) or _prerelease(parts, at) or _letter(parts, at)


def _in_the_variant(parts: list[_Part], at: int) -> _Taken | None:
    return _moment(parts, at) or _commit(parts, at) or _numbered_prerelease(parts, at)


def _tail(taken: list[_Taken], suffix: str) -> Tail:
    form = _VARIANTS.sub("~", "".join(piece.form for piece in taken))
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
    return _number(parts, at) if words.is_date(parts[at][1]) else None


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
        word in words.BUILDS or word == "ea" or (word == "b" and at > 0 and _split_word(parts[at - 1][1])[0] == "u")
    )
    if not is_build:
        return None
    joints = ".-" if len(word) > 1 else ""
    width, numbers = _numbers(parts, at, digits, joints)
    return _Taken(width, f"{separator}{word}{'#' * len(numbers)}", numbers) if numbers else None


def _prerelease(parts: list[_Part], at: int) -> _Taken | None:
    """Read `rc1`, `-rc.1`, `-beta-2`, `-M1`, and `-rc` alone."""
    word, digits = _split_word(parts[at][1])
    if word not in words.STAGES:
        return None
    is_channel = word in words.CHANNEL_STAGES
    width, numbers = _numbers(parts, at, digits, "." if is_channel or len(word) == 1 else ".-")
    if not numbers and (is_channel or len(word) == 1):
        return None
    return _with_more_tokens(parts, at, width, (_stage(word), *_number_tokens(numbers)))


def _numbered_prerelease(parts: list[_Part], at: int) -> _Taken | None:
    word, _ = _split_word(parts[at][1])
    piece = _prerelease(parts, at) if len(word) > 1 else None
    return piece if piece and any(kind == 0 for kind, _, _ in piece.prerelease) else None


def _with_more_tokens(parts: list[_Part], at: int, width: int, tokens: tuple[Token, ...]) -> _Taken:
    """Go on over dots: `-alpha.beta.2`, `a1.dev3`, `-rc.0.18.g1abb7b5dd` (the commit says nothing of the order)."""
    found = list(tokens)
    while at + width < len(parts) and parts[at + width][0] == ".":
        body = parts[at + width][1]
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
    joint, number = parts[at + 1] if at + 1 < len(parts) else ("", "")
    if not number.isdigit() or not joint or joint not in joints:
        return 1, ()
    more = _dotted(parts, at + 2)
    return 2 + len(more), (int(number), *more)


def _dotted(parts: list[_Part], at: int) -> tuple[int, ...]:
    numbers = []
    while at < len(parts) and parts[at][0] == "." and parts[at][1].isdigit():
        numbers.append(int(parts[at][1]))
        at += 1
    return tuple(numbers)


def _split_word(body: str) -> tuple[str, str]:
    found = _WORD.fullmatch(body)
    return (found[1].lower(), found[2]) if found else ("", "")


def _stage(word: str) -> Token:
    return 1, words.STAGES[word], words.SPELLINGS.get(word, word)


def _number_tokens(numbers: tuple[int, ...]) -> tuple[Token, ...]:
    return tuple((0, number, "") for number in numbers)

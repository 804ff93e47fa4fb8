"""The anatomy and the order of tags: which of two says the newer version of the same thing.

Tags have no grammar beyond their characters
(https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests), so this reads what publishers
write: `[prefix][v]numbers[prereleases, builds, variant]`. Two tags are compared only where everything but the
numbers is alike; all else is another scheme, and no guess is made between schemes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from pinbot.oci import _tag_words as words
from pinbot.oci._tag_tail import Token, read_tail
from pinbot.oci.suffixes import read_variant

Kind = Literal["patch", "minor", "major"]
Scheme = Literal["version", "number", "date", "stamp", "early-access"]
OrderKey = tuple[object, ...]

_LIMIT = 128
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
# Words before the version, each with what ends it (`v1` is none; a word with digits, `alpine3.19-`, keeps its dots),
# then the numbers. All can be read in one way only, and every repeat is possessive: no tag makes this slow.
_HEAD = re.compile(
    r"((?:x86_64[-_]+|(?![vV][0-9])[A-Za-z]+(?:[-_.]+|[0-9][A-Za-z0-9.]*[-_]+))*+)"
    r"([vV]?)([0-9]++(?:\.[0-9]++)*+)([A-Za-z0-9_.-]*+)\Z"
)
_HASH = re.compile(r"[0-9a-fA-F]{7,}(?![A-Za-z0-9.])")
_YEAR = re.compile(r"[0-9]{4}(?:[-_][0-9]{2}|[0-9]{4}[Tt])")
_DAY = r"([0-9]{4})(-?)([0-9]{2})\2([0-9]{2})"
_STAMP = re.compile(_DAY + r"[Tt]([0-9]{2})[-_.]?([0-9]{2})[-_.]?([0-9]{2})?(?:\.([0-9]+))?[Zz]?(?![0-9A-Za-z])")
_DASHED_DATE = re.compile(r"([0-9]{4})([-_])([0-9]{2})(?:\2([0-9]{2}))?(?![0-9A-Za-z])")


@dataclass(frozen=True, slots=True)
class TagVersion:
    """A tag that says a version.

    `text` is the tag as written. `prefix` holds the words before it and what ends them (`amd64-`, `RELEASE.`), `v` a
    `v` before the first number, `numbers` the numeric components, `prerelease` is () for a release and else comparable,
    `build` holds what orders builds of one version (`_10`, `-ea-32`, the serial of a date), `suffix` the variant
    (`-alpine3.19`). `form` is the shape of what stands behind the numbers: tags of another form are not compared.
    """

    text: str
    prefix: str
    v: str
    numbers: tuple[int, ...]
    prerelease: tuple[Token, ...] = ()
    build: tuple[int | str, ...] = ()
    suffix: str = ""
    scheme: Scheme = "version"
    form: str = ""

    @property
    def is_full(self) -> bool:
        """Whether it is a full version, `x.y.z` or longer, which publishers rarely move to other content."""
        return self.scheme == "version" and len(self.numbers) >= 3

    @property
    def precision(self) -> int:
        """How many numbers say which version it is, those of its build with them: `17` 1, `17.0.2_8` 4."""
        return len(self.numbers) + len(self.build)


def is_tag(text: str) -> bool:
    """Whether a registry could have a tag of that name (`1.25.3+build1` it could not)."""
    return _TAG.fullmatch(text) is not None


# A run reads one list of tags several times, and repositories have many tags in common. The bound is some megabytes.
@lru_cache(maxsize=16_384)
def parse(tag: str) -> TagVersion | None:
    """Read a tag; None where it says no version: `latest`, `bookworm`, `alpine3.19`, a commit, `pr-12`, or no tag."""
    found = _HEAD.match(tag) if len(tag) <= _LIMIT else None
    if found is None:
        return None
    prefix, v, numbers, rest = found.groups()
    if prefix and _counts_something_else(prefix, numbers):
        return None
    if rest and "." not in numbers:
        if rest[0].isalpha() and _HASH.match(numbers + rest):
            return None
        if not v and _YEAR.match(numbers + rest) and (moment := _stamp(tag, prefix) or _dashed_date(tag, prefix)):
            return moment
    return _numbered(tag, prefix, v, numbers, rest)


def same_version(a: TagVersion, b: TagVersion) -> bool:
    """Whether both can be names of one version: 3, 3.13 and 3.13.1 can, where both have a number it is the same.

    Prefix, `v` and variant say nothing about it. A date and a version are not the same.
    """
    if a.prerelease != b.prerelease or _family(a) != _family(b):
        return False
    builds_agree = a.form.replace("~", "") != b.form.replace("~", "") or _agree(a.build, b.build)
    return _agree(a.numbers, b.numbers) and builds_agree


def order_key(tag: TagVersion) -> OrderKey:
    """Return what compatible tags are ordered by; a release is above its prereleases, a number is a number.

    The numbers of the variant come last, its revision (`-r3`) behind all others. Keys of all tags can be compared;
    those of tags that are not compatible mean nothing.
    """
    build = tuple((0, part, "") if isinstance(part, int) else (1, 0, part) for part in tag.build) if tag.build else ()
    variant = read_variant(tag.suffix)
    revision = -1 if variant.revision is None else variant.revision
    return tag.numbers, not tag.prerelease, tag.prerelease, build, variant.numbers, revision


def compare(a: TagVersion, b: TagVersion) -> int:
    """Return -1, 0 or 1: whether `a` is older than `b`, the same version, or newer. Meant for compatible tags."""
    one, other = order_key(a), order_key(b)
    return (one > other) - (one < other)


def kind(old: TagVersion, new: TagVersion) -> Kind:
    """Say how large a step is: by the first number that differs; one number, dates and builds count as patch."""
    if old.scheme != "version":
        return "patch"
    if old.numbers[0] != new.numbers[0]:
        return "major"
    return "minor" if old.numbers[1:2] != new.numbers[1:2] else "patch"


def compatible(current: TagVersion, other: TagVersion, *, follow_suffix: bool = False) -> str | None:
    """Say why `other` can never follow `current`, whichever is newer; None when it can.

    With `follow_suffix` the variant may be the same words with numbers that have not shrunk.
    """
    if reason := _another_head(current, other):
        return reason
    if current.suffix != other.suffix and not (follow_suffix and _grows(current, other)):
        return f"another variant ({other.suffix})" if other.suffix else f"another variant (without {current.suffix})"
    if current.form != other.form:
        return "another form of build number"
    if other.prerelease and not current.prerelease:
        return "a prerelease"
    return None


def _counts_something_else(prefix: str, digits: str) -> bool:
    """Whether the number is none of a version: a pull request's, a commit of digits alone, a Windows image's host."""
    if words.PROPOSALS.search(prefix):
        return True
    if words.WINDOWS.search(prefix):
        return len(digits) == 4
    return words.COMMITS.search(prefix) is not None and len(digits) >= 7 and digits.isdigit()


def _stamp(tag: str, prefix: str) -> TagVersion | None:
    """Read `2024-01-01T00-00-00Z` and `20240101T000000Z`."""
    found = _STAMP.match(tag, len(prefix))
    if found is None or not words.is_day(int(found[1]), int(found[3]), int(found[4])):
        return None
    numbers = tuple(int(found[group] or 0) for group in (1, 3, 4, 5, 6, 7))
    fraction = (found[8].ljust(9, "0")[:9],) if found[8] else ()
    return _with_tail(tag, prefix, "", numbers, "stamp", tag[found.end() :], tuple(int(part) for part in fraction))


def _dashed_date(tag: str, prefix: str) -> TagVersion | None:
    """Read `2024-01-31` and `2024-01`."""
    found = _DASHED_DATE.match(tag, len(prefix))
    if found is None or not words.is_day(int(found[1]), int(found[3]), int(found[4] or 1)):
        return None
    numbers = tuple(int(found[group]) for group in (1, 3, 4) if found[group])
    return _with_tail(tag, prefix, "", numbers, "date", tag[found.end() :])


def _numbered(tag: str, prefix: str, v: str, digits: str, rest: str) -> TagVersion:
    numbers = tuple(map(int, digits.split(".")))
    first = digits.partition(".")[0]
    if len(first) >= 6 and not v and len(numbers) <= 2 and (words.is_date(first) or words.is_month(first)):
        # Behind a date stands the serial number of its day: `xenial-20160923.1` goes on as `xenial-20161010`.
        return _with_tail(tag, prefix, "", numbers[:1], "date", rest, numbers[1:], f"@{len(first)}")
    return _with_tail(tag, prefix, v, numbers, "version" if len(numbers) > 1 else "number", rest)


def _with_tail(
    tag: str,
    prefix: str,
    v: str,
    numbers: tuple[int, ...],
    scheme: Scheme,
    rest: str,
    build: tuple[int, ...] = (),
    form: str = "",
) -> TagVersion:
    if not rest:  # most tags end with their numbers, and repositories have many tags
        return TagVersion(tag, prefix, v, numbers, (), build, "", scheme, form)
    tail = read_tail(rest)
    if tail.is_early_access:
        scheme = "early-access"
    builds, form = (*build, *tail.build), form + tail.form
    return TagVersion(tag, prefix, v, numbers, tail.prerelease, builds, tail.suffix, scheme, form)


def _another_head(current: TagVersion, other: TagVersion) -> str | None:
    if current.prefix != other.prefix:
        return f"another prefix ({other.prefix})" if other.prefix else f"another prefix (without {current.prefix})"
    if current.scheme != other.scheme and _family(current) != _family(other):
        return f"another scheme ({_family(other)}, not {_family(current)})"
    if current.v != other.v:
        return f"with {other.v}" if other.v else f"no {current.v}"
    one, many = len(current.numbers), len(other.numbers)
    return None if one == many else f"{many} number{'s' if many > 1 else ''}, not {one}"


_SCHEMES: dict[Scheme, str] = {
    "version": "a version",
    "number": "a version",
    "date": "a date",
    "stamp": "a time stamp",
    "early-access": "an early-access build",
}


def _family(tag: TagVersion) -> str:
    return _SCHEMES[tag.scheme]


def _grows(current: TagVersion, other: TagVersion) -> bool:
    return read_variant(other.suffix).grows_from(read_variant(current.suffix))


def _agree(one: tuple[int | str, ...], other: tuple[int | str, ...]) -> bool:
    return all(a == b for a, b in zip(one, other, strict=False))

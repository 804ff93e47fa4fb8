"""What check and decision ask of two tags: is this a full version, and could both be names of one image?"""

from __future__ import annotations

from pinbot.oci.tags import TagVersion, parse, same_version

# From here on a first number is a year: `2024.1` and `24.3.5` may well be two names of one release.
_YEARS = 1900


def is_full(tag: str) -> bool:
    """Whether a tag names one release, `x.y.z` and longer, so that its digest only moves by a rebuild."""
    version = parse(tag)
    return version is not None and version.is_full


def may_be_aliases(one: str, other: str) -> bool:
    """Whether two tags could name one image: `3`, `3.13` and `3.13.1-slim` do, and a word such as `latest` always may.

    So may a release and the prerelease that it was promoted from.
    """
    a, b = parse(one), parse(other)
    if a is None or b is None or a.scheme != b.scheme or a.prerelease != b.prerelease:
        return True
    return same_version(a, b)


def exclude_each_other(one: str, other: str) -> bool:
    """Whether no image can be both: versions of one scheme and one variant that differ in a number both have.

    Some publishers number each image twice (`2024.1` and `24.3.5`), so tags of unlike forms exclude nothing.
    """
    a, b = parse(one), parse(other)
    if a is None or b is None or may_be_aliases(one, other) or _form(a) != _form(b):
        return False
    return len(a.numbers) == len(b.numbers) or a.numbers[0] == b.numbers[0]


def _form(tag: TagVersion) -> tuple[object, ...]:
    return tag.prefix, tag.suffix, tag.scheme, tag.form, tag.numbers[0] >= _YEARS

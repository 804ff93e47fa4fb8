"""Which tags say more precisely what another tag means: `1.27.3` for `1.27`, `1.27.3-alpine` for `alpine`.

Only the digest proves that two tags are one image; this says which ones are worth asking for, the best first.
"""

from __future__ import annotations

from collections.abc import Iterable

from pinbot.oci._tag_words import CHANNELS
from pinbot.oci.suffixes import components, extends
from pinbot.oci.tags import OrderKey, TagVersion, order_key, parse


def more_precise(current: str, tags: Iterable[str]) -> tuple[str, ...]:
    """Return the tags that are more precise names of what `current` may be: the most precise first, then the newest.

    Tags of exactly the same variant come before those that say more of it (`-alpine3.20` for `-alpine`).
    """
    of = parse(current)
    head = of.prefix + of.v if of else ""
    names = {tag for tag in tags if tag.startswith(head)}
    found = [version for tag in names if is_more_precise(version := parse(tag), of, word=current) and version]
    wanted = of.suffix if of else ""
    return tuple(
        version.text for version in sorted(found, key=lambda one: _rank(one, of, wanted, current), reverse=True)
    )


def is_more_precise(tag: TagVersion | None, of: TagVersion | None, *, word: str = "latest") -> bool:
    """Whether `tag` says a version more precisely than `of`; what says no version is precise about nothing.

    Beside a version (`1.27`) it is one with more numbers that begins the same, of the same variant, prefix and `v`.
    Beside a tag that says no version, `of` is None and `word` the tag: its words are the variant, channels (`latest`,
    `stable`, `lts`) aside, so that `latest` means none, and `alpine` and `latest-alpine` mean `-alpine`; a release with
    just these words before or behind its numbers is more precise (`bookworm-20230816-slim` for `bookworm-slim`).
    """
    if tag is None:
        return False
    if of is None:
        return not tag.prerelease and _fits(_variant(tag), _words(word))
    if (tag.prefix, tag.v, tag.prerelease) != (of.prefix, of.v, of.prerelease) or not extends(tag.suffix, of.suffix):
        return False
    return _continues(tag, of)


def _continues(tag: TagVersion, of: TagVersion) -> bool:
    """Whether the numbers of `tag` begin with those of `of` and go on; builds may be added, not changed."""
    if (tag.scheme in _DATED) != (of.scheme in _DATED) or tag.numbers[: len(of.numbers)] != of.numbers:
        return False
    if of.build and (tag.build != of.build or tag.numbers != of.numbers):
        return False
    return tag.precision > of.precision or (tag.precision == of.precision and tag.suffix != of.suffix)


_DATED = frozenset({"date", "stamp"})


def _words(tag: str) -> tuple[str, ...]:
    words = (word.rstrip(".") for word in components(tag))
    return tuple(word for word in words if word.lower() not in CHANNELS)


def _variant(tag: TagVersion) -> tuple[str, ...]:
    return (*_words(tag.prefix), *components(tag.suffix))


def _fits(variant: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    """Whether these are the wanted words, each perhaps with a number that was left open."""
    return len(variant) == len(wanted) and all(extends(*pair) for pair in zip(variant, wanted, strict=True))


def _rank(tag: TagVersion, of: TagVersion | None, suffix: str, current: str) -> tuple[bool, int, OrderKey, str]:
    is_exact = tag.suffix == suffix if of else _variant(tag) == _words(current)
    return is_exact, tag.precision, order_key(tag), tag.text

"""Different full versions that come to name one digest: `1.2.3` may be rebuilt, but never into `1.2.4`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from pinbot.oci.digest import Digest
from pinbot.oci.history import History, Memory
from pinbot.planning.versions import is_full, may_be_aliases


def collision(
    tag: str,
    digest: Digest,
    heads: Mapping[str, Digest],
    memory: Memory,
    held: Collection[tuple[str, Digest]] = (),
) -> str | None:
    """Return another full version that names `digest` too, though both were known apart; None where there is none.

    `digest` is what `tag` names now, `heads` what tags of the repository name now as far as this run asked, `held`
    the pairs of tag and digest that files hold. Aliases of one version (`3`, `3.13`, `3.13.1`) never collide, and
    tags that nothing proves to have differed do not either: a repository may publish each image under two versions.
    """
    if not is_full(tag):
        return None
    mine = memory.of(tag)
    for other in sorted({*heads, *memory.tags, *(t for t, _ in held)}):
        if other == tag or not is_full(other) or may_be_aliases(tag, other):
            continue
        its = memory.of(other)
        if _present(other, heads, its) == digest and (
            _seen_apart(mine, its) or _held_apart(tag, other, digest, held, memory)
        ):
            return other
    return None


def _present(tag: str, heads: Mapping[str, Digest], history: History) -> Digest | None:
    return heads.get(tag) or (history.present.digest if history.present else None)


def _seen_apart(one: History, other: History) -> bool:
    """Whether at some time both named something, and not the same."""
    return any(a.digest != b.digest and a.first <= b.last and b.first <= a.last for a in one.seen for b in other.seen)


def _held_apart(one: str, other: str, named: Digest, held: Collection[tuple[str, Digest]], memory: Memory) -> bool:
    """Whether files pin both, and never to the same digest but the one that both name now.

    That one proves nothing: it may have come into the files by the very move that is judged here.
    """
    mine, its = set(_pins(one, held, memory)), set(_pins(other, held, memory))
    return bool(mine and its and (mine | its) - {named}) and not (mine & its) - {named}


def _pins(tag: str, held: Collection[tuple[str, Digest]], memory: Memory) -> Iterator[Digest]:
    yield from (digest for name, digest in held if name == tag)
    yield from (s.digest for s in memory.of(tag).sightings if s.source == "file")

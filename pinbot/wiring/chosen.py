"""Which forges and repositories of the settings a run is about, where the user names some of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from pinbot.config.sweeping import ForgeSettings
from pinbot.errors import UsageError
from pinbot.net.origin import Origin
from pinbot.planning.globs import whole
from pinbot.proposals.repository import Selection


def chosen_forges(forges: Iterable[ForgeSettings], names: Collection[str], beyond: bool) -> Iterator[ForgeSettings]:
    """Yield the forges that are meant, narrowed to the repositories that are named; Raises UsageError.

    Named ones must be among those that the settings select, unless `beyond` says otherwise.
    """
    left = dict.fromkeys(name.lower().removesuffix(".git") for name in names)
    for one in forges:
        if not names:
            yield one
            continue
        host = host_of(one)
        mine = [name for name in left if _names(one, host, name) and (beyond or _permits(one, host, name))]
        left = {name: None for name in left if name not in mine}
        if mine and one.kind in {"git", "local"}:
            yield replace(one, remotes=tuple(url for url in one.remotes if any(_is(url, name) for name in mine)))
        elif mine:
            named = tuple(name.removeprefix(f"{host}/") for name in mine)
            yield replace(one, selection=Selection(names=named, exclude=() if beyond else one.selection.exclude))
    if left:
        raise UsageError(f"{next(iter(left))}: no forge of the settings has that repository; it is HOST/OWNER/NAME")


def _permits(chosen: ForgeSettings, host: str, name: str) -> bool:
    """Whether the settings permit a repository: to name one narrows what they say, and never widens it."""
    if chosen.kind in {"git", "local"}:
        return True
    pair, selection = name.removeprefix(f"{host}/"), chosen.selection
    if whole(_lower(selection.exclude))(pair):
        return False
    if selection.names:
        return pair in _lower(selection.names)
    is_theirs = any(_has(chosen, kind, owner.lower(), pair) for kind, owner in chosen.owners)
    return is_theirs and (not selection.include or whole(_lower(selection.include))(pair))


def _has(chosen: ForgeSettings, kind: str, owner: str, name: str) -> bool:
    """Whether a repository is one of an owner: a group has what is in the groups below it, if the settings say so."""
    if kind == "group" and chosen.gitlab.subgroups:
        return name.startswith(f"{owner}/")
    return not owner or name.rpartition("/")[0] == owner  # an installation may have any


def _lower(words: Iterable[str]) -> list[str]:
    return [word.lower() for word in words]


def host_of(chosen: ForgeSettings) -> str:
    """Return the host by which the repositories of a forge are named."""
    if chosen.url is None:
        return f"{chosen.kind}.com"
    return Origin.parse(chosen.url).authority.removeprefix("api.")


def _names(chosen: ForgeSettings, host: str, name: str) -> bool:
    if chosen.kind in {"git", "local"}:
        return any(_is(url, name) for url in chosen.remotes)
    return name.startswith(f"{host}/") and name.count("/") >= 2


def _is(url: str, name: str) -> bool:
    """Whether a remote is meant by a name: `host/path`, its folder, or the two words that reports call it by."""
    plain = url.lower().removesuffix(".git")
    return name in {plain, plain.partition("://")[2], "/".join(plain.split("/")[-2:])}


def shares(chosen: ForgeSettings) -> Iterator[tuple[str, str, Selection]]:
    """Yield whose repositories are asked for in one go: an App has a token for each owner."""
    selection = chosen.selection
    if not selection.names:
        yield from ((kind, name, selection) for kind, name in chosen.owners)
        return
    if chosen.app is None or chosen.app.installation is not None:
        yield "organisation", "", selection
        return
    kinds: dict[str, str] = {name.lower(): kind for kind, name in chosen.owners}
    for owner in dict.fromkeys(name.partition("/")[0] for name in selection.names):
        theirs = tuple(name for name in selection.names if name.startswith(f"{owner}/"))
        yield kinds.get(owner.lower(), "organisation"), owner, replace(selection, names=theirs)

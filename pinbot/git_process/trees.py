"""A tree with other entries in it: only the folders above them are written anew, whatever else the tree holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pinbot.git_process.objects import GITLINK, TREE, Entry, tree_name


@dataclass(frozen=True, slots=True)
class NewTrees:
    """The name of a tree, and the input of `mktree -z --missing --batch` that makes it with the trees below it."""

    name: str
    names: tuple[str, ...]
    recipe: bytes


def replaced(listing: Mapping[str, Entry], files: Mapping[str, Entry], like: str) -> NewTrees:
    """Return the tree of a whole `listing` (folders among it) with other entries at some of its paths.

    `like` is a name of an object, for the algorithm.
    """
    folders = _folders_above(files)
    children: dict[str, dict[str, Entry]] = {folder: {} for folder in folders}
    for path, entry in listing.items():
        folder, _, name = path.rpartition("/")
        if folder in children:
            children[folder][name] = files.get(path, entry)
    names: list[str] = []
    for folder in folders:
        names.append(tree_name(children[folder], like))
        if folder:
            above, _, name = folder.rpartition("/")
            children[above][name] = Entry(TREE, names[-1])
    return NewTrees(names[-1], tuple(names), b"\0".join(_recipe(children[folder]) for folder in folders))


def _folders_above(files: Iterable[str]) -> list[str]:
    """Return the folders above some files, the deepest first; the last is the root, which is the empty path."""
    folders = {""}
    for path in files:
        while path := path.rpartition("/")[0]:
            folders.add(path)
    return sorted(folders, key=lambda folder: (-folder.count("/") if folder else 1, folder))


def _recipe(entries: Mapping[str, Entry]) -> bytes:
    kinds = {TREE: "tree", GITLINK: "commit"}
    lines = (f"{e.mode} {kinds.get(e.mode, 'blob')} {e.name}\t{name}\0" for name, e in entries.items())
    return "".join(lines).encode("utf-8", "surrogateescape")

"""What became of the packages of an image, by the lists of two digests."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from pinbot.oci.statement import Package


@dataclass(frozen=True, slots=True)
class PackageChange:
    """A package whose version became another; several versions of one name, side by side, are joined by commas."""

    name: str
    kind: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class PackageDiff:
    """Packages by what became of them, in the order of their names."""

    added: tuple[Package, ...] = ()
    removed: tuple[Package, ...] = ()
    changed: tuple[PackageChange, ...] = ()

    def __len__(self) -> int:
        return len(self.added) + len(self.removed) + len(self.changed)


def package_diff(old: Iterable[Package], new: Iterable[Package]) -> PackageDiff:
    """Compare two lists of packages.

    A package is known by its name and kind. Only what differs counts: where there are several versions of one, those
    that are in both lists say nothing.
    """
    before, after = set(old), set(new)
    gone, come = _versions(before - after), _versions(after - before)
    return PackageDiff(
        added=_alone(come, gone),
        removed=_alone(gone, come),
        changed=tuple(
            PackageChange(name, kind, ", ".join(gone[name, kind]), ", ".join(come[name, kind]))
            for name, kind in sorted(gone.keys() & come.keys())
        ),
    )


_ByName = dict[tuple[str, str], list[str]]


def _versions(packages: Iterable[Package]) -> _ByName:
    found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for one in sorted(packages):
        found[one.name, one.kind].append(one.version)
    return found


def _alone(some: _ByName, others: _ByName) -> tuple[Package, ...]:
    return tuple(
        Package(name, version, kind) for name, kind in sorted(some.keys() - others) for version in some[name, kind]
    )

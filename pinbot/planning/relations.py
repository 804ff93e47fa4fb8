"""What the files of a repository say of one another, and what that makes of a finding (semantics "2. Places")."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from pinbot.source.finding import (
    Aside,
    BuildContext,
    BuiltFor,
    Consumer,
    Finding,
    Fixed,
    Override,
    Published,
    Relation,
    Slot,
    Use,
    Writable,
)


class Relations:
    """The relations of a whole repository, by what they are about."""

    def __init__(self, relations: Iterable[Relation]) -> None:
        self._builds: dict[str, list[BuildContext]] = defaultdict(list)
        self._uses: dict[str, list[Use]] = defaultdict(list)
        self._overrides: dict[str, str] = {}
        self._consumed: set[str] = set()
        self._published: dict[tuple[str, str], str] = {}
        for relation in relations:
            self._add(relation)

    def applied(self, finding: Finding) -> Finding:
        """Return a finding as it stands within its repository."""
        for build in self._builds.get(finding.path, ()):
            finding = build.applied(finding)
        match finding.standing:
            case Aside():
                return finding
            case Fixed(offer=offer) if offer and offer.needs in self._consumed:
                finding = replace(finding, standing=offer.standing)
            case _:
                pass
        return self._own(finding) or self._set_elsewhere(finding) or self._shared(finding) or finding

    def _add(self, relation: Relation) -> None:
        match relation:
            case BuildContext(dockerfile=path):
                if relation.contexts or relation.arguments:
                    self._builds[path].append(relation)
            case Use(path=path):
                self._uses[path].append(relation)
            case Override(key=key, place=place, effect=effect):
                self._overrides.setdefault(key, f"{place} {effect}")
            case Consumer(key=key):
                self._consumed.add(key)
            case Published(registry=registry, repository=repository, place=place):
                self._published.setdefault((registry, repository), place)
            case BuiltFor():
                pass  # changes no finding

    def _own(self, finding: Finding) -> Finding | None:
        """Leave an image alone that the repository makes itself: a pin would chase its own commits."""
        reference = finding.reference
        place = self._published.get((reference.registry, reference.path)) if reference else None
        if place is None:
            return None
        return replace(finding, standing=Aside("local", f"{place} builds and publishes this image", reference))

    def _set_elsewhere(self, finding: Finding) -> Finding | None:
        """Refuse a pin whose tag another file sets: the digest here would win, and keep an old image running."""
        reason = next((self._overrides[key] for key in finding.settable if key in self._overrides), None)
        if reason is None or not isinstance(finding.standing, Writable):
            return None
        return replace(finding, standing=Fixed(finding.standing.reference, reason))

    def _shared(self, finding: Finding) -> Finding | None:
        """Refuse a pin in a value of another file that more than this reference reads."""
        if not isinstance(finding.standing, Writable):
            return None
        users = {use.place for slot in finding.slots for use in self._uses_of(slot)}
        if len(users) <= 1:
            return None
        reason = f"the value is read in {len(users)} places ({_named(users)}), and a digest in it would reach them all"
        return replace(finding, standing=Fixed(finding.standing.reference, reason))

    def _uses_of(self, slot: Slot) -> Iterable[Use]:
        uses = self._uses.get(slot.path or "", ())
        return (use for use in uses if use.span.start <= slot.span.start and slot.span.stop <= use.span.stop)


def _named(places: set[str]) -> str:
    first = sorted(places)
    return ", ".join(first[:3]) + (", …" if len(first) > 3 else "")

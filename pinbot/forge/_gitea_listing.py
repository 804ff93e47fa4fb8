"""Which repositories of a Gitea the settings name, one by one or by their owners."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pinbot.errors import ForgeForbids, UsageError
from pinbot.forge._base import Owner, Warn
from pinbot.forge._gitea_standing import Lookout
from pinbot.forge._gitea_values import is_repository_name
from pinbot.forge._rest import Rest, segment
from pinbot.proposals.repository import Repository, Selection

_MEMBERS = {"organisation": "/orgs/{}/repos", "user": "/users/{}/repos"}


@dataclass(frozen=True, slots=True)
class Listing:
    """Lists for one account; `warn` is told of what cannot be seen. Raises UsageError for an owner that Gitea lacks."""

    rest: Rest
    lookout: Lookout
    owners: tuple[Owner, ...]
    selection: Selection
    warn: Warn

    def __post_init__(self) -> None:
        """Refuse what cannot be listed."""
        if odd := [owner.kind for owner in self.owners if owner.kind not in _MEMBERS]:
            raise UsageError(f"{self.rest.origin}: {odd[0]!r} is nothing that Gitea has; say organisation or user")

    def repositories(self) -> Iterator[Repository]:
        """Yield the named ones, else those of the owners; a page is asked for when that before it is used up."""
        return self._named() if self.selection.names else self._owned()

    def _named(self) -> Iterator[Repository]:
        for name in dict.fromkeys(self.selection.names):
            if not is_repository_name(name):
                self.warn(f"{name}: not a repository; they are named owner/name")
                continue
            try:
                yield self.rest.run(self.lookout.look(f"/repos/{name}")).repository
            except ForgeForbids as error:
                self.warn(str(error))

    def _owned(self) -> Iterator[Repository]:
        for owner in self.owners:
            pages = self.lookout.listed(_MEMBERS[owner.kind].format(segment(owner.name)))
            while page := self.rest.run(self.lookout.turn(pages)):
                yield from page

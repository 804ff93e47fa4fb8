"""What a pull request gets beside its text in Gitea, where labels and milestones are numbers and unknown names errors.

Whatever is not there is named in a warning and left out: a missing label is no reason for a missing pull request.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from pinbot.errors import ForgeForbids
from pinbot.forge._json import Object
from pinbot.forge._rest import Refused, Rest, segment
from pinbot.proposals.proposal import Dressing
from pinbot.proposals.repository import Repository

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Dress:
    """What goes into the request that opens a pull request; `is_late` is whether reviews are to be asked for after."""

    labels: tuple[int, ...] = ()
    assignees: tuple[str, ...] = ()
    milestone: int | None = None
    is_late: bool = False

    def fields(self) -> dict[str, object]:
        """Return the fields that are to be sent."""
        fields: dict[str, object] = {}
        if self.labels:
            fields["labels"] = list(self.labels)
        if self.assignees:
            fields["assignees"] = list(self.assignees)
        if self.milestone is not None:
            fields["milestone"] = self.milestone
        return fields


class Wardrobe:
    """Knows the labels, milestones and people of repositories; asked once for each repository and run."""

    def __init__(self, rest: Rest, warn: Callable[[str], None]) -> None:
        self._rest = rest
        self._warn = warn
        self._lists: dict[str, list[Object]] = {}

    def forget(self) -> None:
        """Ask again."""
        self._lists.clear()

    def dress(self, repository: Repository, wanted: Dressing, login: str) -> Dress:
        """Return what is there of what is wanted; `login` is our own account, which cannot review."""
        return Dress(
            labels=tuple(self._labels(repository, wanted.labels)),
            assignees=tuple(self._people(repository, "assignees", wanted.assignees)),
            milestone=self._milestone(repository, wanted.milestone),
            is_late=any(name.lower() != login.lower() for name in wanted.reviewers),
        )

    def ask_for_reviews(self, repository: Repository, number: int, wanted: Dressing, login: str) -> None:
        """Ask those reviewers that may review; asking twice is asking once."""
        people = [name for name in wanted.reviewers if "/" not in name and name.lower() != login.lower()]
        people = self._people(repository, "reviewers", people)
        teams = self._teams(repository, [name for name in wanted.reviewers if "/" in name])
        fields = {"reviewers": people, "team_reviewers": teams}
        if not (people or teams):
            return
        path = f"{_path(repository)}/pulls/{number}/requested_reviewers"
        try:
            self._rest.write("POST", path, {name: value for name, value in fields.items() if value})
        except (Refused, ForgeForbids) as error:
            self._warn(f"{repository.name}#{number}: no review was asked for: {error}")

    def _labels(self, repository: Repository, names: Collection[str]) -> list[int]:
        if not names:
            return []
        owner = repository.name.partition("/")[0]
        # A user has no labels for all repositories, and then there is nothing at that address.
        known = [*self._list(f"{_path(repository)}/labels"), *self._list(f"/orgs/{segment(owner)}/labels", True)]
        numbers = {label.text("name").lower(): label.number("id") for label in reversed(known)}
        return list(self._those(repository, "label", names, numbers))

    def _milestone(self, repository: Repository, title: str | None) -> int | None:
        if title is None:
            return None
        known = {m.text("title").lower(): m.number("id") for m in self._list(f"{_path(repository)}/milestones")}
        return next(self._those(repository, "open milestone", [title], known), None)

    def _people(self, repository: Repository, kind: str, names: Collection[str]) -> list[str]:
        if not names:
            return []
        try:
            found = self._list(f"{_path(repository)}/{kind}", paged=False)
        except ForgeForbids:
            found = []
        known = {user.text("login").lower(): user.text("login") for user in found}
        return list(self._those(repository, f"account that may be among the {kind}", names, known))

    def _teams(self, repository: Repository, names: Collection[str]) -> list[str]:
        if not names:
            return []
        owner = repository.name.partition("/")[0]
        try:
            found = self._list(f"{_path(repository)}/teams", paged=False)
        except (ForgeForbids, Refused):
            found = []
        known = {f"{owner}/{team.text('name')}".lower(): team.text("name") for team in found}
        return list(self._those(repository, "team with access", names, known))

    def _those(self, repository: Repository, kind: str, names: Iterable[str], known: Mapping[str, V]) -> Iterator[V]:
        for name in names:
            if (found := known.get(name.lower())) is not None:
                yield found
            else:
                self._warn(f"{repository.name}: there is no {kind} {name!r}, so it is left out")

    def _list(self, path: str, may_miss: bool = False, paged: bool = True) -> list[Object]:
        if path not in self._lists:
            try:
                self._lists[path] = self._rest.run(self._rest.all(path) if paged else self._whole(path))
            except ForgeForbids:
                if not may_miss:
                    raise
                self._lists[path] = []
        return self._lists[path]

    async def _whole(self, path: str) -> list[Object]:
        return (await self._rest.get(path)).objects()


def _path(repository: Repository) -> str:
    return f"/repos/{segment(repository.name, keep='/')}"

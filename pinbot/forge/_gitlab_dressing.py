"""What a merge request gets beside its text, in the very request that opens it.

GitLab wants people and milestones as numbers. Whatever is not there is named in a warning and left out: GitLab would
make a label that nobody has. Approvals are left to whoever asks for them there.
https://docs.gitlab.com/api/merge_requests/#create-a-merge-request.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from pinbot.errors import ForgeForbids
from pinbot.forge._base import Warn
from pinbot.forge._gitlab_account import Account, path_of
from pinbot.forge._json import Object
from pinbot.proposals.proposal import Dressing
from pinbot.proposals.repository import Repository


@dataclass(frozen=True, slots=True)
class Habits:
    """How merge requests are merged: `squash` None leaves that to the project."""

    squash: bool | None = None
    remove_source_branch: bool = True

    def fields(self) -> dict[str, object]:
        """Return the fields of a new merge request."""
        squash = {} if self.squash is None else {"squash": self.squash}
        return {"remove_source_branch": self.remove_source_branch, **squash}


class Wardrobe:
    """Knows people, labels and milestones; asked once for each and run."""

    def __init__(self, account: Account, warn: Warn) -> None:
        self._account = account
        self._warn = warn
        self._people: dict[str, int | None] = {}
        self._labels: dict[str, list[str]] = {}
        self._milestones: dict[tuple[str, str], int | None] = {}

    def forget(self) -> None:
        """Ask again."""
        self._people.clear()
        self._labels.clear()
        self._milestones.clear()

    def fields(self, repository: Repository, wanted: Dressing) -> dict[str, object]:
        """Return the fields for what is there of what is wanted; our own account cannot review."""
        me = self._account.login.lower() if wanted.reviewers else ""
        fields: dict[str, object] = {
            "labels": ",".join(self._known_labels(repository, wanted.labels)),
            "assignee_ids": list(self._numbers(repository, wanted.assignees)),
            "reviewer_ids": list(self._numbers(repository, [n for n in wanted.reviewers if n.lower() != me])),
            "milestone_id": self._milestone(repository, wanted.milestone),
        }
        return {name: value for name, value in fields.items() if value}

    def compare(self, repository: Repository, asked: dict[str, object], found: Object) -> None:
        """Warn of people whom GitLab left out: who is no member there, or more than its tier takes."""
        for name, kind in (("assignee_ids", "assignees"), ("reviewer_ids", "reviewers")):
            wanted = asked.get(name)
            there = {one.number("id") for one in found.children(kind)}
            if isinstance(wanted, list) and (missing := set(wanted) - there):
                names = ", ".join(sorted(name for name, number in self._people.items() if number in missing))
                why = "no member there, or more than its tier takes"
                self._warn(f"{repository.name}: GitLab leaves {names} out of the {kind}: {why}")

    def _known_labels(self, repository: Repository, names: Collection[str]) -> Iterator[str]:
        if not names:
            return
        if repository.id not in self._labels:
            pages = self._account.api.pages(f"{path_of(repository)}/labels")
            self._labels[repository.id] = [label.text("name") for page in pages for label in page]
        known = self._labels[repository.id]
        by_name = {label.lower(): label for label in known} | {label: label for label in known}
        for name in names:
            if (found := by_name.get(name, by_name.get(name.lower()))) is not None:
                yield found
            else:
                self._warn(f"{repository.name}: there is no label {name!r}, so it is left out")

    def _numbers(self, repository: Repository, names: Collection[str]) -> Iterator[int]:
        for name in dict.fromkeys(names):
            if "/" in name:
                self._warn(f"{repository.name}: {name!r} is a group; GitLab asks people for reviews, so it is left out")
            elif (number := self._person(name)) is not None:
                yield number
            else:
                self._warn(f"{repository.name}: there is no account {name!r}, so it is left out")

    def _person(self, name: str) -> int | None:
        key = name.lower()
        if key not in self._people:
            try:
                found = self._account.api.get("/users", {"username": name}).objects()
            except ForgeForbids:
                found = []
            same = (one.number("id") for one in found if one.text("username").lower() == key)
            self._people[key] = next((number for number in same if number > 0), None)
        return self._people[key]

    def _milestone(self, repository: Repository, title: str | None) -> int | None:
        if title is None:
            return None
        key = (repository.id, title)
        if key not in self._milestones:
            # `include_parent_milestones` is what `include_ancestors` was called until version 16.7.
            query = {
                "title": title,
                "state": "active",
                "include_ancestors": "true",
                "include_parent_milestones": "true",
            }
            found = self._account.api.get(f"{path_of(repository)}/milestones", query).objects()
            numbers = (one.number("id") for one in found if one.text("title") == title)
            self._milestones[key] = next((number for number in numbers if number > 0), None)
        if self._milestones[key] is None:
            self._warn(f"{repository.name}: there is no open milestone {title!r}, so it is left out")
        return self._milestones[key]

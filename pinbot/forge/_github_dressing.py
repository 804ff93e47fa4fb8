"""The writes that give a pull request what it is to have beside its text; three at most, whatever is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pinbot.errors import ForgeError, ForgeForbids
from pinbot.forge._base import Warn
from pinbot.forge._github_account import Account
from pinbot.forge._github_answer import Invalid, Unclear
from pinbot.forge._github_read import dig, entries, number, text
from pinbot.proposals.proposal import Dressing
from pinbot.proposals.pull import PENDING, PullRequest
from pinbot.proposals.repository import Repository

_MOST_WRITES = 3


@dataclass(frozen=True, slots=True)
class _There:
    labels: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    people: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()


@dataclass(slots=True)
class Dresser:
    """Dresses one pull request: reviewers first, then one PATCH with the rest and the text without its mark."""

    account: Account
    warn: Warn
    repository: Repository
    pull: PullRequest
    _left: int = field(init=False, default=_MOST_WRITES)

    def dress(self, dressing: Dressing, words: Mapping[str, str], *, may_have_some: bool) -> None:
        """Give it everything; `words` are its title and body as they are to be.

        `may_have_some`: what people have given it in the meantime stays. Raises ForgeError.
        """
        there = self._there() if may_have_some else _There()
        labels = _joined(there.labels, dressing.labels) if dressing.labels else []
        assignees = _joined(there.assignees, dressing.assignees) if dressing.assignees else []
        self._ask_for_reviews(dressing, there)
        rest: dict[str, object] = {**words}
        if labels:
            rest["labels"] = labels
        if assignees:
            rest["assignees"] = assignees
        if dressing.milestone and (found := self._milestone(dressing.milestone)) is not None:
            rest["milestone"] = found
        self._finish(rest, words)

    @property
    def _scope(self) -> frozenset[int] | None:
        return self.account.scope([self.repository])

    def _path(self, kind: str, rest: str = "") -> str:
        return self.account.path(self.repository, f"{kind}/{self.pull.number}{rest}")

    def _there(self) -> _There:
        """Return what it has by now."""
        data = self.account.api.get(self._path("pulls"), scope=self._scope)
        return _There(
            tuple(text(one, "name") for one in entries(data, "labels")),
            tuple(text(one, "login") for one in entries(data, "assignees")),
            frozenset(text(one, "login").lower() for one in entries(data, "requested_reviewers")),
            frozenset(text(one, "slug").lower() for one in entries(data, "requested_teams")),
        )

    def _ask_for_reviews(self, dressing: Dressing, there: _There) -> None:
        """Ask people and teams; where they are refused together, ask the people alone. Nobody is asked twice."""
        people, teams = self._unasked(dressing, there)
        tries = [(people, teams)] if teams or people else []
        if teams and people:
            tries.append((people, []))
        for asked, of_teams in tries:
            body: dict[str, object] = {"reviewers": asked, "team_reviewers": of_teams}
            try:
                self._write("POST", self._path("pulls", "/requested_reviewers"), body)
            except Unclear:
                if any(self._unasked(dressing, self._there())):
                    raise  # it stays pending, and the next run looks again
            except (Invalid, ForgeForbids) as error:
                self._tell(f"not all reviews could be asked for: {error}")
                continue
            return

    def _unasked(self, dressing: Dressing, there: _There) -> tuple[list[str], list[str]]:
        """Return the people and the teams that are still to be asked."""
        teams = [name.partition("/")[2] for name in dressing.reviewers if "/" in name]
        # The author of a pull request cannot review it, and GitHub would refuse all of them for that.
        people = [n for n in dressing.reviewers if "/" not in n and n.lower() != self.pull.author.lower()]
        return [n for n in people if n.lower() not in there.people], [t for t in teams if t.lower() not in there.teams]

    def _milestone(self, title: str) -> int | None:
        path = self.account.path(self.repository, "milestones")
        for page in self.account.api.pages(path, {"state": "open"}, scope=self._scope):
            for one in page if isinstance(page, list) else []:
                if dig(one, "title") == title:
                    return number(one, "number")
        self._tell(f"there is no open milestone {title!r}")
        return None

    def _finish(self, rest: Mapping[str, object], words: Mapping[str, str]) -> None:
        path = self._path("issues")
        try:
            self._write("PATCH", path, rest)
        except Unclear:
            data = self.account.api.get(path, scope=self._scope)
            if PENDING in str(dig(data, "body")):
                raise
        except Invalid as error:
            if self._left == 0:
                raise
            self._tell(f"labels, assignees or milestone could not be set: {error}")
            self._write("PATCH", path, dict(words))

    def _write(self, verb: str, path: str, body: Mapping[str, object]) -> None:
        if self._left == 0:
            raise ForgeError(f"{self.pull.url}: too much was refused; the next run goes on")
        self._left -= 1
        self.account.api.write(verb, path, body, scope=self._scope)

    def _tell(self, what: str) -> None:
        self.warn(f"{self.pull.url}: {what}")


def _joined(there: Sequence[str], wanted: Sequence[str]) -> list[str]:
    known = {name.lower() for name in there}
    return [*there, *(name for name in wanted if name.lower() not in known)]

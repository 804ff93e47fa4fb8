"""What one pass over the repositories of a forge came to: the value that its reports are made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from pinbot.planning.outcome import Change, Kept
from pinbot.proposals.action import Action, Close, Disarm, Finish, Leave, Open, Update
from pinbot.proposals.repository import Repository
from pinbot.proposals.style import Mode


@dataclass(frozen=True, slots=True)
class Deed:
    """An action and what came of it.

    `done` is whether it was carried out; in mode `observe`, or where it has to wait, it was not, and nothing is wrong.
    `error` is why it failed. `url` is that of the pull request, empty where there is none (yet). `warnings` are
    sentences about what could not be had and stopped nothing: that it does not merge itself.
    """

    action: Action
    done: bool = False
    error: str | None = None
    url: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def writes_ahead(self) -> int:
        """How many writes to the forge it would still take: the most of what forges need for it."""
        match self.action:
            case _ if self.done or self.error:
                return 0
            case Open(proposal=proposal):
                return (1 if proposal.dressing.is_bare else 3) + 2 * proposal.merges_itself
            case Close():
                return 3
            case Update(proposal=proposal) | Finish(proposal=proposal):
                return 1 + 2 * proposal.merges_itself
            case Disarm(comment=comment):
                return 2 if comment else 1
            case _:
                return 0

    @property
    def is_idle(self) -> bool:
        """Whether nothing was to be done at all."""
        return isinstance(self.action, Leave) and not self.action.comment


@dataclass(frozen=True, slots=True)
class Board:
    """What became of the dashboard of a repository.

    `url` is empty where there is none (yet). `action` is what was done, or with `done` false would be: nothing where it
    is as it should be. `reason` is why there is none, or why it is left; `error` why it could not be written.
    """

    url: str = ""
    action: Literal["open", "update", "leave"] = "leave"
    done: bool = False
    reason: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """What one repository came to.

    `error` is why it could not be finished: whatever is missing then is looked for by the next run. `passed_over` is
    why it was not looked into: archived, empty. `changes` and `kept` are all references that were found. `board` is
    None where no dashboard is wanted.
    """

    repository: Repository
    mode: Mode
    deeds: tuple[Deed, ...] = ()
    changes: tuple[Change, ...] = ()
    kept: tuple[Kept, ...] = ()
    skipped_files: tuple[tuple[str, str], ...] = ()
    error: str | None = None
    passed_over: str | None = None
    board: Board | None = None

    @property
    def is_incomplete(self) -> bool:
        """Whether something could not be looked up, read or written."""
        return (
            self.error is not None
            or any(deed.error for deed in self.deeds)
            or (self.board is not None and self.board.error is not None)
            or any(kept.outcome == "lookup-failed" for kept in self.kept)
        )

    @property
    def references(self) -> int:
        """How many references were found."""
        return len(self.changes) + len(self.kept)


@dataclass(frozen=True, slots=True)
class Sweep:
    """One pass.

    `paced` is how long its writes take at the pace that the forge asks for, done or only shown. `opened` is how many
    pull requests count against the limit of a run by now, those that it opened at other forges before among them.
    """

    started: datetime
    finished: datetime
    visits: tuple[Visit, ...]
    error: str | None = None
    paced: timedelta = timedelta()
    opened: int = 0

    @property
    def writes_ahead(self) -> int:
        """How many writes to the forge what was only shown would take."""
        boards = [visit.board for visit in self.visits if visit.board]
        unwritten = sum(board.action != "leave" and not board.done and not board.error for board in boards)
        return unwritten + sum(deed.writes_ahead for visit in self.visits for deed in visit.deeds)

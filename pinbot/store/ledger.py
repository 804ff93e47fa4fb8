"""The ledger as a run has it: opened when it is first needed, and given up with a word where it cannot be used.

Losing it costs history, never correctness. SQLAlchemy takes a seventh of a second to load, so it is on that first need.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Self, TypeVar

from pinbot.errors import StoreError, UsageError
from pinbot.oci.digest import Digest
from pinbot.oci.history import Memory, Observation
from pinbot.oci.resolution import Answer, Config, Content, Facts, Question, Remembered
from pinbot.store.book import Book, Histories
from pinbot.store.location import Location

if TYPE_CHECKING:
    from pinbot.store.database import Database

T = TypeVar("T")

_NONE = "There is no ledger: --ledger or the settings say off, or there is no home folder that it could be in."


class Forgetful:
    """No ledger, with the form of one: nothing is remembered, and there is nothing to say or to close."""

    location: Location | None = None
    warnings: Sequence[str] = ()

    def known(self, questions: Collection[Question]) -> Facts:
        """Return an empty memory for every repository."""
        return {q: Memory() for q in questions if isinstance(q, Remembered)}

    def record(self, observations: Collection[Observation], facts: Facts) -> None:
        """Forget."""

    def memory(self, registry: str, path: str) -> Memory:  # noqa: ARG002 # as a ledger has it
        """Return nothing."""
        return Memory()

    def contents(self, questions: Collection[Question]) -> Facts:  # noqa: ARG002 # as a ledger has it
        """Return nothing."""
        return {}

    def seen_at(self, digest: Digest) -> Histories:  # noqa: ARG002 # as a ledger has it
        """Return nothing."""
        return {}

    def export(self) -> bytes:
        """Raise UsageError."""
        raise UsageError(_NONE)

    def take_in(self, data: bytes, now: datetime) -> Book:  # noqa: ARG002 # as a ledger has it
        """Raise UsageError."""
        raise UsageError(_NONE)

    def close(self) -> None:
        """Close nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


class SqlLedger:
    """A ledger in a file of SQLite or a database of Postgres; use it as a context manager, or call `close`.

    `known` and `record` raise nothing: where the database fails they do without, and `warnings` says so once.
    `export`, `take_in`, `memory`, `contents` and `seen_at` are for people who ask for the ledger itself, and raise
    StoreError.
    """

    def __init__(self, location: Location) -> None:
        self.location = location
        self.warnings: list[str] = []
        self._database: Database | None = None
        self._is_lost = False

    def known(self, questions: Collection[Question]) -> Facts:
        """Return answers from earlier runs: to every Remembered, and to a Content or Config that was once answered."""
        answers: dict[Question, Answer] = {q: Memory() for q in questions if isinstance(q, Remembered)}
        wanted = [q for q in questions if isinstance(q, Remembered | Content | Config)]
        if wanted and not self._is_new:
            nothing: dict[Question, Answer] = {}
            answers |= self._trying("read", lambda database: database.known(wanted), nothing)
        return answers

    def record(self, observations: Collection[Observation], facts: Facts) -> None:
        """Remember what tags named, and the answers to Content and Config, which hold for ever."""
        if observations or any(isinstance(q, Content | Config) for q in facts):
            self._trying("written", lambda database: database.record(observations, facts), None)

    def memory(self, registry: str, path: str) -> Memory:
        """Return all that is known of one repository."""
        asked = Remembered(registry, path)
        answer = {} if self._is_new else self._asked(lambda database: database.known([asked]))
        found = answer.get(asked)
        return found if isinstance(found, Memory) else Memory()

    def contents(self, questions: Collection[Question]) -> Facts:
        """Return what digests hold, where that is known."""
        return {} if self._is_new or not questions else self._asked(lambda database: database.known(questions))

    def seen_at(self, digest: Digest) -> Histories:
        """Return the histories of all tags that have had a digest."""
        return {} if self._is_new else self._asked(lambda database: database.seen_at(digest))

    def export(self) -> bytes:
        """Return all of it as JSON lines."""
        from pinbot.store.lines import dumped

        return dumped(Book() if self._is_new else self._asked(lambda database: database.whole()))

    def take_in(self, data: bytes, now: datetime) -> Book:
        """Merge an export into the ledger, all of it or nothing, and return what the export held."""
        from pinbot.store.lines import loaded

        book = loaded(data, now)
        self._asked(lambda database: database.merge(book))
        return book

    def close(self) -> None:
        """Close the database."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def _is_new(self) -> bool:
        """Whether there is no file yet, so that nothing is known, and none need be made to say so."""
        file = self.location.file
        return self._database is None and file is not None and not file.exists()

    def _asked(self, question: Callable[[Database], T]) -> T:
        try:
            return self._opened(question)
        except StoreError as error:
            raise StoreError(f"The ledger {self.location}: {error}.") from None

    def _opened(self, question: Callable[[Database], T]) -> T:
        if self._database is None:
            from pinbot.store.database import Database

            self._database = Database(self.location)
        answer = question(self._database)
        if strange := self._database.strange:
            rows = "a row" if strange == 1 else f"{strange} rows"
            self._warn(f"The ledger {self.location} holds {rows} that no pinbot wrote; they count for nothing.")
        return answer

    def _trying(self, what: str, question: Callable[[Database], T], otherwise: T) -> T:
        if self._is_lost:
            return otherwise
        try:
            return self._opened(question)
        except StoreError as error:
            self._is_lost = True
            self._warn(f"The ledger {self.location} cannot be {what}, so this run goes on without it: {error}.")
            return otherwise

    def _warn(self, sentence: str) -> None:
        if not self.warnings:
            self.warnings.append(sentence)

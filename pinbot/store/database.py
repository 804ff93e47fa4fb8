"""The ledger in a database: which statements read it and write it. What an observation changes, `History` says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Table, delete, false, func, select, tuple_

from pinbot.errors import InvalidDigest, StoreError
from pinbot.oci.digest import Digest
from pinbot.oci.history import History, Memory, Observation, Sighting
from pinbot.oci.resolution import Answer, Config, Content, Facts, ImageConfig, Question, Remembered
from pinbot.store import facts, migrate, moment, patience
from pinbot.store.batches import batched
from pinbot.store.book import Book, Histories, Tag, is_real, merged_fact, merged_history
from pinbot.store.engine import open_engine, reading, writing
from pinbot.store.facts import Kind, Known
from pinbot.store.location import Location
from pinbot.store.tables import facts as fact_table
from pinbot.store.tables import sightings as sighting_table

# Old versions of SQLite take 999 variables in a statement; three make a tag.
_CHUNK = 300
_SOURCES = {"seen", "pushed", "file"}
_Held = tuple[Digest, Kind]


class Database:
    """An open ledger; every method is one transaction, and raises StoreError.

    `strange` counts the rows that no pinbot wrote: they are passed over, and written anew when their tag is.
    """

    def __init__(self, location: Location, patience_seconds: float = patience.SECONDS) -> None:
        self.strange = 0
        self._location = location
        self._engine = open_engine(location, patience_seconds)
        self._insert = _upserting(self._engine.dialect.name)
        # What this database has answered need not be written to it again.
        self._held: set[_Held] = set()
        try:
            self._prepare()
        except StoreError:
            self.close()
            raise

    def _prepare(self) -> None:
        """Bring the tables up to date; most runs find that they are, and take no lock for it."""
        with reading(self._engine, self._location) as connection:
            current = migrate.is_current(connection)
        if not current:
            with writing(self._engine, self._location) as connection:
                migrate.upgrade(connection)

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def known(self, questions: Collection[Question]) -> dict[Question, Answer]:
        """Return the memories of repositories, and what digests hold."""
        answers: dict[Question, Answer] = {}
        with reading(self._engine, self._location) as connection:
            answers |= self._memories(connection, [q for q in questions if isinstance(q, Remembered)])
            answers |= self._contents(connection, [q for q in questions if isinstance(q, Content | Config)])
        return answers

    def record(self, observations: Collection[Observation], answers: Facts) -> None:
        """Add to the histories of tags, and keep what digests hold."""
        news: defaultdict[Tag, list[Observation]] = defaultdict(list)
        for one in observations:
            news[one.registry, one.path, one.tag].append(one)
        found = {
            (q.digest, kind): a
            for q, a in answers.items()
            if isinstance(q, Content | Config) and (kind := facts.kind_of(a)) in facts.kinds_for(q) and kind
        }
        with writing(self._engine, self._location) as connection:
            for tags in batched(news, _CHUNK):
                self._change(connection, tags, lambda tag, history: history.observed(*news[tag]))
            self._keep(connection, {key: a for key, a in found.items() if key not in self._held})  # type: ignore[misc] # of their kinds

    def count(self) -> int:
        """Return how many sightings there are."""
        with reading(self._engine, self._location) as connection:
            return int(connection.execute(select(func.count()).select_from(sighting_table)).scalar_one())

    def try_writing(self) -> None:
        """Do what writing takes, and change nothing. Raises StoreError where this user may not."""
        with writing(self._engine, self._location) as connection:
            connection.execute(delete(sighting_table).where(false()))

    def whole(self) -> Book:
        """Return all that the ledger holds."""
        with reading(self._engine, self._location) as connection:
            rows = connection.execute(select(sighting_table)).all()
            stored = connection.execute(select(fact_table)).all()
            histories, known = self._histories(rows), dict(self._facts(stored))
        real = {tag: history for tag, history in histories.items() if is_real(tag)}
        self.strange += len(histories) - len(real)
        return Book(real, known)

    def merge(self, book: Book) -> None:
        """Take in what another ledger knows; all of it, or nothing."""
        with writing(self._engine, self._location) as connection:
            for tags in batched(book.histories, _CHUNK):
                self._change(connection, tags, lambda tag, history: merged_history(history, book.histories[tag]))
            for keys in batched(book.facts, _CHUNK):
                mine = self._stored(connection, [digest for digest, _ in keys])
                both = {key: merged_fact(mine.get(key), book.facts[key]) for key in keys}
                self._keep(connection, {key: fact for key, fact in both.items() if fact and fact != mine.get(key)})

    def seen_at(self, digest: Digest) -> Histories:
        """Return the histories of all tags that have had a digest."""
        at = sighting_table.c
        with reading(self._engine, self._location) as connection:
            rows = connection.execute(
                select(at.registry, at.repository, at.tag).where(at.digest == str(digest)).distinct()
            )
            histories: Histories = {}
            named = [tag for row in rows if _is_text(tag := (row.registry, row.repository, row.tag))]
            for tags in batched(named, _CHUNK):
                histories |= self._histories(_rows_of(connection, tags))
            return histories

    def _memories(self, connection: Connection, asked: Sequence[Remembered]) -> dict[Question, Answer]:
        at = sighting_table.c
        found: defaultdict[tuple[str, str], dict[str, History]] = defaultdict(dict)
        repositories = sorted({(q.registry, q.path) for q in asked})
        for chunk in batched(repositories, _CHUNK):
            rows = connection.execute(select(sighting_table).where(tuple_(at.registry, at.repository).in_(chunk)))
            for (registry, path, tag), history in self._histories(rows.all()).items():
                found[registry, path][tag] = history
        return {q: Memory(found.get((q.registry, q.path), {})) for q in asked}

    def _contents(self, connection: Connection, asked: Sequence[Content | Config]) -> dict[Question, Answer]:
        stored: dict[_Held, Known] = {}
        for digests in batched(sorted({str(q.digest) for q in asked}), _CHUNK):
            stored |= self._stored(connection, digests)
        self._held |= stored.keys()
        return {q: stored[q.digest, kind] for q in asked for kind in facts.kinds_for(q) if (q.digest, kind) in stored}

    def _stored(self, connection: Connection, digests: Iterable[object]) -> dict[_Held, Known]:
        wanted = select(fact_table).where(fact_table.c.digest.in_([str(d) for d in digests]))
        return dict(self._facts(connection.execute(wanted).all()))

    def _change(self, connection: Connection, tags: Sequence[Tag], change: Any) -> None:
        """Replace the histories of tags by what `change` makes of them; only rows that differ are written."""
        rows = _rows_of(connection, tags)
        histories = self._histories(rows)
        stored = {tuple(row[:4]): row for row in rows}
        wanted = {
            (*tag, place): _row(tag, place, one)
            for tag in tags
            for place, one in enumerate(change(tag, histories.get(tag, History())).sightings)
        }
        self._write(connection, sighting_table, [r for key, r in wanted.items() if _differs(stored.get(key), r)])
        self._remove(connection, [key for key in stored if key not in wanted])

    def _keep(self, connection: Connection, found: Mapping[_Held, Known]) -> None:
        rows = []
        for (digest, kind), fact in found.items():
            text = facts.text_of(facts.written(fact))
            if len(text) <= facts.MOST_CHARACTERS:
                media_type = "" if isinstance(fact, ImageConfig) else fact.media_type
                rows.append({"digest": str(digest), "kind": kind, "media_type": media_type, "facts": text})
        self._write(connection, fact_table, sorted(rows, key=lambda row: (row["digest"], row["kind"])))

    def _write(self, connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        if not rows:
            return
        insert = self._insert(table)
        keys = [column.name for column in table.primary_key]
        others = {c.name: insert.excluded[c.name] for c in table.columns if c.name not in keys}
        connection.execute(insert.on_conflict_do_update(index_elements=keys, set_=others), list(rows))

    def _remove(self, connection: Connection, keys: Sequence[tuple[Any, ...]]) -> None:
        for chunk in batched(keys, _CHUNK // 2):
            connection.execute(delete(sighting_table).where(tuple_(*sighting_table.primary_key).in_(chunk)))

    def _histories(self, rows: Iterable[Row[Any]]) -> Histories:
        found: defaultdict[Tag, list[tuple[int, Sighting]]] = defaultdict(list)
        for row in rows:
            registry, repository, tag, place, *rest = tuple(row)
            try:
                placed = int(place), _sighting(*rest)
                if not _is_text((registry, repository, tag)):
                    raise TypeError("a name is text")  # noqa: TRY301 # beside what else may be wrong with a row
            except (ValueError, InvalidDigest, TypeError):
                self.strange += 1
            else:
                found[registry, repository, tag].append(placed)
        return {tag: _in_order(rows_of_tag) for tag, rows_of_tag in found.items()}

    def _facts(self, rows: Iterable[Row[Any]]) -> Iterator[tuple[_Held, Known]]:
        for row in rows:
            digest, kind, _, text = tuple(row)
            if kind in facts.OLD_KINDS:
                continue
            try:
                named = Digest.parse(digest)
                yield (named, kind), facts.read(kind, named, facts.value_of(text))
            except (ValueError, InvalidDigest, AttributeError):
                self.strange += 1


def _upserting(dialect: str) -> Any:
    """Return the dialect's own `insert`; only that one is loaded, which is a matter of 30 ms."""
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert
    from sqlalchemy.dialects import sqlite

    return sqlite.insert


def _is_text(tag: Tag) -> bool:
    """Whether the names are text; SQLite keeps what it is given, whatever the type of the column."""
    return all(isinstance(name, str) for name in tag)


def _rows_of(connection: Connection, tags: Sequence[Tag]) -> Sequence[Row[Any]]:
    at = sighting_table.c
    return connection.execute(select(sighting_table).where(tuple_(at.registry, at.repository, at.tag).in_(tags))).all()


def _sighting(digest: object, first: object, last: object, source: Any) -> Sighting:
    begun, ended = moment.read(first), moment.read(last)
    if not isinstance(digest, str) or source not in _SOURCES or ended < begun:
        raise ValueError("no row of ours")
    return Sighting(Digest.parse(digest), begun, ended, source)


def _in_order(placed: list[tuple[int, Sighting]]) -> History:
    """Return the history in the order that it had; rows that were edited may have lost it."""
    ordered = [one for _, one in sorted(placed, key=lambda p: p[0])]
    return History(tuple(sorted(ordered, key=lambda s: s.first)))


def _row(tag: Tag, place: int, one: Sighting) -> dict[str, Any]:
    registry, repository, name = tag
    first, last = moment.written(one.first), moment.written(one.last)
    return {
        "registry": registry,
        "repository": repository,
        "tag": name,
        "place": place,
        "digest": str(one.digest),
        "first": first,
        "last": last,
        "source": one.source,
    }


def _differs(stored: Row[Any] | None, wanted: Mapping[str, Any]) -> bool:
    return stored is None or tuple(stored) != tuple(wanted.values())

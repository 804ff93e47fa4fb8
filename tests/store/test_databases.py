"""The ledger in databases that others use at the same time, that break, and that were made by another pinbot."""

from __future__ import annotations

import os
import random
import select
import socket
import sqlite3
import stat
import tempfile
import threading
import time
from itertools import pairwise
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config as Alembic
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from pinbot.errors import StoreError
from pinbot.oci.digest import Digest
from pinbot.oci.history import Memory
from pinbot.oci.manifest import OCI_MANIFEST
from pinbot.oci.resolution import Answer, Config, Content, Question, Remembered
from pinbot.secret import Secret
from pinbot.store import engine, migrate, tables
from pinbot.store.ledger import SqlLedger
from pinbot.store.location import Location
from tests.store.ledgers import (
    DAY,
    HUB,
    NOW,
    PATH,
    A,
    B,
    Postgres,
    configured,
    finished,
    folded,
    index,
    manifest,
    process,
    seen,
)

NGINX = Remembered(HUB, PATH)
# Observes one tag many times, each time in a transaction of its own; the digest is the process's own.
WRITER = """
own = Digest.of(sys.argv[2].encode())
with SqlLedger(Location.parse(sys.argv[1])) as ledger:
    for n in range(int(sys.argv[3])):
        now = datetime.now(UTC)
        ledger.record([seen(own, now), seen(own, now, tag=f"{sys.argv[2]}-{n}")], {})
    assert not ledger.warnings, ledger.warnings
"""


def _url(location: Location) -> str:
    return location.url.reveal() if location.url else str(location.file)


def _memory(location: Location) -> Memory:
    with SqlLedger(location) as ledger:
        return ledger.memory(HUB, PATH)


def _record(location: Location) -> SqlLedger:
    """Record one sighting and ask for it, as a run does, and return the closed ledger for its warnings."""
    with SqlLedger(location) as ledger:
        known = ledger.known([NGINX])
        assert isinstance(known[NGINX], Memory)
        ledger.record([seen(B)], {Content(HUB, PATH, A): index()})
    return ledger


def test_processes_that_see_one_tag_at_once_keep_one_true_history(location: Location) -> None:
    names = ["one", "two", "three", "four"]
    finished(*(process(WRITER, _url(location), name, "25") for name in names))
    memory = _memory(location)
    assert len(memory.tags) == 1 + 25 * len(names)
    history = memory.of("1.27")
    assert all(a.last <= b.first and a.digest != b.digest for a, b in pairwise(history.seen))
    assert {s.digest for s in history.seen} == {Digest.of(name.encode()) for name in names}


def test_nothing_is_half_written_by_a_process_that_is_killed(location: Location) -> None:
    for n in range(6):
        running = process(WRITER, _url(location), f"w{n}", "100000")
        until = time.monotonic() + 30
        while time.monotonic() < until and f"w{n}-3" not in _memory(location).tags:
            time.sleep(0.02)
        time.sleep(0.013 * n)
        running.kill()
        running.communicate()
        memory = _memory(location)
        own = {s.digest for tag, h in memory.tags.items() if tag.startswith(f"w{n}-") for s in h.seen}
        # Both observations of a transaction are there, or neither is.
        assert own
        assert all(memory.of("1.27").has_had(digest) for digest in own)
        latest = max(h.sightings[-1].last for tag, h in memory.tags.items() if tag != "1.27")
        assert (present := memory.of("1.27").present)
        assert present.last >= latest


def test_a_file_and_its_folder_are_for_this_user_alone(file: Location) -> None:
    assert _record(file).warnings == []
    assert file.file
    assert [stat.S_IMODE(p.stat().st_mode) for p in (file.file, file.file.parent)] == [0o600, 0o700]


def test_asking_makes_no_file(file: Location) -> None:
    with SqlLedger(file) as ledger:
        assert ledger.known([NGINX]) == {NGINX: Memory()}
        assert ledger.seen_at(A) == {}
        assert ledger.export().count(b"\n") == 1
    assert file.file
    assert not file.file.parent.exists()


def _damage(location: Location, how: str) -> bytes:
    """Break a ledger that works, and return the bytes it has then."""
    assert location.file
    _record(location)
    data = location.file.read_bytes()
    broken = {
        "no database": b"not a database at all" * 100,
        "cut short": data[: len(data) // 2],
        "pages of noise": data[:4096] + b"\x5a" * (len(data) - 4096),
        "another program's": b"",
    }[how]
    location.file.write_bytes(broken)
    if how == "another program's":
        with sqlite3.connect(location.file) as connection:
            connection.execute("CREATE TABLE bookmarks (url)")
        connection.close()
    return location.file.read_bytes()


@pytest.mark.parametrize("how", ["no database", "cut short", "pages of noise", "another program's"])
def test_a_run_goes_on_without_a_ledger_that_is_broken_and_leaves_it_as_it_is(file: Location, how: str) -> None:
    broken = _damage(file, how)
    ledger = _record(file)
    (warning,) = ledger.warnings
    assert warning.startswith(f"The ledger {file} cannot be ")
    assert "this run goes on without it" in warning
    assert "move it away" in warning or "name another place" in warning
    assert file.file
    if how != "another program's":
        assert file.file.read_bytes() == broken
    with SqlLedger(file) as again, pytest.raises(StoreError, match="The ledger"):
        again.memory(HUB, PATH)


@pytest.mark.parametrize("what", ["folder", "device", "below a file"])
def test_what_is_no_place_for_a_file_is_told_once(tmp_path: Path, what: str) -> None:
    (tmp_path / "file").write_text("x")
    place = {"folder": tmp_path, "device": Path(os.devnull), "below a file": tmp_path / "file" / "ledger.db"}[what]
    assert len(_record(Location.parse(str(place))).warnings) == 1


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
def test_a_file_that_may_only_be_read_is_told_once_and_harms_nothing() -> None:
    # Everything is loaded before: the other user may not even read this program.
    code = """
import os, pinbot.store.database
from sqlalchemy.dialects import sqlite
os.setuid(65534)
with SqlLedger(Location.parse(sys.argv[1])) as ledger:
    ledger.known([Remembered(HUB, PATH)])
    ledger.record([seen(B)], {})
    ledger.record([seen(B)], {})
    print(len(ledger.warnings), *ledger.warnings)
"""
    with tempfile.TemporaryDirectory() as folder:
        place = Location.parse(f"{folder}/ledger.db")
        _record(place)
        assert place.file
        Path(folder).chmod(0o755)
        place.file.chmod(0o444)
        before = place.file.read_bytes()
        (said,) = finished(process(code, str(place)))
        assert said.startswith(f"1 The ledger {place} cannot be ")
        assert "let this user write it" in said
        assert place.file.read_bytes() == before


def test_a_full_disk_is_told_once_and_harms_nothing(file: Location) -> None:
    _record(file)
    code = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))
with SqlLedger(Location.parse(sys.argv[1])) as ledger:
    ledger.record([seen(A, tag=f"{n}-" + "x" * 100) for n in range(5000)], {})
    ledger.record([seen(A)], {})
    print(len(ledger.warnings), *ledger.warnings)
"""
    (said,) = finished(process(code, str(file.file)))
    assert said.startswith(f"1 The ledger {file} cannot be written, so this run goes on without it: ")
    memory = _memory(file)
    assert set(memory.tags) == {"1.27"}
    assert not memory.of("1.27").has_had(A)


def test_rows_that_no_pinbot_wrote_count_for_nothing_and_are_mended(location: Location) -> None:
    told = [seen(A, NOW - DAY), seen(B)]
    with SqlLedger(location) as ledger:
        ledger.record([*told, seen(A, tag="other")], {Content(HUB, PATH, A): index()})
    for statement in (
        "UPDATE pinbot_sightings SET digest = 'sha256:zz' WHERE tag = 'other'",
        "UPDATE pinbot_sightings SET first = '1', last = 'soon' WHERE tag = '1.27' AND place = 0",
        "UPDATE pinbot_facts SET facts = '[[[[[[[[['",
    ):
        _execute(location, statement)
    with SqlLedger(location) as ledger:
        known = ledger.known([NGINX, Content(HUB, PATH, A)])
        assert known == {NGINX: Memory({"1.27": folded([seen(B)])[HUB, PATH, "1.27"]})}
        assert len(ledger.warnings) == 1
        assert "that no pinbot wrote" in ledger.warnings[0]
        ledger.record([seen(B, tag="other"), seen(B)], {Content(HUB, PATH, A): index()})
    with SqlLedger(location) as ledger:
        assert ledger.known([Content(HUB, PATH, A)]) == {Content(HUB, PATH, A): index()}
        assert ledger.memory(HUB, PATH).of("other").has_had(B)
        assert ledger.warnings == []


def test_facts_of_earlier_versions_are_asked_for_again_and_nothing_is_said(location: Location) -> None:
    """They lack how an image is run, which is not the same as an image that is run as root."""
    asked: dict[Question, Answer] = {Config(HUB, PATH, A): configured(), Content(HUB, PATH, B): manifest(B)}
    with SqlLedger(location) as ledger:
        ledger.record([seen(A)], {Content(HUB, PATH, A): index(), **asked})
    config = '{"platform": {"architecture": "amd64", "os": "linux"}}'
    place = f'{{"digest": "{B}", "media_type": "", "size": 1}}'
    whole = f'{{"config": {place}, "digest": "{B}", "layers": [], "media_type": "{OCI_MANIFEST}"}}'
    for kind, text_of_old in (("config", config), ("manifest", whole)):
        _execute(location, f"UPDATE pinbot_facts SET kind = '{kind}', facts = '{text_of_old}' WHERE kind = '{kind}/2'")
    with SqlLedger(location) as ledger:
        assert ledger.known([Content(HUB, PATH, A), *asked]) == {Content(HUB, PATH, A): index()}
        assert ledger.export().count(b'"facts"') == 1
        assert len(ledger.take_in(ledger.export(), NOW).facts) == 1
        ledger.record([], asked)
        assert ledger.warnings == []
    with SqlLedger(location) as ledger:
        assert ledger.known([*asked]) == asked
        assert ledger.warnings == []


HOSTILE_VALUES = {
    "bytes for a digest": "UPDATE pinbot_sightings SET digest = x'00ff'",
    "a word for a place": "UPDATE pinbot_sightings SET place = 'first'",
    "text that is not UTF-8": "UPDATE pinbot_sightings SET tag = CAST(x'ff' AS TEXT)",
    "bytes for a tag": "UPDATE pinbot_sightings SET tag = x'ff'",
    "a repository with an escape": "UPDATE pinbot_sightings SET repository = char(27) || '[2J'",
    "a source that is unknown": "UPDATE pinbot_sightings SET source = 'heard'",
}


@pytest.mark.parametrize("statement", HOSTILE_VALUES.values(), ids=HOSTILE_VALUES)
def test_values_of_any_type_in_a_file_are_survived(file: Location, statement: str) -> None:
    _record(file)
    _execute(file, statement)
    _record(file)
    with SqlLedger(file) as ledger:
        try:
            exported = ledger.export()
        except StoreError:
            return
        assert ledger.seen_at(B).keys() >= {(HUB, PATH, "1.27")}
    with SqlLedger(Location.parse(f"{file}.other")) as other:
        other.take_in(exported, NOW)


def test_bytes_that_rot_never_end_a_run(file: Location) -> None:
    chance = random.Random(4)
    with SqlLedger(file) as ledger:
        told = [seen(A, NOW - DAY * n, tag=f"1.{n}") for n in range(60)]
        ledger.record(told, {Content(HUB, PATH, A): index()})
    assert file.file
    whole = file.file.read_bytes()
    for _ in range(40):
        rotten = bytearray(whole)
        for _ in range(chance.choice([1, 3, 200])):
            rotten[chance.randrange(len(rotten))] = chance.randrange(256)
        for name in (file.file, Path(f"{file}-wal"), Path(f"{file}-shm")):
            name.unlink(missing_ok=True)
        file.file.write_bytes(rotten)
        assert len(_record(file).warnings) <= 1


def test_a_database_of_a_newer_pinbot_is_refused_and_left_alone(location: Location) -> None:
    _record(location)
    _execute(location, "UPDATE pinbot_version SET version_num = '9999'")
    (warning,) = _record(location).warnings
    assert "newer pinbot" in warning
    assert "'9999'" in warning
    with SqlLedger(location) as ledger, pytest.raises(StoreError, match="update this one"):
        ledger.take_in(b'{"schema":"pinbot.ledger/1"}\n', NOW)


def test_the_versions_are_those_of_the_migrations() -> None:
    scripts = ScriptDirectory(str(Path(migrate.__file__).parent / "migrations"))
    assert tuple(r.revision for r in reversed(list(scripts.walk_revisions()))) == tables.VERSIONS


@pytest.mark.parametrize("version", [None, *tables.VERSIONS])
def test_every_older_version_becomes_the_present_one(location: Location, version: str | None) -> None:
    from alembic import command

    opened = engine.open_engine(location)
    with engine.writing(opened, location) as connection:
        if version:
            config = Alembic(attributes={"connection": connection})
            config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
            command.upgrade(config, version)
    with engine.writing(opened, location) as connection:
        migrate.upgrade(connection)
    with engine.reading(opened, location) as connection:
        assert migrate.is_current(connection)
        assert _differences(connection) == []
    opened.dispose()
    assert _record(location).warnings == []


def _differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"version_table": tables.VERSION_TABLE})
    return list(compare_metadata(context, tables.metadata))


def test_processes_that_make_a_ledger_at_once_all_succeed(location: Location) -> None:
    finished(*(process(WRITER, _url(location), f"w{n}", "1") for n in range(6)))
    assert len(_memory(location).tags) == 7


def test_facts_that_are_very_large_are_not_kept(file: Location) -> None:
    large = index()
    child = large.manifests[0]
    many = type(large)(large.media_type, A, (child,) * 2000)
    with SqlLedger(file) as ledger:
        ledger.record([], {Content(HUB, PATH, A): many})
        assert ledger.known([Content(HUB, PATH, A)]) == {}
        assert ledger.warnings == []


def test_an_import_counts_as_a_whole_or_not_at_all(location: Location) -> None:
    with SqlLedger(location) as ledger:
        ledger.record([seen(A)], {Content(HUB, PATH, A): index()})
        before = ledger.export()
        with pytest.raises(StoreError, match="Line 4 is not"):
            ledger.take_in(before.replace(b"1.27", b"1.28") + b"{}\n", NOW)
        assert ledger.export() == before


def test_an_export_makes_the_same_ledger_elsewhere(location: Location, tmp_path: Path) -> None:
    with SqlLedger(location) as ledger, SqlLedger(Location.parse(str(tmp_path / "other.db"))) as other:
        ledger.record([seen(A, NOW - DAY), seen(B)], {Content(HUB, PATH, A): index()})
        for _ in range(2):
            other.take_in(ledger.export(), NOW)
        assert other.export() == ledger.export()
        assert other.seen_at(A) == ledger.seen_at(A) == folded([seen(A, NOW - DAY), seen(B)])


def test_a_server_that_restarts_between_two_questions_is_asked_again(postgres: Postgres, database: Location) -> None:
    with SqlLedger(database) as ledger:
        ledger.record([seen(A)], {})
        postgres.restart()
        ledger.record([seen(B)], {})
        assert ledger.warnings == []
        assert ledger.memory(HUB, PATH).of("1.27").has_had(B)


def test_a_server_that_falls_silent_is_given_up(postgres: Postgres, database: Location) -> None:
    """What stands between goes on to hold the connection, as a machine that is frozen does, or a firewall."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        silent = threading.Event()
        threading.Thread(target=_relay, args=(door, postgres.port, silent), daemon=True).start()
        place = Location.parse(_url(database).replace(f":{postgres.port}/", f":{door.getsockname()[1]}/"))
        opened = engine.open_engine(place, patience_seconds=0.5)
        started = time.monotonic()
        with pytest.raises(StoreError, match=r"closed the connection.*it has stopped, or gave no answer"):
            _ask_twice(opened, place, silent)
        opened.dispose()
    assert time.monotonic() - started < 5


def _ask_twice(opened: Engine, place: Location, silent: threading.Event) -> None:
    with engine.reading(opened, place) as connection:
        assert connection.scalar(text("SELECT 1")) == 1
        silent.set()
        connection.scalar(text("SELECT 2"))


def test_a_statement_that_takes_for_ever_is_ended_by_the_server(database: Location) -> None:
    opened = engine.open_engine(database)
    with engine.reading(opened, database) as connection:
        assert connection.scalar(text("SHOW statement_timeout")) == "30s"
    opened.dispose()


def _relay(door: socket.socket, port: int, silent: threading.Event) -> None:
    """Pass on the bytes of one connection, until it is to be silent."""
    near, _ = door.accept()
    with near, socket.create_connection(("127.0.0.1", port)) as far:
        while not silent.is_set():
            for ready in select.select([near, far], [], [], 0.05)[0]:
                if not silent.is_set():
                    (far if ready is near else near).sendall(ready.recv(65_536))
        select.select([], [], [], 5)


def test_no_password_is_shown_when_a_server_does_not_answer() -> None:
    place = Location.parse("postgresql://bot:hunter2@127.0.0.1:1/ledger?password=hunter2", Secret("hunter3"))
    ledger = _record(place)
    assert len(ledger.warnings) == 1
    for shown in (*ledger.warnings, str(place), repr(place), repr(ledger)):
        assert "hunter" not in shown


def _execute(location: Location, statement: str) -> None:
    opened = engine.open_engine(location)
    with engine.writing(opened, location) as connection:
        connection.execute(text(statement))
    opened.dispose()

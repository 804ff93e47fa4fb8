"""`pinbot history`, and the ledger that other verbs keep."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests import process
from tests.cli.conftest import Place

NGINX = "library/nginx"


def _ledger(place: Place) -> Path:
    return place.home / ".local/state/pinbot/ledger.db"


def _rebuilt(place: Place) -> tuple[str, str]:
    """Pin nginx, let it be rebuilt, bump it, and return the two digests."""
    place.write("Dockerfile", "FROM nginx:1.27\n")
    assert place.pinbot("pin").code == 0
    old = place.registry.tags[NGINX]["1.27"]
    new = place.registry.push_image(NGINX, ["1.27"], ["linux/amd64", "linux/arm64/v8"], content_seed="again")
    assert place.pinbot("bump").code == 0
    return old, new


def test_pin_and_bump_leave_a_history_of_the_tag_newest_first(place: Place) -> None:
    old, new = _rebuilt(place)
    told = place.pinbot("history", "nginx:1.27", "--format", "json").json
    assert (told["schema"], told["reference"], told["ledger"]) == (
        "pinbot.history/1",
        "nginx:1.27",
        str(_ledger(place)),
    )
    seen = [s for s in told["sightings"] if s["source"] == "seen"]
    assert [s["digest"] for s in seen] == [new, old]
    assert [s["digest"] for s in told["sightings"] if s["source"] == "file"] == [old]
    assert {(s["registry"], s["repository"], s["tag"]) for s in seen} == {("docker.io", NGINX, "1.27")}
    assert all(s["first"] <= s["last"] and s["first"].endswith("Z") for s in seen)
    assert list(place.folder.iterdir()) == [place.folder / "Dockerfile"]


def test_a_person_reads_a_table(place: Place) -> None:
    old, new = _rebuilt(place)
    told = place.pinbot("history", "nginx:1.27").stdout
    assert told.index(new[7:19]) < told.index(old[7:19])
    heads, *rows = told.split("\n\n")[0].splitlines()
    sources = {row[heads.index("SOURCE") :].split()[0] for row in rows}
    assert sources == {"seen", "file"}  # the words of docs/ledger.md
    assert str(_ledger(place)) in told
    assert new in place.pinbot("history", "nginx:1.27", "--verbose").stdout


def test_a_name_without_a_tag_lists_the_tags_in_brief(place: Place) -> None:
    place.write("Dockerfile", "FROM nginx:1.27\nFROM nginx\nFROM redis:7\n")
    place.pinbot("pin")
    lines = place.pinbot("history", "nginx").stdout.splitlines()
    assert [line.split()[0] for line in lines[:3]] == ["TAG", "1.27", "latest"]
    assert "redis" not in "".join(lines)


def test_a_digest_tells_where_it_was(place: Place) -> None:
    _, new = _rebuilt(place)
    for text in (new, f"nginx@{new}", f"nginx:1.27@{new}"):
        told = place.pinbot("history", text, "--format", "json").json
        assert {(s["tag"], s["digest"]) for s in told["sightings"]} == {("1.27", new)}, text


def test_nothing_seen_is_said_with_the_place_that_was_looked_in(place: Place) -> None:
    told = place.pinbot("history", "nginx:1.27")
    assert told.code == 0
    assert told.stdout == f"Nothing has been seen of nginx:1.27 in the ledger {_ledger(place)}.\n"
    assert not _ledger(place).exists()


def test_history_asks_no_registry(place: Place) -> None:
    _rebuilt(place)
    before = len(place.registry.log)
    place.pinbot("history", "nginx:1.27")
    assert len(place.registry.log) == before


def test_a_ledger_moves_by_export_and_import(place: Place) -> None:
    _rebuilt(place)
    exported = place.pinbot("history", "--export").stdout
    assert place.pinbot("history", "--export", "-").stdout == exported
    assert place.pinbot("history", "--export", "out.jsonl").code == 0
    assert place.read("out.jsonl") == exported
    for arguments, stdin in ((("out.jsonl",), ""), (("-",), exported)):
        other = place.home / f"{len(stdin)}.db"
        moved = place.pinbot("history", "--ledger", str(other), "--import", *arguments, stdin=stdin)
        assert moved.code == 0
        assert moved.stderr.startswith(f"Merged into {other}: histories of 1 tags")
        assert place.pinbot("history", "--ledger", str(other), "--export").stdout == exported


def test_an_import_with_a_bad_line_changes_nothing_and_names_the_line(place: Place) -> None:
    place.write("bad.jsonl", '{"schema":"pinbot.ledger/1"}\n{"kind":"sighting"}\n')
    told = place.pinbot("history", "--import", "bad.jsonl")
    assert told.code == 3
    assert "Line 2 is not one of a ledger" in told.stderr
    assert not _ledger(place).exists()


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param((), id="nothing"),
        pytest.param(("nginx", "--import", "x"), id="two things"),
        pytest.param(("NGINX:1",), id="no reference"),
        pytest.param(("sha256:12",), id="no digest"),
        pytest.param(("--import", "nowhere.jsonl"), id="no such file"),
        pytest.param(("--export", "--ledger", "off"), id="an export of no ledger"),
        pytest.param(("nginx", "--ledger", "mysql://db/x"), id="a database of another kind"),
        pytest.param(("nginx", "--ledger", "postgresql://bot:hunter2@db/x"), id="a password for all to see"),
    ],
)
def test_wrong_usage_is_told(place: Place, arguments: tuple[str, ...]) -> None:
    told = place.pinbot("history", *arguments)
    assert told.code == 2
    assert "hunter2" not in told.stderr


def test_the_option_wins_over_the_environment_and_that_over_the_settings(place: Place) -> None:
    place.write("Dockerfile", "FROM nginx:1.27\n")
    settings = place.home / "s.yaml"
    settings.write_text(f"ledger: kept/here.db\n{settings.read_text()}")
    for number, (options, environ, name) in enumerate(
        (
            ((), {}, "home/kept/here.db"),
            ((), {"PINBOT_LEDGER": "by-environment.db"}, "repo/by-environment.db"),
            (("--ledger", "by-option.db"), {"PINBOT_LEDGER": "by-environment-2.db"}, "repo/by-option.db"),
        ),
        1,
    ):
        assert place.pinbot("pin", "--dry-run", *options, **environ).stderr == ""
        assert (place.folder.parent / name).exists()
        assert len(list(place.folder.parent.rglob("*.db"))) == number


@pytest.mark.parametrize("off", ["off", "false", "none"])
def test_a_ledger_can_be_switched_off(place: Place, off: str) -> None:
    place.write("Dockerfile", "FROM nginx:1.27\n")
    assert place.pinbot("pin", "--ledger", off).code == 0
    assert not _ledger(place).exists()


def test_without_a_home_there_is_none_and_that_is_no_error(place: Place) -> None:
    place.write("Dockerfile", "FROM nginx:1.27\n")
    told = place.pinbot("pin", HOME="", XDG_STATE_HOME="relative")
    assert (told.code, told.stderr) == (0, "")
    assert [p.name for p in place.folder.iterdir()] == ["Dockerfile"]
    assert "there is no ledger" in place.pinbot("history", "nginx", HOME="").stdout


def test_a_ledger_that_is_damaged_costs_a_warning_and_nothing_else(place: Place) -> None:
    _ledger(place).parent.mkdir(parents=True)
    _ledger(place).write_text("not a database, for sure\n" * 100)
    place.write("Dockerfile", "FROM nginx:1.27\n")
    told = place.pinbot("pin")
    assert told.code == 0
    assert place.registry.tags[NGINX]["1.27"] in place.read("Dockerfile")
    (warning,) = told.stderr.splitlines()
    assert warning.startswith(f"The ledger {_ledger(place)} cannot be written, so this run goes on without it: ")
    assert place.pinbot("history", "nginx").code == 3


def test_contents_that_are_known_are_not_asked_for_again(place: Place) -> None:
    place.write("Dockerfile", "FROM nginx:1.27\n")
    digest = place.registry.tags[NGINX]["1.27"]
    place.pinbot("pin")
    line = {"digest": digest, "media_type": "application/vnd.oci.image.index.v1+json", "manifests": []}
    exported = place.pinbot("history", "--export").stdout + json.dumps({"kind": "index", "of": digest, "facts": line})
    assert place.pinbot("history", "--import", "-", stdin=exported).code == 0
    before = len(place.registry.log)
    place.pinbot("resolve", "nginx:1.27")
    assert [seen.method for seen in place.registry.log[before:] if "/manifests/" in seen.target] == ["HEAD"]


@pytest.mark.parametrize("arguments", [("--version",), ("scan",), ("check", "--offline"), ("history", "--help")])
def test_what_asks_no_registry_loads_no_database(place: Place, arguments: tuple[str, ...]) -> None:
    place.write("Dockerfile", "FROM nginx:1.27\n")
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "pinbot", *arguments],
        cwd=place.folder,
        env=process.environment(place.home),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "click" in done.stderr
    assert "sqlalchemy" not in done.stderr
    assert not _ledger(place).exists()


def test_the_file_is_a_plain_database_that_others_can_read(place: Place) -> None:
    _rebuilt(place)
    with sqlite3.connect(_ledger(place)) as connection:
        rows = connection.execute("SELECT tag, first FROM pinbot_sightings ORDER BY first").fetchall()
    connection.close()
    assert {tag for tag, _ in rows} == {"1.27"}

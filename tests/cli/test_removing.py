"""`pinbot pin --remove`: what it writes, what it prints, how it exits, and that it asks nobody."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Place

DIGEST = f"sha256:{'0' * 64}"
PINNED = f"FROM nginx:1.27@{DIGEST} AS web\r\nFROM redis@{DIGEST}"
PLAIN = f"FROM nginx:1.27 AS web\r\nFROM redis@{DIGEST}"


def test_takes_the_digest_out_and_asks_nobody(place: Place) -> None:
    place.write("Dockerfile", PINNED)
    done = place.pinbot("pin", "--remove")
    assert (done.code, place.read("Dockerfile"), place.registry.log) == (0, PLAIN, [])
    assert "000000000000 → -" in done.stdout
    assert "2 references in 1 file: 1 unpinned, 1 refused." in done.stdout


def test_is_the_way_back_from_a_pin(place: Place) -> None:
    place.write("Dockerfile", "FROM nginx:1.27\n")
    place.pinbot("pin")
    assert place.read("Dockerfile") != "FROM nginx:1.27\n"
    assert place.pinbot("pin", "--remove", "--exit-code").code == 1
    assert place.read("Dockerfile") == "FROM nginx:1.27\n"
    assert place.pinbot("pin", "--remove", "--exit-code").code == 0


@pytest.mark.parametrize("option", ["--dry-run", "--diff"])
def test_writes_nothing_where_that_is_asked(place: Place, option: str) -> None:
    place.write("Dockerfile", PINNED)
    done = place.pinbot("pin", "--remove", option)
    assert (done.code, place.read("Dockerfile")) == (0, PINNED)
    assert "1 to be unpinned" in done.stdout + done.stderr


def test_tells_the_kind_of_the_change_in_json(place: Place) -> None:
    place.write("Dockerfile", PINNED)
    told = place.pinbot("pin", "--remove", "--format", "json").json
    assert [(c["kind"], c["old"], c["new"]) for c in told["changes"]] == [
        ("remove", f"nginx:1.27@{DIGEST}", "nginx:1.27")
    ]
    assert (told["summary"]["updated"], told["summary"]["refused"]) == (1, 1)


def test_rewrites_standard_input(place: Place) -> None:
    done = place.pinbot("pin", "--remove", "-", "--as", "Dockerfile", stdin=f"FROM redis:7@{DIGEST}\n")
    assert (done.code, done.stdout) == (0, "FROM redis:7\n")

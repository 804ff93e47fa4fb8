"""`pinbot bump` and `pinbot check` on a real registry, whose tags move and whose digests die."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.process import Outcome, pinbot
from tests.real.conftest import Settings
from tests.real.registries import Registries
from tests.real.test_pin import repository


@pytest.fixture
def world(registries: Registries, settings: Settings, tmp_path: Path) -> World:
    """A repository of its own on the open registry, and a folder to pin it in."""
    return World(registries, settings(password=""), tmp_path)


class World:
    """One repository in the registry, and one folder that names it."""

    def __init__(self, registries: Registries, settings: Path, folder: Path) -> None:
        self.registries, self.settings, self.folder = registries, settings, folder
        self.path = registries.new_path()
        self.tag = f"{self.path}:1.4"

    def push(self, content: str, index: bool = True) -> str:
        """Let the tag name something that holds `content`."""
        return self.registries.push(self.tag, content, index)

    def names(self, reference: str) -> None:
        """Let the folder name the reference."""
        self.root = repository(self.folder, reference)

    def run(self, verb: str, *options: str) -> Outcome:
        """Run a verb on the folder."""
        return pinbot(verb, *options, "--format", "json", "--config", self.settings, self.root, home=self.folder)


def test_a_moved_tag_is_refreshed_and_the_second_run_changes_nothing(world: World) -> None:
    old = world.push("old")
    world.names(f"{world.tag}@{old}")
    new = world.push("new")

    first = world.run("bump")
    text = (world.root / "Dockerfile").read_bytes()
    second = world.run("bump")

    assert [(c["kind"], c["new"]) for c in first.json["changes"]] == [("refresh", f"{world.tag}@{new}")]
    assert world.registries.tools.digest(f"{world.registries.open.host}/{world.tag}") == new
    assert (second.code, second.json["changes"], second.json["summary"]["current"]) == (0, [], 1)
    assert (world.root / "Dockerfile").read_bytes() == text


def test_a_tag_that_stayed_is_current(world: World) -> None:
    world.names(f"{world.tag}@{world.push('old')}")
    done = world.run("bump")
    assert (done.code, done.json["changes"], done.json["summary"]["current"]) == (0, [], 1)


def test_a_deleted_digest_is_an_error_of_check_and_is_replaced_by_bump(world: World) -> None:
    old = world.push("old", index=False)
    world.names(f"{world.tag}@{old}")
    new = world.push("new", index=False)
    world.registries.open.delete(world.path, old)

    check, bump, again = world.run("check"), world.run("bump"), world.run("check")

    assert (check.code, [p["rule"] for p in check.json["problems"]]) == (1, ["dead-digest"])
    assert [(c["kind"], c["new"]) for c in bump.json["changes"]] == [("replace", f"{world.tag}@{new}")]
    assert (again.code, again.json["problems"]) == (0, [])


def test_an_outdated_pin_is_a_note_of_check(world: World) -> None:
    world.names(f"{world.tag}@{world.push('old')}")
    world.push("new")
    done = world.run("check")
    assert (done.code, [(p["rule"], p["level"]) for p in done.json["problems"]]) == (0, [("outdated", "note")])


def test_a_pin_of_one_platform_stays_while_the_present_index_holds_it(world: World) -> None:
    index = json.loads(world.registries.tools.raw(f"{world.registries.open.host}/{world.path}@{world.push('same')}"))
    child = index["manifests"][1]["digest"]
    world.names(f"{world.tag}@{child}")

    done, check = world.run("bump"), world.run("check")

    assert (done.code, done.json["changes"]) == (0, [])
    assert (check.code, [p["rule"] for p in check.json["problems"]]) == (0, ["child-digest"])
    assert "linux/arm64" in done.outcome_of(f"{world.tag}@{child}")["reason"]


def test_a_pin_of_one_platform_is_never_silently_made_an_index(world: World) -> None:
    single = world.push("old", index=False)
    world.names(f"{world.tag}@{single}")
    world.push("new", index=True)

    done = world.run("bump")

    assert (done.code, done.json["changes"]) == (0, [])
    kept = done.outcome_of(f"{world.tag}@{single}")
    assert (kept["outcome"], "cannot be proven" in kept["reason"]) == ("refused", True)


def test_a_tag_that_is_gone_leaves_the_pin_and_says_so(world: World) -> None:
    old = world.push("old", index=False)
    world.registries.push(f"{world.path}:other", "other")
    world.names(f"{world.path}:absent@{old}")
    done = world.run("bump")
    assert (done.code, done.json["changes"]) == (3, [])
    assert done.outcome_of(f"{world.path}:absent@{old}")["outcome"] == "lookup-failed"


def test_pinned_only_refreshes_what_is_pinned_and_leaves_the_rest(world: World) -> None:
    old, other = world.push("old"), world.registries.new_path()
    new = world.push("new")
    world.root = repository(world.folder, f"{world.tag}@{old}", f"{other}:1")
    done = world.run("bump", "--pinned-only")
    assert (done.code, done.changes()) == (0, {f"{world.tag}@{old}": f"{world.tag}@{new}"})


def test_dry_run_writes_nothing(world: World) -> None:
    world.push("new")
    world.names(world.tag)
    before = (world.root / "Dockerfile").read_bytes()
    done = world.run("pin", "--dry-run", "--exit-code")
    assert (done.code, done.json["summary"]["updated"]) == (1, 1)
    assert (world.root / "Dockerfile").read_bytes() == before


def test_resolve_says_what_the_registry_answers(world: World) -> None:
    digest = world.push("content", index=True)
    done = pinbot("resolve", "--format", "json", "--config", world.settings, world.tag, home=world.folder)
    (answer,) = done.json
    assert (done.code, answer["canonical"]) == (0, f"docker.io/{world.tag}@{digest}")
    assert (answer["digest"], answer["platforms"]) == (digest, ["linux/amd64", "linux/arm64"])

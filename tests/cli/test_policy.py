"""`pinbot check --explain`, the options that feed the policy, and settings that stand in the repository."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import Place


def _values(place: Place, *arguments: str) -> dict[str, tuple[object, str]]:
    told = place.pinbot("check", "--explain", "Dockerfile:1", "--format", "json", *arguments)
    assert told.code == 0, told.stderr
    document = json.loads(told.stdout)
    assert document["schema"] == "pinbot.policy/1"
    (reference,) = document["references"]
    return {v["key"]: (v["value"], v["source"]) for v in reference["values"] if v["kind"] is None}


def test_a_line_is_explained_without_any_network(place: Place) -> None:
    place.write("Dockerfile", "FROM nginx:1.27\n")
    place.write(".pinbot.yaml", "defaults:\n  level: minor\n")
    told = place.pinbot("check", "--explain", "Dockerfile:1")
    assert told.code == 0
    assert "level         minor  .pinbot.yaml:2 (defaults)" in told.stdout
    assert _values(place)["mode"] == ("bump", "default")


def test_the_name_of_the_repository_is_that_of_its_origin_unless_it_is_given(place: Place) -> None:
    place.write("Dockerfile", "FROM nginx:1.27\n")
    place.write(".pinbot.yaml", "rules: [{match: {repository: acme/*}, set: {level: patch}}]\n")
    place.git("init", "--quiet")
    place.git("add", ".")
    assert _values(place)["level"] == ("digest", "default")
    assert _values(place, "--repository", "acme/x")["level"] == ("patch", ".pinbot.yaml:1 (a rule)")
    place.git("remote", "add", "origin", "git@forge.example:acme/shop.git")
    assert _values(place)["level"] == ("patch", ".pinbot.yaml:1 (a rule)")
    assert _values(place, "--repository", "other/x")["level"] == ("digest", "default")


def test_what_the_repository_leaves_out_does_not_count_and_nothing_comes_back(place: Place) -> None:
    place.write("docs/Dockerfile", "FROM nginx:1.27\n")
    place.write("old/Dockerfile", "FROM nginx:1.27\n")
    place.write("Dockerfile", "FROM nginx:1.27\n")
    place.write(".github/pinbot.yaml", "exclude: [old/, '!docs/Dockerfile']\n")
    told = json.loads(place.pinbot("scan", "--exclude", "docs/", "--format", "json").stdout)
    assert [r["path"] for r in told["references"]] == ["Dockerfile"]


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({".pinbot.yaml": "registries: {}"}, ".pinbot.yaml:1:1: registries belongs"),
        ({".pinbot.yaml": "", ".github/pinbot.yaml": ""}, "the repository has both"),
        ({".pinbot.yaml": "own: ["}, ".pinbot.yaml:"),
    ],
    ids=["hosts", "both", "no YAML"],
)
def test_settings_of_a_repository_that_cannot_be_used_end_the_run(
    place: Place, files: dict[str, str], words: str
) -> None:
    for name, text in files.items():
        place.write(name, text)
    told = place.pinbot("scan")
    assert told.code == 2
    assert words in told.stderr


def test_a_link_out_of_the_repository_is_not_followed(place: Place) -> None:
    outside = place.home / "secret.yaml"
    outside.write_text("hunter2: [")
    (place.folder / ".pinbot.yaml").symlink_to(outside)
    told = place.pinbot("scan")
    assert told.code == 2
    assert "a link that leaves the folder" in told.stderr
    assert "hunter2" not in told.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--cooldown", "3"), "no time with its unit"),
        (("--level", "huge"), "'huge' is not one of"),
        (("--exclude", "!"), "not a pattern as in .gitignore"),
        (("--exclude", "[z-a]"), "not a pattern as in .gitignore"),
    ],
    ids=["a number", "a level", "a glob", "a range of none"],
)
def test_an_option_that_cannot_be_used_is_wrong_usage(place: Place, arguments: tuple[str, ...], words: str) -> None:
    told = place.pinbot("bump", *arguments)
    assert told.code == 2
    assert words in told.stderr


def test_bump_takes_the_options_of_the_policy(place: Place) -> None:
    place.write("Dockerfile", "FROM nginx:1.27\n")
    given = ("--level", "digest", "--cooldown", "3d", "--now", "nginx", "--now", "redis", "--repository", "acme/shop")
    assert place.pinbot("bump", "--dry-run", *given).code == 0


def test_standard_input_has_no_settings_beside_it(place: Place) -> None:
    place.write(".pinbot.yaml", "registries: {}")
    told = place.pinbot("scan", "-", "--as", "Dockerfile", stdin="FROM nginx:1.27\n")
    assert told.code == 0

"""`check` from the command line: what fails a pipeline, what is only noted, and the forms that machines read."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.cli.conftest import Place


def rules(done: Any) -> list[tuple[str, str, int]]:
    return [(p["rule"], p["level"], p["line"]) for p in done.json["problems"]]


def pin(place: Place, *arguments: str) -> None:
    assert place.pinbot("pin", *arguments).code == 0


def children(place: Place, name: str, tag: str) -> list[str]:
    stored = place.registry.manifests[name, place.registry.tags[name][tag]]
    return [child["digest"] for child in json.loads(stored.content)["manifests"]]


def test_a_dead_image_of_a_pinned_index_fails(place: Place) -> None:
    place.write("Dockerfile", "FROM redis:7\n")
    pin(place)
    place.registry.delete("library/redis", children(place, "library/redis", "7")[1])
    done = place.pinbot("check", "--format", "json")
    assert (done.code, rules(done)) == (1, [("dead-digest", "error", 1)])
    [problem] = done.json["problems"]
    assert problem["message"].endswith("1 of the 2 images that count are gone: linux/arm64/v8 (404 twice)")
    assert "the tag itself is broken" in problem["remedy"]


def test_an_image_that_the_line_does_not_use_may_be_gone(place: Place) -> None:
    place.write("Dockerfile", "FROM --platform=linux/amd64 redis:7\n")
    pin(place)
    place.registry.delete("library/redis", children(place, "library/redis", "7")[1])
    assert place.pinbot("check").code == 0


def test_a_healthy_pin_costs_what_the_documentation_says(place: Place) -> None:
    place.write("Dockerfile", "FROM redis:7\n")
    pin(place)
    place.registry.log.clear()
    assert place.pinbot("check").code == 0
    asked = [(seen.method, seen.path.rpartition("/")[2][:7]) for seen in place.registry.log if "manifests" in seen.path]
    assert asked[:1] == [("HEAD", "7")]
    assert sorted(asked[1:]) == [("GET", "sha256:"), ("HEAD", "sha256:"), ("HEAD", "sha256:")]


def test_a_pin_of_one_platform_is_noted(place: Place) -> None:
    child = children(place, "library/redis", "7")[0]
    place.write("Dockerfile", f"FROM redis:7@{child}\n")
    done = place.pinbot("check", "--format", "json")
    assert (done.code, rules(done)) == (0, [("child-digest", "note", 1)])


@pytest.mark.parametrize(
    ("before", "after", "rule", "says"),
    [
        pytest.param("git", "git", "outdated", "rebuilt: same source git", id="rebuilt"),
        pytest.param("git", "evil", "replaced-tag", "the source label changed from git to evil", id="replaced"),
        pytest.param(None, None, "outdated", "unverified", id="nothing to tell by"),
    ],
)
def test_a_full_version_that_moved_is_compared_by_its_labels(
    place: Place, before: str | None, after: str | None, rule: str, says: str
) -> None:
    def push(source: str | None, seed: str) -> None:
        prefix = "org.opencontainers.image."
        labels = {f"{prefix}source": source, f"{prefix}version": "1.2.3"} if source else None
        both = ["linux/amd64", "linux/arm64/v8"]
        place.registry.push_image("acme/app", ["1.2.3"], both, labels=labels, content_seed=seed)

    push(before, "old")
    place.write("Dockerfile", "FROM acme/app:1.2.3\n")
    pin(place)
    push(after, "new")
    done = place.pinbot("check", "--format", "json")
    assert (done.code, rules(done)) == (0, [(rule, "note", 1)])
    assert says in done.json["problems"][0]["message"]


def test_the_digest_of_another_image_fails_as_a_mismatch(place: Place) -> None:
    redis = place.registry.tags["library/redis"]["7"]
    place.write("Dockerfile", f"FROM redis:7@{redis}\nFROM nginx:1.27@{redis}\n")
    done = place.pinbot("check", "--format", "json")
    assert (done.code, rules(done)) == (1, [("dead-digest", "error", 2), ("mismatch", "error", 2)])
    assert "docker.io/library/redis" in done.json["problems"][1]["message"]


def test_latest_is_noted_where_it_is_shipped(place: Place) -> None:
    place.write("Dockerfile", "FROM nginx AS build\nFROM nginx\n")
    pin(place)
    done = place.pinbot("check", "--format", "json")
    assert (done.code, rules(done)) == (0, [("latest", "note", 2)])


def test_a_remark_that_expired_is_noted(place: Place) -> None:
    place.write("Dockerfile", "# pinbot: ignore until=2020-01-01\nFROM redis:7\n")
    done = place.pinbot("check", "--offline", "--format", "json")
    assert (done.code, rules(done)) == (1, [("unpinned", "error", 2), ("expired-ignore", "note", 2)])


@pytest.mark.parametrize("value", ["30", "d", "-1d", "30 d", "1y", "999999d", "٣d"])
def test_a_lag_that_is_no_length_of_time_is_wrong_usage(place: Place, value: str) -> None:
    done = place.pinbot("check", f"--max-lag={value}")
    assert (done.code, done.stdout) == (2, "")
    assert "is no time with its unit" in done.stderr


@pytest.mark.parametrize("value", ["12h", "30d", "2w", "0d", "99999w"])
def test_a_lag_without_a_ledger_that_knows_makes_nothing_stale(place: Place, value: str) -> None:
    place.write("Dockerfile", "FROM redis:7\n")
    pin(place)
    place.registry.push_image("library/redis", ["7"], content_seed="new")
    done = place.pinbot("check", "--max-lag", value, "--format", "json")
    assert (done.code, rules(done)) == (0, [("outdated", "note", 1)])


def test_sarif_says_what_the_table_says(place: Place) -> None:
    place.write("app/Dockerfile", "FROM redis:7\nFROM Bad/Name\n")
    done = place.pinbot("check", "app", "--format", "sarif")
    [run] = json.loads(done.stdout)["runs"]
    places = [result["locations"][0]["physicalLocation"] for result in run["results"]]
    assert done.code == 1
    assert [r["ruleId"] for r in run["results"]] == ["unpinned", "invalid"]
    assert [p["artifactLocation"]["uri"] for p in places] == ["app/Dockerfile"] * 2
    assert places[0]["region"] == {"startLine": 1, "startColumn": 6, "endLine": 1, "endColumn": 13}


@pytest.mark.parametrize(
    ("paths", "uris"),
    [
        pytest.param((), ["deploy/Dockerfile"], id="in a folder of it"),
        pytest.param(("..",), ["Dockerfile", "deploy/Dockerfile"], id="from the top, called by its folder"),
        pytest.param(("../deploy",), ["deploy/Dockerfile"], id="by a detour"),
        pytest.param(("../Dockerfile", "Dockerfile"), ["Dockerfile", "deploy/Dockerfile"], id="files"),
    ],
)
def test_sarif_counts_from_the_top_of_the_checkout(place: Place, paths: tuple[str, ...], uris: list[str]) -> None:
    place.write("Dockerfile", "FROM redis:7\n")
    place.write("deploy/Dockerfile", "FROM redis:7\n")
    place.git("init")
    place.git("add", ".")
    done = replace(place, folder=place.folder / "deploy").pinbot("check", *paths, "--format", "sarif")
    [run] = json.loads(done.stdout)["runs"]
    found = [result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in run["results"]]
    assert sorted(found) == uris


def test_a_lag_cannot_be_judged_without_registries(place: Place) -> None:
    place.write("Dockerfile", "FROM redis:7\n")
    done = place.pinbot("check", "--max-lag", "30d", "--offline")
    assert (done.code, "--max-lag" in done.stderr) == (2, True)


def test_settings_are_not_explained_as_sarif(place: Place) -> None:
    place.write("Dockerfile", "FROM redis:7\n")
    done = place.pinbot("check", "--explain", "Dockerfile:1", "--format", "sarif")
    assert (done.code, done.stdout) == (2, "")


@pytest.mark.parametrize(("mode", "code"), [("fail", 3), ("warn", 0)])
def test_sarif_says_whether_all_was_looked_up(place: Place, mode: str, code: int) -> None:
    place.write("Dockerfile", f"FROM unknown/x:1@sha256:{'0' * 64}\n")
    done = place.pinbot("check", "--format", "sarif", "--incomplete", mode)
    [invocation] = json.loads(done.stdout)["runs"][0]["invocations"]
    assert (done.code, invocation["executionSuccessful"]) == (code, code == 0)
    assert [n["descriptor"]["id"] for n in invocation["toolExecutionNotifications"]] == ["lookup-failed"]


def test_other_verbs_know_no_sarif(place: Place) -> None:
    assert place.pinbot("scan", "--format", "sarif").code == 2

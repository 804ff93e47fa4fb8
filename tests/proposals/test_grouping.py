"""Which changes come in one pull request, and from which branch (semantics "6. Pull requests")."""

from __future__ import annotations

import re
import subprocess
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinbot.planning.outcome import Change
from pinbot.proposals.branches import branch, key, slug
from pinbot.proposals.grouping import WORKFLOWS
from pinbot.proposals.style import Grouping
from tests.core.policies import policy
from tests.proposals.examples import bump, change, dead, groups, keys, pin, refresh

CI = f"{WORKFLOWS}ci.yml"
BETTER_NAME = change("nginx:1@sha256:" + "a" * 64, "nginx:1.27.3@sha256:" + "a" * 64, "replace")
RESCUING_MOVE = Change(**{**{f: getattr(bump("redis", "7", "8"), f) for f in Change.__slots__}, "rescues": True})


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(
            [pin("nginx:1.27"), pin("redis:7", "deploy/compose.yml")],
            {"pin": ["nginx:1.27", "redis:7"]},
            id="first pins are one",
        ),
        pytest.param(
            [refresh("nginx:1.27"), refresh("redis:7"), BETTER_NAME],
            {"refresh": ["nginx:1.27", "redis:7", "nginx:1"]},
            id="refreshes are one, and better names come along",
        ),
        pytest.param(
            [
                bump("redis", "7.1", "7.2"),
                bump("nginx", "1.27.1", "1.27.2", "patch"),
                bump("nginx", "1.26-alpine", "2-alpine", "major"),
            ],
            {"bump-nginx": ["nginx:1.27.1", "nginx:1.26-alpine"], "bump-redis": ["redis:7.1"]},
            id="versions are one for each image",
        ),
        pytest.param(
            [refresh("a:1"), dead("nginx:1.27"), dead("redis:7")],
            {"dead": ["nginx:1.27", "redis:7"], "refresh": ["a:1"]},
            id="dead digests are on their own, and first",
        ),
        pytest.param([RESCUING_MOVE], {"bump-redis": ["redis:7"]}, id="a version that rescues is still a version"),
        pytest.param(
            [pin("nginx:1.27"), pin("node:20", CI), bump("node", "20", "22", path=CI), dead("a:1", CI)],
            {
                "workflows-dead": ["a:1"],
                "pin": ["nginx:1.27"],
                "workflows-pin": ["node:20"],
                "workflows-bump-node": ["node:20"],
            },
            id="workflows are always apart",
        ),
        pytest.param(
            [pin("a:1", ".github/actions/x/action.yml"), pin("b:1", ".github/workflows.yml"), pin("c:1", f"x/{CI}")],
            {"pin": ["a:1", "b:1", "c:1"]},
            id="what needs no permission is no workflow",
        ),
        pytest.param(
            [pin("nginx:1.27", "compose.yml", in_file=CI)], {"workflows-pin": ["nginx:1.27"]}, id="where it is written"
        ),
    ],
)
def test_default_groups(changes: list[Change], expected: dict[str, list[str]]) -> None:
    assert list(keys(groups(*changes)).items()) == list(expected.items())


MANY = [
    pin("nginx:1.27", "web/Dockerfile"),
    refresh("ghcr.io/acme/api:1", "web/compose.yml"),
    bump("redis", "7", "8", path="Dockerfile"),
    dead("python:3", "web/db/Dockerfile"),
    pin("node:20", CI),
]


@pytest.mark.parametrize(
    ("grouping", "expected"),
    [
        pytest.param("all", ["dead", "all", "workflows-all"], id="all"),
        pytest.param("directory", ["dead", "dir", "workflows-dir-.github--workflows", "dir-web"], id="directory"),
        pytest.param(
            "registry",
            ["dead", "registry-docker.io", "workflows-registry-docker.io", "registry-ghcr.io"],
            id="registry",
        ),
    ],
)
def test_groups_by_rule_leave_dead_digests_and_workflows_apart(grouping: Grouping, expected: list[str]) -> None:
    assert list(keys(groups(*MANY, grouping=grouping))) == expected


def test_a_rule_gives_what_it_matches_a_group_of_its_own() -> None:
    rules = policy(
        "rules:\n- {match: {image: nginx}, set: {group: Web Server}}\n- {match: {kind: major}, set: {group: majors}}"
    )
    found = groups(
        refresh("nginx:1"),
        refresh("redis:7"),
        bump("redis", "7", "8", "major", line=2),
        dead("nginx:1", line=2),
        policy=rules,
    )
    assert keys(found) == {
        "dead": ["nginx:1"],
        "refresh": ["redis:7"],
        key("group", "Web Server"): ["nginx:1"],
        "group-majors": ["redis:7"],
    }


def test_readers_of_one_value_stay_together() -> None:
    line = {"in_file": ".env", "at": 40}
    one, other = pin("nginx:1.27", "a/compose.yml", **line), pin("nginx:1.27", "b/compose.yml", **line)  # type: ignore[arg-type] # the keywords of pin
    found = groups(one, pin("redis:7", "b/compose.yml", 9), other, grouping="directory")
    assert keys(found) == {"dir-a": ["nginx:1.27", "nginx:1.27"], "dir-b": ["redis:7"]}


def test_the_order_of_the_changes_makes_no_other_groups() -> None:
    expected = groups(*MANY)
    for order in permutations(MANY):
        assert [g.key() for g in groups(*order)] == [g.key() for g in expected]


def test_thousands_of_readers_of_one_value_take_no_time() -> None:
    found = groups(*(pin("nginx:1.27", f"{n}/compose.yml", in_file=".env", at=40) for n in range(5_000)))
    assert [len(g.changes) for g in found] == [5_000]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        pytest.param("nginx", "nginx", id="a short name"),
        pytest.param("ghcr.io/acme/api", "ghcr.io--acme--api", id="slashes make no folders"),
        pytest.param("python3.12_x-y", "python3.12_x-y", id="what tags are made of stays"),
        pytest.param("localhost:5000/a", "localhost-5000--a-2f1b2c", id="a port is cleaned and told apart"),
        pytest.param("Web Server", "web-server-87a0cd", id="words"),
        pytest.param("a--b", "a--b-8b0cf1", id="dashes that would be a slash"),
        pytest.param("a.lock", "a.lock-5d9cd4", id="git's lock files"),
        pytest.param("a..b", "a.b-4a8bdb", id="two dots"),
        pytest.param("Ärger", "rger-cf2ae4", id="letters that file systems do not agree on"),
        pytest.param("//", "x-7d3b2f", id="nothing is left of it"),
    ],
)
def test_names_are_cleaned_and_stay_different(text: str, name: str) -> None:
    assert re.sub(r"[0-9a-f]{6}$", "######", slug(text)) == re.sub(r"[0-9a-f]{6}$", "######", name)


def test_a_name_depends_on_its_own_group_alone() -> None:
    alone = {g.key() for g in groups(bump("acme/api", "1", "2"))}
    joined = {
        g.key()
        for g in groups(bump("acme/api", "1", "2"), bump("acme--api/x", "1", "2"), refresh("acme/api:1", line=2))
    }
    assert alone <= joined


def test_another_base_has_branches_of_its_own() -> None:
    assert key("pin") == "pin"
    assert key("pin", base="release/1.x").startswith("on-release--1.x-")
    assert key("pin", base="release/1.x").endswith("-pin")
    assert len({key("pin", base=base) for base in ("a/b", "a--b", "A/b", "a b")}) == 4


@given(st.lists(st.text(min_size=1), min_size=2, max_size=6, unique=True))
def test_different_groups_have_different_branches(texts: list[str]) -> None:
    names = [branch("pinbot/", key(word, text)).lower() for text in texts for word in ("bump", "group")]
    assert len(set(names)) == len(names)
    assert all(len(name) <= 100 for name in names)
    assert all(name.count("/") == 1 for name in names)


@given(st.text(min_size=1))
def test_git_takes_every_name(text: str) -> None:
    name = branch("pinbot/", key("bump", text, base=text))
    assert re.fullmatch(r"pinbot/on-[a-z0-9._-]+", name)
    assert ".." not in name
    assert not name.endswith((".", ".lock"))


@pytest.mark.parametrize(
    "text", ["a.lock", "..", "-x", "$(id)", "a@{1}", "x~1^:?*[\\", "\x00", "é", "a" * 500, "\udcff"]
)
def test_git_itself_takes_the_odd_ones(text: str) -> None:
    name = branch("pinbot/", key("bump", text))
    subprocess.run(["git", "check-ref-format", f"refs/heads/{name}"], check=True)

"""A value in a `.env` file: it carries the digest where one reference reads it, and nothing else does."""

from __future__ import annotations

import pytest

from pinbot import wiring
from pinbot.planning.result import Update
from tests.fakes.memory import PIN, digest_of, run_once

FORMATS = wiring.formats()
NODE = digest_of("docker.io", "library/node", "20")


def pinned(files: dict[str, str]) -> tuple[Update, dict[str, str]]:
    """Pin what files hold; return the outcome and what they hold then."""
    done, after = run_once({path: text.encode() for path, text in files.items()}, FORMATS, PIN)
    return done, {path: data.decode() for path, data in after.items()}


def compose(image: str, more: str = "") -> str:
    """Return a compose file with one service."""
    return f"services:\n  a:\n    image: {image}\n{more}"


WRITTEN = [
    pytest.param("NODE=20\n", f"NODE=20@{NODE}\n", "node:${NODE}", id="the tag"),
    pytest.param("IMAGE=node:20\n", f"IMAGE=node:20@{NODE}\n", "${IMAGE}", id="the whole reference"),
    pytest.param("NODE='20' # LTS\r\n", f"NODE='20@{NODE}' # LTS\r\n", "node:$NODE", id="in quotes, with a comment"),
    pytest.param('export NODE="20"\n', f'export NODE="20@{NODE}"\n', "node:${NODE:-18}", id="it wins over a default"),
    pytest.param("NODE=20", f"NODE=20@{NODE}", "${MIRROR:-docker.io}/library/node:${NODE}", id="a mirror in front"),
    pytest.param("NODE=18\nNODE=20\n", f"NODE=18\nNODE=20@{NODE}\n", "node:${NODE}", id="the last line is in force"),
]


@pytest.mark.parametrize(("before", "after", "image"), WRITTEN)
def test_the_line_in_force_carries_the_digest(before: str, after: str, image: str) -> None:
    files = {"app/compose.yaml": compose(image), "app/.env": before}
    done, now = pinned(files)
    assert now == files | {"app/.env": after}
    assert [(c.finding.path, c.finding.text) for c in done.changes] == [("app/compose.yaml", image)]


KEPT = [
    pytest.param({"compose.yaml": compose("node:${NODE}", "  b: {image: 'node:${NODE}'}\n")}, id="two services"),
    pytest.param({"compose.yaml": compose("node:${NODE}", "    labels: {node: $NODE}\n")}, id="a label"),
    pytest.param({"compose.yaml": compose("node:${NODE}", "    env_file: .env\n")}, id="a container that gets it all"),
    pytest.param({"compose.yaml": compose("node:${NODE}", "    env_file: [{path: ./.env}]\n")}, id="so in a list"),
    pytest.param({"compose.yaml": compose("node:${NODE}"), "compose.dev.yaml": compose("node:$NODE")}, id="two files"),
    pytest.param({".env": "NODE=20\nTAG=v$NODE\n", "compose.yaml": compose("node:${NODE}")}, id="another line"),
]


@pytest.mark.parametrize("files", KEPT)
def test_a_value_that_something_else_reads_is_refused(files: dict[str, str]) -> None:
    files = {".env": "NODE=20\n"} | files
    done, now = pinned(files)
    assert now == files
    assert {k.outcome for k in done.kept} == {"refused"}
    assert all("read in 2 places" in k.reason for k in done.kept)


def test_a_value_of_several_parts_is_refused() -> None:
    files = {".env": "MAJOR=20\nNODE=$MAJOR\n", "compose.yaml": compose("node:${NODE}")}
    done, now = pinned(files)
    assert now == files
    assert [k.reason for k in done.kept] == ["NODE is put together in .env, line 2; write it plainly"]


def test_nothing_reads_an_env_file_that_no_compose_file_uses() -> None:
    done, _ = pinned({".env": "NODE_IMAGE=node:20\n"})
    assert not done.survey.findings

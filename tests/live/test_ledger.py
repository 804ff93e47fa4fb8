"""A ledger in a repository: what runs that keep no disk share."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest

from tests.live.world import Held, World

LEDGER = "refs/pinbot/ledger"


@pytest.fixture
def home(world: World) -> Held:
    """The repository of the ledger; runs have no other one."""
    world.environ["PINBOT_LEDGER"] = ""
    made = world.add("home", {"README": b"Where pinbot remembers\n"})
    host = world.site.origin.removeprefix("http://")
    world.more += f"ledger:\n  repository: {host}/{world.owner}/home\n"
    return made


def text(home: Held) -> str:
    """Return what the ledger holds."""
    return home.git.show(LEDGER, "ledger.jsonl").decode()


def let_it_be_older(home: Held, days: int) -> None:
    """Let all that the ledger holds have been seen so many days earlier."""
    lines = [json.loads(line) for line in text(home).splitlines()]
    for line in lines:
        for key in {"first", "last"} & set(line):
            line[key] = f"{datetime.fromisoformat(line[key]) - timedelta(days=days):%Y-%m-%dT%H:%M:%S.%fZ}"
    data = "".join(f"{json.dumps(line)}\n" for line in lines).encode()
    blob = home.git.git("hash-object", "-w", "--stdin", stdin=data).decode().strip()
    tree = home.git.git("mktree", stdin=f"100644 blob {blob}\tledger.jsonl\n".encode()).decode().strip()
    home.git.git("update-ref", LEDGER, home.git.git("commit-tree", tree).decode().strip())


def test_runs_that_keep_nothing_share_it(world: World, home: Held) -> None:
    first = world.image("nginx", "1.27", "a")
    world.add("api", {"Dockerfile": world.dockerfile("nginx:1.27")})
    assert world.sweep().outcome.code == 0
    assert first in text(home)
    world.forget()
    newer = world.image("nginx", "1.27", "b")
    run = world.sweep()
    assert run.outcome.code == 0, run.outcome.stderr
    assert first in text(home)
    assert newer in text(home)
    assert home.git.git("rev-list", "--count", LEDGER).strip() == b"1"


def test_the_cooldown_counts_from_what_an_earlier_run_saw(world: World, home: Held) -> None:
    world.more = world.more.replace("cooldown: 0", "cooldown: 2d")
    digest = world.image("nginx", "1.27", "a")
    world.add("api", {"Dockerfile": f"FROM {world.owner}/nginx:1.27@{digest}\n".encode()})
    world.sweep()
    newer = world.image("nginx", "1.27", "b")
    assert world.sweep().does["api"] == []
    world.forget()
    let_it_be_older(home, days=3)
    assert world.sweep().does["api"] == ["open pinbot/refresh"]
    assert newer in world.held["api"].text("pinbot/refresh")


def test_a_dry_run_writes_none(world: World, home: Held) -> None:
    world.image("nginx", "1.27", "a")
    world.add("api", {"Dockerfile": world.dockerfile("nginx:1.27")})
    world.sweep("--dry-run")
    assert home.git.git("for-each-ref", LEDGER) == b""


def test_two_runs_at_once_merge_what_they_saw(world: World, home: Held) -> None:
    digests = [world.image("nginx", "1.27", "a"), world.image("redis", "7", "a")]
    for name, image, seconds in (("api", "nginx:1.27", 1), ("web", "redis:7", 3)):
        held = world.add(name, {"Dockerfile": world.dockerfile(image)})
        held.git.hook("pre-receive", f"sleep {seconds}")
    host = world.site.origin.removeprefix("http://")
    running = [world.start("--repo", f"{host}/{world.owner}/{name}", name=name) for name in ("api", "web")]
    assert [process.wait() for process in running] == [0, 0]
    assert [digest in text(home) for digest in digests] == [True, True]


def test_a_ledger_that_cannot_be_written_is_said_and_stops_nothing(world: World, home: Held) -> None:
    world.image("nginx", "1.27", "a")
    world.add("api", {"Dockerfile": world.dockerfile("nginx:1.27")})
    home.git.hook("pre-receive", "echo no >&2; exit 1")
    run = world.sweep()
    assert run.does["api"] == ["open pinbot/pin"]
    assert "cannot be written" in run.outcome.stderr

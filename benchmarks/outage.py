"""A thousand references over twenty registries, five of them broken in different ways, beside a run without those.

The servers are the tests' own, in this process; what counts is when the healthy ones had answered everything, and when
the run was over.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.fakes import faults
from tests.fakes.registry import FakeRegistry
from tests.fakes.server import Fault

REGISTRIES, REFERENCES = 20, 1000
BROKEN: dict[str, Fault] = {
    "silence": faults.silence(60),
    "503 for ever": faults.status(503),
    "429 for an hour": faults.status(429, Retry_After="3600"),
    "a byte at a time": faults.drip(0.2),
}
# What the healthy ones may take, in terms of a run without the broken ones; and how much later that run may end.
MOST_SHARE = 1.3
CONNECT_SECONDS = 10.0


@dataclass(frozen=True)
class Outage:
    """Seconds until the healthy registries had answered, and until the run was over; outcomes of the broken ones."""

    healthy: float
    whole: float
    statuses: dict[str, set[str]]
    answered: int


@contextmanager
def registries(broken: Sequence[Fault], healthy: int, tags: int) -> Iterator[tuple[list[FakeRegistry], list[str]]]:
    """Start healthy registries with so many tags each, and broken ones; give the healthy ones, and the broken hosts.

    One more broken host is a port where nobody listens.
    """
    with ExitStack() as stack, socket.socket() as closed:
        good = [stack.enter_context(FakeRegistry()) for _ in range(healthy)]
        bad = [stack.enter_context(FakeRegistry()) for _ in broken]
        for number, registry in enumerate(good):
            for tag in range(tags):
                registry.push_image("team/app", [f"1.{tag}"], content_seed=f"{number} {tag}")
        for registry, fault in zip(bad, broken, strict=True):
            registry.faults.append(fault)
        closed.bind(("127.0.0.1", 0))
        yield good, [*(registry.host for registry in bad), f"127.0.0.1:{closed.getsockname()[1]}"]


def names(hosts: Sequence[str], tags: int) -> list[str]:
    """Return a reference for each tag of each host, the hosts in turn."""
    return [f"{host}/team/app:1.{tag}" for tag in range(tags) for host in hosts]


def run(pinbot: Sequence[str], folder: Path, references: Sequence[str], good: Sequence[FakeRegistry]) -> Outage:
    """Pin all references in a process of its own (exit code 0 or 3), writing nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "Dockerfile").write_text("".join(f"FROM {name}\n" for name in references))
    for registry in good:
        registry.log.clear()
    last = [0.0]

    def noted(_seen: object, reply: object) -> object:
        last[0] = time.perf_counter()
        return reply

    for registry in good:
        registry.faults[:] = [noted]  # type: ignore[list-item]  # it looks at neither and bends nothing
    command = [*pinbot, "pin", "--dry-run", "--format", "json", str(folder)]
    started = time.perf_counter()
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C.UTF-8"}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, check=False, stdin=subprocess.DEVNULL)
    whole = time.perf_counter() - started
    if done.returncode not in {0, 3}:
        raise SystemExit(f"pinbot: exit code {done.returncode}\n{done.stderr.decode()}")
    said = json.loads(done.stdout)
    statuses: dict[str, set[str]] = {}
    for outcome in said["outcomes"]:
        statuses.setdefault(outcome["text"].partition("/")[0], set()).add(outcome["status"])
    return Outage(last[0] - started, whole, statuses, len(said["changes"]))

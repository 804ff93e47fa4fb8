"""Starts `pinbot` again and again without the second that its imports take: each run is a fork of one warm process.

It is run as a script: a line of JSON on standard input is a run, and its process id and its status are the answer.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any, NoReturn, Self

_WARM = (
    *("git", "sqlalchemy.dialects.sqlite", "pinbot.cli.main", "pinbot.cli.sweep", "pinbot.wiring.forges"),
    *("pinbot.wiring.sweeping", "pinbot.forge.github", "pinbot.forge.gitea", "pinbot.forge.git", "pinbot.forge.local"),
    *("pinbot.registry.resolver", "pinbot.store.ledger", "pinbot.store.database", "pinbot.sweep.whole"),
    *("pinbot.report", "pinbot.report.sweep_as_json", "pinbot.report.sweep_as_table", "pinbot.config.forges"),
)


@dataclass(frozen=True)
class Ended:
    """How a process ended: its code (-9: killed), its peak memory in MiB, and its processor's time with that of git."""

    code: int
    memory_mib: float
    cpu_seconds: float


class Starter:
    """The warm process. Runs go one after the other."""

    def __init__(self) -> None:
        self._warm = subprocess.Popen(
            [sys.executable, "-m", "tests.live.starter"],
            cwd=Path(__file__).parents[2], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self._warm.stdin
        assert self._warm.stdout
        self._says, self._hears = self._warm.stdout, self._warm.stdin
        self._mutex = threading.Lock()

    def run(self, arguments: Sequence[str], folder: Path, env: Mapping[str, str], started: Any) -> Ended:
        """Run `pinbot` in a folder, its output in the files `out` and `err` there; `started` is told its process id."""
        with self._mutex:
            order = {"arguments": list(arguments), "folder": str(folder), "env": dict(env)}
            self._hears.write(f"{json.dumps(order)}\n")
            self._hears.flush()
            started(int(self._says.readline()))
            return Ended(*json.loads(self._says.readline()))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._hears.close()
        self._warm.wait()
        self._says.close()


def wait(pid: int) -> Ended:
    """Wait until a process of ours ends."""
    _, status, usage = os.wait4(pid, 0)
    return Ended(os.waitstatus_to_exitcode(status), usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime)


def _serve() -> None:
    for name in _WARM:
        importlib.import_module(name)
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _be(order)
        _say(pid)
        _say(astuple(wait(pid)))


def _say(what: object) -> None:
    sys.stdout.write(f"{json.dumps(what)}\n")
    sys.stdout.flush()


def _be(order: Mapping[str, Any]) -> NoReturn:
    """Be pinbot, from here on."""
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["env"])
    for number, (name, flags) in enumerate(
        [("/dev/null", os.O_RDONLY), *((n, os.O_WRONLY | os.O_CREAT | os.O_TRUNC) for n in ("out", "err"))]
    ):
        descriptor = os.open(name, flags, 0o600)
        os.dup2(descriptor, number)
        os.close(descriptor)
    sys.argv = ["pinbot", *order["arguments"]]
    from pinbot.cli.main import entry

    code = 1
    try:
        entry()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    raise AssertionError


if __name__ == "__main__":
    _serve()

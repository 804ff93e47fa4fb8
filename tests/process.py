"""Runs pinbot the way a user does: as a process of its own, with an environment that holds nothing by chance."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_LIMIT_SECONDS = 120


@dataclass(frozen=True)
class Outcome:
    """What a call left behind."""

    code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        """Standard output as JSON."""
        assert self.stdout, f"exit code {self.code}, nothing on standard output; standard error: {self.stderr}"
        return json.loads(self.stdout)

    def changes(self) -> dict[str, str]:
        """Return old → new of every change."""
        return {change["old"]: change["new"] for change in self.json["changes"]}

    def outcome_of(self, text: str) -> Any:
        """Return the one outcome of a reference that did not change."""
        (outcome,) = (o for o in self.json["outcomes"] if o["text"] == text)
        return outcome


def environment(home: Path, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return an environment with `home` as home, in which no proxy, credential or colour setting is left."""
    return {"PATH": os.environ["PATH"], "HOME": str(home), "LC_ALL": "C.UTF-8", **(extra or {})}


def pinbot(
    *arguments: str | Path,
    home: Path,
    env: Mapping[str, str] | None = None,
    stdin: str = "",
    cwd: Path | None = None,
) -> Outcome:
    """Run `pinbot` with these arguments, in `home` unless `cwd` says otherwise; it must not end in a traceback.

    Line ends are what they are, in and out.
    """
    done = subprocess.run(
        [sys.executable, "-m", "pinbot", *map(str, arguments)],
        cwd=cwd or home,
        env=environment(home, env),
        input=stdin.encode(),
        capture_output=True,
        timeout=_LIMIT_SECONDS,
        check=False,
    )
    outcome = Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())
    assert "Traceback" not in outcome.stderr, outcome.stderr
    assert done.returncode in {0, 1, 2, 3}, f"exit code {done.returncode}: {outcome.stderr}"
    return outcome

"""npm's `emulate` as a stateful GitHub: installed from its lock file, started on a loopback port.

The version is pinned: the newest one of that name is another package.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent / "emulate"
_CACHE = Path(__file__).parents[2] / ".cache"
TOKEN = "tok_bot"
_SEED = """\
tokens:
  tok_bot: {login: bot, scopes: [repo, user, "admin:org", workflow]}
github:
  users:
    - {login: bot, name: Bot, email: bot@example.org}
    - {login: ann, name: Ann, email: ann@example.org}
  orgs:
    - {login: acme, name: Acme, members: [{login: bot, role: admin}, {login: ann, role: member}]}
  repos:
    - {owner: acme, name: api, auto_init: true}
"""
_LEAST_NODE = 20
_INSTALLING_SECONDS, _STARTING_SECONDS = 180.0, 20.0


class Missing(Exception):
    """What the emulation needs and is not there; the text says so."""


@dataclass(frozen=True)
class Emulation:
    """A running emulation."""

    url: str

    def call(self, verb: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Ask it something, as a test does to prepare and to look."""
        request = urllib.request.Request(
            f"{self.url}{path}",
            json.dumps(body).encode() if body is not None else None,
            {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"},
            method=verb,
        )
        with urllib.request.urlopen(request) as answer:
            return json.loads(answer.read())


@contextmanager
def running(folder: Path) -> Iterator[Emulation]:
    """Start it. Raises Missing where node is missing, or its packages cannot be had."""
    program = _installed() / "node_modules/emulate/dist/index.js"
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    (folder / "seed.yaml").write_text(_SEED)
    command = ["node", "--require", str(HERE / "loopback.cjs"), str(program), "start", "--service", "github"]
    command += ["--port", str(port), "--base-url", url, "--seed", str(folder / "seed.yaml")]
    with (folder / "emulate.log").open("w") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder)
        try:
            _wait_for(url, process, folder / "emulate.log")
            yield Emulation(url)
        finally:
            process.terminate()
            process.wait()


def _installed() -> Path:
    """Return the folder with its packages, which later runs find again."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise Missing("node and npm are not installed")
    version = subprocess.run(["node", "--version"], capture_output=True, check=True).stdout.decode()
    if int(version.lstrip("v").partition(".")[0]) < _LEAST_NODE:
        raise Missing(f"node {version.strip()} is older than {_LEAST_NODE}")
    lock = (HERE / "package-lock.json").read_bytes()
    folder = _CACHE / f"emulate-{hashlib.sha256(lock).hexdigest()[:16]}"
    if not (folder / "complete").exists():
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, folder)
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_INSTALLING_SECONDS,
            check=False,
            env=dict(os.environ),
        )
        if done.returncode:
            raise Missing(f"npm ci: {done.stderr.decode(errors='replace')[-300:]}")
        (folder / "complete").touch()
    return folder


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    give_up = time.monotonic() + _STARTING_SECONDS
    while time.monotonic() < give_up and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/repos/acme/api"):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"emulate did not start: {log.read_text()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

"""Debian's docker-registry on loopback ports: open, behind htpasswd, and behind a token server.

All three serve one storage folder, so that what is pushed to the open one is served by each.
"""

from __future__ import annotations

import json
import re
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.real.programs import Tools
from tests.real.token_server import ISSUER, SERVICE, TokenServer

USER, PASSWORD = "bot", "s3cret"

_LOGGED = re.compile(r'"(?P<method>[A-Z]+) (?P<path>\S+) HTTP/1\.1" (?P<status>\d+) \d+ "[^"]*" "(?P<agent>[^"]*)"')
_STARTING_SECONDS = 10.0


@dataclass(frozen=True)
class Request:
    """One line of a registry's access log."""

    method: str
    path: str
    status: int
    agent: str


@dataclass(frozen=True)
class Registry:
    """One running docker-registry; `host` is `127.0.0.1:port`."""

    host: str
    storage: Path
    log: Path

    @property
    def url(self) -> str:
        """The endpoint, for settings."""
        return f"http://{self.host}"

    def requests(self) -> list[Request]:
        """Return every request so far, oldest first."""
        time.sleep(0.1)  # the log is written behind the answer
        found = map(_LOGGED.search, self.log.read_text().splitlines())
        return [Request(m["method"], m["path"], int(m["status"]), m["agent"]) for m in found if m]

    @contextmanager
    def watched(self) -> Iterator[list[Request]]:
        """Give a list that holds, after the block, the requests made within it."""
        before, within = len(self.requests()), list[Request]()
        yield within
        within += self.requests()[before:]

    def delete(self, path: str, digest: str) -> None:
        """Delete a manifest, and with it the tags that name it, as the registry's own API does."""
        request = urllib.request.Request(f"{self.url}/v2/{path}/manifests/{digest}", method="DELETE")
        with urllib.request.urlopen(request):
            pass


@dataclass(frozen=True)
class Registries:
    """The three registries, and the tools that fill them (through the open one)."""

    open: Registry
    htpasswd: Registry
    bearer: Registry
    tokens: TokenServer
    tools: Tools
    names: Iterator[int] = field(default_factory=lambda: iter(range(10**6)))

    def new_path(self) -> str:
        """Return a repository that no other test uses."""
        return f"team/app-{next(self.names)}"

    def push(self, path: str, content: str = "content", index: bool = False) -> str:
        """Push `path:tag` and return its digest."""
        push = self.tools.push_index if index else self.tools.push_image
        return push(f"{self.open.host}/{path}", content)


def start(folder: Path, stack: ExitStack) -> Registries:
    """Start the three registries; `stack` ends them."""
    tools = Tools(folder)
    (folder / "htpasswd").write_bytes(tools.run("htpasswd", "-Bbn", USER, PASSWORD))
    tokens = stack.enter_context(TokenServer(USER, PASSWORD, folder / "tokens.pem"))
    token = {"realm": tokens.realm, "service": SERVICE, "issuer": ISSUER, "rootcertbundle": str(tokens.certificate)}
    basic = {"realm": "tests", "path": str(folder / "htpasswd")}
    return Registries(
        open=stack.enter_context(running_registry(folder, "open", {})),
        htpasswd=stack.enter_context(running_registry(folder, "htpasswd", {"auth": {"htpasswd": basic}})),
        bearer=stack.enter_context(running_registry(folder, "bearer", {"auth": {"token": token}})),
        tokens=tokens,
        tools=tools,
    )


@contextmanager
def running_open(folder: Path) -> Iterator[Registry]:
    """Start an open registry alone (the benchmarks do)."""
    with running_registry(folder, "open", {}) as registry:
        yield registry


@contextmanager
def running_registry(folder: Path, name: str, more: Mapping[str, Any]) -> Iterator[Registry]:
    """Start a registry whose files are in `folder`, with more settings than the usual ones, and end it."""
    storage, log, host = folder / "storage", folder / f"{name}.log", f"127.0.0.1:{free_port()}"
    settings = {
        "version": "0.1",
        "log": {"level": "error", "accesslog": {"disabled": False}},
        "storage": {"filesystem": {"rootdirectory": str(storage)}, "delete": {"enabled": True}},
        "http": {"addr": host},
        **more,
    }
    (folder / f"{name}.yml").write_text(json.dumps(settings))
    with log.open("w") as out, (folder / f"{name}.err").open("w") as err:
        command = ["docker-registry", "serve", str(folder / f"{name}.yml")]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        try:
            _wait_for(host, process, folder / f"{name}.err")
            yield Registry(host, storage, log)
        finally:
            process.terminate()
            process.wait()


def _wait_for(host: str, process: subprocess.Popen[bytes], errors: Path) -> None:
    give_up = time.monotonic() + _STARTING_SECONDS
    while time.monotonic() < give_up and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://{host}/v2/"):
                return
        except urllib.error.HTTPError:
            return  # a challenge: it is there
        except OSError:
            time.sleep(0.02)
    raise RuntimeError(f"docker-registry did not start: {errors.read_text()}")


def free_port() -> int:
    """Return a loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

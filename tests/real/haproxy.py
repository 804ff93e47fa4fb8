"""haproxy in front of a registry: what a repository's first name says, haproxy does to requests for it.

http://docs.haproxy.org/2.6/configuration.html#4.2-http-request. How often a path was asked for is counted by haproxy's
own table, so that the first two of its requests can fare worse than the third.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.real.registries import Request

PACKAGE = "haproxy"

_SETTINGS = """
global
  maxconn 100
  log stdout format raw local0 info
defaults
  mode http
  log global
  log-format '"%HM %HU HTTP/1.1" %ST %B "-" "haproxy"'
  timeout connect 1s
  timeout client 20s
  timeout server 20s
frontend registry
  bind 127.0.0.1:{port}
  stick-table type string len 200 size 10k expire 60s store http_req_cnt
  http-request track-sc0 path
  acl early sc0_http_req_cnt le 2
  http-request return status 429 hdr Retry-After 1 if {{ path_beg /v2/limited/ }} early
  http-request return status 429 hdr Retry-After 3600 if {{ path_beg /v2/hour/ }}
  http-request return status 429 content-type application/json string '{pulls}' if {{ path_beg /v2/pulled/ }} {{ method GET }}
  http-request return status 503 if {{ path_beg /v2/shaky/ }} early
  http-request return status 503 if {{ path_beg /v2/down/ }}
  http-request silent-drop if {{ path_beg /v2/dropped/ }}
  http-request reject if {{ path_beg /v2/torn/ }} early
  http-request reject if {{ path_beg /v2/cut/ }}
  default_backend docker_registry
backend docker_registry
  server one {backend}
"""  # noqa: E501 (haproxy reads a rule from one line)
_PULLS = r'{"errors":[{"code":"TOOMANYREQUESTS","message":"You have reached your pull rate limit."}]}'
_LOGGED = re.compile(r'"(?P<method>[A-Z]+) (?P<path>\S+) HTTP/1\.1" (?P<status>-?\d+) \d+ "[^"]*" "(?P<agent>[^"]*)"')
_STARTING_SECONDS = 10.0


def program() -> str | None:
    """Return where haproxy is, None where it is not installed."""
    return shutil.which("haproxy", path=f"{os.environ['PATH']}:/usr/sbin")


@dataclass(frozen=True)
class Front:
    """A running haproxy."""

    host: str
    log: Path

    @property
    def url(self) -> str:
        """The endpoint, for settings."""
        return f"http://{self.host}"

    def requests(self, path: str) -> list[Request]:
        """Return the requests for manifests of a repository so far, oldest first; -1 is no answer."""
        time.sleep(0.2)  # the log is written behind the answer
        found = map(_LOGGED.search, self.log.read_text().splitlines())
        part = f"/v2/{path}/manifests/"
        return [Request(m["method"], m["path"], int(m["status"]), m["agent"]) for m in found if m and part in m["path"]]


@contextmanager
def running(folder: Path, backend: str) -> Iterator[Front]:
    """Start haproxy in front of `backend` (`host:port`); every block has a table of its own."""
    found = program()
    assert found is not None
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings, log = folder / "haproxy.cfg", folder / "haproxy.log"
    settings.write_text(_SETTINGS.format(port=port, backend=backend, pulls=_PULLS))
    with log.open("w") as out:
        process = subprocess.Popen(
            [found, "-db", "-f", str(settings)], stdin=subprocess.DEVNULL, stdout=out, stderr=out
        )
        try:
            _wait_for(port, process, log)
            yield Front(f"127.0.0.1:{port}", log)
        finally:
            process.terminate()
            process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    give_up = time.monotonic() + _STARTING_SECONDS
    while time.monotonic() < give_up and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError(f"haproxy did not start: {log.read_text()}")

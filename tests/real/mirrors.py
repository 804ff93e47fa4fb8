"""Mirrors as companies run them: nginx with TLS by a private authority, before docker-registry, under a path prefix.

`cache` is docker-registry's own pull-through mode (https://distribution.github.io/distribution/recipes/mirror/),
`replica` a registry with a storage of its own, into which somebody copies. Every request is in a log of nginx's.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import trustme

from tests.real.registries import Registry, free_port, running_registry

USER, PASSWORD = "mirror-bot", "s3cret-of-the-mirror"
PACKAGES = {"nginx": "nginx"}
_PATH = f"{os.environ['PATH']}:/usr/sbin:/sbin"
_STARTING_SECONDS = 10.0
_LOGGED = re.compile(r'(?P<port>\d+) "(?P<method>[A-Z]+) (?P<path>\S+) HTTP/1\.1" (?P<status>\d+) "(?P<login>[^"]*)"')


def missing_packages() -> list[str]:
    """Return the Debian packages that are not installed here."""
    return [package for program, package in PACKAGES.items() if shutil.which(program, path=_PATH) is None]


@dataclass(frozen=True)
class Request:
    """One line of nginx's log; `login` is the Authorization header that came with it."""

    port: int
    method: str
    path: str
    status: int
    login: str


@dataclass(frozen=True)
class MirrorServer:
    """The running mirrors: below `/v2/cache/` and `/v2/replica/` of `port` and of `mutual_port`, with a password.

    `mutual_port` asks for a client certificate as well. In `folder` are `ca.pem`, `me.pem` and `me.key`.
    """

    port: int
    mutual_port: int
    folder: Path
    replica: Registry

    @property
    def host(self) -> str:
        """The mirror's name."""
        return f"localhost:{self.port}"

    @property
    def mutual_host(self) -> str:
        """The name under which it wants a client certificate."""
        return f"localhost:{self.mutual_port}"

    def requests(self) -> list[Request]:
        """Return every request so far, oldest first."""
        time.sleep(0.1)  # the log is written behind the answer
        found = map(_LOGGED.search, (self.folder / "access.log").read_text().splitlines())
        return [Request(int(m["port"]), m["method"], m["path"], int(m["status"]), m["login"]) for m in found if m]

    @contextmanager
    def watched(self) -> Iterator[list[Request]]:
        """Give a list that holds, after the block, the requests made within it."""
        before, within = len(self.requests()), list[Request]()
        yield within
        within += self.requests()[before:]


_CONFIG = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
  log_format all '$server_port "$request" $status "$http_authorization"';
  access_log {folder}/access.log all;
  client_body_temp_path {folder}/body; fastcgi_temp_path {folder}/fastcgi; proxy_temp_path {folder}/proxy;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  ssl_certificate {folder}/server.pem; ssl_certificate_key {folder}/server.key;
  auth_basic "mirror"; auth_basic_user_file {folder}/mirror-users;
  proxy_set_header Authorization ""; proxy_set_header Host $http_host;
  server {{
    listen 127.0.0.1:{port} ssl;
    location = /v2/ {{ proxy_pass http://{replica}/v2/; }}
    location /v2/cache/ {{ proxy_pass http://{cache}/v2/; }}
    location /v2/replica/ {{ proxy_pass http://{replica}/v2/; }}
  }}
  server {{
    listen 127.0.0.1:{mutual_port} ssl;
    ssl_client_certificate {folder}/ca.pem; ssl_verify_client on;
    location = /v2/ {{ proxy_pass http://{replica}/v2/; }}
    location /v2/cache/ {{ proxy_pass http://{cache}/v2/; }}
    location /v2/replica/ {{ proxy_pass http://{replica}/v2/; }}
  }}
}}
"""


@contextmanager
def running(folder: Path, upstream: Registry) -> Iterator[MirrorServer]:
    """Start the mirrors of a registry in a folder, and end them."""
    who = ["htpasswd", "-bc", "-B", "-C", "4", str(folder / "mirror-users"), USER, PASSWORD]
    subprocess.run(who, check=True, capture_output=True)
    _write_certificates(folder)
    with ExitStack() as stack:
        (folder / "cached").mkdir()
        (folder / "copied").mkdir()
        through = {"proxy": {"remoteurl": upstream.url}}
        cache = stack.enter_context(running_registry(folder / "cached", "cache", through))
        replica = stack.enter_context(running_registry(folder / "copied", "replica", {}))
        port, mutual_port = free_port(), free_port()
        config = _CONFIG.format(
            folder=folder, port=port, mutual_port=mutual_port, cache=cache.host, replica=replica.host
        )
        (folder / "nginx.conf").write_text(("user root;" if os.getuid() == 0 else "") + config)
        stack.enter_context(_nginx(folder, port))
        yield MirrorServer(port, mutual_port, folder, replica)


def _write_certificates(folder: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    for name, identities in (("server", ("localhost", "mirror.corp")), ("me", ("pinbot@client.example",))):
        issued = authority.issue_cert(*identities)
        issued.private_key_pem.write_to_path(str(folder / f"{name}.key"))
        issued.cert_chain_pems[0].write_to_path(str(folder / f"{name}.pem"))


@contextmanager
def _nginx(folder: Path, port: int) -> Iterator[None]:
    command = ["nginx", "-e", str(folder / "error.log"), "-p", str(folder), "-c", str(folder / "nginx.conf")]
    with (folder / "nginx.out").open("w") as out:
        process = subprocess.Popen(command, env={"PATH": _PATH}, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        try:
            _wait_for(port, process, folder)
            yield
        finally:
            process.terminate()
            process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes], folder: Path) -> None:
    give_up = time.monotonic() + _STARTING_SECONDS
    while time.monotonic() < give_up and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/v2/"):
                return
        except urllib.error.HTTPError:
            return  # plain http at a port of TLS: it is there
        except OSError:
            time.sleep(0.02)
    raise RuntimeError(f"nginx did not start: {(folder / 'nginx.out').read_text()}")

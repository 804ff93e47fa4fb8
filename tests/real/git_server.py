"""git over smart HTTP on a loopback port: nginx with passwords, fcgiwrap, git's own http-backend, bare repositories.

https://git-scm.com/docs/git-http-backend. Every request is in the log; every repository is a folder.
"""

from __future__ import annotations

import base64
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import trustme

from pinbot.git_process.remote import Remote
from pinbot.secret import Secret
from tests.fakes.server import Seen, Watched, watch

USER, PASSWORD = "bot", "s3cret-of-git"
PACKAGES = {"nginx": "nginx", "fcgiwrap": "fcgiwrap", "htpasswd": "apache2-utils"}
_STARTING_SECONDS = 10.0
_LOGGED = re.compile(r'"(?P<method>[A-Z]+) (?P<path>\S+) HTTP/1\.1" (?P<status>\d+) "(?P<login>[^"]*)"')
_ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    **{
        f"GIT_{role}_{key}": value
        for role in ("AUTHOR", "COMMITTER")
        for key, value in (("NAME", "A Person"), ("EMAIL", "person@example.com"), ("DATE", "@1790000000 +0200"))
    },
}

Content = bytes | tuple[str, bytes]
"""What a file holds; with a mode in front where it is not 100644 (for a submodule the bytes are a commit's name)."""


def missing_packages() -> list[str]:
    """Return the Debian packages that are not installed here."""
    return [package for program, package in PACKAGES.items() if shutil.which(program, path=_path()) is None]


def _path() -> str:
    return f"{os.environ['PATH']}:/usr/sbin:/sbin"


@dataclass(frozen=True)
class Request:
    """One line of the log; `login` is the Authorization header that came with it."""

    method: str
    path: str
    status: int
    login: str


@dataclass(frozen=True)
class BareRepository:
    """A repository on the server."""

    folder: Path
    url: str

    def commit(self, files: Mapping[str | bytes, Content | None], branch: str = "main", message: str = "Work") -> str:
        """Commit as a person does: these files on top of what the branch has (None deletes one); return the commit."""
        ref = f"refs/heads/{branch}"
        stream = [
            f"commit {ref}\ncommitter A Person <person@example.com> 1790000000 +0200\n".encode(),
            _data(message.encode()),
        ]
        if tip := self.tip(branch):
            stream.append(f"from {tip}\n".encode())
        for name, content in files.items():
            path = _quoted(name if isinstance(name, bytes) else name.encode())
            if content is None:
                stream.append(b"D " + path + b"\n")
                continue
            mode, data = content if isinstance(content, tuple) else ("100644", content)
            if mode == "160000":
                stream.append(b"M 160000 " + data + b" " + path + b"\n")
            else:
                stream += [f"M {mode} inline ".encode() + path + b"\n", _data(data)]
        self.git("fast-import", "--quiet", "--force", "--date-format=raw", stdin=b"".join(stream))
        return self.tip(branch) or ""

    def tip(self, branch: str = "main") -> str | None:
        """Return the commit of a branch, None where it is not there."""
        return self.git("for-each-ref", "--format=%(objectname)", f"refs/heads/{branch}").decode().strip() or None

    def git(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """Run git in the repository, and return its standard output."""
        command = ["git", "-C", str(self.folder), *arguments]
        done = subprocess.run(command, env=_ENVIRONMENT, input=stdin, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode(errors="replace")
        return done.stdout

    def show(self, commit: str, path: str) -> bytes:
        """Return what a file holds in a commit."""
        return self.git("cat-file", "blob", f"{commit}:{path}")

    def files(self, commit: str) -> dict[str, tuple[str, str]]:
        """Return the mode and the object of every file of a commit."""
        lines = self.git("ls-tree", "-r", "-z", commit).decode("utf-8", "surrogateescape").split("\0")
        return {path: (mode, name) for line in lines if line for (mode, _, name), path in [_split(line)]}

    def hook(self, name: str, script: str) -> None:
        """Put a hook into the repository."""
        path = self.folder / "hooks" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)


def _split(line: str) -> tuple[list[str], str]:
    fields, _, path = line.partition("\t")
    return fields.split(" "), path


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)


def _quoted(path: bytes) -> bytes:
    return (
        b'"'
        + b"".join(b"\\%03o" % byte if byte < 33 or byte in b'"\\' or byte > 126 else bytes([byte]) for byte in path)
        + b'"'
    )


@dataclass(frozen=True)
class GitServer:
    """The running server: repositories below `/git/` need the password, those below `/moved/` are redirected.

    Below `/old/` it speaks the protocol of before 2018, without a password. On the TLS port its certificate is by
    `ca.pem` in its folder.
    """

    port: int
    tls_port: int
    folder: Path
    looked_at: list[int] = field(default_factory=lambda: [0])
    names: Iterator[int] = field(default_factory=lambda: iter(range(10**6)))

    def repository(
        self,
        files: Mapping[str | bytes, Content | None] | None = None,
        filters: bool = True,
        any_object: bool = True,
        sha256: bool = False,
        branch: str = "main",
        name: str = "",
    ) -> BareRepository:
        """Make a repository; with files, its branch has one commit."""
        name = name or f"team/app-{next(self.names)}.git"
        folder = self.folder / "srv" / name
        algorithm = "sha256" if sha256 else "sha1"
        command = [
            "git",
            "init",
            "--quiet",
            "--bare",
            "--template=",
            f"--object-format={algorithm}",
            f"--initial-branch={branch}",
            str(folder),
        ]
        subprocess.run(command, env=_ENVIRONMENT, check=True)
        made = BareRepository(folder, f"http://127.0.0.1:{self.port}/git/{name}")
        with (folder / "config").open("a") as config:
            config.write(f"[http]\n\treceivepack = true\n[uploadpack]\n\tallowFilter = {str(filters).lower()}\n")
            config.write(f"\tallowAnySHA1InWant = {str(any_object).lower()}\n[core]\n\tlogAllRefUpdates = false\n")
        if files is not None:
            made.commit(files, branch)
        return made

    def remote(self, repository: BareRepository, password: str = PASSWORD) -> Remote:
        """Return a repository as a remote, with the password."""
        pair = base64.b64encode(f"{USER}:{password}".encode()).decode()
        return Remote(repository.url, Secret(f"Basic {pair}"), plain_http=True)

    def requests(self) -> list[Request]:
        """Return every request so far, oldest first."""
        time.sleep(0.05)  # the log is written behind the answer
        found = map(_LOGGED.search, (self.folder / "access.log").read_text().splitlines())
        return [Request(m["method"], m["path"], int(m["status"]), m["login"]) for m in found if m]

    def fresh(self) -> list[Seen]:
        """Return the requests since the last call, as far as the log has them by now."""
        lines = (self.folder / "access.log").read_text().splitlines()
        new, self.looked_at[0] = lines[self.looked_at[0] :], len(lines)
        found = map(_LOGGED.search, new)
        return [Seen(m["method"], m["path"], {"authorization": m["login"]}) for m in found if m]

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
  log_format all '"$request" $status "$http_authorization"';
  access_log {folder}/access.log all;
  client_max_body_size 0; client_body_temp_path {folder}/body; fastcgi_temp_path {folder}/fastcgi;
  proxy_temp_path {folder}/proxy; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port};
    listen 127.0.0.1:{tls_port} ssl;
    ssl_certificate {folder}/server.pem; ssl_certificate_key {folder}/server.key;
    location ~ ^/moved/(.*)$ {{ return 301 http://localhost:{port}/git/$1$is_args$args; }}
    location ~ ^/old/(.*)$ {{
      include /etc/nginx/fastcgi_params;
      fastcgi_param SCRIPT_FILENAME {backend};
      fastcgi_param GIT_PROJECT_ROOT {folder}/srv; fastcgi_param GIT_HTTP_EXPORT_ALL "";
      fastcgi_param PATH_INFO /$1; fastcgi_param REMOTE_USER bot;
      fastcgi_pass unix:{folder}/fcgi.sock;
    }}
    location ~ ^/git(/.*)$ {{
      auth_basic "git"; auth_basic_user_file {folder}/htpasswd;
      include /etc/nginx/fastcgi_params;
      fastcgi_param SCRIPT_FILENAME {backend};
      fastcgi_param GIT_PROJECT_ROOT {folder}/srv; fastcgi_param GIT_HTTP_EXPORT_ALL "";
      fastcgi_param PATH_INFO $1; fastcgi_param REMOTE_USER $remote_user;
      fastcgi_param GIT_PROTOCOL $http_git_protocol;
      fastcgi_read_timeout 300; fastcgi_request_buffering off; fastcgi_buffering off;
      fastcgi_pass unix:{folder}/fcgi.sock;
    }}
    {more}
  }}
}}
"""


@contextmanager
def running(
    folder: Path, locations: str = "", logins: Mapping[str, str] = MappingProxyType({USER: PASSWORD}), backends: int = 4
) -> Iterator[GitServer]:
    """Start nginx and fcgiwrap in a folder, and end them.

    `locations` are more of nginx's, with `{folder}` and `{backend}` in them; `logins` are passwords by user name, and
    `backends` how many of git's may be at work at the same time.
    """
    port, tls_port, core = (
        _free_port(),
        _free_port(),
        subprocess.check_output(["git", "--exec-path"], text=True).strip(),
    )
    (folder / "srv").mkdir()
    (folder / "htpasswd").touch()
    for user, password in logins.items():
        who = ["htpasswd", "-b", "-B", "-C", "4", str(folder / "htpasswd"), user, password]
        subprocess.run(who, check=True, capture_output=True)
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    authority.cert_pem.write_to_path(folder / "ca.pem")
    certificate.private_key_pem.write_to_path(folder / "server.key")
    certificate.cert_chain_pems[0].write_to_path(folder / "server.pem")
    backend = f"{core}/git-http-backend"
    more = locations.replace("{folder}", str(folder)).replace("{backend}", backend)
    config = _CONFIG.format(folder=folder, port=port, tls_port=tls_port, backend=backend, more=more)
    user = "user root;" if os.getuid() == 0 else ""
    (folder / "nginx.conf").write_text(user + config)
    environment = {**_ENVIRONMENT, "PATH": _path()}
    wrap = ["fcgiwrap", "-c", str(backends), "-s", f"unix:{folder}/fcgi.sock"]
    serve = ["nginx", "-e", str(folder / "error.log"), "-p", str(folder), "-c", str(folder / "nginx.conf")]
    over: list[bool] = []
    with (folder / "output.log").open("w") as log:
        started = [
            subprocess.Popen(
                c, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
            for c in (wrap, serve)
        ]
        try:
            _wait_for(port, started, folder)
            server = GitServer(port, tls_port, folder)
            owned = tuple(logins.values())
            watch(Watched(lambda: f"git server :{port}", server.fresh, lambda: owned, set, lambda: bool(over)))
            yield server
        finally:
            over.append(True)
            for process in started:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait()


def _wait_for(port: int, started: list[subprocess.Popen[bytes]], folder: Path) -> None:
    give_up = time.monotonic() + _STARTING_SECONDS
    while time.monotonic() < give_up and all(process.poll() is None for process in started):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/git/x"):
                return
        except urllib.error.HTTPError:
            if (folder / "fcgi.sock").exists():
                return
        except OSError:
            pass
        time.sleep(0.02)
    raise RuntimeError(f"nginx and fcgiwrap did not start: {(folder / 'output.log').read_text()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

"""The stand-in on a loopback port: routes to REST, GraphQL and git, keeps a log, and fails where a test says so."""

from __future__ import annotations

import base64
import json
import subprocess
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from tests.fakes.github import graph, rest
from tests.fakes.github.description import violations
from tests.fakes.github.heads import DiskHeads
from tests.fakes.github.rest import Asked, Refused
from tests.fakes.github.state import Hub

_IDLE_SECONDS = 20.0
_LIMITS = {"X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": "4990", "X-RateLimit-Reset": "1900000000"}


@dataclass
class Fault:
    """What goes wrong with requests whose verb and path are these, so many times after the first `skip`.

    `after`: the request is done, and the answer is lost; else it is not even looked at. `status` None drops the
    connection.
    """

    verb: str = ""
    path: str = ""
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = "{}"
    after: bool = False
    times: int = 1
    skip: int = 0

    def strikes(self, asked: Asked) -> bool:
        """Whether this request is struck."""
        if self.times == 0 or self.verb not in {"", asked.verb} or self.path not in asked.path:
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.times -= 1
        return True


class GitHubServer:
    """Serves a hub; `asked` is every request in order, `violations` what is not as GitHub describes it."""

    def __init__(self, hub: Hub | None = None, prefix: str = "") -> None:
        self.hub = hub or Hub()
        self.asked: list[Asked] = []
        self.violations: list[str] = []
        self.faults: list[Fault] = []
        self.prefix = prefix
        self._lock = threading.Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    @property
    def web(self) -> str:
        """Where people look, and git fetches."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    @property
    def url(self) -> str:
        """The base URL of the API."""
        return f"{self.web}{self.prefix}"

    def writes(self) -> list[Asked]:
        """Return the requests that changed something, or tried to: no tokens and no questions."""
        return [a for a in self.asked if a.verb in {"POST", "PATCH"} and not _is_question(a)]

    def count(self, verb: str = "", path: str = "") -> int:
        """Return how many requests there were of that verb with that in their path."""
        return sum(verb in {"", a.verb} and path in a.path for a in self.asked)

    def respond(self, asked: Asked) -> tuple[int, dict[str, str], bytes] | None:
        """Return status, headers and body for a request; None where the connection is dropped."""
        with self._lock:
            self.asked.append(asked)
            fault = next((f for f in self.faults if f.strikes(asked)), None)
            if fault is None:
                return self._honest(asked)
            if fault.after:
                self._honest(asked)
            return (fault.status, {**_LIMITS, **fault.headers}, fault.body.encode()) if fault.status else None

    def _honest(self, asked: Asked) -> tuple[int, dict[str, str], bytes]:
        if asked.path.endswith("/graphql"):
            actor = self.hub.actor(asked.token)
            if actor is None:
                return 401, _LIMITS, b'{"message": "Bad credentials"}'
            found, wrong = graph.answer(self.hub, actor, asked.body["query"], asked.body.get("variables") or {})
            self.violations += wrong
            return 200, _LIMITS, json.dumps(found).encode()
        asked = self._plainly(asked)
        headers = dict(_LIMITS)
        data: Any
        try:
            status, data = rest.answer(self.hub, asked, self.url)
        except Refused as refused:
            status, data = refused.status, refused.data
            headers |= refused.headers
        body = data.encode() if isinstance(data, str) else json.dumps(data).encode()
        if not isinstance(data, str):
            sent = json.dumps(asked.body).encode() if asked.body else b""
            self.violations += violations(asked.verb, asked.path, asked.query, sent, status, body)
        return status, headers, body

    def _plainly(self, asked: Asked) -> Asked:
        """Return a request to a repository by its number as one by its name."""
        path = asked.path.removeprefix(self.prefix)
        if path.startswith("/repositories/"):
            _, _, number, rest_of_it = path.split("/", 3)
            name = next((r.name for r in self.hub.repos if str(r.number) == number), "no/where")
            path = f"/repos/{name}/{rest_of_it}"
        return Asked(asked.verb, path, asked.query, asked.body, asked.accept, asked.token)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


def _is_question(asked: Asked) -> bool:
    is_query = asked.path.endswith("/graphql") and str(asked.body.get("query", "")).startswith("query")
    return is_query or asked.path.endswith("/access_tokens")


def _handler(server: GitHubServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = _IDLE_SECONDS
        disable_nagle_algorithm = True

        def _answer(self) -> None:
            target = urlsplit(self.path)
            body = _read(self)
            if ".git/" in target.path:
                self._send(*_git(server.hub, self, target.path, target.query, body))
                return
            token = self.headers.get("Authorization", "").partition(" ")[2]
            given = json.loads(body) if body else {}
            query = dict(parse_qsl(target.query))
            accept = self.headers.get("Accept", "")
            answer = server.respond(Asked(self.command, target.path, query, given, accept, token))
            if answer is None:
                self.close_connection = True
                self.connection.close()
            else:
                status, headers, content = answer
                self._send(status, {"Content-Type": "application/json; charset=utf-8", **headers}, content)

        def _send(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PATCH = _answer  # noqa: N815 (http.server looks for these names)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base class names it so)
            """Say nothing: the log is `GitHubServer.asked`."""

    return Handler


def _read(handler: BaseHTTPRequestHandler) -> bytes:
    if handler.headers.get("Transfer-Encoding", "").lower() != "chunked":
        return handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
    body = bytearray()
    while size := int(handler.rfile.readline().split(b";")[0], 16):
        body += handler.rfile.read(size)
        handler.rfile.readline()
    handler.rfile.readline()
    return bytes(body)


def _git(
    hub: Hub, handler: BaseHTTPRequestHandler, path: str, query: str, body: bytes
) -> tuple[int, dict[str, str], bytes]:
    """Answer git over HTTP (https://git-scm.com/docs/git-http-backend), for repositories on disk."""
    name, _, rest_of_it = path.strip("/").partition(".git/")
    kind, _, pair = handler.headers.get("Authorization", "").partition(" ")
    token = base64.b64decode(pair).decode().partition(":")[2] if kind == "Basic" else ""
    actor, repo = hub.actor(token), hub.named(name)
    if actor is None:
        return 401, {"WWW-Authenticate": 'Basic realm="GitHub"'}, b""
    may_see = repo is not None and (actor.repositories is None or repo.number in actor.repositories)
    if repo is None or not may_see or not isinstance(repo.heads, DiskHeads):
        return 404, {}, b""
    if "git-receive-pack" in rest_of_it + query and (repo.is_archived or not actor.may("contents")):
        return 403, {}, b""
    environ = {
        "PATH": "/usr/bin:/bin",
        "GIT_PROJECT_ROOT": str(repo.heads.folder),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": f"/{rest_of_it}",
        "QUERY_STRING": query,
        "REQUEST_METHOD": handler.command,
        "CONTENT_TYPE": handler.headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_CONTENT_ENCODING": handler.headers.get("Content-Encoding", ""),
        "GIT_PROTOCOL": handler.headers.get("Git-Protocol", ""),
        "REMOTE_USER": actor.login,
    }
    done = subprocess.run(["git", "http-backend"], input=body, capture_output=True, check=True, env=environ)
    head, _, content = done.stdout.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
    return int(headers.pop("Status", "200").split()[0]), headers, content

"""The stand-in on a loopback port: routes to REST, GraphQL and git, keeps a log, and fails where a test says so."""

from __future__ import annotations

import base64
import json
import subprocess
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from tests.fakes.github import graph, rest
from tests.fakes.github.description import violations
from tests.fakes.github.heads import DiskHeads
from tests.fakes.github.rest import Asked, Refused
from tests.fakes.github.state import Actor, Hub, Repo
from tests.fakes.server import Reply, Seen, Server

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
    only: Callable[[Asked], bool] = lambda _asked: True

    def strikes(self, asked: Asked) -> bool:
        """Whether this request is struck."""
        if self.times == 0 or self.verb not in {"", asked.verb} or self.path not in asked.path or not self.only(asked):
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.times -= 1
        return True


class GitHubServer:
    """Serves a hub; `asked` is every request in order, `violations` what is not as GitHub describes it.

    With `judges` false it looks at no description, which takes longer than all else.
    """

    def __init__(self, hub: Hub | None = None, prefix: str = "", judges: bool = True) -> None:
        self.hub = hub or Hub()
        self.asked: list[Asked] = []
        self.violations: list[str] = []
        self.faults: list[Fault] = []
        self.prefix = prefix
        self._web, self._judges = "", judges
        self.server = Server(self._reply)
        self.server.owned = lambda: tuple(self.hub.tokens)
        self._lock = threading.Lock()

    @property
    def web(self) -> str:
        """Where people look, and git fetches."""
        return self._web or self.server.url

    @property
    def url(self) -> str:
        """The base URL of the API."""
        return f"{self.web}{self.prefix}"

    def writes(self) -> list[Asked]:
        """Return the requests that changed something, or tried to: no tokens and no questions."""
        return [a for a in self.asked if is_write(a)]

    def count(self, verb: str = "", path: str = "") -> int:
        """Return how many requests there were of that verb with that in their path."""
        return sum(verb in {"", a.verb} and path in a.path for a in self.asked)

    def stands_at(self, origin: str) -> None:
        """Call itself by another origin: that of a server before it."""
        self._web = origin

    def pushed(self, repo: Repo) -> None:
        """Look at the branches of a repository, as GitHub does when somebody has pushed to it."""
        with self._lock:
            self.hub.refresh(repo)

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
        headers = {**_LIMITS, **_of_token(self.hub.actor(asked.token))}
        data: Any
        try:
            status, data = rest.answer(self.hub, asked, self.url)
        except Refused as refused:
            status, data = refused.status, refused.data
            headers |= refused.headers
        body = data.encode() if isinstance(data, str) else json.dumps(data).encode()
        if not isinstance(data, str) and self._judges:
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

    def _reply(self, seen: Seen) -> Reply:
        target = urlsplit(seen.target)
        if ".git/" in target.path:
            return _git(self.hub, seen)
        token = seen.headers.get("authorization", "").partition(" ")[2]
        given = json.loads(seen.body) if seen.body else {}
        query = dict(parse_qsl(target.query))
        answer = self.respond(Asked(seen.method, target.path, query, given, seen.headers.get("accept", ""), token))
        if answer is None:
            return Reply(200, body=[b""], length=9, reset=True)
        status, headers, body = answer
        return Reply(status, tuple({"Content-Type": "application/json; charset=utf-8", **headers}.items()), body)

    def __enter__(self) -> Self:
        self.server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.__exit__()


def _of_token(actor: Actor | None) -> dict[str, str]:
    """Return what answers over REST tell of a token of a person."""
    told: dict[str, str] = {}
    if actor is not None and actor.scopes is not None:
        told["X-OAuth-Scopes"] = actor.scopes
    if actor is not None and actor.ends is not None and actor.kind == "User":
        told["GitHub-Authentication-Token-Expiration"] = f"{actor.ends:%Y-%m-%d %H:%M:%S} UTC"
    return told


def is_write(asked: Asked) -> bool:
    """Whether a request changes something: none for a token, and no question."""
    is_query = asked.path.endswith("/graphql") and str(asked.body.get("query", "")).startswith("query")
    return asked.verb != "GET" and not is_query and not asked.path.endswith("/access_tokens")


def _git(hub: Hub, seen: Seen) -> Reply:
    """Answer git over HTTP (https://git-scm.com/docs/git-http-backend), for repositories on disk."""
    path, query = seen.path, urlsplit(seen.target).query
    name, _, rest_of_it = path.strip("/").partition(".git/")
    kind, _, pair = seen.headers.get("authorization", "").partition(" ")
    token = base64.b64decode(pair).decode().partition(":")[2] if kind == "Basic" else ""
    actor, repo = hub.actor(token), hub.named(name)
    if actor is None:
        return Reply(401, (("WWW-Authenticate", 'Basic realm="GitHub"'),))
    may_see = repo is not None and (actor.repositories is None or repo.number in actor.repositories)
    if repo is None or not may_see or not isinstance(repo.heads, DiskHeads):
        return Reply(404)
    if "git-receive-pack" in rest_of_it + query and (repo.is_archived or not actor.may("contents")):
        return Reply(403)
    environ = {
        "PATH": "/usr/bin:/bin",
        "GIT_PROJECT_ROOT": str(repo.heads.folder),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": f"/{rest_of_it}",
        "QUERY_STRING": query,
        "REQUEST_METHOD": seen.method,
        "CONTENT_TYPE": seen.headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(seen.body)),
        "HTTP_CONTENT_ENCODING": seen.headers.get("content-encoding", ""),
        "GIT_PROTOCOL": seen.headers.get("git-protocol", ""),
        "REMOTE_USER": actor.login,
    }
    done = subprocess.run(["git", "http-backend"], input=seen.body, capture_output=True, check=True, env=environ)
    head, _, content = done.stdout.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
    status = int(headers.pop("Status", "200").split()[0])
    return Reply(status, tuple(headers.items()), content)

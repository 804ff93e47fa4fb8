"""One origin with all that a pass needs: nginx before the fake forges' APIs and git's own http-backend; a registry.

    http://127.0.0.1:PORT/api/v3, /api/graphql    the fake GitHub
    http://127.0.0.1:PORT/api/v1                  the fake Forgejo of the moment
    http://127.0.0.1:PORT/gitlab                  the fake GitLab of the moment, and git for its projects
    http://127.0.0.1:PORT/OWNER/NAME.git          git over smart HTTP, with the token as the password

Pushes go through a gate, so that the forge learns of them at once, and a client can be killed in the middle.
"""

from __future__ import annotations

import http.client
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tests.fakes.canary import canary
from tests.fakes.github.rest import Asked
from tests.fakes.github.server import GitHubServer, is_write
from tests.fakes.github.state import Actor, Hub
from tests.fakes.server import Reply, Seen, Server
from tests.live.starter import Starter
from tests.real.git_server import GitServer, Request, running
from tests.real.registries import Registry, running_open

US, TOKEN = "pinner", canary("live")
GIT_USER, GIT_PASSWORD = "bot", canary("git")
_HOPS = {"connection", "date", "server", "transfer-encoding", "content-length"}

GITLAB = "/gitlab"
OTHER_APIS = ("/api/v1", f"{GITLAB}/api/")

When = Literal["before", "within", "after"]
"""Before it is done; while it is, so that it is done and answered to nobody; right after, and the answer is lost."""

_GIT = """
      auth_basic "git"; auth_basic_user_file {folder}/htpasswd;
      include /etc/nginx/fastcgi_params;
      fastcgi_param SCRIPT_FILENAME {backend};
      fastcgi_param GIT_PROJECT_ROOT {folder}/srv; fastcgi_param GIT_HTTP_EXPORT_ALL "";
      fastcgi_param PATH_INFO $1; fastcgi_param REMOTE_USER $remote_user;
      fastcgi_param GIT_PROTOCOL $http_git_protocol;
      fastcgi_read_timeout 300; fastcgi_request_buffering off; fastcgi_buffering off;
      fastcgi_pass unix:{folder}/fcgi.sock;
"""
_LOCATIONS = """
    location ~ ^/api/(v3|graphql) {{ proxy_pass http://127.0.0.1:{api}; }}
    location /api/v1 {{ proxy_pass http://127.0.0.1:{gate}; }}
    location /gitlab/api {{ proxy_pass http://127.0.0.1:{gate}; }}
    location ~ ^/gitlab/.+\\.git/git-receive-pack$ {{ proxy_pass http://127.0.0.1:{gate}; }}
    location ~ ^/gitlab(/.+\\.git/.*)$ {{ {git} }}
    location ~ ^/[^/]+/[^/]+\\.git/git-receive-pack$ {{ proxy_pass http://127.0.0.1:{gate}; }}
    location ~ ^(?!/git/)(/[^/]+/[^/]+\\.git/.*)$ {{ {git} }}
"""


def changes(method: str, path: str) -> bool:
    """Return whether a request to one of the other forges is a write: GitLab's GraphQL is only asked."""
    return method != "GET" and not path.endswith("/api/graphql")


@dataclass
class Reaper:
    """Kills a process at the n-th of its writes, whichever server they go to: before it is done, or right after."""

    pid: int = 0
    left: int = 0
    when: When = "before"
    writes: int = 0
    has_killed: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def expects(self, number: int = 0, when: When = "before") -> None:
        """Kill at that write, counted from 1; 0 only counts."""
        self.left, self.when, self.writes, self.has_killed = number, when, 0, False

    def done(self, write: Callable[[], Reply | None]) -> Reply | None:
        """Return the answer to a write; None where nobody is left to read it."""
        with self._lock:
            self.writes += 1
            is_due = self.writes == self.left
        if is_due and self.when != "after":
            self._kill()
            if self.when == "before":
                return None
        reply = write()
        if is_due and self.when == "after":
            self._kill()
            return None
        return reply

    def _kill(self) -> None:
        self.has_killed = True
        os.kill(self.pid, signal.SIGKILL)


class LiveGitHub(GitHubServer):
    """The fake GitHub whose writers may be killed."""

    reaper: Reaper

    def respond(self, asked: Asked) -> tuple[int, dict[str, str], bytes] | None:
        """Answer a request, if the process that asked is still to live."""
        if not is_write(asked):
            return super().respond(asked)
        found: list[tuple[int, dict[str, str], bytes] | None] = []

        def write() -> Reply:
            found.append(super(LiveGitHub, self).respond(asked))
            return Reply()

        return found[0] if self.reaper.done(write) else None


@dataclass
class Site:
    """All servers; `origin` is where the forges are."""

    git: GitServer
    github: LiveGitHub
    registry: Registry
    reaper: Reaper
    starter: Starter
    behind: Callable[[Seen], Reply] | None = None
    owners: Iterator[int] = field(default_factory=lambda: iter(range(10**6)))

    @property
    def origin(self) -> str:
        """The one origin, such as `http://127.0.0.1:34567`."""
        return f"http://127.0.0.1:{self.git.port}"

    @property
    def hub(self) -> Hub:
        """What the fake GitHub knows."""
        return self.github.hub

    def requests(self) -> list[Request]:
        """Return what clients have asked for until now; what the gate passes on counts once."""
        return [r for r in self.git.requests() if not r.path.startswith("/git/")]

    def gate(self, seen: Seen) -> Reply:
        """Pass a push on to git, and a request to the Forgejo or GitLab of the moment to that."""
        is_api = seen.path.startswith(OTHER_APIS)
        if is_api and self.behind is None:
            return Reply(404)

        def pass_on() -> Reply:
            return self.behind(seen) if is_api and self.behind else self._pushed(seen)

        done = self.reaper.done(pass_on) if changes(seen.method, seen.path) else pass_on()
        return done or Reply(200, body=[b""], length=9, reset=True)

    def _pushed(self, seen: Seen) -> Reply:
        connection = http.client.HTTPConnection("127.0.0.1", self.git.port)
        headers = {k: v for k, v in seen.headers.items() if k not in {"host", "connection"}}
        connection.request(seen.method, f"/git{seen.target.removeprefix(GITLAB)}", seen.body, headers)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        name = seen.path.lstrip("/").partition(".git/")[0]
        if (repo := self.hub.named(name)) is not None:
            self.github.pushed(repo)
        return Reply(answer.status, tuple((k, v) for k, v in answer.getheaders() if k.lower() not in _HOPS), body)


@contextmanager
def open_site(folder: Path, judges: bool = True) -> Iterator[Site]:
    """Start everything in a folder, and end it. With `judges` false the answers of GitHub's API are not checked."""
    reaper = Reaper()
    (folder / "git").mkdir()
    (folder / "registry").mkdir()
    github = LiveGitHub(Hub(), "/api/v3", judges=judges)
    github.reaper = reaper
    github.hub.tokens[TOKEN] = Actor(US)
    github.server.may_see.add(TOKEN)

    def gated(seen: Seen) -> Reply:
        return site.gate(seen)

    gate = Server(gated)
    gate.may_see |= {TOKEN, GIT_PASSWORD}
    git_block = _GIT.format(folder="{folder}", backend="{backend}")
    locations = _LOCATIONS.format(api=github.server.port, gate=gate.port, git=git_block)
    logins = {"x-access-token": TOKEN, "pinbot": TOKEN, "oauth2": TOKEN, GIT_USER: GIT_PASSWORD}
    with (
        github,
        gate,
        running_open(folder / "registry") as registry,
        running(folder / "git", locations, logins, backends=8) as git,
        Starter() as starter,
    ):
        site = Site(git, github, registry, reaper, starter)
        github.stands_at(site.origin)
        yield site

"""The contract's stage on a real Forgejo or Gitea, whose program the variable PINBOT_TEST_FORGEJO names.

    PINBOT_TEST_FORGEJO=/path/to/forgejo python -m pytest tests/forges -k forgejo

Its templates are needed as well: they are looked for beside the program, or where PINBOT_TEST_FORGEJO_ROOT says.
"""

from __future__ import annotations

import base64
import json
import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any
from urllib.error import HTTPError, URLError

from pinbot.forge._base import Owner, World
from pinbot.forge._pace import UNPACED
from pinbot.forge.gitea import Gitea
from pinbot.net.client import Client
from pinbot.proposals.proposal import Dressing, Proposal
from pinbot.proposals.repository import Repository
from pinbot.secret import Secret
from tests.fakes import faults
from tests.fakes.bare import Bare, Who
from tests.fakes.server import Fault, Reply, Seen, Server
from tests.forges.stage import BEFORE
from tests.net.world import NOW, Time, patient

PROGRAM = os.environ.get("PINBOT_TEST_FORGEJO")
PEOPLE = ("root", "pinner", "ada", "eve")
_PERSON = Who("Ada", "ada@example.com")
_START_SECONDS = 60
# How long the check for conflicts may take after a push.
_SETTLE_SECONDS = 1.5
_KEPT = {"content-type", "link", "x-total-count", "location"}
_INI = """
RUN_MODE = prod
[server]
HTTP_ADDR = 127.0.0.1
HTTP_PORT = {port}
ROOT_URL = {url}/
DISABLE_SSH = true
STATIC_ROOT_PATH = {root}
LFS_START_SERVER = false
[database]
DB_TYPE = sqlite3
[repository]
ROOT = {folder}/git
[security]
INSTALL_LOCK = true
[log]
LEVEL = Error
[service]
DISABLE_REGISTRATION = true
[cron]
ENABLED = false
[indexer]
ISSUE_INDEXER_TYPE = db
[queue]
TYPE = channel
"""

# So that merging waits for something.
_PROTECTION = {
    "rule_name": "main",
    "enable_push": True,
    "enable_status_check": True,
    "status_check_contexts": ["ci/test"],
}


class Real:
    """The server, started once; `front` is where it is asked, so that answers can be bent. Tokens are by login."""

    def __init__(self, program: str) -> None:
        self.program = program
        self.folder = Path(mkdtemp(prefix="forgejo-"))
        self.port = _free_port()
        self.gates: list[Fault] = []
        self.front = Server(self._forward)
        self.front.__enter__()
        root = os.environ.get("PINBOT_TEST_FORGEJO_ROOT", str(Path(program).parent))
        ini = _INI.format(port=self.port, url=self.front.url, root=root, folder=self.folder)
        (self.folder / "app.ini").write_text(ini)
        self._run("migrate")
        self.tokens = {login: self._account(login) for login in PEOPLE}
        self._process = subprocess.Popen(
            self._words("web"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=self._environ
        )
        self._await()
        self.ask("POST", "/orgs", {"username": "acme"})
        self._let_in()

    @property
    def url(self) -> str:
        """The server itself."""
        return f"http://127.0.0.1:{self.port}"

    def ask(self, method: str, path: str, body: object = None, login: str = "root") -> Any:
        """Ask the API as somebody; raises HTTPError."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"token {self.tokens[login]}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}/api/v1{path}", data, headers, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            content = answer.read()
        return json.loads(content) if content else None

    def stop(self) -> None:
        """End the server."""
        self._process.terminate()
        self._process.wait(20)

    def _let_in(self) -> None:
        """Let the accounts write to all repositories of the organisation."""
        made = {
            "name": "all",
            "permission": "write",
            "includes_all_repositories": True,
            "units": ["repo.code", "repo.pulls", "repo.issues"],
        }
        team = self.ask("POST", "/orgs/acme/teams", made)
        for login in ("pinner", "ada"):
            self.ask("PUT", f"/teams/{team['id']}/members/{login}")

    def _account(self, login: str) -> str:
        mail = ("--email", f"{login}@example.com", "--random-password", "--must-change-password=false")
        self._run("admin", "user", "create", "--username", login, *mail, *(["--admin"] if login == "root" else []))
        words = ("admin", "user", "generate-access-token", "--username", login, "--scopes", "all", "--raw")
        return self._run(*words).split()[-1]

    def _await(self) -> None:
        for _ in range(_START_SECONDS * 10):
            try:
                self.ask("GET", "/version")
            except (URLError, OSError):
                assert self._process.poll() is None, "the server ended at once"
                time.sleep(0.1)
            else:
                return
        raise TimeoutError("the server did not start")

    def _run(self, *words: str) -> str:
        done = subprocess.run(self._words(*words), check=True, capture_output=True, text=True, env=self._environ)
        return done.stdout

    def _words(self, *words: str) -> list[str]:
        config = ["--config", str(self.folder / "app.ini"), "--work-path", str(self.folder)]
        # It does not run as root unless it is told that this is meant.
        return [self.program, *config, *words]

    @property
    def _environ(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "HOME": str(self.folder), "GITEA_I_AM_BEING_UNSAFE_RUNNING_AS_ROOT": "true"}

    def _forward(self, seen: Seen) -> Reply:
        for gate in self.gates:
            if (reply := gate(seen, Reply())).status != 200:
                return reply
        passed = {k: v for k, v in seen.headers.items() if k in {"authorization", "content-type", "accept"}}
        request = urllib.request.Request(f"{self.url}{seen.target}", seen.body or None, passed, method=seen.method)
        try:
            with urllib.request.build_opener(_Stay).open(request, timeout=30) as answer:
                return _reply(answer.status, answer.headers, answer.read())
        except HTTPError as error:
            with error:
                return _reply(error.code, error.headers, error.read())


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Follow nothing."""


def _reply(status: int, headers: Any, body: bytes) -> Reply:
    return Reply(status, tuple((k, v) for k, v in headers.items() if k.lower() in _KEPT), body)


class OnForgejo:
    """A Gitea before the real thing."""

    us = "pinner"

    def __init__(self, real: Real, folder: Path) -> None:
        self.real = real
        self.server = real.front
        self.secret = real.tokens[self.us]
        self.folder = folder
        self.time = Time()
        for repo in self.real.ask("GET", "/repos/search?limit=50")["data"]:
            self.real.ask("DELETE", f"/repos/{repo['full_name']}")
        real.gates.clear()
        self.server.faults.clear()
        self.server.log.clear()
        self.forge = Gitea(
            self.server.url,
            Secret(self.secret),
            Client(world=patient(self.time), deadline_seconds=30),
            owners=[Owner("organisation", "acme")],
            dashboards=True,
            pace=UNPACED,
            world=World(self.time.clock, lambda seconds: time.sleep(min(seconds, 2)), lambda: NOW),
        )

    def close(self) -> None:
        self.forge.close_connections()

    def add(self, name: str, archived: bool = False, fork: bool = False, topics: Sequence[str] = ()) -> Repository:
        if fork:
            self.real.ask("POST", "/user/repos", {"name": name, "auto_init": True})
            made = self.real.ask("POST", f"/repos/root/{name}/forks", {"organization": "acme"})
        else:
            made = self.real.ask("POST", "/orgs/acme/repos", {"name": name, "default_branch": "main"})
            git = Bare.create(self.folder / f"{made['id']}.git")
            self._push(made["id"], made["full_name"], "main", git.commit("main", {"Dockerfile": BEFORE}, "first\n", []))
        if not fork:
            self.real.ask("POST", f"/repos/acme/{name}/branch_protections", _PROTECTION)
        for topic in topics:
            self.real.ask("PUT", f"/repos/acme/{name}/topics/{topic}")
        if archived:
            self.real.ask("PATCH", f"/repos/acme/{name}", {"archived": True})
        told = self._told(str(made["id"]))
        # A push is taken note of a moment later; until then it is called empty, and there are no pull requests.
        while told["empty"] and not fork:
            time.sleep(0.1)
            told = self._told(str(made["id"]))
        # What the forge says with the topics in place; it is compared with what it lists.
        return Repository(
            str(told["id"]), told["full_name"], told["default_branch"], tuple(told.get("topics") or ()),
            told["archived"], told["fork"], False, told["html_url"],
        )  # fmt: skip

    def push(self, repository: Repository, wanted: Proposal, base: str = "main") -> str:
        git = self.git(repository)
        tree = git.tree({patch.path: patch.after for patch in wanted.patches})
        sha = git.commit(wanted.branch, tree, wanted.signed(tree), [self._tip(repository, base)])
        self._push(repository.id, self._name(repository), wanted.branch, sha)
        return sha

    def person_pushes(self, repository: Repository, branch: str) -> str:
        return self._commit(repository, branch, "FROM scratch\n")

    def base_moves(self, repository: Repository, text: str) -> str:
        return self._commit(repository, "main", text)

    def opened_by(self, repository: Repository, login: str, branch: str, from_fork: bool = False) -> int:
        login = self.us if login == "pinbot" else login
        name, head = self._name(repository), branch
        if from_fork:
            fork = self.real.ask("POST", f"/repos/{name}/forks", {}, login)
            git = self.git(repository)
            sha = git.commit("evil", {"Dockerfile": "FROM evil\n"}, "evil\n", [self._tip(repository, "main")], _PERSON)
            self._push(repository.id, fork["full_name"], branch, sha, login)
            head = f"{login}:{branch}"
        form = {"head": head, "base": "main", "title": "t"}
        number: int = self.real.ask("POST", f"/repos/{name}/pulls", form, login)["number"]
        return number

    def ended(self, repository: Repository, number: int, merged: bool = False) -> None:
        path = f"/repos/{self._name(repository)}/pulls/{number}"
        if not merged:
            self.real.ask("PATCH", path, {"state": "closed"})
            return
        time.sleep(_SETTLE_SECONDS)
        self.real.ask("POST", f"{path}/merge", {"Do": "merge", "force_merge": True})

    def open_pulls(self, repository: Repository) -> list[tuple[int, str]]:
        found = self.real.ask("GET", f"/repos/{self._name(repository)}/pulls?state=open")
        return sorted((pull["number"], pull["head"]["label"]) for pull in found)

    def text(self, repository: Repository, number: int) -> tuple[str, str]:
        pull = self._pull(repository, number)
        return pull["title"], pull["body"]

    def dress(self, repository: Repository, number: int) -> Dressing:
        pull = self._pull(repository, number)
        return Dressing(
            tuple(label["name"] for label in pull["labels"] or ()),
            tuple(user["login"] for user in pull["requested_reviewers"] or ()),
            tuple(user["login"] for user in pull["assignees"] or ()),
            (pull["milestone"] or {}).get("title"),
            pull["title"].startswith("WIP: "),
        )

    def said(self, repository: Repository, number: int) -> list[str]:
        found = self.real.ask("GET", f"/repos/{self._name(repository)}/issues/{number}/comments")
        return [comment["body"] for comment in found]

    def issues(self, repository: Repository) -> list[tuple[int, str, str]]:
        path = f"/repos/{self._name(repository)}/issues?type=issues&state=all&limit=50&page="
        found = [issue for page in (1, 2) for issue in self.real.ask("GET", f"{path}{page}")]
        return sorted((issue["number"], issue["title"], issue["body"]) for issue in found)

    def issue_by(self, repository: Repository, login: str, body: str) -> int:
        path = f"/repos/{self._name(repository)}/issues"
        number: int = self.real.ask("POST", path, {"title": "theirs", "body": body}, login)["number"]
        return number

    def issue_becomes(
        self, repository: Repository, number: int, body: str | None = None, closed: bool = False, title: str = ""
    ) -> None:
        fields = {**({} if body is None else {"body": body}), **({"state": "closed"} if closed else {})}
        fields |= {"title": title} if title else {}
        self.real.ask("PATCH", f"/repos/{self._name(repository)}/issues/{number}", fields)

    def without_issues(self, repository: Repository) -> None:
        self.real.ask("PATCH", f"/repos/{self._name(repository)}", {"has_issues": False})

    def unguarded(self, repository: Repository) -> None:
        self.real.ask("DELETE", f"/repos/{self._name(repository)}/branch_protections/main")

    def armed_by(self, repository: Repository, number: int, login: str) -> None:
        time.sleep(_SETTLE_SECONDS)
        fields = {"Do": "merge", "merge_when_checks_succeed": True}
        self.real.ask("POST", f"/repos/{self._name(repository)}/pulls/{number}/merge", fields, login)

    def rename(self, repository: Repository, name: str) -> None:
        self.real.ask("PATCH", f"/repos/{self._name(repository)}", {"name": name})

    def rename_branch(self, repository: Repository, name: str) -> None:
        path = f"/repos/{self._name(repository)}"
        self.real.ask("POST", f"{path}/branches", {"new_branch_name": name, "old_branch_name": "main"})
        self.real.ask("PATCH", path, {"default_branch": name})
        self.unguarded(repository)
        self.real.ask("DELETE", f"{path}/branches/main")

    def archive(self, repository: Repository) -> None:
        self.real.ask("PATCH", f"/repos/{self._name(repository)}", {"archived": True})

    def remove(self, repository: Repository) -> None:
        self.real.ask("DELETE", f"/repos/{self._name(repository)}")

    def on_write(self, fault: Fault) -> None:
        self.server.faults.append(lambda seen, reply: reply if seen.method == "GET" else fault(seen, reply))

    def on_read(self, fault: Fault) -> None:
        self.server.faults.append(lambda seen, reply: fault(seen, reply) if seen.method == "GET" else reply)

    def limit(self, seconds: int, times: int, writes: bool) -> None:
        fault = faults.times(times, faults.status(429, Retry_After=str(seconds)))
        self.real.gates.append(lambda seen, reply: fault(seen, reply) if writes == (seen.method != "GET") else reply)

    def git(self, repository: Repository) -> Bare:
        """Return a repository of our own with the same commits."""
        return Bare(self.folder / f"{repository.id}.git")

    def _commit(self, repository: Repository, branch: str, text: str) -> str:
        git = self.git(repository)
        sha = git.commit(branch, {"Dockerfile": text}, f"{text}\n", [self._tip(repository, branch)], _PERSON)
        self._push(repository.id, self._name(repository), branch, sha)
        time.sleep(_SETTLE_SECONDS)
        return sha

    def _push(self, number: object, name: str, branch: str, sha: str, login: str = "root") -> None:
        pair = base64.b64encode(f"{login}:{self.real.tokens[login]}".encode()).decode()
        config = ("-c", f"http.extraHeader=Authorization: Basic {pair}")
        target = (f"{self.real.url}/{name}.git", f"{sha}:refs/heads/{branch}")
        Bare(self.folder / f"{number}.git").git(*config, "push", "-q", "-f", *target)

    def _tip(self, repository: Repository, branch: str) -> str:
        return self.git(repository).branches()[branch]

    def _name(self, repository: Repository) -> str:
        return str(self._told(repository.id)["full_name"])

    def _told(self, number: str) -> Any:
        return self.real.ask("GET", f"/repositories/{number}")

    def _pull(self, repository: Repository, number: int) -> Any:
        return self.real.ask("GET", f"/repos/{self._name(repository)}/pulls/{number}")


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@cache
def _real() -> Real:
    import atexit

    assert PROGRAM
    real = Real(PROGRAM)
    atexit.register(real.stop)
    return real


@contextmanager
def on_forgejo(_folder: Path) -> Iterator[OnForgejo]:
    """Open the stage."""
    with TemporaryDirectory() as folder:
        stage = OnForgejo(_real(), Path(folder))
        try:
            yield stage
        finally:
            stage.close()

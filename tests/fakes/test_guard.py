"""The guard of all tests bites: a run in which a server is shown the secret of another is red."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import tests
from tests import process

ROOT = Path(tests.__file__).parent

# A run with the guard of the whole suite, and nothing else of it.
_HEAD = """
import base64, urllib.request
import pytest
from tests.fakes.canary import canary
from tests.fakes.gitea.forge import FakeGitea
from tests.fakes.github.server import GitHubServer
from tests.fakes.github.state import Actor
from tests.fakes.registry import FakeRegistry
from tests.fakes.server import Reply, Server
from tests.real.git_server import missing_packages, running
from tests.real.token_server import TokenServer

def basic(secret):
    return "Basic " + base64.b64encode(f"robot:{secret}".encode()).decode()

def show(url, value="", name="Authorization", method="GET", body=None):
    request = urllib.request.Request(url, data=body, method=method, headers={name: value} if value else {})
    try:
        urllib.request.urlopen(request).read()
    except urllib.error.HTTPError:
        pass
"""

LEAKS = {
    "a canary in a header": "with Server(lambda _: Reply(200)) as s: show(s.url, canary('hub'))",
    "a canary in base64": "with Server(lambda _: Reply(200)) as s: show(s.url, basic(canary('hub')))",
    "a canary in another header": "with Server(lambda _: Reply(200)) as s: show(s.url, canary('hub'), 'Cookie')",
    "a canary in a query": "with Server(lambda _: Reply(200)) as s: show(s.url + '/?a=' + canary('hub'))",
    "a canary in a body": (
        "with Server(lambda _: Reply(200)) as s: show(s.url, method='POST', body=canary('hub').encode())"
    ),
    "a canary, and a log that was emptied": (
        "with Server(lambda _: Reply(200)) as s:\n        show(s.url, canary('hub'))\n        s.log.clear()"
    ),
    "a password of one registry at another": (
        "with FakeRegistry(users={'a': 'of-the-first'}), FakeRegistry() as s: show(s.url, basic('of-the-first'))"
    ),
    "a token of one registry at another": (
        "with FakeRegistry(auth='bearer', anonymous=True) as a, FakeRegistry() as s:\n"
        "        show(a.url + '/token?scope=x')\n        show(s.url, 'Bearer ' + list(a.tokens)[0])"
    ),
    "a canary at a GitHub": "with GitHubServer() as s: show(s.url + '/rate_limit', 'Bearer ' + canary('hub'))",
    "a token of a GitHub at a registry": (
        "with GitHubServer() as a, FakeRegistry() as s:\n"
        "        a.hub.tokens['ghp_0123456789'] = Actor('x')\n        show(s.url, 'Bearer ghp_0123456789')"
    ),
    "a canary at a Gitea": (
        "with FakeGitea(tmp_path) as s: show(s.server.url + '/api/v1/user', 'token ' + canary('hub'))"
    ),
    "the token of a Gitea at a GitHub": (
        "with FakeGitea(tmp_path) as a, GitHubServer() as s: show(s.url + '/rate_limit', 'Bearer ' + a.token)"
    ),
    "a password of a registry at a real token server": (
        "with FakeRegistry(users={'a': 'of-the-first'}), TokenServer('a', 'of-the-second', tmp_path / 'c.pem') as s:\n"
        "        show(s.realm, basic('of-the-first'))"
    ),
}
HARMLESS = {
    "a secret at its own server": "with FakeRegistry(users={'a': canary('a')}) as s: show(s.url, basic(canary('a')))",
    "a secret that a server may see": (
        "with Server(lambda _: Reply(200)) as s:\n        s.may_see.add(canary('a'))\n        show(s.url, canary('a'))"
    ),
    "a wrong password that is nobody's": "with FakeRegistry() as s: show(s.url, basic('nobodys-password'))",
}
OVER_A_SESSION = """
@pytest.fixture(scope="session")
def lasting():
    with Server(lambda _: Reply(200)) as server:
        yield server

def test_first(lasting):
    pass

def test_second(lasting):
    show(lasting.url, canary('hub'))
"""
A_GIT_SERVER = """
@pytest.fixture(scope="session")
def git(tmp_path_factory):
    if missing_packages():
        show_nothing = FakeRegistry()  # stands for it, so that this test says the same everywhere
        with show_nothing as server:
            yield server.url + "/git/x"
        return
    with running(tmp_path_factory.mktemp("git")) as server:
        yield f"http://127.0.0.1:{server.port}/git/x"

def test_it(git):
    show(git, basic(canary('hub')))
"""


def _run(body: str, folder: Path) -> tuple[int, str]:
    test = folder / "test_it.py"
    test.write_text(_HEAD + body)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest", "-p", "no:cacheprovider", str(test)]
    env = {**process.environment(folder), "PYTHONPATH": str(ROOT.parent)}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def _one(name: str, body: str) -> str:
    return f"\ndef test_{re.sub('[^a-z]+', '_', name)}(tmp_path):\n    {body}\n"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What a run says in which every test of both tables is."""
    body = "".join(_one(name, text) for name, text in (LEAKS | HARMLESS).items())
    return _run(body, tmp_path_factory.mktemp("guarded"))[1]


@pytest.mark.parametrize("name", LEAKS)
def test_a_leak_fails_the_run(report: str, name: str) -> None:
    test = re.sub("[^a-z]+", "_", name)
    assert re.search(rf"ERROR test_it\.py::test_{test} - .*", report), report
    assert not re.search(rf"FAILED test_it\.py::test_{test} ", report), report


@pytest.mark.parametrize("name", HARMLESS)
def test_what_is_no_leak_does_not(report: str, name: str) -> None:
    assert f"::test_{re.sub('[^a-z]+', '_', name)} " not in report


@pytest.mark.parametrize("body", [OVER_A_SESSION, A_GIT_SERVER], ids=["that outlives tests", "of git"])
def test_a_leak_to_a_server_fails_the_run(body: str, tmp_path: Path) -> None:
    code, said = _run(body, tmp_path)
    assert code == 1, said
    assert "CANARY-hub" in said


def test_no_stand_in_speaks_http_without_being_watched() -> None:
    servers = {p.relative_to(ROOT).as_posix() for p in ROOT.rglob("*.py") if "HTTPServer(" in p.read_text("utf-8")}
    assert servers <= {"fakes/server.py", "fakes/test_guard.py", "real/token_server.py"}, "let it be watched: watch()"

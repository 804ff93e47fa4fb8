"""Credential helpers: programs that keep logins, `docker-credential-NAME`, and how far one is trusted.

The protocol: https://github.com/docker/docker-credential-helpers#development. `get` reads the server from standard
input and writes `{"ServerURL": …, "Username": …, "Secret": …}`; the user name `<token>` marks an identity token.
"""

from __future__ import annotations

import asyncio
import os
import re
import selectors
import signal
import stat
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import msgspec

from pinbot.registry.credentials._base import Ambient, IdentityToken, Known, is_plain, login
from pinbot.registry.credentials._keys import same_host
from pinbot.registry.flights import Flights
from pinbot.secret import Secret

_NAME = re.compile(r"[a-z0-9-]{1,64}")
_OUTPUT_BYTES = 64 * 1024
_AT_ONCE = 4
_TOKEN_USER = "<token>"  # noqa: S105 (the name of a user, not a secret)
# What a helper gets to see of the environment: where it finds itself and its store, how it reaches the network, and
# what the helpers of the clouds go by. Nothing of pinbot's own, no GITHUB_TOKEN, no password of the settings.
_VARIABLES = frozenset(
    (
        *("HOME", "USER", "LOGNAME", "LANG", "TZ", "TMPDIR", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"),
        *("XDG_DATA_HOME", "DBUS_SESSION_BUS_ADDRESS", "GNUPGHOME", "PASSWORD_STORE_DIR", "SSL_CERT_FILE"),
        *("SSL_CERT_DIR", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
        *("IDENTITY_ENDPOINT", "IDENTITY_HEADER"),
    )
)
_PREFIXES = ("AWS_", "GOOGLE_", "CLOUDSDK_", "AZURE_", "MSI_")
# How helpers say that they have no login for a server; that is an answer, and no failure.
_NOTHING = {
    b"credentials not found in native keychain",
    b"no credentials server URL",
    b"no credentials username",
}


class _Said(msgspec.Struct, rename={"server": "ServerURL", "username": "Username", "secret": "Secret"}):
    server: str | None = None
    username: str | None = None
    secret: str | None = None


@dataclass(frozen=True, slots=True)
class _Answer:
    username: str
    secret: Secret


class _Failed(Exception):
    """A helper that gave no answer; the text completes "… gave no login: it …"."""


class _Hung(_Failed):
    """One that would not end."""


class Helpers:
    """Asks helpers, each once for a server in a run. `warn` takes sentences for the user."""

    def __init__(self, ambient: Ambient, warn: Callable[[str], None] = lambda _sentence: None) -> None:
        self._ambient = ambient
        self._warn = warn
        self._answers: Flights[tuple[str, str], _Answer | None] = Flights()
        # Threads of their own: programs that hang must not take those in which names are looked up.
        self._threads = ThreadPoolExecutor(_AT_ONCE, "pinbot-helper")
        self._hung: set[str] = set()

    def may_run(self, name: str) -> bool:
        """Whether a helper of that name may run at all."""
        return self._ambient.helpers is None or name in self._ambient.helpers

    async def ask(self, name: str, server: str, source: str) -> Known | None:
        """Return what a helper knows of a server; a helper that fails is warned of, and knows nothing."""

        async def run() -> _Answer | None:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._said, name, server)

        said = await self._answers.get((name, server), run)
        if said is None:
            return None
        if said.username == _TOKEN_USER:
            return IdentityToken(said.secret, source)
        return login(said.username, said.secret.reveal(), source)

    def _willing(self, name: str) -> Path:
        if name in self._hung:
            raise _Failed("did not end in time for another server, and is not asked again in this run")
        return _program(name, self._ambient)

    def _said(self, name: str, server: str) -> _Answer | None:
        try:
            program = self._willing(name)
            seconds = self._ambient.helper_seconds
            return _read(_run([str(program), "get"], server, _environment(self._ambient), seconds), server)
        except _Failed as failure:
            if isinstance(failure, _Hung):
                self._hung.add(name)
            self._warn(
                f"{server}: docker-credential-{shown(name)} gave no login: it {failure}. The next source is asked; "
                f"`echo {server} | docker-credential-{shown(name)} get` shows what is wrong, and a username and "
                "password in the settings make do without it"
            )
            return None


def shown(name: str) -> str:
    """Return the name of a helper for messages: a hostile one as Python writes it."""
    return name if _NAME.fullmatch(name) else ascii(name[:64])


def _program(name: str, ambient: Ambient) -> Path:
    """Return where a helper is. Raises _Failed where it is nowhere, or only where others could have put it."""
    if not _NAME.fullmatch(name):
        raise _Failed("has a name that no helper has (lower-case letters, digits, hyphens)")
    refused = ""
    for folder in _folders(ambient):
        program = folder / f"docker-credential-{name}"
        if not (program.is_file() and os.access(program, os.X_OK)):
            continue
        if ambient.is_foreign(program):
            refused = f"lies in {folder}, which belongs to the repository or is the current folder"
        elif _is_open_to_all(program):
            refused = f"lies in {folder}, where everybody may write"
        else:
            return program
    raise _Failed(refused or "is not on the PATH")


def _folders(ambient: Ambient) -> Iterator[Path]:
    """Yield the folders of PATH that mean the same wherever one stands."""
    for written in ambient.environ.get("PATH", "").split(os.pathsep):
        if written.startswith("/"):
            yield Path(written)


def _is_open_to_all(program: Path) -> bool:
    """Whether everybody could have written the program, or put it, or a folder above it, in that place."""
    for way in {program, program.resolve()}:
        if _mode(way) & stat.S_IWOTH or _mode(way.parent) & stat.S_IWOTH:
            return True
        # In a folder such as /tmp, nobody replaces what is another's.
        above = way.parents[1:]
        if any(_mode(folder) & stat.S_IWOTH and not _mode(folder) & stat.S_ISVTX for folder in above):
            return True
    return False


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode
    except OSError:
        return stat.S_IWOTH


def _environment(ambient: Ambient) -> Mapping[str, str]:
    folders = [str(folder) for folder in _folders(ambient) if not ambient.is_foreign(folder)]
    kept = {
        name: value
        for name, value in ambient.environ.items()
        if name in _VARIABLES or name.startswith((*_PREFIXES, "LC_"))
    }
    return {**kept, "PATH": os.pathsep.join(folders)}


def _run(command: list[str], server: str, environment: Mapping[str, str], seconds: float) -> bytes:
    """Return what a program writes. Raises _Failed where it does not end well, in time and within bounds.

    What it complains of is not read: it may hold what is secret.
    """
    end = time.monotonic() + seconds
    try:
        process = subprocess.Popen(  # noqa: S603 (a list of words, no shell; the program was judged by _program)
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env=environment,
            start_new_session=True,
        )
    except OSError as error:
        raise _Failed(f"cannot be started ({error.strerror})") from error
    with process:
        try:
            output = _exchange(process, server, end)
            status = process.wait(max(0.0, end - time.monotonic()))
        except (subprocess.TimeoutExpired, TimeoutError):
            raise _Hung(f"did not end within {seconds:g} s") from None
        finally:
            # Not yet waited for, so that its number, and that of its group, is still its own.
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
    if status and output.strip() not in _NOTHING:
        raise _Failed(f"ended with status {status}")
    return output


def _exchange(process: subprocess.Popen[bytes], server: str, end: float) -> bytes:
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(server.encode())
        process.stdin.close()
    except BrokenPipeError:
        pass  # it does not listen; what it says may still do
    output = b""
    with selectors.DefaultSelector() as ready:
        ready.register(process.stdout, selectors.EVENT_READ)
        while len(output) <= _OUTPUT_BYTES:
            if not ready.select(max(0.0, end - time.monotonic())):
                raise TimeoutError
            more = os.read(process.stdout.fileno(), _OUTPUT_BYTES)
            if not more:
                return output
            output += more
    raise _Failed("says more than a login needs")


def _read(output: bytes, server: str) -> _Answer | None:
    if output.strip() in _NOTHING:
        return None
    try:
        said = msgspec.json.decode(output, type=_Said)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        # Without the cause: it quotes the output.
        raise _Failed("says what is no login") from None
    if said.server and not same_host(said.server, server):
        raise _Failed("answers for another server")
    if not said.username and not said.secret:
        return None
    username, secret = said.username or "", said.secret or ""
    if username != _TOKEN_USER and login(username, secret, "") is None:
        raise _Failed("says what is no login")
    if not secret or not is_plain(secret):
        raise _Failed("says what is no login")
    return _Answer(username, Secret(secret))

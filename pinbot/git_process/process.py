"""One git process, sealed: an argument list, an environment of our own, two files for what it says, and a deadline.

A repository may carry configuration that makes git run commands (reliability research T16 to T21), so hooks and
monitors are switched off, nothing of the user's or the system's configuration counts, and no protocol is allowed
unless the caller names it. GitPython is used for its process handling alone: `Git.execute` with lists.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from pinbot.errors import GitError

if TYPE_CHECKING:
    from git.cmd import Git

    AutoInterrupt = Git.AutoInterrupt

_CONFIG = (
    ("core.fsmonitor", "false"),
    ("core.hooksPath", "/dev/null"),
    ("core.attributesFile", "/dev/null"),
    # Nothing in the configuration of the repository runs any more, so its owner does not matter: in a CI
    # container the checkout usually belongs to somebody else.
    ("safe.directory", "*"),
)
_ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "",  # set and empty: nothing is asked, SSH_ASKPASS neither
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_LFS_SKIP_SMUDGE": "1",
    "LC_ALL": "C",
}
# What would make git read another repository (`git rev-parse --local-env-vars`; it sets them for hooks), run or trust
# something else, write down what it sends, or ask through a proxy that the settings do not name. GitPython can set
# variables and not take them away, so the shell does.
_NOT_OURS = (
    *("GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR", "GIT_CONFIG", "GIT_CONFIG_PARAMETERS", "GIT_CONFIG_SYSTEM"),
    *("GIT_DIR", "GIT_GRAFT_FILE", "GIT_IMPLICIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_INTERNAL_SUPER_PREFIX"),
    *("GIT_NAMESPACE", "GIT_NO_REPLACE_OBJECTS", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX", "GIT_REPLACE_REF_BASE"),
    *("GIT_SHALLOW_FILE", "GIT_WORK_TREE", "GIT_DEFAULT_HASH", "GIT_TEMPLATE_DIR", "GIT_ATTR_SOURCE"),
    *("GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSH_VARIANT", "GIT_PROXY_COMMAND", "GIT_EXTERNAL_DIFF", "GIT_EXEC_PATH"),
    *("GIT_TRACE", "GIT_TRACE_CURL", "GIT_TRACE_PACKET", "GIT_TRACE_SETUP", "GIT_TRACE_REDACT", "GIT_CURL_VERBOSE"),
    *("GIT_TRACE_PACK_ACCESS", "GIT_TRACE_PERFORMANCE", "GIT_TRACE2", "GIT_TRACE2_EVENT", "GIT_TRACE2_PERF"),
    *("GIT_HTTP_PROXY_AUTHMETHOD", "GIT_HTTP_USER_AGENT", "GIT_SSL_NO_VERIFY", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH"),
    *("GIT_SSL_CERT", "GIT_SSL_KEY", "GIT_SSL_VERSION", "GIT_SSL_CIPHER_LIST", "GIT_PROTOCOL", "GIT_PUSH_OPTION_COUNT"),
    *(
        "GIT_PROTOCOL_FROM_USER",
        "GIT_REDIRECT_STDIN",
        "GIT_REDIRECT_STDOUT",
        "GIT_REDIRECT_STDERR",
        "GIT_QUARANTINE_PATH",
    ),
    *("http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY", "SSLKEYLOGFILE"),
)
# Descriptor 3 is the pipe that GitPython listens on: it ends when git and all that git started have ended. The limit
# (in blocks of 512 bytes: 4 GiB) is for a remote that sends without end. `/dev/fd` because dash knows but ten numbers.
_SCRIPT = 'unset {names}; ulimit -f 8388608 || :; out=$1 err=$2; shift 2; exec "$@" 3>&1 >/dev/fd/$out 2>/dev/fd/$err'
_SHELL = ("sh", "-c", _SCRIPT.format(names=" ".join(_NOT_OURS)), "sh")
_NOT_FOUND = 127
_MAX_COMPLAINT = 64 * 1024
LOCAL_SECONDS = 300.0


class Unfinished(GitError):
    """git was killed at its deadline, and may have left something half done."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of git: its words, the folder it is for, and what goes with it.

    `config` and `environment` are handed on in the environment, where other users of the machine do not see them.
    `protocols` are what git may speak (GIT_ALLOW_PROTOCOL). `held` are descriptors that the process keeps open.
    `says_much` keeps its output on the disk rather than in memory.
    """

    arguments: Sequence[str]
    folder: str
    stdin: bytes = b""
    config: Iterable[tuple[str, str]] = ()
    environment: Mapping[str, str] | None = None
    protocols: str = "none"
    seconds: float = LOCAL_SECONDS
    held: Sequence[int] = ()
    says_much: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """What a call of git came to: its status, its standard output (a file, at its start), and what it complained of."""

    status: int
    output: BinaryIO
    complaint: str

    def read(self) -> bytes:
        """Return the whole standard output."""
        with self.output:
            return self.output.read()


@contextmanager
def on_disk(place: object) -> Iterator[None]:
    """Raise GitError for what the system refuses at that place: a full disk, no permission, too many files."""
    try:
        yield
    except OSError as error:
        raise GitError(f"{place}: {error.strerror or error}") from error


def call(wanted: Call) -> Done:
    """Run git to its end. Raises GitError where there is no git, or no end in time; a status is not judged."""
    with on_disk(wanted.folder), ExitStack() as files:
        output = files.enter_context(_scratch(on_disk=wanted.says_much))
        errors = files.enter_context(_scratch())
        stdin = files.enter_context(_scratch()) if wanted.stdin else None
        if stdin:
            stdin.write(wanted.stdin)
            stdin.seek(0)
        descriptors = [files.enter_context(_above(d)) for d in (output.fileno(), errors.fileno(), *wanted.held)]
        status = _run(wanted, stdin, descriptors)
        if status == _NOT_FOUND:
            raise GitError("git is not installed, or not on the PATH")
        output.seek(0)
        size = errors.seek(0, os.SEEK_END)
        errors.seek(max(0, size - _MAX_COMPLAINT))
        return Done(status, os.fdopen(os.dup(output.fileno()), "rb"), errors.read().decode("utf-8", "replace"))


def _scratch(on_disk: bool = False) -> BinaryIO:
    """Return a file in memory where the system has such: closing one on a disk takes longer than git does."""
    if sys.platform == "linux" and not on_disk:
        return os.fdopen(os.memfd_create("pinbot"), "w+b")
    return tempfile.TemporaryFile()


@contextmanager
def _above(file: int) -> Iterator[int]:
    """Give a descriptor of an open file that is none of those that the shell gives a meaning."""
    descriptor = fcntl.fcntl(file, fcntl.F_DUPFD_CLOEXEC, 10)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _run(wanted: Call, stdin: BinaryIO | None, descriptors: Sequence[int]) -> int:
    try:
        from git.cmd import Git
        from git.exc import GitCommandNotFound
    except ImportError as error:  # GitPython says it this way when there is no git
        raise GitError("git is not installed, or not on the PATH") from error
    try:
        guard = Git().execute(
            # -C, since GitPython stays where it is when it cannot enter the folder, and git would read another one.
            [*_SHELL, *map(str, descriptors[:2]), "git", "-C", wanted.folder, *wanted.arguments],
            istream=stdin,
            as_process=True,
            env=_environment(wanted),
            shell=False,
            pass_fds=descriptors,
            start_new_session=True,
        )
    except GitCommandNotFound as error:
        raise GitError("git cannot be run: there is no sh on the PATH") from error
    return _status(guard, wanted)


def _status(guard: AutoInterrupt, wanted: Call) -> int:
    """Wait for a process, and kill it with all that it started when its time is over or the user interrupts.

    `guard` is GitPython's; when it is forgotten it kills the process too.
    """
    process = guard.proc
    assert process is not None  # for GitPython's types: it has just been started
    try:
        process.communicate(timeout=wanted.seconds)
    except subprocess.TimeoutExpired as error:
        raise Unfinished(f"git {wanted.arguments[0]} did not come to an end in {wanted.seconds:g} s") from error
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
    return process.returncode


def _environment(wanted: Call) -> dict[str, str]:
    config = (*_CONFIG, *wanted.config)
    counted = {"GIT_CONFIG_COUNT": str(len(config))}
    for number, (key, value) in enumerate(config):
        counted |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return {**_ENVIRONMENT, "GIT_ALLOW_PROTOCOL": wanted.protocols, **counted, **(wanted.environment or {})}


def complaint(stderr: str) -> str:
    """Return the line of git's complaints that says why, else the beginning of them."""
    lines = [line.strip().strip("'") for line in stderr.splitlines()]
    plain = next((line for line in lines if line.startswith(("fatal:", "error:"))), " ".join(lines)[:200])
    return plain or "it gives no reason"

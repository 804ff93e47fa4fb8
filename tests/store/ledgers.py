"""What the tests of the ledger share: a server, values, strategies, and pinbot's ledger in another process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import strategies as st

from pinbot.oci.digest import Digest
from pinbot.oci.history import History, Observation, Source
from pinbot.oci.manifest import ACCEPTED, OCI_INDEX, OCI_MANIFEST, Descriptor, Index, Manifest
from pinbot.oci.platform import Platform
from pinbot.oci.resolution import ImageConfig, Runtime
from pinbot.store.book import Histories

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
HUB = "docker.io"
PATH = "library/nginx"
A, B, C = (Digest.of(letter.encode()) for letter in "abc")


def seen(
    digest: Digest, at: datetime = NOW, tag: str = "1.27", path: str = PATH, source: Source = "seen"
) -> Observation:
    """Return an observation."""
    return Observation(HUB, path, tag, digest, at, source)


def folded(observations: Sequence[Observation]) -> Histories:
    """Return the histories that observations make, by the one rule."""
    histories: Histories = {}
    for one in observations:
        tag = one.registry, one.path, one.tag
        histories[tag] = histories.get(tag, History()).observed(one)
    return histories


_texts = st.text(max_size=12)
_strings = st.dictionaries(_texts, _texts, max_size=3)
digests = st.sampled_from([A, B, C])
times = st.integers(0, 30).map(lambda days: NOW - days * DAY)
observations = st.lists(
    st.builds(
        seen,
        digests,
        times,
        st.sampled_from(["1.27", "latest"]),
        st.sampled_from([PATH, "library/redis"]),
        st.sampled_from(["seen", "seen", "pushed", "file"]),
    ),
    max_size=12,
)
_platforms = st.builds(Platform, _texts, _texts, st.none() | _texts, st.none() | _texts)
_any_digest = st.binary(max_size=4).map(Digest.of)


def _digest_of(kind: str) -> st.SearchStrategy[Digest]:
    """Digests of one kind of content: none is ever both a manifest and an index."""
    return st.binary(max_size=4).map(lambda content: Digest.of(kind.encode() + content))


_descriptors = st.builds(Descriptor, _texts, _any_digest, st.integers(0, 2**60), st.none() | _platforms, _strings)
_layers = st.lists(_descriptors, max_size=3).map(tuple)
_words = st.lists(_texts, max_size=3).map(tuple)
_runtimes = st.builds(Runtime, _texts, *[_words] * 7, _texts, _texts)
facts = st.one_of(
    st.builds(Manifest, st.just(OCI_MANIFEST), _digest_of("m"), _descriptors, _layers, _strings),
    st.builds(Index, st.sampled_from(ACCEPTED), _digest_of("i"), _layers),
    st.builds(ImageConfig, _platforms, st.none() | st.datetimes(timezones=st.just(UTC)), _strings, _runtimes),
)


def index(digest: Digest = A) -> Index:
    """Return an index for two platforms."""
    children = [
        Descriptor(OCI_MANIFEST, Digest.of(name.encode()), 500, Platform("linux", name), {"a": "b"})
        for name in ("amd64", "arm64")
    ]
    return Index(OCI_INDEX, digest, tuple(children))


def manifest(digest: Digest = A) -> Manifest:
    """Return a manifest with an annotation."""
    return Manifest(OCI_MANIFEST, digest, Descriptor("", digest, 1), (), {"a": "b"})


def configured() -> ImageConfig:
    """Return the configuration of an image that is not run as root."""
    return ImageConfig(Platform("linux", "amd64"), NOW, {"a": "b"}, Runtime("nonroot", ("/app",), ports=("80/tcp",)))


@dataclass(frozen=True)
class Postgres:
    """A server: its programs, its data, whom it runs as and where it listens."""

    programs: Path
    data: Path
    user: str | None
    port: int

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
        self.run("pg_ctl", "--options", options, "--log", str(self.data / "log"), "--wait", "start")

    def restart(self) -> None:
        """Cut off everybody, as a crash does, and start again."""
        self.run("pg_ctl", "--mode", "immediate", "--log", str(self.data / "log"), "--wait", "restart")

    def create(self, name: str) -> str:
        """Make an empty database, and return its URL."""
        url = f"postgresql://pinbot@127.0.0.1:{self.port}"
        subprocess.run([self.programs / "psql", "-qc", f"CREATE DATABASE {name}", f"{url}/postgres"], check=True)
        return f"{url}/{name}"

    def run(self, program: str, *arguments: str) -> None:
        """Run one of its programs on its data."""
        command: list[str | Path] = [self.programs / program, "--pgdata", self.data, *arguments]
        # Its output goes to a file: the server inherits it, and a pipe would stay open.
        with Path(os.devnull).open("w") as nowhere:
            subprocess.run(command, user=self.user, cwd="/", stdout=nowhere, stderr=nowhere, check=True)


def process(code: str, *arguments: str) -> subprocess.Popen[str]:
    """Start Python with code that finds pinbot, this module's names and `sys.argv[1:]`."""
    root = Path(__file__).parents[2]
    head = "import sys; from tests.store.ledgers import *; from pinbot.store.ledger import SqlLedger\n"
    head += "from pinbot.store.location import Location\nfrom pinbot.oci.resolution import *\n"
    return subprocess.Popen(
        [sys.executable, "-c", head + code, *arguments],
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finished(*running: subprocess.Popen[str]) -> list[str]:
    """Wait for processes, which must succeed, and return what they said."""
    said = [each.communicate(timeout=120)[0] for each in running]
    assert [each.returncode for each in running] == [0] * len(running), said
    return said

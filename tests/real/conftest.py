"""The registries of the real tests, started once.

Without the programs the tests are skipped, and say what to install.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.real.git_server import GitServer, running
from tests.real.git_server import missing_packages as missing_git_packages
from tests.real.mirrors import MirrorServer
from tests.real.mirrors import missing_packages as missing_mirror_packages
from tests.real.mirrors import running as running_mirrors
from tests.real.programs import missing_packages
from tests.real.registries import PASSWORD, USER, Registries, start

Settings = Callable[..., Path]


@pytest.fixture(scope="session")
def registries(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registries]:
    """Three running registries that share one storage."""
    if missing := missing_packages():
        pytest.skip(f"NOT TESTED on real registries: apt-get install {' '.join(missing)} (`make test` may do it)")
    with ExitStack() as stack:
        yield start(tmp_path_factory.mktemp("registries"), stack)


@pytest.fixture(scope="session")
def git_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitServer]:
    """A running git server with passwords."""
    if missing := missing_git_packages():
        pytest.skip(f"NOT TESTED on real git over HTTP: apt-get install {' '.join(missing)} (`make test` may do it)")
    with running(tmp_path_factory.mktemp("git")) as server:
        yield server


@pytest.fixture(scope="session")
def mirrors(registries: Registries, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MirrorServer]:
    """Mirrors of the open registry, behind nginx."""
    if missing := missing_mirror_packages():
        pytest.skip(f"NOT TESTED on real mirrors: apt-get install {' '.join(missing)} (`make test` may do it)")
    with running_mirrors(tmp_path_factory.mktemp("mirrors"), registries.open) as server:
        yield server


@pytest.fixture
def settings(registries: Registries, tmp_path: Path) -> Settings:
    """Write a settings file in which docker.io, basic.example and bearer.example are the three registries."""

    def write(password: str = PASSWORD) -> Path:
        path = tmp_path / "settings.yaml"
        login = f"    username: {USER}\n    password: {{env: BOT_PASSWORD}}\n" if password else ""
        path.write_text(
            "registries:\n"
            f"  docker.io:\n    endpoint: {registries.open.url}\n"
            f"  basic.example:5000:\n    endpoint: {registries.htpasswd.url}\n{login}"
            f"  bearer.example:\n    endpoint: {registries.bearer.url}\n{login}"
        )
        return path

    return write

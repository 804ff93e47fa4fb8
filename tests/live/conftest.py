"""The servers of the live tests, started once; without the programs the tests are skipped, and say what to install."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.site import Site, open_site
from tests.live.world import World
from tests.real.git_server import missing_packages


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A forge, a git server and a registry at loopback ports."""
    missing = [*missing_packages(), *([] if shutil.which("docker-registry") else ["docker-registry"])]
    if missing:
        pytest.skip(f"NOT TESTED as a process before real servers: apt-get install {' '.join(missing)}")
    with open_site(tmp_path_factory.mktemp("site")) as opened:
        yield opened


@pytest.fixture
def world(site: Site, tmp_path: Path) -> Iterator[World]:
    """An owner of its own; what GitHub was asked is as it describes it, and no branch had two pull requests at once."""
    site.reaper.expects(0)
    site.github.violations.clear()
    with World(site, tmp_path) as made:
        yield made
        assert site.github.violations == []
        assert made.most_open() <= 1

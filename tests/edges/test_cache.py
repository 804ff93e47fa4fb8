"""The cache folder of mirrors, where others may have been at work, and a disk that is full."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pinbot.errors import GitError
from pinbot.git_process.identity import Identity
from pinbot.git_process.remote import Remote
from pinbot.proposals.repository import Repository
from pinbot.workspace.checkouts import GitCheckouts
from tests.fakes.bare import Bare

REPOSITORY = Repository("1", "acme/api", "main")
US = Identity("pinbot", "pinbot@example.com")


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    """A remote with one file."""
    bare = Bare.create(tmp_path / "origin.git")
    bare.commit("main", {"Dockerfile": "FROM nginx\n"}, "Begin\n", [])
    return bare.path


def _read(cache: Path, origin: Path) -> bytes:
    run = GitCheckouts(cache, lambda _: Remote(str(origin), local=True), US)
    return run.open(REPOSITORY, "main", None).read("Dockerfile")


def _mirror(cache: Path) -> Path:
    (folder,) = (path for path in cache.iterdir() if path.is_dir())
    return folder


def test_only_we_may_write_to_a_mirror(tmp_path: Path, origin: Path) -> None:
    before = os.umask(0)
    try:
        assert _read(tmp_path / "cache", origin) == b"FROM nginx\n"
    finally:
        os.umask(before)
    mirror = _mirror(tmp_path / "cache")
    assert [oct(path.stat().st_mode & 0o777) for path in (tmp_path / "cache", mirror)] == ["0o700", "0o700"]


def test_a_cache_folder_to_which_everybody_may_write_is_refused(tmp_path: Path, origin: Path) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    cache.chmod(0o777)
    with pytest.raises(GitError, match="everybody may write to it"):
        _read(cache, origin)
    cache.chmod(0o1777)
    assert _read(cache, origin) == b"FROM nginx\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_the_cache_folder_of_another_user_is_refused(tmp_path: Path, origin: Path) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    os.chown(cache, 12345, 12345)
    with pytest.raises(GitError, match="belongs to another user"):
        _read(cache, origin)


def test_a_mirror_that_others_could_write_to_is_thrown_away(tmp_path: Path, origin: Path) -> None:
    _read(tmp_path / "cache", origin)
    mirror, canary = _mirror(tmp_path / "cache"), tmp_path / "canary"
    with (mirror / "config").open("a") as config:
        config.write(f'[remote "origin"]\n\tuploadpack = touch {canary}; git-upload-pack\n')
    mirror.chmod(0o770)
    Bare(origin).commit("main", {"Dockerfile": "FROM nginx:1\n"}, "Go on\n", [])
    assert _read(tmp_path / "cache", origin) == b"FROM nginx:1\n"
    assert not canary.exists()


def test_a_mirror_that_is_a_link_is_replaced_and_not_followed(tmp_path: Path, origin: Path) -> None:
    _read(tmp_path / "cache", origin)
    mirror, other = _mirror(tmp_path / "cache"), tmp_path / "other"
    mirror.rename(other)
    mirror.symlink_to(other)
    listed = sorted(other.rglob("*"))
    assert _read(tmp_path / "cache", origin) == b"FROM nginx\n"
    assert not mirror.is_symlink()
    assert sorted(other.rglob("*")) == listed


@pytest.mark.parametrize("most_bytes", [0, 50, 3000])
def test_a_full_disk_is_an_error_of_that_repository(tmp_path: Path, origin: Path, most_bytes: int) -> None:
    program = (
        "import resource, sys\nfrom pathlib import Path\n"
        "from pinbot.errors import GitError\nfrom tests.edges.test_cache import _read\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]),) * 2)\n"
        "try:\n    _read(Path(sys.argv[1]), Path(sys.argv[2]))\nexcept GitError:\n    sys.exit(7)\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "cache"), str(origin), str(most_bytes)]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode in ({7} if most_bytes < 3000 else {0, 7}), done.stderr.decode()
    assert _read(tmp_path / "cache", origin) == b"FROM nginx\n"

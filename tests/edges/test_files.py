"""The folder on this machine: which files count, and that a rewrite is whole, exact and never of another file."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from pinbot.errors import FileChanged, GitError, UnreadableFile
from pinbot.files import LocalFiles, OneText

Git = Callable[..., str]


@pytest.fixture
def git(tmp_path: Path) -> Git:
    """Run git in tmp_path as a user without any configuration of their own."""

    def call(*arguments: str) -> str:
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"]
        done = subprocess.run(["git", *identity, *arguments], cwd=tmp_path, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    return call


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_DOT_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


class TestWhichFilesCount:
    def test_outside_a_checkout_every_file_but_git_counts(self, tmp_path: Path) -> None:
        write(tmp_path, Dockerfile="", a__b__compose="", _DOT_github__ci="")
        assert LocalFiles([str(tmp_path)]).paths() == (".github/ci", "Dockerfile", "a/b/compose")

    def test_in_a_checkout_only_tracked_files_count(self, tmp_path: Path, git: Git) -> None:
        write(tmp_path, Dockerfile="", untracked="")
        git("init", "-q")
        git("add", "Dockerfile")
        assert LocalFiles([str(tmp_path)]).paths() == ("Dockerfile",)

    def test_a_folder_of_a_checkout_lists_what_lies_below_it_relative_to_itself(self, tmp_path: Path, git: Git) -> None:
        write(tmp_path, Dockerfile="", app__Dockerfile="")
        git("init", "-q")
        git("add", "-A")
        assert LocalFiles([str(tmp_path / "app")]).paths() == ("Dockerfile",)

    def test_a_tracked_file_that_was_deleted_is_left_out(self, tmp_path: Path, git: Git) -> None:
        write(tmp_path, Dockerfile="", gone="")
        git("init", "-q")
        git("add", "-A")
        (tmp_path / "gone").unlink()
        assert LocalFiles([str(tmp_path)]).paths() == ("Dockerfile",)

    def test_a_submodule_is_left_out(self, tmp_path: Path, git: Git) -> None:
        write(tmp_path, Dockerfile="")
        git("init", "-q")
        git("add", "-A")
        git("commit", "-qm", "x")
        git("update-index", "--add", "--cacheinfo", f"160000,{git('rev-parse', 'HEAD')},sub")
        (tmp_path / "sub").mkdir()
        assert LocalFiles([str(tmp_path)]).paths() == ("Dockerfile",)

    def test_a_file_is_reported_as_it_was_given(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        write(tmp_path, app__Dockerfile="")
        monkeypatch.chdir(tmp_path)
        assert LocalFiles(["./app/Dockerfile"]).paths() == ("app/Dockerfile",)

    def test_several_folders_keep_their_names_in_front(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        write(tmp_path, a__Dockerfile="", b__Dockerfile="")
        monkeypatch.chdir(tmp_path)
        assert LocalFiles(["b", "a"]).paths() == ("b/Dockerfile", "a/Dockerfile")

    def test_the_same_file_given_twice_counts_once(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        write(tmp_path, Dockerfile="")
        monkeypatch.chdir(tmp_path)
        assert LocalFiles(["Dockerfile", "./Dockerfile"]).paths() == ("Dockerfile",)

    def test_what_does_not_exist_is_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(UnreadableFile, match="no such file"):
            LocalFiles([str(tmp_path / "nowhere")])

    def test_hostile_git_configuration_of_the_repository_runs_nothing(self, tmp_path: Path, git: Git) -> None:
        write(tmp_path, Dockerfile="FROM a\n")
        git("init", "-q")
        canary = tmp_path / "canary"
        for key in (
            "core.fsmonitor",
            "core.sshCommand",
            "core.pager",
            "diff.external",
            "filter.x.clean",
            "alias.ls-files",
        ):
            git("config", key, f"touch {canary}")
        (tmp_path / ".gitattributes").write_text("* filter=x\n")
        git("-c", "core.fsmonitor=false", "-c", "filter.x.clean=cat", "add", "-A")
        git("-c", "core.fsmonitor=false", "-c", "filter.x.clean=cat", "commit", "-qm", "x")
        write(tmp_path, Dockerfile="FROM b\n")
        canary.unlink(missing_ok=True)
        files = LocalFiles([str(tmp_path)])
        assert files.contents_before("HEAD", files.paths())["Dockerfile"] == b"FROM a\n"
        assert not canary.exists()


class TestReading:
    def test_a_link_that_stays_inside_is_followed(self, tmp_path: Path) -> None:
        write(tmp_path, base__image="FROM a\n")
        (tmp_path / "Dockerfile").symlink_to("base/image")
        assert LocalFiles([str(tmp_path)]).read("Dockerfile") == b"FROM a\n"

    @pytest.mark.parametrize(
        ("target", "message"),
        [
            pytest.param("/etc/passwd", "leaves the folder", id="an absolute link outside"),
            pytest.param("../outside", "leaves the folder", id="a relative link outside"),
            pytest.param("Dockerfile", "in a circle", id="a link to itself"),
            pytest.param("nothing", "leads nowhere", id="a dangling link"),
        ],
    )
    def test_other_links_are_refused(self, tmp_path: Path, target: str, message: str) -> None:
        root = tmp_path / "root"
        root.mkdir()
        (tmp_path / "outside").write_text("secret")
        (root / "Dockerfile").symlink_to(target)
        with pytest.raises(UnreadableFile, match=message):
            LocalFiles([str(root)]).read("Dockerfile")

    def test_a_pipe_is_refused_at_once(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "Dockerfile")
        with pytest.raises(UnreadableFile, match="not a regular file"):
            LocalFiles([str(tmp_path)]).read("Dockerfile")

    def test_a_single_file_may_ask_for_its_neighbours(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        write(tmp_path, app__compose="", app___DOT_env="TAG=1\n", _DOT_env="TAG=2\n")
        monkeypatch.chdir(tmp_path)
        assert LocalFiles(["app/compose"]).read("app/.env") == b"TAG=1\n"

    def test_in_a_folder_only_listed_files_are_read(self, tmp_path: Path, git: Git) -> None:
        write(tmp_path, compose="", _DOT_env="SECRET=1\n")
        git("init", "-q")
        git("add", "compose")
        with pytest.raises(UnreadableFile):
            LocalFiles([str(tmp_path)]).read(".env")

    def test_a_link_to_a_file_that_was_read_under_its_own_name_is_not_read_twice(self, tmp_path: Path) -> None:
        write(tmp_path, Dockerfile="FROM a\n")
        (tmp_path / "Containerfile").symlink_to("Dockerfile")
        files = LocalFiles([str(tmp_path)])
        assert files.paths() == ("Dockerfile", "Containerfile")
        assert files.read("Dockerfile") == b"FROM a\n"
        with pytest.raises(UnreadableFile, match="a link to Dockerfile, which is read already"):
            files.read("Containerfile")


class TestWriting:
    @pytest.mark.parametrize("mode", [0o644, 0o755, 0o600, 0o444])
    def test_replaces_the_bytes_and_keeps_the_mode(self, tmp_path: Path, mode: int) -> None:
        path = tmp_path / "Dockerfile"
        path.write_bytes(b"old")
        path.chmod(mode)
        LocalFiles([str(tmp_path)]).write("Dockerfile", b"old", b"new\r\n")
        assert path.read_bytes() == b"new\r\n"
        assert stat.S_IMODE(path.stat().st_mode) == mode
        assert os.listdir(tmp_path) == ["Dockerfile"]

    @pytest.mark.parametrize(
        "now", [b"other", b"old and more", b"ol", b""], ids=["other", "longer", "shorter", "empty"]
    )
    def test_a_file_that_changed_since_it_was_read_is_not_touched(self, tmp_path: Path, now: bytes) -> None:
        path = tmp_path / "Dockerfile"
        path.write_bytes(now)
        with pytest.raises(FileChanged, match="stays as it is"):
            LocalFiles([str(tmp_path)]).write("Dockerfile", b"old", b"new")
        assert path.read_bytes() == now
        assert os.listdir(tmp_path) == ["Dockerfile"]

    def test_writes_through_a_link_and_leaves_it_a_link(self, tmp_path: Path) -> None:
        write(tmp_path, base__image="old")
        (tmp_path / "Dockerfile").symlink_to("base/image")
        LocalFiles([str(tmp_path)]).write("Dockerfile", b"old", b"new")
        assert (tmp_path / "Dockerfile").is_symlink()
        assert (tmp_path / "base/image").read_bytes() == b"new"

    def test_never_writes_outside_when_a_folder_became_a_link(self, tmp_path: Path) -> None:
        root, outside = tmp_path / "root", tmp_path / "outside"
        write(root, app__Dockerfile="old")
        write(outside, Dockerfile="old")
        files = LocalFiles([str(root)])
        (root / "app" / "Dockerfile").unlink()
        (root / "app").rmdir()
        (root / "app").symlink_to(outside)
        with pytest.raises(UnreadableFile, match="leaves the folder"):
            files.write("app/Dockerfile", b"old", b"new")
        assert (outside / "Dockerfile").read_bytes() == b"old"

    def test_a_hard_link_elsewhere_keeps_the_old_bytes(self, tmp_path: Path) -> None:
        root = tmp_path / "root"
        write(root, Dockerfile="old")
        os.link(root / "Dockerfile", tmp_path / "twin")
        LocalFiles([str(root)]).write("Dockerfile", b"old", b"new")
        assert (tmp_path / "twin").read_bytes() == b"old"


class TestBefore:
    def test_returns_what_files_held_at_the_fork_point(self, tmp_path: Path, git: Git) -> None:
        write(tmp_path, Dockerfile="FROM a\n")
        git("init", "-q")
        git("add", "-A")
        git("commit", "-qm", "one")
        git("switch", "-qc", "work")
        write(tmp_path, Dockerfile="FROM b\n", new="x")
        git("add", "-A")
        git("commit", "-qm", "two")
        git("switch", "-q", "main")
        write(tmp_path, Dockerfile="FROM later\n")
        git("commit", "-qam", "three")
        git("switch", "-q", "work")
        files = LocalFiles([str(tmp_path)])
        assert files.contents_before("main", files.paths()) == {"Dockerfile": b"FROM a\n"}

    @pytest.mark.parametrize("revision", ["nowhere", "--upload-pack=x", "HEAD:Dockerfile"])
    def test_an_unknown_revision_is_an_error(self, tmp_path: Path, git: Git, revision: str) -> None:
        write(tmp_path, Dockerfile="FROM a\n")
        git("init", "-q")
        git("add", "-A")
        git("commit", "-qm", "one")
        with pytest.raises(GitError, match="no commit of this repository"):
            LocalFiles([str(tmp_path)]).contents_before(revision, ["Dockerfile"])


def test_standard_input_is_a_repository_of_one_file() -> None:
    text = OneText("Dockerfile", b"old")
    assert (text.paths(), text.read("Dockerfile")) == (("Dockerfile",), b"old")
    text.write("Dockerfile", b"old", b"new")
    assert text.result == b"new"
    with pytest.raises(UnreadableFile):
        text.read(".env")
    with pytest.raises(FileChanged):
        text.write("Dockerfile", b"old", b"newer")

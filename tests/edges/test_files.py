"""The folder on this machine: which files count, and that a rewrite is whole, exact and never of another file."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from pinbot.errors import AlreadyRead, FileChanged, GitError, UnreadableFile
from pinbot.files import LocalFiles, OneText
from pinbot.formats._claims import Claims
from pinbot.wiring import formats

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

    @pytest.mark.parametrize("name", ["nowhere", "x" * 5000, "a\0b"], ids=["absent", "too long", "with a NUL"])
    def test_what_does_not_exist_is_an_error(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(UnreadableFile, match="no such file"):
            LocalFiles([str(tmp_path / name)])

    @pytest.mark.parametrize(
        ("variables", "folder"),
        [
            pytest.param({"GIT_DIR": "{other}/.git"}, ".", id="another repository"),
            pytest.param({"GIT_DIR": ".git", "GIT_INDEX_FILE": ".git/index"}, "app", id="a folder below the hook's"),
            pytest.param({"GIT_INDEX_FILE": "{other}/.git/index"}, ".", id="another index"),
            pytest.param({"GIT_WORK_TREE": "{other}"}, ".", id="another work tree"),
            pytest.param({"GIT_CONFIG_PARAMETERS": "'core.worktree'='{other}'"}, ".", id="a setting of the caller"),
            pytest.param({"GIT_OBJECT_DIRECTORY": "{other}"}, ".", id="another store of objects"),
        ],
    )
    def test_what_a_hook_says_of_its_own_repository_is_not_about_ours(
        self, tmp_path: Path, git: Git, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], folder: str
    ) -> None:
        other = tmp_path / "other"
        write(tmp_path, app__Dockerfile="FROM a\n")
        git("init", "-q")
        git("add", "app")
        git("commit", "-qm", "x")
        write(tmp_path, app__untracked="")
        git("init", "-q", str(other))
        for name, value in variables.items():
            monkeypatch.setenv(name, value.format(other=other))
        files = LocalFiles([str(tmp_path / folder)])
        (path,) = files.paths()
        assert path.endswith("Dockerfile")
        assert files.contents_before("HEAD", [path]) == {path: b"FROM a\n"}

    def test_a_folder_deeper_than_a_path_can_say_ends_no_run(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write(tmp_path, Dockerfile="")
        monkeypatch.chdir(tmp_path)
        for _ in range(25):
            os.mkdir("x" * 200)
            os.chdir("x" * 200)
        files = LocalFiles([str(tmp_path)])
        assert files.paths() == ("Dockerfile",)
        ((folder, reason),) = files.missed()
        assert folder.startswith("xxx")
        assert reason == "the folder cannot be read: File name too long"

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may look into every folder, whatever its mode says")
    def test_a_folder_that_may_not_be_read_is_named(self, tmp_path: Path) -> None:
        write(tmp_path, Dockerfile="", secret__Dockerfile="")
        (tmp_path / "secret").chmod(0)
        files = LocalFiles([str(tmp_path)])
        (tmp_path / "secret").chmod(0o755)
        assert (files.paths(), files.missed()) == (
            ("Dockerfile",),
            (("secret", "the folder cannot be read: Permission denied"),),
        )

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

    def test_a_file_that_vanished_is_no_link(self, tmp_path: Path) -> None:
        write(tmp_path, Dockerfile="")
        files = LocalFiles([str(tmp_path)])
        (tmp_path / "Dockerfile").unlink()
        with pytest.raises(UnreadableFile, match="cannot be read: No such file"):
            files.read("Dockerfile")

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
        with pytest.raises(AlreadyRead, match="a link to Dockerfile, which is read already"):
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

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can make files of others")
    @pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")  # the child runs no thread's code
    @pytest.mark.parametrize(
        ("user", "kept"),
        [
            pytest.param(0, (1234, 2345), id="root keeps both"),
            pytest.param(4321, (4321, 2345), id="a member, the group"),
        ],
    )
    def test_owner_and_group_stay_where_that_is_allowed(self, user: int, kept: tuple[int, int]) -> None:
        with tempfile.TemporaryDirectory() as folder:  # pytest's own folders are closed to other users
            os.chmod(folder, 0o777)
            path = Path(folder, "Dockerfile")
            path.write_bytes(b"old")
            os.chown(path, 1234, 2345)
            path.chmod(0o664)
            if (child := os.fork()) == 0:
                _rewrite_as(user, path)
            assert os.waitpid(child, 0)[1] == 0
            status = path.stat()
            assert (path.read_bytes(), stat.S_IMODE(status.st_mode)) == (b"new", 0o664)
            assert (status.st_uid, status.st_gid) == kept

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

    @pytest.mark.parametrize("name", ["\U0001f433" * 60, "x" * 255, os.fsdecode(b"Dockerfile.\xff"), "a\nb"])
    def test_writes_under_every_name_that_a_file_can_have(self, tmp_path: Path, name: str) -> None:
        (tmp_path / name).write_bytes(b"old")
        LocalFiles([str(tmp_path)]).write(name, b"old", b"new")
        assert (tmp_path / name).read_bytes() == b"new"

    def test_what_a_killed_run_leaves_behind_counts_for_no_format(self, tmp_path: Path) -> None:
        write(tmp_path, Dockerfile="FROM nginx:1\n")
        script = (
            "import os, signal, sys\nfrom pinbot.files import LocalFiles\n"
            "os.rename = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)\n"
            "LocalFiles([sys.argv[1]]).write('Dockerfile', b'FROM nginx:1\\n', b'FROM nginx:2\\n')\n"
        )
        subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
        (left,) = (path for path in LocalFiles([str(tmp_path)]).paths() if path != "Dockerfile")
        assert all(known.is_everywhere for known in Claims(formats()).of(left))
        assert (tmp_path / "Dockerfile").read_bytes() == b"FROM nginx:1\n"

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


def _rewrite_as(user: int, path: Path) -> NoReturn:
    """End this process, a child, after it has become that user and rewritten the file."""
    code = 1
    try:
        os.setgroups([2345])
        os.setgid(user)
        os.setuid(user)
        LocalFiles([str(path.parent)]).write(path.name, b"old", b"new")
        code = 0
    finally:
        os._exit(code)


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

    def test_a_link_stands_for_the_file_that_it_leads_to(self, tmp_path: Path, git: Git) -> None:
        write(tmp_path, base__image="FROM a\n")
        (tmp_path / "Dockerfile").symlink_to("base/image")
        git("init", "-q")
        git("add", "-A")
        git("commit", "-qm", "one")
        before = LocalFiles([str(tmp_path)]).contents_before("HEAD", ["Dockerfile", "base/image"])
        assert before == {"Dockerfile": b"FROM a\n", "base/image": b"FROM a\n"}

    @pytest.mark.parametrize("name", ["a blob 5", "a missing", ":a", "a\r", "a\nb", os.fsdecode(b"\xff"), "HEAD:a"])
    def test_a_name_of_any_kind_is_never_taken_for_another(self, tmp_path: Path, git: Git, name: str) -> None:
        write(tmp_path, a="another")
        (tmp_path / name).write_text("its own")
        git("init", "-q")
        git("add", "-A")
        git("commit", "-qm", "one")
        files = LocalFiles([str(tmp_path)])
        found = files.contents_before("HEAD", [name, "a"])
        assert found.get(name, b"its own") == b"its own"
        assert found["a"] == b"another"

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

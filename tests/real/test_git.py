"""Repositories behind real git over HTTP with passwords: what is asked of them, and what comes back to them."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pinbot.errors import BranchMoved, EmptyRepository, FileChanged, GitError, PushRefused, UnreadableFile
from pinbot.git_process.gpg import gpg_signing
from pinbot.git_process.identity import Identity, Signing
from pinbot.git_process.remote import Remote
from pinbot.ports import Checkouts
from pinbot.proposals.proposal import fingerprint
from pinbot.proposals.repository import Repository
from pinbot.secret import Secret
from pinbot.workspace.checkout import GitCheckout
from pinbot.workspace.checkouts import GitCheckouts
from tests.real.git_server import PASSWORD, BareRepository, Content, GitServer, Request

REPOSITORY = Repository("1", "team/app", "main")
US = Identity("pinbot", "pinbot@example.com")
Files = dict[str | bytes, Content | None]
LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"a" * 64 + b"\nsize 12345\n"


class Lab:
    """One repository of the server, and a cache of ours; `checkouts` is a new run each time."""

    def __init__(self, server: GitServer, folder: Path) -> None:
        self.server = server
        self.cache = folder / "cache"

    def checkouts(self, repository: BareRepository, signing: Signing | None = None, **remote: object) -> GitCheckouts:
        where = replace(self.server.remote(repository), **remote)  # type: ignore[arg-type] # the tests know the fields
        return GitCheckouts(self.cache, lambda _: where, US, signing)

    def open(self, repository: BareRepository, head: str | None = None, branch: str = "main") -> GitCheckout:
        return self.checkouts(repository).open(REPOSITORY, branch, head)


@pytest.fixture
def lab(git_server: GitServer, tmp_path: Path) -> Lab:
    return Lab(git_server, tmp_path)


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def _posts(requests: list[Request]) -> int:
    return sum(r.method == "POST" and r.path.endswith("git-upload-pack") for r in requests)


def _pin(checkout: GitCheckout, path: str = "Dockerfile", after: bytes = b"FROM b\n") -> str:
    """Return a commit that gives one file other content."""
    return checkout.commit(checkout.tree({path: (checkout.read(path), after)}), "Pin it\n")


class TestReading:
    def test_regular_files_are_read_whatever_their_names_and_modes(self, lab: Lab) -> None:
        repository = lab.server.repository(
            {
                "Dockerfile": b"FROM a\n",
                "deep/er/compose.yml": b"image: a\r\n",
                "run": ("100755", b"#!/bin/sh\n"),
                "link": ("120000", b"Dockerfile"),
                b"caf\xe9/Dockerfile": b"FROM b\n",
                'a "quoted" name': b"",
                "sub": ("160000", b"1" * 40),
                ".gitmodules": b'[submodule "x"]\n\tpath = sub\n\turl = --upload-pack=touch\n',
            }
        )
        checkout = lab.open(repository)
        checkout.want(checkout.paths())
        assert {path: checkout.read(path) for path in checkout.paths() if path != ".gitmodules"} == {
            "Dockerfile": b"FROM a\n",
            "deep/er/compose.yml": b"image: a\r\n",
            "run": b"#!/bin/sh\n",
            "caf\udce9/Dockerfile": b"FROM b\n",
            'a "quoted" name': b"",
        }
        assert checkout.missed() == (("sub", "a submodule; its files belong to another repository"),)

    @pytest.mark.parametrize(
        ("path", "reason"),
        [
            pytest.param("link", "a link; it is not followed", id="a link"),
            pytest.param("sub", "no such file", id="a submodule"),
            pytest.param("folder", "no such file", id="a folder"),
            pytest.param("nothing", "no such file", id="nothing"),
            pytest.param("../Dockerfile", "no such file", id="a path that leads out"),
            pytest.param("lfs.yml", "a Git LFS pointer", id="an LFS pointer"),
        ],
    )
    def test_what_is_no_file_is_unreadable(self, lab: Lab, path: str, reason: str) -> None:
        repository = lab.server.repository(
            {
                "link": ("120000", b"/etc/passwd"),
                "sub": ("160000", b"1" * 40),
                "folder/x": b"",
                "lfs.yml": LFS,
                ".lfsconfig": b"[lfs]\n\turl = http://127.0.0.1:1/\n",
            }
        )
        with pytest.raises(UnreadableFile, match=reason):
            lab.open(repository).read(path)

    def test_a_file_that_is_too_large_is_not_read(self, lab: Lab) -> None:
        checkout = lab.open(lab.server.repository({"a.yml": bytes(65 * 1024 * 1024), "b.yml": b"image: b\n"}))
        checkout.want(["a.yml", "b.yml"])
        with pytest.raises(UnreadableFile, match="more than the 67,108,864 bytes"):
            checkout.read("a.yml")
        assert checkout.read("b.yml") == b"image: b\n"

    def test_paths_that_lead_elsewhere_are_missed(self, lab: Lab) -> None:
        checkout = lab.open(_with_strange_names(lab.server.repository({"Dockerfile": b"FROM a\n"})))
        assert checkout.paths() == ("Dockerfile",)
        assert {path for path, _ in checkout.missed()} == {"../passwd", ".GIT/config", "a\nb"}
        with pytest.raises(UnreadableFile):
            checkout.read(".GIT/config")

    def test_nothing_is_written_into_a_commit(self, lab: Lab) -> None:
        with pytest.raises(UnreadableFile):
            lab.open(lab.server.repository({"a": b"1"})).write("a", b"1", b"2")

    @pytest.mark.parametrize("branch", ["-x", "$(id)", "é", "a'b", "feature/x.y", "HEAD2"])
    def test_a_default_branch_may_have_an_odd_name(self, lab: Lab, branch: str) -> None:
        repository = lab.server.repository({"Dockerfile": b"FROM a\n"}, branch=branch)
        if branch == "-x":
            with pytest.raises(GitError, match="not the name of a branch"):
                lab.open(repository, branch=branch)
        else:
            assert lab.open(repository, branch=branch).read("Dockerfile") == b"FROM a\n"

    def test_an_empty_repository_is_one(self, lab: Lab) -> None:
        with pytest.raises(EmptyRepository):
            lab.open(lab.server.repository())
        with pytest.raises(EmptyRepository):
            lab.open(lab.server.repository({"a": b""}), branch="other")

    def test_a_branch_that_is_gone_is_an_empty_repository(self, lab: Lab) -> None:
        repository = lab.server.repository({"a": b""})
        lab.open(repository)
        repository.git("update-ref", "-d", "refs/heads/main")
        with pytest.raises(EmptyRepository):
            lab.open(repository)

    def test_sha256_repositories_work(self, lab: Lab) -> None:
        repository = lab.server.repository({"a/Dockerfile": b"FROM a\n"}, sha256=True)
        checkout = lab.open(repository)
        commit = _pin(checkout, "a/Dockerfile")
        checkout.push("pinbot/x", commit, None)
        assert repository.show("pinbot/x", "a/Dockerfile") == b"FROM b\n"
        assert len(commit) == 64
        del checkout  # and with it its mirror, which is its own
        with lab.server.watched() as requests:
            assert lab.open(repository, repository.tip()).read("a/Dockerfile") == b"FROM a\n"
        assert requests == []

    def test_a_full_cache_of_another_version_is_thrown_away(self, lab: Lab) -> None:
        repository = lab.server.repository({"Dockerfile": b"FROM a\n"})
        lab.open(repository).read("Dockerfile")
        (mirror,) = (p for p in lab.cache.iterdir() if p.is_dir())
        (mirror / "HEAD").unlink()
        assert lab.open(repository, repository.tip()).read("Dockerfile") == b"FROM a\n"


def _with_strange_names(repository: BareRepository) -> BareRepository:
    """Give `main` a commit with names that git would not check out."""
    blob = repository.git("hash-object", "-w", "--stdin", stdin=b"x").decode().strip()

    def tree(*entries: str) -> str:
        lines = "".join(f"{entry}\0" for entry in entries).encode()
        return repository.git("mktree", "-z", stdin=lines).decode().strip()

    below = {name: tree(f"100644 blob {blob}\t{file}") for name, file in ((".GIT", "config"), ("..", "passwd"))}
    names = [f"040000 tree {made}\t{name}" for name, made in below.items()]
    top = tree(*names, f"100644 blob {blob}\ta\nb", f"100644 blob {blob}\tDockerfile")
    commit = repository.git("commit-tree", "-m", "strange", top).decode().strip()
    repository.git("update-ref", "refs/heads/main", commit)
    return repository


class TestCost:
    def test_an_unchanged_head_costs_no_request(self, lab: Lab) -> None:
        repository = lab.server.repository({"Dockerfile": b"FROM a\n", "b": b"x"})
        lab.open(repository).want(["Dockerfile"])
        with lab.server.watched() as requests:
            assert lab.open(repository, repository.tip()).read("Dockerfile") == b"FROM a\n"
        assert requests == []

    def test_a_new_head_costs_one_fetch_for_trees_and_small_files_together(self, lab: Lab) -> None:
        repository = lab.server.repository({f"{i}/Dockerfile": f"FROM a:{i}\n".encode() for i in range(50)})
        lab.open(repository).want(["1/Dockerfile"])
        head = repository.commit({f"{i}/Dockerfile": f"FROM b:{i}\n".encode() for i in range(50)})
        with lab.server.watched() as requests:
            checkout = lab.open(repository, head)
            checkout.want(checkout.paths())
            assert checkout.read("49/Dockerfile") == b"FROM b:49\n"
        assert [r.method for r in requests] == ["GET", "POST", "POST"]
        assert all(r.status == 200 for r in requests)  # the password goes along from the first one

    def test_a_large_file_that_changed_is_not_fetched_with_the_rest(self, lab: Lab) -> None:
        repository = lab.server.repository({"Dockerfile": b"FROM a\n", "large": os.urandom(300_000)})
        lab.open(repository).want(["Dockerfile"])
        head = repository.commit({"Dockerfile": b"FROM b\n", "large": os.urandom(300_000)})
        before = _size(lab.cache)
        with lab.server.watched() as requests:
            assert lab.open(repository, head).read("Dockerfile") == b"FROM b\n"
        assert [r.method for r in requests] == ["GET", "POST", "POST"]
        assert _size(lab.cache) - before < 100_000

    def test_what_changed_may_build_upon_files_that_were_never_fetched(self, lab: Lab) -> None:
        text = "".join(f"line {i}: {os.urandom(8).hex()}\n" for i in range(2000)).encode()
        repository = lab.server.repository({"Dockerfile": b"FROM a\n", "text": text})
        lab.open(repository).want(["Dockerfile"])
        repository.git("repack", "-adfq")
        head = repository.commit({"text": text + b"one more\n"})
        repository.git("repack", "-adfq")
        assert lab.open(repository, head).read("text") == text + b"one more\n"

    def test_a_small_file_may_be_what_is_left_of_a_large_one(self, lab: Lab) -> None:
        text = "".join(f"line {i}: {os.urandom(32).hex()}\n" for i in range(4000)).encode()
        repository = lab.server.repository({"Dockerfile": b"FROM a\n", "text": text})
        lab.open(repository).want(["Dockerfile"])
        head = repository.commit({"text": text[:100_000]})
        repository.git("repack", "-adfq")
        assert lab.open(repository, head).read("text") == text[:100_000]

    def test_files_that_did_not_change_are_not_fetched_again(self, lab: Lab) -> None:
        repository = lab.server.repository({"Dockerfile": b"FROM a\n"})
        lab.open(repository).want(["Dockerfile"])
        head = repository.commit({"README": b"x"})
        with lab.server.watched() as requests:
            checkout = lab.open(repository, head)
            assert checkout.read("Dockerfile") == b"FROM a\n"
        assert [r.method for r in requests] == ["GET", "POST", "POST"]

    def test_without_a_known_head_the_remote_is_asked_for_it_alone(self, lab: Lab) -> None:
        repository = lab.server.repository({"Dockerfile": b"FROM a\n"})
        lab.open(repository).want(["Dockerfile"])
        with lab.server.watched() as requests:
            lab.open(repository).read("Dockerfile")
        assert [r.method for r in requests] == ["GET", "POST"]

    def test_a_large_repository_is_opened_fast(self, lab: Lab) -> None:
        files: Files = {f"{i % 100}/{i // 100 % 20}/{i}.txt": b"%d" % i for i in range(50_000)}
        repository = lab.server.repository({**files, "Dockerfile": b"FROM a\n", "3/compose.yml": b"image: a\n"})
        started = time.perf_counter()
        with lab.server.watched() as requests:
            checkout = lab.open(repository)
            checkout.want(["Dockerfile", "3/compose.yml"])
            commit = _pin(checkout, "3/compose.yml", b"image: b\n")
            checkout.push("pinbot/x", commit, None)
        assert time.perf_counter() - started < 20
        assert len(checkout.paths()) == 50_002
        assert len([r for r in requests if r.path.endswith("git-upload-pack")]) == 5
        changed = repository.git("diff-tree", "-r", "--name-only", "main", "pinbot/x").split()
        assert changed == [b"3/compose.yml"]
        started = time.perf_counter()
        lab.open(repository, repository.tip()).read("Dockerfile")
        assert time.perf_counter() - started < 5


class TestServers:
    """Servers that do not have all that git can do."""

    def test_a_server_may_leave_out_all_files_or_none(self, lab: Lab) -> None:
        repository = lab.server.repository({"Dockerfile": b"FROM a\n"})
        repository.git("config", "uploadpackfilter.allow", "false")
        repository.git("config", "uploadpackfilter.blob:none.allow", "true")
        assert lab.open(repository).read("Dockerfile") == b"FROM a\n"
        head = repository.commit({"Dockerfile": b"FROM b\n"})
        assert lab.open(repository, head).read("Dockerfile") == b"FROM b\n"

    def test_without_filters_everything_is_fetched_at_once(self, lab: Lab) -> None:
        repository = lab.server.repository({"Dockerfile": b"FROM a\n", "b/c": b"x"}, filters=False)
        with lab.server.watched() as requests:
            checkout = lab.open(repository)
            checkout.want(checkout.paths())
        assert _posts(requests) == 2
        checkout.push("pinbot/x", _pin(checkout), None)
        assert repository.show("pinbot/x", "Dockerfile") == b"FROM b\n"

    @pytest.mark.parametrize("filters", [True, False])
    def test_the_old_protocol_gives_no_object_by_its_name(self, lab: Lab, filters: bool) -> None:
        repository = lab.server.repository({"Dockerfile": b"FROM a\n"}, filters=filters, any_object=False)
        old = replace(repository, url=repository.url.replace("/git/", "/old/"))
        assert lab.open(old).read("Dockerfile") == b"FROM a\n"
        with lab.server.watched() as requests:
            assert lab.open(old, repository.tip()).read("Dockerfile") == b"FROM a\n"
        assert requests == []
        head = repository.commit({"Dockerfile": b"FROM b\n"})
        checkout = lab.open(old, head)
        assert checkout.read("Dockerfile") == b"FROM b\n"
        checkout.push("pinbot/x", _pin(checkout, after=b"FROM c\n"), None)
        assert set(lab.open(old).branches("pinbot/")) == {"pinbot/x"}


class TestWriting:
    def test_one_line_changes_and_nothing_else(self, lab: Lab) -> None:
        repository = lab.server.repository(
            {
                ".gitattributes": b"* text=auto eol=crlf\n*.yml filter=lfs working-tree-encoding=UTF-16 ident\n",
                "compose.yml": b"a: $Id$\r\nimage: a\r\nb: 1\r\n",
                "Dockerfile": b"FROM a\nRUN x\n",
                "run": ("100755", b"#!/bin/sh\n# a\n"),
                "d/link": ("120000", b"../run"),
                "sub": ("160000", b"1" * 40),
                b"caf\xe9/x.yml": b"image: a\n",
            }
        )
        checkout = lab.open(repository)
        before = repository.files(repository.tip() or "")
        edited = {
            path: (checkout.read(path), checkout.read(path).replace(b"a", b"b")) for path in ("compose.yml", "run")
        }
        edited |= {"caf\udce9/x.yml": (b"image: a\n", b"image: b\n")}
        commit = checkout.commit(
            checkout.tree({**edited, "compose.yml": (edited["compose.yml"][0], b"a: $Id$\r\nimage: b\r\nb: 1\r\n")}),
            "Pin\n",
        )
        checkout.push("pinbot/x", commit, None)
        numbers = repository.git("diff-tree", "-r", "--numstat", "-z", "main", commit).split(b"\0")
        assert sorted(numbers) == [b"", b"1\t1\tcaf\xe9/x.yml", b"1\t1\tcompose.yml", b"1\t1\trun"]
        after = repository.files(commit)
        assert {path: mode for path, (mode, _) in after.items()} == {path: mode for path, (mode, _) in before.items()}
        assert repository.show(commit, "compose.yml") == b"a: $Id$\r\nimage: b\r\nb: 1\r\n"
        repository.git("fsck", "--strict", "--no-dangling", commit)

    def test_the_same_change_makes_the_same_commit(self, lab: Lab, tmp_path: Path) -> None:
        repository = lab.server.repository({"Dockerfile": b"FROM a\n"})
        first = _pin(lab.open(repository))
        lab.cache = tmp_path / "another"
        assert _pin(lab.open(repository)) == first

    def test_a_commit_is_by_us_at_the_time_of_its_base(self, lab: Lab) -> None:
        repository = lab.server.repository({"Dockerfile": b"FROM a\n"})
        checkout = lab.open(repository)
        checkout.push("pinbot/x", _pin(checkout), None)
        shown = repository.git("show", "-s", "--format=%an <%ae> %at|%cn <%ce> %ct|%P|%B", "pinbot/x").decode()
        us = "pinbot <pinbot@example.com> 1790000000"
        assert shown.strip() == f"{us}|{us}|{repository.tip()}|Pin it"

    def test_what_is_not_what_was_read_is_not_overwritten(self, lab: Lab) -> None:
        checkout = lab.open(lab.server.repository({"Dockerfile": b"FROM a\n", "l": ("120000", b"Dockerfile")}))
        for files in ({"Dockerfile": (b"FROM x\n", b"")}, {"new": (b"", b"x")}, {"l": (b"Dockerfile", b"/etc/passwd")}):
            with pytest.raises(FileChanged):
                checkout.tree(files)

    def test_a_base_that_moved_on_does_not_matter(self, lab: Lab) -> None:
        repository = lab.server.repository({"Dockerfile": b"FROM a\n", "big": b"x" * 1000})
        checkout = lab.open(repository)
        commit = _pin(checkout)
        repository.commit({"other": b"y"})
        checkout.push("pinbot/x", commit, None)
        assert repository.tip("pinbot/x") == commit

    @pytest.mark.parametrize("format_", ["ssh", "openpgp"])
    def test_commits_are_signed(self, lab: Lab, tmp_path: Path, format_: str) -> None:
        repository = lab.server.repository({"Dockerfile": b"FROM a\n"})
        with _key(format_, tmp_path) as signing:
            commits = set()
            for _ in range(2):
                checkout = lab.checkouts(repository, signing).open(REPOSITORY, "main", None)
                commits.add(commit := _pin(checkout))
            checkout.push("pinbot/x", commit, None)
        assert b"\ngpgsig" in repository.git("cat-file", "commit", commit)
        if format_ == "ssh":
            assert len(commits) == 1
            (tmp_path / "allowed").write_text(f"pinbot@example.com {(tmp_path / 'key.pub').read_text()}")
            repository.git("-c", f"gpg.ssh.allowedSignersFile={tmp_path}/allowed", "verify-commit", commit)

    def test_a_file_without_a_key_is_an_error(self, tmp_path: Path) -> None:
        (tmp_path / "empty").touch()
        with pytest.raises(GitError, match="no secret key"):
            gpg_signing(tmp_path / "empty", tmp_path / "g")

    def test_a_key_that_is_not_there_is_an_error(self, lab: Lab) -> None:
        repository = lab.server.repository({"Dockerfile": b"FROM a\n"})
        checkout = lab.checkouts(repository, Signing("ssh", "/nowhere/key")).open(REPOSITORY, "main", None)
        with pytest.raises(GitError, match="/nowhere/key"):
            _pin(checkout)


@contextlib.contextmanager
def _key(format_: str, folder: Path) -> Iterator[Signing]:
    program = {"ssh": "ssh-keygen", "openpgp": "gpg"}[format_]
    if shutil.which(program) is None:
        pytest.skip(f"NOT TESTED: signing of commits needs {program} (`make test` may install it)")
    if format_ == "ssh":
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / "key")], check=True)
        yield Signing("ssh", str(folder / "key"))
        return
    with _gpg_home(folder / "theirs") as gpg:
        subprocess.run([*gpg, "--passphrase", "", "--quick-gen-key", "bot@example.com", "ed25519"], check=True)
        with (folder / "secret.asc").open("wb") as file:
            subprocess.run([*gpg, "--armor", "--export-secret-keys"], stdout=file, check=True)
    with _gpg_home(folder / "ours"):
        yield gpg_signing(folder / "secret.asc", folder / "ours")


@contextlib.contextmanager
def _gpg_home(home: Path) -> Iterator[list[str]]:
    home.mkdir(mode=0o700)
    try:
        yield ["gpg", "--homedir", str(home), "--batch", "--quiet"]
    finally:
        subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=True)


class TestPushing:
    def test_a_branch_that_moved_is_left(self, lab: Lab) -> None:
        repository = lab.server.repository({"Dockerfile": b"FROM a\n"})
        checkout = lab.open(repository)
        ours, theirs = _pin(checkout), repository.commit({"Dockerfile": b"FROM theirs\n"}, "pinbot/x")
        for tip in (None, ours, repository.tip()):
            with pytest.raises(BranchMoved):
                checkout.push("pinbot/x", ours, tip)
            if tip:
                with pytest.raises(BranchMoved):
                    checkout.delete("pinbot/x", tip)
        assert repository.tip("pinbot/x") == theirs
        checkout.push("pinbot/x", ours, theirs)
        assert repository.tip("pinbot/x") == ours

    def test_pushing_and_deleting_again_is_fine(self, lab: Lab) -> None:
        repository = lab.server.repository({"Dockerfile": b"FROM a\n"})
        checkout = lab.open(repository)
        commit = _pin(checkout)
        for _ in range(2):
            checkout.push("pinbot/x", commit, None)
        for _ in range(2):
            checkout.delete("pinbot/x", commit)
        assert repository.tip("pinbot/x") is None
        with pytest.raises(BranchMoved):
            checkout.push("pinbot/x", commit, commit)

    def test_a_hook_refuses_in_its_own_words(self, lab: Lab) -> None:
        repository = lab.server.repository({"Dockerfile": b"FROM a\n"})
        repository.hook(
            "update",
            'case "$1" in refs/heads/pinbot/*) printf "GH013: \\033[31mprotected\\007 by a rule\\n" >&2; exit 1;; esac',
        )
        checkout = lab.open(repository)
        with pytest.raises(PushRefused, match=r"GH013: protected by a rule") as caught:
            checkout.push("pinbot/x", _pin(checkout), None)
        assert "\x1b" not in str(caught.value)
        assert "\x07" not in str(caught.value)
        checkout.push("other", _pin(checkout), None)

    def test_a_hook_that_talks_without_end_is_cut(self, lab: Lab) -> None:
        repository = lab.server.repository({"Dockerfile": b"FROM a\n"})
        repository.hook(
            "pre-receive", "i=0; while [ $i -lt 3000 ]; do echo no no no no no no >&2; i=$((i+1)); done; exit 1"
        )
        checkout = lab.open(repository)
        with pytest.raises(PushRefused, match="pre-receive hook declined") as caught:
            checkout.push("pinbot/x", _pin(checkout), None)
        assert len(str(caught.value)) < 1000

    def test_a_repository_that_takes_no_push_refuses(self, lab: Lab) -> None:
        repository = lab.server.repository({"Dockerfile": b"FROM a\n"})
        checkout = lab.open(repository)
        with (repository.folder / "config").open("a") as config:
            config.write("[http]\n\treceivepack = false\n")
        with pytest.raises(PushRefused, match="403"):
            checkout.push("pinbot/x", _pin(checkout), None)

    def test_a_branch_in_the_way_is_said(self, lab: Lab) -> None:
        repository = lab.server.repository({"Dockerfile": b"FROM a\n"})
        repository.commit({"a": b""}, "pinbot")
        checkout = lab.open(repository)
        with pytest.raises(PushRefused, match="in the way"):
            checkout.push("pinbot/x", _pin(checkout), None)

    def test_of_two_runs_one_wins(self, lab: Lab) -> None:
        repository = lab.server.repository({"Dockerfile": b"FROM a\n"})
        first, second = lab.open(repository), lab.open(repository)
        commits = [_pin(first, after=b"FROM b\n"), _pin(second, after=b"FROM c\n")]
        outcomes: list[str] = []

        def push(checkout: GitCheckout, commit: str) -> None:
            try:
                checkout.push("pinbot/x", commit, None)
                outcomes.append("pushed")
            except BranchMoved:
                outcomes.append("moved")

        threads = [threading.Thread(target=push, args=pair) for pair in zip((first, second), commits, strict=True)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) == ["moved", "pushed"]


class TestBranches:
    def test_the_tips_are_told_as_commits(self, lab: Lab) -> None:
        repository = lab.server.repository({"Dockerfile": b"FROM a\n"})
        checkout = lab.open(repository)
        commit = _pin(checkout)
        checkout.push("pinbot/é", commit, None)
        theirs = repository.commit({"a": b"1"}, "pinbot/b", "Their work\n\nin two parts")
        repository.commit({"a": b"1"}, "other/pinbot/b")
        fresh = lab.open(repository)
        with lab.server.watched() as requests:
            found = fresh.branches("pinbot/")
        assert _posts(requests) == 2
        assert set(found) == {"pinbot/é", "pinbot/b"}
        ours = found["pinbot/é"]
        assert (ours.sha, ours.parents, ours.message, ours.author) == (
            commit,
            (repository.tip(),),
            "Pin it\n",
            "pinbot",
        )
        assert found["pinbot/b"].sha == theirs
        assert (found["pinbot/b"].message, found["pinbot/b"].author) == ("Their work\n\nin two parts", "A Person")
        assert ours.tree == repository.git("rev-parse", f"{commit}^{{tree}}").decode().strip()
        assert fresh.branches("nothing/") == {}

    def test_a_fingerprint_is_that_of_what_changed(self, lab: Lab) -> None:
        repository = lab.server.repository({"Dockerfile": b"FROM a\nRUN x\n", "b": b"1\n"})
        checkout = lab.open(repository)
        commit = _pin(checkout, after=b"FROM b\nRUN x\n")
        checkout.push("pinbot/x", commit, None)
        ours = fingerprint([("Dockerfile", "FROM a\nRUN x\n", "FROM b\nRUN x\n")])
        assert checkout.fingerprint(commit) == ours
        # The same patch on another base, by the button of a forge.
        repository.commit({"Dockerfile": b"FROM a\nRUN y\n"})
        repository.git("branch", "rebased", "main")
        rebased = repository.commit({"Dockerfile": b"FROM b\nRUN y\n"}, "rebased")
        assert lab.open(repository).fingerprint(rebased) == ours

    @pytest.mark.parametrize(
        "change",
        [
            pytest.param({"Dockerfile": ("100755", b"FROM b\n")}, id="another mode"),
            pytest.param({"Dockerfile": b"FROM b\n", "new": b""}, id="a new file"),
            pytest.param({"Dockerfile": b"FROM b\n", "b": None}, id="a file less"),
            pytest.param({"Dockerfile": b"FROM b\n", "s": ("160000", b"1" * 40)}, id="a submodule"),
            pytest.param({"Dockerfile": ("120000", b"FROM b\n")}, id="a link"),
        ],
    )
    def test_more_than_our_patch_has_another_fingerprint(self, lab: Lab, change: Files) -> None:
        repository = lab.server.repository({"Dockerfile": b"FROM a\n", "b": b"1\n"})
        head = repository.commit(change)
        assert lab.open(repository).fingerprint(head) not in {
            None,
            fingerprint([("Dockerfile", "FROM a\n", "FROM b\n")]),
        }

    def test_a_merge_has_no_fingerprint(self, lab: Lab) -> None:
        repository = lab.server.repository({"a": b"1"})
        other = repository.commit({"b": b"1"}, "other")
        tip = repository.tip() or ""
        merge = repository.git("commit-tree", "-p", tip, "-p", other, "-m", "merge", f"{tip}^{{tree}}").decode().strip()
        repository.git("update-ref", "refs/heads/pinbot/m", merge)
        assert lab.open(repository).fingerprint(merge) is None

    def test_a_commit_that_nobody_has_is_an_error(self, lab: Lab) -> None:
        checkout = lab.open(lab.server.repository({"a": b"1"}))
        for name in ("1" * 40, "--upload-pack=x", "main"):
            with pytest.raises(GitError):
                checkout.fingerprint(name)


class TestKeptFile:
    REF, PATH = "refs/pinbot/ledger", "ledger.jsonl"

    @pytest.mark.parametrize("sha256", [False, True])
    def test_a_file_is_kept_in_a_ref(self, lab: Lab, tmp_path: Path, sha256: bool) -> None:
        repository = lab.server.repository(sha256=sha256)
        run = lab.checkouts(repository)
        assert run.read_ref(REPOSITORY, self.REF, self.PATH) is None
        first = run.write_ref(REPOSITORY, self.REF, self.PATH, b"1\r\n", None)
        lab.cache = tmp_path / "another machine"
        other = lab.checkouts(repository)
        kept = other.read_ref(REPOSITORY, self.REF, self.PATH)
        assert kept is not None
        assert (kept.tip, kept.data) == (first, b"1\r\n")
        second = other.write_ref(REPOSITORY, self.REF, self.PATH, b"2\n", kept.tip)
        with pytest.raises(BranchMoved):
            run.write_ref(REPOSITORY, self.REF, self.PATH, b"3\n", first)
        kept = run.read_ref(REPOSITORY, self.REF, self.PATH)
        assert kept is not None
        assert (kept.tip, kept.data) == (second, b"2\n")
        with lab.server.watched() as requests:
            run.read_ref(REPOSITORY, self.REF, self.PATH)
        assert _posts(requests) == 1
        assert repository.git("for-each-ref", "refs/heads") == b""

    def test_a_ref_without_the_file_has_an_empty_one(self, lab: Lab) -> None:
        repository = lab.server.repository({"a": b"1"})
        kept = lab.checkouts(repository).read_ref(REPOSITORY, "refs/heads/main", self.PATH)
        assert kept is not None
        assert kept.data == b""


class TestSecrets:
    def test_a_credential_that_was_renewed_is_used(self, lab: Lab) -> None:
        repository = lab.server.repository({"Dockerfile": b"FROM a\n"})
        remotes = [lab.server.remote(repository)]
        checkouts: Checkouts = GitCheckouts(lab.cache, lambda _: remotes[-1], US)
        checkout = checkouts.open(REPOSITORY, "main", None)
        assert checkout.read("Dockerfile") == b"FROM a\n"
        commit = checkout.commit(checkout.tree({"Dockerfile": (b"FROM a\n", b"FROM b\n")}), "Pin it\n")
        remotes.append(lab.server.remote(repository, "wrong"))
        with pytest.raises(GitError, match="credentials"):
            checkout.push("pinbot/x", commit, None)
        remotes.append(remotes[0])
        checkout.push("pinbot/x", commit, None)
        assert repository.tip("pinbot/x") == commit

    def test_a_wrong_password_is_told_and_not_shown(self, lab: Lab) -> None:
        repository = lab.server.repository({"a": b"1"})
        wrong = lab.server.remote(repository, "not-the-password")
        checkouts = GitCheckouts(lab.cache, lambda _: wrong, US)
        with pytest.raises(GitError, match="does not accept the credentials") as caught:
            checkouts.open(REPOSITORY, "main", None)
        assert "not-the-password" not in str(caught.value)
        with pytest.raises(GitError, match="does not accept the credentials"):
            lab.checkouts(repository, authorization=None).open(REPOSITORY, "main", None)

    def test_what_is_asked_long_after_is_asked_with_the_credentials_of_that_time(self, lab: Lab) -> None:
        repository = lab.server.repository({"a": b"1"})
        now = lab.server.remote(repository)
        checkouts = GitCheckouts(lab.cache, lambda _: now, US)
        checkout = checkouts.open(REPOSITORY, "main", None)
        commit = checkout.commit(checkout.tree({"a": (b"1", b"2")}), "Change\n")
        now = lab.server.remote(repository, "ended")
        with pytest.raises(GitError, match="does not accept the credentials"):
            checkout.push("pinbot/pin", commit, None)
        now = lab.server.remote(repository)
        checkout.push("pinbot/pin", commit, None)
        assert list(checkout.branches("pinbot/")) == ["pinbot/pin"]

    def test_a_password_shows_nowhere(self, lab: Lab) -> None:
        repository = lab.server.repository({"Dockerfile": b"FROM a\n"})
        repository.hook("pre-receive", "sleep 0.5")
        authorization = lab.server.remote(repository).authorization
        assert authorization is not None
        token = authorization.reveal().removeprefix("Basic ")
        secrets = [PASSWORD.encode(), token.encode()]
        seen: list[bytes] = []
        stop = threading.Event()

        def watch() -> None:
            while not stop.is_set():
                for line in Path("/proc").glob("[0-9]*/cmdline"):
                    with contextlib.suppress(OSError):
                        seen.append(line.read_bytes())

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            checkout = lab.open(repository)
            checkout.push("pinbot/x", _pin(checkout), None)
            checkout.branches("pinbot/")
        finally:
            stop.set()
            watcher.join()
        assert any(b"push" in words for words in seen)
        assert not [words for words in seen if any(secret in words for secret in secrets)]
        files = [path for path in lab.cache.rglob("*") if path.is_file()]
        assert files
        assert not [path for path in files if any(secret in path.read_bytes() for secret in secrets)]

    def test_a_remote_that_says_our_password_is_not_quoted(self, lab: Lab) -> None:
        repository = lab.server.repository({"Dockerfile": b"FROM a\n"})
        authorization = lab.server.remote(repository).authorization
        assert authorization is not None
        said = authorization.reveal()
        repository.hook("pre-receive", f"echo 'you sent {said}, which is {PASSWORD}' >&2; exit 1")
        checkout = lab.open(repository)
        with pytest.raises(PushRefused) as caught:
            checkout.push("pinbot/x", _pin(checkout), None)
        assert "you sent ***, which is ***" in str(caught.value)

    def test_a_redirect_is_not_followed(self, lab: Lab) -> None:
        repository = lab.server.repository({"a": b"1"})
        moved = replace(repository, url=repository.url.replace("/git/", "/moved/"))
        with lab.server.watched() as requests, pytest.raises(GitError, match="redirects to another place"):
            lab.open(moved)
        assert [r.status for r in requests] == [301]

    def test_an_authority_from_the_settings_is_trusted(self, lab: Lab) -> None:
        repository = lab.server.repository({"Dockerfile": b"FROM a\n"})
        url = repository.url.replace(f"http://127.0.0.1:{lab.server.port}", f"https://127.0.0.1:{lab.server.tls_port}")
        safe = replace(repository, url=url)
        with pytest.raises(GitError, match="the certificate is not trusted"):
            lab.open(safe)
        ca_file = str(lab.server.folder / "ca.pem")
        checkout = lab.checkouts(safe, ca_file=ca_file, plain_http=False).open(REPOSITORY, "main", None)
        assert checkout.read("Dockerfile") == b"FROM a\n"

    def test_the_users_own_git_settings_and_variables_do_not_count(
        self, lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        canary = tmp_path / "canary"
        (tmp_path / "evil").write_text(f"#!/bin/sh\ntouch {canary}\n")
        (tmp_path / "evil").chmod(0o755)
        (tmp_path / ".gitconfig").write_text(
            f"[core]\n\tsshCommand = {tmp_path}/evil\n\tfsmonitor = {tmp_path}/evil\n\thooksPath = {tmp_path}\n"
            f"\taskPass = {tmp_path}/evil\n[credential]\n\thelper = {tmp_path}/evil\n"
            '[url "file:///"]\n\tinsteadOf = http://\n[http]\n\tproxy = http://127.0.0.1:1\n'
        )
        for name in ("GIT_ASKPASS", "SSH_ASKPASS", "GIT_SSH_COMMAND", "GIT_EXTERNAL_DIFF", "GIT_PROXY_COMMAND"):
            monkeypatch.setenv(name, str(tmp_path / "evil"))
        for name in ("http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, "http://127.0.0.1:1")
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("GIT_TRACE_CURL", str(tmp_path / "trace"))
        monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
        repository = lab.server.repository({"Dockerfile": b"FROM a\n"})
        checkout = lab.open(repository)
        checkout.push("pinbot/x", _pin(checkout), None)
        with pytest.raises(GitError):
            lab.checkouts(repository, authorization=None).open(REPOSITORY, "main", None)
        assert not canary.exists()
        assert not (tmp_path / "trace").exists()


class TestRepair:
    """Mirrors that are not what they should be."""

    def _mirror(self, lab: Lab) -> Path:
        (mirror,) = (path for path in lab.cache.iterdir() if path.is_dir())
        return mirror

    @pytest.mark.parametrize(
        "harm",
        [
            pytest.param(lambda m: [p.unlink() for p in (m / "objects/pack").iterdir()], id="no packs"),
            pytest.param(lambda m: [_damage(p) for p in (m / "objects/pack").glob("*.pack")], id="damaged packs"),
            pytest.param(lambda m: [_damage(p) for p in (m / "objects/pack").glob("*.idx")], id="damaged indexes"),
            pytest.param(lambda m: (m / "config").write_text("[core"), id="no configuration"),
            pytest.param(lambda m: (m / "shallow").write_text("x"), id="a damaged list of shallow commits"),
            pytest.param(
                lambda m: (m / "shallow.lock").touch() or m.with_suffix(".lock").write_text("busy"), id="a killed fetch"
            ),
            pytest.param(lambda m: (m / "HEAD").unlink(), id="no HEAD"),
            pytest.param(lambda m: [(m / f"objects/pack/{i}.pack").touch() for i in range(200)], id="too many packs"),
        ],
    )
    def test_a_damaged_mirror_is_fetched_anew(self, lab: Lab, harm: Callable[[Path], object]) -> None:
        repository = lab.server.repository({"a/Dockerfile": b"FROM a\n"})
        lab.open(repository).read("a/Dockerfile")
        harm(self._mirror(lab))
        assert lab.open(repository, repository.tip()).read("a/Dockerfile") == b"FROM a\n"
        harm(self._mirror(lab))
        repository.commit({"a/Dockerfile": b"FROM b\n"})
        assert lab.open(repository).read("a/Dockerfile") == b"FROM b\n"

    def test_hostile_configuration_in_the_mirror_runs_nothing(self, lab: Lab, tmp_path: Path) -> None:
        canary = tmp_path / "canary"
        repository = lab.server.repository(
            {"Dockerfile": b"FROM a\n", ".gitattributes": b"* filter=x diff=x merge=x\n"}
        )
        lab.open(repository)
        mirror, evil = self._mirror(lab), f"touch {canary}"
        (mirror / "hooks").mkdir()
        for hook in ("pre-push", "reference-transaction", "post-update", "pre-auto-gc", "post-index-change"):
            (mirror / "hooks" / hook).write_text(f"#!/bin/sh\n{evil}\n")
            (mirror / "hooks" / hook).chmod(0o755)
        with (mirror / "config").open("a") as config:
            config.write(
                f"[core]\n\tfsmonitor = {evil}\n\thooksPath = {mirror}/hooks\n\tsshCommand = {evil}\n\tpager = {evil}\n"
            )
            config.write(f'[filter "x"]\n\tclean = {evil}\n\tsmudge = {evil}\n')
            config.write(f'[diff "x"]\n\ttextconv = {evil}\n\tcommand = {evil}\n')
            config.write(f'[credential]\n\thelper = "!{evil}"\n[diff]\n\texternal = {evil}\n')
        head = repository.commit({"Dockerfile": b"FROM c\n"})
        checkout = lab.open(repository, head)
        checkout.push("pinbot/x", _pin(checkout), None)
        checkout.fingerprint(head)
        assert not canary.exists()

    @pytest.mark.parametrize("seconds", [0.02, 0.05, 0.1, 0.2])
    def test_a_killed_run_is_repaired_by_the_next(self, lab: Lab, seconds: float) -> None:
        files: Files = {f"{i}/Dockerfile": os.urandom(2000) for i in range(500)}
        files["499/Dockerfile"] = last = os.urandom(2000)
        repository = lab.server.repository({**files, "Dockerfile": b"FROM a\n"})
        program = (
            "import sys; from pathlib import Path\n"
            "from pinbot.git_process.identity import Identity\nfrom pinbot.git_process.remote import Remote\n"
            "from pinbot.proposals.repository import Repository\nfrom pinbot.secret import Secret\n"
            "from pinbot.workspace.checkouts import GitCheckouts\nimport git.cmd\nprint('ready', flush=True)\n"
            "remote = Remote(sys.argv[1], Secret(sys.stdin.readline()), plain_http=True)\n"
            "run = GitCheckouts(Path(sys.argv[2]), lambda _: remote, Identity('a', 'b'))\n"
            "checkout = run.open(Repository('1', 'a/b', 'main'), 'main', None)\ncheckout.want(checkout.paths())\n"
        )
        authorization = lab.server.remote(repository).authorization
        assert authorization is not None
        command = [sys.executable, "-c", program, repository.url, str(lab.cache)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdout.readline()
            process.stdin.write(authorization.reveal().encode())
            process.stdin.close()
            time.sleep(seconds)
            process.send_signal(signal.SIGKILL)
        checkout = lab.open(repository)
        checkout.want(checkout.paths())
        assert checkout.read("Dockerfile") == b"FROM a\n"
        assert checkout.read("499/Dockerfile") == last

    def test_a_remote_that_says_nothing_is_given_up(self, lab: Lab) -> None:
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            silent.listen()
            remote = Remote(f"http://127.0.0.1:{silent.getsockname()[1]}/a.git", plain_http=True)
            checkouts = GitCheckouts(lab.cache, lambda _: remote, US, seconds=0.5)
            started = time.monotonic()
            with pytest.raises(GitError, match=r"did not come to an end in 0\.5 s"):
                checkouts.open(REPOSITORY, "main", None)
            assert time.monotonic() - started < 5

    def test_a_remote_that_cannot_be_reached_costs_no_mirror(self, lab: Lab) -> None:
        repository = lab.server.repository({"Dockerfile": b"FROM a\n"})
        head = repository.tip()
        lab.open(repository).read("Dockerfile")
        away = repository.folder.rename(repository.folder.with_suffix(".away"))
        with pytest.raises(GitError):
            lab.open(repository)
        assert lab.open(repository, head).read("Dockerfile") == b"FROM a\n"
        away.rename(repository.folder)

    def test_a_mirror_that_nobody_asked_for_in_months_is_removed(self, lab: Lab) -> None:
        repository, other = lab.server.repository({"a": b"1"}), lab.server.repository({"a": b"1"})
        held = lab.open(repository)
        for lock in lab.cache.glob("*.lock"):
            os.utime(lock, (0, 0))
        lab.open(other)
        assert len([path for path in lab.cache.iterdir() if path.is_dir()]) == 2  # one is in use
        del held
        lab.open(other)
        assert len([path for path in lab.cache.iterdir() if path.is_dir()]) == 1

    def test_two_runs_do_not_share_a_mirror(self, lab: Lab) -> None:
        repository = lab.server.repository({"Dockerfile": b"FROM a\n"})
        first = lab.open(repository)
        second = lab.open(repository)
        assert len([path for path in lab.cache.iterdir() if path.is_dir()]) == 2
        assert first.read("Dockerfile") == second.read("Dockerfile")
        del first, second
        lab.open(repository)
        assert len([path for path in lab.cache.iterdir() if path.is_dir()]) == 2


def _damage(path: Path) -> bool:
    path.chmod(0o600)
    data = bytearray(path.read_bytes())
    data[len(data) // 3 :] = b"\x55" * (len(data) - len(data) // 3)
    return path.write_bytes(data) > 0


class TestUrls:
    @pytest.mark.parametrize(
        "url",
        [
            "--upload-pack=touch x",
            "ext::sh -c touch% x",
            "https://user:s3cret@host/a/b",
            "https://host/a\n/b",
            "https://host/a?b",
            "https://-oProxyCommand=x/a",
            "http://host/a/b",
            "ssh://host/a",
            "ssh://-oProxyCommand=x/a",
            "host:a/b",
            "git://host/a",
            "file:///etc",
            "/etc",
            "",
            "https://host",
            "https://host/" + "a" * 5000,
        ],
    )
    def test_a_strange_url_is_never_asked(self, tmp_path: Path, url: str) -> None:
        remote = Remote(url, Secret("Basic eDp5"))
        with pytest.raises(GitError) as caught:
            GitCheckouts(tmp_path, lambda _: remote, US).open(REPOSITORY, "main", None)
        assert "s3cret" not in str(caught.value)
        assert "\n" not in str(caught.value)

    def test_a_folder_is_a_remote_where_that_is_allowed(self, lab: Lab) -> None:
        repository = lab.server.repository({"Dockerfile": b"FROM a\n"})
        checkouts = GitCheckouts(lab.cache, lambda _: Remote(str(repository.folder), local=True), US)
        checkout = checkouts.open(REPOSITORY, "main", None)
        checkout.push("pinbot/x", _pin(checkout), None)
        assert repository.show("pinbot/x", "Dockerfile") == b"FROM b\n"

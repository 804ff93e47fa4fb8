"""What git is asked and told, without a server: names, URLs, secrets, objects, and what its answers mean."""

from __future__ import annotations

import base64
import contextlib
import io
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinbot.errors import BranchMoved, EmptyRepository, GitError, PushRefused
from pinbot.git_process.answers import Damaged, Unaskable, failure, refusal
from pinbot.git_process.identity import Identity
from pinbot.git_process.names import branch_ref, checked_ref
from pinbot.git_process.objects import Entry, blob_name, read_batch, read_commit, read_listing, tree_name
from pinbot.git_process.process import Call, call
from pinbot.git_process.remote import Remote, SshKey
from pinbot.git_process.trees import replaced
from pinbot.secret import Secret
from pinbot.workspace.paths import objection

A, B = "a" * 40, "b" * 40
TOKEN = base64.b64encode(b"bot:pass%word").decode()
REMOTE = Remote("https://git.example:8443/team/app.git", Secret(f"Basic {TOKEN}"))


@pytest.fixture(scope="session")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty bare repository."""
    folder = tmp_path_factory.mktemp("repository")
    subprocess.run(["git", "init", "--quiet", "--bare", "--template=", str(folder)], check=True, capture_output=True)
    return folder


class TestNames:
    @pytest.mark.parametrize("branch", ["main", "pinbot/pin", "$(id)", "é", "a'b", "a;b", "feature/x.y", "x@y", "a-"])
    def test_a_branch_has_its_name(self, branch: str) -> None:
        assert branch_ref(branch) == f"refs/heads/{branch}"

    @pytest.mark.parametrize(
        "branch",
        [
            *(
                "",
                "-x",
                "--upload-pack=x",
                "@",
                "HEAD",
                "a..b",
                "a//b",
                "/a",
                "a/",
                ".a",
                "a/.b",
                "a.lock",
                "a/b.lock/c",
            ),
            *("a b", "a\nb", "a\0b", "a\x7f", "a~1", "a^", "a:b", "a?", "a*", "a[b", "a\\b", "a@{b", "a.", "\udce9"),
            "x" * 2000,
        ],
    )
    def test_what_git_or_somebody_misreads_is_no_branch(self, branch: str) -> None:
        with pytest.raises(GitError, match="not the name of a branch"):
            branch_ref(branch)

    @given(st.text(max_size=20))
    def test_git_takes_every_name_that_we_take(self, branch: str) -> None:
        try:
            ref = branch_ref(branch)
        except GitError:
            return
        subprocess.run(["git", "check-ref-format", "--branch", branch], check=True, capture_output=True)
        assert checked_ref(ref) == ref

    @pytest.mark.parametrize("ref", ["main", "refs/../x", "refs/heads/a b", "--all", "refs/"])
    def test_a_ref_is_a_full_one(self, ref: str) -> None:
        with pytest.raises(GitError):
            checked_ref(ref)


class TestPaths:
    @pytest.mark.parametrize(
        "path",
        [
            *(
                "Dockerfile",
                ".github/workflows/x.yml",
                ".gitlab-ci.yml",
                ".gitignore",
                "a/.gitattributes",
                "...",
                "a..b",
            ),
            *("caf\udce9/x", "a b/c", "é", "git", "a.git/x", "x~1", "git~/x", "-x", "C:x", "a\\b"),
        ],
    )
    def test_a_usual_path_counts(self, path: str) -> None:
        assert objection(path) is None

    @pytest.mark.parametrize(
        "path",
        [
            *("../x", "a/../x", "..", "./x", "a//b", "/etc/passwd", "a/", ""),
            *(
                ".git/config",
                "a/.GIT/config",
                ".git",
                "a/.git",
                "GIT~1/x",
                "git~2",
                ".git /x",
                ".git./x",
                ".git...  /x",
            ),
            *(".git::$INDEX_ALLOCATION/x", ".g\u200cit/x", ".git\u200d/x", "a\\.git\\config", "..\\.git/config"),
            *("a\nb", "a\x1bb", "a\0b", "a\x7f"),
        ],
    )
    def test_a_path_that_is_another_place_somewhere_does_not(self, path: str) -> None:
        assert objection(path)


class TestRemotes:
    def test_the_credential_goes_to_its_origin_alone(self) -> None:
        config = dict(REMOTE.config())
        assert config["http.https://git.example:8443/.extraHeader"] == f"Authorization: Basic {TOKEN}"
        assert config["http.extraHeader"] == ""
        assert config["http.followRedirects"] == "false"
        assert config["credential.helper"] == ""
        assert config["http.proxy"] == ""
        assert (REMOTE.protocol, REMOTE.environment()) == ("https", {})

    def test_a_credential_with_a_line_end_is_refused(self) -> None:
        with pytest.raises(GitError) as caught:
            Remote(REMOTE.url, Secret("Bearer x\r\nHost: elsewhere")).config()
        assert "elsewhere" not in str(caught.value)

    def test_a_certificate_and_a_proxy_are_handed_on(self) -> None:
        remote = Remote(REMOTE.url, ca_file="/etc/ca.pem", proxy=Secret("http://u:p4ss@proxy:3128"))
        config = dict(remote.config())
        assert (config["http.sslCAInfo"], config["http.proxy"]) == ("/etc/ca.pem", "http://u:p4ss@proxy:3128")
        assert remote.redact("proxy p4ss is away") == "proxy *** is away"
        assert "p4ss" not in repr(remote)

    def test_ssh_asks_nobody(self) -> None:
        remote = Remote("ssh://git@host/a/b.git", ssh=SshKey("/k ey", "/hosts"))
        command = remote.environment()["GIT_SSH_COMMAND"]
        assert "-o BatchMode=yes" in command
        assert "-o StrictHostKeyChecking=yes" in command
        assert "-i '/k ey'" in command
        assert remote.protocol == "ssh"

    @pytest.mark.parametrize("form", [f"Basic {TOKEN}", TOKEN, "bot:pass%word", "pass%word", "pass%25word"])
    def test_every_form_of_a_secret_is_redacted(self, form: str) -> None:
        assert REMOTE.redact(f"no: {form}!") == "no: ***!"


class TestAnswers:
    @pytest.mark.parametrize(
        ("said", "kind", "told"),
        [
            ("fatal: couldn't find remote ref refs/heads/x", EmptyRepository, "no such branch"),
            ("fatal: could not read Username for 'https://x': terminal prompts disabled", GitError, "credentials"),
            ("fatal: unable to access 'x': The requested URL returned error: 403", GitError, "403"),
            ("fatal: unable to access 'x': The requested URL returned error: 302", GitError, "redirects"),
            ("fatal: unable to access 'x': Could not resolve host: x", GitError, "resolve host"),
            (
                "remote: upload-pack: not our ref aaa\nfatal: remote error: upload-pack: not our ref",
                Unaskable,
                "our ref",
            ),
            ("error: Server does not allow request for unadvertised object a", Unaskable, "unadvertised"),
            ("error: object file ./objects/aa is empty", Damaged, "is empty"),
            ("", Damaged, "no reason"),
        ],
    )
    def test_a_failure_says_what_it_is(self, said: str, kind: type[GitError], told: str) -> None:
        error = failure(REMOTE, said)
        assert type(error) is kind
        assert told in str(error)

    @pytest.mark.parametrize(
        ("told", "said", "kind"),
        [
            ("!\ta:b\t[rejected] (stale info)", "", BranchMoved),
            ("!\ta:b\t[remote rejected] (failed to update ref)", "remote: error: cannot lock ref", BranchMoved),
            (
                "!\ta:b\t[remote rejected] (failed to update ref)",
                "remote: 'x' exists; cannot create 'x/y'",
                PushRefused,
            ),
            ("!\ta:b\t[remote rejected] (pre-receive hook declined)", "remote: GH013: rule", PushRefused),
            ("!\ta:b\t[remote rejected] (protected branch hook declined)", "", PushRefused),
            ("!\ta:b\t[remote rejected] (refusing to allow a GitHub App to update workflow `x`)", "", PushRefused),
            ("", "fatal: unable to access 'x': The requested URL returned error: 403", PushRefused),
            ("", "fatal: the remote end hung up unexpectedly", None),
            ("=\ta:b\t[up to date]", "", None),
        ],
    )
    def test_a_refusal_says_what_it_is(self, told: str, said: str, kind: type[GitError] | None) -> None:
        error = refusal(REMOTE, "refs/heads/x", told, said)
        assert type(error) is kind if kind else error is None

    def test_the_words_of_a_server_are_cleaned_and_cut(self) -> None:
        said = "remote: \x1b[31mno\u202e\x07 " + TOKEN + "\nremote: " + "x" * 5000
        text = str(refusal(REMOTE, "refs/heads/x", "!\ta:b\t[remote rejected] (hook)", said))
        assert "no ***" in text
        assert len(text) < 700
        assert text.isprintable()


class TestObjects:
    @given(st.dictionaries(st.text("ab.-", min_size=1, max_size=3), st.sampled_from(["100644", "100755", "040000"])))
    def test_trees_have_the_names_that_git_gives_them(self, repository: Path, modes: dict[str, str]) -> None:
        entries = {name: Entry(mode, A) for name, mode in modes.items() if name not in {".", ".."}}
        lines = (f"{e.mode} {'tree' if e.mode == '040000' else 'blob'} {A}\t{n}\0" for n, e in entries.items())
        done = subprocess.run(
            ["git", "-C", str(repository), "mktree", "-z", "--missing"],
            input="".join(lines).encode(),
            capture_output=True,
            check=True,
        )
        assert done.stdout.decode().strip() == tree_name(entries, A)

    def test_blobs_have_the_names_that_git_gives_them(self) -> None:
        assert blob_name(b"", A) == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
        assert blob_name(b"", A + "a" * 24) == "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813"

    def test_only_the_folders_above_a_change_are_written(self) -> None:
        tree = Entry("040000", B)
        listing = {
            "a": tree,
            "a/b": tree,
            "a/b/c": Entry("100755", A),
            "a/d": tree,
            "a/d/e": Entry("100644", A),
            "f": tree,
        }
        trees = replaced(listing, {"a/b/c": Entry("100755", B)}, A)
        assert len(trees.names) == 3
        recipes = trees.recipe.split(b"\0\0")
        assert recipes[0] == f"100755 blob {B}\tc".encode()
        assert f"040000 tree {trees.names[0]}\tb".encode() in recipes[1]
        assert f"040000 tree {B}\td".encode() in recipes[1]

    def test_a_listing_that_is_too_long_is_refused(self) -> None:
        lines = [f"100644 blob {A}\t{path}\0".encode() for path in "abcd"]
        assert len(read_listing(b"".join(lines[:3]), 3)) == 3
        with pytest.raises(GitError, match="more than 3 files"):
            read_listing(b"".join(lines), 3)
        with pytest.raises(GitError, match="two entries of one name"):
            read_listing(lines[0] * 2, 3)

    def test_objects_that_are_missing_are_passed_over(self) -> None:
        answer = f"{A} blob 3\na\nb\n{B} missing\n{A} blob 0\n\n".encode()
        assert list(read_batch(io.BytesIO(answer), [A, B, "c"])) == [(A, 48, 3), ("c", 149, 0)]

    @pytest.mark.parametrize(
        ("line", "seconds"),
        [
            ("A B <a@b> 1790000000 +0200", 1790000000),
            ("A B <a@b> -5 +0200", 0),
            ("A B <a@b> 99999999999999999999 +0000", 0),
            ("A B <a@b>", 0),
            ("> 5 +0000 <a@b> x", 0),
        ],
    )
    def test_the_time_of_a_commit_is_one_of_a_calendar(self, line: str, seconds: int) -> None:
        commit = read_commit(
            A, f"tree {B}\nparent {A}\nauthor X Y <z> 1 +0\ncommitter {line}\n\nHello\n\nyou\n".encode()
        )
        assert commit.committed == seconds
        assert (commit.tree, commit.parents, commit.author, commit.message) == (B, (A,), "X Y", "Hello\n\nyou\n")

    @pytest.mark.parametrize("data", [b"", b"tree x\n\n", b"\xff\xfe", b"tree " + b"a" * 40 + b"\nparent --x\n\n"])
    def test_what_is_no_commit_is_refused(self, data: bytes) -> None:
        with pytest.raises(GitError):
            read_commit(A, data)

    def test_a_time_beyond_the_calendar_is_cut(self) -> None:
        assert Identity("a", "b", 10**11).environment()["GIT_AUTHOR_DATE"] == "@4102444800 +0000"


def test_a_call_ends_at_its_deadline_with_all_that_it_started(repository: Path, tmp_path: Path) -> None:
    script = f"alias.x=!sh -c 'echo $$ >{tmp_path}/pid; sleep 60'"
    with pytest.raises(GitError, match="did not come to an end"):
        call(Call(["-c", script, "x"], str(repository), seconds=0.5))
    pid = int((tmp_path / "pid").read_text())
    # Where nobody waits for orphans it stays in the list of processes, without words.
    with contextlib.suppress(FileNotFoundError):
        assert Path(f"/proc/{pid}/cmdline").read_bytes() == b""


def test_a_flood_of_complaints_is_cut(repository: Path) -> None:
    done = call(Call(["-c", "alias.x=!yes no | head -c 3000000 >&2; false", "x"], str(repository)))
    done.output.close()
    assert done.status
    assert len(done.complaint) <= 64 * 1024

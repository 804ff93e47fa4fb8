"""A bare repository of ours and the one remote that it is filled from: fetches, objects, commits, pushes.

Plumbing alone: there is no work tree and no index, so no attribute, filter or line end is ever applied. The repository
is partial (https://git-scm.com/docs/partial-clone), and says so to git only where a remote is asked: everywhere else an
object that is not there is missing, and nothing is fetched behind our back.
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO

from pinbot.errors import BranchMoved, GitError
from pinbot.git_process.answers import Damaged, HarmlessFault, clean, failure, lacks_objects, refusal
from pinbot.git_process.identity import Identity, Signing
from pinbot.git_process.objects import Entry, RawCommit, is_object_name, read_batch, read_commit, read_listing
from pinbot.git_process.process import Call, Done, Unfinished, call, complaint, on_disk
from pinbot.git_process.remote import PARTIAL, Remote
from pinbot.git_process.trees import NewTrees

# Larger ones are no repositories of people; what is kept for each entry is about 250 bytes.
MAX_ENTRIES = 1_000_000
_FETCH = (
    *("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--recurse-submodules=no", "--no-auto-maintenance"),
    *("--no-show-forced-updates", "--no-progress"),
)
_PUSH = ("push", "--porcelain", "--no-verify", "--no-progress")
_SYMREF = "ref: refs/heads/"
# What changed since the last time may be sent as a difference from a file that never was fetched, as nobody reads it:
# git asks for that then.
_LAZY = {"GIT_NO_LAZY_FETCH": "0"}
_NO_HAVES = (*PARTIAL, ("fetch.negotiationAlgorithm", "noop"))


@dataclass(frozen=True, slots=True)
class Contents:
    """Some objects: a file with their bytes, and where each stands in it."""

    file: BinaryIO = field(repr=False)
    places: Mapping[str, tuple[int, int]]

    def get(self, name: str) -> bytes:
        """Return the bytes of an object that is among them."""
        at, size = self.places[name]
        self.file.seek(at)
        return self.file.read(size)


@dataclass(frozen=True, slots=True)
class Bare:
    """A bare repository in `folder`. A call that asks the remote may take `seconds`; `lock` is kept open by git."""

    folder: Path
    remote: Remote
    seconds: float
    lock: int

    def create(self, sha256: bool) -> None:
        """Make the folder an empty repository: what `git init` does, without the process and the templates.

        It is for us alone: whoever writes its configuration chooses what git runs. Raises GitError.
        """
        with on_disk(self.folder):
            self._create(sha256)

    def _create(self, sha256: bool) -> None:
        self.folder.mkdir(mode=0o700)
        for part in ("objects/pack", "objects/info", "refs/heads"):
            (self.folder / part).mkdir(parents=True)
        extension = "[extensions]\n\tobjectFormat = sha256\n" if sha256 else ""
        (self.folder / "config").write_text(
            f"[core]\n\trepositoryformatversion = {int(sha256)}\n\tbare = true\n{extension}"
        )
        (self.folder / "HEAD").write_text("ref: refs/heads/none\n")

    @property
    def is_sha256(self) -> bool:
        """Whether its objects have names by SHA-256."""
        return "sha256" in (self.folder / "config").read_text()

    def ref(self, ref: str) -> str | None:
        """Return what a ref of ours names. Git writes it when all that it names is there."""
        try:
            name = (self.folder / ref).read_text("ascii").strip()
        except (OSError, ValueError):
            return None
        return name if is_object_name(name) else None

    def fetch(self, refspecs: Sequence[str], what: str = "blob:none", depth: int = 1, known: str | None = None) -> None:
        """Fetch commits. `what` is a filter, empty for everything; `known` is a commit of ours that lacks no tree.

        Raises GitError, EmptyRepository where a ref is not there.
        """
        told = (f"--negotiation-tip={known}",) if known else ()
        wanted = (f"--filter={what}",) if what else ("--no-filter",)
        arguments = [*_FETCH, f"--depth={depth}", *wanted, *told, "--", "origin", *refspecs]
        config, more = (PARTIAL, _LAZY) if known else (_NO_HAVES, {})
        try:
            self._ask(arguments, config=config, more=more)
        except HarmlessFault:
            # `fetch.fsck.*` would say so at once, but git does not heed it where it fetches with a filter.
            self._ask(arguments, config=(*config, ("transfer.fsckObjects", "false")), more=more)

    def fetch_objects(self, names: Collection[str]) -> None:
        """Fetch objects by their names, all at once. Raises Unaskable where the remote gives none, GitError."""
        stdin = "".join(f"{name}\n" for name in names).encode()
        self._ask([*_FETCH, "--filter=blob:none", "--stdin", "--", "origin"], stdin, _NO_HAVES)

    def remote_tip(self, ref: str) -> str | None:
        """Return what a ref of the remote names now, None where it is not there. Raises GitError."""
        return self.remote_refs(ref, "").get(ref)

    def remote_refs(self, below: str, rest: str = "*") -> dict[str, str]:
        """Return the refs of the remote whose names begin with `below`, and what they name. Raises GitError."""
        heads = ["--heads"] if below.startswith("refs/heads/") else []  # the server sends no others then
        answer = self._ask(["ls-remote", "--quiet", "--refs", *heads, "--", "origin", f"{below}{rest}"])
        lines = (line.partition("\t") for line in answer.decode("utf-8", "replace").splitlines())
        return {ref: name for name, _, ref in lines if ref.startswith(below) and is_object_name(name)}

    def remote_head(self) -> tuple[str, str] | None:
        """Return the default branch of the remote and its tip; None where it has no commit. Raises GitError."""
        answer = self._ask(["ls-remote", "--quiet", "--symref", "--", "origin", "HEAD"]).decode("utf-8", "replace")
        lines = [line.partition("\t") for line in answer.splitlines()]
        branch = next((a.removeprefix(_SYMREF) for a, _, b in lines if b == "HEAD" and a.startswith(_SYMREF)), None)
        tip = next((a for a, _, b in lines if b == "HEAD" and is_object_name(a)), None)
        return (branch, tip) if branch and tip else None

    def listing(self, commit: str) -> dict[str, Entry]:
        """Return all that the tree of a commit holds, folders too. Raises Damaged where it is not all there."""
        return read_listing(self._local(["ls-tree", "-r", "-t", "-z", "--full-tree", commit]), MAX_ENTRIES)

    def contents(self, names: Collection[str]) -> Contents:
        """Return those of these objects that are here. Raises Damaged."""
        stdin = "".join(f"{name}\n" for name in names).encode()
        call_ = Call(["cat-file", "--batch", "--buffer"], str(self.folder), stdin, says_much=len(names) > 64)
        done = call(call_)
        if done.status:
            done.output.close()
            raise Damaged(f"{self.folder}: {clean(complaint(done.complaint))}")
        return Contents(done.output, {name: (at, size) for name, at, size in read_batch(done.output, names)})

    def commits(self, names: Collection[str]) -> dict[str, RawCommit]:
        """Return those of these commits that are here."""
        found = self.contents(names)
        with found.file:
            return {name: read_commit(name, found.get(name)) for name in found.places}

    def changes(self, before: str | None, after: str) -> list[tuple[Entry, Entry, str]]:
        """Return what differs between two commits, by path: what was there, and what is (object name 0 for nothing)."""
        between = [before, after] if before else ["--root", after]
        arguments = ["diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-commit-id", *between]
        parts = self._local(arguments).decode("utf-8", "surrogateescape").split("\0")
        changes: list[tuple[Entry, Entry, str]] = []
        for fields, path in zip(parts[0::2], parts[1::2], strict=False):
            old_mode, new_mode, old, new, _ = fields.removeprefix(":").split(" ")
            changes.append((Entry(old_mode, old), Entry(new_mode, new), path))
        return changes

    def write_blobs(self, contents: Sequence[bytes]) -> list[str]:
        """Write blobs just as they are, and return their names. Raises GitError."""
        with on_disk(self.folder), tempfile.TemporaryDirectory(prefix="pinbot-") as folder:
            paths = [Path(folder) / str(number) for number in range(len(contents))]
            for path, content in zip(paths, contents, strict=True):
                path.write_bytes(content)
            stdin = "".join(f"{path}\n" for path in paths).encode()
            return self._local(["hash-object", "-w", "--no-filters", "--stdin-paths"], stdin).decode().split()

    def write_trees(self, trees: NewTrees) -> str:
        """Write trees whose blobs need not be here, and return the name of the topmost."""
        names = self._local(["mktree", "-z", "--missing", "--batch"], trees.recipe).decode().split()
        if tuple(names) != trees.names:
            raise GitError("git made other trees than those that were asked for; nothing was pushed")
        return trees.name

    def write_commit(self, tree: str, parent: str | None, message: str, who: Identity, signing: Signing | None) -> str:
        """Write a commit, and return its name. The same arguments make the same commit, unless GPG signs it."""
        parents = ["-p", parent] if parent else []
        sign = signing.config() if signing else ()
        arguments = ["commit-tree", *(["-S"] if signing else []), *parents, tree]
        more = {**who.environment(), **(signing.environment() if signing else {})}
        return self._local(arguments, message.encode("utf-8", "replace"), sign, more).decode().strip()

    def push(self, ref: str, commit: str | None, tip: str | None, options: Sequence[str] = ()) -> None:
        """Let a ref of the remote be `commit` (None: be gone) if it is `tip` now (None: if it is not there).

        `options` go to the remote with it. Raises BranchMoved, PushRefused, GitError.
        """
        try:
            done = self._push(ref, commit, tip, options)
        except Unfinished:
            if self.remote_tip(ref) != commit:
                raise
            return
        told = done.read().decode("utf-8", "replace")
        if done.status == 0:
            return
        error = refusal(self.remote, ref, told, done.complaint)
        # An answer that is a no of the remote is one; anything else may have happened before the answer was lost.
        if not error or isinstance(error, BranchMoved):
            now = self.remote_tip(ref)
            if now == commit:
                return
            if not error and now != tip:
                error = BranchMoved(f"{self.remote.shown}: {ref}: the branch is not what it was; nothing was pushed")
        raise error or failure(self.remote, done.complaint)

    def offer(self, ref: str, commit: str, options: Sequence[str]) -> None:
        """Push a commit to what the remote takes as a proposal and keeps no ref for, such as `refs/for/main`.

        Raises PushRefused, GitError.
        """
        done = call(self._asking([*_PUSH, *_options(options), "--", "origin", f"{commit}:{ref}"]))
        told = done.read().decode("utf-8", "replace")
        if done.status:
            raise refusal(self.remote, ref, told, done.complaint) or failure(self.remote, done.complaint)

    def _push(self, ref: str, commit: str | None, tip: str | None, options: Sequence[str]) -> Done:
        lease = f"--force-with-lease={ref}:{tip or ''}"
        arguments = [*_PUSH, lease, *_options(options), "--", "origin", f"{commit or ''}:{ref}"]
        done = call(self._asking(arguments))
        if done.status and lacks_objects(done.complaint):
            # The remote shows no branch at our base any more, so that git takes all of it for missing there. To ask
            # what it has takes two requests more, which other pushes save.
            done.output.close()
            done = call(self._asking(arguments, config=(("push.negotiate", "true"),)))
        return done

    def _ask(
        self,
        arguments: Sequence[str],
        stdin: bytes = b"",
        config: Sequence[tuple[str, str]] = (),
        more: Mapping[str, str] = MappingProxyType({}),
    ) -> bytes:
        done = call(self._asking(arguments, stdin, config, more))
        output = done.read()
        if done.status:
            raise failure(self.remote, done.complaint)
        return output

    def _asking(
        self,
        arguments: Sequence[str],
        stdin: bytes = b"",
        config: Sequence[tuple[str, str]] = (),
        more: Mapping[str, str] = MappingProxyType({}),
    ) -> Call:
        return Call(
            arguments,
            str(self.folder),
            stdin,
            (*self.remote.config(), *config),
            {**self.remote.environment(), **more},
            self.remote.protocol,
            self.seconds,
            (self.lock,),
        )

    def _local(
        self,
        arguments: Sequence[str],
        stdin: bytes = b"",
        config: Sequence[tuple[str, str]] = (),
        environment: Mapping[str, str] | None = None,
    ) -> bytes:
        done = call(Call(arguments, str(self.folder), stdin, config, environment))
        output = done.read()
        if done.status:
            raise Damaged(f"git {arguments[0]} failed in {self.folder}: {clean(complaint(done.complaint))}")
        return output


def _options(options: Sequence[str]) -> list[str]:
    """Return push options as arguments. Raises GitError for one that is not on one line."""
    if odd := [option for option in options if not option.isprintable()]:
        raise GitError(f"{odd[0][:80]!r}: a push option has to be on one line")
    return [f"--push-option={option}" for option in options]

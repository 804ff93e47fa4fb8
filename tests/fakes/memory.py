"""A workspace and a registry that live in memory: the same protocols, no disk, no network."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from pinbot.errors import FileChanged, UnreadableFile
from pinbot.formats._base import Format
from pinbot.formats._claims import Claims
from pinbot.oci.digest import Digest
from pinbot.oci.manifest import OCI_INDEX
from pinbot.oci.resolution import Alive, Answer, Facts, Failed, Head, Question, Served
from pinbot.planning.plan import Intent
from pinbot.planning.result import Update
from pinbot.run import Scope, update

TODAY = date(2026, 11, 21)
PIN = Intent(pin=True, refresh=False)
BUMP = Intent(pin=True, refresh=True)


class MemoryWorkspace:
    """A repository as a dictionary from path to bytes; `write` keeps the promise of the protocol."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = dict(files)

    def paths(self) -> Sequence[str]:
        return sorted(self.files)

    def missed(self) -> Sequence[tuple[str, str]]:
        return ()

    def read(self, path: str) -> bytes:
        if path not in self.files:
            raise UnreadableFile(f"{path}: no such file")
        return self.files[path]

    def write(self, path: str, before: bytes, after: bytes) -> None:
        if self.read(path) != before:
            raise FileChanged(f"{path}: changed since it was read")
        self.files[path] = after


class MemoryResolver:
    """A registry that serves every tag as an index whose digest follows from the name, or the given answers.

    `answers` are by question and win over that; `asked` keeps every question in the order of its rounds.
    """

    def __init__(self, answers: Mapping[Question, Answer] | None = None) -> None:
        self._answers = dict(answers or {})
        self.asked: list[Question] = []

    def answer(self, questions: Collection[Question]) -> Facts:
        self.asked += questions
        return {q: self._answers.get(q) or _usual(q) for q in questions}


def digest_of(registry: str, path: str, tag: str) -> Digest:
    """The digest that a MemoryResolver serves for a tag."""
    return Digest.of(f"{registry}/{path}:{tag}".encode())


def run_once(
    files: Mapping[str, bytes], formats: Sequence[Format], intent: Intent = PIN, resolver: MemoryResolver | None = None
) -> tuple[Update, dict[str, bytes]]:
    """Run `update` over files in memory, and return what it says and the files as they are then."""
    workspace = MemoryWorkspace(files)
    done = update(workspace, Scope(Claims(formats)), resolver or MemoryResolver(), intent, TODAY, write=True)
    return done, workspace.files


def _usual(question: Question) -> Answer:
    match question:
        case Head(registry=registry, path=path, tag=tag):
            return Served(digest_of(registry, path, tag), OCI_INDEX)
        case Alive(digest=digest):
            return Served(digest, OCI_INDEX)
        case _:
            return Failed("404", "the registry in memory has no contents")

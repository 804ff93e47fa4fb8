"""A workspace and a registry that live in memory: the same protocols, no disk, no network."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime

from pinbot.errors import FileChanged, UnreadableFile
from pinbot.formats._base import Format
from pinbot.formats._claims import Claims
from pinbot.oci.digest import Digest
from pinbot.oci.history import History, Memory, Observation
from pinbot.oci.manifest import OCI_INDEX, Index, Manifest
from pinbot.oci.resolution import (
    Alive,
    Answer,
    Facts,
    Failed,
    Head,
    ImageConfig,
    Question,
    Remembered,
    Served,
    TagList,
    Tags,
)
from pinbot.planning.outcome import Intent
from pinbot.planning.policy import Policy, Terms
from pinbot.planning.result import Update
from pinbot.run import Doors, Scope, update

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
TERMS = Terms(Policy(), NOW)
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

    def want(self, paths: Collection[str]) -> None:
        pass

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


class MemoryLedger:
    """A ledger in memory; `histories` are by registry, repository and tag."""

    def __init__(self) -> None:
        self.histories: dict[tuple[str, str, str], History] = {}
        self.contents: dict[Question, Answer] = {}

    def known(self, questions: Collection[Question]) -> Facts:
        known = {q: self.contents[q] for q in questions if q in self.contents}
        return known | {q: self._memory(q) for q in questions if isinstance(q, Remembered)}

    def record(self, observations: Collection[Observation], facts: Facts) -> None:
        for one in observations:
            key = one.registry, one.path, one.tag
            self.histories[key] = self.histories.get(key, History()).observed(one)
        self.contents |= {q: a for q, a in facts.items() if isinstance(a, Manifest | Index | ImageConfig)}

    def _memory(self, asked: Remembered) -> Memory:
        mine = {
            tag: h
            for (registry, path, tag), h in self.histories.items()
            if (registry, path) == (asked.registry, asked.path)
        }
        return Memory(mine)


def digest_of(registry: str, path: str, tag: str) -> Digest:
    """The digest that a MemoryResolver serves for a tag."""
    return Digest.of(f"{registry}/{path}:{tag}".encode())


def run_once(
    files: Mapping[str, bytes], formats: Sequence[Format], intent: Intent = PIN, resolver: MemoryResolver | None = None
) -> tuple[Update, dict[str, bytes]]:
    """Run `update` over files in memory, and return what it says and the files as they are then."""
    workspace = MemoryWorkspace(files)
    done = update(workspace, Scope(Claims(formats)), Doors(resolver or MemoryResolver()), intent, TERMS, write=True)
    return done, workspace.files


def _usual(question: Question) -> Answer:
    match question:
        case Head(registry=registry, path=path, tag=tag):
            return Served(digest_of(registry, path, tag), OCI_INDEX)
        case Alive(digest=digest):
            return Served(digest, OCI_INDEX)
        case Tags():
            return TagList((), complete=True)
        case _:
            return Failed("404", "the registry in memory has no contents")

"""A registry whose tags change from day to day, and a repository that pinbot looks at now and then.

days = Days("nginx:1.27")
days.push("1.27", {"linux/amd64": "a"})
days.bump()                     # the outcome of the one reference
days.pass_by(days=1)
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from pinbot.formats._claims import Claims
from pinbot.formats.dockerfile import FORMAT
from pinbot.oci.digest import Digest
from pinbot.oci.manifest import OCI_INDEX, OCI_MANIFEST, Descriptor, Index, Manifest
from pinbot.oci.platform import Platform
from pinbot.oci.resolution import (
    Alive,
    Answer,
    Config,
    Content,
    Dead,
    Facts,
    Failed,
    Head,
    ImageConfig,
    PushDate,
    Pushed,
    Question,
    Served,
    TagList,
    Tags,
)
from pinbot.planning.declined import Declined
from pinbot.planning.outcome import Change, Intent, Kept
from pinbot.planning.policy import Asked, Policy, Terms, Values
from pinbot.planning.rules import Rulebook
from pinbot.run import Doors, Scope, update
from tests.fakes.memory import BUMP, MemoryLedger, MemoryWorkspace

START = datetime(2026, 11, 1, 4, tzinfo=UTC)
REGISTRY, PATH = "docker.io", "library/nginx"


@dataclass
class Shelf:
    """What the registry holds of one repository, and every question that it was asked."""

    tags: dict[str, Digest] = field(default_factory=dict)
    contents: dict[Digest, Manifest | Index] = field(default_factory=dict)
    configs: dict[Digest, ImageConfig] = field(default_factory=dict)
    pushed: dict[str, datetime] = field(default_factory=dict)
    date: datetime | None = None
    complete: bool = True
    asked: list[Question] = field(default_factory=list)

    def answer(self, questions: Collection[Question]) -> Facts:
        self.asked += questions
        return {q: self._answer(q) for q in questions}

    def _answer(self, question: Question) -> Answer:
        gone = Failed("404", "not there")
        match question:
            case Head(tag=tag):
                return self._served(self.tags[tag]) if tag in self.tags else gone
            case Alive(digest=digest):
                return self._served(digest) if digest in self.contents else Dead(f"{digest.short} is gone")
            case Content(digest=digest):
                return self.contents.get(digest, gone)
            case Config(digest=digest):
                return self.configs.get(digest, gone)
            case Tags():
                return TagList(tuple(self.tags), self.complete, "" if self.complete else "a page is missing")
            case Pushed(tag=tag) if tag in self.pushed:
                return PushDate(self.pushed[tag], self.tags[tag])
            case _:
                return gone

    def _served(self, digest: Digest) -> Served:
        return Served(digest, self.contents[digest].media_type, self.date)


class Days:
    """The registry, the repository with one reference, the ledger and the clock."""

    def __init__(self, reference: str = "nginx:1.27", **given: object) -> None:
        self.shelf, self.ledger, self.now = Shelf(), MemoryLedger(), START
        self.workspace = MemoryWorkspace({"Dockerfile": f"FROM {reference}\n".encode()})
        self.declined, self.urgent = Declined(), tuple[str, ...]()
        self.values = replace(Values(), **given)  # type: ignore[arg-type] # the fields of Values, by name
        self.book = Rulebook()

    def push(
        self,
        tag: str,
        images: Mapping[str, str] | str,
        created: datetime | None = None,
        labels: Mapping[str, str] | None = None,
        attestation: str = "",
    ) -> Digest:
        """Let a tag name new content: an index of these images by platform, or a single image."""
        if isinstance(images, str):
            digest = self._image("linux/amd64", images, created, labels)
        else:
            children = [(p, self._image(p, content, created, labels)) for p, content in images.items()]
            digest = self._index([(_platform(p), d) for p, d in children], attestation)
        self.shelf.tags[tag] = digest
        return digest

    def names(self, tag: str, digest: Digest) -> None:
        """Let a tag name a digest that is there."""
        self.shelf.tags[tag] = digest

    def delete(self, digest: Digest) -> None:
        """Take a digest from the registry."""
        del self.shelf.contents[digest]

    def pass_by(self, **span: float) -> None:
        """Let time go by: `days=1`, `hours=-3`."""
        self.now += timedelta(**span)

    def bump(self, intent: Intent = BUMP) -> Change | Kept:
        """Run once, and return what became of the reference."""
        self.shelf.asked.clear()
        policy = Policy(self.values, organisation=self.book, asked=Asked(now=self.urgent))
        terms = Terms(policy, self.now, self.declined)
        doors = Doors(self.shelf, self.ledger)
        done = update(self.workspace, Scope(Claims([FORMAT])), doors, intent, terms, write=True)
        ends: list[Change | Kept] = [*done.changes, *done.kept]
        assert len(ends) == 1
        return ends[0]

    @property
    def reference(self) -> str:
        """The reference as it stands in the repository now."""
        return self.workspace.files["Dockerfile"].decode().removeprefix("FROM ").rstrip()

    @property
    def requests(self) -> list[str]:
        """The kinds of questions that the last run asked the registry."""
        return sorted(type(q).__name__ for q in self.shelf.asked)

    def _image(self, platform: str, content: str, created: datetime | None, labels: Mapping[str, str] | None) -> Digest:
        digest = Digest.of(f"{platform} {content}".encode())
        config = Descriptor("application/vnd.oci.image.config.v1+json", Digest.of(b"config"), 7)
        self.shelf.contents[digest] = Manifest(OCI_MANIFEST, digest, config)
        self.shelf.configs[digest] = ImageConfig(_platform(platform), created, dict(labels or {}))
        return digest

    def _index(self, children: list[tuple[Platform, Digest]], attestation: str) -> Digest:
        digest = Digest.of(f"{children} {attestation}".encode())
        descriptors = [Descriptor(OCI_MANIFEST, d, 7, p) for p, d in children]
        if attestation:
            about = Digest.of(attestation.encode())
            descriptors.append(Descriptor(OCI_MANIFEST, about, 7, Platform("unknown", "unknown")))
        self.shelf.contents[digest] = Index(OCI_INDEX, digest, tuple(descriptors))
        return digest


def _platform(text: str) -> Platform:
    platform = Platform.parse(text)
    assert platform is not None
    return platform

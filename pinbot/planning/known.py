"""Facts as a decision reads them: what is not known yet becomes a question for the next round.

A decision is written once, as if all were known; asking for an unknown fact ends it with `Unanswered`, and it is
made again when the answers are there. So no question is asked on which no decision depends.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import TypeVar

from pinbot.oci.digest import Digest
from pinbot.oci.history import History, Memory
from pinbot.oci.manifest import Index, Manifest
from pinbot.oci.reference import Reference
from pinbot.oci.resolution import (
    Alive,
    Answer,
    Barred,
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
    Remembered,
    Served,
    TagList,
    Tags,
)

T = TypeVar("T")


class Unanswered(Exception):
    """A decision needs answers that are not there yet."""

    def __init__(self, questions: Iterable[Question]) -> None:
        super().__init__()
        self.questions = frozenset(questions)


class Heads:
    """What tags name now, by registry and repository; `facts` are looked through once, when that is first asked."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    def of(self, registry: str, path: str) -> Mapping[str, Served]:
        """Return what the tags of one repository name."""
        return self._by_repository.get((registry, path), {})

    @cached_property
    def _by_repository(self) -> Mapping[tuple[str, str], Mapping[str, Served]]:
        found: defaultdict[tuple[str, str], dict[str, Served]] = defaultdict(dict)
        for question, answer in self._facts.items():
            if isinstance(question, Head) and isinstance(answer, Served):
                found[question.registry, question.path][question.tag] = answer
        return found


class Known:
    """Facts, asked about one repository of a registry.

    `heads` are what all tags of the run name; one for many references saves a look through all facts for each.
    """

    def __init__(self, facts: Facts, reference: Reference, heads: Heads | None = None) -> None:
        self._facts, self._registry, self._path = facts, reference.registry, reference.path
        self._heads = heads or Heads(facts)

    def need(self, *questions: Question) -> None:
        """Ask several at once, for one round. Raises Unanswered where an answer is missing."""
        missing = [q for q in questions if q not in self._facts]
        if missing:
            raise Unanswered(missing)

    def head(self, tag: str) -> Served | Barred | Failed:
        """Return what a tag names now."""
        answer = self._answer(Head(self._registry, self._path, tag))
        assert isinstance(answer, Served | Barred | Failed)
        return answer

    def alive(self, digest: Digest) -> Served | Dead | Barred | Failed:
        """Return whether a digest is served."""
        answer = self._answer(Alive(self._registry, self._path, digest))
        assert isinstance(answer, Served | Dead | Barred | Failed)
        return answer

    def content(self, digest: Digest) -> Manifest | Index | Barred | Failed:
        """Return what is inside a digest."""
        answer = self._answer(self.content_question(digest))
        assert isinstance(answer, Manifest | Index | Barred | Failed)
        return answer

    def config(self, manifest: Digest) -> ImageConfig | Barred | Failed:
        """Return the configuration of the image with this manifest."""
        answer = self._answer(self.config_question(manifest))
        assert isinstance(answer, ImageConfig | Barred | Failed)
        return answer

    def tags(self) -> TagList | Barred | Failed:
        """Return the tags of the repository."""
        answer = self._answer(Tags(self._registry, self._path))
        assert isinstance(answer, TagList | Barred | Failed)
        return answer

    def pushed(self, tag: str) -> PushDate | Barred | Failed:
        """Return when a tag was pushed, says the registry."""
        answer = self._answer(Pushed(self._registry, self._path, tag))
        assert isinstance(answer, PushDate | Barred | Failed)
        return answer

    def memory(self) -> Memory:
        """Return what earlier runs saw of the repository."""
        answer = self._answer(Remembered(self._registry, self._path))
        assert isinstance(answer, Memory)
        return answer

    def history(self, tag: str) -> History:
        """Return what earlier runs saw a tag name."""
        return self.memory().of(tag)

    def heads(self) -> Mapping[str, Served]:
        """Return what the tags of this repository name that were asked about in this run, for whatever reason."""
        return self._heads.of(self._registry, self._path)

    def content_question(self, digest: Digest) -> Content:
        """Return the question about the content of a digest, for `need`."""
        return Content(self._registry, self._path, digest)

    def config_question(self, manifest: Digest) -> Config:
        """Return the question about the configuration of an image, for `need`."""
        return Config(self._registry, self._path, manifest)

    def alive_question(self, digest: Digest) -> Alive:
        """Return the question whether a digest is served, for `need`."""
        return Alive(self._registry, self._path, digest)

    def _answer(self, question: Question) -> Answer:
        answer = self._facts.get(question)
        if answer is None:
            raise Unanswered([question])
        return answer


def unanswered(decisions: Iterable[Callable[[], object]]) -> frozenset[Question]:
    """Return the questions that these decisions wait for; empty when each can be made."""
    return frozenset(question for decide in decisions for question in awaited(decide))


def awaited(decide: Callable[[], object]) -> frozenset[Question]:
    """Return the questions that a decision waits for; empty when it can be made."""
    try:
        decide()
    except Unanswered as waiting:
        return waiting.questions
    return frozenset()

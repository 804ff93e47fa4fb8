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
from pinbot.oci.mirrors import Mirrored, Place
from pinbot.oci.reference import Reference
from pinbot.oci.resolution import (
    Alive,
    Answer,
    Attested,
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
from pinbot.oci.statement import Statements

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

    `heads` are what all tags of the run name; one for many references saves a look through all facts for each. A
    repository that is `mirrored` is asked for where its mirror's mode says, whichever name is written.
    """

    def __init__(
        self, facts: Facts, reference: Reference, heads: Heads | None = None, mirrored: Mirrored | None = None
    ) -> None:
        self.place = mirrored.asked if mirrored else Place(reference.registry, reference.path)
        self.mirrored = mirrored
        self._facts, self._registry, self._path = facts, self.place.registry, self.place.path
        self._heads = heads or Heads(facts)

    def need(self, *questions: Question) -> None:
        """Ask several at once, for one round. Raises Unanswered where an answer is missing."""
        missing = [q for q in questions if q not in self._facts]
        if missing:
            raise Unanswered(missing)

    def head(self, tag: str) -> Served | Barred | Failed:
        """Return what a tag names now."""
        return self._head(self.place, tag)

    def alive(self, digest: Digest) -> Served | Dead | Barred | Failed:
        """Return whether a digest is served; what is written by a mirror's name lives as long as the mirror has it."""
        answer = self._alive(self.place, digest)
        if isinstance(answer, Dead) and self.mirrored and self.mirrored.is_alias and self.place != self.mirrored.copy:
            kept = self._alive(self.mirrored.copy, digest)
            # Gone is only what both say they lack; a mirror that does not answer has said nothing.
            is_lacking = isinstance(kept, Dead) or (isinstance(kept, Failed) and kept.status == "404")
            return answer if is_lacking else kept
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

    def attested(self, question: Attested) -> Statements | Barred | Failed:
        """Return what is attached to an image."""
        answer = self._answer(question)
        assert isinstance(answer, Statements | Barred | Failed)
        return answer

    def tags(self) -> TagList | Barred | Failed:
        """Return the tags of the repository; a list that is not whole is a failure: it does not tell the newest."""
        answer = self._answer(Tags(self._registry, self._path))
        assert isinstance(answer, TagList | Barred | Failed)
        if isinstance(answer, TagList) and not answer.complete:
            return Failed("incomplete", f"only a part of the list could be read ({answer.reason})")
        return answer

    def pushed(self, tag: str) -> PushDate | Barred | Failed:
        """Return when a tag was pushed, says the registry; a mirror keeps no books, so its upstream is asked."""
        place = self._upstream
        answer = self._answer(Pushed(place.registry, place.path, tag))
        assert isinstance(answer, PushDate | Barred | Failed)
        return answer

    def memory(self) -> Memory:
        """Return what earlier runs saw of the repository."""
        return self._memory(self.place)

    def history(self, tag: str) -> History:
        """Return what earlier runs saw a tag name."""
        return self.memory().of(tag)

    def heads(self) -> Mapping[str, Served]:
        """Return what the tags of this repository name that were asked about in this run, for whatever reason."""
        return self._heads.of(self._registry, self._path)

    def head_at_mirror(self, tag: str) -> Served | Barred | Failed:
        """Return what a tag names at the mirror."""
        return self._head(self._copy, tag)

    def head_upstream(self, tag: str) -> Served | Barred | Failed:
        """Return what a tag names at the upstream."""
        return self._head(self._upstream, tag)

    def alive_at_mirror(self, digest: Digest) -> Served | Dead | Barred | Failed:
        """Return whether the mirror serves a digest."""
        return self._alive(self._copy, digest)

    def alive_upstream(self, digest: Digest) -> Served | Dead | Barred | Failed:
        """Return whether the upstream serves a digest."""
        return self._alive(self._upstream, digest)

    def history_upstream(self, tag: str) -> History:
        """Return what earlier runs saw a tag name at the upstream."""
        return self._memory(self._upstream).of(tag)

    def head_question(self, tag: str) -> Head:
        """Return the question what a tag names, for `need`."""
        return Head(self._registry, self._path, tag)

    def tags_question(self) -> Tags:
        """Return the question which tags there are, for `need`."""
        return Tags(self._registry, self._path)

    def memory_question(self) -> Remembered:
        """Return the question what earlier runs saw, for `need`."""
        return Remembered(self._registry, self._path)

    def content_question(self, digest: Digest) -> Content:
        """Return the question about the content of a digest, for `need`."""
        return Content(self._registry, self._path, digest)

    def config_question(self, manifest: Digest) -> Config:
        """Return the question about the configuration of an image, for `need`."""
        return Config(self._registry, self._path, manifest)

    def attested_question(self, manifest: Digest, subject: Digest) -> Attested:
        """Return the question what an attestation manifest says about an image, for `need`."""
        return Attested(self._registry, self._path, manifest, subject)

    def alive_question(self, digest: Digest) -> Alive:
        """Return the question whether a digest is served, for `need`."""
        return Alive(self._registry, self._path, digest)

    @property
    def _upstream(self) -> Place:
        return self.mirrored.upstream if self.mirrored else self.place

    @property
    def _copy(self) -> Place:
        return self.mirrored.copy if self.mirrored else self.place

    def _head(self, place: Place, tag: str) -> Served | Barred | Failed:
        answer = self._answer(Head(place.registry, place.path, tag))
        assert isinstance(answer, Served | Barred | Failed)
        return answer

    def _alive(self, place: Place, digest: Digest) -> Served | Dead | Barred | Failed:
        answer = self._answer(Alive(place.registry, place.path, digest))
        assert isinstance(answer, Served | Dead | Barred | Failed)
        return answer

    def _memory(self, place: Place) -> Memory:
        answer = self._answer(Remembered(place.registry, place.path))
        assert isinstance(answer, Memory)
        return answer

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
